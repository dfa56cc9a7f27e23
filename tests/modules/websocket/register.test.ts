/* The server's role: the upgrade, and what is asked, told and answered in it. */
import { deepEqual, equal, ok, test } from "test";
import {
	CLOSE_ABNORMAL,
	EAGAIN,
	EBADF,
	ECANCELED,
	ECONNABORTED,
	ECONNRESET,
	EEXIST,
	EINVAL,
	EMSGSIZE,
	ENOENT,
	ENOTCONN,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
	SYS_FOREVER_MS,
	type WebsocketRegistration,
	websocketRegister,
	websocketSendMsg,
	websocketUnregister,
} from "websocket";
import { ACCEPT, accepted, KEY, requestOf, wsClient } from "./accepted";
import { asciiOf, Client, kinds } from "./client";
import { Incoming, Raw, Server } from "./pair";

/** WEBSOCKET_MAX_CONTEXTS of the manifest, if it says nothing. */
const MAX_CONTEXTS = 8;
const TEXT = 1;
const TIMEOUT_MS = 50;
const RECEIVE = 512;

/** Whatever the loop had to tell is told when this is over. */
async function settled(): Promise<void> {
	const { raw, server, close } = await accepted("tcp");
	await raw.say(requestOf(""));
	await raw.head();
	await server.send(asciiOf("x"), TEXT);
	await raw.head(3);
	close();
}

const failed = (error: number) => ({ error, code: CLOSE_ABNORMAL, reason: "", clean: false });

