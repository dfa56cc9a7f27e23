/* WHATWG WebSockets §3 with a server that behaves: npm's ws. */
import { deepEqual, equal, ok, test } from "test";
import WebSocket, { Blob, CloseEvent, Event, MessageEvent } from "websocket-web";
import { Clogged } from "./clogged";
import { ports, Recorder, urlOf, verdict } from "./recorder";

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));

test("open, messages, close: each event is of its class, trusted, and has the WebSocket as target", async () => {
	const ws = new WebSocket(urlOf("/echo"));
	const events: Event[] = [];
	const states: number[] = [ws.readyState];
	await new Promise<void>((resolve) => {
		for (const type of ["open", "message", "close", "error"])
			ws.addEventListener(type, (event) => {
				ok(event.currentTarget === ws && event.target === ws);
				equal(event.eventPhase, Event.AT_TARGET);
				equal(event.type, type);
				events.push(event);
				states.push(ws.readyState);
			});
		ws.onopen = () => ws.send("hello");
		ws.onmessage = () => {
			ws.close(3333, "enough");
			states.push(ws.readyState);
		};
		ws.onclose = () => resolve();
	});
	const [open, message, close, ...more] = events as [Event, MessageEvent, CloseEvent];
	equal(more.length, 0);
	equal(open.constructor, Event);
	ok(message instanceof MessageEvent && close instanceof CloseEvent);
	for (const event of events) {
		ok(event.isTrusted && !event.bubbles && !event.cancelable);
		equal(event.currentTarget, null);
	}
	deepEqual([message.data, message.origin, message.lastEventId], ["hello", `ws://127.0.0.1:${ports.port}`, ""]);
	deepEqual([close.code, close.reason, close.wasClean], [3333, "enough", true]);
	deepEqual(states, [0, 1, 1, 2, 3]);
	equal(await verdict(), "3333 enough");
	// It is not trusted any more when an app dispatches it.
	ws.dispatchEvent(message);
	equal(message.isTrusted, false);
});

test("text and bytes of many lengths come back", async () => {
	const server = new Recorder(urlOf("/echo"));
	await server.opened;
	for (const length of [0, 1, 125, 126, 512, 513, 1024, 1025, 5000, 16_384]) {
		const bytes = counting(length);
		for (const data of [bytes, bytes.buffer, new DataView(bytes.buffer), new Blob([bytes])]) {
			server.ws.send(data);
			deepEqual(new Uint8Array((await server.next()) as ArrayBuffer), bytes, `${length}`);
		}
		const text = "x€".repeat(length / 4);
		server.ws.send(text);
		equal(await server.next(), text);
		server.seen.length = 0;
	}
	server.ws.close();
	equal(await server.end(), "close 1005 clean");
	equal(await verdict(), "1005");
});

test("around 64 KB, where the form of a frame changes", async () => {
	const server = new Recorder(urlOf("/lengths"), { maxBufferedAmount: 70_000 });
	await server.opened;
	for (const length of [65_535, 65_536]) {
		server.ws.send(new Uint8Array(length));
		equal(server.ws.bufferedAmount, length);
		equal(await server.next(), `${length}`);
	}
	server.ws.close();
	await server.closed;
	await verdict();
	const echo = new Recorder(urlOf("/echo"), { maxBufferedAmount: 70_000, maxMessageSize: 65_536 });
	await echo.opened;
	echo.ws.send("x".repeat(65_536));
	equal((await echo.next()) as string, "x".repeat(65_536));
	echo.seen.length = 0;
	echo.ws.close();
	await echo.closed;
	await verdict();
});

test("what is sent is what a USVString or a view holds", async () => {
	const server = new Recorder(urlOf("/hex"));
	await server.opened;
	const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
	for (const [data, expected] of [
		["a\0b", "text 610062"],
		["\ud800", "text efbfbd"],
		["x\udc00\ud800y", "text 78efbfbdefbfbd79"],
		["\ud83d" + "\ude00", "text f09f9880"],
		["\ufeffä", "text efbbbfc3a4"],
		["", "text "],
		[12.5, "text 31322e35"],
		[null, "text 6e756c6c"],
		[undefined, "text 756e646566696e6564"],
		[{ toString: () => "o" }, "text 6f"],
		[[1, 2], "text 312c32"],
		[new Uint8Array(buffer, 2, 3), "binary 030405"],
		[new Uint16Array(buffer, 2, 1), "binary 0304"],
		[new DataView(buffer, 7), "binary 08"],
		[new Blob(["ab"]).slice(1), "binary 62"],
		[new ArrayBuffer(0), "binary "],
		[new Float32Array(1), "binary 00000000"],
	] as const) {
		server.ws.send(data as unknown as string);
		equal(await server.next(), expected);
	}
	server.ws.close();
	await server.closed;
	await verdict();
});

