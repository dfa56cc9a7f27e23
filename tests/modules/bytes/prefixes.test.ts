import { Prefixes } from "bytes/prefixes";
import { counters } from "device";
import { equal, ok, test } from "test";

const SIZE = 300;

test("the first lengths are exact, later ones a power of two at most", () => {
	const prefixes = new Prefixes(new Uint8Array(SIZE), 0);
	for (const length of [3, 5, 7, 11, 13, 17]) equal(prefixes.take(length, true).length, length);
	for (const [length, size] of [
		[300, 256],
		[255, 128],
		[128, 128],
		[2, 2],
		[1, 1],
		[13, 13],
	] as const) {
		const view = prefixes.take(length, true);
		equal(view.length, size);
		ok(view === prefixes.take(length, true), "made once");
	}
});

test("a length that comes by chance is not kept, nor one of a segment or more, nor one that comes late", () => {
	const prefixes = new Prefixes(new Uint8Array(2000), 0);
	equal(prefixes.take(100, false).length, 64);
	equal(prefixes.take(100, true).length, 100);
	equal(prefixes.take(100, false).length, 100);
	equal(prefixes.take(1461, true).length, 1024);
	equal(prefixes.take(1460, true).length, 1460);
	for (let length = 200; length < 204; length++) equal(prefixes.take(length, false).length, 128);
	equal(prefixes.take(99, true).length, 64);
});

test("after the first power of two nothing is allocated, whatever the length", () => {
	const prefixes = new Prefixes(new Uint8Array(SIZE), 0);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	for (let length = 1; length <= 8; length++) prefixes.take(length, length < 8);
	counters(before);
	for (let length = SIZE; length > 0; length--) prefixes.take(length, true);
	counters(after);
	equal(after[0], before[0], "slots");
	equal(after[1], before[1], "chunk bytes");
});

test("views begin at the base", () => {
	const bytes = new Uint8Array(new ArrayBuffer(32), 8, 20);
	const view = new Prefixes(bytes, 2).take(4, true);
	equal(view.byteOffset, 10);
	view[0] = 1;
	equal(bytes[2], 1);
});
