/* The module for boards of the SDK, over a generator that the test knows: the device's own Math has no irandom, and is frozen. */

import { fillRandom } from "random/random";
import { equal, test } from "test";

/** Fills a part of `bytes` while Math.irandom gives what `next` gives; returns how often it was called. */
function fill(bytes: Uint8Array, start: number, end: number, next: (call: number) => number): number {
	const math = globalThis.Math;
	let calls = 0;
	globalThis.Math = { irandom: () => next(calls++) } as unknown as Math;
	try {
		fillRandom(bytes, start, end);
	} finally {
		globalThis.Math = math;
	}
	return calls;
}

/** The most that irandom gives on an ESP32, whose c_rand is 0x7fffffff & esp_random(). */
const ONES = 0x7fffffff;

test("31 random bits a call leave no bit of a byte known", () => {
	const bytes = new Uint8Array(16);
	fill(bytes, 0, 16, () => ONES);
	for (let i = 0; i < 16; i++) equal(bytes[i], 0xff, `byte ${i}`);
	fill(bytes, 0, 16, () => 0);
	for (let i = 0; i < 16; i++) equal(bytes[i], 0, `byte ${i}`);
});

test("every byte has bits of its own", () => {
	const bytes = new Uint8Array(8);
	equal(
		fill(bytes, 0, 8, (call) => 0x030201 + call * 0x030303),
		3,
	);
	equal(bytes.join(), "1,2,3,4,5,6,7,8");
});

test("only the range is written", () => {
	for (let length = 0; length <= 8; length++) {
		const bytes = new Uint8Array(16);
		fill(bytes, 4, 4 + length, () => ONES);
		for (let i = 0; i < 16; i++) equal(bytes[i], i >= 4 && i < 4 + length ? 0xff : 0, `byte ${i} of ${length}`);
	}
});
