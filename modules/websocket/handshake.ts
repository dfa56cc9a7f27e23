/*
 * The client's side of the opening handshake (RFC 6455 §4.1): writes the request, and reads the answer, whose bytes may come in any
 * pieces. No socket: bytes in, bytes out. It is garbage once the connection is open.
 */

import { writeBase64 } from "bytes/base64";
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
import {
	acceptOf,
	bytesOf,
	CR,
	elementEnd,
	HEAD_BAD,
	HEAD_END,
	HEAD_MORE,
	HEAD_START,
	Head,
	headerLines,
	isDigit,
	isHost,
	isToken,
	isVisible,
	PROTOCOL,
	textOf,
	trimmedTextOf,
	writeHead,
} from "websocket/http";

const KEY_SIZE = 16;
const KEY_TEXT_SIZE = 24;
/** How every status line begins (RFC 9112 §4): "#" is a digit, and the last one may be CR, where nothing follows. */
const STATUS_LINE = "HTTP/1.# ### ";
const STATUS_LINE_LENGTH = 13;
const MINOR_AT = 7;
const DIGIT = 0x23;
const DIGIT_0 = 0x30;
const STATUS_SWITCHING = 101;

/** What the request says. */
export interface HandshakeRequest {
	/** Of the Host header: a name, an IPv4 address or "[IPv6 address]", with ":port" unless it is the scheme's own. */
	readonly host: string;
	/** Path and query. */
	readonly url: string;
	/** "Name: value" each, with or without CRLF at the end. */
	readonly optionalHeaders?: readonly string[] | undefined;
	/** Offered in this order. */
	readonly subprotocols?: readonly string[] | undefined;
}

export class Handshake {
	/** Of the answer, once it is known; interim ones do not count. */
	status = 0;
	/** The text behind the status, or "". */
	reason = "";
	/** The answer has another status than 101, so FAULT_STATUS is what went wrong, whatever becomes of the rest of it. */
	refused = false;
	/** The subprotocol the server chose, or "". */
	subprotocol = "";
	/**
	 * Of the answer: names and values alternate, in order, if the constructor was asked for them. Each byte is a character: ASCII as it
	 * is, others as ISO 8859-1.
	 */
	readonly headers: string[] | undefined;
	/** The field that write() refused, and how it has to be. */
	wrong = "";
	readonly #head = new Head();
	readonly #key: string;
	#offered: readonly string[] = [];
	/** The status of this head was read. */
	#begun = false;
	/** A 1xx other than 101: nothing that it says is about this connection. */
	#interim = false;
	#upgrade = false;
	#connection = false;
	#accept = false;

	/**
	 * `nonce` is 16 random bytes (§4.1, 7), read at once. `collect`: whether the headers of the answer are wanted; for each, that takes
	 * some 50 bytes beside its text.
	 */
	constructor(nonce: Uint8Array, collect = false) {
		const key = new Uint8Array(KEY_TEXT_SIZE);
		writeBase64(nonce.subarray(0, KEY_SIZE), key, 0);
		this.#key = String.fromArrayBuffer(key.buffer);
		this.headers = collect ? [] : undefined;
	}

	/**
	 * Writes the request to the front of `into` and returns its length, 0 if it cannot be written because an argument holds
	 * what no request may (`wrong` says which), or -1 if it does not fit. Nothing is written then.
	 */
	write(request: HandshakeRequest, into: Uint8Array): number {
		const { host, url, optionalHeaders = [], subprotocols = [] } = request;
		// §3: fragments MUST NOT be used.
		if (!isHost(host)) return this.refuse("host: a name or an IP address, IPv6 in brackets, and :port unless it is the usual one");
		if (!isVisible(url) || !url.startsWith("/") || url.indexOf("#") >= 0)
			return this.refuse("url: a path that begins with /, in ASCII, without spaces and #");
		const lines = headerLines(optionalHeaders, PROTOCOL);
		if (lines === undefined) return this.refuse("optionalHeaders: one header each, of one line, and none that a handshake has itself");
		const offered = [...subprotocols];
		for (const header of optionalHeaders) {
			if (!header.toLowerCase().startsWith(`${PROTOCOL}:`)) continue;
			const bytes = bytesOf(header.endsWith("\r\n") ? header.slice(0, -2) : header);
			for (let start = PROTOCOL.length + 1, end = 0; start <= bytes.length; start = end + 1) {
				end = elementEnd(bytes, start, bytes.length);
				offered.push(trimmedTextOf(bytes, start, end));
			}
		}
		// §4.1, 10: tokens, and MUST all be unique strings.
		for (let i = 0; i < offered.length; i++) {
			const offer = offered[i] as string;
			if (!isToken(offer) || offered.indexOf(offer) < i) return this.refuse("subprotocols: tokens, each once");
		}
		this.#offered = offered;
		const offer = subprotocols.length ? `Sec-WebSocket-Protocol: ${subprotocols.join(", ")}\r\n` : "";
		return writeHead(
			`GET ${url} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${this.#key}\r\n${offer}${lines}\r\n`,
			into,
		);
	}

