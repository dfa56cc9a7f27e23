/* The server's role once the connection is open: frames both ways, and the ways in which it ends. */
import { deepEqual, equal, ok, test } from "test";
import {
	CLOSE_ABNORMAL,
	EALREADY,
	EBADF,
	ECANCELED,
	EINVAL,
	ENOENT,
	ENOTCONN,
	EPROTO,
	SYS_FOREVER_MS,
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_PING,
	WEBSOCKET_FLAG_PONG,
	WEBSOCKET_FLAG_TEXT,
	type WebsocketRegistration,
	websocketConnectStart,
	websocketDisconnect,
	websocketRecvMsg,
	websocketRegister,
	websocketSendMsg,
	websocketSendMsgAsync,
	websocketUnregister,
} from "websocket";
import { accepted, requestOf, upgraded, wsClient } from "./accepted";
import { asciiOf, Client, counting, kinds } from "./client";
import { Incoming, joined, pair, Raw, Server } from "./pair";

const CONTINUE = 0;
const TEXT = 1;
const BINARY = 2;
const PING = 9;
const PONG = 10;
const LARGE = 70_000;
const TIMEOUT_MS = 50;
const sizes = [0, 1, 125, 126, 1024, 65535, 65536, LARGE];

/** Sends back whatever comes, with the same type. */
async function echo(server: Server): Promise<void> {
	for (;;) {
		const message = await server.receive();
		if (typeof message === "number") return;
		await server.send(message, server.info.messageType & WEBSOCKET_FLAG_TEXT ? TEXT : BINARY);
	}
}

