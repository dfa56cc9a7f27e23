import { deepEqual, equal, ok, test } from "test";
import {
	ECONNABORTED,
	ECONNREFUSED,
	EEXIST,
	EFAULT,
	EINVAL,
	EMSGSIZE,
	EPROTONOSUPPORT,
	type WebsocketRequest,
	websocketConnect,
	websocketConnectStart,
	websocketDisconnect,
	websocketSendMsg,
} from "websocket";
import { type Attempt, attempt, lost, settled } from "./attempt";
import { Client, counting, kinds, ports, transportTo, verdict } from "./client";
import { answerTo, joined, type Raw, RawServer } from "./pair";

const BINARY = 2;

for (const kind of kinds) {
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
		const throwing: WebsocketRequest = {
			host: "h",
			url: "/",
			tmpBuf: new Uint8Array(256),
			optionalHeadersCb: () => {
				throw new Error("no");
			},
		};
		equal(websocketConnectStart(transport, throwing, 20_000), -EFAULT);
		equal(throwing.failure, "optionalHeadersCb threw");
		equal(await websocketConnect(transport, throwing, 20_000), -EFAULT);
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
					// It is the app that reads now.
					while (one.transport.read(byte, 0, 1) === 0) await settled();
					equal(byte[0], 0x21, name);
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
}
