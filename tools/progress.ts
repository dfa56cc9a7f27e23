/* One line that rewrites itself on a terminal; in a log, a plain line now and then. */

export class Progress {
	readonly #terminal = process.stderr.isTTY === true;
	#printed = 0;
	#open = false;

	show(text: string): void {
		if (this.#terminal) {
			const width = (process.stderr.columns ?? 80) - 1;
			process.stderr.write(`\r\x1b[K${text.slice(0, width)}`);
			this.#open = true;
			return;
		}
		const now = Date.now();
		if (now - this.#printed < 5000) return;
		this.#printed = now;
		process.stderr.write(`${text}\n`);
	}

	end(): void {
		if (this.#open) process.stderr.write("\r\x1b[K");
		this.#open = false;
	}
}
