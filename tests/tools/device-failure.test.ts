/* How the device ends: whatever is wrong, a line that names the cause and the cure, and a status. */
import { equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** How the runner wants the device: under sanitizers, with a collection at every allocation. */
const options = (process.env.DEVICE_OPTIONS ?? "").split(" ").filter(Boolean);
const tool = [join(root, "tools", "bootstrap.mjs"), "device", ...options];

const device = (...args: string[]) => capture(process.execPath, [...tool, ...args]);

const run = (context: TestContext, text: string, ...args: string[]) =>
	device(join(temporaryFolder(context, { "app.ts": text }), "app.ts"), ...args);

async function ends(context: TestContext, text: string, message: RegExp, ...args: string[]): Promise<string> {
	const outcome = await run(context, text, ...args);
	match(outcome.stderr, message);
	equal(outcome.status, 1, outcome.stderr);
	return outcome.stderr;
}

/** The status of an app that gets the signal once it has printed something. */
async function signalled(context: TestContext, text: string, signal: NodeJS.Signals): Promise<number> {
	const path = join(temporaryFolder(context, { "app.ts": text }), "app.ts");
	const child = spawn(process.execPath, [...tool, path], { stdio: ["ignore", "pipe", "inherit"] });
	child.stdout.once("data", () => child.kill(signal));
	const [status] = (await once(child, "close")) as [number];
	return status;
}

test("memory full, by slots, by chunks and by one chunk, says what is live and how to have more", async (context) => {
	const full = /^error: memory full: no room for \d+ bytes in the arena of 65536 bytes, with \d+ slots .* --heap KB\n$/;
	await ends(context, "const all: object[] = []; for (;;) all.push({ all });", full);
	await ends(context, "const all: object[] = []; for (;;) all.push(new ArrayBuffer(100));", full);
	await ends(context, 'let text = "x"; for (;;) text += text;', full);
	await ends(context, "new ArrayBuffer(70_000);", full);
	await ends(context, "new ArrayBuffer(0x7ffffff0);", /^error: memory full: no room for the 2 GB or more that were asked for in the arena/);
	await ends(context, "let all = null; for (;;) all = { all };", full);
});

test("an arena is used to its end, and not beyond", async (context) => {
	const text = "const b = new ArrayBuffer(32_000); trace(`${b.byteLength}\\n`);";
	equal((await run(context, text)).stdout, "32000\n");
	const outcome = await run(context, text, "--heap", "200");
	equal(outcome.stdout, "32000\n");
	await ends(context, text, /memory full: no room for \d+ bytes in the arena of 40960 bytes,/, "--heap", "40");
});

test("chunks fill an arena whatever they grow by; heaps may start with nothing", async (context) => {
	const creation = { static: 65536, chunk: { initial: 1536, incremental: 16384 }, heap: { initial: 0, incremental: 1 } };
	const folder = temporaryFolder(context, {
		"manifest.json": { include: "$(MODDABLE)/examples/manifest_base.json", modules: { main: "./main" }, creation },
		"main.js": "const all = []; for (let i = 0; i < 50; i++) all.push(new ArrayBuffer(600)); trace(`${all.length}\\n`);",
	});
	const { stdout, stderr } = await device(folder);
	equal(stdout, "50\n", stderr);
});

test("an arena too small to start in says so", async (context) => {
	await ends(
		context,
		"",
		/^error: the arena of 4096 bytes \(creation\.static, --heap\) is too small: with its stack of 512 slots .* takes \d+ bytes at the start\n$/,
		"--heap",
		"4",
	);
});

test("a stack overflow", async (context) => {
	await ends(context, "function f(): number { return f() + 1; } f();", /^error: stack overflow: the stack of 512 slots is full\./);
});

test("too many new names", async (context) => {
	await ends(
		context,
		"const o: Record<string, number> = {}; for (let i = 0; i < 100; i++) o[`k${i}`] = i;",
		/^error: keys full: the app made more than 32 new property names .*creation\.keys\.available/,
	);
});

test("IDs have 16 bits: too many names asked for, too many preloaded objects", async (context) => {
	const include = "$(MODDABLE)/examples/manifest_base.json";
	const names = temporaryFolder(context, {
		"manifest.json": { include, modules: { main: "./main" }, creation: { keys: { available: 65535 } } },
		"main.js": "",
	});
	match((await device(names)).stderr, /creation\.keys\.available is 65535, .* at most 32768\n$/);
	const objects = temporaryFolder(context, {
		"manifest.json": { include, modules: { "*": ["./main", "./many"] }, preload: "many" },
		"main.js": 'import "many";',
		"many.js": "export const all = []; for (let i = 0; i < 66000; i++) all.push({ i });",
	});
	const outcome = await device(objects);
	equal(outcome.status, 1);
	match(outcome.stderr, /^error: the preloaded modules made more than 65535 names, or objects that can change: preload less\n$/);
});

test("a preloaded module calls no native: there is no device yet", async (context) => {
	const include = "$(MODDABLE)/examples/manifest_base.json";
	const folder = temporaryFolder(context, {
		"manifest.json": { include, modules: { "*": ["./main", "./early"] }, preload: "early" },
		"main.js": 'import "early";',
		"early.js": 'import Time from "time"; export const start = Time.ticks;',
	});
	const outcome = await device(folder);
	equal(outcome.status, 1);
	match(outcome.stderr, /^error: a preloaded module calls the native xs_time_ticks, .*do not preload the module\n$/);
});

test("module names: a prefix, a detour, an extension", async (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": {
			include: "$(MODDABLE)/examples/manifest_base.json",
			modules: { main: "./main", "deep/a": "./a", "deep/b/c": "./c" },
		},
		"main.js": 'import "moddable:timer"; import a from "./deep/b/../a.js"; trace(`${a}\\n`);',
		"a.js": 'import c from "./b/./c"; export default c;',
		"c.js": 'import Timer from "timer"; export default typeof Timer;',
	});
	const { stdout, stderr } = await device(folder);
	equal(stdout, "function\n", stderr);
});

