/*
 * The opening handshake (RFC 6455 §4): the request, and the answer, whose bytes may come in any pieces. It happens once, so it
 * may allocate; what it makes is garbage once the connection is open.
 */

import { writeBase64 } from "bytes/base64";
import { UTF8_ACCEPT, utf8Check } from "bytes/utf8";
import { Digest } from "crypt";
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

/** §1.3: what a server appends to the key. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_SIZE = 16;
const KEY_TEXT_SIZE = 24;
const ACCEPT_SIZE = 28;
/** How every status line begins; "x" is the minor version. */
const STATUS_LINE = "HTTP/1.x ";
const MINOR_AT = 7;
const STATUS_SWITCHING = 101;

const HT = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const DEL = 0x7f;

/** What the request says. */
export interface HandshakeRequest {
	/** Of the Host header: with the port unless it is the scheme's own. */
	readonly host: string;
	/** Path and query. */
	readonly url: string;
	/** "Name: value" each, with or without CRLF at the end. */
	readonly optionalHeaders?: readonly string[] | undefined;
	/** Offered in this order. */
	readonly subprotocols?: readonly string[] | undefined;
}

const bytesOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

function isToken(byte: number): boolean {
	// RFC 9110 §5.6.2: letters, digits and !#$%&'*+-.^_`|~
	return byte > SP && byte < DEL && '"(),/:;<=>?@[\\]{}'.indexOf(String.fromCharCode(byte)) < 0;
}

/** Whether a text can stand where no space may: visible ASCII only, so that nobody adds anything through it. */
function isVisible(text: string): boolean {
	const bytes = bytesOf(text);
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if (byte <= SP || byte >= DEL) return false;
	}
	return bytes.length > 0;
}

/**
 * Whether a text can be a header: no control character but tabs, so that nobody adds headers through it, and bytes that are UTF-8.
 * XS writes NUL as C0 80 and a lone surrogate as ED and two more, which is none.
 */
function isHeader(text: string): boolean {
	const bytes = bytesOf(text);
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if ((byte < SP && byte !== HT) || byte === DEL) return false;
	}
	return utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length) === UTF8_ACCEPT;
}

/** Whether `byte` may stand at `at` of a status line, of any HTTP/1. */
function isStatusByte(byte: number, at: number): boolean {
	return at === MINOR_AT ? byte >= DIGIT_0 && byte <= DIGIT_9 : byte === STATUS_LINE.charCodeAt(at);
}

function isTokenText(text: string): boolean {
	const bytes = bytesOf(text);
	for (let i = 0; i < bytes.length; i++) if (!isToken(bytes[i] as number)) return false;
	return bytes.length > 0;
}

/** An optional header without its CRLF, or undefined if it is not one header, or one that is ours to write. */
function optionalHeader(text: string): string | undefined {
	const header = text.endsWith("\r\n") ? text.slice(0, -2) : text;
	const colon = header.indexOf(":");
	if (colon < 1 || !isHeader(header) || !isTokenText(header.slice(0, colon))) return undefined;
	const name = header.slice(0, colon).toLowerCase();
	const ours =
		name === "host" ||
		name === "upgrade" ||
		name === "connection" ||
		(name.startsWith("sec-websocket-") && name !== "sec-websocket-protocol");
	return ours ? undefined : header;
}

/** The parts of a list of tokens, without the space around them. */
function listOf(value: string): string[] {
	return value.split(",").map((part) => part.trim());
}

export class Handshake {
	/** Of the answer, once it is known. */
	status = 0;
	/** The subprotocol the server chose, or "". */
	subprotocol = "";
	readonly #offered: string[] = [];
	readonly #expected = new Uint8Array(ACCEPT_SIZE);
	readonly #key = new Uint8Array(KEY_TEXT_SIZE);
	/** Where the status line begins: behind the answers that were only interim ones. */
	#start = 0;
	/** Where the line that is not complete yet begins, and how far it was looked through. */
	#line = 0;
	#at = 0;
	/** A 1xx other than 101: nothing that it says is about this connection. */
	#interim = false;
	#upgrade = false;
	#connection = false;
	#accept = false;

