import { Prefixes } from "bytes/prefixes";
import { deepEqual, equal, ok, test } from "test";

const SIZE = 300;

function counting(size: number): Uint8Array {
	const bytes = new Uint8Array(size);
	for (let i = 0; i < size; i++) bytes[i] = i * 7 + (i >> 8);
	return bytes;
}

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

test("copy copies any span, and leaves what is behind it", () => {
	for (const exact of [true, false]) {
		for (const length of [1, 2, 3, 4, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257]) {
			for (const start of [0, 1, 2, 30, SIZE - length]) {
				if (start < 0 || start + length > SIZE) continue;
				const bytes = counting(SIZE);
				const prefixes = new Prefixes(bytes, 0);
				if (!exact) for (let i = 200; i < 206; i++) prefixes.take(i);
				const target = new Uint8Array(length + 4);
				prefixes.copy(start, length, target, 3);
				const original = counting(SIZE);
				deepEqual(target.slice(3, 3 + length), original.slice(start, start + length), `${length} from ${start}`);
				equal(target[2], 0);
				equal(target[length + 3], 0);
				deepEqual(bytes.slice(start + length), original.slice(start + length), `behind ${length} from ${start}`);
			}
		}
	}
});
