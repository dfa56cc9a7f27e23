/* The views of an adapter's buffers, by buffer and first byte. See bytes/prefixes.ts for why they are kept. */
import { Prefixes } from "bytes/prefixes";

/** A protocol reads into one buffer and writes from two, one of which starts at two places. */
const KEPT = 4;

export class Views {
	readonly #kept: Prefixes[] = [];
	#oldest = 0;

	/** The views on `bytes` that begin at `base`; makes room for new ones by forgetting those made first. */
	at(bytes: Uint8Array, base: number): Prefixes {
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

	/** Forgets all, for another user of the transport brings other buffers. */
	clear(): void {
		this.#kept.length = 0;
		this.#oldest = 0;
	}
}
