import { readUint16, readUint32, writeUint } from "bytes/big-endian";
import { deepEqual, equal, test } from "test";

test("a number of 16 bits is read where it lies, and nowhere else", () => {
	const bytes = Uint8Array.of(0x03, 0xe8, 0xff, 0xfe);
	equal(readUint16(bytes, 0), 1000);
	equal(readUint16(bytes, 2), 0xfffe);
	equal(readUint16(bytes, 3), -1);
	equal(readUint16(bytes, -1), -1);
});

test("a number of 32 bits has no sign, and lies wholly in the buffer", () => {
	const bytes = Uint8Array.of(0x00, 0x00, 0x03, 0xe8, 0xff, 0xff, 0xff, 0xfe);
	equal(readUint32(bytes, 0), 1000);
	equal(readUint32(bytes, 2), 0x03e8ffff);
	equal(readUint32(bytes, 4), 4_294_967_294);
	equal(readUint32(bytes, 5), -1);
	equal(readUint32(bytes, 8), -1);
	equal(readUint32(bytes, -1), -1);
	equal(readUint32(new Uint8Array(3), 0), -1);
});

test("numbers are written whole, also above 32 bits", () => {
	const bytes = new Uint8Array(8);
	equal(writeUint(bytes, 0, 2 ** 53 - 1, 8), 8);
	deepEqual(bytes, Uint8Array.of(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
	equal(writeUint(bytes, 0, 5 * 2 ** 32 + 7, 8), 8);
	deepEqual(bytes, Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 7));
	equal(writeUint(bytes, 2, 70000 % 65536, 2), 4);
	deepEqual(bytes, Uint8Array.of(0, 0, 0x11, 0x70, 0, 0, 0, 7));
	equal(writeUint(bytes, 8, 1, 0), 8);
});

test("what does not fit is not written", () => {
	const bytes = new Uint8Array(3);
	equal(writeUint(bytes, 2, 0xffff, 2), -1);
	equal(writeUint(bytes, -1, 0xffff, 2), -1);
	deepEqual(bytes, new Uint8Array(3));
});
