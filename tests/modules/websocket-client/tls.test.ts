/* WebSocketClient over TLSSocket: a program for the SDK's class, with wss in its options. */
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import config from "mc/config";
import { deepEqual, equal, ok, test } from "test";
import { App, bufferOf } from "./app";

const { ca, echo, other } = config as unknown as { ca: string; echo: number; other: number };
const socket = (secure: object = { certificate: ca }) => ({ io: TLSSocket, TCP: { io: TCP }, secure });

test("messages there and back, short ones and 16 KB as there is room", async () => {
	const app = new App("/host", { socket: socket() }, echo);
	let room = await app.opened;
	const { ws } = app;
	equal((await app.logged(1))[0], `text localhost:${echo}`);
	ws.write(bufferOf("hello"), { binary: false });
	equal((await app.logged(2))[1], "text hello");
	const sent = new Uint8Array(16_384).map((_, i) => (i * 7 + (i >> 8)) & 255);
	const received = new Uint8Array(16_384);
	let out = 0;
	let at = 0;
	const all = new Promise<void>((resolve) => {
		app.readable = (count, { more }) => {
			ws.read(received.subarray(at));
			at += count;
			if (!more) resolve();
		};
	});
	app.writable = (count) => {
		for (room = count; room > 0 && out < sent.length; ) {
			const piece = sent.subarray(out, out + room);
			out += piece.length;
			room = ws.write(piece, { more: out < sent.length });
		}
	};
	// What was written before is on its way.
	ws.write(new ArrayBuffer(0), { opcode: 10 });
	await all;
	deepEqual(received, sent);
	ws.write(Uint8Array.of(3, 232), { opcode: 8 });
	equal(await app.ended, "closed");
});

test("a certificate for another host, and of somebody unknown, are refused, and onError says so", async () => {
	const wrong = await new App("/", { socket: socket() }, other).ended;
	ok(wrong.includes("WRONG_HOST"), wrong);
	const unknown = await new App("/", { socket: socket({}) }, echo).ended;
	ok(unknown.includes("UNKNOWN_CA"), unknown);
});
