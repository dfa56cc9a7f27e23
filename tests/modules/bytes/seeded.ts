/** Numbers that look random and are the same in every run (xorshift). */
export class Seeded {
	#state: number;
	constructor(seed: number) {
		this.#state = seed;
	}
	below(limit: number): number {
		let x = this.#state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.#state = x;
		return (x >>> 0) % limit;
	}
	fill(bytes: Uint8Array): void {
		for (let i = 0; i < bytes.length; i++) bytes[i] = this.below(256);
	}
}
