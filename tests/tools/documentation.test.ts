/*
 * README.md has every function, field, number, fault and configuration key of module "websocket" as the code has it, and nothing else;
 * and what the READMEs show as code compiles.
 */
import { deepEqual, equal } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { WebSocket, WebSocketServer } from "ws";
import { capture } from "../../tools/command.ts";
import { compile } from "../../tools/compile.ts";
import { exportsOf } from "../../tools/imports.ts";
import { build, filesBelow, root } from "../../tools/repository.ts";
import { forEachLine } from "../../tools/run-device.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const room = join(root, "modules", "websocket");
const read = (name: string) => readFileSync(join(room, `${name}.ts`), "utf8");
const readme = readFileSync(join(root, "README.md"), "utf8");

interface Row {
	/** Of README.md. */
	line: number;
	cells: string[];
}

interface Table {
	/** Of its first column. */
	heading: string;
	columns: string[];
	rows: Row[];
}

/** The tables of README.md; a "|" in a cell is written "\|". */
const tables: Table[] = [];
let table: Table | undefined;
for (const [index, text] of readme.split("\n").entries()) {
	if (!text.startsWith("|")) {
		table = undefined;
		continue;
	}
	const cells = text
		.slice(1, text.lastIndexOf("|"))
		.split(/(?<!\\)\|/)
		.map((cell) => cell.trim().replaceAll("\\|", "|"));
	if (!table) {
		table = { heading: cells[0] ?? "", columns: cells, rows: [] };
		tables.push(table);
	} else if (!/^-+$/.test(cells[0] ?? "")) table.rows.push({ line: index + 1, cells });
}

function tableOf(heading: RegExp): Table {
	const found = tables.filter((one) => heading.test(one.heading));
	equal(found.length, 1, `README.md: ${found.length} tables have a first column ${heading}`);
	return found[0] as Table;
}

const unquoted = (cell = "") => cell.replaceAll("`", "");
const plural = (lines: string[]) => lines.join("\n");

/** Fails with a line for each entry that is missing, that is not in the code, or that differs. */
function compare(what: string, source: string, documented: Map<string, { line: number; text: string }>, actual: Map<string, string>): void {
	const wrong: string[] = [];
	for (const [name, text] of actual) {
		const row = documented.get(name);
		if (!row) wrong.push(`README.md has no row for the ${what} ${name} of ${source}: ${text}`);
		else if (row.text !== text) wrong.push(`README.md:${row.line}: the ${what} ${name} is ${text} in ${source}, not ${row.text}`);
	}
	for (const [name, { line }] of documented) if (!actual.has(name)) wrong.push(`README.md:${line}: ${source} has no ${what} ${name}`);
	equal(wrong.length, 0, plural(wrong));
}

function documentedIn(rows: Row[], entry: (row: Row) => [name: string, text: string]): Map<string, { line: number; text: string }> {
	const found = new Map<string, { line: number; text: string }>();
	for (const row of rows) {
		const [name, text] = entry(row);
		equal(found.has(name), false, `README.md:${row.line}: ${name} has two rows`);
		found.set(name, { line: row.line, text });
	}
	return found;
}

interface Fault {
	name: string;
	errno: number;
	close: number;
	section: string;
	meaning: string;
}

const errno = join(root, "modules", "errno", "errno.ts");
const scriptOf = await compile([errno, join(room, "codes.ts"), join(room, "websocket.ts")]);

/** All that a file of numbers exports. Only a device finds module "errno" by its name; Node gets its path. */
async function numbersOf(path: string): Promise<Record<string, unknown>> {
	const script = readFileSync(scriptOf(path), "utf8").replaceAll('from "errno"', `from "${pathToFileURL(scriptOf(errno)).href}"`);
	return await import(`data:text/javascript,${encodeURIComponent(script)}`);
}

const codes = await numbersOf(join(room, "codes.ts"));
const numbers = Object.entries(codes).filter((entry): entry is [string, number] => typeof entry[1] === "number");
const isFault = (name: string) => name.startsWith("FAULT_");

test("every number of codes.ts, with its value", () => {
	const rows = tables.filter(({ heading, columns }) => columns[1] === "value" && heading !== "fault").flatMap((one) => one.rows);
	const documented = documentedIn(rows, ({ cells: [name, value] }) => [unquoted(name), String(Number(value))]);
	compare(
		"constant",
		"codes.ts",
		documented,
		new Map(numbers.filter(([name]) => !isFault(name)).map(([name, value]) => [name, String(value)])),
	);
});

