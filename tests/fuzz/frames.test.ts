/* Frames, right and wrong, by the hundred thousand: see README.md. */
import { collect, counters } from "device";
import { equal, ok, test } from "test";
import { countOf, forEachInput, seedOf } from "./effort";
import { FrameFuzzer } from "./frames";

/** A million in all, where the tests run in debug and release builds of both sizes. */
const INPUTS = 400_000;
const RIGHT_INPUTS = 20_000;

const SLOTS = 0;
const CHUNKS = 1;
const COLLECTIONS = 2;
const LIVE_SLOTS = 3;
const LIVE_CHUNKS = 4;

/** What ends a connection makes its words: the body of a close frame, and a string. */
const END_SLOTS = 40;
const END_CHUNKS = 200;
/** How often it is looked at what lives, in the first quarter and in the last: with few inputs there are few collections by themselves. */
const LOOKS = 200;
/** Of what lives between two inputs a collection may keep so much more at one time than at another. */
const WOBBLE_SLOTS = 16;
const WOBBLE_CHUNKS = 256;

const now = new Uint32Array(7);

/** The least that lived right behind a collection: what nobody let go of. */
class Floor {
	slots = 0x7fffffff;
	chunks = 0x7fffffff;
	#collections = 0;

	look(): void {
		counters(now);
		if (now[COLLECTIONS] === this.#collections) return;
		this.#collections = now[COLLECTIONS] as number;
		this.slots = Math.min(this.slots, now[LIVE_SLOTS] as number);
		this.chunks = Math.min(this.chunks, now[LIVE_CHUNKS] as number);
	}
}

test("whole and in pieces, every input does what the model says, and nothing piles up", () => {
	const count = countOf(INPUTS);
	const fuzzer = new FrameFuzzer(seedOf());
	// The first ones make what is kept.
	for (let index = 0; index < 4; index++) fuzzer.step(index);
	const before = new Uint32Array(7);
	const quarter = count / 4;
	const every = Math.max(1, Math.floor(quarter / LOOKS));
	const first = new Floor();
	const last = new Floor();
	counters(before);
	forEachInput("frames", count, (index) => {
		fuzzer.step(index);
		const floor = index < quarter ? first : last;
		if (index >= quarter && index < count - quarter) return;
		if (index % every === 0) collect();
		floor.look();
	});
	counters(now);
	const slots = ((now[SLOTS] as number) - (before[SLOTS] as number)) >>> 0;
	const chunks = ((now[CHUNKS] as number) - (before[CHUNKS] as number)) >>> 0;
	equal(fuzzer.open + fuzzer.clean + fuzzer.faulty > 0, true);
	if (count < 1000) return;
	// Modulo 2^32, which a long run exceeds.
	const perInput = fuzzer.connectionCost();
	if (count <= INPUTS) {
		ok(slots / count <= 2 * perInput.slots + END_SLOTS, `${slots / count} slots for an input`);
		ok(chunks / count <= 2 * perInput.chunks + END_CHUNKS, `${chunks / count} bytes of chunks for an input`);
	}
	ok(last.slots <= first.slots + WOBBLE_SLOTS, `${first.slots} slots lived, then ${last.slots}`);
	ok(last.chunks <= first.chunks + WOBBLE_CHUNKS, `${first.chunks} bytes of chunks lived, then ${last.chunks}`);
	// All kinds of ends come up, or the maker makes the wrong things.
	ok(fuzzer.open > count / 4 && fuzzer.faulty > count / 4 && fuzzer.clean > count / 50 && fuzzer.messages > count / 2);
});

for (const server of [false, true])
	test(`${server ? "server" : "client"}: inputs without mistakes, on one connection, allocate nothing`, () => {
		const count = countOf(RIGHT_INPUTS);
		const fuzzer = new FrameFuzzer(seedOf(), server);
		// The first ones make what is kept.
		for (let index = 0; index < 10; index++) fuzzer.stepOn(index);
		const before = new Uint32Array(7);
		counters(before);
		for (let index = 10; index < count; index++) fuzzer.stepOn(index);
		counters(now);
		equal((now[SLOTS] as number) - (before[SLOTS] as number), 0, "slots");
		equal((now[CHUNKS] as number) - (before[CHUNKS] as number), 0, "bytes of chunks");
		ok(fuzzer.messages > 0);
	});
