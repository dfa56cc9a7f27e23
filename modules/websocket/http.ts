/*
 * What both sides of the opening handshake need of HTTP/1.1 (RFC 9110, RFC 9112): the lines of a head, whose bytes may come in any
 * pieces, and what a text must be to stand in one. It is used once for each connection, so it may allocate, but only in proportion to
 * what came: a text of XS is UTF-8, where one character is found by counting from the first, so loops go over bytes.
 */

import { writeBase64 } from "bytes/base64";
import { UTF8_ACCEPT, utf8Check } from "bytes/utf8";
import { Digest } from "crypt";

/** RFC 6455 §1.3: what a server appends to the key. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const ACCEPT_SIZE = 28;

const HT = 0x09;
const LF = 0x0a;
export const CR = 0x0d;
const SP = 0x20;
const PERCENT = 0x25;
export const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const DEL = 0x7f;

/** The longest IPv6 address, one with an IPv4 address at its end. */
const IPV6_LENGTH = 45;
const PORT_MAX = 65535;

export const PROTOCOL = "sec-websocket-protocol";

/** What Head.next() gives: there is more to come, the first line, a header, the blank line, or a line that no head has. */
export const HEAD_MORE = 0;
export const HEAD_START = 1;
export const HEAD_FIELD = 2;
export const HEAD_END = 3;
export const HEAD_BAD = -1;

/** A text as UTF-8. XS writes NUL as C0 80, and a lone surrogate as ED and two more. */
export const bytesOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

/** A character for each byte: ASCII as it is, the others as ISO 8859-1, so that nothing is lost and nothing is refused. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
	if (start >= end) return "";
	let length = 0;
	for (let i = start; i < end; i++) length += (bytes[i] as number) >> 7;
	if (length === 0) return String.fromArrayBuffer(bytes.slice(start, end).buffer);
	const text = new Uint8Array(end - start + length);
	length = 0;
	for (let i = start; i < end; i++) {
		const byte = bytes[i] as number;
		if (byte > DEL) text[length++] = 0xc0 | (byte >> 6);
		text[length++] = byte > DEL ? 0x80 | (byte & 0x3f) : byte;
	}
	return String.fromArrayBuffer(text.buffer);
}

/** As textOf, without the space around it (OWS, RFC 9110 §5.6.3). */
export function trimmedTextOf(bytes: Uint8Array, start: number, end: number): string {
	while (start < end && isSpace(bytes[start] as number)) start++;
	while (start < end && isSpace(bytes[end - 1] as number)) end--;
	return textOf(bytes, start, end);
}

/** Where the element of a list ends that begins at `start` (RFC 9110 §5.6.1): the next comma, or `end`. */
export function elementEnd(bytes: Uint8Array, start: number, end: number): number {
	while (start < end && bytes[start] !== COMMA) start++;
	return start;
}

export const isSpace = (byte: number) => byte === SP || byte === HT;

export const isDigit = (byte: number) => byte >= DIGIT_0 && byte <= DIGIT_9;

function isAlphanumeric(byte: number): boolean {
	const letter = byte | 0x20;
	return isDigit(byte) || (letter >= 0x61 && letter <= 0x7a);
}

function isHexadecimal(byte: number): boolean {
	const letter = byte | 0x20;
	return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}

const isBase64 = (byte: number) => isAlphanumeric(byte) || byte === 0x2b || byte === 0x2f;

/** VCHAR, RFC 9110 §2.1: neither space nor control character, and ASCII. */
const isGraphic = (byte: number) => byte > SP && byte < DEL;

/** RFC 9110 §5.6.2: letters, digits and !#$%&'*+-.^_`|~ */
export function isTokenByte(byte: number): boolean {
	if (byte < SP || byte > DEL) return false;
	const bits = byte < 0x40 ? 0x03ff6cfa : byte < 0x60 ? 0xc7fffffe : 0x57ffffff;
	return ((bits >>> (byte & 31)) & 1) !== 0;
}

/** RFC 3986 §3.2.2: what a name may be made of, but for "%". */
const isNameByte = (byte: number) => isAlphanumeric(byte) || "-._~!$&'()*+,;=".indexOf(String.fromCharCode(byte)) >= 0;

