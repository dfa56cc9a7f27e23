/* Handshakes that fail, each with an error of its own, and wrong arguments. */
import { equal, ok, test } from "test";
import Timer from "timer";
import {
	EAGAIN,
	EBADF,
	EBADMSG,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EEXIST,
	EINVAL,
	EMSGSIZE,
	ENOENT,
	ENOTCONN,
	EPROTO,
	ETIMEDOUT,
	SYS_FOREVER_MS,
	type WebsocketRequest,
	websocketConnect,
	websocketDisconnect,
	websocketReadable,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";
import { Client, kinds, ports } from "./client";

/** WEBSOCKET_MAX_CONTEXTS of the manifest, if it says nothing. */
const MAX_CONTEXTS = 8;
const TEXT = 1;
const TIMEOUT_MS = 50;

for (const kind of kinds) {
	test(`${kind}: each failure has its own error`, async () => {
		for (const [port, path, error, words] of [
			[ports.refused, "/", -ECONNREFUSED, "no TCP connection"],
			[ports.ssh, "/", -EPROTO, "not HTTP"],
			[ports.raw, "/accept", -EBADMSG, "Sec-WebSocket-Accept"],
			[ports.raw, "/refuse", -ECONNABORTED, "HTTP status 403"],
			[ports.raw, "/headers", -EMSGSIZE, "tmpBuf"],
			[ports.raw, "/end", -ECONNRESET, "ended during the opening handshake"],
		] as const) {
			const client = new Client(kind, port, path);
			equal(await client.connect(), error, path);
			ok(client.request.failure?.includes(words), `${path}: ${client.request.failure}`);
			equal(client.endings, 0, path);
			client.transport.close();
		}
	});

	test(`${kind}: no answer in time`, async () => {
		const client = new Client(kind, ports.raw, "/silent");
		const start = Date.now();
		equal(await client.connect(TIMEOUT_MS), -ETIMEDOUT);
		ok(Date.now() - start >= TIMEOUT_MS - 1, "too early");
		client.transport.close();
	});

	test(`${kind}: the status is there for the app`, async () => {
		const client = new Client(kind, ports.raw, "/refuse");
		await client.connect();
		equal(client.request.status, 403);
		client.transport.close();
	});
}

test("wrong arguments of connect change nothing", async () => {
	const client = new Client("tcp", ports.port, "/echo");
	const { transport, request } = client;
	const wrong = (change: object, timeout = 1000) => websocketConnect(transport, { ...request, ...change } as WebsocketRequest, timeout);
	equal(await websocketConnect(undefined as never, request, 1000), -EINVAL);
	equal(await websocketConnect(transport, undefined as never, 1000), -EINVAL);
	for (const change of [
		{ host: undefined },
		{ host: "a b" },
		{ url: undefined },
		{ url: "no-slash" },
		{ url: "/\r\nX: y" },
		{ tmpBuf: undefined },
		{ tmpBuf: new Uint8Array(0) },
		{ tmpBuf: new Uint16Array(100) },
		{ tmpBufLen: 0 },
		{ tmpBufLen: 513 },
		{ tmpBufLen: 1.5 },
		{ txBuf: new Uint8Array(8) },
		{ closeTimeout: -2 },
		{ optionalHeaders: ["X"] },
		{ subprotocols: ["a b"] },
	])
		equal(await wrong(change), -EINVAL, JSON.stringify(change));
	for (const timeout of [-2, 1.5, NaN, 2 ** 31, "1" as never]) equal(await wrong({}, timeout), -EINVAL, String(timeout));
	equal(await wrong({}, 0), -EAGAIN);
	equal(await wrong({ txBuf: new Uint8Array(100) }), -EMSGSIZE);
	ok((await client.connect(SYS_FOREVER_MS)) > 0);
	equal(await websocketConnect(transport, request, 1000), -EEXIST);
	websocketDisconnect(client.ws);
	await client.ended;
	transport.close();
});

test("wrong arguments of the others change nothing", async () => {
	const client = new Client("tcp", ports.port, "/echo");
	const ws = await client.connect();
	const bytes = new Uint8Array(8);
	for (const stale of [0, -1, ws + 8, ws + 1, 1.5, NaN, undefined as never]) {
		equal(websocketSendMsg(stale, bytes, 1, TEXT, true, true, 0), -EBADF);
		equal(websocketRecvMsg(stale, bytes, 1, client.info, 0), -EBADF);
		equal(websocketReadable(stale, client.info), -EBADF);
		equal(websocketDisconnect(stale), -EBADF);
	}
	equal(websocketSendMsg(ws, undefined as never, 1, TEXT, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 9, TEXT, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, -1, TEXT, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 1.5, TEXT, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 1, 3, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 1, 1.5, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 1, TEXT, false, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 1, TEXT, true, 1 as never, 0), -EINVAL);
	equal(websocketSendMsg(ws, bytes, 1, TEXT, true, true, -2), -EINVAL);
	equal(websocketSendMsg(ws, new Uint8Array(2000), 2000, TEXT, true, true, 0), -EMSGSIZE);
	equal(websocketRecvMsg(ws, bytes, 0, client.info, 0), -EINVAL);
	equal(websocketRecvMsg(ws, bytes, 9, client.info, 0), -EINVAL);
	equal(websocketRecvMsg(ws, [] as never, 1, client.info, 0), -EINVAL);
	equal(websocketRecvMsg(ws, bytes, 1, undefined as never, 0), -EINVAL);
	equal(websocketRecvMsg(ws, bytes, 1, client.info, 0), -EAGAIN);
	equal(websocketReadable(ws, undefined as never), -EINVAL);
	equal(websocketReadable(ws, client.info), -EAGAIN);
	equal(websocketDisconnect(ws, 1004), -EINVAL);
	equal(websocketDisconnect(ws, 1000, "x".repeat(124)), -EINVAL);
	equal(websocketSendMsg(ws, new Uint8Array(ArrayBuffer.fromString("ok")), 2, TEXT, true, true, 0), 2);
	equal(await client.receiveText(), "ok");
	client.transport.close();
});

test("contexts are bounded, and come back", async () => {
	const clients: Client[] = [];
	for (let i = 0; i <= MAX_CONTEXTS; i++) {
		const client = new Client("tcp", ports.port, "/echo", {}, 256);
		equal((await client.connect()) > 0, i < MAX_CONTEXTS);
		clients.push(client);
	}
	const last = clients.pop();
	equal(last?.ws, -ENOENT);
	last?.transport.close();
	for (const client of clients) {
		equal(websocketDisconnect(client.ws), 0);
		await client.ended;
		client.transport.close();
	}
	const again = new Client("tcp", ports.port, "/echo", {}, 256);
	ok((await again.connect()) > 0);
	ok(clients.every(({ ws }) => ws !== again.ws));
	again.transport.close();
});

test("a stale handle does not reach the connection that came after it", async () => {
	const one = new Client("tcp", ports.port, "/echo");
	await one.connect();
	websocketDisconnect(one.ws);
	await one.ended;
	one.transport.close();
	equal(websocketDisconnect(one.ws), -ENOTCONN);
	const two = new Client("tcp", ports.port, "/echo");
	await two.connect();
	equal(websocketDisconnect(one.ws), -EBADF);
	equal(websocketSendMsg(one.ws, new Uint8Array(1), 1, TEXT, true, true, 0), -EBADF);
	two.transport.close();
});

for (const kind of kinds) {
	test(`${kind}: closing the transport ends a handshake`, async () => {
		const client = new Client(kind, ports.raw, "/silent");
		const result = client.connect();
		client.transport.close();
		equal(await result, -ECANCELED);
		equal(client.endings, 0);
	});

	test(`${kind}: a transport whose socket is lost already fails at once`, async () => {
		const client = new Client(kind, ports.refused, "/");
		const byte = new Uint8Array(1);
		while (client.transport.read(byte, 0, 1) >= 0) await new Promise<void>((resolve) => Timer.set(() => resolve()));
		equal(await client.connect(), -ECONNREFUSED);
		client.transport.close();
	});
}
