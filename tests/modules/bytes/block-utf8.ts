/* What utf8Check of both versions of bytes/block must do. */
import { utf8Check } from "bytes/block";
import { UTF8_ACCEPT, UTF8_REJECT } from "bytes/utf8";
import { equal, ok, test } from "test";
import { Seeded } from "./seeded";
import { bytesOf, INCOMPLETE, INVALID, VALID, vectors } from "./utf8-vectors";

const LENGTH = 70;

function verdict(state: number): number {
	if (state === UTF8_ACCEPT) return VALID;
	return state === UTF8_REJECT ? INVALID : INCOMPLETE;
}

/** Well-formed sequences: first byte from, to; second byte from, to; how many bytes (Unicode 15, table 3-7). */
const sequences = [
	[0x00, 0x7f, 0, 0, 1],
	[0xc2, 0xdf, 0x80, 0xbf, 2],
	[0xe0, 0xe0, 0xa0, 0xbf, 3],
	[0xe1, 0xec, 0x80, 0xbf, 3],
	[0xed, 0xed, 0x80, 0x9f, 3],
	[0xee, 0xef, 0x80, 0xbf, 3],
	[0xf0, 0xf0, 0x90, 0xbf, 4],
	[0xf1, 0xf3, 0x80, 0xbf, 4],
	[0xf4, 0xf4, 0x80, 0x8f, 4],
] as const;

/** The place of the first byte that cannot be right, or -1; -2 if the last character is not whole. */
function firstBad(bytes: Uint8Array, end: number): number {
	for (let at = 0; at < end; ) {
		const first = bytes[at]!;
		const sequence = sequences.find(([from, to]) => first >= from && first <= to);
		if (!sequence) return at;
		const [, , from, to, length] = sequence;
		for (let i = 1; i < length; i++) {
			if (at + i === end) return -2;
			const byte = bytes[at + i]!;
			if (byte < (i === 1 ? from : 0x80) || byte > (i === 1 ? to : 0xbf)) return at + i;
		}
		at += length;
	}
	return -1;
}

/** Mostly text, of mostly one kind, sometimes with a byte that is wrong. */
function randomText(bytes: Uint8Array, seeded: Seeded): void {
	const kind = seeded.below(5);
	for (let at = 0; at < bytes.length; ) {
		const sequence = sequences[seeded.below(4) ? kind * 2 : seeded.below(9)]!;
		const [low, high, from, to, length] = sequence;
		bytes[at++] = low + seeded.below(high - low + 1);
		for (let i = 1; i < length && at < bytes.length; i++) {
			const [least, most] = i === 1 ? [from, to] : [0x80, 0xbf];
			bytes[at++] = least + seeded.below(most - least + 1);
		}
	}
	if (seeded.below(2)) bytes[seeded.below(bytes.length)] = seeded.below(256);
}

export function utf8Tests(): void {
	test("utf8Check: every vector, whole", () => {
		for (const [name, hex, expected] of vectors) {
			const bytes = bytesOf(hex);
			equal(verdict(utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length)), expected, name);
		}
	});

	test("utf8Check: every vector, byte by byte", () => {
		for (const [name, hex, expected] of vectors) {
			const bytes = bytesOf(hex);
			let state = UTF8_ACCEPT;
			for (let i = 0; i < bytes.length; i++) state = utf8Check(state, bytes, i, i + 1);
			equal(verdict(state), expected, name);
		}
	});

	test("utf8Check: every vector, at every split and every place in a word, among ASCII", () => {
		for (const [name, hex, expected] of vectors) {
			const text = bytesOf(hex);
			for (let place = 0; place < 4; place++) {
				const bytes = new Uint8Array(text.length + place + 40).fill(0x61);
				bytes.set(text, place + 20);
				const end = place + 20 + text.length;
				for (let split = place; split <= end; split++) {
					const state = utf8Check(UTF8_ACCEPT, bytes, place, split);
					if (verdict(utf8Check(state, bytes, split, end)) !== expected) equal(-9, expected, `${name}, place ${place}, split ${split}`);
				}
				equal(verdict(utf8Check(UTF8_ACCEPT, bytes, place, end)), expected, name);
			}
		}
	});

	test("utf8Check: REJECT stays, and comes with the first bad byte", () => {
		const ascii = new Uint8Array(40).fill(0x61);
		equal(utf8Check(UTF8_REJECT, ascii, 0, 40), UTF8_REJECT);
		equal(utf8Check(UTF8_REJECT, ascii, 0, 0), UTF8_REJECT);
		for (const hex of ["80", "c0", "f5", "e080", "eda0", "f080", "f490", "c341"]) {
			const bytes = bytesOf(hex);
			equal(verdict(utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length)), INVALID, hex);
			if (bytes.length > 1) equal(verdict(utf8Check(UTF8_ACCEPT, bytes, 0, 1)), INCOMPLETE, hex);
		}
	});

	test("utf8Check: one wrong byte is found wherever it is", () => {
		const bytes = new Uint8Array(LENGTH).fill(0x7f);
		for (let bad = 0; bad < LENGTH; bad++) {
			bytes[bad] = 0x80;
			for (let start = 0; start < 4 && start <= bad; start++) {
				equal(utf8Check(UTF8_ACCEPT, bytes, start, LENGTH), UTF8_REJECT);
				equal(utf8Check(UTF8_ACCEPT, bytes, start, bad), UTF8_ACCEPT);
			}
			bytes[bad] = 0x7f;
		}
	});

	test("utf8Check: random text, as a table of the well-formed sequences has it", () => {
		const seeded = new Seeded(14);
		const bytes = new Uint8Array(61);
		const seen = [0, 0, 0];
		for (let round = 0; round < 300; round++) {
			randomText(bytes, seeded);
			const bad = firstBad(bytes, bytes.length);
			const expected = bad === -1 ? VALID : bad === -2 ? INCOMPLETE : INVALID;
			seen[expected]!++;
			equal(verdict(utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length)), expected, `round ${round}`);
			let state = UTF8_ACCEPT;
			for (let at = 0; at < bytes.length; ) {
				const end = Math.min(bytes.length, at + 1 + seeded.below(30));
				state = utf8Check(state, bytes, at, end);
				if (bad >= 0 && (state === UTF8_REJECT) !== end > bad) equal(end, bad, `round ${round}: rejected in the wrong piece`);
				at = end;
			}
			equal(verdict(state), expected, `round ${round}, in pieces`);
		}
		for (const count of seen) ok(count > 0, `valid, invalid, incomplete: ${seen.join()}`);
	});
}
