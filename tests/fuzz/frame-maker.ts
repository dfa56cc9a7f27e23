/*
 * Makes what a peer might send: a sequence of frames as they should be, and then, for every other input, mistakes in it. Allocates
 * nothing once it is made: payload comes from pools.
 */
import { copy, maskInto } from "bytes/block";
import type { Xorshift } from "./xorshift";

/** Of the longest input. */
export const INPUT_MAX = 1400;
/** Beyond this no frame is begun. */
const BEGIN_MAX = 600;
const FRAMES_MAX = 5;
const PAYLOAD_MAX = 400;
const POOL = 1024;

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const BIT_FIN = 0x80;
const BIT_MASK = 0x80;

/** Characters of all lengths, and those at the borders of what UTF-8 can say. */
const characters = "a\u007f\u0080é߿ࠀ€퟿豈\uFFFF𐀀😀\u{10ffff}zß本x";
/** Bytes that mean something to somebody. */
const telling = [0x00, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0xfe, 0xff, 0x01, 0x02, 0x09, 0xc2, 0xe0, 0xed, 0xf0, 0xf4];
const closeCodes = [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999, 1004, 1005, 1006, 1015, 999, 2999, 5000, 0, 65535];
const GOOD_CODES = 9;

export class FrameMaker {
	readonly bytes = new Uint8Array(INPUT_MAX + 16);
	length = 0;
	readonly #random: Xorshift;
	readonly #text = new Uint8Array(POOL);
	readonly #binary = new Uint8Array(POOL);
	/** Where frames begin, and how many there are. */
	readonly #starts = new Int32Array(FRAMES_MAX);
	#frames = 0;
	#masked = false;
	/** A message is under way: its opcode, and where in the pool its text goes on. */
	#open = 0;
	#at = 0;

	constructor(random: Xorshift) {
		this.#random = random;
		const piece = new Uint8Array(ArrayBuffer.fromString(characters));
		for (let at = 0; at < POOL; at++) this.#binary[at] = random.below(256);
		// Whole characters only, and a character's beginning behind the last one.
		for (let at = 0; at + piece.length < POOL; at += piece.length) this.#text.set(piece, at);
	}

	/** Makes the next input; `masked` as a client sends it. */
	make(masked: boolean): void {
		const random = this.#random;
		this.#begin(masked);
		const frames = 1 + random.below(FRAMES_MAX);
		while (this.#frames < frames && this.length < BEGIN_MAX) {
			this.#starts[this.#frames++] = this.length;
			const kind = random.below(32);
			if (kind === 0) this.#close();
			else this.#frame(kind);
		}
		if (random.below(2)) return;
		for (let times = 1 + random.below(3); times > 0; times--) this.#spoil();
	}

	/** Makes one that leaves a connection open: whole messages, and no mistakes. */
	makeRight(masked: boolean): void {
		const random = this.#random;
		this.#begin(masked);
		for (let frames = 1 + random.below(FRAMES_MAX); frames > 0 && this.length < BEGIN_MAX; frames--) this.#frame(1 + random.below(31));
		if (this.#open) this.#data(BIT_FIN);
	}

	#begin(masked: boolean): void {
		this.length = this.#frames = this.#open = 0;
		this.#masked = masked;
	}