test("what is sent stays as it was when it was sent", async () => {
	const server = new Recorder(urlOf("/echo"));
	await server.opened;
	const short = Uint8Array.of(1, 2, 3);
	const long = counting(3000);
	server.ws.send(long);
	server.ws.send(short);
	long.fill(0);
	short.fill(0);
	deepEqual(new Uint8Array((await server.next()) as ArrayBuffer), counting(3000));
	deepEqual(new Uint8Array((await server.next()) as ArrayBuffer), Uint8Array.of(1, 2, 3));
	server.ws.close();
	await server.closed;
	await verdict();
});

test("binaryType decides when the message comes; text is text with either", async () => {
	const ws = new WebSocket(urlOf("/echo"));
	const next = () => new Promise<unknown>((resolve) => ws.addEventListener("message", ({ data }) => resolve(data), { once: true }));
	await new Promise((resolve) => ws.addEventListener("open", resolve));
	for (const length of [0, 5, 2000]) {
		ws.binaryType = "blob";
		ws.send(counting(length));
		const blob = (await next()) as Blob;
		ok(blob instanceof Blob);
		deepEqual([blob.size, blob.type], [length, ""]);
		deepEqual(await blob.bytes(), counting(length));
		ws.send("text");
		equal(await next(), "text");
		ws.send(counting(length));
		ws.binaryType = "arraybuffer";
		ok((await next()) instanceof ArrayBuffer);
		// A Blob that came can be sent again.
		ws.send(blob);
		deepEqual(new Uint8Array((await next()) as ArrayBuffer), counting(length));
	}
	ws.close();
	await new Promise((resolve) => ws.addEventListener("close", resolve));
	await verdict();
});

test("one message a turn: what is awaited after one is there before the next comes", async () => {
	const ws = new WebSocket(urlOf("/flood"));
	const next = () =>
		new Promise<string>((resolve) => {
			ws.onmessage = ({ data }) => {
				ws.onmessage = null;
				resolve(data);
			};
		});
	const seen: string[] = [];
	for (let i = 0; i < 40; i++) {
		const message = await next();
		// Promises that take some more steps.
		for (let step = 0; step < 5; step++) await undefined;
		seen.push(message);
	}
	deepEqual(
		seen,
		Array.from({ length: 40 }, (_, i) => `${i}`),
	);
	ws.close();
	await new Promise((resolve) => ws.addEventListener("close", resolve));
	await verdict();
});

test("events come from the loop, never from inside a call", async () => {
	const server = new Recorder(urlOf("/echo"));
	deepEqual(server.seen, []);
	await server.opened;
	for (let i = 0; i < 50; i++) server.ws.send("x");
	server.ws.close();
	deepEqual(server.seen, ["open"]);
	server.seen.push("returned");
	equal(await server.end(), "open, returned, close 1005 clean");
	await verdict();
});

test("bufferedAmount: what was sent in this turn, without what frames add", async () => {
	const server = new Recorder(urlOf("/lengths"), { maxBufferedAmount: 20_000 });
	await server.opened;
	equal(server.ws.bufferedAmount, 0);
	server.ws.send("€ä");
	equal(server.ws.bufferedAmount, 5);
	server.ws.send(new ArrayBuffer(100));
	equal(server.ws.bufferedAmount, 105);
	server.ws.send("");
	server.ws.send(new Blob(["abc"]));
	equal(server.ws.bufferedAmount, 108);
	server.ws.send(counting(10_000));
	equal(server.ws.bufferedAmount, 10_108);
	for (const length of ["5", "100", "0", "3", "10000"]) equal(await server.next(), length);
	equal(server.ws.bufferedAmount, 0);
	server.ws.send("12345");
	server.ws.close();
	server.ws.send("678");
	equal(server.ws.bufferedAmount, 8);
	equal(await server.end(), "open, message 5, message 100, message 0, message 3, message 10000, close 1005 clean");
	// What was sent is gone; what could not be stays.
	equal(server.ws.bufferedAmount, 3);
	server.ws.send("9");
	equal(server.ws.bufferedAmount, 4);
	await verdict();
});

