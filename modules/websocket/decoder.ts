/*
 * Bytes to frame headers and payload spans (RFC 6455 §5.2). One object with integer fields for the life of a connection; it
 * keeps the bytes of a header that came in pieces as numbers, so that what it was given is spent. It never copies a payload.
 */
import { FAULT_LENGTH_RANGE, FAULT_LENGTH_SIGN } from "websocket/codes";
import { BIT_FIN, BITS_LENGTH, BITS_OPCODE, firstFault, LENGTH_16, LENGTH_64, lengthFault, secondFault } from "websocket/header";

/** The first byte of a header comes next. */
const FIRST = 0;
const SECOND = 1;
/** A byte of the extended length comes next. */
const LENGTH = 2;
/** The header is complete; its payload comes next, if there is one. */
const PAYLOAD = 3;
const FAILED = 4;

export class Decoder {
	/** Of the frame whose header is complete. */
	fin = false;
	opcode = 0;
	/** Bytes of its payload that were not consumed yet: up to 2^53 - 1. */
	remaining = 0;
	/** 0, or the fault that ended all decoding. */
	fault = 0;
	#state = FIRST;
	/** Bytes of the extended length: 2 or 8, and how many of them are missing. */
	#size = 0;
	#missing = 0;

	/** Whether a header is complete, so that `remaining` bytes of payload come next: consume() them, also when there are 0. */
	get complete(): boolean {
		return this.#state === PAYLOAD;
	}

	/**
	 * Reads a header from `bytes`, between `start` and `end`, and returns where it stopped: behind the header if it is
	 * complete, else at `end`. With a fault it stays where it is, and so does every later call.
	 */
	header(bytes: Uint8Array, start: number, end: number): number {
		let at = start;
		while (at < end && this.#state < PAYLOAD) {
			const byte = bytes[at] as number;
			if (this.#state === FIRST) this.#first(byte);
			else if (this.#state === SECOND) this.#second(byte);
			else this.#length(byte);
			if (this.#state === FAILED) return at;
			at++;
		}
		return at;
	}

	/** `count` bytes of payload, at most `remaining`, are spent. After the last one a new header comes. */
	consume(count: number): void {
		this.remaining -= count;
		if (this.remaining === 0) this.#state = FIRST;
	}

	/** Ends all decoding, for what the frames say together is wrong. */
	fail(fault: number): void {
		this.fault = fault;
		this.#state = FAILED;
	}

	#first(byte: number): void {
		const fault = firstFault(byte);
		if (fault) {
			this.fail(fault);
			return;
		}
		this.fin = (byte & BIT_FIN) !== 0;
		this.opcode = byte & BITS_OPCODE;
		this.#state = SECOND;
	}

	#second(byte: number): void {
		const fault = secondFault(this.opcode, byte);
		if (fault) {
			this.fail(fault);
			return;
		}
		const length = byte & BITS_LENGTH;
		if (length < LENGTH_16) {
			this.remaining = length;
			this.#state = PAYLOAD;
			return;
		}
		this.remaining = 0;
		this.#size = this.#missing = length === LENGTH_64 ? 8 : 2;
		this.#state = LENGTH;
	}

	#length(byte: number): void {
		if (this.#size === 8) {
			// §5.2: "the most significant bit MUST be 0". A number holds 53 bits, so the first eleven have to be 0 for us.
			if (this.#missing === 8 && byte > 0x7f) {
				this.fail(FAULT_LENGTH_SIGN);
				return;
			}
			if ((this.#missing === 8 && byte > 0) || (this.#missing === 7 && byte > 0x1f)) {
				this.fail(FAULT_LENGTH_RANGE);
				return;
			}
		}
		this.remaining = this.remaining * 256 + byte;
		if (--this.#missing > 0) return;
		const fault = lengthFault(this.remaining, this.#size);
		if (fault) {
			this.fail(fault);
			return;
		}
		this.#state = PAYLOAD;
	}
}
