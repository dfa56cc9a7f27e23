/* Connecting without a Promise: what is told to whom, when, and how often. */
import { Socket } from "socket";
import { deepEqual, equal, ok, test } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport, TransportEvents } from "transport/transport";
import {
	CLOSE_ABNORMAL,
	EAGAIN,
	EBADMSG,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EEXIST,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
	POLLHUP,
	SYS_FOREVER_MS,
	type WebsocketRequest,
	websocketConnect,
	websocketConnectStart,
	websocketDisconnect,
	websocketPoll,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";
import { asciiOf, Client, counting, type Kind, kinds, ports, transportTo, verdict } from "./client";
import { FakeTransport } from "./fake";
import { answerTo, joined, pair, type Raw, RawServer } from "./pair";

const TEXT = 1;
const BINARY = 2;
const PING = 9;
const TIMEOUT_MS = 50;
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** A connection of its own there and back: whatever the loop had to tell about others is told. */
async function settled(): Promise<void> {
	const both = await pair("tcp");
	await both.client.send(asciiOf("x"), TEXT);
	equal(await both.server.receiveText(), "x");
	both.close();
}

/** Starts to connect, and writes down what is told. */
class Attempt {
	readonly events: string[] = [];
	readonly request: WebsocketRequest<string>;
	readonly transport: Transport;
	ws: number;
	/** "open" or "close …", what came first. */
	readonly outcome: Promise<string>;
	readonly ended: Promise<string>;

	constructor(transport: Transport, host: string, url: string, options: Partial<WebsocketRequest<string>> = {}, timeout = 20_000) {
		let decide: (event: string) => void;
		let end: (event: string) => void;
		this.outcome = new Promise((resolve) => {
			decide = resolve;
		});
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		const tell = (event: string) => {
			this.events.push(event);
			decide(event);
		};
		this.transport = transport;
		const request: WebsocketRequest<string> = {
			host,
			url,
			tmpBuf: new Uint8Array(512),
			txBuf: new Uint8Array(512),
			onClose: (ws, error, { code, reason, clean }, userData) => {
				const event = `close ${error} ${code} ${reason} ${clean}${ws === this.ws && userData === "mine" ? "" : " not mine"}`;
				tell(event);
				end(event);
			},
			...options,
			cb: (ws, seen, userData) => {
				tell(`open${ws === this.ws && (seen as object) === request && userData === "mine" ? "" : " not mine"}`);
				return options.cb?.(ws, seen, userData) ?? 0;
			},
		};
		this.request = request;
		this.ws = -1;
		this.ws = websocketConnectStart(transport, request, timeout, "mine");
	}
}

const attempt = (kind: Kind, port: number, url: string, options: Partial<WebsocketRequest<string>> = {}, timeout = 20_000) =>
	new Attempt(transportTo(kind, port), `127.0.0.1:${port}`, url, options, timeout);

const toHost = (kind: Kind, host: string, port: number): Transport =>
	kind === "tcp" ? new TcpTransport({ host, port }) : new SocketTransport({ host, port });

const lost = (error: number) => `close ${error} ${CLOSE_ABNORMAL}  false`;

for (const kind of kinds) {
	test(`${kind}: the handle comes at once, then cb, and then it is like any other`, async () => {
		const told: string[] = [];
		let echoed = (_text: string) => {};
		const echo = new Promise<string>((resolve) => {
			echoed = resolve;
		});
		const bytes = new Uint8Array(16);
		const { ws, transport, events, request, ended } = attempt(kind, ports.port, "/echo?a=b", {
			cb: (ws) => websocketSendMsg(ws, asciiOf("from cb"), 7, TEXT, true, true, 0) - 7,
			onReadable: (ws, userData) => {
				const count = websocketRecvMsg(ws, bytes, 16, info, 0);
				echoed(`${String.fromArrayBuffer(bytes.slice(0, count).buffer)} ${userData}`);
			},
			onWritable: () => told.push("writable"),
		});
		ok(ws > 0);
		deepEqual(events, []);
		equal(await echo, "from cb mine");
		deepEqual(events, ["open"]);
		deepEqual([request.status, request.subprotocol, request.failure], [101, "", ""]);
		equal(websocketDisconnect(ws, 3001, "done"), 0);
		equal(await ended, "close 0 3001 done true");
		await settled();
		deepEqual(events, ["open", "close 0 3001 done true"]);
		deepEqual(told, []);
		transport.close();
		await verdict();
	});

	for (const [name, port, path, error, status, words] of [
		["nobody listens", ports.refused, "/", -ECONNREFUSED, 0, "no TCP connection"],
		["the server speaks something else", ports.ssh, "/", -EPROTO, 0, "not HTTP"],
		["a wrong accept", ports.raw, "/accept", -EBADMSG, 101, "Sec-WebSocket-Accept"],
		["status 403", ports.raw, "/refuse", -ECONNABORTED, 403, "HTTP status 403"],
		["headers without end", ports.raw, "/headers", -EMSGSIZE, 101, "tmpBuf"],
		["the end amid the status line", ports.raw, "/end", -ECONNRESET, 0, "ended during the opening handshake"],
		["no answer in time", ports.raw, "/silent", -ETIMEDOUT, 0, "did not end in time"],
	] as const) {
		test(`${kind}: ${name}: onClose tells it, once, and cb is not called`, async () => {
			const timeout = error === -ETIMEDOUT ? TIMEOUT_MS : 20_000;
			const { ws, transport, events, request, ended } = attempt(kind, port, path, {}, timeout);
			ok(ws > 0);
			equal(await ended, lost(error));
			equal(request.status, status);
			ok(request.failure?.includes(words), request.failure);
			equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, 0), -ENOTCONN);
			equal(websocketRecvMsg(ws, new Uint8Array(1), 1, info, 0), -ENOTCONN);
			equal(websocketDisconnect(ws), -ENOTCONN);
			equal(await websocketPoll(ws, 0, SYS_FOREVER_MS), POLLHUP);
			transport.close();
			await settled();
			deepEqual(events, [lost(error)]);
		});
	}

	test(`${kind}: a name that does not resolve, and one that does`, async () => {
		const nobody = new Attempt(toHost(kind, "nobody.invalid", ports.port), "nobody.invalid", "/echo");
		ok(nobody.ws > 0);
		equal(await nobody.ended, lost(-EHOSTUNREACH));
		ok(nobody.request.failure?.includes("does not resolve"), nobody.request.failure);
		nobody.transport.close();
		const local = new Attempt(toHost(kind, "localhost", ports.port), "localhost", "/echo");
		equal(await local.outcome, "open");
		local.transport.close();
		await verdict();
		const refused = new Attempt(toHost(kind, "localhost", ports.refused), "localhost", "/echo");
		equal(await refused.ended, lost(-ECONNREFUSED));
		refused.transport.close();
		deepEqual([nobody.events, local.events, refused.events], [[lost(-EHOSTUNREACH)], ["open", lost(-ECANCELED)], [lost(-ECONNREFUSED)]]);
	});

	test(`${kind}: before it is open nothing can be sent or received; onWritable tells when`, async () => {
		const bytes = new Uint8Array(16);
		const told: string[] = [];
		let written = (_ws: number) => {};
		const writable = new Promise<number>((resolve) => {
			written = resolve;
		});
		const { ws, transport, events } = attempt(kind, ports.port, "/count", {
			onWritable: (ws) => {
				told.push(events.join());
				written(ws);
			},
		});
		equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, 0), -EAGAIN);
		equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, SYS_FOREVER_MS), -EAGAIN);
		equal(websocketSendMsg(ws, asciiOf("x"), 1, PING, true, true, 0), -EAGAIN);
		equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, false, true, 0), -EINVAL);
		equal(websocketRecvMsg(ws, bytes, 16, info, 0), -EAGAIN);
		equal(await writable, ws);
		deepEqual(told, ["open"]);
		equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, 0), 1);
		transport.close();
		await verdict();
	});

	test(`${kind}: disconnecting before it is open cancels: onClose comes once, from the loop`, async () => {
		const listener = new RawServer();
		for (const late of [false, true]) {
			const { ws, transport, events, request, ended } = attempt(kind, listener.port, "/");
			const raw = late ? await listener.next() : undefined;
			await raw?.head();
			equal(websocketDisconnect(ws), 0);
			deepEqual(events, []);
			equal(websocketDisconnect(ws), -ENOTCONN);
			equal(websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, 0), -ENOTCONN);
			equal(await ended, lost(-ECANCELED));
			ok(request.failure);
			transport.close();
			// It came before it was refused.
			raw?.close();
			if (!raw) (await listener.next()).close();
			await settled();
			deepEqual(events, [lost(-ECANCELED)]);
		}
		listener.close();
	});

	test(`${kind}: closing the transport before it is open tells onClose at once`, () => {
		const { transport, events } = attempt(kind, ports.raw, "/silent");
		transport.close();
		deepEqual(events, [lost(-ECANCELED)]);
	});

	test(`${kind}: cb does not want the connection: its number is what connecting gives, and the server is told`, async () => {
		const listener = new RawServer();
		const started = attempt(kind, listener.port, "/", { cb: () => -77 });
		let raw = await listener.next();
		const request = await raw.head();
		await raw.say(answerTo(request));
		equal(await started.ended, lost(-77));
		ok(started.request.failure?.includes("cb refused"), started.request.failure);
		deepEqual(started.events, ["open", lost(-77)]);
		const all = await raw.hear((text) => text.length >= request.length + 8);
		equal(all.charCodeAt(request.length), 0x88);
		equal(all.charCodeAt(request.length + 1), 0x82);
		started.transport.close();
		raw.close();

		let closed = 0;
		const transport = transportTo(kind, listener.port);
		const connecting = websocketConnect(
			transport,
			{ ...started.request, cb: () => -78, onClose: () => closed++ } as WebsocketRequest,
			20_000,
		);
		raw = await listener.next();
		await raw.say(answerTo(await raw.head()));
		equal(await connecting, -78);
		await settled();
		equal(closed, 0);
		transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: cb may close what it has just got`, async () => {
		const { transport, ended, events } = attempt(kind, ports.port, "/echo", { cb: (ws) => websocketDisconnect(ws, 1001, "no") });
		equal(await ended, "close 0 1001 no true");
		deepEqual(events, ["open", "close 0 1001 no true"]);
		transport.close();
		equal(await verdict(), "1001 no");
	});

	test(`${kind}: optionalHeadersCb writes headers, instead of optionalHeaders`, async () => {
		const listener = new RawServer();
		let calls = 0;
		const headers: Partial<WebsocketRequest<string>> = {
			optionalHeaders: ["X-Not: seen"],
			optionalHeadersCb: (seen, userData) => {
				calls++;
				return ["X-One: 1", `X-Two: ${seen.url} ${userData}\r\n`];
			},
		};
		const one = attempt(kind, listener.port, "/path", headers);
		equal(calls, 1);
		let raw = await listener.next();
		let request = await raw.head();
		ok(request.includes("\r\nX-One: 1\r\n"), request);
		ok(request.includes("\r\nX-Two: /path mine\r\n"), request);
		ok(!request.includes("X-Not"), request);
		one.transport.close();
		raw.close();

		const two = attempt(kind, listener.port, "/path", { optionalHeaders: ["X-Now: seen\r\n", "X-Empty:"] });
		raw = await listener.next();
		request = await raw.head();
		ok(request.includes("\r\nX-Now: seen\r\nX-Empty:\r\n"), request);
		two.transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: optionalHeadersCb refuses, and nothing is sent`, async () => {
		const listener = new RawServer();
		const transport = transportTo(kind, listener.port);
		const raw = await listener.next();
		const events: string[] = [];
		for (const [given, expected] of [
			[-77, -77],
			[-1, -1],
			[0, -EINVAL],
			[5, -EINVAL],
			["X: y", -EINVAL],
			[["X: y\r\nZ"], -EINVAL],
			[["Host: other"], -EINVAL],
			[[1], -EINVAL],
		] as const) {
			const request: WebsocketRequest = {
				host: "h",
				url: "/",
				tmpBuf: new Uint8Array(256),
				optionalHeadersCb: () => given as never,
				cb: () => events.push("open"),
				onClose: () => events.push("close"),
			};
			equal(websocketConnectStart(transport, request, 20_000), expected, JSON.stringify(given));
			equal(await websocketConnect(transport, request, 20_000), expected, JSON.stringify(given));
			if (expected === -EINVAL) ok(request.failure, JSON.stringify(given));
		}
		await settled();
		deepEqual(events, []);
		equal(raw.text, "");
		// The transport is as good as new.
		const client = new Client(kind, ports.refused, "/");
		client.transport.close();
		const connecting = websocketConnect(transport, client.request, 20_000);
		await raw.say(answerTo(await raw.head()));
		const ws = await connecting;
		ok(ws > 0, client.request.failure);
		transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: optionalHeadersCb may connect another transport`, async () => {
		const listener = new RawServer();
		let inner: Attempt | undefined;
		const outer = attempt(kind, listener.port, "/outer", {
			optionalHeadersCb: () => {
				inner = attempt(kind, listener.port, "/inner");
				return [];
			},
		});
		ok(inner && inner.ws > 0);
		ok(outer.ws > 0);
		ok(inner.ws !== outer.ws, "one handle for both");
		for (let i = 0; i < 2; i++) {
			const raw = await listener.next();
			await raw.say(answerTo(await raw.head()));
		}
		equal(await outer.outcome, "open");
		equal(await inner.outcome, "open");
		outer.transport.close();
		inner.transport.close();
		listener.close();
	});

	test(`${kind}: httpCb sees the answer, in its order, before cb`, async () => {
		const listener = new RawServer();
		const seen: string[] = [];
		const httpCb = {
			onStatus: (status: number, reason: string, userData: string) => seen.push(`${status} ${reason} ${userData}`),
			onHeader: (name: string, value: string, userData: string) => seen.push(`${name}=${value} ${userData}`),
			onHeadersComplete: (userData: string) => seen.push(`complete ${userData}`),
		};
		const one = attempt(kind, listener.port, "/", {
			httpCb,
			cb: (_, request) => {
				seen.push(`cb ${request.status} ${request.subprotocol}`);
				return 0;
			},
			subprotocols: ["a", "b"],
		});
		let raw = await listener.next();
		const request = await raw.head();
		ok(request.includes("\r\nSec-WebSocket-Protocol: a, b\r\n"), request);
		await raw.say(answerTo(request, "x-first: 1\r\nSec-WebSocket-Protocol: b\r\nX-LAST:  two words \r\n"));
		equal(await one.outcome, "open");
		deepEqual(
			seen.filter((line) => !line.startsWith("Sec-WebSocket-Accept")),
			[
				"101 Switching Protocols mine",
				"Upgrade=websocket mine",
				"Connection=Upgrade mine",
				"x-first=1 mine",
				"Sec-WebSocket-Protocol=b mine",
				"X-LAST=two words mine",
				"complete mine",
				"cb 101 b",
			],
		);
		deepEqual([one.request.status, one.request.subprotocol], [101, "b"]);
		one.transport.close();
		raw.close();

		seen.length = 0;
		const two = attempt(kind, listener.port, "/", { httpCb });
		raw = await listener.next();
		await raw.head();
		await raw.say(
			'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="a"\r\nwww-authenticate: Bearer\r\nContent-Length: 5\r\n\r\nSorry',
		);
		equal(await two.ended, lost(-ECONNABORTED));
		deepEqual(seen, [
			"401 Unauthorized mine",
			'WWW-Authenticate=Basic realm="a" mine',
			"www-authenticate=Bearer mine",
			"Content-Length=5 mine",
			"complete mine",
		]);
		deepEqual(two.events, [lost(-ECONNABORTED)]);
		equal(two.request.status, 401);
		two.transport.close();
		raw.close();

		// Each of them may be missing.
		const three = attempt(kind, listener.port, "/", { httpCb: {} });
		raw = await listener.next();
		await raw.say(answerTo(await raw.head()));
		equal(await three.outcome, "open");
		three.transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: a subprotocol or extension that nobody offered`, async () => {
		const listener = new RawServer();
		for (const header of ["Sec-WebSocket-Protocol: c\r\n", "Sec-WebSocket-Extensions: permessage-deflate\r\n"]) {
			const one = attempt(kind, listener.port, "/", { subprotocols: ["a", "b"] });
			const raw = await listener.next();
			await raw.say(answerTo(await raw.head(), header));
			equal(await one.ended, lost(-EPROTONOSUPPORT), header);
			deepEqual([one.request.status, one.request.subprotocol], [101, ""]);
			one.transport.close();
			raw.close();
		}
		listener.close();
	});

	test(`${kind}: with ownSock the library closes the transport, else it stays the app's`, async () => {
		const listener = new RawServer();
		const ends: [string, (raw: Raw, request: string, ws: number) => Promise<void>][] = [
			["refused", (raw) => raw.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")],
			["cancelled", async (_raw, _request, ws) => void websocketDisconnect(ws)],
			["a frame that is none", async (raw, request) => raw.say(joined(answerTo(request), [0xff, 0x7f]))],
			["closed by the server", async (raw, request) => raw.say(joined(answerTo(request), [0x88, 0]))],
		];
		for (const ownSock of [true, false, undefined]) {
			for (const [name, end] of ends) {
				const one = attempt(kind, listener.port, "/", ownSock === undefined ? {} : { ownSock });
				const raw = await listener.next();
				const request = await raw.head();
				await end(raw, request, one.ws);
				await one.ended;
				const byte = new Uint8Array(1);
				if (ownSock) {
					await raw.end();
					ok(one.transport.read(byte, 0, 1) < 0, name);
				} else {
					await raw.say("!");
					let read = 0;
					// It is the app that reads now.
					while ((read = one.transport.read(byte, 0, 1)) === 0) await settled();
					deepEqual([read, byte[0]], [1, 0x21], name);
					one.transport.close();
				}
				raw.close();
			}
		}
		listener.close();
	});

	test(`${kind}: with ownSock a Promise that gives an error has closed the transport`, async () => {
		const client = new Client(kind, ports.raw, "/refuse", { ownSock: true });
		equal(await client.connect(), -ECONNABORTED);
		ok(client.transport.read(new Uint8Array(1), 0, 1) < 0);
		equal(client.endings, 0);
		const refused = new Client(kind, ports.refused, "/", { ownSock: true });
		equal(await refused.connect(), -ECONNREFUSED);
		ok(refused.transport.write(new Uint8Array(1), 0, 1) < 0);
	});

	test(`${kind}: without txBuf there is one as long as tmpBuf, 512 bytes at least`, async () => {
		for (const [length, largest] of [
			[256, 496],
			[1024, 1008],
		] as const) {
			const client = new Client(kind, ports.port, "/count", { txBuf: undefined, tmpBuf: new Uint8Array(length) });
			ok((await client.connect()) > 0, client.request.failure);
			const bytes = counting(2048);
			equal(websocketSendMsg(client.ws, bytes, largest + 100, BINARY, true, true, 0), -EMSGSIZE);
			equal(websocketSendMsg(client.ws, bytes, largest, BINARY, true, true, 0), largest);
			equal(await client.receiveText(), `${largest}`);
			client.transport.close();
			await verdict();
		}
	});

	test(`${kind}: a request object is good for another connection, also on the same transport`, async () => {
		const listener = new RawServer();
		const one = attempt(kind, listener.port, "/", { subprotocols: ["a"] });
		equal(websocketConnectStart(one.transport, one.request, 20_000, "mine"), -EEXIST);
		let raw = await listener.next();
		await raw.head();
		await raw.say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
		equal(await one.ended, lost(-ECONNABORTED));
		deepEqual([one.request.status, one.request.failure !== ""], [403, true]);

		raw.text = "";
		const { ws } = one;
		one.ws = websocketConnectStart(one.transport, one.request, 20_000, "mine");
		ok(one.ws > 0 && one.ws !== ws);
		deepEqual([one.request.status, one.request.subprotocol, one.request.failure], [0, "", ""]);
		await raw.say(joined(answerTo(await raw.head(), "Sec-WebSocket-Protocol: a\r\n"), [0x88, 0]));
		while (one.events.length < 3) await settled();
		deepEqual([one.request.status, one.request.subprotocol, one.request.failure], [101, "a", ""]);
		one.transport.close();
		raw.close();

		const transport = transportTo(kind, listener.port);
		one.ws = websocketConnectStart(transport, one.request, 20_000, "mine");
		deepEqual([one.request.status, one.request.subprotocol, one.request.failure], [0, "", ""]);
		raw = await listener.next();
		await raw.say(answerTo(await raw.head()));
		while (one.events.length < 4) await settled();
		deepEqual(one.events, [lost(-ECONNABORTED), "open", "close 0 1005  true", "open"]);
		transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: the next connection may be started in onClose of the last`, async () => {
		let second: Attempt | undefined;
		const first = attempt(kind, ports.raw, "/refuse", {
			onClose: () => {
				first.transport.close();
				second = attempt(kind, ports.port, "/echo");
			},
		});
		while (!second) await settled();
		equal(await second.outcome, "open");
		second.transport.close();
		await verdict();
	});
}

test("a call that is refused tells nobody, and leaves the transport alone", async () => {
	const transport = transportTo("tcp", ports.port);
	const events: string[] = [];
	const request: WebsocketRequest = {
		host: `127.0.0.1:${ports.port}`,
		url: "/echo",
		tmpBuf: new Uint8Array(512),
		ownSock: true,
		cb: () => events.push("open"),
		onClose: () => events.push("close"),
	};
	equal(websocketConnectStart(undefined as never, request, 1000), -EINVAL);
	equal(websocketConnectStart(transport, undefined as never, 1000), -EINVAL);
	equal(websocketConnectStart(transport, Object.freeze({ ...request }), 1000), -EINVAL);
	equal(websocketConnectStart(transport, { ...request, url: "" }, 1000), -EINVAL);
	equal(websocketConnectStart(transport, { ...request, host: "a\r\nb" }, 1000), -EINVAL);
	equal(websocketConnectStart(transport, request, 1.5), -EINVAL);
	equal(websocketConnectStart(transport, request, 0), -EAGAIN);
	ok(request.failure?.includes("timeout is 0"), request.failure);
	equal(websocketConnectStart(transport, { ...request, txBuf: new Uint8Array(64) }, 1000), -EMSGSIZE);
	await settled();
	deepEqual(events, []);
	const ws = websocketConnectStart(transport, request, SYS_FOREVER_MS);
	ok(ws > 0);
	while (!events.length) await settled();
	deepEqual(events, ["open"]);
	transport.close();
	deepEqual(events, ["open", "close"]);
	await verdict();
});

/** Gives its events to whoever asks. */
class Driven extends FakeTransport {
	events: TransportEvents | undefined;
	override start(events: TransportEvents): boolean {
		this.events = events;
		return super.start(events);
	}
	override stop(): void {
		this.events = undefined;
		super.stop();
	}
}

test("each thing is told in the event that brings it: no Promise has to come between", () => {
	const transport = new Driven();
	const events: string[] = [];
	const bytes = new Uint8Array(8);
	const ws = websocketConnectStart(
		transport,
		{
			host: "h",
			url: "/",
			tmpBuf: new Uint8Array(256),
			cb: () => events.push("open") - 1,
			onReadable: (ws) => events.push(`readable ${websocketRecvMsg(ws, bytes, 8, info, 0)}`),
			onWritable: () => events.push("writable"),
			onClose: (_, error) => events.push(`close ${error}`),
		},
		1000,
	);
	ok(ws > 0);
	equal(websocketSendMsg(ws, bytes, 1, BINARY, true, true, 0), -EAGAIN);
	const tell = transport.events as TransportEvents;
	tell.onWritable();
	deepEqual(events, []);
	transport.give(asciiOf(answerTo(String.fromArrayBuffer(Uint8Array.from(transport.written).buffer))));
	tell.onReadable();
	deepEqual(events, ["open", "writable"]);
	transport.give(Uint8Array.from([0x82, 1, 0x61]));
	tell.onReadable();
	deepEqual(events, ["open", "writable", "readable 1"]);
	transport.give(Uint8Array.from([0x88, 0]));
	tell.onReadable();
	deepEqual(events, ["open", "writable", "readable 1", "close 0"]);
	equal(transport.started, false);
});

test("a socket of the app's, connected before", async () => {
	const listener = new RawServer();
	const socket = new Socket({ host: "127.0.0.1", port: listener.port, noDelay: true });
	const raw = await listener.next();
	await new Promise<void>((resolve) => {
		socket.callback = (message) => {
			if (message === Socket.connected) resolve();
		};
	});
	const one = new Attempt(new SocketTransport(socket, true), "h", "/");
	await raw.say(answerTo(await raw.head()));
	equal(await one.outcome, "open");
	one.transport.close();
	raw.close();
	listener.close();
});
