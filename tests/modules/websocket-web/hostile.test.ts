/* Servers that refuse, break the protocol, or go away. */
import { equal, ok, test } from "test";
import WebSocket from "websocket-web";
import { Clogged } from "./clogged";
import { ports, Recorder, rawUrlOf, urlOf, verdict } from "./recorder";

const FAILED = "error 3, close 1006 not clean";

test("a handshake that fails: error, then close with 1006, and why in words", async () => {
	for (const [url, failure] of [
		[`ws://127.0.0.1:${ports.refused}/`, "refused or unreachable"],
		["ws://no-such-host.invalid/", "does not resolve"],
		[urlOf("/unauthorized"), "HTTP status 401"],
		[rawUrlOf("/403"), "HTTP status 403"],
		[rawUrlOf("/301"), "HTTP status 301"],
		[rawUrlOf("/200"), "HTTP status 200"],
		[rawUrlOf("/not-http"), "not HTTP"],
		[rawUrlOf("/no-upgrade"), "lacks Upgrade"],
		[rawUrlOf("/wrong-accept"), "Sec-WebSocket-Accept"],
		[rawUrlOf("/unasked-protocol"), "subprotocol that was not offered"],
		[rawUrlOf("/unasked-extension"), "extension that was not offered"],
		[rawUrlOf("/large-headers"), "do not fit into receiveBufferSize"],
		[rawUrlOf("/gone"), "ended during the opening handshake"],
	] as const) {
		const server = new Recorder(url);
		equal(await server.end(), FAILED, url);
		ok(server.failure.includes(failure), `${url}: ${server.failure}`);
		equal(server.ws.readyState, WebSocket.CLOSED);
	}
});

test("two subprotocols where one is wanted, and no answer in time", async () => {
	equal(await new Recorder(rawUrlOf("/two-protocols"), ["a", "b"]).end(), FAILED);
	const late = new Recorder(rawUrlOf("/silent"), { connectTimeout: 50 });
	equal(await late.end(), FAILED);
	ok(late.failure.includes("did not end in time"), late.failure);
});

test("what comes in one segment with the answer is told in its order, the close last", async () => {
	equal(await new Recorder(rawUrlOf("/early")).end(), "open, message one, message , message 3, close 3000 clean");
	equal(await verdict(), "/early 3000");
	equal(await new Recorder(rawUrlOf("/after-close")).end(), "open, message before, close 1000 clean");
	equal(await verdict(), "/after-close 1000");
});

test("fragments become messages, with empty ones and a ping amid", async () => {
	const server = new Recorder(rawUrlOf("/fragments"));
	equal(await server.next(), "Grüße");
	const bytes = new Uint8Array((await server.next()) as ArrayBuffer);
	equal(bytes.length, 2000);
	ok(bytes.every((byte, i) => byte === 97 + ((i < 1500 ? i : i - 1500) % 26)));
	equal(((await server.next()) as ArrayBuffer).byteLength, 0);
	server.ws.close(1000);
	await server.closed;
	equal(await verdict(), "/fragments 1000");
});

test("text with a NUL, a byte order mark, and characters beyond 16 bits", async () => {
	const server = new Recorder(rawUrlOf("/nul"));
	const text = (await server.next()) as string;
	equal(text, "a\0b\ufeff😀");
	server.ws.close(1000);
	await server.closed;
	await verdict();
	const marked = new Recorder(rawUrlOf("/mark"));
	equal(await marked.next(), "\ufeffa");
	marked.ws.close(1000);
	await marked.closed;
	await verdict();
});

test("a server that breaks the protocol is told why, and the connection fails", async () => {
	for (const [path, told, before, failure] of [
		["/utf8", 1007, "message good, ", "not UTF-8"],
		["/masked", 1002, "", "masked"],
		["/rsv", 1002, "", "reserved bit"],
		["/opcode", 1002, "", "reserved opcode"],
		["/code-999", 1002, "", "close code"],
		["/code-1005", 1002, "", "close code"],
		["/one-byte", 1002, "", "one byte"],
		["/huge", 1009, "", "maxMessageSize"],
	] as const) {
		const server = new Recorder(rawUrlOf(path));
		equal(await server.end(), `open, ${before}${FAILED}`, path);
		ok(server.failure.includes(failure), `${path}: ${server.failure}`);
		equal(await verdict(), `${path} ${told}`);
	}
});

test("a message longer than the limit, here of the configuration, ends it with 1009", async () => {
	const good = new Recorder(rawUrlOf("/limit"));
	equal(((await good.next()) as string).length, 2000);
	good.ws.close(1000);
	await good.closed;
	await verdict();
	for (const path of ["/too-long", "/too-long-in-fragments"]) {
		const server = new Recorder(rawUrlOf(path));
		equal(await server.end(), `open, ${FAILED}`);
		equal(await verdict(), `${path} 1009`);
		// An option is before the configuration.
		const generous = new Recorder(rawUrlOf(path), { maxMessageSize: 3000 });
		equal(((await generous.next()) as string).length, 2001);
		generous.ws.close(1000);
		await generous.closed;
		await verdict();
	}
});

test("the TCP connection ends without a close frame", async () => {
	for (const [path, events] of [
		["/drop", "open, message last words, "],
		["/half", "open, "],
		["/hang-up", "open, "],
		["/reset", "open, "],
	] as const) {
		const server = new Recorder(rawUrlOf(path));
		await server.opened;
		server.ws.send("go");
		equal(await server.end(), `${events}${FAILED}`, path);
		ok(server.failure.includes("without a close handshake"), server.failure);
	}
	const terminated = new Recorder(urlOf("/terminate"));
	await terminated.opened;
	terminated.ws.send("go");
	equal(await terminated.end(), `open, ${FAILED}`);
	equal(await verdict(), "1006");
});

test("close(), and the server hangs up, or never answers: no error, but not clean", async () => {
	for (const path of ["/hang-up", "/reset", "/deaf"]) {
		const server = new Recorder(rawUrlOf(path), { closeTimeout: 50 });
		await server.opened;
		server.ws.close(1000, "bye");
		equal(await server.end(), "open, close 1006 not clean", path);
	}
});

test("close(), and the server answers with another code: that one counts", async () => {
	const server = new Recorder(rawUrlOf("/code-and-more"));
	await server.opened;
	server.ws.close(1000, "bye");
	equal(await server.end(), "open, close 4000 bye clean");
});

test("close() behind messages that the server never takes ends, too", async () => {
	const cable: Clogged[] = [];
	const server = new Recorder(urlOf("/lengths"), {
		closeTimeout: 50,
		transport: (to) => {
			cable.push(new Clogged(to));
			return cable[0] as Clogged;
		},
	});
	await server.opened;
	(cable[0] as Clogged).room = 100;
	for (const length of [50, 1000, 10]) server.ws.send(new Uint8Array(length));
	server.ws.close(1000);
	// What comes meanwhile is dropped.
	equal(await server.end(), "open, close 1006 not clean");
	equal(server.ws.bufferedAmount, 1010);
	equal(await verdict(), "1006");
});
