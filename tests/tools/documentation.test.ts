/* README.md has every function, field, number, fault and configuration key of the doors as the code has it, and nothing else. */
import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { compile } from "../../tools/compile.ts";
import { exportsOf } from "../../tools/imports.ts";
import { readManifests } from "../../tools/manifest.ts";
import { match } from "../../tools/match.ts";
import { build, filesBelow, root } from "../../tools/repository.ts";
import { constantOf, exportedTypesOf, membersOf, nameOf, signatureOf } from "./declarations.ts";
import { compare, entriesOf, rowsByType, tableOf, tables, unquoted } from "./readme.ts";

const modules = join(root, "modules");
const pathOf = (module: string) => join(modules, `${module.includes("/") ? module : `${module}/${module}`}.ts`);
const read = (module: string) => readFileSync(pathOf(module), "utf8");

/** A row of PROPERTIES. */
interface Property {
	id: number;
	name: string;
	type: number;
	packets: number;
	client: number;
}

/** A protocol: its room, the section of README.md that has its tables, and how a row of its table of faults is written. */
interface Protocol {
	room: string;
	codes: Record<string, unknown>;
	section: string;
	/** Where the functions of the door are declared. */
	sources: string[];
	/** What the names of fault numbers begin with. */
	prefix: string;
	/** The table of faults. */
	faults: string;
	fault: (fault: Fault) => unknown[];
	/** Methods of the classes that are the library's own. */
	hidden: string[];
}

interface Fault {
	name: string;
	errno: number;
	meaning: string;
	/** Of WebSocket. */
	close: number;
	section: string;
	/** Of MQTT. */
	reason: number;
	section311: string;
	section5: string;
}

// The rooms as Node can import them: all in one folder, with each other's paths instead of names.
const rooms = filesBelow(modules).filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
const scriptOf = await compile(rooms);
const folder = join(build, `documentation.${process.pid}`);
mkdirSync(folder, { recursive: true });
/** "mqtt/codes" as "mqtt.codes.mjs"; the door of a room is called like it. */
const fileOf = (module: string) => `${module.replaceAll("/", ".")}.mjs`;
for (const path of rooms) {
	// The block that is native has the same functions in TypeScript.
	const name = relative(modules, path).replace("/script/", "/").replace(/\.ts$/, "");
	const module = basename(name) === dirname(name) ? dirname(name) : name;
	const script = readFileSync(scriptOf(path), "utf8");
	writeFileSync(
		join(folder, fileOf(module)),
		script.replace(/from "([\w/-]+)"/g, (_, from) => `from "./${fileOf(from)}"`),
	);
}
const load = async (module: string): Promise<Record<string, unknown>> => await import(pathToFileURL(join(folder, fileOf(module))).href);
const websocketCodes = await load("websocket/codes");
const mqttCodes = await load("mqtt/codes");
const { isReason, isClientReason } = (await load("mqtt/reasons")) as Record<string, (code: number, type: number) => boolean>;
const { PROPERTIES, WILL, SESSION_EXPIRY_INTERVAL, ...property } = (await load("mqtt/property")) as Record<string, number> & {
	PROPERTIES: Property[];
};
const packet = (await load("mqtt/packet")) as Record<string, number>;
rmSync(folder, { recursive: true });

const protocols: Protocol[] = [
	{
		room: "websocket",
		codes: websocketCodes,
		section: "WebSocket: reference",
		sources: ["websocket", "websocket/poll", "websocket/codes"],
		prefix: "FAULT_",
		faults: "FAULTS",
		fault: ({ close, section }) => [close || "", section],
		hidden: [],
	},
	{
		room: "mqtt",
		codes: mqttCodes,
		section: "MQTT: reference",
		sources: ["mqtt", "mqtt/codes"],
		prefix: "MQTT_FAULT_",
		faults: "MQTT_FAULTS",
		fault: ({ reason, section311, section5 }) => [reason ? `0x${reason.toString(16)}` : "", section311, section5],
		hidden: ["set", "clear"],
	},
];

