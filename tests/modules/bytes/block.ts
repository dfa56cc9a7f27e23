/* What both versions of bytes/block must do: block-native.test.ts and block-script.test.ts each run all of it. */
import { copy, frame, maskInto, unmask, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import { counters } from "device";
import config from "mc/config";
import { equal, ok, test, throws } from "test";
import { messageTests } from "./block-message";
import { textTests } from "./block-text";
import { utf8Tests } from "./block-utf8";
import { Seeded } from "./seeded";

const LONGEST = 70;
/** Room for it at any place, and for what must stay as it is on both sides. */
const SIZE = LONGEST + 16;
/** An emulated board is slow, and has the same code. */
const LARGE = [255, 256, 1000, 4096, ...(String(config.variant).startsWith("mps2") ? [] : [16384])];

/** Two buffers, and what they should hold: a second pair on which the reference works. */
class Pair {
	readonly target: Uint8Array;
	readonly source: Uint8Array;
	readonly #target: Uint8Array;
	readonly #source: Uint8Array;
	readonly #snapshot: Uint8Array;

	/** With an `offset`, the source is a view on the target's buffer, which begins so much later. */
	constructor(size: number, seeded: Seeded, offset?: number) {
		const shared = offset === undefined ? 0 : size + offset;
		this.target = offset === undefined ? new Uint8Array(size) : new Uint8Array(new ArrayBuffer(shared), 0, size);
		this.source = offset === undefined ? new Uint8Array(size) : new Uint8Array(this.target.buffer, offset, size);
		this.#target = offset === undefined ? new Uint8Array(size) : new Uint8Array(new ArrayBuffer(shared), 0, size);
		this.#source = offset === undefined ? new Uint8Array(size) : new Uint8Array(this.#target.buffer, offset, size);
		this.#snapshot = new Uint8Array(size);
		seeded.fill(this.target);
		seeded.fill(this.source);
		this.#target.set(this.target);
		this.#source.set(this.source);
	}

	/** target[at + i] = source[from + i] ^ key[(phase + i) & 3], byte by byte, of what the source was before. */
	expect(at: number, from: number, count: number, key: readonly number[], phase: number): void {
		for (let i = 0; i < count; i++) this.#snapshot[i] = this.#source[from + i]!;
		for (let i = 0; i < count; i++) this.#target[at + i] = this.#snapshot[i]! ^ key[(phase + i) & 3]!;
	}

	check(what: string, at: number, from: number, count: number): void {
		this.#same(this.target, this.#target, what, at, from, count);
		this.#same(this.source, this.#source, `source of ${what}`, at, from, count);
	}

	/** The bytes of the key before `at`, as maskInto finds them. */
	keyBefore(at: number): number[] {
		return [this.target[at - 4]!, this.target[at - 3]!, this.target[at - 2]!, this.target[at - 1]!];
	}

	#same(actual: Uint8Array, expected: Uint8Array, what: string, at: number, from: number, count: number): void {
		let i = 0;
		while (i < actual.length && actual[i] === expected[i]) i++;
		if (i < actual.length) equal(actual[i], expected[i], `${what}: ${count} bytes from ${from} to ${at}: byte ${i}`);
	}
}

const PLAIN = [0, 0, 0, 0] as const;

function copyAndCheck(pair: Pair, at: number, from: number, count: number): void {
	pair.expect(at, from, count, PLAIN, 0);
	copy(pair.target, at, pair.source, from, count);
	pair.check("copy", at, from, count);
}

function maskAndCheck(pair: Pair, at: number, from: number, count: number): void {
	pair.expect(at, from, count, pair.keyBefore(at), 0);
	maskInto(pair.target, at, pair.source, from, count);
	pair.check("maskInto", at, from, count);
}

/** The source of the pair is the target, so that the reference works in place. */
function unmaskAndCheck(pair: Pair, start: number, count: number, key: Uint8Array, phase: number): void {
	pair.expect(start, start, count, [key[0]!, key[1]!, key[2]!, key[3]!], phase);
	unmask(pair.target, start, start + count, key, phase);
	pair.check(`unmask in phase ${phase}`, start, start, count);
}

type Bytes = Uint8Array<ArrayBuffer>;

