/*
 * A message to frames in the transmit buffer: header, masking key, masked payload (RFC 6455 §5.2, §5.3). It holds one frame at a
 * time, until the transport has taken all of it; a payload that is longer than the buffer goes through it piece by piece. The payload
 * lies on a word boundary, where masking is fastest, and the header right before it.
 */
import { writeUint } from "bytes/big-endian";
import { copy, maskInto } from "bytes/block";
import { BIT_MASK, LENGTH_16, LENGTH_16_MIN, LENGTH_64, LENGTH_64_MIN, MASK_SIZE } from "websocket/header";

/** Where the payload begins, counted from the first whole word: behind the longest header that fits. */
const PAYLOAD = 8;
const PAYLOAD_64 = 16;
const LENGTH_16_SIZE = 2;
const LENGTH_64_SIZE = 8;

/** Fills a part of a buffer with random bytes. */
export type Random = (bytes: Uint8Array, start: number, end: number) => void;

/** How long a transmit buffer has to be to hold a frame of `length` bytes whole, wherever it begins in memory. */
export function encoderSize(length: number): number {
	return ((length + 3) & ~3) + (length < LENGTH_64_MIN ? PAYLOAD : PAYLOAD_64) + 3;
}

/** A buffer of this length can pass any frame on, if not hold it. */
export const ENCODER_MIN = encoderSize(0) + PAYLOAD_64;

export class Encoder {
	/** What the transport has not taken yet; both 0 when there is nothing. */
	start = 0;
	end = 0;
	readonly bytes: Uint8Array;
	/** Where encode() puts payload, and how much of it there is room for. */
	readonly origin: number;
	readonly capacity: number;
	/** Some of the frame is on its way: it has to go on, or the connection fails. */
	partial = false;
	/** The caller's payload, borrowed while some of it has not been in the buffer yet: from `#sourceAt` to `#sourceEnd`. */
	#source: Uint8Array | undefined;
	#sourceAt = 0;
	#sourceEnd = 0;
	/** The first whole word of the buffer. */
	readonly #base: number;
	/** BIT_MASK or 0. */
	readonly #mask: number;
	readonly #masked: boolean;
	readonly #random: Random;
	/** The key of a frame that goes out in pieces. */
	readonly #key: Uint8Array | undefined;

	/** Borrows `bytes` for the life of the connection: at least ENCODER_MIN. A client is `masked`, a server is not (§5.1). */
	constructor(bytes: Uint8Array, masked: boolean, random: Random) {
		this.bytes = bytes;
		this.#base = -bytes.byteOffset & 3;
		this.#masked = masked;
		this.#mask = masked ? BIT_MASK : 0;
		this.#random = random;
		if (masked) this.#key = new Uint8Array(MASK_SIZE);
		this.origin = this.#base + PAYLOAD;
		this.capacity = Math.min((bytes.length - this.origin) & ~3, LENGTH_64_MIN - 1);
	}

	/**
	 * Makes a frame of the first `length` bytes of `payload`, at most `capacity`, with a fresh key (§5.3: it MUST be unpredictable), and
	 * returns where it begins; it ends at `origin` + length. It is lost with the next one, unless hold() keeps it. `first` is FIN and
	 * opcode. Only when nothing is held. Throws, and is as before, if `payload` is no buffer of `length` bytes. Allocates nothing.
	 */
	encode(first: number, payload: Uint8Array, length: number): number {
		const bytes = this.bytes;
		const at = this.origin;
		let start = at - 2;
		if (this.#masked) {
			start = at - MASK_SIZE - 2;
			this.#random(bytes, at - MASK_SIZE, at);
			maskInto(bytes, at, payload, 0, length);
		} else copy(bytes, at, payload, 0, length);
		if (length < LENGTH_16_MIN) {
			bytes[start] = first;
			bytes[start + 1] = this.#mask | length;
			return start;
		}
		start -= LENGTH_16_SIZE;
		bytes[start] = first;
		bytes[start + 1] = this.#mask | LENGTH_16;
		bytes[start + 2] = length >> 8;
		bytes[start + 3] = length;
		return start;
	}

	/** Keeps what encode() made, from `start` on, for the transport has not taken it yet. */
	hold(start: number, length: number): void {
		this.start = start;
		this.end = this.origin + length;
	}

	/** Whether a payload of any length fits whole. */
	holds(length: number): boolean {
		return length <= this.capacity || length <= this.bytes.length - this.#base - PAYLOAD_64;
	}

	/** Makes and holds a frame of any length. What does not fit is borrowed from the caller until `borrowing` is false. */
	stream(first: number, payload: Uint8Array, length: number): void {
		const at = this.#base + PAYLOAD_64;
		// Whole words, so that the next piece begins where the key does.
		const count = Math.min(length, (this.bytes.length - at) & ~3);
		const key = this.#key;
		if (key) {
			this.#random(this.bytes, at - MASK_SIZE, at);
			copy(key, 0, this.bytes, at - MASK_SIZE, MASK_SIZE);
		}
		this.#fill(at, payload, 0, count);
		this.start = this.#header(key ? at - MASK_SIZE : at, first, length);
		this.end = at + count;
		if (count === length) return;
		this.#source = payload;
		this.#sourceAt = count;
		this.#sourceEnd = length;
	}

	/** Whether stream() still needs its payload. */
	get borrowing(): boolean {
		return this.#source !== undefined;
	}

	/** Lets go of the payload: nothing more goes out. */
	release(): void {
		this.#source = undefined;
	}

	/** Takes bytes that are no frame, the first `length` of the buffer: the handshake's. */
	raw(length: number): void {
		this.start = 0;
		this.end = length;
	}

	/** The transport took `count` bytes. The rest moves to the same place, for which the transport has views. */
	sent(count: number): void {
		const start = this.start;
		const rest = this.end - start - count;
		if (rest > 0) {
			copy(this.bytes, start, this.bytes, start + count, rest);
			this.end = start + rest;
			this.partial = true;
			return;
		}
		if (this.#source !== undefined) this.#next(this.#source);
		else {
			this.start = this.end = 0;
			this.partial = false;
		}
	}

	/** The next piece of a payload that is longer than the buffer. */
	#next(source: Uint8Array): void {
		const at = this.#base + PAYLOAD_64;
		const from = this.#sourceAt;
		const count = Math.min(this.#sourceEnd - from, (this.bytes.length - at) & ~3);
		if (this.#key) copy(this.bytes, at - MASK_SIZE, this.#key, 0, MASK_SIZE);
		this.#fill(at, source, from, count);
		this.start = at;
		this.end = at + count;
		this.partial = true;
		this.#sourceAt = from + count;
		if (this.#sourceAt === this.#sourceEnd) this.#source = undefined;
	}

	/** Puts payload at `at`, behind the key if there is one. */
	#fill(at: number, payload: Uint8Array, from: number, count: number): void {
		if (this.#masked) maskInto(this.bytes, at, payload, from, count);
		else copy(this.bytes, at, payload, from, count);
	}

	/** Writes the header that ends at `end`, but for the key, and returns where it begins. */
	#header(end: number, first: number, length: number): number {
		const bytes = this.bytes;
		const size = length < LENGTH_16_MIN ? 0 : length < LENGTH_64_MIN ? LENGTH_16_SIZE : LENGTH_64_SIZE;
		const start = end - size - 2;
		bytes[start] = first;
		bytes[start + 1] = this.#mask | (size === 0 ? length : size === LENGTH_16_SIZE ? LENGTH_16 : LENGTH_64);
		writeUint(bytes, start + 2, length, size);
		return start;
	}
}
