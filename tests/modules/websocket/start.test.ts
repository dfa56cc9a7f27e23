/* Connecting without a Promise: what is told to whom, when, and how often. */
import { Socket } from "socket";
import { deepEqual, equal, ok, test } from "test";
import { SocketTransport } from "transport/socket";
import type { TransportEvents } from "transport/transport";
import {
	EAGAIN,
	EBADMSG,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	EPROTO,
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
import { Attempt, attempt, lost, settled, toHost } from "./attempt";
import { asciiOf, Client, kinds, ports, transportTo, verdict } from "./client";
import { FakeTransport } from "./fake";
import { answerTo, joined, RawServer } from "./pair";

const TEXT = 1;
const BINARY = 2;
const PING = 9;
const TIMEOUT_MS = 50;
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

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
		["the end amid the status line", ports.raw, "/end", -ECONNRESET, 101, "ended during the opening handshake"],
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
		for (const late of [false, true]) {
			const listener = new RawServer();
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
			raw?.close();
			await settled();
			deepEqual(events, [lost(-ECANCELED)]);
			listener.close();
		}
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

	test(`${kind}: cb may receive, even the end`, async () => {
		const listener = new RawServer();
		const got: number[] = [];
		const cb = (ws: number) => {
			got.push(websocketRecvMsg(ws, new Uint8Array(1), 1, info, 0));
			got.push(websocketRecvMsg(ws, new Uint8Array(1), 1, info, 0));
			return 0;
		};
		const one = attempt(kind, listener.port, "/", { cb });
		let raw = await listener.next();
		await raw.say(joined(answerTo(await raw.head()), [0x82, 1, 0x61, 0x88, 0]));
		equal(await one.ended, "close 0 1005  true");
		deepEqual(one.events, ["open", "close 0 1005  true"]);
		one.transport.close();
		raw.close();
		const client = new Client(kind, listener.port, "/", { cb });
		const connecting = client.connect();
		raw = await listener.next();
		await raw.say(joined(answerTo(await raw.head()), [0x82, 1, 0x61, 0x88, 0]));
		ok((await connecting) > 0, client.request.failure);
		equal((await client.ended).clean, true);
		equal(client.endings, 1);
		deepEqual(got, [1, -ENOTCONN, 1, -ENOTCONN]);
		client.transport.close();
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
	const connected = new Promise<void>((resolve) => {
		socket.callback = (message) => {
			if (message === Socket.connected) resolve();
		};
	});
	const raw = await listener.next();
	await connected;
	const one = new Attempt(new SocketTransport(socket, true), "h", "/");
	await raw.say(answerTo(await raw.head()));
	equal(await one.outcome, "open");
	one.transport.close();
	raw.close();
	listener.close();
});
