/* npm run device -- --board, as a person types it. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { boards, missingPackages } from "../../tools/board.ts";
import { capture, type Outcome } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { forEachLine } from "../../tools/run-device.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;
const [board] = boards;

const tool = [join(root, "tools", "bootstrap.mjs"), "device"];
const device = (...args: string[]) => capture(process.execPath, [...tool, ...args]);
const onBoard = (...args: string[]) => device("--board", board, ...args);

const app = (context: TestContext, text: string) => join(temporaryFolder(context, { "x.ts": text }), "x.ts");

/** The last line of stderr, for a firmware that is built says so before. */
const said = ({ stderr }: Outcome) => stderr.trim().split("\n").at(-1) ?? "";

/** A running device, and its lines. */
function started(context: TestContext, path: string, line: (text: string, kill: () => void) => void) {
	const child = spawn(process.execPath, [...tool, "--board", board, path], { stdio: ["ignore", "pipe", "pipe"] });
	context.after(() => child.kill("SIGTERM"));
	let stderr = "";
	forEachLine(child.stdout, (text) => line(text, () => child.kill("SIGINT")));
	forEachLine(child.stderr, (text) => {
		stderr += `${text}\n`;
	});
	return once(child, "close").then(([status]) => ({ status: status as number, stderr }));
}

test("mistakes on the command line: one line, status 2", async () => {
	const refused = async (message: RegExp, ...args: string[]) => {
		const { status, stderr } = await device("a.ts", ...args);
		match(stderr, /^error: [^\n]*\n$/);
		match(stderr, message);
		equal(status, 2);
	};
	await refused(/there is no board "mps3": there are mps2-an385 and mps2-an505/, "--board", "mps3");
	for (const option of [["--bits", "32"], ["--heap", "32"], ["--debug"], ["--sanitize"], ["--stress"]])
		await refused(new RegExp(`${option[0]} does not go with --board`), "--board", board, ...option);
	for (const ram of ["much", "15", "4097", "32.5"])
		await refused(/--ram must be a whole number from 16 to 4096, not "/, "--board", board, "--ram", ram);
	await refused(/--ram is for --board/, "--ram", "64");
});

for (const name of boards) {
	test(`${name}: what a script prints, and its status`, { skip }, async (context) => {
		const path = app(context, 'import config from "mc/config"; import { exit } from "device"; trace(`${config.what}, Grüße\\n`); exit(7);');
		const outcome = await device("--board", name, path, "what=hello");
		equal(outcome.stdout, "hello, Grüße\n", outcome.stderr);
		equal(outcome.status, 7);
	});
}

test("an uncaught error, and a rejection that nobody handles", { skip }, async (context) => {
	for (const text of ['throw new Error("oh");', 'Promise.reject(new Error("oh"));']) {
		const outcome = await onBoard(app(context, text));
		match(said(outcome), /^error: .*Error: oh/);
		equal(outcome.status, 1);
	}
});

test("--report is the last line, with the RAM by region; the arena is what is left of it", { skip }, async (context) => {
	const path = app(context, "");
	const report = async (...args: string[]) => JSON.parse((await onBoard(path, "--report", ...args)).stdout.trim().split("\n").at(-1) ?? "");
	const [usual, small] = [await report(), await report("--ram", "56")];
	equal(usual.board, board);
	equal(usual.bits, 32);
	deepEqual([usual.ram.bytes, small.ram.bytes], [64 * 1024, 56 * 1024]);
	equal(usual.arena.bytes - small.arena.bytes, 8 * 1024);
	for (const { ram, arena } of [usual, small]) {
		for (const region of [ram.stack, ram.network, ram.data, ram.malloc, arena]) ok(region.peak > 0 && region.peak <= region.bytes);
		const sum = [ram.stack, ram.network, ram.data, ram.malloc, arena].reduce((total, { bytes }) => total + bytes, 0);
		ok(sum <= ram.bytes && sum > ram.bytes - 64, `${sum} of ${ram.bytes} bytes`);
	}
	const roomy = await report("--ram", "512");
	equal(roomy.arena.bytes, 64 * 1024);
});

test("too little RAM, a module that is not there, a script that does not parse: one line, status 1", { skip }, async (context) => {
	const folder = temporaryFolder(context, { "x.js": "\nlet x = ;\n", "y.js": 'import "nope";', "z.js": "" });
	for (const [name, message, ...args] of [
		["x.js", /^error: .*x\.js:2: .*/],
		["y.js", /^error: .*y\.js:1: module "nope" not found/],
		["z.js", /^error: 16 KB of RAM are too few: /, "--ram", "16"],
	] as const) {
		const outcome = await onBoard(join(folder, name), ...args);
		match(said(outcome), message);
		equal(outcome.status, 1);
	}
});

test("the C of an app is part of the firmware, also of one whose folder has a path that make would not take", { skip }, async (context) => {
	// maker.o is an object of the host's own.
	const folder = temporaryFolder(context, {
		"it's $(here), #1/manifest.json": {
			include: "$(MODDABLE)/examples/manifest_base.json",
			modules: { "*": ["./main", "./addermaker"] },
			defines: { adder: { bias: 100 } },
			preload: "addermaker",
		},
		"it's $(here), #1/main.ts": 'import { add } from "addermaker"; trace(add(2, 3), "\\n");',
		"it's $(here), #1/addermaker.js": 'export function add(a, b) @ "xs_board_add";',
		"it's $(here), #1/addermaker.c": `#include "xsmc.h"
#include "mc.defines.h"
void xs_board_add(xsMachine *the)
{
	xsmcSetInteger(xsResult, xsmcToInteger(xsArg(0)) + xsmcToInteger(xsArg(1)) + MODDEF_ADDER_BIAS);
}
`,
	});
	const { stdout, stderr } = await onBoard(join(folder, "it's $(here), #1"));
	equal(stdout, "105\n", stderr);
});

test("what a manifest says for mps2, or for one board, goes before what it says for Linux", { skip }, async (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": {
			include: "$(MODDABLE)/examples/manifest_base.json",
			modules: { "*": "./main" },
			config: { where: "nowhere" },
			platforms: { linux: { config: { where: "linux" } }, mps2: { config: { where: "mps2" } } },
		},
		"main.ts": 'import config from "mc/config"; trace(`${config.where}\\n`);',
		"one/manifest.json": { include: "../manifest.json", platforms: { "mps2/an505": { config: { where: "mps2/an505" } } } },
	});
	equal((await onBoard(folder)).stdout, "mps2\n");
	equal((await device(folder)).stdout, "linux\n");
	equal((await device("--board", "mps2-an505", join(folder, "one"))).stdout, "mps2/an505\n");
});