test("a server that does not read: what is sent waits in its order, and the close frame behind it", async () => {
	const cable: Clogged[] = [];
	const server = new Recorder(urlOf("/lengths"), {
		maxBufferedAmount: 5000,
		transport: (to) => {
			cable.push(new Clogged(to));
			return cable[0] as Clogged;
		},
	});
	await server.opened;
	const [transport] = cable as [Clogged];
	const { ws } = server;
	const next = async (length: string) => equal(await server.next(), length);
	// The first one waits in the connection's buffer, which is as good as gone; the others are kept.
	transport.room = 0;
	for (const length of [10, 600, 20, 3000]) ws.send(counting(length));
	equal(ws.bufferedAmount, 3630);
	await transport.unclog(16);
	await next("10");
	equal(ws.bufferedAmount, 3620);
	// Half of a long message: its bytes count until the last one has left.
	await transport.unclog(400);
	equal(ws.bufferedAmount, 3620);
	ws.send("abc");
	equal(ws.bufferedAmount, 3623);
	await transport.unclog(300);
	await next("600");
	equal(ws.bufferedAmount, 3003);
	ws.send(counting(1990));
	equal(ws.bufferedAmount, 4993);
	ws.close(1000, "done");
	equal(ws.readyState, WebSocket.CLOSING);
	ws.send("not any more");
	equal(ws.bufferedAmount, 5005);
	await transport.unclog();
	equal(await server.end(), "open, message 10, message 600, close 1000 done clean");
	equal(ws.bufferedAmount, 12);
	equal(await verdict(), "1000 done");
});

test("no room: the connection fails, as the standard says", async () => {
	const server = new Recorder(urlOf("/lengths"), { maxBufferedAmount: 1000 });
	await server.opened;
	server.ws.send(counting(1001));
	equal(server.ws.readyState, WebSocket.CLOSING);
	equal(server.ws.bufferedAmount, 1001);
	server.ws.send("abc");
	equal(server.ws.bufferedAmount, 1004);
	equal(await server.end(), "open, error 3, close 1006 not clean");
	ok(server.failure.includes("maxBufferedAmount"), server.failure);
	equal(await verdict(), "1006");
});

test("the server closes: with a code and a reason, with a code, without one", async () => {
	equal(await new Recorder(urlOf("/goodbye")).end(), "open, message last, close 4001 go away – € clean");
	equal(await new Recorder(urlOf("/going")).end(), "open, close 1001 clean");
	equal(await new Recorder(urlOf("/no-code")).end(), "open, close 1005 clean");
	deepEqual([await verdict(), await verdict(), await verdict()], ["4001", "1001", "1005"]);
});

test("close(code, reason) on the wire", async () => {
	for (const [code, reason, expected] of [
		[undefined, undefined, "1005"],
		[1000, undefined, "1000"],
		[1000, "", "1000"],
		[3000, "", "3000"],
		[4999, "x".repeat(123), `4999 ${"x".repeat(123)}`],
		[3000, "€".repeat(41), `3000 ${"€".repeat(41)}`],
		[3999.5, "half", "4000 half"],
		[4000.5, "half", "4000 half"],
		["3001", 7, "3001 7"],
		[1000, "\ud800", "1000 \ufffd"],
		[1000, "a\0b", "1000 a\0b"],
		[undefined, "why", "1000 why"],
	] as const) {
		const server = new Recorder(urlOf("/echo"));
		await server.opened;
		server.ws.close(code as number, reason as string);
		equal(server.ws.readyState, WebSocket.CLOSING);
		// The second one does nothing.
		server.ws.close(4444, "later");
		equal(await server.end(), `open, close ${expected} clean`);
		equal(await verdict(), expected);
	}
});

test("close() in the open event, and in a message event", async () => {
	const early = new Recorder(urlOf("/echo"));
	early.ws.onopen = () => early.ws.close(3001);
	equal(await early.end(), "open, close 3001 clean");
	// The server's close frame is there already, and the first one counts. The message before it is dropped.
	const crossing = new Recorder(urlOf("/goodbye"));
	crossing.ws.onopen = () => crossing.ws.close(3001);
	equal(await crossing.end(), "open, close 4001 go away – € clean");
	const late = new Recorder(urlOf("/flood"));
	late.ws.onmessage = ({ data }) => data === "2" && late.ws.close();
	equal(await late.end(), "open, message 0, message 1, message 2, close 1005 clean");
	for (let i = 0; i < 3; i++) await verdict();
});

