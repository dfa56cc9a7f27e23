/* The server's side of the opening handshake, and both sides together. */
import { fillRandom } from "random";
import { deepEqual, equal, ok, test } from "test";
import {
	FAULT_CONNECT,
	FAULT_NO_UPGRADE,
	FAULT_REJECTED,
	FAULT_REQUEST,
	FAULT_REQUEST_SIZE,
	FAULT_STATUS,
	FAULT_VERSION,
} from "websocket/codes";
import { Handshake } from "websocket/handshake";
import { Upgrade } from "websocket/upgrade";
import { byteByByte, Counted, latin, mutate, splits, whole } from "./handshake.pieces";

/** §1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const OK = 0;
const MORE = 1;
const LINE = "GET /chat HTTP/1.1\r\n";
const HOST = "Host: h:8080\r\n";
const UPGRADE = "Upgrade: websocket\r\n";
const CONNECTION = "Connection: Upgrade\r\n";
const SECRET = `Sec-WebSocket-Key: ${KEY}\r\n`;
const VERSION = "Sec-WebSocket-Version: 13\r\n";
const REST = UPGRADE + CONNECTION + SECRET + VERSION;
const HEADERS = HOST + REST;
const GOOD = LINE + HEADERS;

const vectors: readonly (readonly [string, string, number])[] = [
	[
		"as in the RFC",
		`GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nOrigin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n`,
		OK,
	],
	[
		"names in capitals",
		`${LINE}HOST: h\r\nUPGRADE: WEBSOCKET\r\nCONNECTION: UPGRADE\r\nSEC-WEBSOCKET-KEY: ${KEY}\r\nSEC-WEBSOCKET-VERSION: 13\r\n\r\n`,
		OK,
	],
	[
		"names in small letters, no space",
		`${LINE}host:h\r\nupgrade:websocket\r\nconnection:upgrade\r\nsec-websocket-key:${KEY}\r\nsec-websocket-version:13\r\n\r\n`,
		OK,
	],
	["space around values", `${LINE}Host:\t h \t\r\nUpgrade:  websocket \r\n${CONNECTION}${SECRET}Sec-WebSocket-Version: 13\t\r\n\r\n`, OK],
	["Firefox's options", `${LINE}${HOST}Connection: keep-alive, Upgrade\r\n${UPGRADE}${SECRET}${VERSION}\r\n`, OK],
	[
		"options in two headers",
		`${LINE}${HOST}Connection: keep-alive\r\nConnection: ,foo ,\tupgrade,\r\n${UPGRADE}${SECRET}${VERSION}\r\n`,
		OK,
	],
	["other protocols, too", `${LINE}${HOST}Upgrade: h2c, HTTP/3.0,WebSocket\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, OK],
	["protocols in two headers", `${LINE}${HOST}Upgrade: h2c\r\n${UPGRADE}${CONNECTION}${SECRET}${VERSION}\r\n`, OK],
	["protocols in two headers, the other one last", `${GOOD}Upgrade: h2c\r\n\r\n`, OK],
	["a folded header", `${LINE}${HOST}${UPGRADE}Connection: keep-alive,\r\n Upgrade\r\n${SECRET}${VERSION}\r\n`, OK],
	["a value behind a fold", `${LINE}Host:\r\n\th\r\n  \r\n${REST}\r\n`, OK],
	["other headers", `${GOOD}Origin: http://e.com\r\nCookie: a=b; c="d"\r\nX-\x7e: \xe9\xa0\r\nX-Empty:\r\n\r\n`, OK],
	["an empty line first", `\r\n${GOOD}\r\n`, OK],
	["HTTP/1.2", `GET / HTTP/1.2\r\n${HEADERS}\r\n`, OK],
	["HTTP/1.9", `GET / HTTP/1.9\r\n${HEADERS}\r\n`, OK],
	["a query", `GET /?a=1&b=%20 HTTP/1.1\r\n${HEADERS}\r\n`, OK],
	["absolute form", `GET http://other:81/a?b HTTP/1.1\r\n${HEADERS}\r\n`, OK],
	["absolute form, TLS", `GET HTTPS://[::1] HTTP/1.1\r\n${HEADERS}\r\n`, OK],
	["absolute form without a path", `GET http://h?a/b HTTP/1.1\r\n${HEADERS}\r\n`, OK],
	["no body", `${GOOD}Content-Length: 0\r\n\r\n`, OK],
	["extensions are ignored", `${GOOD}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x; a="b"\r\n\r\n`, OK],
	["subprotocols in two headers", `${GOOD}Sec-WebSocket-Protocol: chat , ,soap\r\nSec-WebSocket-Protocol: mqtt,\r\n\r\n`, OK],
	[
		"the key of the RFC's §4.1, whose last bits are not zero",
		`${LINE}${HOST}${UPGRADE}${CONNECTION}Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==\r\n${VERSION}\r\n`,
		OK,
	],
	["an empty port", `${LINE}Host: h:\r\n${REST}\r\n`, OK],
	["an IPv6 address", `${LINE}Host: [fe80::1]:8080\r\n${REST}\r\n`, OK],

	["nothing yet", "", MORE],
	["all but the last byte", `${GOOD}\r`, MORE],
	["the beginning of a method", "GE", MORE],
	["an empty line only", "\r\n", MORE],

	["POST", "P", FAULT_REQUEST],
	["a longer method", "GETS", FAULT_REQUEST],
	["a method in small letters", "get", FAULT_REQUEST],
	["space first", " GET", FAULT_REQUEST],
	["TLS", "\x16\x03\x01", FAULT_REQUEST],
	["two empty lines first", `\r\n\r\n${GOOD}\r\n`, FAULT_REQUEST],
	["a line feed first", "\n", FAULT_REQUEST],
	["a carriage return first", "\rG", FAULT_REQUEST],
	["HTTP/1.0", `GET / HTTP/1.0\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["HTTP/2.0", `GET / HTTP/2.0\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["HTTP/0.9", `GET /\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["HTTP/1.", `GET / HTTP/1.\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["HTTP/1.10", `GET / HTTP/1.10\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["http/1.1", `GET / http/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["HTTP/1.x", `GET / HTTP/1.x\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["no target", `GET HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["an empty target", `GET  HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["two spaces", `GET  / HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["a tab", `GET /\tHTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["space in the target", `GET /a b HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["space behind the version", `GET / HTTP/1.1 \r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["a fragment", `GET /#a HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["a relative path", `GET a HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["a target that is not ASCII", `GET /\xe9 HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["asterisk form", `GET * HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["authority form", `GET h:80 HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["another scheme", `GET ws://h/ HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["a user in the target", `GET http://u@h/ HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["no host in the target", `GET http:///a HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],
	["no slashes in the target", `GET http:h HTTP/1.1\r\n${HEADERS}\r\n`, FAULT_REQUEST],

	["no host", `${LINE}${REST}\r\n`, FAULT_REQUEST],
	["no host beside an absolute target", `GET http://h/ HTTP/1.1\r\n${REST}\r\n`, FAULT_REQUEST],
	["two hosts", `${GOOD}${HOST}\r\n`, FAULT_REQUEST],
	["an empty host", `${LINE}Host:\r\n${REST}\r\n`, FAULT_REQUEST],
	["two hosts in one header", `${LINE}Host: a b\r\n${REST}\r\n`, FAULT_REQUEST],
	["a path in the host", `${LINE}Host: h/\r\n${REST}\r\n`, FAULT_REQUEST],
	["a user in the host", `${LINE}Host: u@h\r\n${REST}\r\n`, FAULT_REQUEST],
	["a port that is no number", `${LINE}Host: h:x\r\n${REST}\r\n`, FAULT_REQUEST],
	["two colons behind the host", `${LINE}Host: h::\r\n${REST}\r\n`, FAULT_REQUEST],
	["a host that is not ASCII", `${LINE}Host: h\xe9\r\n${REST}\r\n`, FAULT_REQUEST],

	["no upgrade", `${LINE}${HOST}\r\n`, FAULT_NO_UPGRADE],
	[
		"what a browser's address bar sends",
		`${LINE}${HOST}Connection: keep-alive\r\nAccept: */*\r\nUpgrade-Insecure-Requests: 1\r\n\r\n`,
		FAULT_NO_UPGRADE,
	],
	["no upgrade, and the rest", `${LINE}${HOST}${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["another upgrade", `${LINE}${HOST}Upgrade: h2c\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["an empty upgrade", `${LINE}${HOST}Upgrade:\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["upgrade to a version", `${LINE}${HOST}Upgrade: websocket/13\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["upgrade to a longer word", `${LINE}${HOST}Upgrade: websockets\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["a space that is none of HTTP", `${LINE}${HOST}Upgrade: \xa0websocket\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["KELVIN SIGN for a k", `${LINE}${HOST}Upgrade: websoc\xe2\x84\xaaet\r\n${CONNECTION}${SECRET}${VERSION}\r\n`, FAULT_NO_UPGRADE],
	["no connection", `${LINE}${HOST}${UPGRADE}${SECRET}${VERSION}\r\n`, FAULT_REQUEST],
	["another connection option", `${LINE}${HOST}${UPGRADE}Connection: keep-alive, Upgraded\r\n${SECRET}${VERSION}\r\n`, FAULT_REQUEST],
	["version 8", `${LINE}${HOST}${UPGRADE}${CONNECTION}${SECRET}Sec-WebSocket-Version: 8\r\n\r\n`, FAULT_VERSION],
	["version 25", `${LINE}${HOST}${UPGRADE}${CONNECTION}${SECRET}Sec-WebSocket-Version: 25\r\n\r\n`, FAULT_VERSION],
	["version 013", `${LINE}${HOST}${UPGRADE}${CONNECTION}${SECRET}Sec-WebSocket-Version: 013\r\n\r\n`, FAULT_VERSION],
	["two versions", `${LINE}${HOST}${UPGRADE}${CONNECTION}${SECRET}Sec-WebSocket-Version: 13, 8\r\n\r\n`, FAULT_VERSION],
	["an empty version", `${LINE}${HOST}${UPGRADE}${CONNECTION}${SECRET}Sec-WebSocket-Version:\r\n\r\n`, FAULT_VERSION],
	["no version", `${LINE}${HOST}${UPGRADE}${CONNECTION}${SECRET}\r\n`, FAULT_VERSION],
	["version twice", `${GOOD}${VERSION}\r\n`, FAULT_REQUEST],
	["no key", `${LINE}${HOST}${UPGRADE}${CONNECTION}${VERSION}\r\n`, FAULT_REQUEST],
	["key twice", `${GOOD}${SECRET}\r\n`, FAULT_REQUEST],
	["a body", `${GOOD}Content-Length: 1\r\n\r\n`, FAULT_REQUEST],
	["a body whose length is a list", `${GOOD}Content-Length: 0, 1\r\n\r\n`, FAULT_REQUEST],
	["a body without a length", `${GOOD}Content-Length:\r\n\r\n`, FAULT_REQUEST],
	["chunks", `${GOOD}Transfer-Encoding: chunked\r\n\r\n`, FAULT_REQUEST],
	["a body, and no upgrade", `${LINE}${HOST}Content-Length: 5\r\n\r\n`, FAULT_REQUEST],
	["subprotocol twice", `${GOOD}Sec-WebSocket-Protocol: a, b, a\r\n\r\n`, FAULT_REQUEST],
	["subprotocol twice, in two headers", `${GOOD}Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b, a\r\n\r\n`, FAULT_REQUEST],
	["no subprotocol", `${GOOD}Sec-WebSocket-Protocol:\r\n\r\n`, FAULT_REQUEST],
	["empty subprotocols", `${GOOD}Sec-WebSocket-Protocol: , ,\r\n\r\n`, FAULT_REQUEST],
	["a subprotocol that is no token", `${GOOD}Sec-WebSocket-Protocol: a b\r\n\r\n`, FAULT_REQUEST],
	["a subprotocol that is not ASCII", `${GOOD}Sec-WebSocket-Protocol: a, \xe9\r\n\r\n`, FAULT_REQUEST],

	["a line feed alone", `GET / HTTP/1.1\n${HEADERS}`, FAULT_REQUEST],
	["a line feed alone in a header", `${LINE}Host: h\n`, FAULT_REQUEST],
	["a carriage return alone", `${LINE}Host: h\rX`, FAULT_REQUEST],
	["two carriage returns", `${LINE}Host: h\r\r\n`, FAULT_REQUEST],
	["a NUL", `${LINE}X: \0`, FAULT_REQUEST],
	["a control character", `${LINE}X: \x1b`, FAULT_REQUEST],
	["DEL", `${LINE}X: \x7f`, FAULT_REQUEST],
	["a line without a colon", `${LINE}Host h\r\n\r\n`, FAULT_REQUEST],
	["a line without a name", `${LINE}: h\r\n\r\n`, FAULT_REQUEST],
	["space before the colon", `${LINE}Host : h\r\n\r\n`, FAULT_REQUEST],
	["space before the first header", `${LINE} Host: h\r\n\r\n`, FAULT_REQUEST],
	["a name that is not ASCII", `${LINE}H\xf6st: h\r\n\r\n`, FAULT_REQUEST],
];

const KEYS_THAT_ARE_NONE = [
	"",
	"dGhlIHNhbXBsZSBub25jZQ",
	"dGhlIHNhbXBsZSBub25jZQ=",
	"dGhlIHNhbXBsZSBub25jZQ===",
	"dGhlIHNhbXBsZSBub25jZQ= =",
	"dGhlIHNhbXBsZSBub25jZQAA",
	"dGhlIHNhbXBsZSBub25jZQA=",
	"dGhlIHNhbXBsZSBub25jZ===",
	"dGhlIHNhbXBsZSBub2=jZQ==",
	"dGhlIHNhbXBsZSBub25j==",
	"dGhlIHNhbXBsZSBub25jZWFhZQ==",
	"dGhlIHNhbXBsZSBub2-_ZQ==",
	"dGhlIHNhbXBsZSBub2 jZQ==",
	"dGhlIHNhbXBsZSBub2\xe9jZQ==",
	`${KEY}, ${KEY}`,
];

const make = () => new Upgrade(true);
const show = ({ url, host, subprotocols, headers }: Upgrade) => JSON.stringify([url, host, subprotocols, headers]);

const check = (name: string, actual: string, head: Uint8Array, expected: number) =>
	ok(actual.startsWith(`${expected === OK ? head.length : expected === MORE ? 0 : expected} `), `${name}: ${actual}`);

test("every request, whole", () => {
	for (const [name, text, expected] of vectors) {
		const head = latin(text);
		check(name, whole(make, show, head), head, expected);
	}
});

test("every request, byte by byte", () => {
	for (const [name, text] of vectors) {
		const head = latin(text);
		if (head.length) equal(byteByByte(make, show, head), whole(make, show, head), name);
	}
	equal(new Upgrade(false).parse(new Uint8Array(1), 0), 0);
});

test("every request, at every split", () => {
	for (const [name, text] of vectors) splits(make, show, latin(text), name);
});

test("a key has to be the base64 of 16 bytes", () => {
	for (const key of KEYS_THAT_ARE_NONE) {
		const head = latin(`${LINE}${HOST}${UPGRADE}${CONNECTION}Sec-WebSocket-Key: ${key}\r\n${VERSION}\r\n`);
		equal(new Upgrade(false).parse(head, head.length), FAULT_REQUEST, key);
	}
});

test("extensions have to be a list of them, whatever they are", () => {
	const result = (list: string) => {
		const head = latin(`${GOOD}Sec-WebSocket-Extensions:${list}\r\n\r\n`);
		return new Upgrade(false).parse(head, head.length) - head.length;
	};
	for (const list of [
		"a",
		" permessage-deflate; client_max_window_bits",
		"permessage-deflate;server_no_context_takeover;client_max_window_bits=15,permessage-deflate",
		"a;b=c",
		"a ; b = c\t, d",
		'a;b="c"',
		'a; b = "\\c\\d" ; e',
		",a,,b ,",
		"a;b;b;b",
	])
		equal(result(list), 0, list);
	for (const list of [
		"",
		" \t",
		",",
		" , ,",
		";",
		"=",
		"a;",
		"a;,b",
		";a",
		"a;;b",
		"a=b",
		"a;=b",
		"a;b=",
		"a;b=,c",
		"a;b=c=d",
		"a;b==c",
		"a b",
		"a;b c",
		"a;b=c d",
		'"a"',
		'a;"b"',
		'a;b=""',
		'a;b="c',
		'a;b="',
		'a;b=c"d"',
		'a;b="c"d',
		'a;b="c d"',
		'a;b="c,d"',
		'a;b="c\\"',
		'a;b="c\\',
		'a;b="\\\\"',
		'a;b="\\ "',
		"a;b=\\c",
		"a/b",
		"\xe9",
		"a;b=\xe9",
	])
		equal(result(list) < 0, true, list);
});

test("every change of one byte: whole and in pieces it is the same", () => {
	const head = latin(
		`GET /a?b HTTP/1.1\r\nHost: h:80\r\n${REST}Sec-WebSocket-Extensions: a;b="c"\r\nX: y,\r\n z\r\nSec-WebSocket-Protocol: a, b\r\n\r\n`,
	);
	const taken = mutate(make, show, head);
	// Some places do not matter, such as the value of X.
	ok(taken > 5 && taken < 50, `${taken} of a hundred`);
});

function parsed(text: string, collect = false): Upgrade {
	const head = latin(text);
	const upgrade = new Upgrade(collect);
	equal(upgrade.parse(head, head.length), head.length, text);
	return upgrade;
}

test("32 subprotocols at most", () => {
	const list = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`).join(",");
	equal(parsed(`${GOOD}Sec-WebSocket-Protocol: ${list(32)}\r\n\r\n`).subprotocols.length, 32);
	const head = latin(`${GOOD}Sec-WebSocket-Protocol: ${list(33)}\r\n\r\n`);
	equal(new Upgrade(false).parse(head, head.length), FAULT_REQUEST);
});

test("target, host and subprotocols are there for the app", () => {
	for (const [target, url, host] of [
		["/chat?room=1", "/chat?room=1", "h:8080"],
		["//a//b?c?d", "//a//b?c?d", "h:8080"],
		["http://other:81/a?b", "/a?b", "other:81"],
		["hTTp://other", "/", "other"],
		["https://[::1]:443?a/b", "/?a/b", "[::1]:443"],
	] as const) {
		const upgrade = parsed(
			`GET ${target} HTTP/1.1\r\n${HEADERS}Sec-WebSocket-Protocol: chat , ,soap\r\nSec-WebSocket-Protocol: MQTT,\r\n\r\n`,
		);
		equal(upgrade.url, url, target);
		equal(upgrade.host, host, target);
		deepEqual(upgrade.subprotocols, ["chat", "soap", "MQTT"]);
		equal(upgrade.headers, undefined);
	}
});

test("headers are there for the app if it wants them: each byte a character", () => {
	deepEqual(parsed(`${GOOD}X-A:\t b\r\n\t c \r\nOrigin:http://e.com\r\nx-a:\r\nX-B: \xa0\xe9\xc3\xa9\xff \r\n\r\n`, true).headers, [
		"Host",
		"h:8080",
		"Upgrade",
		"websocket",
		"Connection",
		"Upgrade",
		"Sec-WebSocket-Key",
		KEY,
		"Sec-WebSocket-Version",
		"13",
		"X-A",
		"b  \t c",
		"Origin",
		"http://e.com",
		"x-a",
		"",
		"X-B",
		"\xa0\xe9\xc3\xa9\xff",
	]);
});

test("what comes behind the blank line is left alone", () => {
	const bytes = latin(`${GOOD}\r\n\x81\x80\r\n`);
	equal(new Upgrade(false).parse(bytes, bytes.length), bytes.length - 4);
});

test("bytes are looked at in proportion to their number, however they come", () => {
	const size = 1000;
	for (const [text, expected] of [
		[`${GOOD}Connection:${" ".repeat(size)}\r\n\r\n`, OK],
		[`${GOOD}Connection: ${"a, ".repeat(size / 3)}\r\n\r\n`, OK],
		[`${GOOD}Connection: ,${" ".repeat(size)},\r\n\r\n`, OK],
		[`${GOOD}Sec-WebSocket-Protocol: ${",".repeat(size)}\r\n\r\n`, FAULT_REQUEST],
		[`${GOOD}X: ${"\r\n ".repeat(size / 3)}\r\n\r\n`, OK],
		[`${GOOD}${"X:\r\n".repeat(size / 4)}\r\n`, OK],
		[`GET /${"a".repeat(size)} HTTP/1.1\r\n${HEADERS}\r\n`, OK],
		[`${GOOD}Sec-WebSocket-Extensions: ${"a;b,".repeat(size / 4)}\r\n\r\n`, OK],
		[`${GOOD}Sec-WebSocket-Extensions: a${" ".repeat(size)};b\r\n\r\n`, OK],
		[`${LINE}Host: [${":".repeat(size)}]\r\n${REST}\r\n`, FAULT_REQUEST],
		[`${LINE}Host: ${"%41".repeat(size / 3)}\r\n${REST}\r\n`, OK],
	] as const) {
		const head = latin(text);
		for (const step of [head.length, 7, 1]) {
			const bytes = new Counted(head);
			const upgrade = new Upgrade(false);
			let result = 0;
			for (let end = step; result === 0 && end < head.length + step; end += step)
				result = upgrade.parse(bytes.proxy, Math.min(end, head.length));
			equal(result, expected === OK ? head.length : expected, text.slice(0, 200));
			ok(bytes.looks < head.length * 6, `${bytes.looks} looks at ${head.length} bytes in steps of ${step}: ${text.slice(0, 200)}`);
		}
	}
});

const textOf = (bytes: Uint8Array, length: number) => (length > 0 ? String.fromArrayBuffer(bytes.slice(0, length).buffer) : String(length));

function accepted(upgrade: Upgrade, subprotocol: string, headers?: readonly string[], size = 400): string {
	const into = new Uint8Array(size);
	return textOf(into, upgrade.accept(into, subprotocol, headers));
}

const ACCEPTED = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n`;

test("the answer is the RFC's (§4.2.2)", () => {
	const upgrade = parsed(`${GOOD}Sec-WebSocket-Protocol: chat, mqtt\r\n\r\n`);
	equal(accepted(upgrade, ""), `${ACCEPTED}\r\n`);
	equal(accepted(upgrade, "mqtt"), `${ACCEPTED}Sec-WebSocket-Protocol: mqtt\r\n\r\n`);
	equal(
		accepted(upgrade, "chat", ["Set-Cookie: a=b\r\n", "X: \u00e9"]),
		`${ACCEPTED}Sec-WebSocket-Protocol: chat\r\nSet-Cookie: a=b\r\nX: \u00e9\r\n\r\n`,
	);
	const length = accepted(upgrade, "mqtt").length;
	equal(accepted(upgrade, "mqtt", [], length).length, length);
	equal(accepted(upgrade, "mqtt", [], length - 1), "-1");
});

const SMUGGLED = [
	"",
	"X",
	": a",
	"X Y: a",
	"X: a\r\nY: b",
	"X: a\r\n\r\n",
	"X: a\n",
	"X: a\r",
	"X: a\0",
	"X: \x7f",
	"X: \ud800",
	"X\t: a",
	"\u212a: a",
	"Host: h",
	"Upgrade: a",
	"connection: close",
	"Content-Length: 0",
	"Transfer-Encoding: chunked",
	"Sec-WebSocket-Accept: a",
	"Sec-WebSocket-Protocol: mqtt",
	"Sec-WebSocket-Extensions: a",
];

test("nothing can be smuggled into an answer", () => {
	const upgrade = parsed(`${GOOD}Sec-WebSocket-Protocol: chat, mqtt\r\n\r\n`);
	for (const subprotocol of ["soap", "MQTT", "chat, mqtt", " chat", "chat\r\nX: y", "chat\0", "\0"])
		equal(accepted(upgrade, subprotocol), "0", subprotocol);
	equal(accepted(parsed(`${GOOD}\r\n`), "chat"), "0");
	for (const header of SMUGGLED) {
		equal(accepted(upgrade, "", [header]), "0", header);
		equal(accepted(upgrade, "", ["X: a", header]), "0", header);
		equal(refused(FAULT_REQUEST, undefined, [header]), "0", header);
	}
	const into = new Uint8Array(400);
	upgrade.accept(into, "soap");
	upgrade.accept(into.subarray(0, 10), "chat");
	equal(into.indexOf(0x48), -1, "something was written");
});

function refused(fault: number, status?: number, headers?: readonly string[], size = 400): string {
	const into = new Uint8Array(size);
	return textOf(into, new Upgrade(false).refuse(into, fault, status, headers));
}

const BAD = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
const REQUIRED =
	"HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n";

test("each refusal, to the byte", () => {
	equal(refused(FAULT_REQUEST), BAD);
	equal(refused(FAULT_CONNECT), BAD);
	equal(refused(FAULT_NO_UPGRADE), REQUIRED);
	equal(refused(FAULT_VERSION), REQUIRED);
	equal(refused(FAULT_REQUEST_SIZE), "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	equal(refused(FAULT_REJECTED), "HTTP/1.1 403 \r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	equal(refused(FAULT_REJECTED, 426), REQUIRED);
	for (const status of [300, 400, 404, 503, 599])
		equal(refused(FAULT_REJECTED, status), `HTTP/1.1 ${status} \r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
	for (const status of [0, -1, 101, 200, 299, 600, 1000, 400.5, NaN]) equal(refused(FAULT_REJECTED, status), "0", String(status));
	equal(
		refused(FAULT_REJECTED, 401, ["WWW-Authenticate: Basic\r\n", "Retry-After: 9"]),
		"HTTP/1.1 401 \r\nConnection: close\r\nContent-Length: 0\r\nWWW-Authenticate: Basic\r\nRetry-After: 9\r\n\r\n",
	);
	equal(refused(FAULT_REQUEST, undefined, [], BAD.length), BAD);
	equal(refused(FAULT_REQUEST, undefined, [], BAD.length - 1), "-1");
	equal(refused(FAULT_REQUEST, undefined, [], 0), "-1");
});

