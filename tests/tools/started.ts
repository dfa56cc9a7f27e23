/* npm start as a test sees it: what it printed so far, what it prints next, and how it ended. */
import { equal } from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { root } from "../../tools/repository.ts";
import { forEachLine } from "../../tools/run-device.ts";

const bootstrap = join(root, "tools", "bootstrap.mjs");

export class Started {
	readonly lines: string[] = [];
	stderr = "";
	readonly child: ChildProcess;
	/** Its status once it has ended, and all that it printed is here. */
	readonly status: Promise<number>;
	#seen = 0;
	#wake: (() => void) | undefined;

	/** With `terminal`, in a pseudo-terminal, whose keys are stdin. */
	constructor(context: TestContext, args: string[], { terminal = false } = {}) {
		const command = [process.execPath, bootstrap, "start", ...args];
		const quoted = command.map((word) => `'${word}'`).join(" ");
		const [program, ...rest] = terminal ? ["script", "-qefc", quoted, "/dev/null"] : command;
		this.child = spawn(program as string, rest, { stdio: ["pipe", "pipe", "pipe"] });
		context.after(() => this.child.kill("SIGKILL"));
		this.child.stdin?.on("error", () => {});
		forEachLine(this.child.stdout, (line) => {
			this.lines.push(line);
			this.#wake?.();
		});
		this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			this.stderr += text;
		});
		this.status = once(this.child, "close").then(([status, signal]) => {
			this.#wake?.();
			return status ?? signal;
		});
	}

	type(text: string): void {
		this.child.stdin?.write(text);
	}

	/** The next line that matches, after the one that was found last. */
	async line(pattern: RegExp): Promise<RegExpExecArray> {
		for (;;) {
			while (this.#seen < this.lines.length) {
				const found = pattern.exec(this.lines[this.#seen++] as string);
				if (found) return found;
			}
			if (this.child.exitCode !== null || this.child.signalCode !== null)
				throw new Error(`it ended without ${pattern}:\n${this.lines.join("\n")}\n${this.stderr}`);
			await new Promise<void>((wake) => {
				this.#wake = wake;
			});
		}
	}

	/** Once so many measurements have come. By a count of its own it could end before it is connected, on a machine that is busy. */
	async stopAtWork(measurements = 1): Promise<void> {
		for (let i = 0; i < measurements; i++) await this.line(/^xs\/\S+\/measurement /);
		this.type("stop\n");
		equal(await this.status, 0, this.stderr);
	}

	/** What was published under a name: the rest of its lines. */
	published(name: string): string[] {
		return this.lines.flatMap((line) => new RegExp(`^xs/[^/]+/${name} +(.*)$`).exec(line)?.[1] ?? []);
	}
}
