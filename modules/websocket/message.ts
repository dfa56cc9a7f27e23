/*
 * Frames to messages (RFC 6455 §5.4, §8.1): which frame may follow which, how long a message may be, and whether a text is UTF-8.
 * Every method gives 0 or a fault, and allocates nothing.
 */
import { utf8Check } from "bytes/block";
import { UTF8_ACCEPT, UTF8_REJECT } from "bytes/utf8";
import {
	FAULT_CONTINUATION,
	FAULT_INTERRUPTED,
	FAULT_MESSAGE_SIZE,
	FAULT_UTF8,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_TEXT,
} from "websocket/codes";

export class Message {
	/** The frames of the message that is being received hold text. */
	text = false;
	/** More frames of it will come. */
	#open = false;
	#utf8 = UTF8_ACCEPT;
	/** Bytes in its frames so far, and how many there may be; 0 is no limit. */
	#size = 0;
	readonly #maximum: number;

	constructor(maximum: number) {
		this.#maximum = maximum;
	}

	/** Nothing can be wrong with a message in one frame: no other one is open, and it may be of any length. */
	get plain(): boolean {
		return !this.#open && this.#maximum === 0;
	}

	/** A data frame of `length` bytes begins. §5.4: fragments of two messages MUST NOT be interleaved. */
	begin(opcode: number, fin: boolean, length: number): number {
		if (opcode === WEBSOCKET_OPCODE_CONTINUE) {
			if (!this.#open) return FAULT_CONTINUATION;
			if (this.#maximum > 0) length += this.#size;
		} else {
			if (this.#open) return FAULT_INTERRUPTED;
			this.text = opcode === WEBSOCKET_OPCODE_DATA_TEXT;
			if (this.text) this.#utf8 = UTF8_ACCEPT;
		}
		if (this.#maximum > 0) {
			if (length > this.#maximum) return FAULT_MESSAGE_SIZE;
			this.#size = length;
		}
		this.#open = !fin;
		return 0;
	}

	/** Payload of a text arrived; `last` if the message ends with it. Fails at the first byte that cannot be UTF-8. */
	check(bytes: Uint8Array, start: number, end: number, last: boolean): number {
		const state = start === end ? this.#utf8 : utf8Check(this.#utf8, bytes, start, end);
		this.#utf8 = state;
		return state === UTF8_REJECT || (last && state !== UTF8_ACCEPT) ? FAULT_UTF8 : 0;
	}
}
