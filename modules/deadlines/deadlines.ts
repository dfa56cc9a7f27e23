/* Several waits on one timer. Time is passed in, in ms of a clock that may wrap at 32 bits; so a wait is shorter than 12 days. */

export class Deadlines {
	readonly #ends: number[] = [];
	readonly #running: boolean[] = [];

	/** `waits`: how many; they are numbered from 0 on. */
	constructor(waits: number) {
		for (let wait = 0; wait < waits; wait++) {
			this.#ends.push(0);
			this.#running.push(false);
		}
	}

	/** From now on `wait` ends in `ms`; negative: it does not run. */
	set(wait: number, now: number, ms: number): void {
		this.#running[wait] = ms >= 0;
		this.#ends[wait] = (now + ms) | 0;
	}

	/** None runs any more. */
	clear(): void {
		this.#running.fill(false);
	}

	/** Whether `wait` has ended. It does not run any more then. */
	over(wait: number, now: number): boolean {
		if (!this.#running[wait] || (((this.#ends[wait] as number) - now) | 0) > 0) return false;
		this.#running[wait] = false;
		return true;
	}

	/** How long until `wait` ends, 0 if that has passed; -1 if it does not run. */
	left(wait: number, now: number): number {
		return this.#running[wait] ? Math.max(0, ((this.#ends[wait] as number) - now) | 0) : -1;
	}

	/** How long until the first one ends, 0 if it has; -1 if none runs. */
	next(now: number): number {
		let first = -1;
		for (let wait = 0; wait < this.#ends.length; wait++) {
			const left = this.left(wait, now);
			if (left >= 0 && (first < 0 || left < first)) first = left;
		}
		return first;
	}
}
