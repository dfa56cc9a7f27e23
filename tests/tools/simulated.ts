/* npm run firmware -- --platform lin, as a test sees it. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { root } from "../../tools/repository.ts";
import { forEachLine } from "../../tools/run-device.ts";

/** Why there is nothing to test on this machine; false if there is. */
export const skip = process.env.MODDABLE ? false : "MODDABLE is not set: no Moddable SDK";

/** `line` gets what the tool prints and the firmware traces; `ended` has the status, `stderr` what mcconfig says. */
export function simulated(context: TestContext, args: string[], line: (text: string) => void) {
	const command = [join(root, "tools", "bootstrap.mjs"), "firmware", "--platform", "lin", ...args];
	const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
	// It takes the simulator along.
	context.after(() => child.kill("SIGTERM"));
	let stderr = "";
	forEachLine(child.stdout, line);
	forEachLine(child.stderr, (text) => {
		stderr += `${text}\n`;
	});
	const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
	return { ended, stderr: () => stderr, stop: () => child.kill("SIGTERM") };
}