	private refuse(wrong: string): number {
		this.wrong = wrong;
		return 0;
	}

	/**
	 * Reads the answer: `bytes` holds all of it that has come, from 0 to `end`, and may be changed. Returns the place behind
	 * the blank line when it is complete and right, 0 while there is more to come, or a fault. Interim answers (RFC 9110 §15.2)
	 * may come before it; they stay in `bytes`, so there is no room for many. An answer with another status than 101 is FAULT_STATUS
	 * once its headers are there, or at its first byte that is no HTTP.
	 */
	parse(bytes: Uint8Array, end: number): number {
		const head = this.#head;
		for (;;) {
			let fault = this.#begun ? 0 : this.begins(bytes, head.start, end);
			if (fault) return fault;
			switch (head.next(bytes, end)) {
				case HEAD_MORE:
					return 0;
				case HEAD_BAD:
					fault = FAULT_HEADER;
					break;
				case HEAD_START:
					if (!this.#interim) this.reason = textOf(bytes, head.start + STATUS_LINE_LENGTH, head.end);
					break;
				case HEAD_END:
					if (!this.#interim) return this.refused ? FAULT_STATUS : this.complete(head.end);
					this.#begun = false;
					break;
				default:
					fault = head.field(bytes) ? this.field(bytes) : FAULT_HEADER;
			}
			if (fault) return this.refused ? FAULT_STATUS : fault;
		}
	}

	/** "HTTP/1.1 101 Switching Protocols", up to the status, or a fault. At once: who speaks something else may never send the end of a line. */
	private begins(bytes: Uint8Array, start: number, end: number): number {
		let status = 0;
		for (let i = 0; i < STATUS_LINE_LENGTH; i++) {
			if (start + i >= end) return 0;
			const byte = bytes[start + i] as number;
			const expected = STATUS_LINE.charCodeAt(i);
			if (expected === DIGIT ? !isDigit(byte) : byte !== expected && (byte !== CR || i < STATUS_LINE_LENGTH - 1)) return FAULT_NOT_HTTP;
			if (expected === DIGIT && i > MINOR_AT) status = status * 10 + byte - DIGIT_0;
		}
		this.#begun = true;
		// RFC 9110 §15.2: a client MUST be able to read these, even if it does not expect any.
		this.#interim = status >= 100 && status < 200 && status !== STATUS_SWITCHING;
		if (this.#interim) return 0;
		this.status = status;
		this.refused = status !== STATUS_SWITCHING;
		// HTTP/1.1 at least: HTTP/1.0 has no Upgrade (RFC 9110 §7.8). Any HTTP/1 may refuse.
		return !this.refused && bytes[start + MINOR_AT] === DIGIT_0 ? FAULT_NOT_HTTP : 0;
	}

	/** §4.1, what a client MUST check, 2 to 6. */
	private field(bytes: Uint8Array): number {
		if (this.#interim) return 0;
		const head = this.#head;
		this.headers?.push(head.name, head.value(bytes));
		if (this.refused) return 0;
		switch (head.name.toLowerCase()) {
			case "upgrade":
				// 2: no value but this one, so neither another element nor another header; in a list each would be a protocol to switch to.
				if (this.#upgrade || head.value(bytes).toLowerCase() !== "websocket") return FAULT_UPGRADE;
				this.#upgrade = true;
				return 0;
			case "connection":
				this.#connection ||= head.lists(bytes, "upgrade");
				return 0;
			case "sec-websocket-accept":
				// §11.3.3: MUST NOT appear more than once.
				if (this.#accept || head.value(bytes) !== acceptOf(this.#key)) return FAULT_ACCEPT;
				this.#accept = true;
				return 0;
			case PROTOCOL:
				// §11.3.4: MUST NOT appear more than once; §4.2.2, 4: one token.
				if (this.subprotocol || !this.#offered.includes(head.value(bytes))) return FAULT_SUBPROTOCOL;
				this.subprotocol = head.value(bytes);
				return 0;
			case "sec-websocket-extensions":
				// 5: none is offered, so none may be named.
				return head.value(bytes) ? FAULT_EXTENSION : 0;
			default:
				return 0;
		}
	}

	private complete(end: number): number {
		if (!this.#upgrade) return FAULT_UPGRADE;
		if (!this.#connection) return FAULT_CONNECTION;
		return this.#accept ? end : FAULT_ACCEPT;
	}
}