for (const kind of kinds) {
	for (const pieces of ["whole", "byte by byte"]) {
		test(`${kind}: cb and httpCb see the request, ${pieces}; then it is answered`, async () => {
			const seen: string[] = [];
			const options: WebsocketRegistration<string> = {
				optionalHeaders: ["Server: device", "X-Two: 2\r\n"],
				subprotocols: ["c", "b"],
				cb: (ws, given, userData) => {
					const { url, host, status, subprotocol } = given as WebsocketRegistration;
					seen.push(`cb ${(given as object) === options} ${url} ${host} ${status} ${subprotocol} ${userData}`);
					equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0), -EAGAIN);
					return 0;
				},
				httpCb: {
					onStatus: () => seen.push("status"),
					onHeader: (name, value, userData) => seen.push(`${name}=${value} ${userData}`),
					onHeadersComplete: (userData) => seen.push(`complete ${userData}`),
				},
				onWritable: (ws) => {
					seen.push(`writable ${websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0)}`);
				},
			};
			const incoming = new Incoming(kind);
			const raw = new Raw({ address: "127.0.0.1", port: incoming.port });
			const transport = await incoming.next();
			const ws = websocketRegister(transport, new Uint8Array(RECEIVE), RECEIVE, options, "mine");
			ok(ws > 0);
			const request = requestOf("Sec-WebSocket-Protocol: a, b\r\nX-More: 1\r\nsec-websocket-protocol: c\r\n", "/chat?room=1");
			if (pieces === "whole") await raw.say(request);
			else
				for (const character of request) {
					await raw.say(character);
					if (character === "\n") await settled();
				}
			equal(
				await raw.head(3),
				"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
					`Sec-WebSocket-Accept: ${ACCEPT}\r\nSec-WebSocket-Protocol: b\r\nServer: device\r\nX-Two: 2\r\n\r\n\x81\x01x`,
			);
			deepEqual(seen, [
				"Host=device:80 mine",
				"Upgrade=websocket mine",
				"Connection=Upgrade mine",
				"Sec-WebSocket-Key=dGhlIHNhbXBsZSBub25jZQ== mine",
				"Sec-WebSocket-Version=13 mine",
				"Sec-WebSocket-Protocol=a, b mine",
				"X-More=1 mine",
				"sec-websocket-protocol=c mine",
				"complete mine",
				"cb true /chat?room=1 device:80 0  mine",
				"writable 1",
			]);
			deepEqual([options.subprotocol, options.failure], ["b", ""]);
			transport.close();
			raw.close();
			incoming.close();
		});
	}

	for (const [status, error] of [
		[undefined, 403],
		[401, 401],
		[404, 404],
		[503, 503],
		[426, 426],
	] as const) {
		test(`${kind}: cb refuses with ${status ?? "no"} status: the client sees ${error}, and onClose comes once`, async () => {
			const incoming = new Incoming(kind);
			const seen = wsClient(incoming.port, "/secret");
			const server = new Server(await incoming.next(), {
				cb: (_, registration) => {
					if (status !== undefined) registration.status = status;
					if (status === 401) registration.optionalHeaders = ['WWW-Authenticate: Basic realm="device"'];
					return -1;
				},
			});
			deepEqual(await server.ended, failed(-ECONNABORTED));
			server.transport.close();
			const { status: answered, headers } = await seen;
			equal(answered, error);
			equal(headers["www-authenticate"], status === 401 ? 'Basic realm="device"' : undefined);
			equal(headers["sec-websocket-version"], error === 426 ? "13" : undefined);
			equal(headers["content-length"], "0");
			equal(server.options.status, status ?? 0);
			ok(server.options.failure, "no failure");
			await settled();
			equal(server.endings, 1);
			incoming.close();
		});
	}

	test(`${kind}: headers that no answer may have refuse the client, in either answer`, async () => {
		for (const [optionalHeaders, refuse] of [
			[["X: y\r\nZ: a"], false],
			[["Sec-WebSocket-Accept: x"], false],
			[["no colon"], false],
			[[`X: ${"x".repeat(2000)}`], false],
			[["Content-Length: 5"], true],
		] as const) {
			const { raw, server, close } = await accepted(kind, { optionalHeaders, cb: () => (refuse ? -1 : 0) });
			await raw.say(requestOf(""));
			equal((await server.ended).error, -ECONNABORTED);
			server.transport.close();
			const answer = await raw.end();
			ok(/^(HTTP\/1\.1 [45]|$)/.test(answer), answer);
			if (!refuse) ok(answer.startsWith("HTTP/1.1 500 "), answer);
			close();
		}
	});

	test(`${kind}: the first subprotocol of the client's that the server knows, or none`, async () => {
		const incoming = new Incoming(kind);
		for (const [offered, supported, chosen] of [
			[["mqtt"], ["mqtt"], "mqtt"],
			[["a", "b", "c"], ["c", "b"], "b"],
			[["a", "b"], ["c"], ""],
			[["a"], undefined, ""],
			[undefined, ["a"], ""],
			[["A"], ["a"], ""],
		] as const) {
			const client = new Client(kind, incoming.port, "/", offered ? { subprotocols: offered } : {});
			const connecting = client.connect();
			const server = new Server(await incoming.next(), supported ? { subprotocols: supported } : {});
			ok((await connecting) > 0, client.request.failure);
			equal(client.request.subprotocol, chosen);
			equal(server.options.subprotocol, chosen);
			client.transport.close();
			server.transport.close();
		}
		const seen = wsClient(incoming.port, "/", { protocols: ["x", "y"], close: 1000 });
		const server = new Server(await incoming.next(), { subprotocols: ["y"] });
		deepEqual(await server.ended, { error: 0, code: 1000, reason: "from ws", clean: true });
		server.transport.close();
		const { status, protocol, code, error } = await seen;
		deepEqual([status, protocol, code, error], [101, "y", 1000, ""]);
		incoming.close();
	});

	const replaced = (from: string, to: string) => requestOf("").replace(from, to);
	for (const [name, request, status, error] of [
		["another protocol", "SSH-2.0-OpenSSH_9.2\r\n", 400, -EPROTO],
		["a plain GET", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 426, -EPROTO],
		["POST", replaced("GET", "POST"), 400, -EPROTO],
		["HTTP/1.0", replaced("HTTP/1.1", "HTTP/1.0"), 400, -EPROTO],
		["no Host", replaced("Host: device:80\r\n", ""), 400, -EPROTO],
		["no key", replaced(KEY, ""), 400, -EPROTO],
		["a key of 15 bytes", replaced("dGhl", ""), 400, -EPROTO],
		["no Connection", replaced("Connection: Upgrade\r\n", ""), 400, -EPROTO],
		["another upgrade", replaced("Upgrade: websocket", "Upgrade: h2c"), 426, -EPROTO],
		["version 8", replaced("Version: 13", "Version: 8"), 426, -EPROTONOSUPPORT],
		["no version", replaced("Sec-WebSocket-Version: 13\r\n", ""), 426, -EPROTONOSUPPORT],
		["two keys", requestOf(KEY), 400, -EPROTO],
		["a body", requestOf("Content-Length: 3\r\n"), 400, -EPROTO],
		["headers larger than the receive buffer", requestOf(`X: ${"x".repeat(RECEIVE)}\r\n`), 431, -EMSGSIZE],
	] as const) {
		test(`${kind}: ${name}: ${status}, and onClose tells it once`, async () => {
			let called = 0;
			const { raw, server, close } = await accepted(kind, { cb: () => called++ });
			await raw.say(request);
			deepEqual(await server.ended, failed(error));
			ok(server.options.failure?.includes(`answered with ${status}`), server.options.failure);
			server.transport.close();
			const answer = await raw.end();
			equal(answer.slice(0, 13), `HTTP/1.1 ${status} `);
			ok(answer.endsWith("\r\n\r\n"), answer);
			equal(answer.includes("\r\nSec-WebSocket-Version: 13\r\n"), status === 426);
			await settled();
			deepEqual([server.endings, called], [1, 0]);
			close();
		});
	}

	test(`${kind}: a client that takes too long, or goes away`, async () => {
		const slow = await accepted(kind, { handshakeTimeout: TIMEOUT_MS });
		await slow.raw.say("GET /");
		deepEqual(await slow.server.ended, failed(-ETIMEDOUT));
		slow.close();
		const silent = await accepted(kind, { handshakeTimeout: 0 });
		equal((await silent.server.ended).error, -ETIMEDOUT);
		silent.close();
		for (const text of ["", "GET /", requestOf("").slice(0, -1)]) {
			const gone = await accepted(kind, { handshakeTimeout: SYS_FOREVER_MS });
			await gone.raw.say(text || "G");
			gone.raw.close();
			deepEqual(await gone.server.ended, failed(-ECONNRESET));
			gone.server.transport.close();
			await settled();
			equal(gone.server.endings, 1);
		}
		const cancelled = await accepted(kind);
		cancelled.server.transport.close();
		deepEqual(await cancelled.server.ended, failed(-ECANCELED));
		equal(cancelled.server.endings, 1);
		cancelled.close();
	});

	test(`${kind}: the timeout is the handshake's only`, async () => {
		const { raw, server, close } = await accepted(kind, { handshakeTimeout: 1000 });
		await raw.say(requestOf(""));
		await raw.head();
		const silent = await accepted(kind, { handshakeTimeout: 1200 });
		await silent.server.ended;
		equal(server.endings, 0);
		await server.send(asciiOf("still here"), TEXT);
		ok((await raw.head(12)).endsWith("still here"));
		silent.close();
		close();
	});

	test(`${kind}: with ownSock a client that is refused is hung up on, and one that closes, too`, async () => {
		const refused = await accepted(kind, { ownSock: true });
		await refused.raw.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		ok((await refused.raw.end()).startsWith("HTTP/1.1 426 "));
		equal(refused.server.endings, 1);
		refused.close();
		const closed = await accepted(kind, { ownSock: true });
		await closed.raw.say(requestOf(""));
		await closed.raw.head();
		await closed.raw.say(Uint8Array.of(0x88, 0x80, 1, 2, 3, 4));
		ok((await closed.raw.end()).endsWith("\r\n\r\n\x88\0"));
		equal((await closed.server.ended).clean, true);
		closed.close();
	});

	test(`${kind}: cb may give up the connection it is asked about`, async () => {
		for (const end of [
			(ws: number) => websocketUnregister(ws),
			(_: number, server: Server) => {
				server.transport.close();
				return 0;
			},
		]) {
			let side: Server | undefined;
			const { raw, server, close } = await accepted(kind, { cb: (ws) => end(ws, side as Server) });
			side = server;
			await raw.say(requestOf(""));
			deepEqual(await server.ended, failed(-ECANCELED));
			equal(await raw.end(), "");
			equal(server.endings, 1);
			close();
		}
	});

	test(`${kind}: two clients at once, each with its own`, async () => {
		const incoming = new Incoming(kind);
		const seen = [wsClient(incoming.port, "/one"), wsClient(incoming.port, "/two")];
		const urls: string[] = [];
		for (let i = 0; i < 2; i++) {
			const server: Server = new Server(await incoming.next(), {
				cb: (ws, registration) => {
					urls.push(`${(registration as WebsocketRegistration).url} ${ws === server.ws}`);
					return 0;
				},
				ownSock: true,
			});
		}
		deepEqual(
			(await Promise.all(seen)).map(({ status, code, error }) => [status, code, error]),
			[
				[101, 1000, ""],
				[101, 1000, ""],
			],
		);
		deepEqual(urls.sort(), ["/one true", "/two true"]);
		incoming.close();
	});

	test(`${kind}: as many as there are contexts`, async () => {
		const incoming = new Incoming(kind);
		const raws: Raw[] = [];
		const servers: Server[] = [];
		for (let i = 0; i <= MAX_CONTEXTS; i++) {
			raws.push(new Raw({ address: "127.0.0.1", port: incoming.port }));
			servers.push(new Server(await incoming.next(), {}, 128, 256));
		}
		const last = servers[MAX_CONTEXTS] as Server;
		equal(last.ws, -ENOENT);
		ok(servers.slice(0, MAX_CONTEXTS).every(({ ws }) => ws > 0));
		servers[0]?.transport.close();
		const again = new Server(last.transport, {}, 128, 256);
		ok(again.ws > 0);
		ok(again.ws !== servers[0]?.ws);
		await raws[MAX_CONTEXTS]?.say(requestOf(""));
		ok((await raws[MAX_CONTEXTS]?.head())?.startsWith("HTTP/1.1 101 "));
		for (const { transport } of servers) transport.close();
		for (const raw of raws) raw.close();
		incoming.close();
	});
}