test("memory that ends while an error is printed is not the end of the message", async (context) => {
	const text = "throw { toString() { const all: object[] = []; for (;;) all.push({ all }); } };";
	const said = await ends(context, text, /^error: uncaught \(what it says cannot be printed\)\nerror: memory full: /);
	equal(said.split("\n").length, 3);
});

test("an uncaught error, in the module, in its default function and in a callback, with .ts lines", async (context) => {
	match(await ends(context, '\nthrow new Error("x");\n', /^error: uncaught Error: x\n/), /app\.ts:2\)/);
	match(
		await ends(context, '\nexport default () => {\n\tthrow new RangeError("y");\n};\n', /^error: uncaught RangeError: y\n/),
		/app\.ts:3\)/,
	);
	const callback = 'import Timer from "timer";\nTimer.set(() => {\n\tthrow new Error("z");\n}, 1);\n';
	match(await ends(context, callback, /^error: uncaught Error: z\n/), /app\.ts:3\)/);
	await ends(context, 'throw "just text";', /^error: uncaught just text\n$/);
});

test("an unhandled rejection; one that is handled in the same turn is none", async (context) => {
	match(await ends(context, 'Promise.reject(new Error("no"));', /^error: unhandled rejection: Error: no\n/), /app\.ts:1\)/);
	await ends(context, 'async function f() { await null; throw new Error("late"); }\nf();', /^error: unhandled rejection: Error: late\n/);
	const { status, stdout } = await run(context, "const p = Promise.reject(1); await null; p.catch((e) => trace(`caught ${e}\\n`));");
	equal(status, 0);
	equal(stdout, "caught 1\n");
});

test("a release build says what happened in one line", async (context) => {
	await ends(context, '\nthrow new Error("x");\n', /^error: uncaught Error: x\n$/, "--release");
});

test("a dynamic import of a module that is not there names it", async (context) => {
	await ends(context, 'await import("nope" + "");', /module "nope" not found/);
});

test("a write to flash that the engine lets through ends as a fault with a message", async (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": { include: "$(MODDABLE)/examples/manifest_base.json", modules: { main: "./main", date: "./date" }, preload: "date" },
		"main.js": 'import { date } from "date"; date.setTime(5);',
		"date.js": "export const date = new Date(0);",
	});
	const outcome = await device(folder);
	equal(outcome.status, 1);
	match(outcome.stderr, /^error: write to flash: /);
});

test("a signal ends the device with 128 and its number, even out of an endless loop", async (context) => {
	const waiting = 'import Timer from "timer";\nTimer.repeat(() => {}, 1000);\ntrace("on\\n");';
	equal(await signalled(context, waiting, "SIGINT"), 130);
	equal(await signalled(context, waiting, "SIGTERM"), 143);
	equal(await signalled(context, 'trace("on\\n");\nfor (;;);', "SIGINT"), 130);
});

test("a setup module that never says it is done: main did not run, and that is an error", async (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": { include: "$(MODDABLE)/examples/manifest_base.json", modules: { main: "./main", "setup/stuck": "./stuck" } },
		"main.js": 'trace("ran\\n");',
		"stuck.js": "export default function (done) {}",
	});
	const outcome = await device(folder);
	equal(outcome.status, 1);
	match(outcome.stderr, /^error: main did not run: a setup\/ module /);
	equal(outcome.stdout, "");
});

test("output that cannot be written is an error", async (context) => {
	const path = join(temporaryFolder(context, { "app.ts": 'trace("x\\n");' }), "app.ts");
	const full = openSync("/dev/full", "w");
	const child = spawn(process.execPath, [...tool, path], { stdio: ["ignore", full, "pipe"] });
	let said = "";
	child.stderr?.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	const [status] = (await once(child, "close")) as [number];
	closeSync(full);
	equal(status, 1);
	match(said, /^error: what the app printed could not be written/);
});

test("a script of 100 KB is no problem, with its source map", async (context) => {
	let text = "let sum = 0;\n";
	for (let i = 0; i < 5000; i++) text += `sum += ${i}; // line ${i}\n`;
	const outcome = await run(context, `${text}trace(sum, "\\n");`, "--heap", "1024");
	equal(outcome.stderr, "");
	equal(outcome.stdout, "12497500\n");
});
