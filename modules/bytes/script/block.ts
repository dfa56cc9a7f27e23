/*
 * The module `bytes/block` for firmware that cannot bring C of its own: block.d.ts says what the functions do. Words are read and
 * written where source and target are aligned alike, which takes a quarter of the time; the engine's own copying where it can.
 *
 * A view of a buffer's words is kept, for making one would be garbage each time: those of the last few buffers, and of one
 * ArrayBuffer, which stay alive for it. Who uses more buffers than that in turns pays a view again and again.
 */
import { utf8Check as check, UTF8_ACCEPT, UTF8_REJECT } from "bytes/utf8";

/** For each connection: what it receives into, what it sends from, what the app brings for either, and a key. */
const KEPT = 10;
/** Fewer bytes are not worth finding out how they are aligned. */
const FEW = 16;
/** A bit in any of these says that one of four bytes is not ASCII. */
const NOT_ASCII = 0x80808080 | 0;
const LAST_STATE = 7;

/** A buffer, and the whole aligned words in it. */
class Block {
	readonly bytes: Uint8Array;
	/** Who is looked for: `bytes`, or the ArrayBuffer that they are all of. */
	readonly key: Uint8Array | ArrayBuffer;
	readonly buffer: ArrayBufferLike;
	readonly offset: number;
	readonly words: Int32Array | undefined;
	/** The byte at which the words begin, 0 to 3. */
	readonly first: number;

	constructor(bytes: Uint8Array, key: Uint8Array | ArrayBuffer) {
		this.bytes = bytes;
		this.key = key;
		this.buffer = bytes.buffer;
		this.offset = bytes.byteOffset;
		this.first = -bytes.byteOffset & 3;
		const count = (bytes.length - this.first) >> 2;
		this.words = count > 0 ? new Int32Array(bytes.buffer, bytes.byteOffset + this.first, count) : undefined;
	}

	/** The words, if all of `start` to `end` lies in them but what comes before the first and behind the last one. */
	wordsTo(end: number): Int32Array | undefined {
		const { words } = this;
		// Where the buffer has another size by now, they may be gone, or too few.
		return words !== undefined && (end - this.first) >> 2 <= words.length ? words : undefined;
	}
}

const cache: { blocks: Block[] | undefined; oldest: number; piece: Block | undefined } = { blocks: undefined, oldest: 0, piece: undefined };

function blockOf(bytes: Uint8Array): Block {
	if (cache.blocks === undefined) cache.blocks = [];
	const blocks = cache.blocks;
	const length = blocks.length;
	for (let i = 0; i < length; i++) {
		const block = blocks[i] as Block;
		if (block.key === bytes) return block;
	}
	if (!(bytes instanceof Uint8Array)) throw new TypeError("bytes: this is no Uint8Array");
	const block = new Block(bytes, bytes);
	if (length < KEPT) blocks.push(block);
	else {
		blocks[cache.oldest] = block;
		cache.oldest = (cache.oldest + 1) % KEPT;
	}
	return block;
}

/** An ArrayBuffer has no bytes to index; who receives one mostly receives another one next, so only the last is kept. */
function wholeOf(source: Uint8Array | ArrayBuffer): Block {
	if (source instanceof Uint8Array) return blockOf(source);
	if (cache.piece !== undefined && cache.piece.key === source) return cache.piece;
	if (!(source instanceof ArrayBuffer)) throw new TypeError("bytes: this is no Uint8Array and no ArrayBuffer");
	cache.piece = new Block(new Uint8Array(source), source);
	return cache.piece;
}

function checkWhole(value: number): void {
	if (typeof value !== "number") throw new TypeError("bytes: this is no number");
	if (value >>> 0 !== value) throw new RangeError("bytes: this is no whole number from 0 on");
}

function checkSpan(bytes: Uint8Array, start: number, count: number): void {
	const { length } = bytes;
	// Also the length of what was detached, which any method tells.
	if (length === 0) bytes.fill(0);
	if (start + count > length) throw new RangeError("bytes: this part does not lie in the buffer");
}

/** True where going upwards would overwrite bytes before they are read. */
const collides = (target: Block, at: number, source: Block, from: number, count: number) => {
	if (target.buffer !== source.buffer) return false;
	const distance = target.offset + at - source.offset - from;
	return distance > 0 && distance < count;
};

export function copy(target: Uint8Array | ArrayBuffer, at: number, source: Uint8Array | ArrayBuffer, from: number, count: number): void {
	checkWhole(at);
	checkWhole(from);
	checkWhole(count);
	const to = wholeOf(target);
	const of = wholeOf(source);
	const into = to.bytes;
	const bytes = of.bytes;
	checkSpan(into, at, count);
	checkSpan(bytes, from, count);
	if (bytes === into) into.copyWithin(at, from, from + count);
	else if (count === bytes.length && to.buffer !== of.buffer) into.set(bytes, at);
	else if (collides(to, at, of, from, count)) for (let i = count - 1; i >= 0; i--) into[at + i] = bytes[from + i] as number;
	else xor(to, at, of, from, count, 0, 0, 0, 0);
}

