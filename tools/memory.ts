/*
 * npm run memory: measures what a connection takes of a microcontroller's memory, on the 32-bit device, and writes
 * tests/budgets/memory.json and the table in README.md; with --check, compares both with what was measured.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { readApp } from "./app.ts";
import { buildDevice, type Variant } from "./device-build.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { readCommandLine } from "./options.ts";
import { withLinkFile } from "./prepare.ts";
import { readReport } from "./report.ts";
import { root, shown } from "./repository.ts";
import { runDevice } from "./run-device.ts";

const tool = "memory";
const help = `npm run memory -- [--check]

Measures what a connection takes of a microcontroller's memory (slots, chunk bytes, stack, bytecode) with the firmware in
tests/budgets/memory, on the 32-bit release device, and writes tests/budgets/memory.json and the table in README.md.

  --check        writes nothing: compares both with what was measured, and fails where they differ
  --help         prints this
`;

const budget = join(root, "tests", "budgets", "memory.json");
const readme = join(root, "README.md");
const BEGIN = "<!-- memory: written by npm run memory -->";
const END = "<!-- /memory -->";

/** The app's buffers in what is measured. */
const TMP_BUF = 512;
const TX_BUF = 272;
/** Echoes of 1, 2, 3 … bytes that a connection sees before it is measured again. */
const MESSAGES = 100;

const roles = ["client", "server"] as const;
const transports = ["socket", "tcp"] as const;

/** Slots and chunk bytes. */
type Cost = [slots: number, bytes: number];

interface Connection {
	/** The transport and its socket. */
	transport: Cost;
	/** All that was allocated from the call to the first message, garbage included. */
	handshake: Cost;
	/** The most that was held of it at a time. */
	peak: Cost;
	/** What is held once the connection is open, beside transport and buffers. */
	open: Cost;
	/** What traffic added: views that are kept. */
	traffic: Cost;
	/** Slots of XS's stack, of the whole run. */
	stack: number;
}

interface Memory {
	/** websocketInit: all contexts. */
	init: Cost;
	/** tmpBuf and txBuf, which are the app's. */
	buffers: Cost;
	connections: Record<string, Connection>;
	/** Bytes of bytecode by module. */
	code: Record<string, number>;
}

interface Measured {
	init: Cost;
	buffers: Cost;
	returned: Cost;
	connections: Omit<Connection, "stack">[];
}

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const REQUEST =
	"GET /memory HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const MESSAGE = Buffer.from("hello");
const CLOSE = 0x88;

/** The other end of a connection: after the handshake a message, then every frame is sent back. Each in one piece, so that nothing varies. */
function play(socket: Socket, server: boolean): void {
	let received = Buffer.alloc(0);
	let open = false;
	socket.setNoDelay(true);
	socket.on("error", () => {});
	// A server takes masked frames and sends none, a client the other way round.
	const send = (first: number, payload: Buffer) =>
		socket.write(Buffer.concat([Buffer.of(first, payload.length | (server ? 0 : 0x80)), Buffer.alloc(server ? 0 : 4), payload]));
	socket.on("data", (data) => {
		received = Buffer.concat([received, data]);
		if (!open) {
			const end = received.indexOf("\r\n\r\n");
			if (end < 0) return;
			const head = received.subarray(0, end).toString("latin1");
			received = received.subarray(end + 4);
			open = true;
			if (server) {
				const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(head) ?? [];
				const accept = createHash("sha1")
					.update(key + GUID)
					.digest("base64");
				const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
				const hello = Buffer.concat([Buffer.of(0x82, MESSAGE.length), MESSAGE]);
				socket.write(Buffer.concat([Buffer.from(answer), hello]));
			} else send(0x82, MESSAGE);
		}
		for (;;) {
			const size = received.length < 2 ? 0 : 2 + (server ? 4 : 0) + (received[1]! & 0x7f);
			if (size === 0 || received.length < size) return;
			const frame = received.subarray(0, size);
			received = received.subarray(size);
			if (frame[0] !== CLOSE) send(frame[0]!, Buffer.alloc(frame.length - 2 - (server ? 4 : 0)));
			else if (server) {
				send(CLOSE, Buffer.of(0x03, 0xe8));
				socket.end();
			} else send(CLOSE, Buffer.of(0x03, 0xe8));
		}
	});
	if (!server) socket.write(REQUEST);
}

interface Run extends Measured {
	stack: number;
	code: Record<string, number>;
}

