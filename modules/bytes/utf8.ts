/*
 * Incremental validation of UTF-8 (RFC 3629 §4): text arrives in pieces that may end inside a character, so all there is to
 * remember between two pieces is one small number. Overlong forms, surrogates and what lies above U+10FFFF are refused at the
 * first byte that makes them. Nothing here allocates.
 */

/** Between two characters: where a text starts and has to end. */
export const UTF8_ACCEPT = 0;
/** Not UTF-8, whatever follows. */
export const UTF8_REJECT = -1;

// What must come next. The last four differ in the range of that one byte, which is where overlong and surrogates show.
const TAIL_1 = 1;
const TAIL_2 = 2;
const TAIL_3 = 3;
const AFTER_E0 = 4;
const AFTER_ED = 5;
const AFTER_F0 = 6;
const AFTER_F4 = 7;

/** The state after the lead byte `byte` of a character. */
function lead(byte: number): number {
	if (byte < 0x80) return UTF8_ACCEPT;
	if (byte < 0xc2 || byte > 0xf4) return UTF8_REJECT;
	if (byte < 0xe0) return TAIL_1;
	if (byte === 0xe0) return AFTER_E0;
	if (byte === 0xed) return AFTER_ED;
	if (byte < 0xf0) return TAIL_2;
	if (byte === 0xf0) return AFTER_F0;
	if (byte === 0xf4) return AFTER_F4;
	return TAIL_3;
}

/** The state after `byte`, a later byte of a character. */
function tail(state: number, byte: number): number {
	if (byte < 0x80 || byte > 0xbf) return UTF8_REJECT;
	switch (state) {
		case AFTER_E0:
			return byte < 0xa0 ? UTF8_REJECT : TAIL_1;
		case AFTER_ED:
			return byte > 0x9f ? UTF8_REJECT : TAIL_1;
		case AFTER_F0:
			return byte < 0x90 ? UTF8_REJECT : TAIL_2;
		case AFTER_F4:
			return byte > 0x8f ? UTF8_REJECT : TAIL_2;
		default:
			return state - 1;
	}
}

/**
 * Reads `bytes` from `start` to `end` and returns the new state; begin with UTF8_ACCEPT. A text is valid if the state after its
 * last byte is UTF8_ACCEPT. Goes byte by byte and trusts its arguments: for a header, say. For payloads there is bytes/block.
 */
export function utf8Check(state: number, bytes: Uint8Array, start: number, end: number): number {
	for (let at = start; at < end && state !== UTF8_REJECT; at++) {
		const byte = bytes[at] as number;
		state = state === UTF8_ACCEPT ? lead(byte) : tail(state, byte);
	}
	return state;
}
