/* WHATWG WebSockets §3.1: the constructor, and what an instance has before anything happened. */
import { deepEqual, equal, ok, test, throws } from "test";
import type { Transport } from "transport/transport";
import WebSocket, { DOMException, EventTarget, WebSocket as Named, type WebSocketDestination } from "websocket-web";
import { secureTransport } from "../../../modules/websocket-web/insecure";
import { ended, idle, silent } from "./silent";

function refused(make: () => unknown, name: string, code: number, words: string | RegExp): void {
	const error = throws(make, words) as DOMException;
	ok(error instanceof DOMException, `${error}`);
	ok(error instanceof Error);
	equal(error.name, name);
	equal(error.code, code);
	equal(`${error}`, `${name}: ${error.message}`);
}

test("a url is given back as the URL standard writes it", async () => {
	for (const [given, url] of [
		["ws://example.com", "ws://example.com/"],
		["ws://EXAMPLE.com:80/a b?c=ü", "ws://example.com/a%20b?c=%C3%BC"],
		["wss://example.com:443/x/../y", "wss://example.com/y"],
		["http://example.com:8080/chat", "ws://example.com:8080/chat"],
		["https://example.com/chat?room=1", "wss://example.com/chat?room=1"],
		["HTTP://h", "ws://h/"],
		["ws://h:443/", "ws://h:443/"],
		["wss://h:80/", "wss://h:80/"],
		["ws://[0:0:0:0:0:0:0:1]:81/", "ws://[::1]:81/"],
		["ws://0x7f.1/", "ws://127.0.0.1/"],
		["  ws://h/\t", "ws://h/"],
		["ws://h/\ud800?\udc00", "ws://h/%EF%BF%BD?%EF%BF%BD"],
		["ws://h/?", "ws://h/?"],
	] as const) {
		const ws = idle(given);
		equal(ws.url, url, given);
		await ended(ws);
	}
});

test("what is no url for a WebSocket is a SyntaxError", () => {
	for (const url of ["", "foo", "/path", "//h/path", "ws://", "ws://a b/", "ws://h:99999/", "ws://1.2.3.256/", "ws://[::1", "?x", "#"])
		refused(() => idle(url), "SyntaxError", 12, "is no absolute url");
	for (const url of ["ftp://h/", "mailto:a@b", "file:///x", "about:blank", "wsss://h/", "javascript:1", "data:,x"])
		refused(() => idle(url), "SyntaxError", 12, "it has to be ws, wss, http or https");
	for (const url of ["ws://h/#", "ws://h/#a", "ws://h#", "https://h/?x#y"]) refused(() => idle(url), "SyntaxError", 12, "fragment");
	for (const url of [undefined, null]) refused(() => idle(url as unknown as string), "SyntaxError", 12, `"${url}" is no absolute url`);
	refused(() => idle("ws://bücher.example/"), "SyntaxError", 12, "punycode");
	throws(() => new (WebSocket as unknown as new () => WebSocket)(), TypeError);
	throws(() => (WebSocket as unknown as () => void)(), TypeError);
});

test("a url of where nobody can be: error, then close with 1006", async () => {
	for (const [given, url, failure] of [
		["ws://h:0/", "ws://h:0/", "nobody can listen at port 0"],
		["https://h:00", "wss://h:0/", "nobody can listen at port 0"],
		['ws://a"b/', 'ws://a"b/', 'no host is called a"b'],
		["ws://a`{}/", "ws://a`{}/", "no host is called a`{}"],
	] as const) {
		const seen: string[] = [];
		let asked = false;
		const ws = new WebSocket(given, {
			transport: () => {
				asked = true;
				throw new Error("unexpected: there is nowhere to connect to");
			},
		});
		equal(ws.url, url);
		equal(ws.readyState, WebSocket.CONNECTING);
		ws.onerror = ({ message }) => seen.push(`error ${ws.readyState} ${message}`);
		await new Promise<void>((resolve) => {
			ws.onclose = ({ code, reason, wasClean }) => {
				seen.push(`close ${code} "${reason}" ${wasClean}`);
				resolve();
			};
		});
		deepEqual(seen, [`error 3 ${failure}`, 'close 1006 "" false']);
		ok(!asked);
	}
	for (const char of "!$&'()*+,-.;=_~") await ended(idle(`ws://a${char}b/`));
	const given = idle("ws://h:0/");
	const failed = new Promise((resolve) => given.addEventListener("error", resolve));
	given.close(1000);
	equal(given.readyState, WebSocket.CLOSING);
	await failed;
});

