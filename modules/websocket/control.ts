/*
 * The control frame that is being received (RFC 6455 §5.5). It has a place of its own, for it may come between the fragments of a
 * message, and its payload is needed whole: for a pong, or as the code and reason of a close.
 */
import { readUint16 } from "bytes/big-endian";
import { copy, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import { CLOSE_NO_STATUS, FAULT_CLOSE_CODE, FAULT_CLOSE_SIZE, FAULT_CLOSE_UTF8, isCloseCode } from "websocket/codes";
import { CONTROL_MAX } from "websocket/header";

/** Where the reason begins in the body of a close frame. */
const REASON = 2;

export class Control {
	readonly payload = new Uint8Array(CONTROL_MAX);
	length = 0;

	/** A new one begins. */
	begin(): void {
		this.length = 0;
	}

	/** More of its payload: bytes[start, end). */
	append(bytes: Uint8Array, start: number, end: number): void {
		const count = end - start;
		if (count > 0) copy(this.payload, this.length, bytes, start, count);
		this.length += count;
	}

	/** What is wrong with it as the body of a close frame (§5.5.1, §7.4), or 0. */
	closeFault(): number {
		return closeFault(this.payload, this.length);
	}

	/** Its code: CLOSE_NO_STATUS if it has none. */
	closeCode(): number {
		return this.length < REASON ? CLOSE_NO_STATUS : readUint16(this.payload, 0);
	}

	/** Its reason. Allocates. */
	closeReason(): string {
		const text: number[] = [];
		for (let i = REASON; i < this.length; i++) {
			const byte = this.payload[i] as number;
			// XS ends a string at a NUL; it keeps one in two bytes.
			if (byte === 0) text.push(0xc0, 0x80);
			else text.push(byte);
		}
		return String.fromArrayBuffer(Uint8Array.from(text).buffer);
	}
}

/** What is wrong with the first `length` bytes as the body of a close frame, in either direction (§5.5.1, §7.4), or 0. */
export function closeFault(body: Uint8Array, length: number): number {
	if (length === 0) return 0;
	if (length < REASON) return FAULT_CLOSE_SIZE;
	if (!isCloseCode(readUint16(body, 0))) return FAULT_CLOSE_CODE;
	return utf8Check(UTF8_ACCEPT, body, REASON, length) === UTF8_ACCEPT ? 0 : FAULT_CLOSE_UTF8;
}