export function maskInto(target: Uint8Array, at: number, source: Uint8Array, from: number, count: number): void {
	checkWhole(at);
	checkWhole(from);
	checkWhole(count);
	const to = blockOf(target);
	const of = blockOf(source);
	checkSpan(target, at, count);
	checkSpan(source, from, count);
	if (at < 4) throw new RangeError("bytes: there is no key before this place");
	const a = target[at - 4] as number;
	const b = target[at - 3] as number;
	const c = target[at - 2] as number;
	const d = target[at - 1] as number;
	if (collides(to, at, of, from, count)) {
		for (let i = count - 1; i >= 0; i--) {
			const key = i & 2 ? (i & 1 ? d : c) : i & 1 ? b : a;
			target[at + i] = (source[from + i] as number) ^ key;
		}
	} else xor(to, at, of, from, count, a, b, c, d);
}

export function unmask(bytes: Uint8Array, start: number, end: number, key: Uint8Array, phase: number): void {
	checkWhole(start);
	checkWhole(end);
	checkWhole(phase);
	const block = blockOf(bytes);
	blockOf(key);
	if (end < start) throw new RangeError("bytes: this part ends before it starts");
	checkSpan(bytes, start, end - start);
	checkSpan(key, 0, 4);
	const a = key[phase & 3] as number;
	const b = key[(phase + 1) & 3] as number;
	const c = key[(phase + 2) & 3] as number;
	const d = key[(phase + 3) & 3] as number;
	xor(block, start, block, start, end - start, a, b, c, d);
}

/** Upwards: target[at + i] = source[from + i] ^ the one of a, b, c, d whose turn it is. */
function xor(to: Block, at: number, of: Block, from: number, count: number, a: number, b: number, c: number, d: number): void {
	const target = to.bytes;
	const source = of.bytes;
	const end = at + count;
	if (count >= FEW && ((at - to.first) & 3) === ((from - of.first) & 3)) {
		const t = to.wordsTo(end);
		const s = of.wordsTo(from + count);
		if (t !== undefined && s !== undefined) {
			while ((at - to.first) & 3) {
				target[at++] = (source[from++] as number) ^ a;
				const turned = a;
				a = b;
				b = c;
				c = d;
				d = turned;
			}
			// Words are little-endian on every board of the SDK.
			const mask = a | (b << 8) | (c << 16) | (d << 24);
			let i = (at - to.first) >> 2;
			let j = (from - of.first) >> 2;
			const last = (end - to.first) >> 2;
			at += (last - i) << 2;
			from += (last - i) << 2;
			for (const run = last - 8; i <= run; i += 8, j += 8) {
				t[i] = (s[j] as number) ^ mask;
				t[i + 1] = (s[j + 1] as number) ^ mask;
				t[i + 2] = (s[j + 2] as number) ^ mask;
				t[i + 3] = (s[j + 3] as number) ^ mask;
				t[i + 4] = (s[j + 4] as number) ^ mask;
				t[i + 5] = (s[j + 5] as number) ^ mask;
				t[i + 6] = (s[j + 6] as number) ^ mask;
				t[i + 7] = (s[j + 7] as number) ^ mask;
			}
			while (i < last) t[i++] = (s[j++] as number) ^ mask;
		}
	}
	for (const run = end - 4; at <= run; at += 4, from += 4) {
		target[at] = (source[from] as number) ^ a;
		target[at + 1] = (source[from + 1] as number) ^ b;
		target[at + 2] = (source[from + 2] as number) ^ c;
		target[at + 3] = (source[from + 3] as number) ^ d;
	}
	if (at < end) target[at++] = (source[from++] as number) ^ a;
	if (at < end) target[at++] = (source[from++] as number) ^ b;
	if (at < end) target[at] = (source[from] as number) ^ c;
}

export function utf8Check(state: number, bytes: Uint8Array, start: number, end: number): number {
	checkWhole(start);
	checkWhole(end);
	if (state !== UTF8_REJECT) checkWhole(state);
	if (state > LAST_STATE) throw new RangeError("bytes: this is no state of utf8Check");
	const block = blockOf(bytes);
	if (end < start) throw new RangeError("bytes: this part ends before it starts");
	checkSpan(bytes, start, end - start);
	const words = end - start < FEW ? undefined : block.wordsTo(end);
	const { first } = block;
	let at = start;
	while (at < end && state !== UTF8_REJECT) {
		let stop = end;
		if (words !== undefined) {
			if (state === UTF8_ACCEPT && ((at - first) & 3) === 0) {
				let word = (at - first) >> 2;
				const last = (end - first) >> 2;
				for (const run = last - 4; word <= run; word += 4) {
					const two = (words[word] as number) | (words[word + 1] as number);
					if ((two | (words[word + 2] as number) | (words[word + 3] as number)) & NOT_ASCII) break;
				}
				while (word < last && ((words[word] as number) & NOT_ASCII) === 0) word++;
				at = (word << 2) + first;
				if (at >= end) break;
			}
			// What is not ASCII rarely comes alone. After it words are tried again.
			stop = Math.min(end, at + FEW - ((at - first) & 3));
		}
		state = check(state, bytes, at, stop);
		at = stop;
	}
	return state;
}

