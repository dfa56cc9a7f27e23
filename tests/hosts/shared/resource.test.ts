/* Files of the manifest, in flash. */

import Resource from "Resource";
import { counters } from "device";
import { deepEqual, equal, ok, test, throws } from "test";

const text = (buffer: ArrayBuffer) => String.fromArrayBuffer(buffer);
/** As Resource's typings have it, the engine takes a host buffer where it takes an ArrayBuffer. */
const view = (buffer: HostBuffer) => new Uint8Array(buffer as unknown as ArrayBuffer);

test("a file by its name and extension, from data and from resources, a folder in the target left out", () => {
	equal(text(new Resource("greeting.txt").slice(0)), "hello, flash");
	equal(text(new Resource("other.txt").slice(0)), "who is there?");
	equal(new Resource("empty.bin").byteLength, 0);
	ok(Resource.exists("greeting.txt"));
	equal(Resource.exists("greeting"), false);
	equal(Resource.exists("certs/other.txt"), false);
	equal(Resource.exists("question.txt"), false, "it has a name already");
});

test("what is not there is told with its name and where it would be listed", () => {
	throws(() => new Resource("nope.der"), /^URIError: .*nope\.der.*"data"/);
});

test("slice copies, with limits as in the SDK", () => {
	const resource = new Resource("greeting.txt");
	equal(text(resource.slice(0, 5)), "hello");
	equal(text(resource.slice(7)), "flash");
	equal(text(resource.slice(-3, 5)), "hello");
	equal(text(resource.slice(7, 1000)), "flash");
	equal(resource.slice(5, 2).byteLength, 0);
	equal(resource.slice(1000).byteLength, 0);
});

test("slice without a copy is the bytes in flash", () => {
	const part = new Resource("greeting.txt").slice(7, 12, false);
	equal(part.byteLength, 5);
	deepEqual(Array.from(view(part)), [102, 108, 97, 115, 104]);
});

test("it is a buffer that cannot be written", () => {
	const bytes = view(new Resource("greeting.txt"));
	equal(bytes.length, 12);
	equal(bytes[0], 104);
	throws(() => bytes.fill(0), TypeError);
	throws(() => {
		bytes[0] = 1;
	}, TypeError);
	equal(bytes[0], 104);
});

test("its bytes take none of the arena", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	counters(before);
	const resource = new Resource("greeting.txt");
	counters(after);
	equal(after[1], before[1], "chunk bytes");
	equal((after[0] as number) - (before[0] as number) <= 3, true, "slots");
	ok(resource);
});
