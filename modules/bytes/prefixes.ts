/*
 * Views on the beginning of a buffer, made once and kept.
 *
 * The firmware's natives take whole buffers and views, never a part of one, and a view made for a single call is garbage: four
 * slots. So the lengths are bounded instead: a few exact ones, which are learned from the first calls (most programs send and receive
 * messages of a few sizes), and the powers of two for all others. The powers are made together, when the first one is needed: so what
 * comes in pieces of any length allocates nothing after the first of them.
 */

/** How many exact lengths are kept beside the powers of two, and how many calls they are learned from. */
const EXACT = 6;
const LESSONS = 8;
/** A segment of TCP. What is longer is part of more, and its lengths come by chance. */
const EXACT_MAX = 1460;

/** The views that begin at one place of one buffer. */
export class Prefixes {
	readonly bytes: Uint8Array;
	readonly base: number;
	/** Views of 2^i bytes. */
	#powers: Uint8Array[] | undefined;
	readonly #exact: Uint8Array[] = [];
	readonly #lengths: number[] = [];
	#lessons = LESSONS;

	/** Borrows `bytes` for life; `base` is where in it the views begin. */
	constructor(bytes: Uint8Array, base: number) {
		this.bytes = bytes;
		this.base = base;
	}

	/**
	 * A view of `count` bytes (at least 1; they must fit), or of the power of two below it. `whole`: a length that may come again, and not
	 * what there happens to be, or to be room for. The view is the caller's to read and write, not to keep.
	 */
	take(count: number, whole: boolean): Uint8Array {
		const lengths = this.#lengths;
		const known = lengths.length;
		for (let i = 0; i < known; i++) if (lengths[i] === count) return this.#exact[i] as Uint8Array;
		if (this.#lessons > 0) {
			this.#lessons--;
			if (whole && known < EXACT && count <= EXACT_MAX) {
				const view = this.#view(count);
				lengths.push(count);
				this.#exact.push(view);
				return view;
			}
		}
		this.#powers ??= this.#makePowers();
		return this.#powers[31 - Math.clz32(count)] as Uint8Array;
	}

	#makePowers(): Uint8Array[] {
		const powers: Uint8Array[] = [];
		for (let size = 1; size <= this.bytes.length - this.base; size *= 2) powers.push(this.#view(size));
		return powers;
	}

	#view(length: number): Uint8Array {
		return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + this.base, length);
	}
}
