/*
 * Base64 (RFC 4648 §4) from bytes to bytes: the handshake needs two of them, and no string in between. The SDK deprecates its module
 * for Uint8Array.prototype.toBase64, which XS 13 does not have.
 */

/** The character for six bits. */
function digit(value: number): number {
	if (value < 26) return 0x41 + value;
	if (value < 52) return 0x61 - 26 + value;
	if (value < 62) return 0x30 - 52 + value;
	return value === 62 ? 0x2b : 0x2f;
}

/** Writes `from`, padded, into `into` at `at` and returns the place after it, or -1, with nothing written, if it does not fit. */
export function writeBase64(from: Uint8Array, into: Uint8Array, at: number): number {
	const length = from.length;
	const end = at + Math.ceil(length / 3) * 4;
	if (at < 0 || end > into.length) return -1;
	for (let i = 0; i < length; i += 3) {
		const left = length - i;
		const first = from[i] as number;
		const second = left > 1 ? (from[i + 1] as number) : 0;
		const third = left > 2 ? (from[i + 2] as number) : 0;
		into[at++] = digit(first >> 2);
		into[at++] = digit(((first & 3) << 4) | (second >> 4));
		into[at++] = left > 1 ? digit(((second & 15) << 2) | (third >> 6)) : 0x3d;
		into[at++] = left > 2 ? digit(third & 63) : 0x3d;
	}
	return end;
}
