import { counters } from "device";
import { fillRandom } from "random";
import { equal, ok, test, throws } from "test";

test("two fills differ", () => {
	const a = new Uint8Array(16);
	const b = new Uint8Array(16);
	fillRandom(a, 0, 16);
	fillRandom(b, 0, 16);
	let same = 0;
	for (let i = 0; i < 16; i++) if (a[i] === b[i]) same++;
	ok(same < 8);
});

test("every byte value comes up", () => {
	// More than the kernel hands out in one uninterrupted piece; a value stays away with a chance of 2^-43.
	const bytes = new Uint8Array(9000);
	const seen = new Uint8Array(256);
	fillRandom(bytes, 0, bytes.length);
	for (let i = 0; i < bytes.length; i++) seen[bytes[i] as number] = 1;
	let values = 0;
	for (let i = 0; i < 256; i++) values += seen[i] as number;
	equal(values, 256);
});

test("only the range is written", () => {
	const bytes = new Uint8Array(64);
	for (let i = 0; i < 10; i++) fillRandom(bytes, 8, 24);
	let inside = 0;
	for (let i = 0; i < 64; i++) {
		if (i >= 8 && i < 24) inside |= bytes[i] as number;
		else equal(bytes[i], 0);
	}
	ok(inside !== 0);
	fillRandom(bytes, 64, 64);
	fillRandom(bytes, 0, 0);
	equal(bytes[0], 0);
	const part = new Uint8Array(bytes.buffer, 32, 4);
	fillRandom(part, 0, 4);
	equal(bytes[31], 0);
	equal(bytes[36], 0);
});

test("what lies outside of the buffer is refused", () => {
	const bytes = new Uint8Array(8);
	const bad: [number, number][] = [
		[0, 9],
		[-1, 4],
		[5, 4],
		[9, 9],
		[0.5, 4],
		[0, Number.NaN],
		[0, 2 ** 32 + 4],
		[2 ** 32, 2 ** 32 + 4],
		[0, Number.POSITIVE_INFINITY],
	];
	for (const [start, end] of bad) throws(() => fillRandom(bytes, start, end), RangeError);
	throws(() => (fillRandom as (bytes: Uint8Array) => void)(bytes), TypeError);
	throws(() => fillRandom({} as Uint8Array, 0, 0), TypeError);
	for (let i = 0; i < 8; i++) equal(bytes[i], 0);
});

test("a buffer that the numbers' own code replaces is not written to", () => {
	const bytes = new Uint8Array(8);
	const end = {
		valueOf() {
			(bytes.buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer();
			return 8;
		},
	};
	throws(() => fillRandom(bytes, 0, end as unknown as number), TypeError);
});

test("filling allocates nothing", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const bytes = new Uint8Array(32);
	counters(before);
	for (let i = 0; i < 100; i++) fillRandom(bytes, 4, 8);
	counters(after);
	equal(after[0], before[0]);
	equal(after[1], before[1]);
});

test("Math.random is not the C library's fixed sequence", () => {
	// What rand() gives without a seed: 1804289383, 846930886, of 2^31 - 1.
	const first = Math.random();
	const second = Math.random();
	ok(first >= 0 && first < 1);
	ok(second >= 0 && second < 1);
	ok(first !== second);
	ok(Math.abs(first - 0.8401877171547095) > 1e-7 || Math.abs(second - 0.394382926819093) > 1e-7);
	let high = 0;
	for (let i = 0; i < 1000; i++) if (Math.random() >= 0.5) high++;
	ok(high > 350 && high < 650);
});