test("an object with a toString is a url, too", async () => {
	const ws = new WebSocket({ toString: () => "ws://h/x" }, silent);
	equal(ws.url, "ws://h/x");
	await ended(ws);
});

test("subprotocols are tokens, and none comes twice", async () => {
	for (const protocols of [
		"",
		"a b",
		"a,b",
		"a/b",
		"ä",
		"a\0",
		"a\r\n",
		"\x7f",
		"{}",
		["a", ""],
		["x", "y", "x"],
		["a", "a"],
		[null, "null"],
	]) {
		refused(() => new WebSocket("ws://h/", protocols as string), "SyntaxError", 12, /subprotocol/);
		refused(() => idle("ws://h/", { protocols: protocols as string }), "SyntaxError", 12, /subprotocol/);
	}
	for (const protocols of ["chat", "!#$%&'*+-.^_`|~0aZ", [], ["a", "A"], new Set(["one", "two"])]) {
		const ws = idle("ws://h/", { protocols });
		equal(ws.protocol, "");
		await ended(ws);
	}
});

test("the url is looked at before the subprotocols", () => {
	refused(() => new WebSocket("ws://h/#", ["a", "a"]), "SyntaxError", 12, "fragment");
});

test("a new WebSocket connects, and has nothing else", async () => {
	const ws = idle("ws://h/");
	equal(ws.readyState, WebSocket.CONNECTING);
	equal(ws.protocol, "");
	equal(ws.extensions, "");
	equal(ws.binaryType, "blob");
	equal(ws.bufferedAmount, 0);
	for (const handler of [ws.onopen, ws.onmessage, ws.onerror, ws.onclose]) equal(handler, null);
	ok(ws instanceof EventTarget);
	equal(Named, WebSocket);
	equal(Object.prototype.toString.call(ws), "[object WebSocket]");
	await ended(ws);
});

test("the constants are on the class and on instances, and stay", async () => {
	const ws = idle("ws://h/");
	for (const holder of [WebSocket, WebSocket.prototype, ws] as unknown as Record<string, number>[]) {
		deepEqual([holder.CONNECTING, holder.OPEN, holder.CLOSING, holder.CLOSED], [0, 1, 2, 3]);
		throws(() => {
			holder.OPEN = 7;
		}, TypeError);
	}
	for (const name of ["url", "readyState", "bufferedAmount", "protocol", "extensions"])
		throws(() => {
			(ws as unknown as Record<string, unknown>)[name] = 1;
		}, TypeError);
	await ended(ws);
});

test("binaryType takes its two values and no other", async () => {
	const ws = idle("ws://h/");
	for (const [given, type] of [
		["arraybuffer", "arraybuffer"],
		["text", "arraybuffer"],
		["blob", "blob"],
		[undefined, "blob"],
	] as const) {
		ws.binaryType = given as "blob";
		equal(ws.binaryType, type);
	}
	await ended(ws);
});

test("send() while it is connecting is an InvalidStateError, and sends nothing", async () => {
	const ws = idle("ws://h/");
	for (const data of ["x", "", new ArrayBuffer(1), new Uint8Array(1)]) refused(() => ws.send(data), "InvalidStateError", 11, "wait for");
	refused(() => ws.send(undefined as unknown as string), "InvalidStateError", 11, "wait for");
	throws(() => ws.send(Symbol.iterator as unknown as string), TypeError);
	equal(ws.bufferedAmount, 0);
	await ended(ws);
});

test("close codes other than 1000 and 3000 to 4999 are an InvalidAccessError", async () => {
	const ws = idle("ws://h/");
	for (const code of [
		0,
		1,
		500,
		999,
		1001,
		1002,
		1003,
		1004,
		1005,
		1006,
		1007,
		1008,
		1009,
		1010,
		1011,
		1015,
		1016,
		2000,
		2999,
		5000,
		65535,
		65536 + 1000,
	])
		refused(() => ws.close(code), "InvalidAccessError", 15, "1000, or from 3000 to 4999");
	for (const code of [-1, Number.NaN, null, "x", {}, 1e9]) refused(() => ws.close(code as number), "InvalidAccessError", 15, "close code");
	equal(ws.readyState, WebSocket.CONNECTING);
	await ended(ws);
});