test("a listener is reached from this machine, at the number that the board has for it", { skip }, async (context) => {
	const path = app(
		context,
		`import Listener from "embedded:io/socket/listener";
		import TCP from "embedded:io/socket/tcp";
		import { exit } from "device";
		const listener = new Listener({
			onReadable() {
				new TCP({
					from: this.read(),
					onReadable() { trace(String.fromArrayBuffer(this.read()), "\\n"); },
					onError() { exit(0); },
				});
			},
		});
		trace("port ", listener.port, "\\n");`,
	);
	const lines: string[] = [];
	const { status, stderr } = await started(context, path, (text) => {
		const port = /^port (\d+)$/.exec(text)?.[1];
		if (port) connect(Number(port), "127.0.0.1").end("hello from outside");
		else lines.push(text);
	});
	deepEqual(lines, ["hello from outside"], stderr);
	equal(status, 0);
});

test("Ctrl-C ends the emulator, and the status says so", { skip }, async (context) => {
	const path = app(context, 'import Timer from "timer"; Timer.repeat(() => {}, 1000); trace("up\\n");');
	const { status, stderr } = await started(context, path, (text, interrupt) => text === "up" && interrupt());
	equal(status, 130);
	equal(stderr, "");
});

test("whoever reads the output has read enough: the emulator ends, too", { skip }, async (context) => {
	const path = app(context, 'import Timer from "timer"; Timer.repeat(() => trace("again\\n"), 1);');
	const command = [process.execPath, ...tool, "--board", board, path].map((word) => `'${word}'`).join(" ");
	const { stdout, status } = await capture("sh", ["-c", `{ ${command}; echo $? >&2; } | head -n 1`]);
	equal(stdout, "again\n");
	equal(status, 0);
});

test("two at once, of the same app with values of their own", { skip }, async (context) => {
	const path = app(context, 'import config from "mc/config"; trace(`${config.n}\\n`);');
	const outcomes = await Promise.all(["1", "2"].map((n) => onBoard(path, `n=${n}`)));
	deepEqual(
		outcomes.map(({ stdout }) => stdout),
		["1\n", "2\n"],
	);
	for (const { status } of outcomes) equal(status, 0);
	notEqual(outcomes.length, 0);
});
