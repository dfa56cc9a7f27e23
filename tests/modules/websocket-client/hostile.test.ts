/* Each row of what hostile and unusual servers do to the classes of the SDK, on this one. */
import { deepEqual, equal, ok, test } from "test";
import type { WebSocketClientOptions } from "websocket-client";
import { App, bufferOf, ports, verdict } from "./app";

type Options = WebSocketClientOptions<never>;

const to = (path: string, options: Options = {}) => new App(path, options as object, ports.hostile);

for (const [path, words, options] of [
	["/accept", "wrong Sec-WebSocket-Accept"],
	["/protocol", "subprotocol that was not offered", { protocol: "one, two" }],
	["/protocol", "subprotocol that was not offered"],
	["/extension", "extension that was not offered"],
	["/refuse", "HTTP status 403"],
	["/headers", "do not fit into receiveSize", { receiveSize: 512 }],
	["/silent", "did not end in time", { timeout: 30 }],
] as const)
	test(`the handshake ${path.slice(1)}: ${words}`, async () => {
		const app = to(path, options);
		const ended = await app.ended;
		ok(ended.includes(words), ended);
		equal(app.log.length, 1);
	});

test("an answer with Connection: keep-alive, Upgrade is one", async () => {
	const app = to("/keepalive");
	ok((await app.opened) > 0);
	app.ws.write(bufferOf("hello"), { binary: false });
	app.ws.write(Uint8Array.of(3, 232), { opcode: 8 });
	equal(await app.ended, "closed");
	equal(await verdict(app), "text hello, close 1000");
});

test("a refused connection, and a name that there is not", async () => {
	const app = new App("/", {}, ports.refused);
	equal(await app.ended, "error: no TCP connection: refused or unreachable");
	const nowhere = new App("/", { host: "nowhere.invalid" });
	equal(await nowhere.ended, "error: no TCP connection: the host's name does not resolve");
});

test("handshake, headers and payload byte by byte; a fragmented text with pings inside", async () => {
	const app = to(`/trickle/0103_48656c_8901_70_8900_0002_6c6f_8001_21_827e007e_${"61".repeat(126)}880503e8627965`);
	let text = "";
	app.readable = (count, { more, binary }) => {
		// Bytes of a segment each, but the kernel may join them.
		const bytes = new Uint8Array(count);
		equal(app.ws.read(bytes), count);
		text += String.fromArrayBuffer(bytes.buffer);
		if (more) return;
		app.note(`${binary ? "binary" : "text"} ${text}`);
		text = "";
	};
	deepEqual(await app.logged(6), ["ping p", "ping ", "text Hello!", `binary ${"a".repeat(126)}`, "close 1000 bye", "closed"]);
	equal(await verdict(app), "pong p, pong , close 1000");
});

test("pings in one segment: each is told, and the last answered", async () => {
	const app = to("/frames/8903_616263_8900_890131_8a0132_810133_8800");
	deepEqual(await app.logged(7), ["ping abc", "ping ", "ping 1", "pong 2", "text 3", "close", "closed"]);
	equal(await verdict(app), "pong abc, pong , pong 1, close");
});

test("an empty message is one, text and binary, also in parts", async () => {
	const app = to("/frames/8100_8200_0100_8000_010141_0000_8000_8800");
	const reads: unknown[] = [];
	app.readable = (count, { more, binary }) => {
		app.note(`${binary ? "binary" : "text"} ${count}${more ? " …" : ""}`);
		const data = app.ws.read();
		reads.push(data instanceof ArrayBuffer ? data.byteLength : data, app.ws.read());
	};
	deepEqual(await app.logged(7), ["text 0", "binary 0", "text 0", "text 1 …", "text 0", "close", "closed"]);
	deepEqual(reads, [0, undefined, 0, undefined, 0, undefined, 1, undefined, 0, undefined]);
	await verdict(app);
});