/** The two bytes at the beginning of a frame, where the length is, and how long it may be. */
const FRAME_MASKED = 0x80;
const FRAME_SHORT = 125;
const FRAME_16 = 126;
const FRAME_MAX = 0xffff;

const isWhole = (value: number) => typeof value === "number" && value >>> 0 === value;

/** Whether there are so many bytes; false also for what is no Uint8Array, or was detached. */
function has(bytes: Uint8Array, count: number): boolean {
	if (!ArrayBuffer.isView(bytes) || !(bytes instanceof Uint8Array)) return false;
	const { length } = bytes;
	if (length === 0) {
		try {
			bytes.fill(0);
		} catch {
			return false;
		}
	}
	return isWhole(count) && count <= length;
}

export function frame(target: Uint8Array, at: number, head: number, payload: Uint8Array, length: number): number {
	if (!isWhole(at) || !isWhole(head) || !isWhole(length) || length > FRAME_MAX) return -1;
	const masked = (head & FRAME_MASKED) !== 0;
	const start = at - (masked ? 4 : 0) - (length <= FRAME_SHORT ? 2 : 4);
	if (start < 0 || !has(payload, length) || !has(target, at + length)) return -1;
	if (masked) maskInto(target, at, payload, 0, length);
	else copy(target, at, payload, 0, length);
	target[start] = head >> 8;
	if (length <= FRAME_SHORT) target[start + 1] = (head & FRAME_MASKED) | length;
	else {
		target[start + 1] = (head & FRAME_MASKED) | FRAME_16;
		target[start + 2] = length >> 8;
		target[start + 3] = length;
	}
	return start;
}

/** The first byte of a message in one frame, and what message() makes of it. */
const FIN = 0x80;
const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const TEXT = 3;
const BINARY = 5;
const MORE = 8;
const LENGTH_SHIFT = 4;
const LENGTH_MAX = 0x1fff;
const FROM_SHIFT = 17;
const FROM_MAX = 0x3fff;
/** Of one that is not whole. */
const SIZE_BITS = 4;
const TIMEOUT_MAX = 0x3fffffff;

const isWait = (timeout: number) => timeout === (timeout | 0) && timeout >= -1 && timeout <= TIMEOUT_MAX;

export function post(
	target: Uint8Array,
	at: number,
	masked: boolean,
	payload: Uint8Array,
	length: number,
	opcode: number,
	mask: boolean,
	final: boolean,
	timeout: number,
	_kind: Uint8Array,
): number {
	const first = FIN | opcode;
	if ((first !== FIN_TEXT && first !== FIN_BINARY) || first !== FIN + opcode) return -1;
	if (mask !== masked || final !== true || !isWait(timeout)) return -1;
	return frame(target, at, (first << 8) | (masked ? FRAME_MASKED : 0), payload, length);
}

export function message(bytes: Uint8Array, start: number, end: number, masked: boolean): number {
	if (!isWhole(start) || !has(bytes, end) || end - start < 2) return -1;
	const first = bytes[start] as number;
	if (first !== FIN_TEXT && first !== FIN_BINARY) return -1;
	let length = bytes[start + 1] as number;
	// Where masked is not what it has to be, this is too much.
	if (masked) length ^= FRAME_MASKED;
	let from = start + 2;
	if (length === FRAME_16) {
		if (end - from < 2) return -1;
		length = ((bytes[from] as number) << 8) | (bytes[from + 1] as number);
		if (length < FRAME_16) return -1;
		from += 2;
	} else if (length > FRAME_16) return -1;
	if (masked) from += 4;
	if (length > end - from || length > LENGTH_MAX || from > FROM_MAX)
		return first === FIN_TEXT || masked ? -1 : -((length << SIZE_BITS) | (from - start));
	if (masked) unmaskBehind(bytes, from, length);
	if (first === FIN_TEXT && utf8Check(UTF8_ACCEPT, bytes, from, from + length) !== UTF8_ACCEPT) {
		// As it came, for somebody else will look at it.
		if (masked) unmaskBehind(bytes, from, length);
		return -1;
	}
	const more = from + length < end ? MORE : 0;
	return (from << FROM_SHIFT) | (length << LENGTH_SHIFT) | more | (first === FIN_TEXT ? TEXT : BINARY);
}

