/* How little RAM the telemetry device needs on the emulated boards. */
import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { boards, missingPackages, USUAL_RAM } from "../../tools/board.ts";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { runTelemetry } from "../../tools/telemetry-run.ts";

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;

test("10,000 messages over MQTT and WebSocket in 64 KB of RAM, data, stacks, heaps and lwIP together", { skip }, async () => {
	const { failure, messages, report } = await runTelemetry(boards[0], USUAL_RAM, 10_000);
	equal(failure, undefined);
	equal(messages, 10_000);
	ok(report?.ram?.bytes === 64 * 1024);
});

test("main.ts runs in the RAM that README.md says, and not in less", { skip }, async () => {
	const { status, stdout, stderr } = await capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), "ram", "--check"]);
	equal(status, 0, stderr);
	equal(stdout, "main.ts runs in the RAM that the table says, and not in less\n");
});
