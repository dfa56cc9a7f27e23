/*
 * Views on the beginning of a buffer, made once and kept.
 *
 * The firmware's natives take whole buffers and views, never a part of one, and a view made for a single call is garbage: four
 * slots. So the lengths are bounded instead: a few exact ones, the first that were asked for (most programs send and receive
 * messages of a few sizes), and the powers of two for all others. After that nothing allocates.
 */

/** How many exact lengths are kept beside the powers of two. */
const EXACT = 6;

/** The views that begin at one place of one buffer. */
export class Prefixes {
	readonly bytes: Uint8Array;
	readonly base: number;
	/** Views of 2^i bytes, made when first needed. */
	readonly #powers: (Uint8Array | undefined)[] = [];
	readonly #exact: Uint8Array[] = [];
	readonly #lengths: number[] = [];

	/** Borrows `bytes` for life; `base` is where in it the views begin. */
	constructor(bytes: Uint8Array, base: number) {
		this.bytes = bytes;
		this.base = base;
		for (let size = 1; size <= bytes.length - base; size *= 2) this.#powers.push(undefined);
		for (let i = 0; i < EXACT; i++) this.#lengths.push(0);
	}

	/** How long the view is that take(count) gives: `count` or the power of two below it. `count` must be at least 1 and fit. */
	size(count: number): number {
		const lengths = this.#lengths;
		for (let i = 0; i < EXACT; i++) if (lengths[i] === count || lengths[i] === 0) return count;
		return 1 << (31 - Math.clz32(count));
	}

	/** The view whose length is size(count). It is the caller's to read and write, not to keep. */
	take(count: number): Uint8Array {
		const lengths = this.#lengths;
		for (let i = 0; i < EXACT; i++) {
			if (lengths[i] === count) return this.#exact[i] as Uint8Array;
			if (lengths[i] !== 0) continue;
			const view = this.#view(count);
			lengths[i] = count;
			this.#exact.push(view);
			return view;
		}
		const power = 31 - Math.clz32(count);
		const kept = this.#powers[power];
		if (kept) return kept;
		const view = this.#view(1 << power);
		this.#powers[power] = view;
		return view;
	}

	#view(length: number): Uint8Array {
		return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.base, length);
	}
}
