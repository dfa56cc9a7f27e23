/*
 * Numbers in one to four bytes, seven bits in each, the lowest first; the highest bit says that another byte follows (MQTT 5.0 §1.5.5,
 * 3.1.1 §2.2.3). Nothing here allocates.
 */

/** What four bytes can say. */
export const VARIABLE_MAX = 268_435_455;

/** What readVariable gives where there is no number: the bytes end inside it; a fifth byte would follow; it takes more bytes than it needs. */
export const VARIABLE_MORE = -1;
export const VARIABLE_LONG = -2;
export const VARIABLE_FORM = -3;

/**
 * The number that begins at `at`, of bytes before `end`, or VARIABLE_MORE, VARIABLE_LONG or VARIABLE_FORM, as soon as the bytes that are there
 * show it. It took sizeOfVariable() bytes. `end` is within `bytes`.
 */
export function readVariable(bytes: Uint8Array, at: number, end: number): number {
	if (at >= end) return VARIABLE_MORE;
	let byte = bytes[at] as number;
	if (byte < 0x80) return byte;
	let value = byte & 0x7f;
	for (let shift = 7; shift <= 21; shift += 7) {
		if (++at >= end) return VARIABLE_MORE;
		byte = bytes[at] as number;
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) return byte === 0 ? VARIABLE_FORM : value;
	}
	return VARIABLE_LONG;
}

/** How many bytes `value` takes, from 0 to VARIABLE_MAX. */
export function sizeOfVariable(value: number): number {
	if (value < 0x80) return 1;
	if (value < 0x4000) return 2;
	return value < 0x200000 ? 3 : 4;
}

/** Writes `value`, from 0 to VARIABLE_MAX, at `at`, and returns the place after it, or -1, with nothing written, if it does not fit. */
export function writeVariable(bytes: Uint8Array, at: number, value: number): number {
	if (at < 0 || value < 0 || value > VARIABLE_MAX || at + sizeOfVariable(value) > bytes.length) return -1;
	while (value > 0x7f) {
		bytes[at++] = 0x80 | (value & 0x7f);
		value >>= 7;
	}
	bytes[at] = value;
	return at + 1;
}