/** Unmasks a payload with the key that stands before it. */
function unmaskBehind(bytes: Uint8Array, from: number, length: number): void {
	maskInto(bytes, from, bytes, from, length);
}

export function give(
	target: Uint8Array,
	room: number,
	source: Uint8Array,
	found: number,
	info: object,
	timeout: number,
	_kind: Uint8Array,
): number {
	if (!isWhole(found) || !isWhole(room) || room === 0 || typeof info !== "object" || info === null || !isWait(timeout)) return -1;
	const from = found >> FROM_SHIFT;
	const length = (found >> LENGTH_SHIFT) & LENGTH_MAX;
	if (from <= 0 || length > room || !has(target, room) || !has(source, from + length)) return -1;
	copy(target, 0, source, from, length);
	return length;
}

/**
 * Called with the string as its `this`: a method that is looked up on a string makes an object of it first. Looks for a place from the
 * string's beginning on, so a text takes the square of its length; the native one does not.
 */
const { charCodeAt } = String.prototype;

/** What codeAt() gives behind the end, and for what is no character; and a bit for one that takes two places of the string. */
const CODE_END = 0;
const CODE_BAD = -1;
const CODE_PAIR = 0x200000;

function codeAt(string: string, i: number): number {
	// XS gives a character above U+FFFF whole, or its halves, where a script joined them.
	const code = charCodeAt.call(string, i);
	if (code >= 0xd800 && code <= 0xdfff) {
		const low = charCodeAt.call(string, i + 1);
		if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return CODE_BAD;
		return CODE_PAIR | (0x10000 + ((code - 0xd800) << 10) + low - 0xdc00);
	}
	if (code > 0) return code;
	return code === 0 ? CODE_BAD : CODE_END;
}

function sizeOf(code: number): number {
	if (code < 0x80) return 1;
	if (code < 0x800) return 2;
	return code < 0x10000 ? 3 : 4;
}

/** The byte of a character of `size` bytes behind which `left` more come. */
function byteOf(code: number, size: number, left: number): number {
	const bits = code >> (6 * left);
	if (left !== size - 1) return 0x80 | (bits & 0x3f);
	if (size === 1) return bits;
	return (size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0) | bits;
}

/** How many bytes a string has in UTF-8, or -1. */
function textSize(string: string): number {
	if (typeof string !== "string") return -1;
	let size = 0;
	for (let i = 0; ; i++) {
		const code = codeAt(string, i);
		if (code === CODE_END) return size;
		if (code === CODE_BAD) return -1;
		size += sizeOf(code & ~CODE_PAIR);
		if (code & CODE_PAIR) i++;
	}
}

export function text(target: Uint8Array, at: number, string: string, end?: number): number {
	const size = textSize(string);
	if (size < 0 || !isWhole(at) || !has(target, at + size)) return -1;
	if (end !== undefined && (!has(target, end) || at + size > end)) return -1;
	for (let i = 0; ; i++) {
		const code = codeAt(string, i);
		if (code === CODE_END) return at;
		const character = code & ~CODE_PAIR;
		const count = sizeOf(character);
		for (let left = count - 1; left >= 0; left--) target[at++] = byteOf(character, count, left);
		if (code & CODE_PAIR) i++;
	}
}

export function same(bytes: Uint8Array, start: number, end: number, other: string): boolean {
	if (typeof other !== "string" || !isWhole(start) || !has(bytes, end)) return false;
	for (let i = 0; ; i++) {
		const code = codeAt(other, i);
		if (code === CODE_END) return start === end;
		if (code === CODE_BAD) return false;
		const character = code & ~CODE_PAIR;
		const count = sizeOf(character);
		if (start + count > end) return false;
		for (let left = count - 1; left >= 0; left--) if (bytes[start++] !== byteOf(character, count, left)) return false;
		if (code & CODE_PAIR) i++;
	}
}

export function equal(bytes: Uint8Array, start: number, end: number, other: Uint8Array, from: number): boolean {
	if (!isWhole(start) || !isWhole(from) || !has(bytes, end) || start > end || !has(other, from + end - start)) return false;
	while (start < end) if (bytes[start++] !== other[from++]) return false;
	return true;
}

export function find(bytes: Uint8Array, start: number, end: number, one: number, two: number, three: number): number {
	checkWhole(start);
	checkWhole(end);
	checkWhole(one);
	checkWhole(two);
	checkWhole(three);
	blockOf(bytes);
	if (end < start) throw new RangeError("bytes: this part ends before it starts");
	checkSpan(bytes, start, end - start);
	for (let at = start; at < end; at++) {
		const byte = bytes[at];
		if (byte === one || byte === two || byte === three) return at;
	}
	return -1;
}
