/* Several waits on one timer. Time is passed in, in ms of a clock that may wrap at 32 bits; so a wait is shorter than 12 days. */

/** What is waited for. */
export const WAIT_CONNECTION = 0;
export const WAIT_KEEPALIVE = 1;
export const WAIT_RECEIVE = 2;
const WAITS = 3;

export class Deadlines {
	readonly #ends: number[] = [0, 0, 0];
	readonly #running: boolean[] = [false, false, false];

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

	/** How long until the first one ends, 0 if it has; -1 if none runs. */
	next(now: number): number {
		let first = -1;
		for (let wait = 0; wait < WAITS; wait++) {
			if (!this.#running[wait]) continue;
			const left = Math.max(0, ((this.#ends[wait] as number) - now) | 0);
			if (first < 0 || left < first) first = left;
		}
		return first;
	}
}