test("every fault of codes.ts, word for word", () => {
	const faults = codes.FAULTS as Fault[];
	const actual = new Map<string, string>();
	for (const [name, value] of numbers.filter(([name]) => isFault(name))) {
		const fault = faults[-1 - value];
		equal(fault && `FAULT_${fault.name}`, name, `codes.ts: row ${-1 - value} of FAULTS is not that of ${name}`);
		const errno = numbers.find(([other, code]) => /^E[A-Z]+$/.test(other) && code === fault?.errno)?.[0];
		actual.set(name, [value, errno, fault?.close || "", fault?.section, fault?.meaning].join(" | "));
	}
	equal(actual.size, faults.length, "codes.ts: FAULTS has rows without a number");
	const documented = documentedIn(tableOf(/^fault$/).rows, ({ cells: [name, ...others] }) => [
		unquoted(name),
		others.map(unquoted).join(" | "),
	]);
	compare("fault", "codes.ts", documented, actual);
});

/** Parameters of a declaration, "a: A, b?: B, c = 1" as "a, b?, c?". */
function parametersOf(list: string): string {
	const parts: string[] = [];
	let depth = 0;
	let part = "";
	for (const [index, character] of [...list].entries()) {
		if ("<({[".includes(character)) depth++;
		else if (")}]".includes(character) || (character === ">" && list[index - 1] !== "=")) depth--;
		if (character === "," && depth === 0) {
			parts.push(part);
			part = "";
		} else part += character;
	}
	return [...parts, part]
		.filter((text) => text.trim())
		.map((text) => {
			const [, name = "", optional = ""] = /^\s*(\w+)(\?)?/.exec(text) ?? [];
			return `${name}${optional || (/[^=]=[^=>]/.test(text) ? "?" : "")}`;
		})
		.join(", ");
}

test("every function that module websocket exports, with its parameters", async () => {
	const { names, from } = (await exportsOf(scriptOf(join(room, "websocket.ts")))) ?? { names: [], from: [] };
	deepEqual(from, ["websocket/codes"], "websocket.ts: all of another module is exported; it has to be documented, too");
	const functions = [...names, ...Object.keys(codes).filter((name) => typeof codes[name] === "function")];
	const sources = ["websocket", "poll", "codes"].map(read).join("\n");
	const aliases = new Map([...sources.matchAll(/\b(\w+) as (\w+)\b(?=[^;]*\};)/g)].map(([, name = "", alias = ""]) => [alias, name]));
	const actual = new Map<string, string>();
	for (const name of functions) {
		const of = aliases.get(name) ?? name;
		const declared = new RegExp(`^export (?:async )?function ${of}(?:<[^(]*>)?\\(([\\s\\S]*?)\\): `, "m").exec(sources);
		equal(declared !== null, true, `websocket.ts: where is the declaration of ${name}?`);
		actual.set(name, `${of}(${parametersOf(declared?.[1] ?? "")})`);
	}
	// "`wsSend(…)`, also `send`" is a row for both.
	const rows = tableOf(/^function$/).rows.flatMap((row) => {
		const [signature = "", ...others] = [...(row.cells[0] ?? "").matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
		return [signature.split("(")[0] ?? "", ...others].map((name) => ({ line: row.line, cells: [name, signature] }));
	});
	compare(
		"function",
		"websocket.ts",
		documentedIn(rows, ({ cells: [name = "", signature = ""] }) => [name, signature]),
		actual,
	);
});

/** A field as README.md has it: "name?: type", and a callback "name?(a, b) => result". */
function fieldOf(name: string, optional: string, type: string): string {
	const callback = /^\((.*)\) => (.+)$/.exec(type);
	if (!callback) return `${name}${optional}: ${type.replaceAll("<UserData>", "")}`;
	const [, parameters = "", result] = callback;
	return `${name}${optional}(${parametersOf(parameters)})${result === "void" ? "" : ` => ${result}`}`;
}