/** Whether a text has one byte at least, and only such as `test` lets pass. */
function every(text: string, test: (byte: number) => boolean): boolean {
	const bytes = bytesOf(text);
	for (let i = 0; i < bytes.length; i++) if (!test(bytes[i] as number)) return false;
	return bytes.length > 0;
}

export const isToken = (text: string) => every(text, isTokenByte);

/** Whether a text can stand where no space may: visible ASCII only, so that nobody adds anything through it. */
export const isVisible = (text: string) => every(text, isGraphic);

/** RFC 6455 §4.2.1, 5: base64 of 16 bytes. The bits behind the last byte do not count: in the RFC's own example they are not zero. */
export const isKey = (text: string) => text.length === 24 && text.endsWith("==") && every(text.slice(0, 22), isBase64);

/** Whether a text can be a header: no control character but tabs, so that nobody adds headers through it, and bytes that are UTF-8. */
function isHeader(text: string): boolean {
	const bytes = bytesOf(text);
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		if ((byte < SP && byte !== HT) || byte === DEL) return false;
	}
	return utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length) === UTF8_ACCEPT;
}

/** Whether a header is the library's to write, or would announce a body, which neither side of a handshake has. */
function isOurs(name: string): boolean {
	switch (name) {
		case "host":
		case "upgrade":
		case "connection":
		case "content-length":
		case "transfer-encoding":
			return true;
		default:
			return name.startsWith("sec-websocket-");
	}
}

/**
 * Headers of the app ("Name: value" each, with or without CRLF) as the lines of a head, or undefined if one of them is not exactly one
 * header, or is the library's own; `allowed` is the own one that may be among them.
 */
export function headerLines(headers: readonly string[], allowed = ""): string | undefined {
	let lines = "";
	for (const given of headers) {
		const header = given.endsWith("\r\n") ? given.slice(0, -2) : given;
		const colon = header.indexOf(":");
		if (colon < 1 || !isToken(header.slice(0, colon)) || !isHeader(header)) return undefined;
		const name = header.slice(0, colon).toLowerCase();
		if (name !== allowed && isOurs(name)) return undefined;
		lines += `${header}\r\n`;
	}
	return lines;
}

/** Writes a head to the front of `into` and returns its length, or -1, with nothing written, if it does not fit. */
export function writeHead(text: string, into: Uint8Array): number {
	const bytes = bytesOf(text);
	if (bytes.length > into.length) return -1;
	into.set(bytes);
	return bytes.length;
}

/** RFC 6455 §4.2.2, 5.4: what proves that a server has read the key. */
export function acceptOf(key: string): string {
	const digest = new Digest("SHA1");
	digest.write(ArrayBuffer.fromString(key + GUID));
	const text = new Uint8Array(ACCEPT_SIZE);
	writeBase64(new Uint8Array(digest.close()), text, 0);
	return String.fromArrayBuffer(text.buffer);
}

/**
 * Whether a text is what Host may say (RFC 9110 §7.2, RFC 3986 §3.2.2): a name, an IPv4 address or an IPv6 address in brackets,
 * then perhaps a port, 1 to 65535. No user, no zone (RFC 6874 §4: it means nothing to the peer).
 */
export function isHost(text: string): boolean {
	let end = text.indexOf(":");
	if (text.startsWith("[")) {
		end = text.indexOf("]") + 1;
		if (end === 0 || !isIPv6(text.slice(1, end - 1))) return false;
	} else {
		if (end < 0) end = text.length;
		if (!isName(text.slice(0, end))) return false;
	}
	const rest = text.slice(end);
	return rest === "" || (rest.startsWith(":") && isNumber(rest.slice(1), PORT_MAX) && Number(rest.slice(1)) > 0);
}

function isName(text: string): boolean {
	const bytes = bytesOf(text);
	for (let i = 0; i < bytes.length; i++) {
		if (bytes[i] !== PERCENT) {
			if (!isNameByte(bytes[i] as number)) return false;
		} else if (i + 2 >= bytes.length || !isHexadecimal(bytes[++i] as number) || !isHexadecimal(bytes[++i] as number)) return false;
	}
	return bytes.length > 0;
}

/** Decimal digits, at most five of them, for up to `max`. */
const isNumber = (text: string, max: number) => text.length <= 5 && every(text, isDigit) && Number(text) <= max;

