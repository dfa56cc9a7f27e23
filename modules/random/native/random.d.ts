/** Fills bytes[start, end) with random bytes of the board's own source. Allocates nothing; throws RangeError outside of the buffer. */
export function fillRandom(bytes: Uint8Array, start: number, end: number): void;