/** The fields of an exported interface, one to a line at its first level. */
function fieldsOf(source: string, name: string): Map<string, string> {
	const body = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)^\\}`, "m").exec(source)?.[1];
	equal(body !== undefined, true, `where is the interface ${name}?`);
	const fields = [...(body ?? "").matchAll(/^\t(?:readonly )?(\w+)(\??): (.+);$/gm)];
	return new Map(fields.map(([, field = "", optional = "", type = ""]) => [field, fieldOf(field, optional, type)]));
}

const exportedTypes = [...read("websocket").matchAll(/^export type \{([^}]*)\} from "websocket\/(\w+)";$/gm)].flatMap(
	([, names = "", file = ""]) => names.split(",").map((name) => ({ name: name.trim(), file })),
);

test("module websocket exports the types that have a table", () => {
	const documented = tables.map(({ heading }) => /^`(Websocket\w+|MessageInfo)`/.exec(heading)?.[1]).filter(Boolean);
	deepEqual(documented.sort(), exportedTypes.map(({ name }) => name).sort());
});

for (const { name, file } of exportedTypes)
	test(`every field of ${name}`, () => {
		const { rows } = tableOf(new RegExp(`^\`${name}\``));
		const documented = documentedIn(rows, ({ cells: [field] }) => [/^`(\w+)/.exec(field ?? "")?.[1] ?? "", unquoted(field)]);
		compare(`field`, `${file}.ts`, documented, fieldsOf(read(file), name));
	});

test("defaults are those of the code", () => {
	const [sources, contexts] = [read("websocket"), read("contexts")];
	const constant = (source: string, name: string) => {
		const value = new RegExp(`^(?:export )?const ${name} = ([\\d_]+);$`, "m").exec(source)?.[1];
		equal(value !== undefined, true, `where is the constant ${name}?`);
		return Number(value?.replaceAll("_", ""));
	};
	const cell = (heading: RegExp, name: string) =>
		tableOf(heading).rows.find(({ cells }) => unquoted(cells[0]).split(/[?:(]/)[0] === name)?.cells ?? [];
	const firstNumber = (text = "") => Number(/\d[\d,]*/.exec(text)?.[0].replaceAll(",", ""));
	const options = /^`WebsocketOptions`/;
	equal(firstNumber(cell(options, "pongTimeout")[1]), constant(sources, "PONG_TIMEOUT_MS"), "README.md: pongTimeout");
	equal(firstNumber(cell(options, "closeTimeout")[1]), constant(sources, "CLOSE_TIMEOUT_MS"), "README.md: closeTimeout");
	equal(firstNumber(cell(options, "txBuf")[1]), constant(sources, "TRANSMIT_MIN"), "README.md: txBuf");
	const handshake = cell(/^`WebsocketRegistration`/, "handshakeTimeout")[1];
	equal(firstNumber(handshake), constant(sources, "HANDSHAKE_TIMEOUT_MS"), "README.md: handshakeTimeout");
	const [, most, range] = cell(/^config$/, "WEBSOCKET_MAX_CONTEXTS");
	equal(firstNumber(most), constant(contexts, "DEFAULT"), "README.md: WEBSOCKET_MAX_CONTEXTS");
	equal(range?.endsWith(`1 to ${1 << constant(read("context"), "INDEX_BITS")}`), true, "README.md: the range of WEBSOCKET_MAX_CONTEXTS");
});

test("every key of the configuration that the modules ask for", () => {
	const scripts = filesBelow(join(root, "modules")).filter((path) => path.endsWith(".ts"));
	const asked = new Map<string, string>();
	for (const path of scripts)
		for (const [, key = ""] of readFileSync(path, "utf8").matchAll(/\bconfig\.(\w+)/g)) asked.set(key, "asked for");
	const documented = documentedIn(tableOf(/^config$/).rows, ({ cells: [key] }) => [unquoted(key), "asked for"]);
	compare("configuration key", "modules/", documented, asked);
});

test("every file of modules/websocket has its place in the table there", () => {
	const text = readFileSync(join(room, "README.md"), "utf8");
	const [, list = ""] = /^## Where things are\n([\s\S]*)/m.exec(text) ?? [];
	const documented = [...list.matchAll(/`(\w[\w-]*\.ts)`/g)].map(([, name = ""]) => name);
	const files = filesBelow(room).map((path) => relative(room, path));
	for (const name of files.filter((path) => path.endsWith(".ts")))
		equal(documented.includes(name), true, `modules/websocket/README.md: "Where things are" has no row for ${name}`);
	for (const name of documented) equal(files.includes(name), true, `modules/websocket/README.md: there is no ${name}`);
});

interface Example {
	/** "README.md-line-33": the fence that it begins with. */
	name: string;
	/** With empty lines before it, so that a message has the README's line. */
	text: string;
}

const examples: Example[] = ["README.md", ...filesBelow(join(root, "modules")).map((path) => relative(root, path))]
	.filter((path) => path.endsWith("README.md"))
	.flatMap((path) => {
		const text = readFileSync(join(root, path), "utf8");
		return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: code = "", index }) => {
			const line = text.slice(0, index).split("\n").length;
			return { name: `${path.replaceAll("/", "-")}-line-${line}`, text: `${"\n".repeat(line)}${code}` };
		});
	});

test("the code in the READMEs compiles", async (context) => {
	const folder = join(build, `documentation.${process.pid}`);
	mkdirSync(folder, { recursive: true });
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	// Each is a module of its own.
	for (const { name, text } of examples) writeFileSync(join(folder, `${name}.ts`), `${text}\nexport {};\n`);
	const files = examples.map(({ name }) => `${name}.ts`);
	const config = {
		extends: "../../tsconfig.json",
		compilerOptions: { noUnusedLocals: false },
		files,
		include: ["../../typings"],
	};
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
	const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
	const { status, stdout, stderr } = await capture(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder });
	equal(status, 0, stdout + stderr);
});

/** Starts an example that is found by what is in it, with `change` made to it; `line` gets what it prints. */
function start(context: TestContext, part: string, change: (text: string) => string, line: (text: string) => void): Promise<number | null> {
	const found = examples.filter(({ text }) => text.includes(part));
	equal(found.length, 1, `${found.length} examples have ${part}`);
	const changed = change(found[0]?.text ?? "");
	const folder = temporaryFolder(context, { "example.ts": changed });
	const command = [join(root, "tools", "bootstrap.mjs"), "device", join(folder, "example.ts")];
	const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
	context.after(() => child.kill());
	forEachLine(child.stdout, line);
	forEachLine(child.stderr, line);
	return new Promise((resolve) => child.on("close", resolve));
}

async function serverOf(context: TestContext, message: (socket: WebSocket, data: Buffer) => void): Promise<(text: string) => string> {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	await once(server, "listening");
	context.after(() => {
		for (const socket of server.clients) socket.terminate();
		server.close();
	});
	server.on("connection", (socket) => socket.on("message", (data: Buffer) => message(socket, data)));
	const place = `host: "127.0.0.1", port: ${(server.address() as AddressInfo).port}`;
	return (text) => {
		equal(text.includes('host: "example.com", port: 80'), true, "the example connects to another place");
		return text.replace('host: "example.com", port: 80', place);
	};
}

test("the client of README.md does what it says", async (context) => {
	const lines: string[] = [];
	const change = await serverOf(context, (socket, data) => {
		socket.send(data);
		socket.close(4000, "bye");
	});
	equal(await start(context, "await websocketConnect(", change, (text) => lines.push(text)), 0, plural(lines));
	deepEqual(lines, ["5 bytes", "closed: 4000 bye"]);
});

test("the client without a Promise, in the room's README.md, sends its picture through a small buffer", async (context) => {
	const lines: string[] = [];
	const lengths: number[] = [];
	const change = await serverOf(context, (_, data) => lengths.push(data.length));
	equal(await start(context, "websocketConnectStart(", change, (text) => lines.push(text)), 0, plural(lines));
	deepEqual(lines, ["0, clean"]);
	deepEqual(lengths, [20_000]);
});

test("the server of README.md sends back what comes, as binary", async (context) => {
	const lines: string[] = [];
	const change = (text: string) => {
		equal(text.includes("new Listener({\n\tport: 80,"), true, "the example listens elsewhere");
		return `${text.replace("new Listener({\n\tport: 80,", "const listener = new Listener({")}\ntrace(\`@port \${listener.port}\\n\`);\n`;
	};
	const port = await new Promise<number>((resolve, reject) => {
		const line = (text: string) => {
			lines.push(text);
			const [, found] = /^@port (\d+)$/.exec(text) ?? [];
			if (found) resolve(Number(found));
		};
		start(context, "websocketRegister(", change, line).then(() => reject(new Error(plural(lines))), reject);
	});
	const client = new WebSocket(`ws://127.0.0.1:${port}/`);
	context.after(() => client.terminate());
	await once(client, "open");
	client.send("hello");
	const [data, binary] = await once(client, "message");
	deepEqual([String(data), binary], ["hello", true]);
	client.close(1000);
	deepEqual((await once(client, "close"))[0], 1000);
});
