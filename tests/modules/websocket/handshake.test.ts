import { deepEqual, equal, ok, test } from "test";
import {
	FAULT_ACCEPT,
	FAULT_CONNECTION,
	FAULT_EXTENSION,
	FAULT_HEADER,
	FAULT_NOT_HTTP,
	FAULT_STATUS,
	FAULT_SUBPROTOCOL,
	FAULT_UPGRADE,
} from "websocket/codes";
import { Handshake, type HandshakeRequest } from "websocket/handshake";
import { byteByByte, Counted, latin, mutate, splits, whole } from "./handshake.pieces";

/** §1.3: the key "the sample nonce", and what the server has to make of it. */
const NONCE = latin("the sample nonce");
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const OK = 0;
const MORE = 1;
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
	["000", "HTTP/1.1 000 x\r\n\r\n", FAULT_STATUS],
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
	["a control character where it does not", `${STATUS}Server: \x1b[0m\r\n`, FAULT_HEADER],
	["DEL", `${STATUS}Server: \x7f\r\n`, FAULT_HEADER],
	["a carriage return alone", `${STATUS}Server: a\rb\r\n`, FAULT_HEADER],
	["two carriage returns", `${STATUS}Server: a\r\r\n`, FAULT_HEADER],
	["a carriage return alone in the reason", "HTTP/1.1 101 a\rb\r\n", FAULT_HEADER],
	["a NUL in the reason", "HTTP/1.1 101 a\0", FAULT_HEADER],
	["a line feed behind the status", "HTTP/1.1 101\n", FAULT_NOT_HTTP],
	["a carriage return alone behind the status", "HTTP/1.1 101\r ", FAULT_HEADER],
	["a line feed instead of the blank line", `${GOOD}\n`, FAULT_HEADER],
	["space before the first header", `${STATUS} ${UPGRADE}\r\n`, FAULT_HEADER],
	["a blank line of spaces", `${GOOD} \r\n\r\n`, OK],
	["a name that is not ASCII", `${STATUS}X-\xe9: a\r\n\r\n`, FAULT_HEADER],

	["a folded upgrade", `${STATUS}Upgrade:\r\n websocket\r\n${CONNECTION}${PROOF}\r\n`, OK],
	["a folded accept", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept:\r\n\t${ACCEPT}\r\n \r\n\r\n`, OK],
	["a tab in the reason", `HTTP/1.1 101 a\tb\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["a reason in UTF-8", `HTTP/1.1 101 \xc3\xa9\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["a reason that is no UTF-8", `HTTP/1.1 101 \xff\xfe\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
	["an empty upgrade", `${STATUS}Upgrade:\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["an empty upgrade beside the right one", `${GOOD}Upgrade:\r\n\r\n`, FAULT_UPGRADE],
	["upgrade to two protocols", `${STATUS}Upgrade: websocket, foo\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["upgrade to two protocols, the other first", `${STATUS}Upgrade: h2c, websocket\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["upgrade to two protocols in two headers", `${GOOD}Upgrade: h2c\r\n\r\n`, FAULT_UPGRADE],
	["upgrade twice", `${GOOD}${UPGRADE}\r\n`, FAULT_UPGRADE],
	["upgrade to a version", `${STATUS}Upgrade: websocket/13\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["KELVIN SIGN for a k", `${STATUS}Upgrade: websoc\xe2\x84\xaaet\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["a space that is none of HTTP", `${STATUS}Upgrade: \xa0websocket\r\n${CONNECTION}${PROOF}\r\n`, FAULT_UPGRADE],
	["such a space around an option", `${STATUS}${UPGRADE}Connection: \xa0upgrade\r\n${PROOF}\r\n`, FAULT_CONNECTION],
	["an empty connection", `${STATUS}${UPGRADE}Connection:\r\n${PROOF}\r\n`, FAULT_CONNECTION],
	["empty options", `${STATUS}${UPGRADE}Connection: ,, , upgrade\r\n${PROOF}\r\n`, OK],
	["connection twice", `${GOOD}Connection: close\r\n${CONNECTION}\r\n`, OK],
	["accept as a list", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept: ${ACCEPT}, ${ACCEPT}\r\n\r\n`, FAULT_ACCEPT],
	["a wrong accept, then the right one", `${STATUS}${UPGRADE}${CONNECTION}Sec-WebSocket-Accept: x\r\n${PROOF}\r\n`, FAULT_ACCEPT],
	["the same subprotocol twice", `${GOOD}Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`, FAULT_SUBPROTOCOL],
	["an empty subprotocol beside one", `${GOOD}Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol:\r\n\r\n`, FAULT_SUBPROTOCOL],
	["a subprotocol with a comma", `${GOOD}Sec-WebSocket-Protocol: mqtt,\r\n\r\n`, FAULT_SUBPROTOCOL],
	["an extension behind no extension", `${GOOD}Sec-WebSocket-Extensions:\r\nSec-WebSocket-Extensions: a\r\n\r\n`, FAULT_EXTENSION],

	["403 with an upgrade", `HTTP/1.1 403 x\r\nUpgrade: h2c\r\nSec-WebSocket-Protocol: soap\r\n\r\n`, FAULT_STATUS],
	["403 with a malformed header", "HTTP/1.1 403 x\r\nA b\r\nB", FAULT_STATUS],
	["403 with a line feed alone", "HTTP/1.1 403 x\n", FAULT_STATUS],
	["403 with a NUL", "HTTP/1.1 403 x\r\nA: \0", FAULT_STATUS],
	["403 with space first", "HTTP/1.1 403 x\r\n A: b\r\nB", FAULT_STATUS],
	["403 after a 101 of HTTP/1.0", `HTTP/1.0 101 x\r\n`, FAULT_NOT_HTTP],
	["403, whose headers are still to come", "HTTP/1.1 403 x\r\nA: b\r\n\r", MORE],
	["a status alone", "HTTP/1.1 403", MORE],
	["an interim answer alone", "HTTP/1.1 100 x\r\n\r\n", MORE],
	["nothing yet", "H", MORE],
];

const REQUEST: HandshakeRequest = { host: "h", url: "/", subprotocols: ["chat", "mqtt"] };

function make(): Handshake {
	const handshake = new Handshake(NONCE, true);
	handshake.write(REQUEST, new Uint8Array(400));
	return handshake;
}

const show = ({ status, reason, refused, subprotocol, headers }: Handshake) =>
	JSON.stringify([status, reason, refused, subprotocol, headers]);

test("every answer, whole", () => {
	for (const [name, text, expected] of vectors) {
		const answer = latin(text);
		const actual = whole(make, show, answer);
		ok(actual.startsWith(`${expected === OK ? answer.length : expected === MORE ? 0 : expected} `), `${name}: ${actual}`);
	}
});

test("every answer, byte by byte", () => {
	for (const [name, text] of vectors) {
		const answer = latin(text);
		equal(byteByByte(make, show, answer), whole(make, show, answer), name);
	}
});

test("every answer, at every split", () => {
	for (const [name, text] of vectors) splits(make, show, latin(text), name);
});

test("every change of one byte: whole and in pieces it is the same", () => {
	const answer = latin(`HTTP/1.1 101 x\r\n${UPGRADE}${CONNECTION}${PROOF}X: y,\r\n z\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`);
	const taken = mutate(make, show, answer);
	// Some places do not matter, such as the reason.
	ok(taken > 5 && taken < 50, `${taken} of a hundred`);
	mutate(make, show, latin("HTTP/1.1 100 x\r\nA: b\r\n\r\nHTTP/1.1 403 No\r\nA: b,\r\n\tc\r\n\r\n"));
});

test("bytes are looked at in proportion to their number, however they come", () => {
	const size = 1000;
	for (const [text, expected] of [
		[`HTTP/1.1 101 ${"x".repeat(size)}\r\n${UPGRADE}${CONNECTION}${PROOF}\r\n`, OK],
		[`${GOOD}X: ${"\r\n ".repeat(size / 3)}\r\n\r\n`, OK],
		[`${GOOD}${"X:\r\n".repeat(size / 4)}\r\n`, OK],
		[`${GOOD}Connection: ${"a,".repeat(size / 2)}\r\n\r\n`, OK],
		[`${"HTTP/1.1 100\r\n\r\n".repeat(size / 16)}${GOOD}\r\n`, OK],
		[`HTTP/1.1 403 x\r\nX:${" ".repeat(size)}\r\n\r\n`, FAULT_STATUS],
	] as const) {
		const answer = latin(text);
		for (const step of [answer.length, 7, 1]) {
			const bytes = new Counted(answer);
			const handshake = make();
			let result = 0;
			for (let end = step; result === 0 && end < answer.length + step; end += step)
				result = handshake.parse(bytes.proxy, Math.min(end, answer.length));
			equal(result, expected === OK ? answer.length : expected, text.slice(0, 200));
			// At the first 13 bytes of a status line, each time until all are there.
			ok(bytes.looks < answer.length * 8, `${bytes.looks} looks at ${answer.length} bytes in steps of ${step}: ${text.slice(0, 200)}`);
		}
	}
});

test("what comes behind the blank line is left alone", () => {
	const answer = latin(`${GOOD}\r\n\x81\x01a`);
	equal(make().parse(answer, answer.length), answer.length - 3);
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
		equal(handshake.reason === "", status === 0, text);
	}
});

test("a refused answer shows its headers, each byte a character", () => {
	const answer = latin(
		'HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.0 401 Nicht erw\xfcnscht \r\nUpgrade: h2c\r\nWWW-Authenticate: Basic realm="\xc3\xa9",\r\n\tDigest\r\nRetry-After:9\r\nX-EMPTY: \t\r\n\r\n',
	);
	const handshake = make();
	equal(handshake.parse(answer, answer.length), FAULT_STATUS);
	equal(handshake.status, 401);
	equal(handshake.reason, "Nicht erw\xfcnscht ");
	deepEqual(handshake.headers, [
		"Upgrade",
		"h2c",
		"WWW-Authenticate",
		'Basic realm="\xc3\xa9",  \tDigest',
		"Retry-After",
		"9",
		"X-EMPTY",
		"",
	]);
	const other = new Handshake(NONCE);
	equal(other.parse(answer, answer.length), FAULT_STATUS);
	equal(other.headers, undefined);
});

test("an answer is known to be refused as soon as its status is there", () => {
	for (const [text, refused] of [
		["HTTP/1.1 403", false],
		["HTTP/1.1 403 ", true],
		["HTTP/1.1 403\r", true],
		["HTTP/1.1 101 ", false],
		["HTTP/1.1 100 ", false],
		["HTTP/1.1 100 \r\n\r\nHTTP/1.0 503 ", true],
		["HTTP/1.1 000 ", true],
	] as const) {
		const handshake = make();
		const answer = latin(text);
		equal(handshake.parse(answer, answer.length), 0, text);
		equal(handshake.refused, refused, text);
	}
	const good = make();
	const answer = latin(`${GOOD}\r\n`);
	ok(good.parse(answer, answer.length) > 0);
	equal(good.refused, false);
});

test("headers of interim answers are none of the answer's", () => {
	const handshake = make();
	const answer = latin(`HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n${GOOD}X: y\r\n\r\n`);
	equal(handshake.parse(answer, answer.length), answer.length);
	deepEqual(handshake.headers, ["Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", ACCEPT, "X", "y"]);
	equal(handshake.reason, "Switching Protocols");
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
	for (const host of ["", "h\r\nX: y", "h\r", "h\n", "a b", "h\0", "h\xe9", "h\tx", "h\t", "h\ud800"])
		equal(written({ host, url: "/" }), "0", host);
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
		"Content-Length: 5",
		"Transfer-Encoding: chunked",
		"Sec-WebSocket-Extensions: a",
		"sec-websocket-version: 8",
		"\u212a: a",
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

test("a host is a name or an address, perhaps with a port", () => {
	for (const host of [
		"h",
		"example.com",
		"a-b.c_d~e.",
		"xn--bcher-kva.example",
		"%41%7e.b",
		"h:1",
		"h:80",
		"h:65535",
		"192.0.2.1",
		"192.0.2.1:8080",
		"[::]",
		"[::1]:80",
		"[1:2:3:4:5:6:7:8]",
		"[1:2:3:4:5:6:7::]",
		"[::2:3:4:5:6:7:8]",
		"[2001:DB8::a:0]:443",
		"[::ffff:192.0.2.1]",
		"[1:2:3:4:5:6:192.0.2.1]",
		"[0000:0000:0000:0000:0000:ffff:255.255.255.255]:65535",
	])
		ok(written({ host, url: "/" }).includes(`\r\nHost: ${host}\r\n`), host);
	for (const host of [
		":80",
		"h:",
		"h:0",
		"h:65536",
		"h:100000",
		"h:000080",
		"h:8a",
		"h:-1",
		"h:+1",
		"h:1:2",
		"h:1e3",
		"h/",
		"h?",
		"h#",
		"h/a",
		"http://h",
		"u@h",
		"u:p@h",
		"h,g h",
		'a"b',
		"a<b",
		"a\\b",
		"a[b]",
		"%4",
		"%",
		"a%4g",
		"::1",
		"fe80::1",
		"1:2:3:4:5:6:7:8",
		"[]",
		"[",
		"[::1",
		"::1]",
		"[::1]80",
		"[::1]:",
		"[::1]:0",
		"[::1]h",
		"[h]",
		"[1.2.3.4]",
		"[1]",
		"[:]",
		"[:::]",
		"[1:]",
		"[:1]",
		"[1:2:3:4:5:6:7]",
		"[1:2:3:4:5:6:7:8:9]",
		"[1:2:3:4::5:6:7:8]",
		"[1::2::3]",
		"[::12345]",
		"[::g]",
		"[::1.2.3]",
		"[::1.2.3.4.5]",
		"[::1.2.3.256]",
		"[::1.2.3.04]",
		"[::1.2.3.]",
		"[::1.2.3.4:5]",
		"[1.2.3.4::]",
		"[1:2:3:4:5:6:7:1.2.3.4]",
		"[fe80::1%eth0]",
		"[fe80::1%25eth0]",
		"[v1.a]",
		"[[::1]]",
		"[0000:0000:0000:0000:0000:ffff:255.255.255.2555]",
	])
		equal(written({ host, url: "/" }), "0", host);
});

test("a path may be anything visible", () => {
	for (const url of ["/", "//", "/a?b=c&d", "/?", "/%20", "/a:b@c;d=e,f!$'()*+~_-.", '/{}|\\^`<>"'])
		ok(written({ host: "h", url }).startsWith(`GET ${url} HTTP/1.1\r\n`), url);
});

test("subprotocols are tokens, each once, however they are offered", () => {
	const write = (subprotocols: string[], ...optionalHeaders: string[]) =>
		written({ host: "h", url: "/", subprotocols, optionalHeaders }).length > 1;
	ok(write(["a", "b"], "Sec-WebSocket-Protocol: c,d ,\te\r\n", "sec-websocket-protocol:f"));
	ok(write(["a", "A", "!#$%&'*+-.^_`|~09azAZ"]));
	for (const header of ["a", "c, a", "c,c", "", " ", "c,", ",c", "c,,d", "c d", "c/d", '"c"', "\u00a0c", "c;d", "é"])
		ok(!write(["a"], `Sec-WebSocket-Protocol: ${header}`), header);
	ok(!write([], "Sec-WebSocket-Protocol: a", "sec-websocket-protocol: a\r\n"));
	for (const subprotocol of ["a\tb", " a", "a ", "a\0", "é", "\ud800", ...'"(),/:;<=>?@[\\]{}\x7f']) ok(!write([subprotocol]), subprotocol);
});

test("a request can be written again, into more room", () => {
	const handshake = new Handshake(NONCE);
	const request = { host: "h", url: "/", subprotocols: ["a"], optionalHeaders: ["Sec-WebSocket-Protocol: b"] };
	equal(handshake.write({ ...request, subprotocols: ["c"] }, new Uint8Array(10)), -1);
	const length = handshake.write(request, new Uint8Array(400));
	equal(handshake.write(request, new Uint8Array(400)), length);
	const answer = latin(`${GOOD}Sec-WebSocket-Protocol: c\r\n\r\n`);
	equal(handshake.parse(answer, answer.length), FAULT_SUBPROTOCOL);
});

test("nothing is written of a request that is refused", () => {
	const into = new Uint8Array(400);
	new Handshake(NONCE).write({ host: "h", url: "/ " }, into);
	new Handshake(NONCE).write({ host: "h", url: "/", optionalHeaders: ["Host: a"] }, into);
	new Handshake(NONCE).write({ host: "h", url: "/" }, into.subarray(0, 50));
	deepEqual(into, new Uint8Array(400));
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