	#size(): number {
		const random = this.#random;
		const kind = random.below(32);
		if (kind < 27) return random.below(8);
		if (kind < 30) return random.below(40);
		if (kind < 31) return 120 + random.below(12);
		return random.below(random.below(2) ? PAYLOAD_MAX - 8 : 150);
	}

	/** Any but a close frame; `kind` is from 1 to 31. */
	#frame(kind: number): void {
		const random = this.#random;
		if (kind < 6) this.#put(BIT_FIN | PING, this.#binary, random.below(256), this.#controlSize());
		else if (kind < 9) this.#put(BIT_FIN | PONG, this.#binary, random.below(256), this.#controlSize());
		else this.#data(random.below(3) === 0 ? 0 : BIT_FIN);
	}

	#controlSize(): number {
		const size = this.#size();
		return size > 125 ? 125 : size;
	}

	#data(fin: number): void {
		const random = this.#random;
		let opcode = 0;
		if (this.#open === 0) {
			opcode = this.#open = 1 + random.below(2);
			this.#at = this.#boundary(random.below(256));
		}
		let size = this.#size();
		const pool = this.#open === TEXT ? this.#text : this.#binary;
		const at = this.#at;
		if (at + size + 8 > POOL - 64) size = 0;
		if (this.#open === TEXT && fin) size = this.#boundary(at + size) - at;
		this.#put(fin | opcode, pool, at, size);
		this.#at = at + size;
		if (fin) this.#open = 0;
	}

	/** Where the next character of the pool's text begins. */
	#boundary(at: number): number {
		while (((this.#text[at] as number) & 0xc0) === 0x80) at++;
		return at;
	}

	#close(): void {
		const random = this.#random;
		const kind = random.below(4);
		if (kind === 0) {
			this.#put(BIT_FIN | CLOSE, this.#text, 0, random.below(8) === 0 ? 1 : 0);
			return;
		}
		const code = closeCodes[random.below(kind === 1 ? closeCodes.length : GOOD_CODES)] as number;
		const from = this.#boundary(random.below(64));
		const size = this.#boundary(from + random.below(16)) - from;
		const at = this.#header(BIT_FIN | CLOSE, 2 + size);
		const bytes = this.bytes;
		const end = at + 2 + size;
		bytes[at] = code >> 8;
		bytes[at + 1] = code;
		copy(bytes, at + 2, this.#text, from, size);
		if (this.#masked) maskInto(bytes, at, bytes, at, end - at);
		this.length = end;
	}

	#put(first: number, pool: Uint8Array, from: number, size: number): void {
		const at = this.#header(first, size);
		if (size > 0) {
			if (this.#masked) maskInto(this.bytes, at, pool, from, size);
			else copy(this.bytes, at, pool, from, size);
		}
		this.length = at + size;
	}

	/** Writes a header, and returns where the payload goes. */
	#header(first: number, size: number): number {
		const bytes = this.bytes;
		const mask = this.#masked ? BIT_MASK : 0;
		let at = this.length;
		bytes[at++] = first;
		if (size < 126) bytes[at++] = mask | size;
		else {
			bytes[at++] = mask | 126;
			bytes[at++] = size >> 8;
			bytes[at++] = size;
		}
		if (mask) {
			copy(bytes, at, this.#binary, this.#random.below(256), 4);
			at += 4;
		}
		return at;
	}

	/** A place where a mistake counts: in a header, or anywhere. */
	#place(): number {
		const random = this.#random;
		if (random.below(3) === 0) return random.below(this.length);
		const at = (this.#starts[random.below(this.#frames)] as number) + random.below(this.#masked ? 8 : 4);
		return at < this.length ? at : this.length - 1;
	}

	#spoil(): void {
		const random = this.#random;
		const bytes = this.bytes;
		const length = this.length;
		if (length === 0) return;
		const at = this.#place();
		switch (random.below(10)) {
			case 0:
			case 1:
				bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
				break;
			case 2:
			case 3:
				bytes[at] = telling[random.below(telling.length)] as number;
				break;
			case 4:
				this.length = at;
				break;
			case 5: {
				const count = Math.min(1 + random.below(4), length - at);
				copy(bytes, at, bytes, at + count, length - at - count);
				this.length = length - count;
				break;
			}
			case 6: {
				const count = 1 + random.below(4);
				if (length + count > INPUT_MAX) break;
				copy(bytes, at + count, bytes, at, length - at);
				for (let i = 0; i < count; i++) bytes[at + i] = telling[random.below(telling.length)] as number;
				this.length = length + count;
				break;
			}
			case 7: {
				// A part of it comes twice.
				const count = Math.min(random.below(200), length - at, INPUT_MAX - length);
				copy(bytes, at + count, bytes, at, length - at);
				this.length = length + count;
				break;
			}
			case 8: {
				// Two frames change their first bytes.
				const one = this.#starts[random.below(this.#frames)] as number;
				const other = this.#starts[random.below(this.#frames)] as number;
				if (one >= length || other >= length) break;
				const byte = bytes[one] as number;
				bytes[one] = bytes[other] as number;
				bytes[other] = byte;
				break;
			}
			default:
				this.#lengthen(this.#starts[random.below(this.#frames)] as number);
		}
	}

	/** Puts a longer form of the length into a frame: of its own, or any. */
	#lengthen(start: number): void {
		const random = this.#random;
		const bytes = this.bytes;
		const length = this.length;
		const count = random.below(2) ? 2 : 8;
		if (start + 2 > length || length + count > INPUT_MAX) return;
		const second = bytes[start + 1] as number;
		copy(bytes, start + 2 + count, bytes, start + 2, length - start - 2);
		for (let i = 0; i < count; i++) bytes[start + 2 + i] = 0;
		bytes[start + 1] = (second & 0x80) | (count === 2 ? 126 : 127);
		bytes[start + 1 + count] = second & 0x7f;
		const kind = random.below(4);
		if (kind === 1) bytes[start + count] = random.below(3);
		else if (kind === 2) bytes[start + 2 + random.below(count)] = telling[random.below(telling.length)] as number;
		else if (kind === 3) bytes[start + 2 + random.below(count)] = 1 << random.below(8);
		this.length = length + count;
	}
}
