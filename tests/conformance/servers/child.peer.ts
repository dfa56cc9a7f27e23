/* Other people's servers, as children of a peer: they end when the peer does, however it ends. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../../tools/repository.ts";

let ending = false;

/** Ends this peer when the runner is gone, for then nobody else would. Its exit ends what runs below. */
function endWithRunner(): void {
	if (ending) return;
	ending = true;
	process.stdin.on("end", () => process.exit()).on("error", () => process.exit());
	process.stdin.resume();
	for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => process.exit());
}

/** A folder that goes when this process does. */
export function temporaryFolder(name: string): string {
	mkdirSync(join(build, "runs"), { recursive: true });
	const folder = mkdtempSync(join(build, "runs", `${name}-`));
	process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

/**
 * Starts a server and gives what `ready` made of one of its lines, once that is not undefined. Throws with its output when it ends before
 * that. The kernel kills it when this process is killed; otherwise it is told to end.
 */
export async function startChild<T>(command: string[], ready: (line: string) => T | undefined): Promise<T> {
	endWithRunner();
	const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...command], { stdio: ["ignore", "pipe", "pipe"] });
	process.on("exit", () => child.kill("SIGKILL"));
	return new Promise((resolve, reject) => {
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			let partial = "";
			stream.setEncoding("utf8").on("data", (text: string) => {
				const lines = (partial + text).split("\n");
				partial = lines.pop() ?? "";
				for (const line of lines) {
					const found = ready(line);
					if (found !== undefined) resolve(found);
					output += `${line}\n`;
					// The runner shows it when a test fails.
					process.stderr.write(`${command[0]}: ${line}\n`);
				}
			});
		}
		child.on("error", reject);
		child.on("close", (status, signal) => reject(new Error(`${command[0]} ended with ${signal ?? `status ${status}`}\n${output}`)));
	});
}
