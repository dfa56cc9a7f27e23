/*
 * The rules for frame headers that both directions obey (RFC 6455 §5.2, §5.5): what a header may say, and how many bytes say it.
 * Every function gives 0 or a fault of codes.ts, and allocates nothing.
 */
import {
	FAULT_CONTROL_FRAGMENT,
	FAULT_CONTROL_SIZE,
	FAULT_LENGTH_FORM,
	FAULT_MASKED,
	FAULT_OPCODE,
	FAULT_RSV,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_PONG,
} from "websocket/codes";

export const BIT_FIN = 0x80;
export const BITS_RSV = 0x70;
export const BITS_OPCODE = 0x0f;
export const BIT_MASK = 0x80;
export const BITS_LENGTH = 0x7f;

/** Values of the 7-bit length that say where the length is. */
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;

export const MASK_SIZE = 4;
export const CONTROL_MAX = 125;

export function isControl(opcode: number): boolean {
	return opcode >= WEBSOCKET_OPCODE_CLOSE;
}

export function isOpcode(opcode: number): boolean {
	return opcode >= 0 && (opcode <= WEBSOCKET_OPCODE_DATA_BINARY || (opcode >= WEBSOCKET_OPCODE_CLOSE && opcode <= WEBSOCKET_OPCODE_PONG));
}

/** What is wrong with the first byte of a header, as soon as it is there. */
export function firstFault(byte: number): number {
	if (byte & BITS_RSV) return FAULT_RSV;
	const opcode = byte & BITS_OPCODE;
	if (!isOpcode(opcode)) return FAULT_OPCODE;
	if (isControl(opcode) && !(byte & BIT_FIN)) return FAULT_CONTROL_FRAGMENT;
	return 0;
}

/** What is wrong with the second byte from a server, which must not mask (§5.1). */
export function secondFault(opcode: number, byte: number): number {
	if (byte & BIT_MASK) return FAULT_MASKED;
	if (isControl(opcode) && (byte & BITS_LENGTH) > CONTROL_MAX) return FAULT_CONTROL_SIZE;
	return 0;
}

/** Bytes that carry the length beyond the first two: 0, 2 or 8. The shortest form is the only one allowed. */
export function lengthSize(length: number): number {
	if (length < LENGTH_16) return 0;
	return length < 0x10000 ? 2 : 8;
}

/** Whether a length that came in `size` bytes should have come in fewer. */
export function lengthFault(length: number, size: number): number {
	return lengthSize(length) === size ? 0 : FAULT_LENGTH_FORM;
}
