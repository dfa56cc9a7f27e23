/* Runs an app on a device to its end, with this tool's signals. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Failure } from "./failure.ts";

/** What runs an app: a program and its arguments. */
export interface Program {
	command: string;
	args: (report: boolean) => string[];
	/** The folder that it runs in. */
	folder?: string;
	/** An emulator, which knows of no signals: it is ended at once, and its device says no more. */
	emulator?: boolean;
}

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

/** The command that runs a program; `apart`, it ends with the tool, however that ends: signals of a terminal are not for it. */
export function commandOf({ command, args }: Program, report: boolean, apart: boolean): [string, string[]] {
	return apart ? ["setpriv", ["--pdeathsig", "KILL", "--", command, ...args(report)]] : [command, args(report)];
}

/** The status of the program: 128 + n when signal n ended it, as a shell has it. */
export function runDevice(program: Program, { report = false, line, errorLine, started }: RunOptions = {}): Promise<number> {
	return new Promise((resolve, reject) => {
		const { emulator = false, folder } = program;
		const apart = emulator || started !== undefined;
		const [command, args] = commandOf(program, report, apart);
		const child = spawn(command, args, {
			cwd: folder,
			stdio: [apart ? "ignore" : "inherit", line || emulator ? "pipe" : "inherit", errorLine ? "pipe" : "inherit"],
			detached: apart,
		});
		const signals = started ? [] : (["SIGINT", "SIGTERM", "SIGHUP"] as const);
		let sent: NodeJS.Signals | undefined;
		// The device ends by itself and reports; the tool waits for that instead of dying first.
		const forward = (signal: NodeJS.Signals) => {
			sent = signal;
			child.kill(emulator ? "SIGKILL" : signal);
		};
		started?.(forward);
		for (const signal of signals) process.on(signal, forward);
		// Whoever read our output has read enough (npm start | head): the device goes, too, as it would with its own stdout.
		const closed = () => forward("SIGPIPE");
		if (!started) process.stdout.on("error", closed);
		if (line) forEachLine(child.stdout, line);
		else if (emulator) child.stdout?.pipe(process.stdout, { end: false });
		if (errorLine) forEachLine(child.stderr, errorLine);
		child.on("error", (error) => reject(new Failure(`${command}: ${error.message}`)));
		child.on("close", (status, killed) => {
			const signal = emulator && killed === "SIGKILL" ? (sent ?? killed) : killed;
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
