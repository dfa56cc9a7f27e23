/* The bytes of a conversation (RFC 6455 §5): makes frames, also forbidden ones, and reads those of the other side, strictly. */
import { createHash, randomBytes } from "node:crypto";

export const CONTINUE = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

export interface FrameOptions {
	/** false: more frames of the message follow. */
	fin?: boolean;
	/** The three reserved bits, 0 to 7. */
	rsv?: number;
	/** What the header says of the payload, if not the truth. */
	length?: number | bigint;
	/** In how many bytes behind the first two it says so, if not in as few as possible. */
	size?: 0 | 2 | 8;
	/** Masked with this key, which a server must not do. */
	mask?: Buffer;
}

/** The one that is tested. */
export type Role = "client" | "server";

export type MakeFrame = (opcode: number, payload?: Buffer | string, options?: FrameOptions) => Buffer;

/** Makes frames as they go to a client, not masked, or to a server, masked with a key of their own. */
export const frameTo =
	(role: Role): MakeFrame =>
	(opcode, payload = "", options = {}) =>
		frame(opcode, payload, role === "server" ? { mask: randomBytes(4), ...options } : options);

/** A frame that is not masked, unless told otherwise. */
export function frame(opcode: number, payload: Buffer | string = "", options: FrameOptions = {}): Buffer {
	const bytes = Buffer.from(payload);
	const { fin = true, rsv = 0, length: said = bytes.length, mask } = options;
	const size = options.size ?? (said < 126 ? 0 : said < 0x10000 ? 2 : 8);
	const header = Buffer.alloc(2 + size);
	header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
	header[1] = (mask ? 0x80 : 0) | (size === 0 ? Number(said) : size === 2 ? 126 : 127);
	if (size === 2) header.writeUInt16BE(Number(said), 2);
	if (size === 8) header.writeBigUInt64BE(BigInt(said), 2);
	return mask ? Buffer.concat([header, mask, masked(bytes, mask)]) : Buffer.concat([header, bytes]);
}

/** The payload of a close frame. */
export function closeBody(code: number, reason: Buffer | string = ""): Buffer {
	return Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
}

export function masked(bytes: Buffer, key: Buffer): Buffer {
	const result = Buffer.allocUnsafe(bytes.length);
	for (let i = 0; i < bytes.length; i++) result[i] = (bytes[i] as number) ^ (key[i & 3] as number);
	return result;
}

/** The answer to a key in the opening handshake (§4.2.2). */
export const acceptOf = (key: string) => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** What the other side did. A message is an event once it is complete, whatever its fragments. */
export type WireEvent =
	| { kind: "text" | "binary" | "ping" | "pong"; payload: Buffer }
	| { kind: "close"; code: number | undefined; reason: string }
	| { kind: "end"; reset: boolean };

/** It broke the protocol. */
export class Violation extends Error {}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads frames; throws a Violation at the first one that must not be. */
export class Reader {
	readonly #role: Role;
	#rest: Buffer = Buffer.alloc(0);
	/** Of the message that is not complete. */
	#parts: Buffer[] = [];
	#opcode = 0;
	#closed = false;
	#lastKey = -1;
	#sameKeys = 0;

	/** `role` has the one who sends the frames: a client masks, a server does not (§5.1). */
	constructor(role: Role) {
		this.#role = role;
	}