test("wrong arguments of register change nothing", async () => {
	const { raw, server, close } = await accepted("tcp");
	const { transport } = server;
	equal(websocketRegister(transport, new Uint8Array(256), 256), -EEXIST);
	const incoming = new Incoming("tcp");
	const other = new Raw({ address: "127.0.0.1", port: incoming.port });
	const free = await incoming.next();
	const bytes = new Uint8Array(256);
	equal(websocketRegister(undefined as never, bytes, 256), -EINVAL);
	equal(websocketRegister({} as never, bytes, 256), -EINVAL);
	equal(websocketRegister(free, undefined as never, 256), -EINVAL);
	equal(websocketRegister(free, new Uint16Array(256) as never, 256), -EINVAL);
	for (const length of [0, -1, 257, 1.5, NaN, "256" as never]) equal(websocketRegister(free, bytes, length), -EINVAL, String(length));
	for (const options of [
		null,
		"x",
		Object.freeze({}),
		{ handshakeTimeout: -2 },
		{ handshakeTimeout: "1" },
		{ subprotocols: "mqtt" },
		{ subprotocols: [1] },
		{ optionalHeaders: "X: y" },
		{ txBuf: new Uint8Array(8) },
		{ maxMessage: -1 },
		{ cb: 1 },
		{ httpCb: 1 },
		{ httpCb: { onHeader: 1 } },
		{ onReadable: 1 },
		{ onClose: 1 },
		{ pingInterval: -2 },
	])
		equal(websocketRegister(free, bytes, 256, options as never), -EINVAL, JSON.stringify(options));
	// It is as good as new, and options may be missing.
	const ws = websocketRegister(free, bytes, 200);
	ok(ws > 0);
	await other.say(requestOf(""));
	ok((await other.head()).startsWith("HTTP/1.1 101 "));
	equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, 0), -EINVAL);
	equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0), 1);
	free.close();
	equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0), -ENOTCONN);
	other.close();
	incoming.close();
	for (const stale of [0, -1, server.ws + 64, 1.5, NaN]) equal(websocketUnregister(stale), -EBADF);
	close();
	equal(raw.gone, false);
});
