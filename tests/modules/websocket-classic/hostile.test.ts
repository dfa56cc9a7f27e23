/* Each row of what hostile and unusual servers do to the classes of the SDK, on the classic Client. */
import { deepEqual, equal, ok, test } from "test";
import type { ClientOptions } from "websocket-classic";
import { App, ports, verdict } from "./app";

const to = (path: string, options: ClientOptions = {}) => new App(path, options, ports.hostile);

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
		// With so short a timeout, not even TCP may be there.
		deepEqual(
			app.entries.filter((entry) => entry !== "connect"),
			[ended],
		);
	});

test("an answer with Connection: keep-alive, Upgrade is one; close() says goodbye", async () => {
	const app = to("/keepalive");
	const ws = await app.opened();
	ws.write("hello");
	ws.close();
	equal(await verdict(app), "text hello, close 1000");
	deepEqual(app.entries, ["connect", "handshake"]);
});

test("a refused connection never was one, and a name that there is not", async () => {
	const app = new App("/", {}, ports.refused);
	await app.ended;
	deepEqual(app.entries, ["disconnect: no TCP connection: refused or unreachable"]);
	const nowhere = new App("/", { host: "nowhere.invalid" });
	equal(await nowhere.ended, "disconnect: no TCP connection: the host's name does not resolve");
});

test("handshake, headers and payload byte by byte; a fragmented text with pings inside", async () => {
	const app = to(`/trickle/0103_48656c_8901_70_8900_0002_6c6f_8001_21_827e007e_${"61".repeat(126)}880503e8627965`);
	deepEqual(await app.first(5), ["connect", "handshake", "receive Hello!", "receive <126>", "disconnect: bye"]);
	equal(await verdict(app), "pong p, pong , close 1000");
});

test("pings in one segment, and pongs: the last ping is answered", async () => {
	const app = to("/frames/8903_616263_8900_890131_8a0132_810133_8800");
	deepEqual(await app.first(4), ["connect", "handshake", "receive 3", "disconnect"]);
	const pongs = (await verdict(app)).split(", ");
	deepEqual(pongs.slice(-2), ["pong 1", "close"]);
});

test("empty messages are messages, text and binary, also in parts", async () => {
	const app = to("/frames/8100_8200_0100_8000_010141_0000_8000_0200_800142_8800");
	const values: unknown[] = [];
	app.on = (message, value) => message === 3 && values.push(typeof value);
	deepEqual((await app.first(7)).slice(2), ["receive ", "receive <0>", "receive ", "receive A", "receive <1>"]);
	deepEqual(values, ["string", "object", "string", "string", "object"]);
	equal(await app.ended, "disconnect");
	await verdict(app);
});

test("a text has its NUL, and characters beyond 16 bits", async () => {
	const app = to("/frames/8103_610062_8104_f09f9880_8800");
	const values: string[] = [];
	app.on = (message, value) => message === 3 && values.push(value as string);
	await app.ended;
	deepEqual([values[0]?.length, values[0]?.charCodeAt(1), values[1]?.codePointAt(0)], [3, 0, 0x1f600]);
	await verdict(app);
});

for (const [name, frames, code, words, before] of [
	["a masked frame", "8181_00000000_61", 1002, "masked"],
	["a reserved bit", "c10161", 1002, "reserved bit"],
	["a reserved opcode", "8300", 1002, "reserved opcode"],
	["a control frame of 126 bytes", "897e007e", 1002, "more than 125"],
	["a fragmented control frame", "090161", 1002, "fragmented control"],
	["text that is not UTF-8", "8102c328", 1007, "UTF-8"],
	["text that ends in the middle of a character", "810161_8101c3", 1007, "UTF-8", "receive a"],
	["close code 1005", "880203ed", 1002, "close code"],
	["close code 999", "880203e7", 1002, "close code"],
	["a close frame of one byte", "880103", 1002, "one byte"],
	["a 64-bit length with the highest bit", "827f8000000000000001", 1002, "highest bit"],
	["a length that is not minimal", "827e0001_61", 1002, "shortest form"],
	["a continuation of nothing", "800161", 1002, "without a message"],
	["a message inside of another", "010161_810162", 1002, "before the last one ended"],
	["a frame of 16 KB and a byte", "827e4001", 1009, "longer than maxMessage"],
	["frames of 16 KB and a byte together", "010161_007e4000", 1009, "longer than maxMessage"],
] as const)
	test(`${name}: refused with ${code}`, async () => {
		const app = to(`/frames/${frames}`);
		const ended = await app.ended;
		ok(ended.startsWith("disconnect: ") && ended.includes(words), ended);
		deepEqual(app.entries.slice(2, -1), before ? [before] : []);
		const told = await verdict(app);
		ok(told.startsWith(`close ${code} `) && !told.includes(", close") && !told.includes("wrong"), told);
	});

test("ten megabytes in one frame end the connection, and take no memory", async () => {
	const app = to("/huge");
	ok((await app.ended).includes("longer than maxMessage"));
	equal(app.entries.length, 3);
	// Told or cut off: what was not read makes it a reset.
	ok(["close 1009 message longer than maxMessage", ""].includes(await verdict(app)));
});

test("an end without a close frame is told as what it is", async () => {
	for (const path of ["/hangup", "/reset"]) {
		const app = to(path);
		ok((await app.ended).includes("without a close handshake"));
		await verdict(app);
	}
});

test("a server that does not answer a close frame is left", async () => {
	const app = to("/deaf/", { closeTimeout: 30 });
	(await app.opened()).close();
	equal(await verdict(app), "close 1000");
	deepEqual(app.entries, ["connect", "handshake"]);
});