	push(data: Buffer): WireEvent[] {
		if (this.#closed) throw new Violation(`${data.length} bytes after the close frame: ${start(data)}`);
		let bytes = this.#rest.length ? Buffer.concat([this.#rest, data]) : data;
		const events: WireEvent[] = [];
		for (;;) {
			const end = this.#frameEnd(bytes);
			if (end < 0 || end > bytes.length) break;
			const event = this.#take(bytes.subarray(0, end));
			if (event) events.push(event);
			bytes = bytes.subarray(end);
			if (this.#closed && bytes.length) throw new Violation(`${bytes.length} bytes after the close frame: ${start(bytes)}`);
		}
		this.#rest = bytes;
		return events;
	}

	/** The end of the stream: no frame may be unfinished. */
	finish(): void {
		if (this.#rest.length) throw new Violation(`the stream ended inside a frame: ${start(this.#rest)}`);
	}

	/** Where the first frame of `bytes` ends, or -1 if its header is not complete. */
	#frameEnd(bytes: Buffer): number {
		if (bytes.length < 2) return -1;
		const [first, second] = bytes as unknown as [number, number];
		const opcode = first & 0xf;
		if (first & 0x70) throw new Violation(`reserved bits: ${start(bytes)}`);
		if (![CONTINUE, TEXT, BINARY, CLOSE, PING, PONG].includes(opcode)) throw new Violation(`reserved opcode: ${start(bytes)}`);
		const masks = this.#role === "client";
		if (masks !== second > 0x7f) throw new Violation(`a frame that is ${masks ? "not " : ""}masked: ${start(bytes)}`);
		const short = second & 0x7f;
		if (opcode >= CLOSE && (short > 125 || !(first & 0x80))) throw new Violation(`a control frame, long or fragmented: ${start(bytes)}`);
		const size = short < 126 ? 0 : short === 126 ? 2 : 8;
		if (bytes.length < 2 + size) return -1;
		const length = size === 0 ? short : size === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
		if ((size === 2 && length < 126) || (size === 8 && length < 0x10000))
			throw new Violation(`a length that is not minimal: ${start(bytes)}`);
		return 2 + size + (masks ? 4 : 0) + length;
	}

	#take(bytes: Buffer): WireEvent | undefined {
		const fin = ((bytes[0] as number) & 0x80) !== 0;
		const opcode = (bytes[0] as number) & 0xf;
		const short = (bytes[1] as number) & 0x7f;
		const at = short < 126 ? 2 : short === 126 ? 4 : 10;
		let payload = bytes.subarray(at);
		if (this.#role === "client") {
			this.#checkKey(bytes.readUInt32BE(at));
			payload = masked(bytes.subarray(at + 4), bytes.subarray(at, at + 4));
		}
		if (opcode === PING) return { kind: "ping", payload };
		if (opcode === PONG) return { kind: "pong", payload };
		if (opcode === CLOSE) return this.#takeClose(payload);
		if ((opcode === CONTINUE) !== this.#opcode > 0)
			throw new Violation(opcode === CONTINUE ? "a continuation of nothing" : "a message inside a message");
		if (opcode !== CONTINUE) this.#opcode = opcode;
		this.#parts.push(payload);
		if (!fin) return undefined;
		const whole = Buffer.concat(this.#parts);
		const kind = this.#opcode === TEXT ? "text" : "binary";
		this.#parts = [];
		this.#opcode = 0;
		if (kind === "text") text(whole);
		return { kind, payload: whole };
	}

	#takeClose(payload: Buffer): WireEvent {
		this.#closed = true;
		if (payload.length === 0) return { kind: "close", code: undefined, reason: "" };
		if (payload.length === 1) throw new Violation("a close frame with one byte");
		return { kind: "close", code: payload.readUInt16BE(0), reason: text(payload.subarray(2)) };
	}

	/** Keys have to be unpredictable (§5.3); that they change is what can be seen here. */
	#checkKey(key: number): void {
		this.#sameKeys = key === this.#lastKey ? this.#sameKeys + 1 : 0;
		this.#lastKey = key;
		if (this.#sameKeys === 2) throw new Violation(`the same masking key for three frames: ${key.toString(16)}`);
	}
}

function text(bytes: Buffer): string {
	try {
		return utf8.decode(bytes);
	} catch {
		throw new Violation(`text that is not UTF-8: ${start(bytes)}`);
	}
}

/** The first bytes, to be shown. */
export const start = (bytes: Buffer) => `${bytes.subarray(0, 24).toString("hex")}${bytes.length > 24 ? "…" : ""}`;
