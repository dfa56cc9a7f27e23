/*
 * Masking (RFC 6455 §5.3) without a byte in JavaScript: the key is spread over the place of the payload, word by word, and the
 * payload is XORed onto it. Two native calls mask and copy at once, and the sender's buffer stays as it is.
 */
/// <reference path="./logical.d.ts" />
import Logical from "logical";

/**
 * Masks the first `count` bytes of `payload` into `target`. `words` sees the same memory from its word `at` on, so `target` is
 * aligned; `key` is the masking key as one word in the machine's byte order. Allocates nothing.
 */
export function maskInto(target: Uint8Array, words: Int32Array, at: number, payload: Uint8Array, count: number, key: number): void {
	if (count === 0) return;
	words.fill(key, at, at + ((count + 3) >> 2));
	Logical.xor(target, payload, count);
}
