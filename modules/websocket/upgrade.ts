/*
 * The server's side of the opening handshake (RFC 6455 §4.2): reads the request, whose bytes may come in any pieces, and writes the
 * answer. No socket: bytes in, bytes out. It is garbage once the connection is open.
 */

import { FAULT_NO_UPGRADE, FAULT_REJECTED, FAULT_REQUEST, FAULT_REQUEST_SIZE, FAULT_VERSION } from "websocket/codes";
import {
	acceptOf,
	COMMA,
	CR,
	HEAD_BAD,
	HEAD_END,
	HEAD_MORE,
	HEAD_START,
	Head,
	headerLines,
	isHost,
	isKey,
	isSpace,
	isToken,
	isTokenByte,
	isVisible,
	PROTOCOL,
	textOf,
	writeHead,
} from "websocket/http";

const METHOD = "GET ";
/** How every request line ends, but for the minor version. */
const VERSION = " HTTP/1.";
const VERSION_LENGTH = 9;
const QUOTE = 0x22;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
/** How many subprotocols may be offered (RFC 9110 §5.4: no more than a server wishes to process): each takes some 30 bytes beside its text. */
const OFFERED_MAX = 32;

/**
 * Whether a list of extensions is one (§9.1): "name; parameter=value; parameter, name" with space between any two of them, where a value
 * is a token, perhaps in quotes. RFC 9110 §5.6.1.2: elements may be empty, but not all.
 */
function isExtensionList(bytes: Uint8Array, start: number, end: number): boolean {
	let found = false;
	let separator = COMMA;
	/** Nothing stands behind the separator yet. */
	let due = true;
	for (let at = start; at < end; at++) {
		const byte = bytes[at] as number;
		if (isSpace(byte)) continue;
		if (byte === COMMA || byte === SEMICOLON || byte === EQUALS) {
			if (due && (byte !== COMMA || separator !== COMMA)) return false;
			if (byte === EQUALS && separator !== SEMICOLON) return false;
			separator = byte;
			due = true;
		} else {
			if (!due) return false;
			at = wordEnd(bytes, at, end, byte === QUOTE && separator === EQUALS) - 1;
			if (at < 0) return false;
			found = true;
			due = false;
		}
	}
	return found && (!due || separator === COMMA);
}

/** Where the token ends that begins at `at`, in quotes or not, or 0 if none does. In quotes "\\" may stand before each character. */
function wordEnd(bytes: Uint8Array, at: number, end: number, quoted: boolean): number {
	if (quoted) at++;
	const start = at;
	for (; at < end; at++) {
		if (quoted && bytes[at] === BACKSLASH) {
			at++;
			if (at === end || !isTokenByte(bytes[at] as number)) return 0;
		} else if (!isTokenByte(bytes[at] as number)) break;
	}
	if (at === start) return 0;
	if (!quoted) return at;
	return at < end && bytes[at] === QUOTE ? at + 1 : 0;
}

export class Upgrade {
	/** The resource name (§3): path and query. */
	url = "";
	/** What the client calls this server: name or address, and the port unless it is the scheme's own. */
	host = "";
	/** What the client offers, in its order; tokens, each once. */
	subprotocols: string[] = [];
	/**
	 * Names and values alternate, in order, if the constructor was asked for them. Each byte is a character: ASCII as it is, others as
	 * ISO 8859-1.
	 */
	readonly headers: string[] | undefined;
	readonly #head = new Head();
	/** The method was read. */
	#begun = false;
	#authority = "";
	#upgrade = false;
	#connection = false;
	#key = "";
	#version: string | undefined;

	/** `collect`: whether the headers are wanted; for each, that takes some 50 bytes beside its text. */
	constructor(collect: boolean) {
		this.headers = collect ? [] : undefined;
	}

