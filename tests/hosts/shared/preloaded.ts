/* What a module may make while it is preloaded: it lies in flash afterwards (tests/hosts/shared/preload.test.ts). */
export const frozen = Object.freeze([1, 2, 3]);
export const list: unknown[] = [1, "two", { three: 3 }];
export const tree: Record<string, unknown> = { leaf: 1, branch: { leaf: 2 } };
export const map = new Map([["a", 1]]);
export const bytes = new Uint8Array([1, 2, 3]);
export const pattern = /a(b+)c/;
export const big = 123456789012345678901234567890n;
export const symbol = Symbol("s");
export const error = new TypeError("made in flash");
export const words = ["alpha", "beta"].map((word) => `${word}!`);

let count = 0;
export function increment(): number {
	count++;
	return count;
}

export class Meter {
	static made = 0;
	#value = 1;
	#note: unknown = "none";
	get note(): unknown {
		return this.#note;
	}
	set note(note: unknown) {
		this.#note = note;
	}
	bump(): number {
		this.#value++;
		return this.#value;
	}
	get [Symbol.toStringTag](): string {
		return "Meter";
	}
}
export const meter = new Meter();
export const meters = [new Meter(), new Meter(), new Meter()];

export function* numbers(): Generator<number> {
	yield 1;
	yield 2;
}
