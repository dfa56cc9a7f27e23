/* The views of an adapter's buffers, by buffer, first byte and length. See bytes/prefixes.ts for why they are kept. */
import { Prefixes } from "bytes/prefixes";

/** A protocol reads into one buffer and writes from two, at a few places of each. */
const KEPT = 8;

export class Views {
	/** The length of what take() gave last. */
	size = 0;
	readonly #kept: Prefixes[] = [];
	#oldest = 0;
	// What was taken last is often what is taken next.
	#bytes: Uint8Array | undefined;
	#base = 0;
	#count = 0;
	#view: Uint8Array | undefined;

	/**
	 * A view on `bytes` from `base` on, `count` bytes long (at least 1; they must fit) or shorter: see `size`. `whole` as in
	 * Prefixes.take. Makes room for new ones by forgetting those made first.
	 */
	take(bytes: Uint8Array, base: number, count: number, whole: boolean): Uint8Array {
		if (this.#count === count && this.#bytes === bytes && this.#base === base) return this.#view as Uint8Array;
		const prefixes = this.#at(bytes, base);
		const view = prefixes.take(count, whole);
		this.size = view.length;
		this.#bytes = bytes;
		this.#base = base;
		this.#count = count;
		this.#view = view;
		return view;
	}

	/** Forgets all, for another user of the transport brings other buffers. */
	clear(): void {
		this.#kept.length = 0;
		this.#oldest = 0;
		this.#count = 0;
		this.#bytes = undefined;
		this.#view = undefined;
	}

	#at(bytes: Uint8Array, base: number): Prefixes {
		const kept = this.#kept;
		const length = kept.length;
		for (let i = 0; i < length; i++) {
			const prefixes = kept[i] as Prefixes;
			if (prefixes.bytes === bytes && prefixes.base === base) return prefixes;
		}
		const made = new Prefixes(bytes, base);
		if (length < KEPT) kept.push(made);
		else {
			kept[this.#oldest] = made;
			this.#oldest = (this.#oldest + 1) % KEPT;
		}
		return made;
	}
}
