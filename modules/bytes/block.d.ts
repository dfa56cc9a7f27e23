/*
 * The work that is done for every byte, on parts of buffers: native in manifest.json, in TypeScript in manifest_script.json. Both do
 * the same, for every place and every length, and allocate nothing. Fast where source, target and the buffers' words begin at the
 * same place of a word of four bytes.
 *
 * All places and counts are in bytes, whole numbers from 0 on. Where something is no number or no buffer of bytes, or its buffer was
 * detached, a TypeError is thrown; where a part does not lie in its buffer, a RangeError. Then nothing was written.
 */

/** Copies `count` bytes from `source`, from `from` on, into `target`, from `at` on. They may overlap. */
export function copy(target: Uint8Array | ArrayBuffer, at: number, source: Uint8Array | ArrayBuffer, from: number, count: number): void;

/**
 * Copies likewise, and masks on the way (RFC 6455 §5.3): target[at + i] = source[from + i] ^ key[i & 3]. The key is the four bytes of
 * `target` before `at`, where a frame has it, so `at` is 4 at least. They may overlap.
 */
export function maskInto(target: Uint8Array, at: number, source: Uint8Array, from: number, count: number): void;

/**
 * Masks or unmasks from `start` to `end`, in place (RFC 6455 §5.3): bytes[start + i] ^= key[(phase + i) & 3]. `key` has four bytes at
 * least; `phase` is how many bytes of the payload came before.
 */
export function unmask(bytes: Uint8Array, start: number, end: number, key: Uint8Array, phase: number): void;

/**
 * Reads UTF-8 (RFC 3629 §4) from `start` to `end` and returns the new state, with which the next piece goes on. The first piece begins
 * with UTF8_ACCEPT of bytes/utf8. UTF8_REJECT (-1) comes at the first byte that cannot be right, and stays; a text is valid if the
 * state after its last byte is UTF8_ACCEPT (0). A `state` that utf8Check never returned is a RangeError.
 */
export function utf8Check(state: number, bytes: Uint8Array, start: number, end: number): number;

/**
 * Makes a frame (RFC 6455 §5.2) of the first `length` bytes of `payload`, at most 65,535, around `at` of `target`: the payload from there
 * on, the header before it. `head` is its first two bytes as a number, without the length; with the bit for masking (0x80) the payload is
 * masked with the four bytes before `at`, which are the frame's key. Returns where the frame begins. Throws nothing: -1, with nothing
 * written, where the others throw, or if the frame does not fit.
 */
export function frame(target: Uint8Array, at: number, head: number, payload: Uint8Array, length: number): number;

/**
 * As frame(), for a message that an app sends, with its arguments as they came: -1 also if `payload` is no instance of `kind`, `opcode` is
 * not that of text or binary, `mask` is not `masked`, which says whether frames are, `final` is not true, or `timeout` is not from -1 to
 * 2^30 - 1, an integer of the engine's.
 *
 * `kind` is Uint8Array.prototype, which C does not find for itself: of buffers of bytes, an app may pass those only.
 */
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
	kind: Uint8Array,
): number;

/**
 * The message in one frame (RFC 6455 §5.2) that begins at `start` and is whole before `end`: text or binary, no reserved bit, masked if it
 * has to be and only then, its length in the shortest form, and UTF-8 if it is text. Unmasks the payload where it lies. Gives a number:
 *
 *     bits 17 to 30   where the payload begins, not 0
 *     bits 4 to 16    how long it is
 *     bit 3           bytes lie behind it, before `end`
 *     bits 0 to 2     5 for binary, 3 for text: Zephyr's flags
 *
 * Throws nothing, and changes nothing, where there is none. Of a binary message without mask whose header is right and whole, but which is
 * not all here, or does not fit into these bits: -(length * 16 + size of the header). For all else, be it right or wrong, -1; also where
 * the others throw, and for an `end` below 0.
 */
export function message(bytes: Uint8Array, start: number, end: number, masked: boolean): number;

/**
 * Copies the payload of a message that message() found in `source` to the front of `target`, whose first `room` bytes it may use. Returns
 * how many bytes. For an app that receives, with its arguments as they came: throws nothing, but gives -1, with nothing written, where the
 * others throw; if there is no message, or less room than it takes, or none; if `target` is no instance of `kind`, see post(); if `info` is no
 * object; or if `timeout` is none for post().
 */
export function give(
	target: Uint8Array,
	room: number,
	source: Uint8Array,
	found: number,
	info: object,
	timeout: number,
	kind: Uint8Array,
): number;

/**
 * Writes the UTF-8 of `string` into `target` from `at` on, and returns the place after it. Throws nothing: -1, with nothing written, if
 * it does not fit before `end`, which is the buffer's if missing; if it is no string; or if it has none that may be sent: half of a surrogate pair (RFC 3629 §3), or U+0000, which MQTT
 * forbids (5.0 §1.5.4).
 */
export function text(target: Uint8Array, at: number, string: string, end?: number): number;

/**
 * Whether the bytes from `start` to `end` are what text() writes for `other`. Throws nothing: false where text() gives -1, and for what
 * does not lie in the buffer.
 */
export function same(bytes: Uint8Array, start: number, end: number, other: string): boolean;

/** Whether the bytes from `start` to `end` are those of `other` from `from` on. Throws nothing: false for what does not lie in its buffer. */
export function equal(bytes: Uint8Array, start: number, end: number, other: Uint8Array, from: number): boolean;

/** The first place from `start` to `end` whose byte is one of three, which may be the same ones; -1 if there is none. */
export function find(bytes: Uint8Array, start: number, end: number, one: number, two: number, three: number): number;
