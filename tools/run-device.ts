/* Runs the device's program to its end, with this tool's signals. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Failure } from "./failure.ts";

export interface RunOptions {
	report?: boolean;
	/** Gets each line of the device's stdout; without it stdout goes where the tool's goes. */
	line?: (line: string) => void;
	/** The same for stderr. */
	errorLine?: (line: string) => void;
	/**
	 * Called with what sends the device a signal. The tool's own signals, and an output that nobody reads, are the caller's then, and the
	 * device has a session of its own, where a terminal's Ctrl-C does not reach it, and no stdin; the kernel ends it when the tool is killed.
	 */
	started?: (signal: (name: NodeJS.Signals) => void) => void;
}

const ignore = () => {};

/** The status of the program: 128 + n when signal n ended it, as a shell has it. */
export function runDevice(program: string, linkFile: string, { report, line, errorLine, started }: RunOptions = {}): Promise<number> {
	return new Promise((resolve, reject) => {
		const args = report ? ["--report", linkFile] : [linkFile];
		const [command, ...more] = started ? ["setpriv", "--pdeathsig", "KILL", "--", program] : [program];
		const child = spawn(command as string, [...more, ...args], {
			stdio: [started ? "ignore" : "inherit", line ? "pipe" : "inherit", errorLine ? "pipe" : "inherit"],
			detached: started !== undefined,
		});
		const signals = started ? [] : (["SIGINT", "SIGTERM", "SIGHUP"] as const);
		started?.((name) => child.kill(name));
		// The device ends by itself and reports; the tool waits for that instead of dying first.
		const forward = (signal: NodeJS.Signals) => child.kill(signal);
		for (const signal of signals) process.on(signal, forward);
		// Whoever read our output has read enough (npm start | head): the device goes, too, as it would with its own stdout.
		const closed = () => child.kill("SIGPIPE");
		if (!started) process.stdout.on("error", closed);
		if (line) forEachLine(child.stdout, line);
		if (errorLine) forEachLine(child.stderr, errorLine);
		child.on("error", (error) => reject(new Failure(`${command}: ${error.message}`)));
		child.on("close", (status, signal) => {
			for (const name of signals) process.off(name, forward);
			// Once, though a tool may run many devices.
			process.stdout.off("error", closed).off("error", ignore).on("error", ignore);
			if (signal === "SIGSEGV" || signal === "SIGABRT" || signal === "SIGBUS")
				process.stderr.write(`error: the device crashed (${signal})\n`);
			resolve(status ?? 128 + (signal ? constants.signals[signal] : 0));
		});
	});
}

/** Calls back for each line, the last one also when it has no end. */
export function forEachLine(stream: NodeJS.ReadableStream | null, line: (line: string) => void): void {
	let partial = "";
	stream?.setEncoding("utf8");
	stream?.on("data", (text: string) => {
		const lines = (partial + text).split("\n");
		partial = lines.pop() ?? "";
		for (const complete of lines) line(complete);
	});
	stream?.on("end", () => {
		if (partial) line(partial);
	});
}
