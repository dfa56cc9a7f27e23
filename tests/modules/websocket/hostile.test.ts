/*
 * Every vector of hostile-vectors.ts, whole, byte by byte and split at every point, with buffers of several sizes: the outcome is
 * always the same, and what we send is always well-formed.
 */

import { utf8Check } from "bytes/block";
import { UTF8_REJECT } from "bytes/utf8";
import config from "mc/config";
import { deepEqual, equal, ok, test } from "test";
import { CLOSE_ABNORMAL, EAGAIN, ENOTCONN, faultOf, isCloseCode } from "websocket/codes";
import { CLOSED, CLOSING, Connection, OPEN, TIMEOUT_NONE } from "websocket/connection";
import { asciiOf, bytesOf, FakeTransport, hexOf, noRandom, type Side } from "./fake";
import { forEachVector, IN_STEP, INSIDE, type Vector } from "./hostile-vectors";

/** A collection at every allocation makes a run a hundred times as long, and what splits find does not depend on it: so few vectors, once. */
const brief = /stress|mps2/.test(String(config.variant));
const BRIEF_EVERY = 7;

const TEXT = 2;
const FINAL = 1;

const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** An app that takes all there is, and puts its messages together. */
class App {
	/** "flags:payload;" for each whole message. */
	text = "";
	#bytes: number[] = [];
	#type = 0;
	readonly #buffer: Uint8Array;

	constructor(size: number) {
		this.#buffer = new Uint8Array(size);
	}