const isErrno = (name: string) => /^E[A-Z]+$/.test(name);

for (const { room, codes, section, sources, prefix, faults, fault, hidden } of protocols) {
	const numbers = Object.entries(codes).filter((entry): entry is [string, number] => typeof entry[1] === "number");
	const isFault = (name: string) => name.startsWith(prefix);
	const rest = numbers.filter(([name]) => !isFault(name) && !isErrno(name));
	const codesFile = `${room}/codes.ts`;

	test(`${room}: every number, with its value`, () => {
		const rows = tables
			.filter((one) => one.section === section && one.columns[1] === "value" && one.heading !== "fault")
			.flatMap((one) => one.rows);
		const documented = entriesOf(rows, ({ cells: [name, value] }) => [unquoted(name), String(Number(value))]);
		compare("constant", codesFile, documented, new Map(rest.map(([name, value]) => [name, String(value)])));
	});

	test(`${room}: every errno, with its value and what it means`, () => {
		const { columns, rows } = tableOf("Errno", /^errno$/);
		const column = columns.findIndex((name) => name.toLowerCase() === room);
		equal(column > 1, true, `README.md: the table of errno has no column for ${room}`);
		const own = rows.filter(({ cells }) => cells[column] !== "");
		const documented = entriesOf(own, ({ cells: [name, value] }) => [unquoted(name), String(Number(value))]);
		const actual = new Map(numbers.filter(([name]) => isErrno(name)).map(([name, value]) => [name, String(value)]));
		compare(`errno in column "${columns[column]}"`, codesFile, documented, actual);
	});

	test(`${room}: every fault, word for word`, () => {
		const list = codes[faults] as Fault[];
		const actual = new Map<string, string>();
		for (const [name, value] of numbers.filter(([name]) => isFault(name))) {
			const row = list[-1 - value];
			equal(row && prefix + row.name, name, `${codesFile}: row ${-1 - value} of ${faults} is not that of ${name}`);
			if (!row) continue;
			const errno = numbers.find(([other, code]) => isErrno(other) && code === row.errno)?.[0];
			actual.set(name, [value, errno, ...fault(row), row.meaning].join(" | "));
		}
		equal(actual.size, list.length, `${codesFile}: ${faults} has rows without a number`);
		const documented = entriesOf(tableOf(section, /^fault$/).rows, ({ cells: [name, ...others] }) => [
			unquoted(name),
			others.map(unquoted).join(" | "),
		]);
		compare("fault", codesFile, documented, actual);
	});

	test(`${room}: every function that the module exports, with its parameters`, async () => {
		const { names, from } = (await exportsOf(scriptOf(pathOf(room)))) ?? { names: [], from: [] };
		deepEqual(from, [`${room}/codes`], `${room}.ts: all of another module is exported; it has to be documented, too`);
		const text = sources.map(read).join("\n");
		const functions = [...names, ...Object.keys(codes).filter((name) => typeof codes[name] === "function")];
		const actual = new Map(functions.map((name) => [name, signatureOf(text, name)]));
		// "`wsSend(…)`, also `send`" is a row for both.
		const rows = tableOf(section, /^function$/).rows.flatMap((row) => {
			const [signature = "", ...others] = [...(row.cells[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
			return [signature.split("(")[0] ?? "", ...others].map((name) => ({ line: row.line, cells: [name, signature] }));
		});
		const documented = entriesOf(rows, ({ cells: [name = "", signature = ""] }) => [name, signature]);
		compare("function", `${room}.ts`, documented, actual);
	});

	const types = exportedTypesOf(read(room)).filter(({ name }) => name !== "MqttPropertyValues");
	const documentedTypes = rowsByType(section);

	test(`${room}: the types that the module exports have their rows`, () => {
		deepEqual([...documentedTypes.keys()].sort(), types.map(({ name }) => name).sort());
	});

	for (const { name, module } of types)
		test(`${room}: every field of ${name}`, () => {
			const rows = documentedTypes.get(name) ?? [];
			const documented = entriesOf(rows, ({ cells: [field] }) => [nameOf(unquoted(field)), unquoted(field)]);
			const members = [...membersOf(read(module), name)].filter(([member]) => !hidden.includes(member) && !isProperty(name, member));
			compare(`field of ${name}`, `${module}.ts`, documented, new Map(members));
		});

	test(`${room}: every file has its place in the table of its README.md`, () => {
		const text = readFileSync(join(modules, room, "README.md"), "utf8");
		const [, list = ""] = /^## Where things are\n([\s\S]*)/m.exec(text) ?? [];
		const documented = [...list.matchAll(/`(\w[\w-]*\.ts)`/g)].map(([, name = ""]) => name);
		const files = filesBelow(join(modules, room)).map((path) => relative(join(modules, room), path));
		for (const name of files.filter((path) => path.endsWith(".ts")))
			equal(documented.includes(name), true, `modules/${room}/README.md: "Where things are" has no row for ${name}`);
		for (const name of documented) equal(files.includes(name), true, `modules/${room}/README.md: there is no ${name}`);
	});
}

/** By number. */
const packetTypes = Object.entries(packet)
	.filter(([, type]) => type <= 15)
	.sort(([, a], [, b]) => a - b);

/** Fields of MqttProperties with the name of a property have a table of their own. */
function isProperty(type: string, name: string): boolean {
	return type === "MqttProperties" && PROPERTIES.some((one) => one.name === name);
}

/** How a value is given by the app and to it, by its type. */
const kinds: Record<string, [kind: string, sent: string, received: string]> = {
	BYTE: ["number", "number", "number | undefined"],
	UINT16: ["number", "number", "number | undefined"],
	UINT32: ["number", "number", "number | undefined"],
	VARIABLE: ["number", "number", "number[]"],
	TEXT: ["text", "string | Uint8Array", "string | undefined"],
	BINARY: ["bytes", "Uint8Array", "Uint8Array | undefined"],
	PAIR: ["pairs", "readonly (readonly [name: string, value: string])[]", "[name: string, value: string][]"],
};
const kindOf = ({ type }: Property) => kinds[Object.keys(kinds).find((name) => property[name] === type) ?? ""] ?? ["", "", ""];

test("mqtt: every property, where it may stand, and its fields", () => {
	const { CONNECT = 0, PINGRESP = 0, PINGREQ = 0, SUBSCRIBE = 0, UNSUBSCRIBE = 0, DISCONNECT = 0 } = packet;
	const places = [["will", WILL] as const, ...packetTypes.filter(([, type]) => type !== PINGREQ && type !== PINGRESP)];
	const namesOf = (bits: number) => places.filter(([, place]) => bits & (1 << (place as number))).map(([name]) => name);
	const clientOnly = [WILL as number, CONNECT, SUBSCRIBE, UNSUBSCRIBE].reduce((bits, place) => bits | (1 << place), 0);
	// A server's DISCONNECT is the one packet that has a property only if a client sends it (§3.14.2.2.2).
	const received = ({ id, packets }: Property) => packets & ~clientOnly & ~(id === SESSION_EXPIRY_INTERVAL ? 1 << DISCONNECT : 0);
	const all = (bits: (one: Property) => number) => namesOf(PROPERTIES.reduce((sum, one) => sum | bits(one), 0)).join(", ");
	const listOf = (one: Property, bits: (one: Property) => number) => {
		const list = namesOf(bits(one)).join(", ");
		return list === all(bits) ? "all" : list;
	};
	const actual = new Map(
		PROPERTIES.map((one) => [
			one.name,
			[`0x${one.id.toString(16).padStart(2, "0")}`, kindOf(one)[0], listOf(one, ({ client }) => client), listOf(one, received)].join(" | "),
		]),
	);
	const documented = entriesOf(tableOf("MQTT: reference", /^property$/).rows, ({ cells: [name, ...others] }) => [
		unquoted(name),
		others.slice(0, 4).join(" | "),
	]);
	compare("property", "mqtt/property.ts", documented, actual);

	const sent = PROPERTIES.filter(({ client }) => client).map((one) => [one.name, `${one.name}?: ${kindOf(one)[1]}`] as const);
	deepEqual(new Map([...membersOf(read("mqtt/property-values"), "MqttPropertyValues")].sort()), new Map(sent.sort()));
	const getters = [...membersOf(read("mqtt/properties"), "MqttProperties")].filter(([name]) => isProperty("MqttProperties", name));
	deepEqual(new Map(getters.sort()), new Map(PROPERTIES.map((one) => [one.name, `${one.name}: ${kindOf(one)[2]}`] as const).sort()));
});

test("mqtt: which packets have which reason code", () => {
	const ofServer = packetTypes.map(([name]) => name).filter((name) => /ACK$|^PUB(REC|REL|COMP)$|^DISCONNECT$|^AUTH$/.test(name));
	const ofClient = ofServer.filter((name) => !/^CONNACK$|SUBACK$/.test(name));
	const list = (names: string[], has: ((code: number, type: number) => boolean) | undefined, code: number) =>
		names.filter((name) => has?.(code, packet[name] as number)).join(", ");
	const reasons = Object.entries(mqttCodes).filter((entry): entry is [string, number] => entry[0].startsWith("MQTT_REASON_"));
	const actual = new Map(
		reasons.map(([name, code]) => [name, `${list(ofServer, isReason, code)} | ${list(ofClient, isClientReason, code)}`]),
	);
	const documented = entriesOf(tableOf("MQTT: reference", /^reason code$/).rows, ({ cells: [name, , comes, goes] }) => [
		unquoted(name),
		`${comes} | ${goes}`,
	]);
	compare("reason code", "mqtt/reasons.ts", documented, actual);
});

/** The second cell, "if missing", of a field. */
function missing(section: string, type: string, field: string): string {
	const row = rowsByType(section)
		.get(type)
		?.find(({ cells }) => nameOf(unquoted(cells[0])) === field);
	equal(row !== undefined, true, `README.md: ${type} has no ${field}`);
	return row?.cells[1] ?? "";
}

const numbersIn = (text: string) => [...text.matchAll(/\d[\d,]*/g)].map(([number]) => Number(number.replaceAll(",", "")));

test("defaults are those of the code", () => {
	const of = (section: string, type: string, field: string, values: number[]) =>
		deepEqual(numbersIn(missing(section, type, field)).slice(0, values.length), values, `README.md: ${type}.${field}`);
	const [websocket, mqtt] = protocols.map(({ section }) => section) as [string, string];
	const door = read("websocket");
	of(websocket, "WebsocketOptions", "pongTimeout", [constantOf(door, "PONG_TIMEOUT_MS")]);
	of(websocket, "WebsocketOptions", "closeTimeout", [constantOf(door, "CLOSE_TIMEOUT_MS")]);
	of(websocket, "WebsocketOptions", "txBuf", [constantOf(door, "TRANSMIT_MIN")]);
	of(websocket, "WebsocketRegistration", "handshakeTimeout", [constantOf(door, "HANDSHAKE_TIMEOUT_MS")]);
	const row = tableOf("Configuration", /^config$/).rows.find(({ cells }) => unquoted(cells[0]) === "WEBSOCKET_MAX_CONTEXTS");
	deepEqual(numbersIn(row?.cells[1] ?? ""), [constantOf(read("websocket/contexts"), "DEFAULT")], "README.md: WEBSOCKET_MAX_CONTEXTS");
	const most = 1 << constantOf(read("websocket/context"), "INDEX_BITS");
	equal(row?.cells[2]?.endsWith(`1 to ${most}`), true, "README.md: the range of WEBSOCKET_MAX_CONTEXTS");

	const context = read("mqtt/context");
	of(mqtt, "MqttClient", "keepalive", [constantOf(read("mqtt/encoder"), "KEEPALIVE_S")]);
	of(mqtt, "MqttClient", "pingrespTimeout", [constantOf(context, "PINGRESP_TIMEOUT_MS")]);
	of(mqtt, "MqttClient", "connackTimeout", [constantOf(context, "CONNACK_TIMEOUT_MS")]);
	of(mqtt, "MqttClient", "inflightMaximum", [constantOf(read("mqtt/connection"), "INFLIGHT_MAXIMUM")]);
	of(mqtt, "MqttClient", "incomingMaximum", [constantOf(read("mqtt/connection"), "INCOMING_MAXIMUM")]);
	const received = tableOf(mqtt, /^property$/).rows.find(({ cells }) => unquoted(cells[0]) === "receiveMaximum");
	const receiveMaximum = constantOf(read("mqtt/connection"), "RECEIVE_MAXIMUM");
	equal(received?.cells.at(-1)?.includes(`; if missing ${receiveMaximum},`), true, "README.md: receiveMaximum");
	of(mqtt, "MqttReconnect", "minMs", [constantOf(context, "RECONNECT_MIN_MS")]);
	of(mqtt, "MqttReconnect", "maxMs", [constantOf(context, "RECONNECT_MAX_MS")]);
	of(mqtt, "MqttWebsocket", "timeout", [constantOf(read("mqtt/opening"), "WEBSOCKET_TIMEOUT_MS")]);
	const means = (field: string) =>
		numbersIn(
			rowsByType(mqtt)
				.get("MqttClient")
				?.find(({ cells }) => nameOf(unquoted(cells[0])) === field)?.cells[2] ?? "",
		);
	equal(means("rxBuf")[0], constantOf(read("mqtt/check"), "BUFFER_MIN"), "README.md: rxBuf");
	equal(means("txBuf")[0], constantOf(read("mqtt/check"), "BUFFER_MIN"), "README.md: txBuf");
	equal(means("store").at(-1), constantOf(read("mqtt/store"), "STORE_OVERHEAD"), "README.md: store");
	const [, ports = ""] = /\bPORTS\b.*= Object\.freeze\(\[([\d, ]+)\]\)/.exec(read("mqtt/opening")) ?? [];
	of(mqtt, "MqttBroker", "port", ports.split(",").map(Number).slice(0, 4));
});

test("every key of the configuration that the modules ask for", () => {
	const asked = new Map<string, string>();
	for (const path of rooms) {
		const text = readFileSync(path, "utf8");
		if (!text.includes('from "mc/config"')) continue;
		for (const [, key = ""] of text.matchAll(/\bconfig\.(\w+)/g)) asked.set(key, "asked for");
	}
	const documented = entriesOf(tableOf("Configuration", /^config$/).rows, ({ cells: [key] }) => [unquoted(key), "asked for"]);
	compare("configuration key", "modules/", documented, asked);
});

test("who does not include transport/over-websocket has no WebSocket in the firmware", () => {
	const manifests = (...names: string[]) => readManifests(names.map((name) => join(modules, name)));
	const websocketOf = (manifest: ReturnType<typeof manifests>) =>
		[...match(manifest).modules.keys()].filter((name) => /websocket/.test(name));
	deepEqual(websocketOf(manifests("mqtt/manifest.json", "transport/manifest_tcp.json")), []);
	const { length } = websocketOf(manifests("mqtt/manifest.json", "transport/manifest_tcp.json", "transport/manifest_websocket.json"));
	equal(length > 10, true);
});
