/* Lines for a person, and from one: on a terminal, what is being typed stays below what is printed. */
import { clearLine, createInterface, cursorTo } from "node:readline";

export interface Terminal {
	print(line: string): void;
	close(): void;
}

export interface TerminalEvents {
	line: (text: string) => void;
	/** Ctrl-C or Ctrl-D on a terminal. The end of a file or a pipe is no reason to stop: it only says that nothing more will be typed. */
	stop: () => void;
}

/** Bytes from the network must not command the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about.
const visible = (text: string) => text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, "\ufffd");

/** Reads stdin from now on; close() lets it go, so that the process can end. */
export function openTerminal({ line, stop }: TerminalEvents): Terminal {
	const { stdin, stdout } = process;
	const terminal = Boolean(stdin.isTTY && stdout.isTTY);
	let open = true;
	const reader = createInterface({ input: stdin, output: terminal ? stdout : undefined, terminal, prompt: "> ", historySize: 100 });
	stdin.on("error", () => {});
	stdout.on("error", () => {});
	reader.on("line", (text) => {
		if (text.trim()) line(text.trim());
		if (terminal && open) reader.prompt();
	});
	reader.on("SIGINT", stop);
	reader.on("close", () => {
		if (terminal && open) stop();
		open = false;
	});
	if (terminal) reader.prompt();
	return {
		print(text) {
			if (terminal && open) {
				cursorTo(stdout, 0);
				clearLine(stdout, 0);
			}
			stdout.write(`${visible(text)}\n`);
			if (terminal && open) reader.prompt(true);
		},
		close() {
			if (terminal && open) {
				cursorTo(stdout, 0);
				clearLine(stdout, 0);
			}
			open = false;
			reader.close();
			stdin.destroy();
		},
	};
}
