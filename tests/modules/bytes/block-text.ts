/* What text, same, equal and find of both versions of bytes/block must do. */
import { find, same, equal as sameBytes, text, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import { counters } from "device";
import { deepEqual, equal, test, throws } from "test";
import { Seeded } from "./seeded";
import { bytesOf } from "./utf8-vectors";

/** Where the number of bytes changes, what surrounds the surrogates, and the last one. */
const EDGES = [1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xfffe, 0xffff, 0x10000, 0x10ffff];

/** UTF-8 by RFC 3629 §3. */
function encoded(code: number): number[] {
	if (code < 0x80) return [code];
	if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)];
	const last = [0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
	return code < 0x10000 ? [0xe0 | (code >> 12), ...last] : [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), ...last];
}

/** Two places of a string that a script has joined, which the engine may keep apart. */
const halves = (code: number) =>
	String.fromCharCode(0xd800 + ((code - 0x10000) >> 10)).concat(String.fromCharCode(0xdc00 + ((code - 0x10000) & 0x3ff)));

const HIGH = String.fromCharCode(0xd83d);
const LOW = String.fromCharCode(0xde00);
/** Strings that are not sent. */
const BAD = [
	"\0",
	"a\0",
	"\0b",
	HIGH,
	LOW,
	LOW + HIGH,
	`a${HIGH}`,
	`${HIGH}a`,
	`${HIGH}${HIGH}${LOW}`,
	`${halves(0x1f600)}${LOW}`,
	`${LOW}é`,
];

function written(string: string): Uint8Array {
	const bytes = new Uint8Array(40).fill(0xee);
	const end = text(bytes, 3, string);
	equal(bytes[2], 0xee);
	for (let i = end; i < 40; i++) if (bytes[i] !== 0xee) equal(i, end, "written behind the end");
	return bytes.slice(3, end);
}

