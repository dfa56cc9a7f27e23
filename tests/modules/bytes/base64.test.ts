import { writeBase64 } from "bytes/base64";
import { equal, test } from "test";

function encoded(text: string): string {
	const from = new Uint8Array(ArrayBuffer.fromString(text));
	const into = new Uint8Array(16);
	const end = writeBase64(from, into, 1);
	return String.fromArrayBuffer(into.slice(1, end).buffer);
}

test("the vectors of RFC 4648 §10", () => {
	equal(encoded("f"), "Zg==");
	equal(encoded("fo"), "Zm8=");
	equal(encoded("foo"), "Zm9v");
	equal(encoded("foob"), "Zm9vYg==");
	equal(encoded("fooba"), "Zm9vYmE=");
	equal(encoded("foobar"), "Zm9vYmFy");
});

test("all 64 digits", () => {
	const from = new Uint8Array(48);
	for (let i = 0; i < 16; i++) {
		const four = i * 4;
		from[i * 3] = (four << 2) | ((four + 1) >> 4);
		from[i * 3 + 1] = (((four + 1) & 15) << 4) | ((four + 2) >> 2);
		from[i * 3 + 2] = (((four + 2) & 3) << 6) | (four + 3);
	}
	const into = new Uint8Array(64);
	equal(writeBase64(from, into, 0), 64);
	equal(String.fromArrayBuffer(into.buffer), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
});

test("what does not fit is not written", () => {
	const into = new Uint8Array(7);
	equal(writeBase64(new Uint8Array(4), into, 0), -1);
	equal(writeBase64(new Uint8Array(3), into, 4), -1);
	for (let i = 0; i < into.length; i++) equal(into[i], 0);
});