	/** `nonce` is 16 random bytes (§4.1), read at once. */
	constructor(nonce: Uint8Array) {
		writeBase64(nonce.subarray(0, KEY_SIZE), this.#key, 0);
		const text = new Uint8Array(KEY_TEXT_SIZE + GUID.length);
		text.set(this.#key);
		text.set(bytesOf(GUID), KEY_TEXT_SIZE);
		const digest = new Digest("SHA1");
		digest.write(text.buffer);
		writeBase64(new Uint8Array(digest.close()), this.#expected, 0);
	}

	/**
	 * Writes the request to the front of `into` and returns its length, 0 if it cannot be written because an argument holds
	 * what no request may, or -1 if it does not fit.
	 */
	write(request: HandshakeRequest, into: Uint8Array): number {
		const { host, url, optionalHeaders = [], subprotocols = [] } = request;
		if (!isVisible(host) || !isVisible(url) || url[0] !== "/" || url.indexOf("#") >= 0) return 0;
		let text = `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`;
		text += `Sec-WebSocket-Key: ${String.fromArrayBuffer(this.#key.buffer)}\r\n`;
		for (const subprotocol of subprotocols) {
			if (!isTokenText(subprotocol) || this.#offered.includes(subprotocol)) return 0;
			this.#offered.push(subprotocol);
		}
		if (subprotocols.length) text += `Sec-WebSocket-Protocol: ${subprotocols.join(", ")}\r\n`;
		for (const given of optionalHeaders) {
			const header = optionalHeader(given);
			if (header === undefined) return 0;
			const colon = header.indexOf(":");
			if (header.slice(0, colon).toLowerCase() === "sec-websocket-protocol") this.#offered.push(...listOf(header.slice(colon + 1)));
			text += `${header}\r\n`;
		}
		const bytes = bytesOf(`${text}\r\n`);
		if (bytes.length > into.length) return -1;
		into.set(bytes);
		return bytes.length;
	}

	/**
	 * Reads the answer: `bytes` holds all of it that has come, from 0 to `end`, and may be changed. Returns the place behind
	 * the blank line when it is complete and right, 0 while there is more to come, or a fault. Interim answers (RFC 9110 §15.2)
	 * may come before it; they stay in `bytes`, so there is no room for many.
	 */
	parse(bytes: Uint8Array, end: number): number {
		while (this.#at < end) {
			const at = this.#at;
			const byte = bytes[at] as number;
			const inStatus = this.#line === this.#start;
			if (inStatus && at - this.#start < STATUS_LINE.length) {
				// At once: who speaks something else may never send the end of a line.
				if (!isStatusByte(byte, at - this.#start)) return FAULT_NOT_HTTP;
				this.#at++;
				continue;
			}
			if (byte === LF) {
				if (at === this.#line || bytes[at - 1] !== CR) return FAULT_HEADER;
				if (at - 1 === this.#line) {
					if (!this.#interim) return this.#complete(at + 1);
					this.#interim = false;
					this.#start = this.#line = this.#at = at + 1;
					continue;
				}
				// RFC 9112 §5.2: a line that begins with space continues the one before.
				if (at + 1 === end) return 0;
				const next = bytes[at + 1];
				if (!inStatus && (next === SP || next === HT)) {
					bytes[at - 1] = bytes[at] = SP;
				} else {
					const fault = inStatus ? this.#statusLine(bytes, at - 1) : this.#header(bytes, this.#line, at - 1);
					if (fault) return fault;
					this.#line = at + 1;
				}
			} else if (byte === 0) return inStatus ? FAULT_NOT_HTTP : FAULT_HEADER;
			this.#at++;
		}
		return 0;
	}

	/** "HTTP/1.1 101 Switching Protocols", where the last part may be missing. */
	#statusLine(bytes: Uint8Array, end: number): number {
		let at = this.#start + STATUS_LINE.length;
		let status = 0;
		for (let i = 0; i < 3; i++) {
			const digit = (bytes[at++] as number) - DIGIT_0;
			if (at > end || digit < 0 || digit > 9) return FAULT_NOT_HTTP;
			status = status * 10 + digit;
		}
		if (at < end && bytes[at] !== SP) return FAULT_NOT_HTTP;
		// RFC 9110 §15.2: a client MUST be able to read these, even if it does not expect any.
		this.#interim = status >= 100 && status < 200 && status !== STATUS_SWITCHING;
		if (this.#interim) return 0;
		this.status = status;
		if (status !== STATUS_SWITCHING) return FAULT_STATUS;
		// RFC 6455 §4.1: HTTP/1.1 at least; HTTP/1.0 has no Upgrade (RFC 9110 §7.8).
		return bytes[this.#start + MINOR_AT] === DIGIT_0 ? FAULT_NOT_HTTP : 0;
	}

	#header(bytes: Uint8Array, start: number, end: number): number {
		let colon = start;
		while (colon < end && isToken(bytes[colon] as number)) colon++;
		if (colon === start || colon === end || bytes[colon] !== COLON) return FAULT_HEADER;
		if (this.#interim) return 0;
		const name = String.fromArrayBuffer(bytes.slice(start, colon).buffer).toLowerCase();
		if (name !== "upgrade" && name !== "connection" && !name.startsWith("sec-websocket-")) return 0;
		for (let i = colon + 1; i < end; i++) {
			const byte = bytes[i] as number;
			if (byte >= DEL || (byte < SP && byte !== HT)) return FAULT_HEADER;
		}
		const value = colon + 1 < end ? String.fromArrayBuffer(bytes.slice(colon + 1, end).buffer).trim() : "";
		return this.#known(name, value);
	}

	/** §4.1, what a client MUST check, 2 to 6. */
	#known(name: string, value: string): number {
		switch (name) {
			case "upgrade":
				if (value.toLowerCase() !== "websocket") return FAULT_UPGRADE;
				this.#upgrade = true;
				return 0;
			case "connection":
				if (listOf(value.toLowerCase()).includes("upgrade")) this.#connection = true;
				return 0;
			case "sec-websocket-accept":
				// §11.3.3: MUST NOT appear more than once.
				if (this.#accept || value !== String.fromArrayBuffer(this.#expected.buffer)) return FAULT_ACCEPT;
				this.#accept = true;
				return 0;
			case "sec-websocket-protocol":
				if (this.subprotocol || !this.#offered.includes(value)) return FAULT_SUBPROTOCOL;
				this.subprotocol = value;
				return 0;
			case "sec-websocket-extensions":
				return value ? FAULT_EXTENSION : 0;
			default:
				return 0;
		}
	}

	#complete(end: number): number {
		if (!this.#upgrade) return FAULT_UPGRADE;
		if (!this.#connection) return FAULT_CONNECTION;
		return this.#accept ? end : FAULT_ACCEPT;
	}
}
