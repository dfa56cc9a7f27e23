/*
 * Reads what we sent as a strict peer does: any frame that is not exactly as it should be is a problem. Payload of data frames has to be
 * that of the app's sends, in their order.
 */

import { utf8Check } from "bytes/block";
import { isCloseCode } from "websocket/codes";

export class Wire {
	/** What was wrong, or "". */
	problem = "";
	/** Data frames that were whole, control frames of the app likewise. */
	data = 0;
	pings = 0;
	closed = false;
	readonly bytes: number[] = [];
	/** What the app sent and was accepted, first byte and length in turn; payload is pattern() from its number on. */
	readonly accepted: number[] = [];
	readonly #masked: boolean;
	#at = 0;

	constructor(masked: boolean) {
		this.#masked = masked;
	}

	/** Reads the frames that are whole. Returns how many bytes are left of one that is not. */
	read(): number {
		while (!this.problem && this.#frame());
		return this.bytes.length - this.#at;
	}

	#frame(): boolean {
		const { bytes } = this;
		let at = this.#at;
		const left = bytes.length - at;
		if (left < 2) return left > 0 && this.closed ? this.#wrong("bytes behind the close frame") : false;
		if (this.closed) return this.#wrong("a frame behind the close frame");
		const first = bytes[at++] as number;
		const second = bytes[at++] as number;
		const opcode = first & 15;
		if (first & 0x70 || (opcode > 2 && opcode < 8) || opcode > 10) return this.#wrong(`first byte ${first}`);
		if (second >= 0x80 !== this.#masked) return this.#wrong("the mask's bit");
		let length = second & 127;
		if (opcode >= 8 && (length > 125 || first < 0x80)) return this.#wrong("a control frame that is long or in pieces");
		const size = length === 127 ? 8 : length === 126 ? 2 : 0;
		if (left < 2 + size + (this.#masked ? 4 : 0)) return false;
		if (size > 0) {
			length = 0;
			for (let i = 0; i < size; i++) length = length * 256 + (bytes[at++] as number);
			if (length < (size === 2 ? 126 : 65536)) return this.#wrong("a length that is not minimal");
		}
		const key = at;
		if (this.#masked) at += 4;
		if (bytes.length < at + length) return false;
		this.#at = at + length;
		if (this.#masked) for (let i = 0; i < length; i++) bytes[at + i] = (bytes[at + i] as number) ^ (bytes[key + (i & 3)] as number);
		if (opcode < 8) return this.#data(first, at, length);
		if (opcode === 8) return this.#close(at, length);
		if (opcode === 9) this.pings++;
		return true;
	}

	#data(first: number, at: number, length: number): boolean {
		const number = this.data++;
		if (this.accepted[number * 2] !== first || this.accepted[number * 2 + 1] !== length)
			return this.#wrong(`data frame ${number} is ${first} of ${length}`);
		for (let i = 0; i < length; i++) if (this.bytes[at + i] !== pattern(number, i)) return this.#wrong(`data frame ${number}, byte ${i}`);
		return true;
	}

	#close(at: number, length: number): boolean {
		this.closed = true;
		if (length === 0) return true;
		const body = Uint8Array.from(this.bytes.slice(at, at + length));
		if (length < 2 || !isCloseCode((body[0] as number) * 256 + (body[1] as number))) return this.#wrong("the code of the close frame");
		return utf8Check(0, body, 2, length) === 0 || this.#wrong("the reason of the close frame");
	}

	#wrong(text: string): boolean {
		this.problem = text;
		return false;
	}
}

/** Byte `i` of the data frame with this number. */
export const pattern = (number: number, i: number) => (number * 31 + i * 7) & 0x7f;
