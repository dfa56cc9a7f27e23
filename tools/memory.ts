/*
 * npm run memory: measures what a WebSocket and an MQTT client take of a microcontroller's memory, on the 32-bit device, and writes
 * tests/budgets/memory.json and the tables in README.md; with --check, compares both with what was measured.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { readApp } from "./app.ts";
import type { Variant } from "./device-build.ts";
import { linuxDevice } from "./devices.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { playBroker, playWebsocket } from "./memory-peer.ts";
import { BUFFERS, type Cost, MESSAGES, type Memory, ROOMS, roomOf, tablesOf } from "./memory-table.ts";
import { readCommandLine } from "./options.ts";
import { readReport } from "./report.ts";
import { root, shown } from "./repository.ts";
import { runDevice } from "./run-device.ts";
import { withTable } from "./written-table.ts";

const tool = "memory";
const help = `npm run memory -- [--check]

Measures what a connection takes of a microcontroller's memory (slots, chunk bytes, stack, bytecode) with the firmwares in
tests/budgets/memory, on the 32-bit release device, and writes tests/budgets/memory.json and the tables in README.md.

  --check        writes nothing: compares both with what was measured, and fails where they differ
  --help         prints this
`;

const budget = join(root, "tests", "budgets", "memory.json");
const readme = join(root, "README.md");

const roles = ["client", "server"] as const;
const sockets = ["socket", "tcp"] as const;

type Name = "transport" | "open" | "used" | "subscription" | "traffic" | "handshake" | "peak";

/** What the firmware says. */
interface Measured {
	init?: Cost;
	buffers: Cost;
	returned: Cost;
	connections: Record<Name, Cost>[];
}

interface Run extends Measured {
	stack: number;
	code: Record<string, number>;
}

/** One run of a firmware of tests/budgets/memory, whose connections `play` is the other end of. */
async function measure(
	firmware: string,
	config: Record<string, string | number>,
	variant: Variant,
	play: (socket: Socket) => void,
): Promise<Run> {
	const app = await readApp(join(root, "tests", "budgets", "memory", `${firmware}.json`));
	const open: Socket[] = [];
	const listener = createServer((socket) => {
		open.push(socket);
		play(socket);
	});
	await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
	const { port } = listener.address() as AddressInfo;
	const texts = Object.fromEntries(Object.entries({ ...config, port, messages: MESSAGES }).map(([key, value]) => [key, String(value)]));
	let devicePort = 0;
	let measured: Measured | undefined;
	let report: ReturnType<typeof readReport>;
	let output = "";
	try {
		const status = await linuxDevice(variant).with(app, { config: texts }, (program) =>
			runDevice(program, {
				report: true,
				line: (text) => {
					const [, kind, value = ""] = /^@(\w+) ?(.*)$/.exec(text) ?? [];
					if (kind === "port") devicePort = Number(value);
					else if (kind === "connect") {
						const socket = connect(devicePort, "127.0.0.1");
						open.push(socket);
						socket.on("connect", () => play(socket));
					} else if (kind === "memory") measured = JSON.parse(value);
					else {
						report ??= readReport(text);
						if (!report) output += `${text}\n`;
					}
				},
				errorLine: (text) => {
					output += `${text}\n`;
				},
			}),
		);
		if (status || !measured || !report)
			throw new Failure(`the firmware of tests/budgets/memory failed: ${firmware} ${JSON.stringify(texts)}\n${output}`);
	} finally {
		for (const socket of open) socket.destroy();
		listener.close();
	}
	return { ...measured, stack: report.stack.peak, code: report.code };
}

