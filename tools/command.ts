/* Running other programs. */
import { spawn } from "node:child_process";

export interface Outcome {
	status: number;
	stdout: string;
	stderr: string;
}

/** Runs to the end and keeps the output; a program that is not there counts as status 127. */
export function capture(
	command: string,
	args: string[],
	options: { cwd?: string; input?: string; line?: (line: string) => void } = {},
): Promise<Outcome> {
	return new Promise((resolve) => {
		const child = spawn(command, args, { cwd: options.cwd, stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"] });
		let stdout = "";
		let stderr = "";
		let partial = "";
		child.stdout?.setEncoding("utf8").on("data", (text: string) => {
			stdout += text;
			if (!options.line) return;
			const lines = (partial + text).split("\n");
			partial = lines.pop() ?? "";
			for (const line of lines) options.line(line);
		});
		child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			stderr += text;
		});
		child.stdin?.on("error", () => {}).end(options.input);
		child.on("error", (error) => resolve({ status: 127, stdout, stderr: error.message }));
		child.on("close", (status) => resolve({ status: status ?? 1, stdout, stderr }));
	});
}
