/*
 * Makes what a server might send: packets as they should be, and then, for every other input, mistakes in them. Allocates nothing once it
 * is made: text comes from a pool.
 */
import { copy } from "bytes/block";
import { writeVariable } from "bytes/variable-integer";
import { kinds, least, most, places, stands } from "./mqtt-model";
import type { Xorshift } from "./xorshift";

/** Of the longest input. */
export const INPUT_MAX = 1600;
/** Beyond this no packet is begun. */
const BEGIN_MAX = 500;
const PACKETS_MAX = 5;
const POOL = 1024;

/** Characters of all lengths, and those at the borders of what UTF-8 can say; none that a topic cannot have. */
const characters = "a/\u007f\u0080é߿ࠀ€퟿豈\uFFFF𐀀😀\u{10ffff}zß本\u0001x$";
/** Bytes that mean something to somebody. */
const telling = [
	...[0x00, 0x01, 0x02, 0x03, 0x0b, 0x11, 0x1f, 0x23, 0x26, 0x2b, 0x7f, 0x80, 0x81, 0xff, 0xc0, 0xed, 0xf4],
	...[0x20, 0x30, 0x31, 0x32, 0x34, 0x36, 0x38, 0x3a, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0, 0xf0, 0x08, 0x18, 0x92, 0x10],
];
const types311 = [2, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 9, 11, 13];
const types5 = [2, 3, 3, 3, 3, 3, 3, 3, 4, 5, 6, 7, 9, 11, 13, 14, 15];
const codes311 = [0, 1, 2, 0x80];
/** Of 5.0, by type: some that are right. */
const codes5 = [
	[],
	[],
	[0, 0x80, 0x87, 0x9f],
	[],
	[0, 0x10, 0x99],
	[0, 0x10, 0x80],
	[0, 0x92],
	[0, 0x92],
	[],
	[0, 1, 2, 0x80, 0xa2],
	[],
	[0, 0x11, 0x91],
	[],
	[],
	[0, 0x8b, 0x8e, 0xa0],
	[0, 0x18],
];
const ids = kinds.map((_, id) => id).filter((id) => (places[id] as string) !== "" && places[id] !== "-");

export class MqttMaker {
	readonly bytes = new Uint8Array(INPUT_MAX + 16);
	length = 0;
	readonly #random: Xorshift;
	readonly #text = new Uint8Array(POOL);
	/** A packet behind its remaining length, and its properties. */
	readonly #body = new Uint8Array(INPUT_MAX);
	readonly #props = new Uint8Array(INPUT_MAX);
	/** Where packets begin, and how many there are. */
	readonly #starts = new Int32Array(PACKETS_MAX);
	#packets = 0;
	#five = false;
	/** Now and then a value is any, an identifier 0, a property where it must not be. */
	#careless = false;

	constructor(random: Xorshift) {
		this.#random = random;
		const piece = new Uint8Array(ArrayBuffer.fromString(characters));
		for (let at = 0; at < POOL; at++) this.#text[at] = 0x61;
		for (let at = 0; at + piece.length < POOL; at += piece.length) this.#text.set(piece, at);
	}

	/** Makes the next input, of 5.0 or 3.1.1. */
	make(five: boolean): void {
		const random = this.#random;
		this.#careless = random.below(6) === 0;
		this.makeRight(five);
		this.#careless = false;
		if (random.below(5) < 3) return;
		for (let times = 1 + random.below(3); times > 0; times--) this.#spoil();
	}

	/** Makes one of packets that are whole and right. */
	makeRight(five: boolean): void {
		const random = this.#random;
		this.length = this.#packets = 0;
		this.#five = five;
		const packets = 1 + random.below(PACKETS_MAX);
		while (this.#packets < packets && this.length < BEGIN_MAX) {
			this.#starts[this.#packets++] = this.length;
			const types = five ? types5 : types311;
			this.#packet(types[random.below(types.length)] as number);
		}
	}

