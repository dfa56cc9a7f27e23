/* The commands as a person types them. */
import { equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { capture, type Outcome } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { forEachLine } from "../../tools/run-device.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const tool = (name: string, args: string[]) => capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), name, ...args]);
const device = (...args: string[]) => tool("device", args);

/** One line on stderr, and the status. */
function refused(outcome: Outcome, status: number, message: RegExp): void {
	match(outcome.stderr, /^error: [^\n]*\n$/);
	match(outcome.stderr, message);
	equal(outcome.status, status);
}

const run = (context: TestContext, text: string, ...args: string[]) =>
	device(join(temporaryFolder(context, { "x.ts": text }), "x.ts"), ...args);

test("--help explains, with status 0", async () => {
	for (const name of ["device", "start", "test"]) {
		const { status, stdout } = await tool(name, ["--help"]);
		equal(status, 0);
		match(stdout, new RegExp(`^npm (run )?${name}`));
	}
});

test("mistakes on the command line: one line, status 2", async () => {
	refused(await device(), 2, /which app\?/);
	refused(await device("a.ts", "b.ts"), 2, /one app at a time/);
	refused(await device("a.ts", "--fast"), 2, /unknown option --fast .*--help/);
	refused(await device("a.ts", "--report=yes"), 2, /unknown option --report=yes/);
	refused(await device("a.ts", "--bits", "16"), 2, /--bits must be 32 or 64, not "16"/);
	refused(await device("a.ts", "--heap"), 2, /--heap needs a value/);
	refused(await device("a.ts", "--heap=much"), 2, /--heap must be a whole number from 1 to \d+, not "much"/);
	refused(await device("a.ts", "--debug", "--release"), 2, /not both/);
	refused(await tool("start", ["ws://x"]), 2, /url=/);
	refused(await tool("test", ["no-such-test"]), 2, /no test file has "no-such-test"/);
});

test("an app that is wrong: one line, status 1", async (context) => {
	refused(await device("/nope/x.ts"), 1, /\/nope\/x\.ts: no such file/);
	refused(await run(context, 'import "nope";'), 1, /x\.ts:1: module "nope" not found/);
	refused(
		await run(context, '\nimport { Sokket } from "socket";\nnew Sokket();'),
		1,
		/x\.ts:2: module "socket" has no export "Sokket": it exports Socket,/,
	);
	refused(await run(context, 'import "./nope.ts";'), 1, /x\.ts:1: .*there is no file "\.\/nope" \(\.ts, \.js, \.mjs\)/);
	refused(await device(temporaryFolder(context, { "manifest.json": "{" })), 1, /manifest\.json:1:2: /);
});

test("key=value lands in mc/config, with every other = of the value", async (context) => {
	const { status, stdout, stderr } = await run(
		context,
		'import config from "mc/config"; trace(config.url, " ", typeof config.n, "\\n");',
		"url=ws://h/?a=b",
		"n=5",
	);
	equal(status, 0, stderr);
	equal(stdout, "ws://h/?a=b string\n");
});

test("the app's status is the command's; --report is the last line", async (context) => {
	const outcome = await run(context, 'import { exit } from "device"; exit(7);', "--report");
	equal(outcome.status, 7, outcome.stderr);
	const report = JSON.parse(outcome.stdout.trim().split("\n").pop() ?? "");
	equal(report.status, 7);
	equal(report.bits, 64);
});

test("an uncaught error is printed with its .ts line", async (context) => {
	const outcome = await run(context, 'const a: number = 1;\n\nthrow new Error("x" + a);\n');
	equal(outcome.status, 1);
	match(outcome.stderr, /x1/);
	match(outcome.stderr, /x\.ts:3/);
});

test("a full heap is named in words, whatever --heap was", async (context) => {
	const text = "const all: object[] = [];\nfor (;;) all.push({ all });";
	for (const args of [[], ["--heap", "200"]]) {
		const outcome = await run(context, text, ...args);
		match(outcome.stderr, /memory full/);
		equal(outcome.status, 1);
	}
});

test("the C of an app is compiled, with the manifest's defines, and called", async (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": { modules: { "*": ["./main", "./adder"] }, defines: { adder: { bias: 100 } }, preload: "adder" },
		"main.ts": 'import { add } from "adder"; trace(add(2, 3), "\\n");',
		"adder.js": 'export function add(a, b) @ "xs_add";',
		"adder.c": `#include "xsmc.h"
#include "mc.defines.h"
void xs_add(xsMachine *the)
{
	xsmcSetInteger(xsResult, xsmcToInteger(xsArg(0)) + xsmcToInteger(xsArg(1)) + MODDEF_ADDER_BIAS);
}
`,
	});
	const { status, stdout, stderr } = await device(folder);
	equal(status, 0, stderr);
	equal(stdout, "105\n");
});

test("an interrupted device reports, and its status says so", async (context) => {
	const folder = temporaryFolder(context, { "x.ts": 'import Timer from "timer"; Timer.repeat(() => {}, 1000); trace("up\\n");' });
	const args = [join(root, "tools", "bootstrap.mjs"), "device", join(folder, "x.ts"), "--report"];
	const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
	const lines: string[] = [];
	forEachLine(child.stdout, (line) => {
		lines.push(line);
		if (line === "up") child.kill("SIGINT");
	});
	const [status] = await once(child, "close");
	equal(status, 130);
	match(lines.at(-1) ?? "", /^\{"bits":64,.*"status":130/);
});
