/* With the Moddable SDK on this machine: the tests that need nothing but the engine, under the SDK's XS. */
import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { simulated, skip } from "./simulated.ts";

test("the tests that need nothing but the engine pass under the SDK's XS", { skip }, async (context) => {
	const lines: string[] = [];
	const { ended, stderr } = simulated(context, ["--tests"], (text) => lines.push(text));
	const status = await ended;
	const failed = lines.filter((text) => text.startsWith("  FAIL"));
	equal(status, 0, `${failed.join("\n")}\n${stderr().slice(-2000)}`);
	match(lines.at(-1) ?? "", /^[1-9]\d{2,} passed, 0 failed, \d+ skipped$/);
});
