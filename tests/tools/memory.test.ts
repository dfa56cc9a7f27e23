/* The memory that README.md promises is what connections take. */
import { equal } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../../tools/command.ts";
import { compilerHas } from "../../tools/device-build.ts";
import { root } from "../../tools/repository.ts";

const skip = (await compilerHas(32)) ? false : "the 32-bit device needs gcc-multilib";

test("a measured run agrees with tests/budgets/memory.json and the tables in README.md", { skip }, async () => {
	const { status, stderr, stdout } = await capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), "memory", "--check"]);
	equal(status, 0, stderr);
	equal(stdout, "the memory that connections take is what the tables say\n");
});
