/* The runner must see every way in which a test file fails; the device is played by shell scripts here. */
import { deepEqual, equal, match } from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Failure } from "../../tools/failure.ts";
import { linux } from "../../tools/manifest.ts";
import { prepareTests, runTestFile } from "../../tools/test-device.ts";
import { Plan } from "../../tools/test-plan.ts";
import { type FileResult, printFile, type Totals } from "../../tools/test-report.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Runs a test file on a program that prints these lines and ends as told. */
async function result(context: TestContext, script: string) {
	const folder = temporaryFolder(context, { "x.test.ts": "", device: `#!/bin/sh\n${script}\n` });
	const command = join(folder, "device");
	chmodSync(command, 0o755);
	const [file] = await prepareTests([join(folder, "x.test.ts")], linux);
	if (!file) throw new Error("no test file");
	return runTestFile(file, {
		name: "shell",
		platform: linux,
		slowness: 1,
		build: async () => {},
		with: (_app, _options, use) => use({ command, args: () => [] }),
	});
}

/** What printFile makes of a result. */
function printed(file: FileResult) {
	const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
	let text = "";
	const write = process.stdout.write;
	process.stdout.write = (part: string | Uint8Array) => {
		text += part;
		return true;
	};
	try {
		printFile(file, totals);
	} finally {
		process.stdout.write = write;
	}
	return { totals, text };
}

const passed = `echo '@start {"name":"a"}'; echo '@test {"name":"a","ms":1,"assertions":1}'`;
const failed = `echo '@test {"name":"b","ms":1,"assertions":1,"error":"Error: no"}'`;

test("a file that passes", async (context) => {
	const { tests, problems, output } = await result(context, `echo noise; ${passed}; echo '@end'`);
	deepEqual([tests.length, problems, output], [1, [], "noise\n"]);
});

test("a test that fails", async (context) => {
	const file = await result(context, `${passed}; ${failed}; echo '@end'; exit 1`);
	deepEqual(
		file.tests.map(({ error }) => error),
		[undefined, "Error: no"],
	);
	deepEqual(file.problems, []);
	deepEqual(printed(file).totals, { passed: 1, failed: 1, skipped: 0 });
});

test("a test that is skipped is named, with the reason, and counted as such", () => {
	const tests = [
		{ name: "a", ms: 1 },
		{ name: "b", ms: 0, skipped: "no compiler" },
	];
	const { text, totals } = printed({ file: "x.test.ts", variant: "node", tests, problems: [], output: "", ms: 2 });
	deepEqual(totals, { passed: 1, failed: 0, skipped: 1 });
	match(text, /^ {2}skip b: no compiler$/m);
});

const problems: [what: string, script: string, message: RegExp][] = [
	["no test", "echo '@end'", /^the file has no test$/],
	["an early end", passed, /^the device ended before the tests did \(status 0\)$/],
	["an early end inside a test", `echo '@start {"name":"a"}'`, /^the device ended in the test "a" before the tests did/],
	["a status of its own", `${passed}; echo '@end'; exit 3`, /^the device ended with status 3$/],
	["success after a failed test", `${failed}; echo '@end'`, /^the device ended with status 0$/],
	["a crash", `${passed}; kill -SEGV $$`, /^the device ended before the tests did \(SIGSEGV\)$/],
];
for (const [what, script, message] of problems)
	test(`a problem: ${what}`, async (context) => {
		const found = (await result(context, script)).problems;
		equal(found.length, 1, found.join());
		match(found[0] ?? "", message);
	});

test("a device that cannot be built is one failure, and the other tests run", async (context) => {
	const folder = temporaryFolder(context, { "x.test.ts": "" });
	const plan = new Plan();
	const build = async () => {
		throw new Failure("no compiler");
	};
	const device = { name: "board", platform: linux, slowness: 1, build, with: () => Promise.reject(new Error("not built")) };
	await plan.addDevice(device, [join(folder, "x.test.ts")], []);
	let ran = false;
	plan.add(async () => {
		ran = true;
		return { file: "y.test.ts", variant: "node", tests: [{ name: "a", ms: 1 }], problems: [], output: "", ms: 1 };
	});
	let text = "";
	const { write } = process.stdout;
	context.mock.method(process.stdout, "write", (part: string | Uint8Array) => {
		text += part;
		return write.call(process.stdout, part);
	});
	equal(await plan.run(), 1);
	equal(ran, true);
	match(text, /^ {2}FAIL\n {6}board could not be built: no compiler$/m);
	match(text, /^1 passed, 1 failed, 0 skipped$/m);
});