	#packet(type: number): void {
		const random = this.#random;
		const body = this.#body;
		const five = this.#five;
		let first = type << 4;
		let at = 0;
		if (type === 3) {
			const qos = random.below(3);
			first |= (qos << 1) | random.below(2) | (qos > 0 && random.below(4) === 0 ? 8 : 0);
			const bare = five && random.below(8) === 0;
			at = bare ? this.#write2(body, at, 0) : this.#string(body, at, 1);
			if (qos > 0) at = this.#write2(body, at, this.#slip(16) ? 0 : 1 + random.below(0xffff));
			if (five) at = this.#section(at, type, bare);
			const payload = random.below(16) === 0 ? random.below(300) : random.below(12);
			for (let i = 0; i < payload; i++) body[at++] = random.below(256);
		} else {
			if (type === 6) first |= 2;
			if (type === 2) {
				const code = this.#code(type);
				body[at++] = code === 0 ? random.below(2) : 0;
				body[at++] = code;
			} else if (type < 13) at = this.#write2(body, at, this.#slip(16) ? 0 : 1 + random.below(0xffff));
			if (type === 9 || type === 11) {
				if (five) at = this.#section(at, type, false);
				if (five || type === 9) for (let count = 1 + random.below(4); count > 0; count--) body[at++] = this.#code(type);
			} else if (five && type !== 13) {
				// The shorter forms leave out properties, or the code, too.
				const form = type === 2 ? 3 : random.below(4);
				if (form > 0 && type !== 2) body[at++] = this.#code(type);
				if (form > 1 || (type === 15 && form > 0)) at = this.#section(at, type, false);
			}
		}
		const { bytes } = this;
		bytes[this.length] = first;
		const start = writeVariable(bytes, this.length + 1, at);
		copy(bytes, start, body, 0, at);
		this.length = start + at;
	}

	/** Whether to be wrong here. */
	#slip(times: number): boolean {
		return this.#careless && this.#random.below(times) === 0;
	}

	#code(type: number): number {
		if (this.#slip(16)) return this.#random.below(256);
		const list = this.#five ? (codes5[type] as number[]) : codes311;
		return list[this.#random.below(type === 2 && !this.#five ? 3 : list.length)] as number;
	}

	#write2(to: Uint8Array, at: number, value: number): number {
		to[at] = value >> 8;
		to[at + 1] = value;
		return at + 2;
	}

	/** Text of `minimum` bytes at the least, its length first. */
	#string(to: Uint8Array, at: number, minimum: number): number {
		const random = this.#random;
		const start = this.#boundary(random.below(400));
		const size = minimum + (random.below(24) === 0 ? random.below(150) : random.below(8));
		const end = this.#boundary(start + size);
		copy(to, at + 2, this.#text, start, end - start);
		this.#write2(to, at, end - start);
		if (end > start && this.#slip(8)) to[at + 2 + random.below(end - start)] = telling[random.below(telling.length)] as number;
		return at + 2 + end - start;
	}

	/** Where the next character of the pool's text begins. */
	#boundary(at: number): number {
		while (((this.#text[at] as number) & 0xc0) === 0x80) at++;
		return at;
	}

	/** Properties, their length first, into the body from `at` on; `alias`: one at the least. */
	#section(at: number, type: number, alias: boolean): number {
		const random = this.#random;
		const props = this.#props;
		const digit = type < 10 ? 48 + type : 87 + type;
		let length = 0;
		let low = 0;
		let high = 0;
		if (alias) {
			length = this.#property(0, 0x23);
			high = 1 << 3;
		}
		for (let count = random.below(2) === 0 ? 0 : random.below(6); count > 0 && length < 300; count--) {
			const id = ids[random.below(ids.length)] as number;
			const anywhere = this.#slip(8);
			if (!(anywhere || (stands(id, digit) && (type !== 14 || id !== 0x11 || this.#slip(2))))) continue;
			const bit = 1 << (id & 31);
			const often = anywhere || id === 0x26 || id === 0x0b;
			if (!often && ((id < 32 ? low : high) & bit) !== 0) continue;
			if (id < 32) low |= bit;
			else high |= bit;
			length = this.#property(length, id);
		}
		at = writeVariable(this.#body, at, length);
		copy(this.#body, at, props, 0, length);
		return at + length;
	}

	#property(at: number, id: number): number {
		const random = this.#random;
		const props = this.#props;
		props[at++] = id;
		const kind = kinds[id] as string;
		if (kind === "t") return this.#string(props, at, id === 0x08 && !this.#slip(4) ? 1 : 0);
		if (kind === "p") return this.#string(props, this.#string(props, at, 0), 0);
		if (kind === "b") {
			const size = random.below(6);
			at = this.#write2(props, at, size);
			for (let i = 0; i < size; i++) props[at++] = random.below(256);
			return at;
		}
		if (kind === "v" && this.#slip(4)) {
			props[at] = 0;
			return at + 1;
		}
		if (kind === "v") return writeVariable(props, at, 1 + random.below(random.below(2) ? 200 : 0xffff) * (1 + random.below(4000)));
		const size = kind === "1" ? 1 : kind === "2" ? 2 : 4;
		const low = least[id] as number;
		const high = size === 1 ? (most[id] as number) : size === 2 ? 0xffff : 0xffffffff;
		const pick = random.below(4);
		if (this.#slip(8)) {
			for (let i = 0; i < size; i++) props[at++] = random.below(3);
			return at;
		}
		let value = pick === 0 ? low : pick === 1 ? high : low + (size === 4 ? random.below(0xffff) * 65_537 : random.below(high - low));
		for (let i = size - 1; i >= 0; i--) {
			props[at + i] = value % 256;
			value = Math.floor(value / 256);
		}
		return at + size;
	}

	/** A place where a mistake counts: near the beginning of a packet, or anywhere. */
	#place(): number {
		const random = this.#random;
		if (random.below(3) === 0) return random.below(this.length);
		const at = (this.#starts[random.below(this.#packets)] as number) + random.below(12);
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
				// A packet gets more or less than it says.
				const start = this.#starts[random.below(this.#packets)] as number;
				if (start + 1 < length) bytes[start + 1] = (bytes[start + 1] as number) + random.below(7) - 3;
				break;
			}
			default:
				this.#lengthen(this.#starts[random.below(this.#packets)] as number);
		}
	}

	/** Puts a longer form of the remaining length into a packet, or one that is too long. */
	#lengthen(start: number): void {
		const random = this.#random;
		const bytes = this.bytes;
		const length = this.length;
		const count = 1 + random.below(4);
		if (start + 2 > length || length + count > INPUT_MAX) return;
		copy(bytes, start + 2 + count, bytes, start + 2, length - start - 2);
		for (let i = 0; i < count; i++) {
			bytes[start + 1 + i] = (bytes[start + 1 + i] as number) | 0x80;
			bytes[start + 2 + i] = random.below(8) === 0 ? random.below(128) : 0;
		}
		this.length = length + count;
	}
}
