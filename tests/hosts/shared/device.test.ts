import { collect, counters, exit } from "device";
import { equal, ok, test, throws } from "test";

test("counters fill a Uint32Array, a part of one, or an ArrayBuffer", () => {
	const words = new Uint32Array(9);
	const part = new Uint32Array(words.buffer, 4, 7);
	counters(part);
	equal(words[0], 0);
	equal(words[8], 0);
	for (const index of [1, 2, 4, 5, 6, 7]) ok((words[index] as number) > 0, `word ${index - 1}`);
	const buffer = new ArrayBuffer(28);
	counters(buffer);
	ok((new Uint32Array(buffer)[0] as number) > (part[0] as number));
});

test("counters refuse a target that is too short", () => {
	throws(() => counters(new Uint32Array(6)), RangeError);
	throws(() => counters(new ArrayBuffer(27)), RangeError);
	throws(() => counters(new Uint32Array(new ArrayBuffer(64), 0, 6)), RangeError);
	throws(() => counters({} as ArrayBuffer), Error);
	throws(() => counters(undefined as unknown as ArrayBuffer), TypeError);
});

test("counters count what is allocated, and reading them allocates nothing", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	counters(before);
	counters(after);
	equal(after[0], before[0]);
	equal(after[1], before[1]);
	counters(before);
	const object = { a: 1, b: 2, c: 3 };
	const buffer = new ArrayBuffer(16);
	counters(after);
	equal((after[0] as number) - (before[0] as number), 4 + 3);
	ok((after[1] as number) - (before[1] as number) >= 16);
	ok((after[5] as number) >= (after[3] as number));
	ok((after[6] as number) >= (after[4] as number));
	equal(object.a + buffer.byteLength, 17);
});

test("arrays that grow: no more is live than was allocated, at no time", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const list: number[] = [];
	counters(before);
	for (let i = 0; i < 40; i++) list.push(i);
	counters(after);
	ok((after[4] as number) - (before[4] as number) <= (after[1] as number) - (before[1] as number));
	ok((after[4] as number) <= (after[6] as number));
	ok((after[6] as number) <= (after[1] as number));
	equal(list.length, 40);
});

test("a status is from 0 to 255", () => {
	throws(() => exit(256), RangeError);
	throws(() => exit(-1), RangeError);
});

test("collections are counted", () => {
	const words = new Uint32Array(7);
	counters(words);
	const collections = words[2] as number;
	for (let i = 0; i < 300; i++) new ArrayBuffer(1000);
	counters(words);
	ok((words[2] as number) > collections);
});

test("trace is there without an import", () => {
	equal(typeof trace, "function");
});

test("after a collection only what something holds is live", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const held: unknown[] = [undefined];
	collect();
	counters(before);
	held[0] = new ArrayBuffer(16);
	for (let i = 0; i < 100; i++) new ArrayBuffer(1024);
	collect();
	counters(after);
	equal((after[3] as number) - (before[3] as number), 3);
	const bytes = (after[4] as number) - (before[4] as number);
	ok(bytes >= 16 && bytes < 1024, `${bytes} chunk bytes`);
	ok((after[2] as number) > (before[2] as number));
});
