/*
 * How long to wait before the next attempt to connect: twice as long after each failure, and not equally long for every device, or all
 * of them would come back to a broker that was restarted at the same moment. Randomness is passed in. Nothing here allocates.
 */

export class Backoff {
	readonly #minMs: number;
	readonly #maxMs: number;
	/** The longest that the next wait may be. */
	#ms: number;

	/** `minMs` from 1 on, `maxMs` not less. */
	constructor(minMs: number, maxMs: number) {
		this.#minMs = minMs;
		this.#maxMs = maxMs;
		this.#ms = minMs;
	}

	/** An attempt failed: how many ms until the next one, between half of the longest wait and all of it. `random` is 0 to 65,535. */
	next(random: number): number {
		const ms = this.#ms;
		this.#ms = Math.min(ms * 2, this.#maxMs);
		const least = Math.ceil(ms / 2);
		return least + Math.floor(((ms - least + 1) * random) / 65536);
	}

	/** An attempt succeeded: the next failure is a first one. */
	reset(): void {
		this.#ms = this.#minMs;
	}
}
