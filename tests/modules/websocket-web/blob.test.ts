/* The Blob of this room (File API §3): what a program does with a binary message. */
import { deepEqual, equal, ok, test, throws } from "test";
import { Blob } from "websocket-web";

const bytes = Uint8Array.of(1, 2, 3, 4, 5);

test("a Blob is made of strings, buffers, views and Blobs, which are copied", async () => {
	const own = bytes.slice();
	const blob = new Blob(["aü", own.buffer, new DataView(own.buffer, 1, 2), new Uint16Array([0x0102]), new Blob(["z"])]);
	own.fill(0);
	equal(blob.size, 3 + 5 + 2 + 2 + 1);
	deepEqual(await blob.bytes(), Uint8Array.of(0x61, 0xc3, 0xbc, 1, 2, 3, 4, 5, 2, 3, 2, 1, 0x7a));
	deepEqual(new Uint8Array(await blob.arrayBuffer()), await blob.bytes());
	equal(new Blob().size, 0);
	equal(Object.prototype.toString.call(blob), "[object Blob]");
	equal(await new Blob([1 as unknown as string, null as unknown as string]).text(), "1null");
	throws(() => new Blob("x" as unknown as string[]), TypeError);
});

test("text is UTF-8", async () => {
	equal(await new Blob(["Grüße €😀\0x"]).text(), "Grüße €😀\0x");
	equal(await new Blob(["\ud800"]).text(), "\ufffd");
	equal(await new Blob([Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)]).text(), "a");
	ok((await new Blob([Uint8Array.of(0x61, 0xff)]).text()).startsWith("a\ufffd"));
	equal(await new Blob().text(), "");
});

test("slices", async () => {
	const blob = new Blob([bytes], { type: "A/B" });
	equal(blob.type, "a/b");
	for (const [start, end, expected] of [
		[undefined, undefined, [1, 2, 3, 4, 5]],
		[1, 3, [2, 3]],
		[-2, undefined, [4, 5]],
		[0, -4, [1]],
		[3, 1, []],
		[-9, 9, [1, 2, 3, 4, 5]],
		[9, undefined, []],
		[Number.NaN, 1, [1]],
	] as const) {
		const slice = blob.slice(start, end);
		deepEqual(Array.from(await slice.bytes()), [...expected]);
		equal(slice.type, "");
	}
	const inner = blob.slice(1, 4).slice(1, 9, "T");
	deepEqual(Array.from(await inner.bytes()), [3, 4]);
	equal(inner.size, 2);
	equal(inner.type, "t");
	equal(new Blob([], { type: "ä" }).type, "");
});

test("what it gives is the app's", async () => {
	const blob = new Blob([bytes]);
	(await blob.bytes()).fill(0);
	new Uint8Array(await blob.arrayBuffer()).fill(0);
	deepEqual(await blob.bytes(), bytes);
	throws(() => {
		(blob as unknown as { size: number }).size = 1;
	}, TypeError);
});
