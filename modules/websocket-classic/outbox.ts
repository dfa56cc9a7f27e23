/*
 * Messages that were written and are not with the peer: what the socket takes at once goes at once; the rest is copied, and waits. The SDK's
 * class throws there.
 */
import { copy, text, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import { EAGAIN, SYS_FOREVER_MS, WEBSOCKET_OPCODE_DATA_BINARY, WEBSOCKET_OPCODE_DATA_TEXT, websocketSendMsg } from "websocket";

/** Where a string, or an ArrayBuffer of the app, goes over, for the door takes Uint8Arrays, and a view would be garbage. One for all. */
export const SCRATCH_SIZE = 512;
const shared: { bytes: Uint8Array | undefined } = { bytes: undefined };

export function scratch(): Uint8Array {
	shared.bytes ??= new Uint8Array(SCRATCH_SIZE);
	return shared.bytes;
}

interface Waiting {
	readonly bytes: Uint8Array;
	readonly opcode: number;
}

export type Message = string | ArrayBuffer | ArrayBufferView;

/** A frame's header and key. */
const FRAME_EXTRA = 14;

export class Outbox {
	readonly #bytes = scratch();
	/** Of a client: what goes is masked. */
	readonly #masks: boolean;
	/** How much may wait. */
	readonly #limit: number;
	/** A frame whose payload is longer than that is borrowed until it is out. */
	readonly #piece: number;
	readonly #queue: Waiting[] = [];
	#length = 0;

	constructor(masks: boolean, limit: number, piece: number) {
		this.#masks = masks;
		this.#limit = limit;
		this.#piece = piece;
	}

	/** Nothing waits here. */
	get empty(): boolean {
		return this.#queue.length === 0;
	}

	/**
	 * Sends a message, or keeps a copy of it to be sent by flush(). `room`: how much the socket takes now. A string or ArrayBuffer of up to
	 * 512 bytes that goes at once allocates nothing. Throws an Error, and takes nothing, if too much waits already.
	 */
	write(ws: number, message: Message, room: number): void {
		const opcode = typeof message === "object" ? WEBSOCKET_OPCODE_DATA_BINARY : WEBSOCKET_OPCODE_DATA_TEXT;
		if (this.empty) {
			const length = this.short(message);
			if (length >= 0) {
				const result = this.send(ws, this.#bytes, length, opcode);
				if (result !== -EAGAIN) return;
				this.keep(this.#bytes.slice(0, length), opcode);
				this.flush(ws);
				return;
			}
		}
		const bytes = bytesOf(message);
		// The bytes of a string are nobody else's.
		const own = typeof message !== "object";
		if (this.empty && (own || bytes.length <= this.#piece || bytes.length + FRAME_EXTRA <= room)) {
			if (this.send(ws, bytes, bytes.length, opcode) !== -EAGAIN) return;
		}
		this.keep(own ? bytes : bytes.slice(), opcode);
		this.flush(ws);
	}

	/** Sends what waits, as far as there is room. */
	flush(ws: number): void {
		const queue = this.#queue;
		for (let first = queue[0]; first; first = queue[0]) {
			const { bytes, opcode } = first;
			if (this.send(ws, bytes, bytes.length, opcode) === -EAGAIN) return;
			queue.shift();
			this.#length -= bytes.length;
		}
	}

	/** Nothing more is sent. */
	clear(): void {
		this.#queue.length = 0;
		this.#length = 0;
	}

	/** Puts a message that is not longer than the scratch into it, and gives its length; or -1. */
	private short(message: Message): number {
		// text() gives -1 for what is no string.
		if (typeof message !== "object") return text(this.#bytes, 0, message);
		if (!(message instanceof ArrayBuffer)) return -1;
		const { byteLength } = message;
		if (byteLength > SCRATCH_SIZE || byteLength > this.#piece) return -1;
		copy(this.#bytes, 0, message, 0, byteLength);
		return byteLength;
	}

	private send(ws: number, bytes: Uint8Array, length: number, opcode: number): number {
		// The scratch is nobody's to keep.
		if (bytes === this.#bytes && length > this.#piece) return -EAGAIN;
		return websocketSendMsg(ws, bytes, length, opcode, this.#masks, true, length > this.#piece ? SYS_FOREVER_MS : 0);
	}

	private keep(bytes: Uint8Array, opcode: number): void {
		if (!this.empty && this.#length + bytes.length > this.#limit) throw new Error("too much waits for the peer");
		this.#queue.push({ bytes, opcode });
		this.#length += bytes.length;
	}
}

function bytesOf(message: Message): Uint8Array {
	if (typeof message === "object") {
		if (message instanceof ArrayBuffer) return new Uint8Array(message);
		if (ArrayBuffer.isView(message)) return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
		throw new TypeError("message: a string or an ArrayBuffer");
	}
	const string = typeof message === "string" ? message : String(message);
	const bytes = new Uint8Array(ArrayBuffer.fromString(string));
	return utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length) === UTF8_ACCEPT ? bytes : encode(string);
}

const LOW = 0xdc00;
const REPLACEMENT = 0xfffd;

/** UTF-8 of a string with a NUL or half of a surrogate pair in it, which XS writes as it keeps them: a half becomes U+FFFD. */
function encode(string: string): Uint8Array {
	const bytes: number[] = [];
	for (let i = 0; i < string.length; i++) {
		let code = string.codePointAt(i) as number;
		if (code >= 0x10000) i++;
		else if (code >= 0xd800 && code < LOW + 0x400) code = REPLACEMENT;
		if (code < 0x80) bytes.push(code);
		else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
		else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
		else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
	}
	return Uint8Array.from(bytes);
}
