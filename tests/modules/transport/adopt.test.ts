/* Transports over sockets that are open already, and the contract's small print. */

import TCP from "embedded:io/socket/tcp";
import config from "mc/config";
import { Socket } from "socket";
import { equal, ok, test } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { websocketConnect, websocketDisconnect, websocketRecvMsg, websocketSendMsg } from "websocket";

const { port } = config as unknown as { port: number };
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

for (const [name, make] of [
	["tcp", () => new TcpTransport({ address, port })],
	["socket", () => new SocketTransport(new Socket({ host: address, port }))],
] as const) {
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
