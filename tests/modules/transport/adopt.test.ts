/* Transports over sockets that are open already, and the contract's small print. */

import TCP from "embedded:io/socket/tcp";
import config from "mc/config";
import { Socket } from "socket";
import { equal, ok, test } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { ECONNREFUSED, websocketConnect, websocketDisconnect, websocketRecvMsg, websocketSendMsg } from "websocket";

const { port, refused } = config as unknown as { port: number; refused: number };
const address = "127.0.0.1";
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** One echo over a transport; gives the error of the end. */
async function echo(transport: Transport): Promise<number> {
	const bytes = new Uint8Array(16);
	let read = () => {};
	let end = (_: number) => {};
	const readable = new Promise<void>((resolve) => {
		read = resolve;
	});
	const ended = new Promise<number>((resolve) => {
		end = resolve;
	});
	const request = {
		host: "h",
		url: "/echo",
		tmpBuf: new Uint8Array(300),
		tmpBufLen: 256,
		txBuf: new Uint8Array(256),
		onReadable: () => read(),
		onClose: (_: number, error: number) => end(error),
	};
	const ws = await websocketConnect(transport, request, 20_000);
	ok(ws > 0);
	equal(websocketSendMsg(ws, Uint8Array.of(1, 2, 3), 3, 2, true, true, 0), 3);
	await readable;
	equal(websocketRecvMsg(ws, bytes, 16, info, 0), 3);
	equal(bytes[2], 3);
	websocketDisconnect(ws);
	return ended;
}

test("ECMA-419 TCP: an open socket is taken over", async () => {
	const tcp = await new Promise<TCP>((resolve) => {
		const made: TCP = new TCP({ address, port, onWritable: () => resolve(made) });
	});
	const transport = new TcpTransport({ from: tcp });
	equal(await echo(transport), 0);
	transport.close();
});

test("classic socket: an open socket is taken over, and its callback given back", async () => {
	const socket = new Socket({ host: address, port });
	await new Promise<void>((resolve) => {
		socket.callback = (message) => {
			if (message === 1) resolve();
		};
	});
	const transport = new SocketTransport(socket, true);
	equal(await echo(transport), 0);
	const disconnected = new Promise<number>((resolve) => {
		socket.callback = (message) => resolve(message);
	});
	equal(await disconnected, -1);
	socket.close();
});

/** Starts it with somebody who waits for the end, and gives what was said about that. */
function ending(transport: Transport): Promise<number> {
	return new Promise((resolve) => {
		ok(transport.start({ onReadable() {}, onWritable() {}, onClosed: resolve }));
	});
}

/** Sends what no server takes for a request, and reads until it has answered and hung up: the answer. */
function refusal(transport: Transport): Promise<string> {
	const nonsense = new Uint8Array(ArrayBuffer.fromString("nonsense\r\n\r\n"));
	const bytes = new Uint8Array(64);
	let text = "";
	return new Promise((resolve) => {
		const onReadable = () => {
			let count = transport.read(bytes, 0, bytes.length);
			while (count > 0) {
				text += String.fromArrayBuffer(bytes.slice(0, count).buffer);
				count = transport.read(bytes, 0, bytes.length);
			}
		};
		let written = 0;
		const onWritable = () => {
			if (written === 0) written = transport.write(nonsense, 0, nonsense.length);
		};
		ok(transport.start({ onReadable, onWritable, onClosed: () => resolve(text) }));
	});
}

for (const [name, make] of [
	["tcp", (to = port) => new TcpTransport({ address, port: to })],
	["socket", (to = port) => new SocketTransport(new Socket({ host: address, port: to }))],
] as const) {
	test(`${name}: one that never was connected stays lost for the next user`, async () => {
		const transport = make(refused);
		const bytes = new Uint8Array(4);
		await ending(transport);
		transport.stop();
		ok(transport.read(bytes, 0, 4) < 0);
		ok(transport.write(bytes, 0, 4) < 0);
		ok(transport.start({ onReadable() {}, onWritable() {}, onClosed() {} }));
		for (let i = 0; i < 2; i++) {
			ok(transport.read(bytes, 0, 4) < 0);
			ok(transport.write(bytes, 0, 4) < 0);
		}
		transport.close();
		ok(transport.read(bytes, 0, 4) < 0);
	});

	test(`${name}: one whose peer ended it stays lost for the next user`, async () => {
		const transport = make();
		const bytes = new Uint8Array(4);
		const text = await refusal(transport);
		ok(text.startsWith("HTTP/1.1 400"), text);
		transport.stop();
		ok(transport.start({ onReadable() {}, onWritable() {}, onClosed() {} }));
		for (let i = 0; i < 2; i++) {
			ok(transport.read(bytes, 0, 4) < 0);
			ok(transport.write(bytes, 0, 4) < 0);
		}
		transport.close();
	});

	test(`${name}: the protocol of the next user is told that the connection is lost`, async () => {
		const transport = make(refused);
		await ending(transport);
		transport.stop();
		const request = { host: "h", url: "/", tmpBuf: new Uint8Array(256), txBuf: new Uint8Array(256) };
		ok((await websocketConnect(transport, request, 2000)) === -ECONNREFUSED);
		transport.close();
	});

	test(`${name}: before it is connected there is nothing to read, and no room`, async () => {
		const transport = make();
		equal(transport.read(new Uint8Array(4), 0, 4), 0);
		equal(transport.write(new Uint8Array(4), 0, 4), 0);
		transport.close();
	});

	test(`${name}: after close it is of no use, and says so`, () => {
		const transport = make();
		const heard: number[] = [];
		ok(transport.start({ onReadable() {}, onWritable() {}, onClosed: (error) => heard.push(error) }));
		transport.close();
		transport.close();
		equal(heard.join(), "-140");
		ok(transport.read(new Uint8Array(4), 0, 4) < 0);
		ok(transport.write(new Uint8Array(4), 0, 4) < 0);
	});

	test(`${name}: after stop() another one may use it`, () => {
		const transport = make();
		const events = { onReadable() {}, onWritable() {}, onClosed() {} };
		ok(transport.start(events));
		equal(transport.start(events), false);
		transport.stop();
		ok(transport.start(events));
		transport.close();
	});
}
