/*
 * Frames to messages (RFC 6455 §5.4, §8.1): which frame may follow which, whether a text is UTF-8, and a slot of their own for
 * control frames, which may stand between the fragments of a message. Every method gives 0 or a fault, and allocates nothing.
 */

import { readUint16 } from "bytes/big-endian";
import type { Prefixes } from "bytes/prefixes";
import { UTF8_ACCEPT, UTF8_REJECT, utf8Check } from "bytes/utf8";
import {
	CLOSE_NO_STATUS,
	FAULT_CLOSE_CODE,
	FAULT_CLOSE_SIZE,
	FAULT_CLOSE_UTF8,
	FAULT_CONTINUATION,
	FAULT_INTERRUPTED,
	FAULT_UTF8,
	isCloseCode,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_TEXT,
} from "websocket/codes";
import { CONTROL_MAX } from "websocket/header";

/** Where the reason begins in the body of a close frame. */
const REASON = 2;

export class Message {
	/** Of the message that is being received: text or binary, or 0 between two messages. */
	opcode = 0;
	/** The payload of the control frame received last. */
	readonly control = new Uint8Array(CONTROL_MAX);
	controlLength = 0;
	readonly #bytes: Uint8Array;
	readonly #words: Int32Array;
	readonly #wordsAt: number;
	#utf8 = UTF8_ACCEPT;

	/** Borrows the buffer that frames arrive in for the life of the connection. */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#wordsAt = -bytes.byteOffset & 3;
		const words = Math.max(0, bytes.length - this.#wordsAt) >> 2;
		this.#words = new Int32Array(bytes.buffer, words ? bytes.byteOffset + this.#wordsAt : 0, words);
	}

	/** A data frame begins. §5.4: fragments of two messages MUST NOT be interleaved. */
	begin(opcode: number): number {
		if (opcode === WEBSOCKET_OPCODE_CONTINUE) return this.opcode ? 0 : FAULT_CONTINUATION;
		if (this.opcode) return FAULT_INTERRUPTED;
		this.opcode = opcode;
		this.#utf8 = UTF8_ACCEPT;
		return 0;
	}

	/** Payload of a data frame arrived; `last` if the message ends with it. Fails at the first byte that cannot be UTF-8. */
	data(start: number, end: number, last: boolean): number {
		if (this.opcode !== WEBSOCKET_OPCODE_DATA_TEXT) return 0;
		this.#utf8 = utf8Check(this.#utf8, this.#bytes, start, end, this.#words, this.#wordsAt);
		if (this.#utf8 === UTF8_REJECT || (last && this.#utf8 !== UTF8_ACCEPT)) return FAULT_UTF8;
		return 0;
	}

	/** A data frame ended. */
	end(fin: boolean): void {
		if (fin) this.opcode = 0;
	}

	/** A control frame begins: its slot is empty. */
	beginControl(): void {
		this.controlLength = 0;
	}

	/** Payload of a control frame arrived: `count` bytes at `start` of the buffer that `prefixes` is about. */
	dataControl(prefixes: Prefixes, start: number, count: number): void {
		if (count === 0) return;
		prefixes.copy(start, count, this.control, this.controlLength);
		this.controlLength += count;
	}

	/** What is wrong with the close frame in the slot (§5.5.1, §7.4). */
	closeFault(): number {
		const length = this.controlLength;
		if (length === 0) return 0;
		if (length < REASON) return FAULT_CLOSE_SIZE;
		if (!isCloseCode(readUint16(this.control, 0))) return FAULT_CLOSE_CODE;
		return utf8Check(UTF8_ACCEPT, this.control, REASON, length) === UTF8_ACCEPT ? 0 : FAULT_CLOSE_UTF8;
	}

	/** The code of the close frame in the slot: CLOSE_NO_STATUS if it has none. */
	closeCode(): number {
		return this.controlLength < REASON ? CLOSE_NO_STATUS : readUint16(this.control, 0);
	}

	/** The reason of the close frame in the slot. Allocates. */
	closeReason(): string {
		const text: number[] = [];
		for (let i = REASON; i < this.controlLength; i++) {
			const byte = this.control[i] as number;
			// XS ends a string at a NUL; it keeps one in two bytes.
			if (byte === 0) text.push(0xc0, 0x80);
			else text.push(byte);
		}
		return String.fromArrayBuffer(Uint8Array.from(text).buffer);
	}
}