function isIPv4(text: string): boolean {
	const parts = text.split(".");
	for (const part of parts) if (!isNumber(part, 255) || String(Number(part)) !== part) return false;
	return parts.length === 4;
}

function isIPv6(text: string): boolean {
	if (text.length > IPV6_LENGTH) return false;
	// "::" stands for one group of zeros or more, once.
	const halves = text.split("::");
	let groups = halves.length > 1 ? 1 : 0;
	for (let half = 0; half < halves.length; half++) {
		if (halves[half] === "" && halves.length > 1) continue;
		const parts = (halves[half] as string).split(":");
		for (let i = 0; i < parts.length; i++) {
			const part = parts[i] as string;
			groups++;
			if (part.length <= 4 && every(part, isHexadecimal)) continue;
			// The last two groups may be an IPv4 address.
			if (half < halves.length - 1 || i < parts.length - 1 || !isIPv4(part)) return false;
			groups++;
		}
	}
	return halves.length === 1 ? groups === 8 : halves.length === 2 && groups <= 8;
}

/** Finds the lines of a head, and looks at each byte once. Behind the blank line another head may begin. */
export class Head {
	/** Where the line begins that next() found; before the first one, where it will begin. */
	start = 0;
	/** Where that line ends, or, after the blank one, where the head does. */
	end = 0;
	/** Of the header that field() has read, as it came. */
	name = "";
	/** Where its value begins, with the space before it; it ends where the line does. */
	valueStart = 0;
	/** The first line was found. */
	#begun = false;
	/** Where the next element of its list begins. */
	#element = 0;
	/** Where the line begins that is looked for, and how far it was looked through. */
	#line = 0;
	#at = 0;

	/**
	 * Looks for the next line: one of the HEAD_ constants. `bytes` holds everything that has come, up to `end`, and is changed where a
	 * header is folded. No control character but tabs may be in a line (RFC 9110 §5.5, RFC 9112 §2.2).
	 */
	next(bytes: Uint8Array, end: number): number {
		const line = this.#line;
		let at = this.#at;
		for (; at < end; at++) {
			const byte = bytes[at] as number;
			if (byte === CR) {
				if (at + 1 === end) break;
				if (bytes[at + 1] !== LF) return HEAD_BAD;
				if (at > line && this.#begun) {
					// RFC 9112 §5.2: a line that begins with space continues the header before.
					if (at + 2 === end) break;
					if (isSpace(bytes[at + 2] as number)) {
						bytes[at] = bytes[at + 1] = SP;
						continue;
					}
				}
				return this.found(line, at);
			}
			if ((byte < SP && byte !== HT) || byte === DEL) return HEAD_BAD;
		}
		this.#at = at;
		return HEAD_MORE;
	}

	private found(start: number, end: number): number {
		this.#line = this.#at = end + 2;
		if (start === end) {
			this.start = this.end = end + 2;
			this.#begun = false;
			return HEAD_END;
		}
		this.start = start;
		this.end = end;
		if (this.#begun) return HEAD_FIELD;
		this.#begun = true;
		return HEAD_START;
	}

	/** Reads the name of the header that was found, or returns false if it is none (RFC 9112 §5: no space before the colon). */
	field(bytes: Uint8Array): boolean {
		const { start, end } = this;
		let colon = start;
		while (colon < end && isTokenByte(bytes[colon] as number)) colon++;
		if (colon === start || bytes[colon] !== COLON) return false;
		this.name = textOf(bytes, start, colon);
		this.valueStart = this.#element = colon + 1;
		return true;
	}

	/** The value of that header, as textOf. */
	value(bytes: Uint8Array): string {
		return trimmedTextOf(bytes, this.valueStart, this.end);
	}

	/** The next element of its list, or "" behind the last one. RFC 9110 §5.6.1.2: empty elements are ignored. */
	element(bytes: Uint8Array): string {
		while (this.#element < this.end) {
			const start = this.#element;
			const end = elementEnd(bytes, start, this.end);
			this.#element = end + 1;
			const element = trimmedTextOf(bytes, start, end);
			if (element) return element;
		}
		return "";
	}

	/** Whether `element`, in lower case, is in its list, in any case. */
	lists(bytes: Uint8Array, element: string): boolean {
		for (let other = this.element(bytes); other; other = this.element(bytes)) if (other.toLowerCase() === element) return true;
		return false;
	}
}
