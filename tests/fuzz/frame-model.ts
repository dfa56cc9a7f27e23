/*
 * What has to come of an input, said as plainly as possible: it has the whole input, no buffers and no states, and follows RFC 6455
 * §5 from the first byte to the last. What the connection makes of the same bytes in pieces is compared with it.
 */
import { copy, unmask, utf8Check } from "bytes/block";
import {
	FAULT_CLOSE_CODE,
	FAULT_CLOSE_SIZE,
	FAULT_CLOSE_UTF8,
	FAULT_CONTINUATION,
	FAULT_CONTROL_FRAGMENT,
	FAULT_CONTROL_SIZE,
	FAULT_INTERRUPTED,
	FAULT_LENGTH_FORM,
	FAULT_LENGTH_RANGE,
	FAULT_LENGTH_SIGN,
	FAULT_MASKED,
	FAULT_MESSAGE_SIZE,
	FAULT_OPCODE,
	FAULT_RSV,
	FAULT_UNMASKED,
	FAULT_UTF8,
	FAULTS,
	faultOf,
	isCloseCode,
} from "websocket/codes";
import type { Outcome } from "./outcome";

/** How a connection is set up. */
export interface Settings {
	server: boolean;
	autoPong: boolean;
	maxMessage: number;
}

export class FrameModel {
	/** Payload is unmasked here. */
	readonly #payload: Uint8Array;
	readonly #key = new Uint8Array(4);
	/** The bodies of the close frames that tell a fault. */
	readonly #words: Uint8Array[] = [];
	#outcome: Outcome | undefined;
	#bytes: Uint8Array;
	#length = 0;
	#at = 0;
	#server = false;
	#maxMessage = 0;
	#autoPong = true;
	/** Of the message under way: 0, 1 or 2; how long it is; UTF-8's state. */
	#open = 0;
	#size = 0;
	#utf8 = 0;

	constructor(size: number) {
		this.#payload = this.#bytes = new Uint8Array(size);
		for (let fault = -1; fault >= -FAULTS.length; fault--) {
			const { close, meaning } = faultOf(fault);
			const text = new Uint8Array(ArrayBuffer.fromString(meaning));
			const body = new Uint8Array(2 + text.length);
			body[0] = close >> 8;
			body[1] = close;
			body.set(text, 2);
			this.#words.push(body);
		}
	}

	/** What becomes of bytes[0, length), for a server or a client, into `outcome`. */
	run(bytes: Uint8Array, length: number, { server, autoPong, maxMessage }: Settings, outcome: Outcome): void {
		this.#bytes = bytes;
		this.#length = length;
		this.#at = 0;
		this.#server = server;
		this.#autoPong = autoPong;
		this.#maxMessage = maxMessage;
		this.#open = this.#size = this.#utf8 = 0;
		this.#outcome = outcome;
		while (!outcome.closed && this.#frame(outcome));
	}

	/** Whether there was a whole frame. */
	#frame(outcome: Outcome): boolean {
		const bytes = this.#bytes;
		const length = this.#length;
		let at = this.#at;
		if (at >= length) return false;
		const first = bytes[at++] as number;
		const opcode = first & 15;
		const fin = first >= 0x80;
		if (first & 0x70) return this.#fail(FAULT_RSV);
		if ((opcode > 2 && opcode < 8) || opcode > 10) return this.#fail(FAULT_OPCODE);
		if (opcode >= 8 && !fin) return this.#fail(FAULT_CONTROL_FRAGMENT);
		if (at >= length) return false;
		const second = bytes[at++] as number;
		if (second >= 0x80 !== this.#server) return this.#fail(this.#server ? FAULT_UNMASKED : FAULT_MASKED);
		let size = second & 127;
		if (opcode >= 8 && size > 125) return this.#fail(FAULT_CONTROL_SIZE);
		if (size === 126) {
			if (at + 2 > length) return false;
			size = (bytes[at] as number) * 256 + (bytes[at + 1] as number);
			at += 2;
			if (size < 126) return this.#fail(FAULT_LENGTH_FORM);
		} else if (size === 127) {
			if (at < length && (bytes[at] as number) > 127) return this.#fail(FAULT_LENGTH_SIGN);
			if (at < length && (bytes[at] as number) > 0) return this.#fail(FAULT_LENGTH_RANGE);
			if (at + 1 < length && (bytes[at + 1] as number) > 31) return this.#fail(FAULT_LENGTH_RANGE);
			if (at + 8 > length) return false;
			size = 0;
			for (let end = at + 8; at < end; at++) size = size * 256 + (bytes[at] as number);
			if (size < 65536) return this.#fail(FAULT_LENGTH_FORM);
		}
		if (this.#server) {
			if (at + 4 > length) return false;
			copy(this.#key, 0, bytes, at, 4);
			at += 4;
		}
		if (opcode < 8) {
			if (opcode === 0 && this.#open === 0) return this.#fail(FAULT_CONTINUATION);
			if (opcode !== 0 && this.#open !== 0) return this.#fail(FAULT_INTERRUPTED);
			if (opcode !== 0) {
				this.#open = opcode;
				this.#size = this.#utf8 = 0;
			}
			this.#size += size;
			if (this.#maxMessage > 0 && this.#size > this.#maxMessage) return this.#fail(FAULT_MESSAGE_SIZE);
		}
		const there = size < length - at ? size : length - at;
		const whole = there === size;
		const payload = this.#payload;
		if (there > 0) {
			copy(payload, 0, bytes, at, there);
			if (this.#server) unmask(payload, 0, there, this.#key, 0);
		}
		this.#at = at + there;
		return opcode < 8 ? this.#data(outcome, fin, there, whole) : this.#control(outcome, opcode, there, whole);
	}

	#data(outcome: Outcome, fin: boolean, there: number, whole: boolean): boolean {
		const payload = this.#payload;
		if (this.#open === 1) {
			if (there > 0) this.#utf8 = utf8Check(this.#utf8, payload, 0, there);
			if (this.#utf8 < 0 || (fin && whole && this.#utf8 !== 0)) return this.#fail(FAULT_UTF8);
		}
		outcome.data(this.#open, payload, there, fin && whole);
		if (!whole) return false;
		if (fin) this.#open = 0;
		return true;
	}

	#control(outcome: Outcome, opcode: number, there: number, whole: boolean): boolean {
		const payload = this.#payload;
		if (opcode !== 8 && !this.#autoPong) {
			outcome.data(1 << (opcode - 6), payload, there, whole);
			return whole;
		}
		if (!whole) return false;
		if (opcode === 9) outcome.send(0x8a, payload, there, !this.#server);
		if (opcode !== 8) return true;
		if (there === 1) return this.#fail(FAULT_CLOSE_SIZE);
		const code = there === 0 ? 1005 : (payload[0] as number) * 256 + (payload[1] as number);
		if (there > 0 && !isCloseCode(code)) return this.#fail(FAULT_CLOSE_CODE);
		if (there > 2 && utf8Check(0, payload, 2, there) !== 0) return this.#fail(FAULT_CLOSE_UTF8);
		outcome.send(0x88, payload, there === 0 ? 0 : 2, !this.#server);
		outcome.end(0, code);
		return false;
	}

	#fail(fault: number): boolean {
		const body = this.#words[-1 - fault] as Uint8Array;
		const outcome = this.#outcome as Outcome;
		outcome.send(0x88, body, body.length, !this.#server);
		outcome.end(fault, (body[0] as number) * 256 + (body[1] as number));
		return false;
	}
}