test("a reason of more than 123 bytes of UTF-8 is a SyntaxError", async () => {
	const ws = idle("ws://h/");
	for (const reason of ["x".repeat(124), "ü".repeat(62), "€".repeat(42), "😀".repeat(31), "\ud800".repeat(42)]) {
		refused(() => ws.close(1000, reason), "SyntaxError", 12, "room for 123");
		refused(() => ws.close(undefined, reason), "SyntaxError", 12, "room for 123");
	}
	refused(() => ws.close(1, "x".repeat(124)), "InvalidAccessError", 15, "close code");
	equal(ws.readyState, WebSocket.CONNECTING);
	await ended(ws);
});

test("close() while it is connecting: error, then close with 1006", async () => {
	const ws = idle("ws://h/");
	const seen: string[] = [];
	const over = new Promise<void>((resolve) => {
		ws.onopen = () => seen.push("open");
		ws.onerror = ({ message }) => seen.push(`error ${ws.readyState} ${message}`);
		ws.onclose = ({ code, reason, wasClean }) => {
			seen.push(`close ${ws.readyState} ${code} "${reason}" ${wasClean}`);
			resolve();
		};
	});
	ws.close(3000, "never mind");
	seen.push(`closing ${ws.readyState}`);
	// Counted, and not sent.
	ws.send("abc");
	equal(ws.bufferedAmount, 3);
	ws.close(1000);
	throws(() => ws.close(1), DOMException);
	await over;
	deepEqual(seen, ["closing 2", "error 3 closed before it was open", 'close 3 1006 "" false']);
	ws.close();
	ws.send("ü");
	equal(ws.bufferedAmount, 5);
	equal(ws.readyState, WebSocket.CLOSED);
});

test("where it goes to", async () => {
	for (const [url, host, port, secure] of [
		["ws://example.com/x", "example.com", 80, false],
		["wss://example.com", "example.com", 443, true],
		["https://[2001:db8::1]:8443/", "2001:db8::1", 8443, true],
		["ws://10.0.0.1:81", "10.0.0.1", 81, false],
	] as const) {
		let asked: WebSocketDestination | undefined;
		const ws = new WebSocket(url, {
			transport: (to) => {
				asked = to;
				return (silent.transport as (to: WebSocketDestination) => Transport)(to);
			},
		});
		deepEqual(asked, { host, port, secure });
		await ended(ws);
	}
});

test("wss: without TLS in the firmware says what is missing", () => {
	refused(() => secureTransport({ host: "h", port: 443, secure: true }, {}), "NotSupportedError", 9, "manifest_tls.json");
});

test("a password in a ws: url is refused, unless it is asked for", async () => {
	for (const url of ["ws://user:pass@h/", "http://user@h/", "ws://:pass@h/"])
		refused(() => new WebSocket(url), "SecurityError", 18, "allowInsecurePassword");
	for (const [url, options] of [
		["ws://user:pass@h/", { allowInsecurePassword: true }],
		["wss://user:pass@h/", {}],
	] as const) {
		const ws = idle(url, options);
		equal(ws.url, url);
		await ended(ws);
	}
});

test("options that cannot be are refused", () => {
	for (const options of [{ maxMessageSize: 0 }, { maxBufferedAmount: -1 }, { sendBufferSize: 1.5 }, { closeTimeout: Number.NaN }])
		throws(() => idle("ws://h/", options), RangeError);
	throws(() => idle("ws://h/", { receiveBufferSize: "1024" as unknown as number }), "receiveBufferSize: a whole number");
	throws(() => idle("ws://h/", { transport: 1 as unknown as () => Transport }), "transport: a function");
	throws(() => idle("ws://h/", { headers: "a: b" as unknown as Record<string, string> }), "headers");
	throws(() => idle("ws://h/", { headers: { "a b": "c" } }), "TypeError: headers: one header each");
	throws(() => idle("ws://h/", { headers: { a: "b\r\nHost: other" } }), TypeError);
});