	/**
	 * Reads the request: `bytes` holds all of it that has come, from 0 to `end`, and may be changed. Returns the place behind the blank
	 * line when it is complete and right, 0 while there is more to come, or a fault: FAULT_REQUEST as soon as a byte can belong to no
	 * handshake, FAULT_NO_UPGRADE, FAULT_VERSION. What came is in the fields then, as far as it was read.
	 */
	parse(bytes: Uint8Array, end: number): number {
		const head = this.#head;
		for (;;) {
			if (!this.#begun && !this.begins(bytes, head.start, end)) return FAULT_REQUEST;
			let fault = 0;
			switch (head.next(bytes, end)) {
				case HEAD_MORE:
					return 0;
				case HEAD_BAD:
					return FAULT_REQUEST;
				case HEAD_START:
					fault = this.requestLine(textOf(bytes, head.start, head.end));
					break;
				case HEAD_END:
					// RFC 9112 §2.2: an empty line before the request is to be ignored.
					if (this.url) return this.complete(head.end);
					break;
				default:
					fault = head.field(bytes) ? this.field(bytes) : FAULT_REQUEST;
			}
			if (fault) return fault;
		}
	}

	/** Whether what there is of a request begins like one. At once: who speaks something else may never send the end of a line. */
	private begins(bytes: Uint8Array, start: number, end: number): boolean {
		if (start === 0 && bytes[0] === CR) return true;
		for (let i = 0; i < METHOD.length; i++) {
			if (start + i >= end) return true;
			if (bytes[start + i] !== METHOD.charCodeAt(i)) return false;
		}
		this.#begun = true;
		return true;
	}

	/** "GET /chat HTTP/1.1" (RFC 9112 §3), or a fault. */
	private requestLine(line: string): number {
		const version = line.slice(-VERSION_LENGTH);
		const minor = version.slice(-1);
		// RFC 6455 §4.2.1, 1: HTTP/1.1 or higher.
		if (!version.startsWith(VERSION) || minor < "1" || minor > "9") return FAULT_REQUEST;
		const target = line.slice(METHOD.length, -VERSION_LENGTH);
		// RFC 6455 §3: fragments MUST NOT be used.
		if (!isVisible(target) || target.indexOf("#") >= 0) return FAULT_REQUEST;
		if (target.startsWith("/")) {
			this.url = target;
			return 0;
		}
		const scheme = target.slice(0, 8).toLowerCase();
		const authority = scheme.startsWith("http://") ? 7 : scheme === "https://" ? 8 : 0;
		return authority ? this.absolute(target.slice(authority)) : FAULT_REQUEST;
	}

	/** What follows the scheme: RFC 9112 §3.2.2, the Host header does not count then. */
	private absolute(rest: string): number {
		const slash = rest.indexOf("/");
		const mark = rest.indexOf("?");
		let end = slash < 0 ? rest.length : slash;
		if (mark >= 0 && mark < end) end = mark;
		this.#authority = rest.slice(0, end);
		if (!isHost(this.#authority)) return FAULT_REQUEST;
		const path = rest.slice(end);
		this.url = path.startsWith("/") ? path : `/${path}`;
		return 0;
	}

	/** §4.2.1, what a server must find, 2 to 9. */
	private field(bytes: Uint8Array): number {
		const head = this.#head;
		this.headers?.push(head.name, head.value(bytes));
		switch (head.name.toLowerCase()) {
			case "host":
				// RFC 9112 §3.2: MUST respond with 400 to more than one, and to an invalid one.
				return !this.host && this.isHost(head.value(bytes)) ? 0 : FAULT_REQUEST;
			case "upgrade":
				this.#upgrade ||= head.lists(bytes, "websocket");
				return 0;
			case "connection":
				this.#connection ||= head.lists(bytes, "upgrade");
				return 0;
			case "sec-websocket-key": {
				// §11.3.1: MUST NOT appear more than once.
				const key = head.value(bytes);
				if (this.#key || !isKey(key)) return FAULT_REQUEST;
				this.#key = key;
				return 0;
			}
			case "sec-websocket-version":
				// §11.3.5: MUST NOT appear more than once.
				if (this.#version !== undefined) return FAULT_REQUEST;
				this.#version = head.value(bytes);
				return 0;
			case PROTOCOL:
				return this.offer(bytes);
			case "sec-websocket-extensions":
				// §9.1: MUST fail if it is malformed. None is spoken here, so what it says does not matter.
				return isExtensionList(bytes, head.valueStart, head.end) ? 0 : FAULT_REQUEST;
			case "content-length":
				return head.value(bytes) === "0" ? 0 : FAULT_REQUEST;
			case "transfer-encoding":
				return FAULT_REQUEST;
			default:
				return 0;
		}
	}

	private isHost(value: string): boolean {
		this.host = value;
		// RFC 3986 §3.2.3: a port may be empty.
		return isHost(value.endsWith(":") ? value.slice(0, -1) : value);
	}

	/** §11.3.4: may come in several headers. One token at least in each; §4.1, 10: MUST all be unique strings. */
	private offer(bytes: Uint8Array): number {
		const { subprotocols } = this;
		const before = subprotocols.length;
		for (let element = this.#head.element(bytes); element; element = this.#head.element(bytes)) {
			if (!isToken(element) || subprotocols.length === OFFERED_MAX || subprotocols.includes(element)) return FAULT_REQUEST;
			subprotocols.push(element);
		}
		return subprotocols.length > before ? 0 : FAULT_REQUEST;
	}

	/** All headers have come: the place behind them, or what is missing. */
	private complete(end: number): number {
		if (!this.host) return FAULT_REQUEST;
		if (this.#authority) this.host = this.#authority;
		if (!this.#upgrade) return FAULT_NO_UPGRADE;
		// §4.2.2, 4: who does not say the version is told, too, which one is spoken here.
		if (this.#version !== "13") return FAULT_VERSION;
		return this.#connection && this.#key ? end : FAULT_REQUEST;
	}

	/**
	 * Writes the answer that accepts the request (§4.2.2, 5) to the front of `into`, after parse() has given a place. `subprotocol` is one
	 * of those offered, or "". Returns its length, -1 if it does not fit, or 0 if an argument holds what no answer may: a subprotocol that
	 * was not offered, a header that is not exactly one, or one of the library's own. Nothing is written then.
	 */
	accept(into: Uint8Array, subprotocol: string, optionalHeaders: readonly string[] = []): number {
		const lines = headerLines(optionalHeaders);
		if (lines === undefined || (subprotocol && !this.subprotocols.includes(subprotocol))) return 0;
		const chosen = subprotocol && `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
		const accept = `Sec-WebSocket-Accept: ${acceptOf(this.#key)}\r\n`;
		return writeHead(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}${chosen}${lines}\r\n`,
			into,
		);
	}

	/**
	 * Writes the answer that refuses the request to the front of `into`; the connection ends behind it. `fault` is what parse() gave,
	 * FAULT_REQUEST_SIZE, or FAULT_REJECTED with the `status` of the app, 300 to 599 (§4.2.2, 2 to 4). Returns its length, -1 if it does
	 * not fit, or 0 if the status or the headers are not fit.
	 */
	refuse(into: Uint8Array, fault: number, status = 403, optionalHeaders: readonly string[] = []): number {
		let line = "400 Bad Request";
		if (fault === FAULT_REQUEST_SIZE) line = "431 Request Header Fields Too Large";
		else if (fault === FAULT_NO_UPGRADE || fault === FAULT_VERSION || (fault === FAULT_REJECTED && status === 426))
			line = "426 Upgrade Required";
		else if (fault === FAULT_REJECTED) {
			if (!Number.isInteger(status) || status < 300 || status > 599) return 0;
			line = `${status} `;
		}
		const lines = headerLines(optionalHeaders);
		if (lines === undefined) return 0;
		// RFC 9110 §15.5.22 and §7.8: 426 says to what, and Upgrade is an option of the connection. RFC 6455 §4.4: and which version.
		const connection = line.startsWith("426")
			? "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
			: "Connection: close\r\n";
		return writeHead(`HTTP/1.1 ${line}\r\n${connection}Content-Length: 0\r\n${lines}\r\n`, into);
	}
}
