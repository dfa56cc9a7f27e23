/*
 * What Zephyr's page on the WebSocket client API does, in its order: open a socket, websocket_connect, websocket_send_msg, the BSD
 * calls, websocket_disconnect, and the socket is the app's again.
 */
import { deepEqual, equal, ok, test } from "test";
import {
	close,
	EAGAIN,
	EBADF,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	MSG_DONTWAIT,
	POLLIN,
	recv,
	SYS_FOREVER_MS,
	send,
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	WEBSOCKET_OPCODE_PING,
	type WebsocketClose,
	type WebsocketRequest,
	websocketConnect,
	websocketDisconnect,
	websocketPoll,
	websocketRecvMsg,
	websocketSendMsg,
	wsClose,
	wsRecv,
	wsSend,
} from "websocket";
import { asciiOf, counting, kinds, ports, transportTo } from "./client";

const textOf = (bytes: Uint8Array, count: number) => String.fromArrayBuffer(bytes.slice(0, count).buffer);

function makeRequest(url: string, ended?: (error: number, close: WebsocketClose) => void): WebsocketRequest {
	return {
		host: `127.0.0.1:${ports.port}`,
		url,
		tmpBuf: new Uint8Array(256),
		onClose: (_, error, close) => ended?.(error, close),
	};
}

/** What the server saw since somebody asked. */
async function log(): Promise<string> {
	const transport = transportTo("tcp", ports.port);
	const request = makeRequest("/log");
	let seen = "";
	request.httpCb = {
		onHeader: (name, value) => {
			if (name.toLowerCase() === "x-log") seen = value;
		},
	};
	await websocketConnect(transport, request, 10_000);
	equal(request.status, 200);
	transport.close();
	return seen;
}

for (const kind of kinds) {
	test(`${kind}: the page's sequence, twice on one socket`, async () => {
		const sock = transportTo(kind, ports.port);
		const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
		const buf = new Uint8Array(128);
		for (const url of ["/first", "/second"]) {
			let end: (ended: { error: number; close: WebsocketClose }) => void = () => {};
			const ended = new Promise<{ error: number; close: WebsocketClose }>((resolve) => {
				end = resolve;
			});
			const ws = await websocketConnect(
				sock,
				makeRequest(url, (error, close) => end({ error, close })),
				10_000,
			);
			ok(ws >= 0, `${ws}`);

			const payload = counting(100);
			equal(websocketSendMsg(ws, payload, 100, WEBSOCKET_OPCODE_DATA_BINARY, true, true, SYS_FOREVER_MS), 100);
			equal(await websocketPoll(ws, POLLIN, 10_000), POLLIN);
			equal(websocketRecvMsg(ws, buf, buf.length, info, 0), 100);
			equal(info.messageType, WEBSOCKET_FLAG_FINAL | WEBSOCKET_FLAG_BINARY);
			equal(info.remaining, 0);
			deepEqual(buf.slice(0, 100), payload);

			equal(send(ws, asciiOf("as bytes"), 8), 8);
			equal(send(ws, asciiOf("as text"), 7, 0, WEBSOCKET_OPCODE_DATA_TEXT), 7);
			equal(await websocketPoll(ws, POLLIN, 10_000), POLLIN);
			equal(recv(ws, buf, buf.length), 8);
			equal(textOf(buf, 8), "as bytes");
			equal(await websocketPoll(ws, POLLIN, 10_000), POLLIN);
			// In two pieces.
			equal(recv(ws, buf, 3), 3);
			equal(textOf(buf, 3), "as ");
			equal(recv(ws, buf, buf.length), 4);
			equal(textOf(buf, 4), "text");
			equal(recv(ws, buf, buf.length, MSG_DONTWAIT), -EAGAIN);

			equal(websocketDisconnect(ws), 0);
			const { error, close: said } = await ended;
			equal(error, 0);
			deepEqual(said, { code: 1000, reason: "", clean: true });
			equal(recv(ws, buf, buf.length), 0, "0 is the end");
			equal(send(ws, buf, 1), -ENOTCONN);
		}
		sock.close();
		const seen = await log();
		ok(seen.includes("upgrade/first 2:100 2:8 1:7 8:2 upgrade/second 2:100 2:8 1:7 8:2"), seen);
	});

	test(`${kind}: the BSD calls`, async () => {
		equal(wsSend, send);
		equal(wsRecv, recv);
		equal(wsClose, close);
		const sock = transportTo(kind, ports.port);
		const buf = new Uint8Array(64);
		let end: (error: number) => void = () => {};
		const ended = new Promise<number>((resolve) => {
			end = resolve;
		});
		const request = makeRequest("/bsd", (error) => end(error));
		request.txBuf = new Uint8Array(256);
		const ws = await websocketConnect(sock, request, 10_000);
		equal(send(-1, buf, 1), -EBADF);
		equal(recv(-1, buf, 1), -EBADF);
		equal(close(-1), -EBADF);
		equal(send(ws, buf, 65), -EINVAL);
		equal(send(ws, undefined as never, 1), -EINVAL);
		equal(send(ws, buf, 1, 0x80), -EINVAL);
		equal(send(ws, buf, 1, 0, 3), -EINVAL);
		equal(recv(ws, buf, 0), -EINVAL);
		equal(recv(ws, buf, 65), -EINVAL);
		equal(recv(ws, buf, 1, 0x80), -EINVAL);
		equal(recv(ws, buf, 1), -EAGAIN);
		// A pong is no payload, an empty frame is not the end, and what comes behind them is received.
		equal(send(ws, asciiOf("ping"), 4, 0, WEBSOCKET_OPCODE_PING), 4);
		equal(send(ws, buf, 0), 0);
		equal(send(ws, asciiOf("x"), 1), 1);
		let count = -EAGAIN;
		while (count === -EAGAIN) {
			await websocketPoll(ws, POLLIN, 10_000);
			count = recv(ws, buf, 10);
		}
		equal(textOf(buf, count), "x");
		// Longer than txBuf: only who can wait may send it.
		const long = counting(3000);
		equal(send(ws, long, 3000, MSG_DONTWAIT), -EMSGSIZE);
		equal(send(ws, long, 3000), 3000);
		let at = 0;
		while (at < 3000) {
			count = recv(ws, buf, buf.length);
			if (count === -EAGAIN) {
				await websocketPoll(ws, POLLIN, 10_000);
				continue;
			}
			ok(count > 0);
			for (let i = 0; i < count; i++) if (buf[i] !== long[at + i]) equal(buf[i], long[at + i], `byte ${at + i}`);
			at += count;
		}
		equal(at, 3000);
		equal(close(ws), 0);
		equal(close(ws), -ENOTCONN);
		equal(await ended, 0);
		sock.close();
		await log();
	});
}
