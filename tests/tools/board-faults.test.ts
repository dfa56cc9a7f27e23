/* What ends a board: memory that is full, faults of the processor, a network that is cut. Each says why, and none hangs. */
import { equal, match, notEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { type Board, boards, missingPackages } from "../../tools/board.ts";
import { startBroker } from "../../tools/broker.ts";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;

const tool = [join(root, "tools", "bootstrap.mjs"), "device", "--board"];
const app = (name: string) => join(root, "tests", "hosts", "mps2", name);
const device = (board: Board, ...args: string[]) => capture(process.execPath, [...tool, board, ...args]);

async function ends(board: Board, what: string, message: RegExp, at = 0) {
	const { status, stdout, stderr } = await device(board, app("faults"), `what=${what}`, `at=${at}`);
	match(stderr.split("\n").find((line) => line.startsWith("error: ")) ?? stderr, message);
	equal(stdout, "");
	equal(status, 1);
}

/** Where the boards' code and RAM begin (hosts/mps2/board.h). */
const CODE: Record<Board, number> = { "mps2-an385": 0, "mps2-an505": 0x1000_0000 };
const RAM: Record<Board, number> = { "mps2-an385": 0x2000_0000, "mps2-an505": 0x3800_0000 };

for (const board of boards) {
	test(`${board}: a write to code, and to the objects of modules that are preloaded, is refused`, { skip }, async () => {
		const refused =
			/^error: write to flash at 0x[0-9a-f]{8}, by the instruction at 0x[0-9a-f]{8}: .* Make it in a module that is not preloaded, or freeze it$/;
		await ends(board, "write", refused, CODE[board] + 0x1000);
		await ends(board, "write", refused, CODE[board] + 0x10_0100);
	});

	test(`${board}: what the engine writes to a preloaded object, and natives that one calls`, { skip }, async (context) => {
		const run = (preloaded: string, main: string) => {
			const manifest = {
				include: "$(MODDABLE)/examples/manifest_base.json",
				modules: { "*": ["./main", "./preloaded"] },
				preload: "preloaded",
			};
			return device(board, temporaryFolder(context, { "manifest.json": manifest, "preloaded.js": preloaded, "main.js": main }));
		};
		const written = await run("export const then = new Date(0);", 'import { then } from "preloaded"; then.setTime(1);');
		match(written.stderr, /^error: write to flash at 0x/m);
		equal(written.status, 1);
		const called = await run('import Time from "time"; export const now = Time.ticks;', 'import { now } from "preloaded"; trace(now);');
		match(called.stderr, /^error: a preloaded module calls the native xs_time_ticks, and natives work only once the app runs\./m);
		equal(called.status, 1);
	});

	test(`${board}: there is no RAM behind its end, and no code in it`, { skip }, async () => {
		await ends(board, "read", /^error: fault: 0x[23][08]010000 lies beyond the 64 KB of RAM \(the instruction at /, RAM[board] + 64 * 1024);
		await ends(board, "read", /^error: fault: there is nothing at 0x60000000 \(the instruction at /, 0x6000_0000);
		await ends(board, "call", /^error: fault: there is no code at 0x[23][08]008000 \(called from /, RAM[board] + 0x8001);
		await ends(board, "call", /^error: fault: there is no code at 0x[01]0100100 \(called from /, CODE[board] + 0x10_0101);
		await ends(board, "read", /^error: fault: there is nothing at 0x[01]0300000 \(the instruction at /, CODE[board] + 0x30_0000);
	});

	test(`${board}: C that calls itself without end`, { skip }, () =>
		ends(board, "recurse", /^error: stack overflow of C: more than its 6144 bytes\. .* with --ram 512 or more, C has 32 KB$/),
	);

	test(`${board}: without memory for it, a timer throws; the app goes on if it wants to`, { skip }, async () => {
		const { status, stdout, stderr } = await device(board, app("faults"), "what=exhaust");
		equal(stdout, "malloc has no more\n");
		match(stderr, /^error: uncaught Error: no memory for a timer$/m);
		equal(status, 1);
	});

	test(`${board}: a heap that is full, a stack that is`, { skip }, async (context) => {
		const run = (text: string) => device(board, join(temporaryFolder(context, { "app.ts": text }), "app.ts"));
		const full = await run("const all: object[] = []; for (;;) all.push({ all });");
		match(full.stderr, /^error: memory full: no room for \d+ bytes in the arena of \d+ bytes, with \d+ slots of 16 bytes .*: --ram KB/m);
		equal(full.status, 1);
		const deep = await run("const f = (): number => f() + 1; f();");
		match(deep.stderr, /^error: stack overflow: the stack of \d+ slots is full\./m);
		equal(deep.status, 1);
	});

	test(`${board}: arrays in arrays, 50 and 150 deep, of which the collector goes through the first`, { skip }, async (context) => {
		const run = (depth: number) => {
			const text = `let a = []; for (let i = 0; i < ${depth}; i++) a = [a]; for (let i = 0; i < 9999; i++) ({}); trace(a.length, "\\n");`;
			return device(board, join(temporaryFolder(context, { "app.js": text }), "app.js"));
		};
		const shallow = await run(50);
		equal(shallow.stdout, "1\n", shallow.stderr);
		const { status, stderr } = await run(150);
		match(stderr, /^error: stack overflow of C: /m);
		equal(status, 1);
	});

	test(`${board}: the network is cut in the middle: the device says so, and is there again when it is`, { skip }, async (context) => {
		const { lines, cut } = await connected(context, board);
		await cut(true);
		match(await lines.next(), /^lost: /);
		await cut(false);
		for (let line = ""; line !== "connected"; line = await lines.next()) notEqual(line, undefined);
	});

	test(`${board}: a device that does not try again ends with the reason`, { skip }, async (context) => {
		const { status, cut, stderr } = await connected(context, board, "once=yes");
		await cut(true);
		equal(await status, 1);
		match(stderr(), /^error: uncaught Error: .+/m);
	});
}

/** A device that is connected to a broker of this test, and a knife for its cable. */
async function connected(context: TestContext, board: Board, ...args: string[]) {
	const broker = await startBroker();
	context.after(() => broker.stop());
	const monitor = join(temporaryFolder(context, {}), "qmp");
	const port = new URL(broker.url).port;
	const child = spawn(process.execPath, [...tool, board, app("network"), `port=${port}`, "--monitor", monitor, ...args]);
	context.after(() => child.kill("SIGTERM"));
	let stderr = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
	});
	const status = once(child, "close").then(([code]) => code as number);
	const all = createInterface(child.stdout)[Symbol.asyncIterator]();
	const next = async () => {
		const { value, done } = await all.next();
		if (done) throw new Error(`the device ended\n${stderr}`);
		return value;
	};
	equal(await next(), "connected");
	const qmp = await Monitor.at(context, monitor);
	const cut = (off: boolean) => qmp.execute("set_link", { name: "network", up: !off });
	return { lines: { next }, cut, status, stderr: () => stderr };
}

/** QEMU's control socket: a line of JSON for a line of JSON, and events between them. */
class Monitor {
	readonly #socket: Socket;
	readonly #lines: AsyncIterator<string>;

	private constructor(socket: Socket) {
		this.#socket = socket;
		this.#lines = createInterface(socket)[Symbol.asyncIterator]();
	}

	static async at(context: TestContext, path: string): Promise<Monitor> {
		const socket = connect(path);
		context.after(() => socket.destroy());
		await once(socket, "connect");
		const monitor = new Monitor(socket);
		await monitor.#lines.next(); // its greeting
		await monitor.execute("qmp_capabilities");
		return monitor;
	}

	async execute(execute: string, args: object = {}): Promise<void> {
		this.#socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
		for (;;) {
			const { value } = await this.#lines.next();
			const answer: { return?: object; error?: { desc: string } } = JSON.parse(value);
			if (answer.error) throw new Error(answer.error.desc);
			if (answer.return) return;
		}
	}
}