	drain(connection: Connection): void {
		for (;;) {
			const count = connection.receive(this.#buffer, this.#buffer.length, info);
			if (count < 0) {
				ok(count === -EAGAIN || count === -ENOTCONN, `receive gave ${count}`);
				return;
			}
			if (info.messageType & ~FINAL) {
				equal(this.#bytes.length === 0 || this.#type === (info.messageType & ~FINAL), true, "the type changed inside a message");
				this.#type = info.messageType & ~FINAL;
			}
			for (let i = 0; i < count; i++) this.#bytes.push(this.#buffer[i] as number);
			if (!(info.messageType & FINAL) || info.remaining) continue;
			this.text += `${this.#type}:${hexOf(this.#bytes)};`;
			this.#bytes.length = 0;
		}
	}

	/** What came of the message that is not complete. */
	get rest(): string {
		return this.#bytes.length ? `${this.#type}:${hexOf(this.#bytes)}` : "";
	}

	/** §8.1: not one byte that is not UTF-8 may have been given to the app. */
	get isText(): boolean {
		return this.#type !== TEXT || utf8Check(0, Uint8Array.from(this.#bytes), 0, this.#bytes.length) !== UTF8_REJECT;
	}
}

/** What we sent, "opcode:payload;" for each frame. Fails at anything that is not the one right way to write a frame. */
function framesOf(sent: readonly number[], masked: boolean): string {
	let text = "";
	let at = 0;
	let closed = false;
	const byte = () => {
		ok(at < sent.length, "a frame that is not complete");
		return sent[at++] as number;
	};
	while (at < sent.length) {
		ok(!closed, "a frame behind the close frame");
		const first = byte();
		const opcode = first & 15;
		ok(opcode === 8 || opcode === 10, `opcode ${opcode}`);
		equal(first & 0xf0, 0x80, "FIN and no reserved bit");
		const second = byte();
		equal(second >> 7, masked ? 1 : 0, "the mask's bit");
		const length = second & 127;
		ok(length <= 125, "a control frame of more than 125 bytes");
		// The fake's random gives a key of zeros.
		if (masked) for (let i = 0; i < 4; i++) equal(byte(), 0, "the key");
		const payload: number[] = [];
		for (let i = 0; i < length; i++) payload.push(byte());
		if (opcode === 8) {
			closed = true;
			if (length) {
				ok(length >= 2 && isCloseCode((payload[0] as number) * 256 + (payload[1] as number)), "a close code that must not be sent");
				equal(utf8Check(0, Uint8Array.from(payload), 2, length), 0, "the reason is UTF-8");
			}
		}
		text += `${opcode}:${hexOf(payload)};`;
	}
	return text;
}

/** Keys that differ in every byte, so that a wrong phase shows. */
const KEYS = ["37fa213d", "00000001", "ff00ff00", "80c0e0f0", "a1b2c3d4"];

/** The bytes of a vector, as a peer in the other role sends them. */
function bytesFor({ frames }: Vector, masked: boolean): Uint8Array {
	if (!masked) return bytesOf(frames.replace(/[|;!]/g, " "));
	let result = "";
	let number = 0;
	for (const frame of frames.split(";")) {
		if (frame[0] === "!") {
			result += frame.slice(1);
			continue;
		}
		const bar = frame.indexOf("|");
		const header = bytesOf(bar < 0 ? frame : frame.slice(0, bar));
		if (header.length > 1) header[1] = (header[1] as number) | 0x80;
		result += hexOf(header);
		if (bar < 0) continue;
		const key = bytesOf(KEYS[number++ % KEYS.length] as string);
		const payload = bytesOf(frame.slice(bar + 1));
		for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number);
		result += hexOf(key) + hexOf(payload);
	}
	return bytesOf(result);
}

/** A vector with all that does not depend on the split. */
interface Prepared {
	readonly vector: Vector;
	readonly bytes: Uint8Array;
	readonly messages: string;
	readonly rest: string;
	readonly sent: string;
}

/** "name:hex" parts with the stars resolved. */
function plain(text: string): string {
	let result = "";
	for (const part of text.split(";")) {
		if (!part) continue;
		const colon = part.indexOf(":");
		result += `${part.slice(0, colon + 1)}${hexOf(bytesOf(part.slice(colon + 1)))};`;
	}
	return result;
}

function prepare(vector: Vector, masked: boolean): Prepared {
	const { messages, end, closing } = vector;
	const last = messages.lastIndexOf(";") + 1;
	let sent = plain(vector.sent);
	if (typeof end === "number" && end < 0 && !closing) {
		const { close, meaning } = faultOf(end);
		sent += `8:${hexOf([close >> 8, close & 255])}${hexOf(asciiOf(meaning))};`;
	}
	return {
		vector,
		bytes: bytesFor(vector, masked),
		messages: plain(messages.slice(0, last)),
		rest: last < messages.length ? plain(messages.slice(last)).slice(0, -1) : "",
		sent,
	};
}

type Role = "client" | "server";

/** A connection whose handshake somebody else did, so that buffers may be as small as one likes. */
function made(role: Role, receive: number, maxMessage = 0): Side {
	const transport = new FakeTransport();
	const connection = new Connection({
		transport,
		receive: new Uint8Array(receive),
		transmit: new Uint8Array(64),
		random: noRandom,
		server: role === "server",
		autoPong: true,
		maxMessage,
		closeTimeoutMs: 1000,
		drainTimeoutMs: TIMEOUT_NONE,
		pingIntervalMs: TIMEOUT_NONE,
		pongTimeoutMs: 1000,
		collectHeaders: false,
	});
	connection.adopt();
	return { transport, connection };
}

function run(
	{ vector, bytes, messages, rest, sent }: Prepared,
	role: Role,
	ends: readonly number[],
	receive: number,
	buffer: number,
	blocked: boolean,
): void {
	const side = made(role, receive, vector.maxMessage);
	const { connection, transport } = side;
	if (blocked) transport.room = 0;
	if (vector.closing) equal(connection.close(1001, ""), 0);
	const app = new App(buffer);
	let start = 0;
	for (const end of ends) {
		transport.give(bytes.slice(start, end));
		start = end;
		connection.readable();
		app.drain(connection);
	}
	if (blocked) {
		equal(transport.written.length, 0, "written without room");
		transport.room = 0x7fffffff;
		connection.writable();
		app.drain(connection);
	}
	equal(app.text, messages, "messages");
	ok(app.isText, `no text: ${app.rest}`);
	equal(framesOf(transport.written, role === "client"), sent, "sent");
	judge(side, vector, role);
	if (typeof vector.end === "number" && vector.end >= 0 && !vector.closing) equal(app.rest, rest, "the message that is not complete");
}

function judge({ connection, transport }: Side, { end, closing }: Vector, role: Role): void {
	const open = end === IN_STEP || end === INSIDE;
	equal(connection.state, !open ? CLOSED : closing ? CLOSING : OPEN, "state");
	equal(transport.started, open, "attached");
	if (open) {
		if (end === INSIDE) return;
		transport.written.length = 0;
		transport.give(bytesOf(role === "client" ? "890173" : "89810000000073"));
		connection.readable();
		equal(framesOf(transport.written, role === "client"), "10:73;", "in step");
		return;
	}
	const [code, reason, fault] =
		typeof end === "number"
			? [faultOf(end).close, faultOf(end).meaning, end]
			: [Number(end.slice(0, end.indexOf(" "))), end.slice(end.indexOf(" ") + 1), 0];
	deepEqual([connection.fault, connection.closeCode, connection.closeReason, connection.clean], [fault, code, reason, fault === 0]);
	ok(code !== CLOSE_ABNORMAL);
	// It is over: nothing that still comes is answered, and nothing can be sent.
	const before = transport.written.length;
	transport.give(bytesOf(role === "client" ? "890173" : "89810000000073"));
	connection.readable();
	equal(connection.send(1, bytesOf("61"), 1, true, 0), -ENOTCONN);
	equal(connection.receive(bytesOf("00"), 1, info), -ENOTCONN);
	equal(transport.written.length, before, "written behind the end");
}

function attempt(
	prepared: Prepared,
	role: Role,
	how: string,
	ends: readonly number[],
	receive: number,
	buffer: number,
	blocked = false,
): void {
	try {
		run(prepared, role, ends, receive, buffer, blocked);
	} catch (error) {
		throw new Error(`${role}: ${prepared.vector.name}: ${how}, buffers ${receive} and ${buffer}: ${hexOf(prepared.bytes)}: ${error}`);
	}
}

function forEachPrepared(role: Role, use: (prepared: Prepared) => void): void {
	let number = 0;
	forEachVector(role, (vector) => {
		if (!brief || number % BRIEF_EVERY === 0) use(prepare(vector, role === "server"));
		number++;
	});
}

/** Ends of pieces of `size` bytes. */
function pieces(length: number, size: number): number[] {
	const ends: number[] = [];
	for (let at = size; at < length; at += size) ends.push(at);
	ends.push(length);
	return ends;
}

/** One that many frames are longer than, one that few are, and one for all. */
const SMALL = 16;
const MIDDLE = 256;
const LARGE = 2048;

for (const role of ["client", "server"] as const) {
	test(`${role}: ${brief ? "some vectors" : "every vector"}, byte by byte`, () => {
		forEachPrepared(role, (prepared) => attempt(prepared, role, "bytes", pieces(prepared.bytes.length, 1), MIDDLE, 64));
	});

	test(`${role}: ${brief ? "some vectors" : "every vector"} while nothing goes out`, () => {
		forEachPrepared(role, (prepared) => {
			// §5.5.3: of several pings the last one may be answered alone.
			if (prepared.sent.split("10:").length > 2) return;
			const { length } = prepared.bytes;
			attempt(prepared, role, "blocked, whole", [length], MIDDLE, 64, true);
			attempt(prepared, role, "blocked, bytes", pieces(length, 1), MIDDLE, 64, true);
		});
	});
	if (brief) continue;

	test(`${role}: every vector, whole and in pieces, with buffers of all sizes`, () => {
		forEachPrepared(role, (prepared) => {
			for (const receive of [SMALL, MIDDLE, LARGE])
				for (const buffer of [1, 16, 256]) attempt(prepared, role, "whole", [prepared.bytes.length], receive, buffer);
			for (const size of [3, 16, 64])
				if (prepared.bytes.length > size) attempt(prepared, role, `pieces of ${size}`, pieces(prepared.bytes.length, size), SMALL, 16);
		});
	});

	test(`${role}: every vector, split at every point`, () => {
		forEachPrepared(role, (prepared) => {
			const { length } = prepared.bytes;
			// The long ones repeat themselves.
			for (let split = 1; split < length; split += length > 150 ? 13 : 1)
				attempt(prepared, role, `split at ${split}`, [split, length], MIDDLE, 64);
		});
	});

	test(`${role}: short vectors, split at every two points`, () => {
		forEachPrepared(role, (prepared) => {
			const { length } = prepared.bytes;
			if (length > 9) return;
			for (let first = 1; first < length - 1; first++)
				for (let second = first + 1; second < length; second++)
					attempt(prepared, role, `split at ${first} and ${second}`, [first, second, length], MIDDLE, 64);
		});
	});
}
