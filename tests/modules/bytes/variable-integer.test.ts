import {
	readVariable,
	sizeOfVariable,
	VARIABLE_FORM,
	VARIABLE_LONG,
	VARIABLE_MAX,
	VARIABLE_MORE,
	writeVariable,
} from "bytes/variable-integer";
import { deepEqual, equal, test } from "test";

/** The borders of MQTT 5.0's table 1-1. */
const numbers: [number, number[]][] = [
	[0, [0]],
	[1, [1]],
	[127, [0x7f]],
	[128, [0x80, 0x01]],
	[321, [0xc1, 0x02]],
	[16_383, [0xff, 0x7f]],
	[16_384, [0x80, 0x80, 0x01]],
	[2_097_151, [0xff, 0xff, 0x7f]],
	[2_097_152, [0x80, 0x80, 0x80, 0x01]],
	[VARIABLE_MAX, [0xff, 0xff, 0xff, 0x7f]],
];

test("numbers are read and written at any place", () => {
	for (const [value, bytes] of numbers) {
		const { length } = bytes;
		equal(sizeOfVariable(value), length);
		for (let at = 0; at < 3; at++) {
			const target = new Uint8Array(at + length).fill(0xff);
			equal(writeVariable(target, at, value), at + length);
			deepEqual(target.slice(at), Uint8Array.from(bytes));
			equal(readVariable(target, at, at + length), value);
		}
	}
});

test("a number whose last byte is missing needs more", () => {
	for (const [, bytes] of numbers)
		for (let end = 0; end < bytes.length; end++) equal(readVariable(Uint8Array.from(bytes), 0, end), VARIABLE_MORE, `${bytes} to ${end}`);
});

test("what goes on behind four bytes is no number, whatever follows", () => {
	for (const last of [0x80, 0x81, 0xff]) {
		equal(readVariable(Uint8Array.of(0x80, 0x80, 0x80, last), 0, 4), VARIABLE_LONG);
		equal(readVariable(Uint8Array.of(0xff, 0xff, 0xff, last, 0x01), 0, 5), VARIABLE_LONG);
	}
});

test("a number in more bytes than it needs is seen", () => {
	for (const bytes of [
		[0x80, 0x00],
		[0xff, 0x00],
		[0x80, 0x80, 0x00],
		[0xff, 0x80, 0x00],
		[0x80, 0x80, 0x80, 0x00],
		[0xff, 0xff, 0xff, 0x00],
	]) {
		equal(readVariable(Uint8Array.from(bytes), 0, bytes.length), VARIABLE_FORM, `${bytes}`);
		equal(readVariable(Uint8Array.from(bytes), 0, bytes.length - 1), VARIABLE_MORE, `${bytes}, without the last`);
	}
});

test("what does not fit is not written", () => {
	const bytes = new Uint8Array(2);
	equal(writeVariable(bytes, 1, 128), -1);
	equal(writeVariable(bytes, 2, 0), -1);
	equal(writeVariable(bytes, -1, 0), -1);
	equal(writeVariable(bytes, 0, 16_384), -1);
	equal(writeVariable(new Uint8Array(8), 0, VARIABLE_MAX + 1), -1);
	equal(writeVariable(bytes, 0, -1), -1);
	deepEqual(bytes, new Uint8Array(2));
});