export function textTests(): void {
	test("text: characters of every size, alone and among others", () => {
		const codes = [...EDGES];
		for (let code = 2; code < 0x110000; code += 1499) if (code < 0xd800 || code > 0xdfff) codes.push(code);
		for (const code of codes) {
			const name = code.toString(16);
			const bytes = encoded(code);
			const character = String.fromCodePoint(code);
			equal(written(character).join(), bytes.join(), name);
			const among = written(`topic/${character}/ä${character}`);
			equal(among.join(), [...bytesOf("746f7069632f"), ...bytes, 0x2f, 0xc3, 0xa4, ...bytes].join(), name);
			equal(utf8Check(UTF8_ACCEPT, among, 0, among.length), UTF8_ACCEPT, name);
			equal(same(among, 6, 6 + bytes.length, character), true, name);
			equal(same(among, 0, among.length, `topic/${character}/ä${character}`), true, name);
			if (code < 0x10000) continue;
			equal(written(halves(code)).join(), bytes.join(), `halves of ${name}`);
			equal(same(among, 0, among.length, `topic/${halves(code)}/ä${character}`), true, `halves of ${name}`);
		}
	});

	test("text: only as far as it may", () => {
		for (const string of ["", "abc", "é😀", halves(0x1f600)]) {
			const bytes = new Uint8Array(40).fill(0xee);
			const length = text(bytes, 3, string) - 3;
			for (let end = 0; end <= 40; end++) {
				bytes.fill(0xee);
				equal(text(bytes, 3, string, end), end < 3 + length ? -1 : 3 + length);
				for (let i = 0; i < 40; i++) if (bytes[i] !== 0xee) equal(i >= 3 && i < 3 + length && end >= 3 + length, true);
			}
			equal(text(bytes, 3, string, undefined), 3 + length);
			for (const end of [41, -1, 2.5, Number.NaN, 2 ** 32, "40", null]) equal(text(bytes, 3, string, end as number), -1);
		}
		equal(text(new Uint8Array(3), 3, "", 3), 3);
		equal(text(new Uint8Array(3), 3, "", 2), -1);
	});

	test("text: ASCII of every length at every place in a word", () => {
		const all = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+/#$ ";
		for (let at = 0; at < 4; at++)
			for (let length = 0; length <= all.length; length++) {
				const bytes = new Uint8Array(at + length + 1).fill(0xee);
				equal(text(bytes, at, all.slice(0, length)), at + length);
				for (let i = 0; i < length; i++) if (bytes[at + i] !== all.charCodeAt(i)) equal(bytes[at + i], all.charCodeAt(i));
				equal(bytes[at + length], 0xee);
				equal(same(bytes, at, at + length, all.slice(0, length)), true);
				equal(same(bytes, at, at + length + 1, all.slice(0, length)), false);
				if (length) equal(same(bytes, at, at + length - 1, all.slice(0, length)), false);
			}
	});

	test("text: a long one", () => {
		const long = "0123456789/äöü€😀".repeat(40);
		const bytes = new Uint8Array(40 * (11 + 6 + 3 + 4));
		equal(text(bytes, 0, long), bytes.length);
		equal(String.fromArrayBuffer(bytes.buffer as ArrayBuffer), long);
		equal(same(bytes, 0, bytes.length, long), true);
		equal(text(bytes, 1, long), -1);
		bytes[bytes.length - 1]!++;
		equal(same(bytes, 0, bytes.length, long), false);
	});

	test("text: what does not fit, is no string, or may not be sent is -1, and nothing is written", () => {
		const target = new Uint8Array(8).fill(0xee);
		for (const string of ["123456789", "äöüßé", "€€€", "😀😀a", halves(0x1f600) + halves(0x1f600).concat("a")])
			equal(text(target, 0, string), -1, string);
		equal(text(target, 5, "1234"), -1);
		equal(text(target, 8, "1"), -1);
		equal(text(target, 9, ""), -1);
		equal(text(target, 6, "€"), -1);
		equal(text(target, 8, ""), 8);
		for (const string of BAD) {
			equal(text(target, 0, string), -1);
			equal(text(target, 0, `${string}x`), -1);
		}
		for (const wrong of [undefined, null, 1, {}, [], ["a"], Object("a"), Symbol("a"), 1n, true, target] as never[])
			equal(text(target, 0, wrong), -1);
		for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 32, "1", undefined, null, {}] as never[]) equal(text(target, wrong, "a"), -1);
		for (const wrong of [undefined, null, 1, "12", {}, [], [1, 2], Object.create(Uint8Array.prototype)] as never[])
			equal(text(wrong, 0, "a"), -1);
		equal((text as (...all: unknown[]) => number)(target, 0), -1);
		deepEqual(target, new Uint8Array(8).fill(0xee));
		equal(text(target, 0, "12345678"), 8);
	});

	test("same: any byte that differs, anywhere", () => {
		for (const string of ["a/b", "äb", "a€", "x😀", `${halves(0x1f600)}y`]) {
			const bytes = written(string);
			for (let start = 0; start < 4; start++) {
				const padded = new Uint8Array(bytes.length + start + 3).fill(0x61);
				padded.set(bytes, start);
				const end = start + bytes.length;
				equal(same(padded, start, end, string), true, string);
				for (let i = start; i < end; i++) {
					const byte = padded[i]!;
					for (const other of [0, 0x61, 0x80, byte ^ 1, byte ^ 0x80]) {
						padded[i] = other;
						equal(same(padded, start, end, string), other === byte, `${string}, byte ${i} is ${other}`);
					}
					padded[i] = byte;
					equal(same(padded, start, i, string), false);
					equal(same(padded, i + 1, end, string), false);
				}
				equal(same(padded, start, end + 1, string), false);
			}
		}
	});

	test("same: false for what is odd", () => {
		const bytes = Uint8Array.of(0x61, 0, 0xc0, 0x80, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80);
		equal(same(bytes, 0, 0, ""), true);
		equal(same(bytes, 10, 10, ""), true);
		equal(same(bytes, 0, 1, "a"), true);
		equal(same(bytes, 11, 11, ""), false);
		equal(same(bytes, 1, 0, ""), false);
		equal(same(bytes, 1, 2, "\0"), false);
		equal(same(bytes, 2, 4, "\0"), false);
		equal(same(bytes, 4, 7, HIGH), false);
		equal(same(bytes, 4, 10, halves(0x1f600)), false);
		equal(same(bytes, 4, 10, "😀"), false);
		equal(same(bytes, 0, 11, "a"), false);
		for (const wrong of [undefined, null, 1, {}, ["a"], Object("a"), Symbol("a")] as never[]) equal(same(bytes, 0, 1, wrong), false);
		for (const wrong of [-1, 0.5, Number.NaN, "0", undefined, null, {}] as never[]) {
			equal(same(bytes, wrong, 1, "a"), false);
			equal(same(bytes, 0, wrong, "a"), false);
		}
		for (const wrong of [undefined, null, "a", {}, [0x61]] as never[]) equal(same(wrong, 0, 1, "a"), false);
	});

	test("equal: every place, every length, and any byte that differs", () => {
		const seeded = new Seeded(21);
		const one = new Uint8Array(48);
		const other = new Uint8Array(48);
		seeded.fill(one);
		for (let start = 0; start < 4; start++)
			for (let from = 0; from < 4; from++)
				for (const length of [0, 1, 2, 3, 4, 5, 31, 32, 44]) {
					other.fill(0);
					other.set(one.subarray(start, start + length), from);
					equal(sameBytes(one, start, start + length, other, from), true);
					if (length === 0) continue;
					const at = from + seeded.below(length);
					other[at] = other[at]! ^ (1 << seeded.below(8));
					equal(sameBytes(one, start, start + length, other, from), false);
				}
		equal(sameBytes(one, 3, 40, one, 3), true);
	});

	test("equal: false for what is odd", () => {
		const one = new Uint8Array(8);
		equal(sameBytes(one, 8, 8, one, 8), true);
		equal(sameBytes(one, 0, 8, one, 0), true);
		equal(sameBytes(one, 0, 8, one, 1), false);
		equal(sameBytes(one, 0, 9, one, 0), false);
		equal(sameBytes(one, 9, 9, one, 0), false);
		equal(sameBytes(one, 8, 8, one, 9), false);
		equal(sameBytes(one, 4, 2, one, 0), false);
		equal(sameBytes(one, 0, 8, new Uint8Array(7), 0), false);
		for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 32, "0", undefined, null, {}] as never[]) {
			equal(sameBytes(one, wrong, 4, one, 0), false);
			equal(sameBytes(one, 0, wrong, one, 0), false);
			equal(sameBytes(one, 0, 4, one, wrong), false);
		}
		for (const wrong of [undefined, null, 1, "00", {}, [0, 0]] as never[]) {
			equal(sameBytes(one, 0, 1, wrong, 0), false);
			equal(sameBytes(wrong, 0, 1, one, 0), false);
		}
	});

	test("find: the first of three bytes, wherever it is, and nothing outside of the part", () => {
		const bytes = new Uint8Array(40).fill(9);
		for (let length = 0; length <= 20; length++)
			for (let start = 0; start < 8; start++) {
				const end = start + length;
				bytes[start + 20] = bytes[end] = 1;
				if (start > 0) bytes[start - 1] = 2;
				equal(find(bytes, start, end, 1, 2, 3), -1);
				for (let at = start; at < end; at++)
					for (const byte of [1, 2, 3]) {
						bytes[at] = byte;
						equal(find(bytes, start, end, 1, 2, 3), at);
						equal(find(bytes, start, end, byte, byte, byte), at);
						equal(find(bytes, at + 1, end, 1, 2, 3), -1);
						equal(find(bytes, start, end, 0, 0, 0), -1);
						bytes[at] = 9;
					}
				bytes.fill(9);
			}
		equal(find(Uint8Array.of(5, 0, 255, 0), 0, 4, 255, 0, 7), 1, "the first");
	});

	test("find: what is no part of a buffer", () => {
		const bytes = new Uint8Array(8);
		throws(() => find(bytes, 0, 9, 1, 2, 3), RangeError);
		throws(() => find(bytes, 5, 4, 1, 2, 3), RangeError);
		for (const wrong of [-1, 0.5, 2 ** 32]) {
			throws(() => find(bytes, wrong, 8, 1, 2, 3), RangeError);
			throws(() => find(bytes, 0, wrong, 1, 2, 3), RangeError);
		}
		for (const wrong of [undefined, null, "00", {}, [0, 0]] as never[]) throws(() => find(wrong, 0, 0, 1, 2, 3), TypeError);
	});

	test("text, same, equal and find allocate nothing", () => {
		const target = new Uint8Array(64);
		const before = new Uint32Array(7);
		const after = new Uint32Array(7);
		const strings = ["", "sensors/7/temperature", "Straße/€", "😀", halves(0x1f600), HIGH, "a".repeat(65)];
		const all = () => {
			for (let i = 0; i < 7; i++) {
				const end = text(target, i, strings[i]!);
				if (end >= 0) same(target, i, end, strings[i]!);
				same(target, 0, 21, strings[i]!);
				sameBytes(target, 0, 30, target, i);
				find(target, i, 64, 1, 2, 3);
			}
		};
		all();
		counters(before);
		for (let i = 0; i < 20; i++) all();
		counters(after);
		equal(after[0]! - before[0]!, 0, "slots");
		equal(after[1]! - before[1]!, 0, "chunk bytes");
	});
}
