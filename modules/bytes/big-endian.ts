/*
 * Big-endian numbers at a place in a buffer, as network protocols write them. A place outside of the buffer is refused, so
 * that no caller needs a check of its own. Nothing here allocates.
 */

/** The 16-bit number at `at`, or -1 if it does not lie wholly in `bytes`. */
export function readUint16(bytes: Uint8Array, at: number): number {
	if (at < 0 || at + 2 > bytes.length) return -1;
	return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** The 32-bit number at `at`, 0 to 4,294,967,295, or -1 if it does not lie wholly in `bytes`. */
export function readUint32(bytes: Uint8Array, at: number): number {
	if (at < 0 || at + 4 > bytes.length) return -1;
	// Without a sign.
	return (
		(((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0
	);
}

/**
 * Writes the low `size` bytes of `value` (0 to 2^53 - 1) at `at`, highest byte first, and returns the place after them, or -1,
 * with nothing written, if they do not fit. Divides instead of shifting, for a shift would cut `value` to 32 bits.
 */
export function writeUint(bytes: Uint8Array, at: number, value: number, size: number): number {
	const end = at + size;
	if (at < 0 || end > bytes.length) return -1;
	for (let i = end - 1; i >= at; i--) {
		bytes[i] = value % 256;
		value = Math.floor(value / 256);
	}
	return end;
}
