import { counters } from "device";
import Instrumentation from "instrumentation";
import { equal, ok, test } from "test";
import Timer from "timer";

test("name, map and get agree", () => {
	let index = 1;
	for (;;) {
		const name = Instrumentation.name(index);
		if (!name) break;
		equal(Instrumentation.map(name as never), index);
		equal(typeof Instrumentation.get(index), "number");
		index++;
	}
	ok(index > 8);
	equal(Instrumentation.get(index), undefined);
	equal(Instrumentation.get(0), undefined);
	equal(Instrumentation.get(-1), undefined);
	equal(Instrumentation.get(undefined), undefined);
	equal(Instrumentation.map("Pixels Drawn"), undefined);
	equal(Instrumentation.map("" as never), undefined);
	equal(Instrumentation.name(0), undefined);
});

test("timers are counted", () => {
	const timers = Instrumentation.map("Timers");
	const before = Instrumentation.get(timers) as number;
	const timer = Timer.set(() => {}, 1000);
	equal(Instrumentation.get(timers), before + 1);
	Timer.clear(timer);
	equal(Instrumentation.get(timers), before);
});

test("the engine's figures are those of the counters", () => {
	const words = new Uint32Array(7);
	const slots = Instrumentation.map("XS Slot Heap Used");
	const chunks = Instrumentation.map("XS Chunk Heap Used");
	const collections = Instrumentation.map("XS Garbage Collection Count");
	// All are read before the first assertion, which allocates.
	counters(words);
	const slotBytes = Instrumentation.get(slots) as number;
	const chunkBytes = Instrumentation.get(chunks);
	const collected = Instrumentation.get(collections);
	ok(slotBytes === (words[3] as number) * 16 || slotBytes === (words[3] as number) * 32);
	equal(chunkBytes, words[4]);
	equal(collected, (words[2] as number) & 0xffff);
	ok((Instrumentation.get(Instrumentation.map("XS Stack Used")) as number) > 0);
	ok((Instrumentation.get(Instrumentation.map("XS Keys Used")) as number) >= 0);
});

test("reading a figure allocates nothing", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	counters(before);
	for (let i = 1; i < 11; i++) Instrumentation.get(i);
	counters(after);
	equal(after[0], before[0]);
	equal(after[1], before[1]);
});