/** One run of the firmware. */
async function measure(role: string, transport: string, variant: Variant): Promise<Run> {
	const app = await readApp(join(root, "tests", "budgets", "memory"));
	const program = await buildDevice(variant);
	const sockets: Socket[] = [];
	const listener = createServer((socket) => {
		sockets.push(socket);
		play(socket, true);
	});
	await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
	const { port } = listener.address() as AddressInfo;
	const config = { role, transport, port: String(port), tmpBuf: String(TMP_BUF), txBuf: String(TX_BUF), messages: String(MESSAGES) };
	let devicePort = 0;
	let measured: Measured | undefined;
	let report: ReturnType<typeof readReport>;
	let output = "";
	try {
		const status = await withLinkFile(app, variant, { config }, (linkFile) =>
			runDevice(program, linkFile, {
				report: true,
				line: (text) => {
					const [, kind, value = ""] = /^@(\w+) ?(.*)$/.exec(text) ?? [];
					if (kind === "port") devicePort = Number(value);
					else if (kind === "connect") {
						const socket = connect(devicePort, "127.0.0.1");
						sockets.push(socket);
						socket.on("connect", () => play(socket, false));
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
		if (status || !measured || !report) throw new Failure(`the firmware of tests/budgets/memory failed (${role}, ${transport})\n${output}`);
	} finally {
		for (const socket of sockets) socket.destroy();
		listener.close();
	}
	return { ...measured, stack: report.stack.peak, code: report.code };
}

const equalCosts = (a: unknown, b: unknown, what: string) => {
	if (!isDeepStrictEqual(a, b)) throw new Failure(`${what}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
};

/** The folders of modules/ that every connection needs; their modules' names begin like them. */
const rooms = ["bytes", "transport", "websocket"];
const roomOf = (name: string) => name.split("/")[0] ?? "";

async function measureAll(): Promise<Memory> {
	let memory: Memory | undefined;
	for (const role of roles)
		for (const transport of transports) {
			const name = `${role}, ${transport}`;
			const { init, buffers, returned, connections, stack, code } = await measure(role, transport, { bits: 32, mode: "release" });
			// Where each allocation collects, no garbage is counted.
			const strict = await measure(role, transport, { bits: 32, mode: "release", stress: true });
			const [, second, third] = connections;
			const peak = strict.connections[2]?.peak;
			if (!second || !third || !peak) throw new Failure(`${name}: three connections were to be measured`);
			second.peak = third.peak = peak;
			equalCosts(second, third, `${name}: two connections differ`);
			const all = (key: "transport" | "open" | "traffic", index: 0 | 1) => second[key][index] + third[key][index];
			const held = ([0, 1] as const).map((index) => all("transport", index) + all("open", index) + all("traffic", index));
			equalCosts(
				returned.map((count) => -count),
				held,
				`${name}: the memory of two connections does not come back`,
			);
			const sizes = Object.fromEntries(
				Object.entries(code)
					.filter(([module]) => rooms.includes(roomOf(module)))
					.sort(),
			);
			memory ??= { init, buffers, connections: {}, code: sizes };
			equalCosts([init, buffers, sizes], [memory.init, memory.buffers, memory.code], `${name} differs from the runs before it`);
			memory.connections[name] = { ...second, stack };
		}
	return memory as Memory;
}

const thousands = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ",");
const shownCost = ([slots, bytes]: Cost) => (bytes ? `${thousands(slots)} + ${thousands(bytes)}` : thousands(slots));
const SLOT_BYTES = 16;

/** The part of README.md between the markers. */
function table({ init, buffers, connections, code }: Memory): string {
	const names = Object.keys(connections);
	const columns = Object.values(connections);
	const row = (title: string, cell: (connection: Connection) => string) => `| ${title} | ${columns.map(cell).join(" | ")} |`;
	const sum = ({ transport, open, traffic }: Connection) =>
		[transport, open, traffic, buffers].reduce((total, [slots, bytes]) => total + slots * SLOT_BYTES + bytes, 0);
	const lines = [
		`| slots + chunk bytes | ${names.map((name) => name.replace(/\w+$/, "`$&`")).join(" | ")} |`,
		`|---|${names.map(() => "---|").join("")}`,
		row("transport and its socket", ({ transport }) => shownCost(transport)),
		row(`\`tmpBuf\` of ${TMP_BUF} bytes, \`txBuf\` of ${TX_BUF}`, () => shownCost(buffers)),
		row("the open connection, its buffer for control frames included", ({ open }) => shownCost(open)),
		row(`kept after messages of 1 to ${MESSAGES} bytes`, ({ traffic }) => shownCost(traffic)),
		row(`**together, in bytes** (a slot has ${SLOT_BYTES})`, (connection) => `**${thousands(sum(connection))}**`),
		row("held at the peak of the handshake, the connection included", ({ peak }) => shownCost(peak)),
		row("allocated by the handshake, garbage included", ({ handshake }) => shownCost(handshake)),
		row("slots of the stack at the peak", ({ stack }) => thousands(stack)),
		"",
		`\`websocketInit()\`, which makes all contexts: ${shownCost(init)}.`,
		"",
		"| in flash | bytes of bytecode | modules |",
		"|---|---|---|",
	];
	for (const room of rooms) {
		const modules = Object.entries(code).filter(([name]) => roomOf(name) === room);
		const total = modules.reduce((bytes, [, size]) => bytes + size, 0);
		lines.push(
			`| ${room} | ${thousands(total)} | ${modules.map(([name, size]) => `${name.replace(/^\w+\//, "")} ${thousands(size)}`).join(", ")} |`,
		);
	}
	return lines.join("\n");
}

/** README.md with another table. */
function withTable(text: string, made: string): string {
	const begin = text.indexOf(BEGIN);
	const end = text.indexOf(END);
	if (begin < 0 || end < begin) throw new Failure(`${shown(readme)}: the lines ${BEGIN} and ${END} are missing`);
	return `${text.slice(0, begin + BEGIN.length)}\n\n${made}\n\n${text.slice(end)}`;
}

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
	const changed = withTable(text, table(memory));
	const old = existsSync(budget) ? JSON.parse(readFileSync(budget, "utf8")) : {};
	const drift = differences(old, memory);
	if (line.flags.has("--check")) {
		if (drift.length) drift.unshift(`${relative(root, budget)} is not what was measured (slots, chunk bytes):`);
		else if (changed !== text) drift.push(`the table in ${relative(root, readme)} is not that of ${relative(root, budget)}`);
		if (drift.length) throw new Failure(`${drift.join("\n  ")}\n  if that is meant: npm run memory writes both anew`);
		process.stdout.write("the memory that a connection takes is what the table says\n");
		return 0;
	}
	writeFileSync(budget, json(memory));
	writeFileSync(readme, changed);
	for (const text of drift) process.stdout.write(`${text}\n`);
	process.stdout.write(`written: ${shown(budget)} and the table in ${shown(readme)}\n`);
	return 0;
});