function equalCosts(a: unknown, b: unknown, what: string): void {
	if (!isDeepStrictEqual(a, b)) throw new Failure(`${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
}

/** A run whose connections cost the same but for the first, and give back all that they held; and one of them. */
async function measureTwice(
	name: string,
	held: readonly Name[],
	firmware: string,
	config: Record<string, string | number>,
	play: (socket: Socket) => void,
): Promise<Run & { one: Record<Name, Cost> }> {
	const run = await measure(firmware, config, { bits: 32, mode: "release" }, play);
	// Where each allocation collects, no garbage is counted.
	const strict = await measure(firmware, config, { bits: 32, mode: "release", stress: true }, play);
	const [, second, third] = run.connections;
	const peak = strict.connections[2]?.peak;
	if (!second || !third || !peak) throw new Failure(`${name}: three connections were to be measured`);
	second.peak = third.peak = peak;
	// How much garbage there is depends on when collections were: one takes back what the stage of the transports does not use.
	equalCosts({ ...third, handshake: second.handshake }, second, `${name}: two connections differ`);
	const all = ([0, 1] as const).map((index) => held.reduce((sum, key) => sum + second[key][index] + third[key][index], 0));
	equalCosts(
		run.returned.map((count) => -count),
		all,
		`${name}: the memory of two connections does not come back`,
	);
	return { ...run, one: second };
}

/** Adds the sizes of a firmware's modules, which have to be the same in all of them. */
function addCode(to: Record<string, number>, code: Record<string, number>, what: string): void {
	for (const [module, size] of Object.entries(code)) {
		if (!ROOMS.includes(roomOf(module))) continue;
		to[module] ??= size;
		equalCosts(to[module], size, `${module} of ${what} differs from the runs before it`);
	}
}

async function measureAll(): Promise<Memory> {
	const { tmpBuf, txBuf, rxBuf, mqttTxBuf, store } = BUFFERS;
	const memory: Memory = { init: [0, 0], buffers: [0, 0], connections: {}, clients: {}, code: {} };
	let first = true;
	for (const role of roles)
		for (const transport of sockets) {
			const name = `${role}, ${transport}`;
			const play = (socket: Socket) => playWebsocket(socket, role === "client");
			const config = { role, transport, tmpBuf, txBuf };
			const run = await measureTwice(name, ["transport", "open", "traffic"], "websocket-connection", config, play);
			const { one, stack, init = [0, 0], buffers, code } = run;
			if (first) Object.assign(memory, { init, buffers });
			first = false;
			equalCosts([init, buffers], [memory.init, memory.buffers], `${name} differs from the runs before it`);
			memory.connections[name] = { ...one, stack };
			addCode(memory.code, code, name);
		}
	for (const transport of ["tcp", "websocket"] as const)
		for (const version of [MQTT_3_1_1, MQTT_5_0])
			for (const size of [0, store]) {
				const name = `${transport === "tcp" ? "TCP" : "WebSocket"}, ${version === MQTT_5_0 ? "5.0" : "3.1.1"}${size ? ", store" : ""}`;
				const config = { transport, version, store: size, rxBuf, txBuf: mqttTxBuf, websocketTmpBuf: tmpBuf, websocketTxBuf: txBuf };
				const play = (socket: Socket) => playBroker(socket, transport === "websocket");
				const { one, stack, buffers, code } = await measureTwice(name, ["open", "used", "subscription"], "mqtt-client", config, play);
				memory.clients[name] = { buffers, ...one, stack };
				addCode(memory.code, code, name);
			}
	memory.code = Object.fromEntries(Object.entries(memory.code).sort());
	return memory;
}

/** As CONNECT has them. */
const MQTT_3_1_1 = 4;
const MQTT_5_0 = 5;

/** As the formatter has it: a cost is one line. */
const json = (memory: Memory) => `${JSON.stringify(memory, null, "\t").replace(/\[\s+(-?\d+),\s+(-?\d+)\s+\]/g, "[$1, $2]")}\n`;

/** Every number by where it stands. */
function flat(value: unknown, path: string, into = new Map<string, string>()): Map<string, string> {
	if (typeof value === "object" && value !== null && !Array.isArray(value))
		for (const [name, inner] of Object.entries(value)) flat(inner, path ? `${path} › ${name}` : name, into);
	else into.set(path, JSON.stringify(value));
	return into;
}

/** A line for each number that is not as it was. */
function differences(before: unknown, now: unknown): string[] {
	const [old, fresh] = [flat(before, ""), flat(now, "")];
	const paths = new Set([...old.keys(), ...fresh.keys()]);
	return [...paths]
		.filter((path) => old.get(path) !== fresh.get(path))
		.map((path) => `${path}: ${old.get(path) ?? "nothing"} before, ${fresh.get(path) ?? "nothing"} now`);
}

await main(async () => {
	const line = readCommandLine(tool, process.argv.slice(2), ["--check", "--help"], []);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [more] = [...line.paths, ...Object.keys(line.config)];
	if (more !== undefined) throw new UsageFailure(`unexpected "${more}"`, tool);
	const memory = await measureAll();
	const text = readFileSync(readme, "utf8");
	const changed = withTable(tool, readme, text, tablesOf(memory));
	const old = existsSync(budget) ? JSON.parse(readFileSync(budget, "utf8")) : {};
	const drift = differences(old, memory);
	if (line.flags.has("--check")) {
		if (drift.length) drift.unshift(`${relative(root, budget)} is not what was measured (slots, chunk bytes):`);
		else if (changed !== text) drift.push(`the tables in ${relative(root, readme)} are not those of ${relative(root, budget)}`);
		if (drift.length) throw new Failure(`${drift.join("\n  ")}\n  if that is meant: npm run memory writes both anew`);
		process.stdout.write("the memory that connections take is what the tables say\n");
		return 0;
	}
	writeFileSync(budget, json(memory));
	writeFileSync(readme, changed);
	for (const text of drift) process.stdout.write(`${text}\n`);
	process.stdout.write(`written: ${shown(budget)} and the tables in ${shown(readme)}\n`);
	return 0;
});