for (const kind of kinds) {
	test(`${kind}: npm's ws gets back all it sends, and closes`, async () => {
		const incoming = new Incoming(kind);
		const seen = wsClient(incoming.port, "/", { sizes, close: 3001 });
		const server = new Server(await incoming.next(), {}, LARGE);
		void echo(server);
		deepEqual(await server.ended, { error: 0, code: 3001, reason: "from ws", clean: true });
		server.transport.close();
		const result = await seen;
		deepEqual([result.status, result.code, result.reason, result.error], [101, 3001, "", ""]);
		const expected: string[] = [];
		for (const size of sizes) {
			const text = Math.floor(size / 3) * 3;
			expected.push(`binary ${size}`, `text ${text}`, "pong between", `fragments ${size}`);
		}
		deepEqual(result.seen, expected);
		incoming.close();
	});

	test(`${kind}: two of them at once`, async () => {
		const incoming = new Incoming(kind);
		const task = { sizes: [1, 126, 5000, 0], close: 1000 };
		const seen = [wsClient(incoming.port, "/one", task), wsClient(incoming.port, "/two", task)];
		for (let i = 0; i < 2; i++) void echo(new Server(await incoming.next(), { ownSock: true }, 5000));
		for (const { code, error, seen: messages } of await Promise.all(seen)) {
			deepEqual([code, error], [1000, ""]);
			ok(messages.every((message) => !message.startsWith("wrong")) && messages.length === 16, messages.join());
		}
		incoming.close();
	});

	test(`${kind}: device to device: every size both ways, whole and in fragments`, async () => {
		const both = await pair(kind, {}, {}, LARGE);
		const { client, server } = both;
		for (const size of sizes) {
			const bytes = counting(size);
			equal(await client.send(bytes, BINARY), size);
			deepEqual(await server.receive(), bytes);
			equal(server.info.messageType, WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_FINAL);
			equal(await server.send(bytes, BINARY), size);
			deepEqual(await client.receive(), bytes);
			const half = size >> 1;
			for (const [from, to] of [
				[client, server],
				[server, client],
			] as const) {
				// Meanwhile: what is under way need not fit into the sockets' buffers.
				const received = to.receive();
				await from.send(bytes.subarray(0, half), BINARY, false);
				await from.send(new Uint8Array(0), CONTINUE, false);
				await from.send(bytes.subarray(half), CONTINUE);
				deepEqual(await received, bytes);
			}
		}
		const text = "Grüße, 世界 🌍";
		await server.send(asciiOf(text), TEXT);
		equal(await client.receiveText(), text);
		equal(client.info.messageType, WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_FINAL);
		await client.send(asciiOf(text), TEXT);
		equal(await server.receiveText(), text);
		both.close();
	});

	test(`${kind}: a message longer than every buffer`, async () => {
		const bytes = counting(LARGE);
		const { client, server, close } = await pair(kind, { txBuf: new Uint8Array(300) }, { txBuf: new Uint8Array(300) }, LARGE);
		const up = server.receive();
		equal(await websocketSendMsgAsync(client.ws, bytes, LARGE, BINARY, true, true, SYS_FOREVER_MS), LARGE);
		deepEqual(await up, bytes);
		const down = client.receive();
		equal(await websocketSendMsgAsync(server.ws, bytes, LARGE, BINARY, false, true, SYS_FOREVER_MS), LARGE);
		deepEqual(await down, bytes);
		close();
	});

	test(`${kind}: a server's frames are not masked, and a client's have to be`, async () => {
		const { raw, server, close } = await upgraded(kind);
		const { ws } = server;
		equal(websocketSendMsg(ws, asciiOf("a"), 1, TEXT, true, true, 0), -EINVAL);
		equal(websocketSendMsg(ws, asciiOf("a"), 1, TEXT, false, true, 0), 1);
		equal(websocketSendMsg(ws, counting(126), 126, BINARY, false, true, 0), 126);
		equal(websocketSendMsg(ws, asciiOf("p"), 1, PING, false, true, 0), 1);
		const text = await raw.hear((all) => all.length >= 3 + 4 + 126 + 3);
		equal(text.slice(0, 7), "\x81\x01a\x82\x7e\0\x7e");
		equal(text.slice(-3), "\x89\x01p");
		raw.text = "";
		// "b" masked, then "c" in the clear.
		await raw.say(Uint8Array.of(0x81, 0x81, 1, 2, 3, 4, 0x63, 0x81, 1, 0x63));
		equal(await server.receiveText(), "b");
		const { error, code, clean } = await server.ended;
		deepEqual([error, code, clean], [-EPROTO, 1002, false]);
		server.transport.close();
		const close1002 = await raw.end();
		equal(close1002.slice(0, 1) + close1002.slice(2, 4), "\x88\x03\xea");
		equal(close1002.charCodeAt(1), close1002.length - 2);
		close();
	});

	test(`${kind}: pings both ways are answered by themselves`, async () => {
		const { client, server, close } = await pair(kind, { autoPong: false }, { autoPong: false });
		for (const [from, to, mask] of [
			[client, server, true],
			[server, client, false],
		] as const) {
			equal(websocketSendMsg(from.ws, asciiOf("ping"), 4, PING, mask, true, 0), 4);
			equal(await to.receiveText(), "ping");
			equal(to.info.messageType, WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_FINAL);
			equal(websocketSendMsg(to.ws, asciiOf("pong"), 4, PONG, !mask, true, 0), 4);
			equal(await from.receiveText(), "pong");
			equal(from.info.messageType, WEBSOCKET_FLAG_PONG | WEBSOCKET_FLAG_FINAL);
		}
		close();
		const answering = await pair(kind, {}, { autoPong: false });
		equal(websocketSendMsg(answering.server.ws, asciiOf("s"), 1, PING, false, true, 0), 1);
		equal(await answering.server.receiveText(), "s");
		equal(answering.server.info.messageType, WEBSOCKET_FLAG_PONG | WEBSOCKET_FLAG_FINAL);
		answering.close();
		const answered = await pair(kind, { autoPong: false });
		equal(websocketSendMsg(answered.client.ws, asciiOf("c"), 1, PING, true, true, 0), 1);
		equal(await answered.client.receiveText(), "c");
		equal(answered.client.info.messageType, WEBSOCKET_FLAG_PONG | WEBSOCKET_FLAG_FINAL);
		answered.close();
	});

	test(`${kind}: either side closes, or both`, async () => {
		for (const [who, other] of [
			["client", "server"],
			["server", "client"],
		] as const) {
			const both = await pair(kind);
			equal(websocketDisconnect(both[who].ws, 4001, "enough"), 0);
			// The answer has the code only.
			deepEqual(await both[who].ended, { error: 0, code: 4001, reason: "", clean: true });
			deepEqual(await both[other].ended, { error: 0, code: 4001, reason: "enough", clean: true });
			deepEqual([both.client.endings, both.server.endings], [1, 1]);
			both.close();
		}
		const both = await pair(kind);
		equal(websocketDisconnect(both.client.ws, 4001, "client"), 0);
		equal(websocketDisconnect(both.server.ws, 4002, "server"), 0);
		deepEqual(await both.client.ended, { error: 0, code: 4002, reason: "server", clean: true });
		deepEqual(await both.server.ended, { error: 0, code: 4001, reason: "client", clean: true });
		both.close();
	});

	test(`${kind}: somebody else did the upgrade`, async () => {
		let asked = 0;
		const { raw, server, close } = await accepted(kind, {
			upgraded: true,
			handshakeTimeout: 0,
			cb: () => asked++,
			httpCb: { onHeadersComplete: () => asked++ },
		});
		equal(websocketSendMsg(server.ws, asciiOf("a"), 1, TEXT, false, true, 0), 1);
		equal(await raw.hear((text) => text.length >= 3), "\x81\x01a");
		await raw.say(Uint8Array.of(0x81, 0x81, 1, 2, 3, 4, 0x63));
		equal(await server.receiveText(), "b");
		equal(asked, 0);
		await raw.say("GET / HTTP/1.1\r\n");
		equal((await server.ended).error, -EPROTO);
		close();
	});

	test(`${kind}: unregister closes the WebSocket, then the socket`, async () => {
		const { raw, server, close } = await upgraded(kind);
		const { ws } = server;
		equal(websocketSendMsg(ws, asciiOf("last"), 4, TEXT, false, true, 0), 4);
		equal(websocketUnregister(ws), 0);
		equal(websocketUnregister(ws), -EALREADY);
		equal(websocketDisconnect(ws), -ENOTCONN);
		equal(server.endings, 0);
		equal(await raw.hear((text) => text.length >= 10), "\x81\x04last\x88\x02\x03\xe8");
		equal(raw.gone, false);
		await raw.say(Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 3, 0xe8));
		await raw.end();
		equal(raw.text.length, 10);
		deepEqual(await server.ended, { error: 0, code: 1000, reason: "", clean: true });
		equal(websocketUnregister(ws), -EALREADY);
		ok(server.transport.read(new Uint8Array(1), 0, 1) < 0);
		equal(server.endings, 1);
		close();
	});

	test(`${kind}: unregister does not wait for a client that says nothing`, async () => {
		const { raw, server, close } = await upgraded(kind, { closeTimeout: TIMEOUT_MS });
		equal(websocketUnregister(server.ws), 0);
		await raw.end();
		equal((await server.ended).clean, false);
		close();
	});

	test(`${kind}: unregister during the handshake, of a client's handle, and of none`, async () => {
		const { raw, server, close } = await accepted(kind);
		await raw.say(requestOf("").slice(0, 20));
		equal(websocketUnregister(server.ws), 0);
		equal(server.endings, 0);
		deepEqual(await server.ended, { error: -ECANCELED, code: CLOSE_ABNORMAL, reason: "", clean: false });
		equal(await raw.end(), "");
		close();
		const both = await pair(kind);
		equal(websocketUnregister(both.client.ws), -ENOENT);
		await both.client.send(asciiOf("x"), TEXT);
		equal(await both.server.receiveText(), "x");
		equal(websocketUnregister(both.server.ws), 0);
		await both.client.ended;
		await both.server.ended;
		for (const stale of [0, -1, both.server.ws + 64, 1.5, NaN]) equal(websocketUnregister(stale), -EBADF);
		both.close();
	});

	test(`${kind}: npm's ws sees an unregister as the end of TCP, too`, async () => {
		const incoming = new Incoming(kind);
		const seen = wsClient(incoming.port, "/", { sizes: [5] });
		const server = new Server(await incoming.next());
		for (let i = 0; i < 3; i++) {
			const message = (await server.receive()) as Uint8Array;
			await server.send(message, server.info.messageType & WEBSOCKET_FLAG_TEXT ? TEXT : BINARY);
		}
		equal(websocketUnregister(server.ws), 0);
		equal((await server.ended).clean, true);
		const { code, ended, seen: messages } = await seen;
		deepEqual([code, ended], [1000, true]);
		deepEqual(messages, ["binary 5", "text 3", "pong between", "fragments 5"]);
		incoming.close();
	});

	test(`${kind}: a request in the segment of the last close frame is the next upgrade's`, async () => {
		const { raw, server, close } = await upgraded(kind);
		equal(websocketDisconnect(server.ws), 0);
		await raw.hear((text) => text.length >= 4);
		raw.text = "";
		await raw.say(joined([0x88, 0x82, 0, 0, 0, 0, 3, 0xe8], requestOf("", "/second")));
		equal((await server.ended).clean, true);
		const again = new Server(server.transport);
		ok((await raw.head()).startsWith("HTTP/1.1 101 "), raw.text);
		equal(again.options.url, "/second");
		close();
	});

	for (const who of ["client", "server"] as const) {
		test(`${kind}: after the ${who} has closed, both ends use the same TCP connection again`, async () => {
			const incoming = new Incoming(kind);
			const heard: string[] = [];
			let second: Client | undefined;
			let served: Server | undefined;
			let register = (_server: Server) => {};
			const again = new Promise<Server>((resolve) => {
				register = resolve;
			});
			const client: Client = new Client(kind, incoming.port, "/first", {
				onClose: (_, error) => {
					heard.push(`client ${error}`);
					client.request.url = "/second";
					client.request.onClose = () => heard.push("client again");
					client.ws = websocketConnectStart(client.transport, client.request, 20_000);
					second = client;
				},
			});
			const urls: unknown[] = [];
			const connecting = client.connect();
			const transport = await incoming.next();
			const cb = (_: number, options: WebsocketRegistration) => {
				urls.push(options.url);
				return 0;
			};
			const server: Server = new Server(transport, {
				cb,
				onClose: (_, error) => {
					heard.push(`server ${error}`);
					served = new Server(transport, { cb, handshakeTimeout: 20_000 });
					register(served);
				},
			});
			ok((await connecting) > 0, client.request.failure);
			equal(websocketDisconnect(who === "client" ? client.ws : server.ws), 0);
			const other = await again;
			await other.send(asciiOf("again"), TEXT);
			equal(await client.receiveText(), "again");
			ok(second);
			deepEqual(heard.sort(), ["client 0", "server 0"]);
			deepEqual(urls, ["/first", "/second"]);
			await client.send(asciiOf("and back"), TEXT);
			equal(await other.receiveText(), "and back");
			client.transport.close();
			transport.close();
			incoming.close();
		});
	}
}

test("a server's handle that is dead says so", async () => {
	const { raw, server, close } = await upgraded("tcp");
	const { ws } = server;
	const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	close();
	equal(server.endings, 1);
	equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0), -ENOTCONN);
	equal(websocketRecvMsg(ws, new Uint8Array(1), 1, info, 0), -ENOTCONN);
	equal(websocketUnregister(ws), -EALREADY);
	const incoming = new Incoming("tcp");
	const other = new Raw({ address: "127.0.0.1", port: incoming.port });
	const transport = await incoming.next();
	const next = websocketRegister(transport, new Uint8Array(256), 256);
	ok(next > 0 && next !== ws);
	equal(websocketUnregister(ws), -EBADF);
	equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0), -EBADF);
	equal(raw.text, "");
	transport.close();
	other.close();
	incoming.close();
});