test("subprotocols: the server chooses one of them, or the connection fails", async () => {
	const chosen = new Recorder(urlOf("/echo"), ["a", "b.c", "d"]);
	await chosen.opened;
	equal(chosen.ws.protocol, "d");
	equal(chosen.ws.extensions, "");
	chosen.ws.close();
	await chosen.closed;
	equal(chosen.ws.protocol, "d");
	const one = new Recorder(urlOf("/echo"), "solo");
	await one.opened;
	equal(one.ws.protocol, "solo");
	one.ws.close();
	await one.closed;
	const none = new Recorder(urlOf("/none"), { protocols: "a" });
	equal(await none.end(), "error 3, close 1006 not clean");
	equal(none.failure, "the server chose none of the subprotocols");
	const unasked = new Recorder(urlOf("/none"), []);
	await unasked.opened;
	equal(unasked.ws.protocol, "");
	unasked.ws.close();
	await unasked.closed;
	for (let i = 0; i < 4; i++) await verdict();
});

test("the request: target, Host, headers, Authorization of a user in the url", async () => {
	const { port } = ports;
	const open = async (url: string, options: ConstructorParameters<typeof WebSocket>[1]) => {
		const server = new Recorder(url, options as string);
		const text = (await server.next()) as string;
		server.ws.close();
		await server.closed;
		await verdict();
		return text;
	};
	const plain = JSON.parse(await open(`http://localhost:${port}/headers`, undefined));
	deepEqual(plain, { url: "/headers", host: `localhost:${port}` });
	const rich = JSON.parse(
		await open(`ws://us%65r:p%40ss:w@127.0.0.1:${port}/headers`, {
			protocols: ["x", "y"],
			headers: { Cookie: "a=b", Origin: "https://here" },
			allowInsecurePassword: true,
		}),
	);
	deepEqual(rich, {
		url: "/headers",
		host: `127.0.0.1:${port}`,
		authorization: "Basic dXNlcjpwQHNzOnc=",
		cookie: "a=b",
		origin: "https://here",
		offered: "x, y",
	});
	const own = JSON.parse(
		await open(`ws://user@127.0.0.1:${port}/headers`, { headers: [["authorization", "Bearer 7"]], allowInsecurePassword: true }),
	);
	equal(own.authorization, "Bearer 7");
	equal(await open(urlOf("/target/a b?c=ü&d=?"), undefined), "/target/a%20b?c=%C3%BC&d=?");
	equal(await open(urlOf("/target?"), undefined), "/target?");
	// A request that is longer than the send buffer.
	const token = "t".repeat(1500);
	equal(await open(urlOf(`/target?token=${token}`), undefined), `/target?token=${token}`);
});

test("pings are answered, and not seen", async () => {
	const server = new Recorder(urlOf("/pings"));
	equal(await server.next(), "3 pongs");
	server.ws.close();
	equal(await server.end(), "open, message 3 pongs, close 1005 clean");
	await verdict();
});

test("a listener that throws ends nothing", async () => {
	const server = new Recorder(urlOf("/echo"));
	server.ws.onopen = () => {
		throw new Error("expected: in onopen");
	};
	server.ws.onmessage = () => {
		throw new Error("expected: in onmessage");
	};
	await server.opened;
	server.ws.send("1");
	equal(await server.next(), "1");
	server.ws.send("2");
	equal(await server.next(), "2");
	server.ws.close();
	equal(await server.end(), "open, message 1, message 2, close 1005 clean");
	await verdict();
});

test("more than there are places: the next one fails, and later ones do not", async () => {
	const all = Array.from({ length: 8 }, () => new Recorder(urlOf("/echo"), { receiveBufferSize: 256, sendBufferSize: 64 }));
	for (const { opened } of all) await opened;
	const ninth = new Recorder(urlOf("/echo"));
	equal(ninth.ws.readyState, WebSocket.CONNECTING);
	equal(await ninth.end(), "error 3, close 1006 not clean");
	equal(ninth.failure, "all contexts are in use");
	for (const { ws } of all) ws.close();
	for (const { closed } of all) await closed;
	const tenth = new Recorder(urlOf("/echo"));
	await tenth.opened;
	tenth.ws.close();
	equal(await tenth.end(), "open, close 1005 clean");
	for (let i = 0; i < 9; i++) await verdict();
});
