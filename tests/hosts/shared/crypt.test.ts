import crypt, { Digest, type DigestType } from "crypt";
import { counters } from "device";
import Hex from "hex";
import { equal, test, throws } from "test";

// FIPS 180-4's examples (RFC 1321's for MD5): of nothing, of "abc", and of two blocks.
const twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
const vectors: [DigestType, number, number, string, string, string][] = [
	["MD5", 64, 16, "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72", "8215ef0796a20bcaaae116d3876c664a"],
	[
		"SHA1",
		64,
		20,
		"da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"a9993e364706816aba3e25717850c26c9cd0d89d",
		"84983e441c3bd26ebaae4aa1f95129e5e54670f1",
	],
	[
		"SHA224",
		64,
		28,
		"d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
		"23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
		"75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525",
	],
	[
		"SHA256",
		64,
		32,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	],
	[
		"SHA384",
		128,
		48,
		"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
		"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		"3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b",
	],
	[
		"SHA512",
		128,
		64,
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
	],
];

function hex(buffer: ArrayBuffer): string {
	return Hex.toString(buffer).toLowerCase();
}

function digest(type: DigestType, ...parts: (string | Uint8Array | ArrayBuffer | DataView)[]): string {
	const it = new Digest(type);
	for (const part of parts) it.write(part);
	return hex(it.close());
}

for (const [type, blockSize, outputSize, ofNothing, ofAbc, ofTwoBlocks] of vectors) {
	test(`${type} of known texts`, () => {
		equal(digest(type), ofNothing);
		equal(digest(type, "abc"), ofAbc);
		equal(digest(type, twoBlocks), ofTwoBlocks);
	});

	test(`${type} of a text split anywhere`, () => {
		for (let i = 0; i <= twoBlocks.length; i++) equal(digest(type, twoBlocks.slice(0, i), twoBlocks.slice(i)), ofTwoBlocks);
		const bytes = new Uint8Array(ArrayBuffer.fromString(twoBlocks));
		const it = new Digest(type);
		for (let i = 0; i < bytes.length; i++) it.write(bytes.subarray(i, i + 1));
		equal(hex(it.close()), ofTwoBlocks);
	});

	test(`${type} knows its sizes`, () => {
		const it = new Digest(type);
		equal(it.blockSize, blockSize);
		equal(it.outputSize, outputSize);
		equal(it.close().byteLength, outputSize);
		equal(it.outputSize, outputSize);
	});
}

test("a million a", () => {
	const thousand = new Uint8Array(1000).fill(0x61);
	const it = new Digest("SHA256");
	for (let i = 0; i < 1000; i++) it.write(thousand);
	equal(hex(it.close()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
});

test("buffers and views: what they show is what is digested", () => {
	const buffer = ArrayBuffer.fromString("xxabcxx");
	const expected = digest("SHA1", "abc");
	equal(digest("SHA1", buffer.slice(2, 5)), expected);
	equal(digest("SHA1", new Uint8Array(buffer, 2, 3)), expected);
	equal(digest("SHA1", new DataView(buffer, 2, 3)), expected);
	equal(digest("SHA1", new Uint8Array(0), "abc"), expected);
	throws(() => new Digest("SHA1").write(new Uint16Array(2) as never), TypeError);
	throws(() => new Digest("SHA1").write(1 as never), TypeError);
});

test("a closed digest refuses to go on until it is reset", () => {
	const it = new Digest("SHA1");
	it.write("abc");
	it.close();
	throws(() => it.write("x"), "closed");
	throws(() => it.close(), "closed");
	it.reset();
	it.write("abc");
	equal(hex(it.close()), digest("SHA1", "abc"));
	it.reset();
	it.write("nothing of this counts");
	it.reset();
	it.update("abc");
	equal(hex(it.close()), digest("SHA1", "abc"));
});

test("close(true) tells the digest so far", () => {
	const it = new Digest("SHA256");
	it.write("a");
	equal(hex(it.close(true)), digest("SHA256", "a"));
	it.write("bc");
	equal(hex(it.close()), digest("SHA256", "abc"));
});

test("process digests all its arguments", () => {
	const it = new Digest("SHA1");
	equal(hex(it.process("a", ArrayBuffer.fromString("b"), "c")), digest("SHA1", "abc"));
	equal(hex(it.process()), digest("SHA1"));
});

test("a digest that is unknown is named", () => {
	throws(() => new Digest("SHA3" as DigestType), "SHA3");
	throws(() => new Digest("sha1" as DigestType), "sha1");
	throws(() => new (Digest as unknown as new () => Digest)(), "unsupported");
	throws(() => Digest.prototype.write.call({} as Digest, "x"), SyntaxError);
});

test("digests that are dropped half way are collected", () => {
	const words = new Uint32Array(7);
	counters(words);
	const collections = words[2] as number;
	while ((words[2] as number) < collections + 2) {
		new Digest("SHA512").write("abc");
		counters(words);
	}
	equal(digest("SHA1", "abc"), digest("SHA1", "abc"));
});

test("the module's default has Digest, too", () => {
	equal(crypt.Digest, Digest);
});
