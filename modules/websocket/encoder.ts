/*
 * A message to frames in the transmit buffer: header, masking key, masked payload (RFC 6455 §5.2, §5.3). It holds one frame at a
 * time, until the transport has taken all of it; a payload that is longer than the buffer goes through it piece by piece. The payload
 * lies on a word boundary, where masking is fastest, and the header right before it.
 */
import { writeUint } from "bytes/big-endian";
import { copy, frame, maskInto } from "bytes/block";
import type { Transport } from "transport/transport";
import { BIT_MASK, LENGTH_16, LENGTH_16_MIN, LENGTH_64, LENGTH_64_MIN, MASK_SIZE } from "websocket/header";

/** Where the payload begins, counted from the first whole word: behind the longest header that fits. */
const PAYLOAD = 8;
const PAYLOAD_64 = 16;
const LENGTH_16_SIZE = 2;
const LENGTH_64_SIZE = 8;

/** Equals no handle. */
export const QUICK_NOT = Number.NaN;

/** What a frame takes beside its payload, wherever the buffer begins in memory; the same from 64 KB on. */
const FRAME_EXTRA = 16;
const FRAME_64_EXTRA = 24;

/** Fills a part of a buffer with random bytes. */
export type Random = (bytes: Uint8Array, start: number, end: number) => void;

/** How long a transmit buffer has to be to hold a frame of `length` bytes whole, wherever it begins in memory. */
export function encoderSize(length: number): number {
	return length + (length < LENGTH_64_MIN ? FRAME_EXTRA : FRAME_64_EXTRA);
}

/** A buffer of this length can pass any frame on, if not hold it. */
export const ENCODER_MIN = encoderSize(0) + PAYLOAD_64;

export class Encoder {
	// Those of the short way come first, for the engine looks for a field from the first one on.
	/** The handle whose messages may be put into `short`, and written, past the connection; QUICK_NOT while anything is in their way. */
	quick: number = QUICK_NOT;
	/** The buffer as far as frame() and post() of bytes/block may use it, so that they find room for `capacity` and no more. */
	readonly short: Uint8Array;
	/** Where they put payload. */
	readonly origin: number;
	/** Makes keys; only if frames are masked. */
	readonly random: Random | undefined;
	readonly masked: boolean;
	readonly transport: Transport;
	/** What the transport has not taken yet; both 0 when there is nothing. */
	start = 0;
	end = 0;
	readonly bytes: Uint8Array;
	/** How much payload encode() has room for: what it says to the app, whatever the alignment of its buffer. */
	readonly capacity: number;
	/** Some of the frame is on its way: it has to go on, or the connection fails. */
	partial = false;
	/** The caller's payload, borrowed while some of it has not been in the buffer yet: from `#sourceAt` to `#sourceEnd`. */
	#source: Uint8Array | undefined;
	#sourceAt = 0;
	#sourceEnd = 0;
	/** The key of a frame that goes out in pieces. */
	readonly #key: Uint8Array | undefined;

	/** Borrows `bytes` for the life of the connection: at least ENCODER_MIN. A client is `masked`, a server is not (§5.1). */
	constructor(bytes: Uint8Array, masked: boolean, random: Random, transport: Transport) {
		// On a word boundary.
		this.origin = (-bytes.byteOffset & 3) + PAYLOAD;
		this.bytes = bytes;
		this.masked = masked;
		if (masked) this.random = random;
		this.transport = transport;
		if (masked) this.#key = new Uint8Array(MASK_SIZE);
		this.capacity = Math.min(bytes.length - FRAME_EXTRA, LENGTH_64_MIN - 1);
		this.short = bytes.subarray(0, this.origin + this.capacity);
	}

	/** The bit of a header that says so. */
	private get mask(): number {
		return this.masked ? BIT_MASK : 0;
	}

	/** Holds what the transport, which took `count` or has ended, did not take of a frame that is in `short`. */
	keep(start: number, end: number, count: number): void {
		this.quick = QUICK_NOT;
		this.start = start;
		this.end = end;
		if (count > 0) this.sent(count);
	}

	/**
	 * Makes and holds a frame of the first `length` bytes of `payload`, at most `capacity`, with a fresh key; false, with nothing done, if
	 * that is no payload (its buffer is gone). `first` is FIN and opcode. Only when nothing is held. Allocates nothing.
	 */
	encode(first: number, payload: Uint8Array, length: number): boolean {
		const at = this.origin;
		this.random?.(this.short, at - MASK_SIZE, at);
		const start = frame(this.short, at, (first << 8) | this.mask, payload, length);
		if (start < 0) return false;
		this.quick = QUICK_NOT;
		this.start = start;
		this.end = at + length;
		return true;
	}

	/** Whether a payload of any length fits whole. */
	holds(length: number): boolean {
		return length <= this.capacity || length <= this.bytes.length - FRAME_64_EXTRA;
	}

	/** Makes and holds a frame of any length. What does not fit is borrowed from the caller until `borrowing` is false. */
	stream(first: number, payload: Uint8Array, length: number): void {
		const at = this.origin + PAYLOAD_64 - PAYLOAD;
		// Whole words, so that the next piece begins where the key does.
		const count = Math.min(length, (this.bytes.length - at) & ~3);
		const key = this.#key;
		if (key) {
			this.random?.(this.bytes, at - MASK_SIZE, at);
			copy(key, 0, this.bytes, at - MASK_SIZE, MASK_SIZE);
		}
		this.fill(at, payload, 0, count);
		this.quick = QUICK_NOT;
		this.start = this.header(key ? at - MASK_SIZE : at, first, length);
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
		this.quick = QUICK_NOT;
		this.start = 0;
		this.end = length;
	}

	/** The transport took `count` bytes. */
	sent(count: number): void {
		this.start += count;
		if (this.start < this.end) {
			this.partial = true;
			return;
		}
		if (this.#source !== undefined) this.next(this.#source);
		else {
			this.start = this.end = 0;
			this.partial = false;
		}
	}

	/** The next piece of a payload that is longer than the buffer. */
	private next(source: Uint8Array): void {
		const at = this.origin + PAYLOAD_64 - PAYLOAD;
		const from = this.#sourceAt;
		const count = Math.min(this.#sourceEnd - from, (this.bytes.length - at) & ~3);
		if (this.#key) copy(this.bytes, at - MASK_SIZE, this.#key, 0, MASK_SIZE);
		this.fill(at, source, from, count);
		this.start = at;
		this.end = at + count;
		this.partial = true;
		this.#sourceAt = from + count;
		if (this.#sourceAt === this.#sourceEnd) this.#source = undefined;
	}

	/** Puts payload at `at`, behind the key if there is one. */
	private fill(at: number, payload: Uint8Array, from: number, count: number): void {
		if (this.masked) maskInto(this.bytes, at, payload, from, count);
		else copy(this.bytes, at, payload, from, count);
	}

	/** Writes the header that ends at `end`, but for the key, and returns where it begins. */
	private header(end: number, first: number, length: number): number {
		const bytes = this.bytes;
		const size = length < LENGTH_16_MIN ? 0 : length < LENGTH_64_MIN ? LENGTH_16_SIZE : LENGTH_64_SIZE;
		const start = end - size - 2;
		bytes[start] = first;
		bytes[start + 1] = this.mask | (size === 0 ? length : size === LENGTH_16_SIZE ? LENGTH_16 : LENGTH_64);
		writeUint(bytes, start + 2, length, size);
		return start;
	}
}
