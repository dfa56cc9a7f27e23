/* Runs make for a device's program, and shows how far it is. */
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { capture, type Outcome } from "./command.ts";
import { Progress } from "./progress.ts";

/** `output` is the folder that is built in: two tools may start at once, and the second waits for the first one's build. */
export async function make(args: string[], output: string, building: string, built: string): Promise<Outcome> {
	mkdirSync(output, { recursive: true });
	const progress = new Progress();
	let done = 0;
	let started = 0;
	const needed = await capture("make", [...args, "--dry-run"]);
	const total = needed.stdout.split("\n").filter((text) => /\becho\b.*\bcc /.test(text)).length;
	const line = (text: string) => {
		const compiled = /^\s*cc (\S+)/.exec(text);
		if (!compiled) return;
		started ||= Date.now();
		done++;
		progress.show(`${building}: ${total ? `${done}/${total}` : done} ${compiled[1]}`);
	};
	const outcome = await capture("flock", [join(output, ".lock"), "make", ...args, `-j${availableParallelism()}`], { line });
	progress.end();
	if (started && outcome.status === 0) process.stderr.write(`${built} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
	return outcome;
}
