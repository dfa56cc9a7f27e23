import { equal, ok, test } from "test";
import {
	FAULT_ACCEPT,
	FAULT_CONNECTION,
	FAULT_EXTENSION,
	FAULT_HEADER,
	FAULT_HEADER_SIZE,
	FAULT_NOT_HTTP,
	FAULT_STATUS,
	FAULT_SUBPROTOCOL,
	FAULT_UPGRADE,
} from "websocket/codes";
import { Handshake, type HandshakeRequest } from "websocket/handshake";
import { asciiOf, connecting } from "./fake";

/** §1.3: the key "the sample nonce", and what the server has to make of it. */
const NONCE = asciiOf("the sample nonce");
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const OK = 0;
const STATUS = "HTTP/1.1 101 Switching Protocols\r\n";
const UPGRADE = "Upgrade: websocket\r\n";
const CONNECTION = "Connection: Upgrade\r\n";
const PROOF = `Sec-WebSocket-Accept: ${ACCEPT}\r\n`;
const GOOD = STATUS + UPGRADE + CONNECTION + PROOF;

const vectors: readonly (readonly [string, string, number])[] = [
	["as in the RFC", `${GOOD}\r\n`, OK],
	["without a reason phrase", `HTTP/1.1 101\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["with an empty reason phrase", `HTTP/1.1 101 \r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["names in capitals", `${STATUS}UPGRADE: websocket\r\nCONNECTION: UPGRADE\r\nSEC-WEBSOCKET-ACCEPT: ${ACCEPT}\r\n\r\n`, OK],
	["names in small letters", `${STATUS}upgrade:WebSocket\r\nconnection:upgrade\r\nsec-websocket-accept:${ACCEPT}\r\n\r\n`, OK],
	["a list of connection options", `${STATUS}${UPGRADE}Connection: keep-alive, Upgrade\r\n${PROOF}\r\n`, OK],
	["options in two headers", `${STATUS}${UPGRADE}Connection: keep-alive\r\nConnection: foo ,\tupgrade,\r\n${PROOF}\r\n`, OK],
	["space around values", `${STATUS}Upgrade: \t websocket \t\r\n${CONNECTION}Sec-WebSocket-Accept:   ${ACCEPT}  \r\n\r\n`, OK],
	["a folded header", `${STATUS}${UPGRADE}Connection: keep-alive,\r\n Upgrade\r\n${PROOF}\r\n`, OK],
	[
		"other headers",
		`${STATUS}Server: x/1\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-\xe9: \xe9\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`.replace(
			"X-\xe9",
			"X-E",
		),
		OK,
	],
	["an empty header", `${STATUS}X-Empty:\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["chunked, which means nothing here", `${GOOD}Transfer-Encoding: chunked\r\n\r\n`, OK],
	["no extension", `${GOOD}Sec-WebSocket-Extensions:\r\n\r\n`, OK],
	["the second subprotocol offered", `${GOOD}Sec-WebSocket-Protocol: mqtt\r\n\r\n`, OK],

	["HTTP/1.2", `HTTP/1.2 101 Switching Protocols\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["100 first", `HTTP/1.1 100 Continue\r\n\r\n${GOOD}\r\n`, OK],
	["102, 103 and 199 first", `HTTP/1.1 102\r\n\r\nHTTP/1.1 103 \r\nLink: </a>\r\n\r\nHTTP/1.1 199 x\r\n\r\n${GOOD}\r\n`, OK],
	["a folded header in a 103", `HTTP/1.1 103 x\r\nLink: </a>,\r\n </b>\r\n\r\n${GOOD}\r\n`, OK],
	["headers of a 103 that are none of ours", `HTTP/1.1 103 x\r\n${PROOF}Sec-WebSocket-Protocol: soap\r\n\r\n${GOOD}\r\n`, OK],
	["100 of HTTP/1.0 first", `HTTP/1.0 100 Continue\r\n\r\n${GOOD}\r\n`, OK],

	["SSH", "SSH-2.0-OpenSSH_9.2\r\n", FAULT_NOT_HTTP],
	["a binary protocol", "\x15\x03\x01", FAULT_NOT_HTTP],
	["HTTP/1.0", `HTTP/1.0 101 Switching Protocols\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, FAULT_NOT_HTTP],
	["HTTP/1.0 after a 100", `HTTP/1.1 100\r\n\r\nHTTP/1.0 101 x\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, FAULT_NOT_HTTP],
	["HTTP/1.0, refused", "HTTP/1.0 400 Bad Request\r\n\r\n", FAULT_STATUS],
	["HTTP/1.9, refused", "HTTP/1.9 400 Bad Request\r\n\r\n", FAULT_STATUS],
	["HTTP/1.", "HTTP/1. 400 Bad Request\r\n\r\n", FAULT_NOT_HTTP],
	["HTTP/1.x", "HTTP/1.x", FAULT_NOT_HTTP],
	["HTTP/1.10", "HTTP/1.10", FAULT_NOT_HTTP],
	["HTTP/0.9", "HTTP/0", FAULT_NOT_HTTP],
	["no HTTP after a 100", "HTTP/1.1 100\r\n\r\n\x81", FAULT_NOT_HTTP],
	["two blank lines after a 100", `HTTP/1.1 100\r\n\r\n\r\n${GOOD}\r\n`, FAULT_NOT_HTTP],
	[
		"what a 103 says does not count",
		`HTTP/1.1 103 x\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n${STATUS}${CONNECTION}${PROOF}\r\n`,
		FAULT_UPGRADE,
	],
	["403 after a 100", "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 403 x\r\n\r\n", FAULT_STATUS],
	["a line feed alone in a 100", "HTTP/1.1 100 x\r\nA: b\n", FAULT_HEADER],
	["a NUL in a 100", "HTTP/1.1 100 x\r\nA: \0", FAULT_HEADER],
	["099", "HTTP/1.1 099 x\r\n\r\n", FAULT_STATUS],
	["HTTP/2", "HTTP/2 101\r\n\r\n", FAULT_NOT_HTTP],
	["two digits", `HTTP/1.1 10\r\n\r\n`, FAULT_NOT_HTTP],
	["four digits", `HTTP/1.1 1010 x\r\n\r\n`, FAULT_NOT_HTTP],
	["a blank line first", "\r\nHTTP/1.1 101\r\n", FAULT_NOT_HTTP],
	["200", `HTTP/1.1 200 OK\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, FAULT_STATUS],
	["401", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n", FAULT_STATUS],
	["302", "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", FAULT_STATUS],
	["no upgrade", `${STATUS}${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["another upgrade", `${STATUS}Upgrade: h2c\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["upgrade to a longer word", `${STATUS}Upgrade: websockets\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["no connection", `${STATUS}${UPGRADE}${PROOF}\r\n`, FAULT_CONNECTION],
	["another connection option", `${STATUS}${UPGRADE}Connection: keep-alive, Upgraded\r\n${PROOF}\r\n`, FAULT_CONNECTION],
	["no accept", `${STATUS}${UPGRADE}${CONNECTION}\r\n`, FAULT_ACCEPT],
	["empty accept", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept:\r\n\r\n`, FAULT_ACCEPT],
	["the beginning of the accept", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept: ${ACCEPT.slice(0, 20)}\r\n\r\n`, FAULT_ACCEPT],
	["more than the accept", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept: ${ACCEPT}=\r\n\r\n`, FAULT_ACCEPT],
	["accept in another case", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept: ${ACCEPT.toLowerCase()}\r\n\r\n`, FAULT_ACCEPT],
	["the key itself", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept: ${KEY}\r\n\r\n`, FAULT_ACCEPT],
	["accept twice", `${GOOD}${PROOF}\r\n`, FAULT_ACCEPT],
	["a subprotocol that was not offered", `${GOOD}Sec-WebSocket-Protocol: soap\r\n\r\n`, FAULT_SUBPROTOCOL],
	["a subprotocol in another case", `${GOOD}Sec-WebSocket-Protocol: MQTT\r\n\r\n`, FAULT_SUBPROTOCOL],
	["two subprotocols", `${GOOD}Sec-WebSocket-Protocol: chat, mqtt\r\n\r\n`, FAULT_SUBPROTOCOL],
	["two subprotocol headers", `${GOOD}Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`, FAULT_SUBPROTOCOL],
	["an empty subprotocol", `${GOOD}Sec-WebSocket-Protocol:\r\n\r\n`, FAULT_SUBPROTOCOL],
	["an extension", `${GOOD}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`, FAULT_EXTENSION],
	["a line feed alone", `HTTP/1.1 101 Switching Protocols\n${UPGRADE}`, FAULT_HEADER],
	["a line without a colon", `${STATUS}Upgrade websocket\r\n\r\n`, FAULT_HEADER],
	["a line without a name", `${STATUS}: websocket\r\n\r\n`, FAULT_HEADER],
	["space before the colon", `${STATUS}Upgrade : websocket\r\n\r\n`, FAULT_HEADER],
	["a NUL", `${STATUS}Server: \0\r\n`, FAULT_HEADER],
	["a control character where it counts", `${STATUS}Upgrade: web\x01socket\r\n\r\n`, FAULT_HEADER],
];

const REQUEST: HandshakeRequest = { host: "h", url: "/", subprotocols: ["chat", "mqtt"] };

/** Latin 1, unlike asciiOf: one byte each. */
function latin(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

/** Gives the answer in pieces that end at each of `ends`, and returns what came out. */
function parse(answer: Uint8Array, ends: readonly number[]): number {
	const handshake = new Handshake(NONCE);
	handshake.write(REQUEST, new Uint8Array(400));
	const bytes = new Uint8Array(600);
	let start = 0;
	for (const end of ends) {
		for (let i = start; i < end; i++) bytes[i] = answer[i] as number;
		start = end;
		const result = handshake.parse(bytes, end);
		if (result) return result;
	}
	return 0;
}

function check(name: string, answer: Uint8Array, expected: number, ends: readonly number[]): void {
	equal(parse(answer, ends), expected === OK ? answer.length : expected, name);
}

test("every answer, whole", () => {
	for (const [name, text, expected] of vectors) {
		const answer = latin(text);
		check(name, answer, expected, [answer.length]);
	}
});

test("every answer, byte by byte", () => {
	for (const [name, text, expected] of vectors) {
		const answer = latin(text);
		const ends: number[] = [];
		for (let i = 1; i <= answer.length; i++) ends.push(i);
		check(name, answer, expected, ends);
	}
});

test("every answer, at every split", () => {
	for (const [name, text, expected] of vectors) {
		const answer = latin(text);
		for (let split = 1; split < answer.length; split++) check(`${name}, split at ${split}`, answer, expected, [split, answer.length]);
	}
});

test("what comes behind the blank line is left alone", () => {
	const answer = latin(`${GOOD}\r\n\x81\x01a`);
	equal(parse(answer, [answer.length]), answer.length - 3);
});

test("status and subprotocol are there for the app", () => {
	const handshake = new Handshake(NONCE);
	handshake.write(REQUEST, new Uint8Array(400));
	const refusal = latin("HTTP/1.1 503 Later\r\n\r\n");
	equal(handshake.parse(refusal, refusal.length), FAULT_STATUS);
	equal(handshake.status, 503);
	const other = new Handshake(NONCE);
	other.write(REQUEST, new Uint8Array(400));
	const answer = latin(`${GOOD}Sec-WebSocket-Protocol: mqtt\r\n\r\n`);
	equal(other.parse(answer, answer.length), answer.length);
	equal(other.status, 101);
	equal(other.subprotocol, "mqtt");
});

test("the status of a refusal is there whatever the HTTP/1, and that of an interim answer never", () => {
	for (const [text, fault, status] of [
		["HTTP/1.0 503 Later\r\n\r\n", FAULT_STATUS, 503],
		["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Who\r\n\r\n", FAULT_STATUS, 401],
		["HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n", 0, 0],
		[`HTTP/1.1 103 Hints\r\n\r\n${GOOD}`, 0, 101],
	] as const) {
		const handshake = new Handshake(NONCE);
		handshake.write(REQUEST, new Uint8Array(400));
		const answer = latin(text);
		equal(handshake.parse(answer, answer.length), fault, text);
		equal(handshake.status, status, text);
	}
});

test("interim answers have to fit into the receive buffer, too", () => {
	const { transport, connection } = connecting(256);
	transport.give(asciiOf("HTTP/1.1 100 Continue\r\n\r\n".repeat(20)));
	connection.writable();
	equal(connection.fault, FAULT_HEADER_SIZE);
	equal((connection.handshake as Handshake).status, 0);
});

function written(request: HandshakeRequest, size = 400): string {
	const into = new Uint8Array(size);
	const length = new Handshake(NONCE).write(request, into);
	return length > 0 ? String.fromArrayBuffer(into.slice(0, length).buffer) : String(length);
}

test("the request is the RFC's (§4.1)", () => {
	equal(
		written({
			host: "server.example.com:8080",
			url: "/chat?a=1",
			optionalHeaders: ["Origin: http://e.com\r\n", "X-A: b"],
			subprotocols: ["chat", "mqtt"],
		}),
		`GET /chat?a=1 HTTP/1.1\r\nHost: server.example.com:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Protocol: chat, mqtt\r\nOrigin: http://e.com\r\nX-A: b\r\n\r\n`,
	);
});

test("a subprotocol may come in an optional header, as in Zephyr's MQTT", () => {
	const handshake = new Handshake(NONCE);
	ok(handshake.write({ host: "h", url: "/", optionalHeaders: ["Sec-WebSocket-Protocol: mqtt\r\n"] }, new Uint8Array(400)) > 0);
	const answer = latin(`${GOOD}Sec-WebSocket-Protocol: mqtt\r\n\r\n`);
	equal(handshake.parse(answer, answer.length), answer.length);
});

test("nothing can be smuggled into the request", () => {
	for (const host of ["", "h\r\nX: y", "a b", "h\0", "h\xe9", "h\tx", "h\t", "h\ud800"]) equal(written({ host, url: "/" }), "0", host);
	for (const url of ["", "x", "/\r\nX: y", "/a b", "/#a", "/\n", "/\x7f", "http://h/", "/a\tb", "/\t", "/\0", "/\udc00", "/é"])
		equal(written({ host: "h", url }), "0", url);
	for (const header of [
		"",
		"X",
		"X: a\r\nY: b",
		"X: a\r\n\r\n",
		"X: a\n",
		": a",
		"X Y: a",
		"Host: b",
		"connection: close",
		"Sec-WebSocket-Key: a",
		"Upgrade: b",
		"X: a\0",
		"X: \0\r\n",
		"X\0: a",
		"X: \ud800",
		"X: \udc00a",
		"X: \ude00\ud83d",
		"X\t: a",
		"X: \x01",
		"X: \x7f",
	])
		equal(written({ host: "h", url: "/", optionalHeaders: [header] }), "0", header);
	for (const subprotocols of [[""], ["a b"], ["a,b"], ["a\r\n"], ["a", "a"]]) equal(written({ host: "h", url: "/", subprotocols }), "0");
});

test("the value of a header may hold tabs, and text beyond ASCII", () => {
	for (const header of ["X: a\tb", "X:\ta", "X: é", "X: €", "X: 😀", "X: \u{10ffff}", "X:"])
		ok(written({ host: "h", url: "/", optionalHeaders: [header] }).endsWith(`\r\n${header}\r\n\r\n`), header);
});

test("a request that does not fit is not written", () => {
	const length = written({ host: "h", url: "/" }).length;
	equal(written({ host: "h", url: "/" }, length - 1), "-1");
	equal(written({ host: "h", url: "/" }, length).length, length);
});
