/*
 * Bytes to frame headers (RFC 6455 §5.2). One object with integer fields for the life of a connection. A header that is whole in
 * the buffer is read where it lies; one that came in pieces is put together here. Payload is never copied.
 */
import { copy } from "bytes/block";
import { FAULT_LENGTH_FORM, FAULT_LENGTH_RANGE, FAULT_LENGTH_SIGN } from "websocket/codes";
import {
	BIT_FIN,
	BIT_MASK,
	BITS_LENGTH,
	BITS_OPCODE,
	BITS_RSV,
	CONTROL_MAX,
	firstFault,
	HEADER_MAX,
	LENGTH_16,
	LENGTH_16_MIN,
	LENGTH_64_MIN,
	MASK_SIZE,
	secondFault,
} from "websocket/header";

/** Above these bits of a 64-bit length's second byte a number would lose precision: 2^53 - 1 is the last safe one. */
const SAFE_BITS = 0x1f;
const LENGTH_64_SIZE = 8;

export class Decoder {
	/** Of the frame whose header was read last. */
	opcode = 0;
	fin = false;
	/** Bytes of its payload, up to 2^53 - 1. */
	length = 0;
	/** Its masking key; only if frames have one. */
	readonly key = new Uint8Array(MASK_SIZE);
	/** BIT_MASK if frames have to be masked, for they come from a client, otherwise 0. */
	readonly #mask: number;
	/** The header that is not whole yet. */
	readonly #piece = new Uint8Array(HEADER_MAX);
	#kept = 0;

	constructor(masked: boolean) {
		this.#mask = masked ? BIT_MASK : 0;
	}

	/**
	 * Reads a header from `bytes`, between `start` and `end`. Returns how many of these bytes belong to it when it is whole, 0 if all of
	 * them do and more have to come, or a fault, as soon as the bytes that are there show it. Allocates nothing.
	 */
	header(bytes: Uint8Array, start: number, end: number): number {
		if (this.#kept > 0) return this.continue(bytes, start, end);
		const first = bytes[start] as number;
		const opcode = first & BITS_OPCODE;
		// Nothing can be wrong with a data frame without reserved bits, and that is what nearly all frames are.
		if ((first & BITS_RSV) !== 0 || opcode > 2) {
			const fault = firstFault(first);
			if (fault) return fault;
		}
		if (end - start < 2) return this.keep(bytes, start, end);
		const second = bytes[start + 1] as number;
		const mask = this.#mask;
		let length = second & BITS_LENGTH;
		if ((second & BIT_MASK) !== mask || (opcode > 2 && length > CONTROL_MAX)) return secondFault(opcode, second, mask);
		let at = start + 2;
		if (length >= LENGTH_16) {
			if (length === LENGTH_16) {
				if (end - at < 2) return this.keep(bytes, start, end);
				length = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
				if (length < LENGTH_16_MIN) return FAULT_LENGTH_FORM;
				at += 2;
			} else {
				length = length64(bytes, at, end);
				if (length < 0) return length;
				if (end - at < LENGTH_64_SIZE) return this.keep(bytes, start, end);
				if (length < LENGTH_64_MIN) return FAULT_LENGTH_FORM;
				at += LENGTH_64_SIZE;
			}
		}
		if (mask !== 0) {
			if (end - at < MASK_SIZE) return this.keep(bytes, start, end);
			copy(this.key, 0, bytes, at, MASK_SIZE);
			at += MASK_SIZE;
		}
		this.opcode = opcode;
		this.fin = (first & BIT_FIN) !== 0;
		this.length = length;
		return at - start;
	}

	/** Not whole: keeps what is there. */
	private keep(bytes: Uint8Array, start: number, end: number): number {
		const count = end - start;
		copy(this.#piece, 0, bytes, start, count);
		this.#kept = count;
		return 0;
	}

	/** As header(), behind what was kept: a byte at a time, so that nothing behind the header is taken. */
	private continue(bytes: Uint8Array, start: number, end: number): number {
		const piece = this.#piece;
		for (let at = start; at < end; at++) {
			const kept = this.#kept;
			piece[kept] = bytes[at] as number;
			this.#kept = 0;
			const size = this.header(piece, 0, kept + 1);
			if (size !== 0) return size < 0 ? size : at + 1 - start;
		}
		return 0;
	}
}

/** The 64-bit length at `at`, as far as it is there, or the fault that its first bytes show. Not shifted: that would cut it to 32 bits. */
function length64(bytes: Uint8Array, at: number, end: number): number {
	const last = Math.min(at + LENGTH_64_SIZE, end);
	let length = 0;
	for (let i = at; i < last; i++) {
		const byte = bytes[i] as number;
		if (i === at && byte > 0x7f) return FAULT_LENGTH_SIGN;
		if ((i === at && byte > 0) || (i === at + 1 && byte > SAFE_BITS)) return FAULT_LENGTH_RANGE;
		length = length * 256 + byte;
	}
	return length;
}