test("both sides understand each other, whatever the nonce", () => {
	const nonce = new Uint8Array(16);
	const request = new Uint8Array(400);
	const answer = new Uint8Array(400);
	for (let i = 0; i < 50; i++) {
		fillRandom(nonce, 0, 16);
		const client = new Handshake(nonce, true);
		const server = new Upgrade(true);
		const asked = client.write(
			{
				host: "[::1]:8080",
				url: "/a?b",
				subprotocols: ["a", "b"],
				optionalHeaders: ["Sec-WebSocket-Protocol: c", "Origin: http://h\r\n"],
			},
			request,
		);
		equal(server.parse(request, asked), asked);
		equal(server.url, "/a?b");
		equal(server.host, "[::1]:8080");
		deepEqual(server.subprotocols, ["a", "b", "c"]);
		deepEqual(server.headers?.slice(-2), ["Origin", "http://h"]);
		const chosen = ["", "a", "b", "c"][i & 3] as string;
		const answered = server.accept(answer, chosen, ["X: y"]);
		equal(client.parse(answer, answered), answered);
		equal(client.subprotocol, chosen);
		deepEqual(client.headers?.slice(-2), ["X", "y"]);
		equal(client.reason, "Switching Protocols");
	}
});

test("an answer to another nonce is none", () => {
	const bytes = new Uint8Array(400);
	const server = new Upgrade(false);
	equal(server.parse(bytes, new Handshake(latin("the sample nonce")).write({ host: "h", url: "/" }, bytes)) > 0, true);
	const length = server.accept(bytes, "");
	ok(new Handshake(latin("the sample noncf")).parse(bytes, length) < 0);
});

test("the client understands every refusal", () => {
	const bytes = new Uint8Array(400);
	for (const [fault, status, text] of [
		[FAULT_REQUEST, 400, "Bad Request"],
		[FAULT_VERSION, 426, "Upgrade Required"],
		[FAULT_REQUEST_SIZE, 431, "Request Header Fields Too Large"],
		[FAULT_REJECTED, 401, ""],
	] as const) {
		const client = new Handshake(new Uint8Array(16), true);
		const length = new Upgrade(false).refuse(bytes, fault, 401, ["WWW-Authenticate: Basic"]);
		equal(client.parse(bytes, length), FAULT_STATUS);
		equal(client.status, status);
		equal(client.reason, text);
		deepEqual(client.headers?.slice(-4), ["Content-Length", "0", "WWW-Authenticate", "Basic"]);
	}
});