function detached(): Bytes {
	const bytes = new Uint8Array(16);
	(bytes.buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer();
	return bytes;
}

/** `native` is what this version should be. */
export function blockTests(native: boolean): void {
	test("this is the version to be tested", () => {
		// A native is no constructor, a function declaration is one.
		let constructs = true;
		try {
			Reflect.construct(Object, [], copy);
		} catch {
			constructs = false;
		}
		equal(constructs, !native);
	});

	test("copy: every place in a word, every length", () => {
		const pair = new Pair(SIZE, new Seeded(1));
		for (let at = 4; at < 8; at++)
			for (let from = 4; from < 8; from++) for (let count = 0; count <= LONGEST; count++) copyAndCheck(pair, at, from, count);
		equal(pair.target[0], pair.target[0]);
	});

	test("copy: all of a buffer, and all there is room for", () => {
		const pair = new Pair(SIZE, new Seeded(2));
		copyAndCheck(pair, 0, 0, SIZE);
		for (const [at, from, count] of [
			[1, 0, SIZE - 1],
			[0, 1, SIZE - 1],
			[SIZE, SIZE, 0],
			[0, SIZE, 0],
			[SIZE, 0, 0],
		] as const)
			copyAndCheck(pair, at, from, count);
		equal(pair.target[0], pair.source[1]);
	});

	test("copy: from an ArrayBuffer", () => {
		const pair = new Pair(SIZE, new Seeded(3));
		for (let at = 4; at < 8; at++)
			for (let from = 0; from < 4; from++)
				for (const count of [0, 1, 3, 4, 15, 16, 31, 32, 33, LONGEST]) {
					pair.expect(at, from, count, PLAIN, 0);
					copy(pair.target, at, pair.source.buffer as ArrayBuffer, from, count);
					pair.check("copy of an ArrayBuffer", at, from, count);
				}
		pair.expect(0, 0, SIZE, PLAIN, 0);
		copy(pair.target, 0, pair.source.buffer as ArrayBuffer, 0, SIZE);
		pair.check("copy of an ArrayBuffer", 0, 0, SIZE);
		equal(pair.target[9], pair.source[9]);
	});

	test("copy: source and target overlap, both ways", () => {
		for (const distance of [0, 1, 2, 3, 4, 5, 8, 31, 32, 33])
			for (const count of [0, 1, 4, 7, 32, 33, 64, LONGEST]) {
				// One view, and two on one buffer.
				for (const [at, from] of [
					[distance, 0],
					[0, distance],
				] as const) {
					const bytes = new Uint8Array(SIZE + 48);
					new Seeded(distance + count + 1).fill(bytes);
					const before = bytes.slice();
					copy(bytes, at, bytes, from, count);
					let wrong = -1;
					for (let i = 0; i < bytes.length; i++)
						if (bytes[i] !== (i >= at && i < at + count ? before[from + i - at] : before[i])) wrong = i;
					equal(wrong, -1, `${count} bytes from ${from} to ${at}`);
				}
				const pair = new Pair(SIZE, new Seeded(count + 1), distance);
				copyAndCheck(pair, 3, 3, count);
				copyAndCheck(pair, 5, 0, count);
			}
	});

	test("copy: within the ArrayBuffer that the target is a view on", () => {
		for (const [at, from] of [
			[0, 5],
			[5, 1],
			[8, 4],
			[4, 4],
		] as const) {
			const bytes = new Uint8Array(80);
			new Seeded(9).fill(bytes);
			const before = bytes.slice();
			copy(bytes, at, bytes.buffer, from, 64);
			for (let i = 0; i < 64; i++) if (bytes[at + i] !== before[from + i]) equal(bytes[at + i], before[from + i], `byte ${i}`);
			equal(bytes[at + 64], before[at + 64]);
		}
	});

	test("maskInto: every place in a word, every length", () => {
		const pair = new Pair(SIZE, new Seeded(4));
		for (let at = 4; at < 8; at++)
			for (let from = 4; from < 8; from++) for (let count = 0; count <= LONGEST; count++) maskAndCheck(pair, at, from, count);
		maskAndCheck(pair, 4, 0, SIZE - 4);
		equal(pair.target[4], pair.source[0]! ^ pair.target[0]!);
	});

	test("maskInto: source and target overlap, also with the key", () => {
		for (const distance of [0, 1, 2, 3, 4, 5, 8, 31, 32])
			for (const count of [0, 1, 5, 32, 61, LONGEST]) {
				const pair = new Pair(SIZE, new Seeded(distance * 100 + count + 1), distance);
				const places = [
					[4, 4],
					[10, 0],
					[4, 9],
					[7, 1],
				] as const;
				for (const [at, from] of places) maskAndCheck(pair, at, from, count);
			}
		const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
		maskInto(bytes, 4, bytes, 4, 4);
		equal(bytes.join(), "1,2,3,4,4,4,4,12");
	});

	test("unmask: every place in a word, every phase, every length", () => {
		const pair = new Pair(SIZE, new Seeded(5), 0);
		const key = new Uint8Array(7);
		new Seeded(6).fill(key);
		for (let start = 0; start < 4; start++)
			for (let phase = 0; phase < 4; phase++) for (let count = 0; count <= LONGEST; count++) unmaskAndCheck(pair, start, count, key, phase);
		unmaskAndCheck(pair, 0, SIZE, key, 4_000_000_001);
		// The key may lie in what is unmasked.
		const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
		unmask(bytes, 0, 8, bytes, 0);
		equal(bytes.join(), "0,0,0,0,4,4,4,12");
	});

	test("masked in pieces is masked in one", () => {
		const seeded = new Seeded(7);
		for (let round = 0; round < 40; round++) {
			const pair = new Pair(SIZE, seeded, 0);
			const key = new Uint8Array(4);
			seeded.fill(key);
			const length = 1 + seeded.below(LONGEST);
			pair.expect(3, 3, length, [key[0]!, key[1]!, key[2]!, key[3]!], 0);
			for (let done = 0; done < length; ) {
				const end = Math.min(length, done + 1 + seeded.below(20));
				unmask(pair.target, 3 + done, 3 + end, key, done);
				done = end;
			}
			pair.check("unmask in pieces", 3, 3, length);
		}
		ok(seeded.below(2) >= 0);
	});

	test("large blocks, at every place in a word", () => {
		for (const length of LARGE) {
			const seeded = new Seeded(length);
			const pair = new Pair(length + 8, seeded);
			const place = new Pair(length + 8, seeded, 0);
			const key = new Uint8Array(4);
			seeded.fill(key);
			for (let i = 0; i < 4; i++) {
				copyAndCheck(pair, 4 + i, i, length);
				copyAndCheck(pair, 4, i, length);
				maskAndCheck(pair, 4 + i, i, length);
				maskAndCheck(pair, 4, i, length);
				unmaskAndCheck(place, i, length, key, i);
			}
			equal(pair.target.length, length + 8);
		}
	});

	test("views that begin anywhere in their buffers", () => {
		const seeded = new Seeded(8);
		for (let round = 0; round < 300; round++) {
			const offset = seeded.below(9);
			const size = 8 + seeded.below(64);
			const bytes = new Uint8Array(new ArrayBuffer(96), offset, size);
			const source = new Uint8Array(new ArrayBuffer(96), seeded.below(9), size);
			seeded.fill(bytes);
			seeded.fill(source);
			const before = bytes.slice();
			const at = 4 + seeded.below(4);
			const from = seeded.below(4);
			const count = seeded.below(size - 7);
			const masked = seeded.below(2) === 1;
			if (masked) maskInto(bytes, at, source, from, count);
			else copy(bytes, at, source, from, count);
			for (let i = 0; i < size; i++) {
				const inside = i >= at && i < at + count;
				const expected = inside ? source[from + i - at]! ^ (masked ? before[at - 4 + ((i - at) & 3)]! : 0) : before[i];
				if (bytes[i] !== expected) equal(bytes[i], expected, `round ${round}, byte ${i}`);
			}
			unmask(bytes, from, from + count, source, at);
			const key = (at: number) => source[at & 3]!;
			if (count) equal(bytes[from]! ^ key(at), bytesBefore(before, source, masked, at, from, count));
		}
	});

	test("arguments that are wrong throw, and nothing is written", () => {
		const target = new Uint8Array(32);
		const source = new Uint8Array(32);
		const key = new Uint8Array(4);
		new Seeded(10).fill(target);
		new Seeded(11).fill(source);
		new Seeded(12).fill(key);
		const before = [target.slice(), source.slice(), key.slice()];
		const gone = detached();
		const other = (value: unknown) => value as number;
		const noBuffers = [undefined, null, 7, "bytes", {}, [1, 2, 3, 4, 5], new Uint16Array(16), new Float64Array(4), gone] as Uint8Array[];
		const noPlaces = [-1, 33, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31)];
		const noNumbers = [undefined, null, "1", true, {}, [1], 1n, Symbol("x"), { valueOf: () => 1 }].map(other);

		for (const bytes of noBuffers) {
			throws(() => copy(bytes, 4, source, 0, 4), TypeError);
			throws(() => copy(target, 4, bytes, 0, 4), TypeError);
			throws(() => maskInto(bytes, 4, source, 0, 4), TypeError);
			throws(() => maskInto(target, 4, bytes, 0, 4), TypeError);
			throws(() => unmask(bytes, 0, 4, key, 0), TypeError);
			throws(() => unmask(target, 0, 4, bytes, 0), TypeError);
			throws(() => utf8Check(0, bytes, 0, 4), TypeError);
		}
		throws(() => copy(gone, 0, source, 0, 0), TypeError);
		throws(() => copy(target, 0, gone, 0, 0), TypeError);
		throws(() => copy(target, 0, gone.buffer, 0, 0), TypeError);
		throws(() => utf8Check(0, gone, 0, 0), TypeError);

		const everyNumber = (value: number, error: new (message: string) => Error) => {
			throws(() => copy(target, value, source, 0, 4), error);
			throws(() => copy(target, 0, source, value, 4), error);
			throws(() => copy(target, 0, source, 0, value), error);
			throws(() => copy(target, 0, source.buffer, value, 4), error);
			throws(() => maskInto(target, value, source, 0, 4), error);
			throws(() => maskInto(target, 4, source, value, 4), error);
			throws(() => maskInto(target, 4, source, 0, value), error);
			throws(() => unmask(target, value, 32, key, 0), error);
			throws(() => unmask(target, 0, value, key, 0), error);
			throws(() => utf8Check(0, target, value, 32), error);
			throws(() => utf8Check(0, target, 0, value), error);
		};
		for (const value of noPlaces) everyNumber(value, RangeError);
		for (const value of noNumbers) {
			everyNumber(value, TypeError);
			throws(() => unmask(target, 0, 4, key, value), TypeError);
			throws(() => utf8Check(value, target, 0, 4), TypeError);
		}

		throws(() => copy(target, 29, source, 0, 4), RangeError);
		throws(() => copy(target, 0, source, 29, 4), RangeError);
		throws(() => copy(target, 32, source, 32, 1), RangeError);
		throws(() => maskInto(target, 3, source, 0, 4), RangeError);
		throws(() => maskInto(target, 0, source, 0, 0), RangeError);
		throws(() => maskInto(target, 29, source, 0, 4), RangeError);
		throws(() => unmask(target, 8, 4, key, 0), RangeError);
		throws(() => unmask(target, 0, 4, key, -1), RangeError);
		throws(() => unmask(target, 0, 4, key, 0.5), RangeError);
		throws(() => unmask(target, 0, 4, new Uint8Array(3), 0), RangeError);
		throws(() => utf8Check(0, target, 8, 4), RangeError);
		for (const state of [-2, 8, 0.5, Number.NaN, 2 ** 32]) throws(() => utf8Check(state, target, 0, 4), RangeError);

		const few = copy as unknown as (...all: unknown[]) => void;
		throws(() => few(), TypeError);
		throws(() => few(target, 0, source, 0), TypeError);
		throws(() => (utf8Check as (...all: unknown[]) => void)(0, target, 0), TypeError);

		for (const [now, then] of [
			[target, before[0]!],
			[source, before[1]!],
			[key, before[2]!],
		] as const)
			equal(now.join(), then.join());
	});

	test("a buffer of nothing has a part of nothing", () => {
		const none = new Uint8Array(0);
		const some = new Uint8Array(4);
		copy(none, 0, none, 0, 0);
		copy(some, 4, none, 0, 0);
		copy(none, 0, some, 4, 0);
		copy(some, 0, new ArrayBuffer(0), 0, 0);
		maskInto(some, 4, none, 0, 0);
		unmask(none, 0, 0, some, 0);
		equal(utf8Check(UTF8_ACCEPT, none, 0, 0), UTF8_ACCEPT);
		throws(() => copy(none, 0, some, 0, 1), RangeError);
		throws(() => copy(some, 0, none, 0, 1), RangeError);
	});

	test("a buffer that was resized is what it is now", () => {
		type Resizable = ArrayBuffer & { resize(length: number): void };
		const buffer = new (ArrayBuffer as unknown as new (length: number, options: object) => Resizable)(64, { maxByteLength: 128 });
		const bytes = new Uint8Array(buffer);
		const source = new Uint8Array(128);
		new Seeded(13).fill(source);
		copy(bytes, 0, source, 0, 64);
		buffer.resize(32);
		throws(() => copy(bytes, 0, source, 0, 33), RangeError);
		copy(bytes, 4, source, 0, 28);
		equal(bytes[31], source[27]);
		buffer.resize(128);
		copy(bytes, 0, source, 0, 128);
		equal(bytes[127], source[127]);
		equal(bytes[64], source[64]);
	});

	test("a frame has header, key and payload, of every length", () => {
		const payload = new Uint8Array(0x10000 + 3);
		new Seeded(17).fill(payload);
		const target = new Uint8Array(0x10000 + 40);
		for (const masked of [true, false])
			for (const length of [0, 1, 2, 3, 4, 5, 124, 125, 126, 127, 255, 256, 1000, 0xffff])
				for (let at = 9; at < 13; at++) {
					target.fill(0xee);
					if (masked) for (let i = 1; i <= 4; i++) target[at - i] = 0x30 + i;
					const head = length < 126 ? [0x82, length] : [0x82, 126, length >> 8, length & 255];
					if (masked) head[1]! |= 0x80;
					const start = frame(target, at, masked ? 0x8280 : 0x8200, payload, length);
					const name = `${length} at ${at}, ${masked ? "masked" : "plain"}`;
					equal(start, at - head.length - (masked ? 4 : 0), name);
					for (let i = 0; i < head.length; i++) equal(target[start + i], head[i], name);
					equal(target[start - 1], 0xee, name);
					for (let i = 0; i < length; i += length > 300 ? 97 : 1) {
						const key = masked ? target[at - 4 + (i & 3)]! : 0;
						if (target[at + i] !== (payload[i]! ^ key)) equal(target[at + i], payload[i]! ^ key, `${name}: byte ${i}`);
					}
					equal(target[at + length], 0xee, name);
				}
	});

	test("a frame that cannot be is -1, and nothing is written", () => {
		const target = new Uint8Array(64).fill(0xee);
		const payload = new Uint8Array(60);
		equal(frame(target, 5, 0x8280, payload, 1), -1);
		equal(frame(target, 1, 0x8200, payload, 1), -1);
		equal(frame(target, 3, 0x8200, new Uint8Array(200), 126), -1);
		equal(frame(target, 8, 0x8280, payload, 57), -1);
		equal(frame(target, 8, 0x8280, payload, 61), -1);
		equal(frame(target, 65, 0x8280, payload, 0), -1);
		equal(frame(new Uint8Array(0x10010), 8, 0x8280, new Uint8Array(0x10000), 0x10000), -1);
		for (const wrong of [-1, 0.5, Number.NaN, "1", undefined, null, {}] as never[]) {
			equal(frame(target, wrong, 0x8280, payload, 1), -1);
			equal(frame(target, 8, wrong, payload, 1), -1);
			equal(frame(target, 8, 0x8280, payload, wrong), -1);
		}
		for (const wrong of [undefined, null, 1, "12", {}, [], Object.create(Uint8Array.prototype)] as never[]) {
			equal(frame(target, 8, 0x8280, wrong, 0), -1);
			equal(frame(wrong, 8, 0x8280, payload, 0), -1);
		}
		for (let i = 0; i < 64; i++) equal(target[i], 0xee);
	});

	messageTests();
	utf8Tests();
	textTests();

	test("nothing is allocated", () => {
		const target = new Uint8Array(200);
		const source = new Uint8Array(200).fill(0x61);
		const piece = new ArrayBuffer(200);
		const key = Uint8Array.of(1, 2, 3, 4);
		const before = new Uint32Array(7);
		const after = new Uint32Array(7);
		const all = () => {
			for (let i = 0; i < 4; i++)
				for (let count = 0; count < 100; count += 33) {
					copy(target, 4 + i, source, 4, count);
					copy(target, 4, target, i, count);
					copy(target, 4, piece, i, count);
					maskInto(target, 4 + i, source, 4, count);
					maskInto(target, 4, target, i, count);
					unmask(target, i, i + count, key, count);
					frame(target, 8 + i, 0x8280, source, count);
					frame(target, 150, 0x8280, source, count);
					utf8Check(UTF8_ACCEPT, source, i, i + count);
					utf8Check(UTF8_ACCEPT, target, i, i + count);
				}
			copy(target, 0, piece, 0, 200);
			copy(target, 0, source, 0, 200);
		};
		// The first time, the version in TypeScript makes its views.
		all();
		counters(before);
		for (let i = 0; i < 20; i++) all();
		counters(after);
		equal(after[0]! - before[0]!, 0, "slots");
		equal(after[1]! - before[1]!, 0, "chunk bytes");
	});
}

/** The byte that unmask found at `from`. */
function bytesBefore(before: Uint8Array, source: Uint8Array, masked: boolean, at: number, from: number, count: number): number {
	if (from < at || from >= at + count) return before[from]!;
	return source[from + from - at]! ^ (masked ? before[at - 4 + ((from - at) & 3)]! : 0);
}
