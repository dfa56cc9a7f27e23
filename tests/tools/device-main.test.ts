/* main.ts on the device in its variants, the sanitizers' among them: it leaves room in the memory that manifest.json gives it. */
import { equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startBroker } from "../../tools/broker.ts";
import { capture } from "../../tools/command.ts";
import { ensurePackage } from "../../tools/packages.ts";
import { root } from "../../tools/repository.ts";

const options = (process.env.DEVICE_OPTIONS ?? "").split(" ").filter(Boolean);

for (const bits of ["32", "64"])
	for (const transport of ["tcp", "socket"])
		test(`main.ts leaves room in its 64 KB, with ${bits}-bit slots, transport=${transport}`, async (context) => {
			if (bits === "32" && !(await ensurePackage("gcc-multilib"))) return context.skip("gcc-multilib is missing");
			const broker = await startBroker();
			context.after(() => broker.stop());
			const command = [join(root, "tools", "bootstrap.mjs"), "device", "main.ts", "--bits", bits, "--report", ...options];
			const settings = [`url=${broker.url}`, `transport=${transport}`, "count=5", "interval=100"];
			const { status, stdout, stderr } = await capture(process.execPath, [...command, ...settings], { cwd: root });
			equal(status, 0, stderr);
			// The device may have to be built first.
			equal(stderr.replaceAll(/^(?:building|built) the device .*\n/gm, ""), "");
			const { arena, keys } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
			ok(arena.peak < arena.bytes * (bits === "32" ? 0.6 : 0.97), `${arena.peak} of ${arena.bytes} bytes`);
			ok(keys.used < keys.available / 2, `${keys.used} of ${keys.available} names`);
		});
