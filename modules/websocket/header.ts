/*
 * The rules for frame headers that both directions and both roles obey (RFC 6455 §5.1, §5.2, §5.5): what a header may say, and how
 * many bytes say it. Every function gives 0 or a fault of codes.ts, and allocates nothing.
 */
import {
	FAULT_CONTROL_FRAGMENT,
	FAULT_CONTROL_SIZE,
	FAULT_MASKED,
	FAULT_OPCODE,
	FAULT_RSV,
	FAULT_UNMASKED,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_PONG,
} from "websocket/codes";

export const BIT_FIN = 0x80;
export const BITS_RSV = 0x70;
export const BITS_OPCODE = 0x0f;
export const BIT_MASK = 0x80;
export const BITS_LENGTH = 0x7f;

/** Values of the 7-bit length that say where the length is, and the smallest length that may stand there (the shortest form is a MUST). */
export const LENGTH_16 = 126;
export const LENGTH_16_MIN = 126;
export const LENGTH_64 = 127;
export const LENGTH_64_MIN = 0x10000;

export const MASK_SIZE = 4;
/** Of a masked frame with a 64-bit length. */
export const HEADER_MAX = 14;
export const CONTROL_MAX = 125;

export function isControl(opcode: number): boolean {
	return opcode >= WEBSOCKET_OPCODE_CLOSE;
}

export function isOpcode(opcode: number): boolean {
	return (
		opcode === (opcode | 0) &&
		opcode >= 0 &&
		(opcode <= WEBSOCKET_OPCODE_DATA_BINARY || (opcode >= WEBSOCKET_OPCODE_CLOSE && opcode <= WEBSOCKET_OPCODE_PONG))
	);
}

/** What is wrong with the first byte of a header, as soon as it is there. */
export function firstFault(byte: number): number {
	if (byte & BITS_RSV) return FAULT_RSV;
	const opcode = byte & BITS_OPCODE;
	if (!isOpcode(opcode)) return FAULT_OPCODE;
	if (isControl(opcode) && !(byte & BIT_FIN)) return FAULT_CONTROL_FRAGMENT;
	return 0;
}

/** What is wrong with the second byte; §5.1: a client masks (`mask` is BIT_MASK), a server must not (it is 0). */
export function secondFault(opcode: number, byte: number, mask: number): number {
	if ((byte & BIT_MASK) !== mask) return mask ? FAULT_UNMASKED : FAULT_MASKED;
	if (isControl(opcode) && (byte & BITS_LENGTH) > CONTROL_MAX) return FAULT_CONTROL_SIZE;
	return 0;
}
