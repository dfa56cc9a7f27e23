/* Other people's servers, as children of a peer: they end when the peer does, however it ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../../tools/repository.ts";

let ending = false;

/** Ends this peer when the runner is gone, for then nobody else would. Its exit ends what runs below, and removes its folders. */
export function endWithRunner(): void {
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
 * Starts a program; what it prints is shown by the runner when a test fails, and told to `hear` line by line. The kernel kills it when this
 * process is killed; otherwise it is told to end.
 */
export function launch(command: string[], hear: (line: string) => void): ChildProcess {
	endWithRunner();
	const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...command], { stdio: ["ignore", "pipe", "pipe"] });
	const kill = () => child.kill("SIGKILL");
	process.on("exit", kill);
	child.on("close", () => process.off("exit", kill));
	for (const stream of [child.stdout, child.stderr]) {
		let partial = "";
		stream.setEncoding("utf8").on("data", (text: string) => {
			const lines = (partial + text).split("\n");
			partial = lines.pop() ?? "";
			for (const line of lines) {
				process.stderr.write(`${command[0]}: ${line}\n`);
				hear(line);
			}
		});
	}
	return child;
}

/**
 * Starts a server and gives what `ready` made of one of its lines, once that is not undefined. Throws with its output when it ends before
 * that.
 */
export async function startChild<T>(command: string[], ready: (line: string) => T | undefined): Promise<T> {
	return new Promise((resolve, reject) => {
		let output = "";
		const child = launch(command, (line) => {
			output += `${line}\n`;
			const found = ready(line);
			if (found !== undefined) resolve(found);
		});
		child.on("error", reject);
		child.on("close", (status, signal) => reject(new Error(`${command[0]} ended with ${signal ?? `status ${status}`}\n${output}`)));
	});
}
