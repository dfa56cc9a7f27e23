import Base64 from "base64";
import CRC8, { CRC16 } from "crc";
import { counters } from "device";
import Hex from "hex";
import Logical from "logical";
import { deepEqual, equal, test, throws } from "test";
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";
import { URL } from "url";

test("base64: RFC 4648's vectors, both ways", () => {
	const vectors: [string, string][] = [
		["f", "Zg=="],
		["fo", "Zm8="],
		["foo", "Zm9v"],
		["foobar", "Zm9vYmFy"],
	];
	for (const [text, encoded] of vectors) {
		equal(Base64.encode(text), encoded);
		equal(Base64.encode(ArrayBuffer.fromString(text)), encoded);
		equal(String.fromArrayBuffer(Base64.decode(encoded)), text);
	}
	equal(Base64.encode(new Uint8Array([0xfb, 0xff])), "+/8=");
});

test("hex", () => {
	equal(Hex.toString(new Uint8Array([0, 0xab, 0xff])), "00ABFF");
	equal(Hex.toString(new Uint8Array([0, 0xab, 0xff]), ":"), "00:AB:FF");
	deepEqual(new Uint8Array(Hex.toBuffer("00aBff")), new Uint8Array([0, 0xab, 0xff]));
});

test("crc: the check values of CRC-8 and CRC-16/CCITT-FALSE", () => {
	const digits = ArrayBuffer.fromString("123456789");
	equal(new CRC8(0x07).checksum(digits), 0xf4);
	equal(new CRC16(0x1021, 0xffff).checksum(digits), 0x29b1);
});

test("logical: the mask repeats", () => {
	const bytes = new Uint8Array([1, 2, 3, 4, 5]);
	Logical.xor(bytes, new Uint8Array([0xff, 0x00]));
	deepEqual(bytes, new Uint8Array([0xfe, 2, 0xfc, 4, 0xfa]));
	Logical.and(bytes, 0x0f);
	deepEqual(bytes, new Uint8Array([0x0e, 2, 0x0c, 4, 0x0a]));
	Logical.or(bytes, "@");
	deepEqual(bytes, new Uint8Array([0x4e, 0x42, 0x4c, 0x44, 0x4a]));
	Logical.not(bytes);
	deepEqual(bytes, new Uint8Array([0xb1, 0xbd, 0xb3, 0xbb, 0xb5]));
	Logical.xor(new Uint8Array(0), 0xff);
});

test("logical: count and the window of a view limit it", () => {
	const bytes = new Uint8Array(6);
	Logical.xor(bytes, 0xff, 2);
	deepEqual(bytes, new Uint8Array([0xff, 0xff, 0, 0, 0, 0]));
	Logical.xor(new Uint8Array(bytes.buffer, 4), 0x11);
	Logical.or(new DataView(bytes.buffer, 3, 1), 0x22);
	deepEqual(bytes, new Uint8Array([0xff, 0xff, 0, 0x22, 0x11, 0x11]));
	Logical.not(bytes, 1);
	equal(bytes[0], 0);
	for (const count of [0, -1, 7]) throws(() => Logical.xor(bytes, 1, count), RangeError);
	throws(() => Logical.xor(bytes, new Uint8Array(0)), RangeError);
	throws(() => Logical.xor(bytes, ""), RangeError);
	throws(() => Logical.xor(bytes, undefined as unknown as number), TypeError);
	throws(() => Logical.xor(new Uint16Array(2) as never, 1), TypeError);
});

test("logical allocates nothing", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const bytes = new Uint8Array(100);
	const mask = new Uint8Array([1, 2, 3, 4]);
	counters(before);
	for (let i = 0; i < 100; i++) Logical.xor(bytes, mask, 50);
	counters(after);
	equal(after[0], before[0]);
	equal(after[1], before[1]);
});

test("text: UTF-8 both ways", () => {
	const text = "grüße, 世界 🌍";
	const bytes = new TextEncoder().encode(text);
	equal(bytes.length, 20);
	equal(new TextDecoder().decode(bytes), text);
	const target = new Uint8Array(4);
	deepEqual(new TextEncoder().encodeInto("aü世", target), { read: 2, written: 3 });
	equal(new TextDecoder().decode(new Uint8Array([0x61, 0xff, 0x62])), "a\ufffdb");
	throws(() => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])), TypeError);
});

test("url", () => {
	const url = new URL("ws://user@example.com:8080/path?q=1#top");
	equal(url.hostname, "example.com");
	equal(url.port, "8080");
	equal(url.pathname, "/path");
	equal(url.search, "?q=1");
	throws(() => new URL("no url"));
});