for (const [name, frames, code, words, before] of [
	["a masked frame", "8181_00000000_61", 1002, "masked"],
	["a reserved bit", "c10161", 1002, "reserved bit"],
	["a reserved opcode", "8300", 1002, "reserved opcode"],
	["a reserved control opcode", "8b00", 1002, "reserved opcode"],
	["a control frame of 126 bytes", "897e007e", 1002, "more than 125"],
	["a fragmented control frame", "090161", 1002, "fragmented control"],
	["text that is not UTF-8", "8102c328", 1007, "UTF-8"],
	["text that ends in the middle of a character", "810161_8101c3", 1007, "UTF-8", "text a"],
	["close code 1005", "880203ed", 1002, "close code"],
	["close code 999", "880203e7", 1002, "close code"],
	["a close frame of one byte", "880103", 1002, "one byte"],
	["a close reason that is not UTF-8", "880303e8ff", 1007, "UTF-8"],
	["a 64-bit length with the highest bit", "827f8000000000000001", 1002, "highest bit"],
	["a length that is not minimal", "827e0001_61", 1002, "shortest form"],
	["a length of 64 bits that is not minimal", "827f000000000000007e", 1002, "shortest form"],
	["a continuation of nothing", "800161", 1002, "without a message"],
	["a message inside of another", "010161_810162", 1002, "before the last one ended", "… a"],
] as const)
	test(`${name}: refused with ${code}`, async () => {
		const app = to(`/frames/${frames}`);
		const ended = await app.ended;
		ok(ended.startsWith("error: ") && ended.includes(words), ended);
		deepEqual(app.log.slice(0, -1), before ? [before] : []);
		const told = await verdict(app);
		ok(told.startsWith(`close ${code} `) && !told.includes(", close") && !told.includes("wrong"), told);
	});

test("ten megabytes in one frame come in pieces that are no longer than the buffer", async () => {
	const HUGE = 10 * 1024 * 1024;
	const app = to("/huge", { receiveSize: 1024 });
	const bytes = new Uint8Array(1024);
	let at = 0;
	let wrong = 0;
	app.readable = (count, { more, binary }) => {
		if (at === HUGE) {
			app.note(`${binary} ${more} ${String.fromArrayBuffer(app.ws.read() as ArrayBuffer)}`);
			return;
		}
		if (app.ws.read(bytes) !== count || !binary) wrong++;
		const last = at + count - 1;
		if (bytes[0] !== ((at * 7 + (at >> 8)) & 255) || bytes[count - 1] !== ((last * 7 + (last >> 8)) & 255)) wrong++;
		at += count;
		if (more !== at < HUGE) wrong++;
	};
	deepEqual(await app.logged(1), ["false false behind it"]);
	equal(wrong, 0);
	app.ws.close();
	equal(await verdict(app), "close 1000");
});

test("an end without a close frame is an error, what came before is read", async () => {
	for (const [path, words] of [
		["/hangup", "without a close handshake"],
		["/reset", "without a close handshake"],
	] as const) {
		const app = to(path);
		const ended = await app.ended;
		ok(ended.includes(words), ended);
		await verdict(app);
	}
});

test("what came before the end can be read, and who does not read it hears of the end nevertheless", async () => {
	const app = to("/cut/810161_8203626364");
	deepEqual(await app.logged(2), ["text a", "binary bcd"]);
	ok((await app.ended).includes("without a close handshake"));
	const idle = to("/cut/810161_8203626364_880203e9", { closeTimeout: 30 });
	let told = 0;
	idle.readable = () => {
		told++;
	};
	equal(await idle.ended, "closed");
	deepEqual([told, idle.log], [1, ["close 1001 ", "closed"]]);
	equal(idle.ws.read(), undefined);
});

test("a server that does not answer a close frame is left", async () => {
	const app = to("/deaf/", { closeTimeout: 30 });
	await app.opened;
	equal(app.ws.write(Uint8Array.of(3, 233, 98, 121, 101), { opcode: 8 }), 0);
	deepEqual([await app.ended, app.log.length], ["closed", 1]);
	equal(await verdict(app), "close 1001 bye");
});

test("after a close frame of the app's, messages and pings are told, and no ping is answered", async () => {
	const app = to("/frames/810161_890170_810162");
	app.readable = (count) => {
		if (app.log.length === 0) app.ws.write(Uint8Array.of(3, 232), { opcode: 8 });
		app.note(String.fromArrayBuffer(app.ws.read(count) as ArrayBuffer));
	};
	deepEqual(await app.logged(5), ["a", "ping p", "b", "close 1000 ", "closed"]);
	equal(await verdict(app), "close 1000");
});

test("close() says goodbye", async () => {
	const app = to("/keepalive");
	await app.opened;
	app.ws.close();
	equal(await verdict(app), "close 1000");
	equal(app.log.length, 0);
});
