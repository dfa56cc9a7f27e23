/* Marsaglia's xorshift: the same numbers for the same seed on every machine, with integers only, so without garbage. */
export class Xorshift {
	#state = 1;

	/** Begins again; each pair of numbers begins a sequence of its own. */
	seed(seed: number, index: number): void {
		// Neighbours must not begin alike, and 0 would stay 0.
		let x = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
		x = Math.imul(x ^ (x >>> 15), 0xc2b2ae35);
		x ^= x >>> 13;
		this.#state = x === 0 ? 1 : x;
	}

	/** A whole number from 0 to `count` - 1, where `count` is at most 2^16. */
	below(count: number): number {
		let x = this.#state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.#state = x;
		return (((x >>> 8) & 0xffff) * count) >>> 16;
	}
}
