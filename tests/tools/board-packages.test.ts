/* A machine without the packages of the emulated boards: that is said, and nothing else is disturbed. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { hindranceOf } from "../../tools/board-tests.ts";
import { capture } from "../../tools/command.ts";
import { filesBelow, root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Runs a tool where neither QEMU nor the compiler is found, nor an apt-get that could install them. */
function without(context: TestContext, ...args: string[]) {
	const folder = temporaryFolder(context, {});
	for (const name of readdirSync("/usr/bin"))
		if (!/^(qemu-system-arm|arm-none-eabi-.*|apt-get)$/.test(name)) symlinkSync(join("/usr/bin", name), join(folder, name));
	const tool = [process.execPath, join(root, "tools", "bootstrap.mjs"), ...args];
	return capture("/usr/bin/env", [`PATH=${folder}`, ...tool], { cwd: root });
}

const all = "qemu-system-arm, gcc-arm-none-eabi, libnewlib-arm-none-eabi";

test("npm test skips the boards, with a line that says how many files and why", async (context) => {
	const { status, stdout } = await without(context, "test", "--board", "mps2-an385", "tests/hosts/shared/ti");
	equal(stdout, `skipped: 2 files on mps2-an385, for want of ${all}\n0 passed, 0 failed, 2 skipped\n`);
	equal(status, 0);
});

test("npm run device says what to install", async (context) => {
	const { status, stderr } = await without(context, "device", "--board", "mps2-an505", "main.ts");
	match(stderr, new RegExp(`^error: mps2-an505 needs ${all} \\(Debian: apt-get install ${all.replaceAll(",", "")}\\)$`, "m"));
	equal(status, 1);
});

test("what the boards cannot run: each reason is that of tests which are there", () => {
	const reasons: Record<string, string[]> = JSON.parse(readFileSync(join(root, "tests", "boards.json"), "utf8"));
	const files = filesBelow(join(root, "tests"))
		.filter((path) => path.endsWith(".test.ts"))
		.map((path) => relative(root, path));
	for (const [reason, starts] of Object.entries(reasons))
		for (const start of starts) {
			const named = files.filter((file) => file.startsWith(start));
			ok(named.length, `no test begins with ${start}`);
			deepEqual(new Set(named.map(hindranceOf)), new Set([reason]));
		}
	equal(hindranceOf("tests/hosts/shared/timer.test.ts"), undefined);
});
