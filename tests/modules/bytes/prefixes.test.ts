import { Prefixes } from "bytes/prefixes";
import { equal, ok, test } from "test";

const SIZE = 300;

test("the first lengths are exact, later ones a power of two at most", () => {
	const prefixes = new Prefixes(new Uint8Array(SIZE), 0);
	for (const length of [3, 5, 7, 11, 13, 17]) {
		equal(prefixes.size(length), length);
		equal(prefixes.take(length).length, length);
	}
	for (const [length, size] of [
		[300, 256],
		[255, 128],
		[128, 128],
		[2, 2],
		[1, 1],
		[13, 13],
	] as const) {
		equal(prefixes.size(length), size);
		equal(prefixes.take(length).length, size);
		const again = prefixes.take(length);
		ok(again === prefixes.take(length), "made once");
	}
});

test("views begin at the base", () => {
	const bytes = new Uint8Array(new ArrayBuffer(32), 8, 20);
	const view = new Prefixes(bytes, 2).take(4);
	equal(view.byteOffset, 10);
	view[0] = 1;
	equal(bytes[2], 1);
});
