import { UTF8_ACCEPT, UTF8_REJECT, utf8Check } from "bytes/utf8";
import { equal, test } from "test";
import { bytesOf, INCOMPLETE, INVALID, VALID, vectors } from "./utf8-vectors";

function verdict(state: number): number {
	if (state === UTF8_ACCEPT) return VALID;
	return state === UTF8_REJECT ? INVALID : INCOMPLETE;
}

test("every vector is told apart, whole", () => {
	for (const [name, hex, expected] of vectors) {
		const bytes = bytesOf(hex);
		equal(verdict(utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length)), expected, name);
	}
});

test("every vector, byte by byte", () => {
	for (const [name, hex, expected] of vectors) {
		const bytes = bytesOf(hex);
		let state = UTF8_ACCEPT;
		for (let i = 0; i < bytes.length && state !== UTF8_REJECT; i++) state = utf8Check(state, bytes, i, i + 1);
		equal(verdict(state), expected, name);
	}
});

test("every vector, at every split", () => {
	for (const [name, hex, expected] of vectors) {
		const bytes = bytesOf(hex);
		for (let split = 0; split <= bytes.length; split++) {
			const state = utf8Check(UTF8_ACCEPT, bytes, 0, split);
			equal(verdict(utf8Check(state, bytes, split, bytes.length)), expected, `${name}, split ${split}`);
		}
	}
});

test("it fails at the first byte that cannot be right, not at the end of the character", () => {
	for (const hex of ["c0", "f5", "e080", "eda0", "f080", "f490"]) {
		const bytes = bytesOf(hex);
		equal(utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length), UTF8_REJECT, hex);
	}
});

test("every lead byte has the right followers", () => {
	const bytes = new Uint8Array(4);
	for (let lead = 0x80; lead < 0x100; lead++)
		for (let second = 0x7f; second < 0xc1; second++) {
			bytes[0] = lead;
			bytes[1] = second;
			const state = utf8Check(UTF8_ACCEPT, bytes, 0, 2);
			const tail = second >= 0x80 && second <= 0xbf;
			let right = tail && lead >= 0xc2 && lead <= 0xf4;
			if (lead === 0xe0) right &&= second >= 0xa0;
			if (lead === 0xed) right &&= second <= 0x9f;
			if (lead === 0xf0) right &&= second >= 0x90;
			if (lead === 0xf4) right &&= second <= 0x8f;
			if ((state !== UTF8_REJECT) !== right) equal(state, right ? UTF8_ACCEPT : UTF8_REJECT, `${lead} ${second}`);
		}
	equal(utf8Check(UTF8_ACCEPT, bytes, 0, 0), UTF8_ACCEPT);
});
