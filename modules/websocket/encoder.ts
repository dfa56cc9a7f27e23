/*
 * A message to a frame in the transmit buffer: header, masking key, masked payload (RFC 6455 §5.2, §5.3). It holds one frame at a
 * time, until the transport has taken all of it. The payload lies on a word boundary, where masking is fastest, and the header
 * right before it.
 */
import { writeUint } from "bytes/big-endian";
import { BIT_FIN, BIT_MASK, LENGTH_16, LENGTH_64, lengthSize, MASK_SIZE } from "websocket/header";
import { maskInto } from "websocket/mask";

/** Where the payload begins, counted from the first whole word: behind the longest header that fits. */
const PAYLOAD = 8;
const PAYLOAD_64 = 16;

/** Fills a part of a buffer with random bytes. */
export type Random = (bytes: Uint8Array, start: number, end: number) => void;

/** How long a transmit buffer has to be for a payload of `length` bytes, wherever it begins in memory. */
export function encoderSize(length: number): number {
	return ((length + 3) & ~3) + (length < 0x10000 ? PAYLOAD : PAYLOAD_64) + 3;
}

export class Encoder {
	readonly bytes: Uint8Array;
	/** Of the longest payload. */
	readonly capacity: number;
	/** What the transport has not taken yet. */
	start = 0;
	end = 0;
	/** Some of the frame is on its way: it has to go on, or the connection fails. */
	partial = false;
	readonly #random: Random;
	readonly #base: number;
	readonly #words: Int32Array;
	readonly #payload: Uint8Array;
	/** The same for payloads whose header has a 64-bit length, if there is room for one. */
	readonly #payload64: Uint8Array | undefined;
	readonly #key = new Int32Array(1);
	readonly #keyBytes = new Uint8Array(this.#key.buffer);

	/** Borrows `bytes` for the life of the connection: at least encoderSize(0). Makes five views. */
	constructor(bytes: Uint8Array, random: Random) {
		const { buffer, byteOffset, length } = bytes;
		this.bytes = bytes;
		this.#random = random;
		this.#base = -byteOffset & 3;
		const room = (length - this.#base) & ~3;
		this.#words = new Int32Array(buffer, byteOffset + this.#base, room >> 2);
		this.#payload = new Uint8Array(buffer, byteOffset + this.#base + PAYLOAD, room - PAYLOAD);
		if (room - PAYLOAD_64 > 0xffff) this.#payload64 = new Uint8Array(buffer, byteOffset + this.#base + PAYLOAD_64, room - PAYLOAD_64);
		this.capacity = this.#payload64 ? room - PAYLOAD_64 : Math.min(room - PAYLOAD, 0xffff);
	}

	get empty(): boolean {
		return this.start === this.end;
	}

	/**
	 * Makes a frame of the first `length` bytes of `payload`, at most `capacity`, with a fresh key (§5.3: it MUST be
	 * unpredictable). Only when empty. Allocates nothing.
	 */
	encode(opcode: number, fin: boolean, payload: Uint8Array, length: number): void {
		const bytes = this.bytes;
		const size = lengthSize(length);
		const offset = size === 8 ? PAYLOAD_64 : PAYLOAD;
		this.#random(this.#keyBytes, 0, MASK_SIZE);
		const target = size === 8 ? (this.#payload64 as Uint8Array) : this.#payload;
		maskInto(target, this.#words, offset >> 2, payload, length, this.#key[0] as number);
		this.start = this.#base + offset - MASK_SIZE - size - 2;
		this.end = this.#base + offset + length;
		let at = this.start;
		bytes[at++] = (fin ? BIT_FIN : 0) | opcode;
		bytes[at++] = BIT_MASK | (size === 0 ? length : size === 2 ? LENGTH_16 : LENGTH_64);
		at = writeUint(bytes, at, length, size);
		bytes[at] = this.#keyBytes[0] as number;
		bytes[at + 1] = this.#keyBytes[1] as number;
		bytes[at + 2] = this.#keyBytes[2] as number;
		bytes[at + 3] = this.#keyBytes[3] as number;
	}

	/** Takes bytes that are no frame, the first `length` of the buffer: the request of the handshake. */
	raw(length: number): void {
		this.start = 0;
		this.end = length;
	}

	/** The transport took `count` bytes. The rest moves to the same place, for which the transport has views. */
	sent(count: number): void {
		const start = this.start;
		const end = this.end;
		if (start + count === end) {
			this.start = this.end = 0;
			this.partial = false;
			return;
		}
		this.bytes.copyWithin(start, start + count, end);
		this.end = end - count;
		this.partial = true;
	}
}
