/* What of the machine's memory was taken between two points of a program. Live counts are those behind a collection. */
import { collect, counters } from "device";
import Timer from "timer";

const SLOTS_EVER = 0;
const CHUNKS_EVER = 1;
const SLOTS_LIVE = 3;
const CHUNKS_LIVE = 4;
const SLOTS_PEAK = 5;
const CHUNKS_PEAK = 6;

export class Span {
	readonly #from = new Uint32Array(7);
	readonly #to = new Uint32Array(7);
	readonly #counters: readonly [slots: number, chunks: number];
	readonly #last: readonly [slots: number, chunks: number];

	/** `last`: the counters that are read at the end, if they are others. */
	constructor(counters: readonly [number, number], last = counters) {
		this.#counters = counters;
		this.#last = last;
	}
	begin(): void {
		counters(this.#from);
	}
	end(): void {
		counters(this.#to);
	}
	result(): [slots: number, bytes: number] {
		const of = (index: 0 | 1) => (this.#to[this.#last[index]] as number) - (this.#from[this.#counters[index]] as number);
		return [of(0), of(1)];
	}
}

export const live = () => new Span([SLOTS_LIVE, CHUNKS_LIVE]);
export const ever = () => new Span([SLOTS_EVER, CHUNKS_EVER]);
/** Where each allocation collects, the most that something held; otherwise it depends on when the last collection was. */
export const peak = () => new Span([SLOTS_LIVE, CHUNKS_LIVE], [SLOTS_PEAK, CHUNKS_PEAK]);

/** A turn of the event loop later, when the stack is empty and the transport has no events under way. */
const turn = () => new Promise<void>((resolve) => Timer.set(() => resolve()));

export async function settled(): Promise<void> {
	await turn();
	collect();
}

/** Instead of a function, where one of its own would be measured, too. */
export const nothing = () => {};
