/* What came of an input: messages delivered, bytes sent, and how it ended. Made once, and used again: allocates nothing. */
import { copy } from "bytes/block";

export class Outcome {
	/** The payload of all messages, one behind the other. The part of the last one that is not complete begins at `whole`. */
	readonly messages: Uint8Array;
	length = 0;
	whole = 0;
	/** How many messages, and their types and lengths, mixed. */
	count = 0;
	shape = 0;
	/** What went out. */
	readonly sent: Uint8Array;
	sentLength = 0;
	closed = false;
	fault = 0;
	closeCode = 0;
	/** The same bytes as words: a quarter of the reads. */
	readonly #messageWords: Int32Array;
	readonly #sentWords: Int32Array;

	/** `size` is in bytes, a multiple of four. */
	constructor(size: number) {
		this.messages = new Uint8Array(size);
		this.sent = new Uint8Array(size);
		this.#messageWords = new Int32Array(this.messages.buffer);
		this.#sentWords = new Int32Array(this.sent.buffer);
	}

	reset(): void {
		this.length = this.whole = this.count = this.shape = this.sentLength = this.fault = this.closeCode = 0;
		this.closed = false;
	}

	/** Payload of a message: type 1 is text, 2 binary, 8 a ping, 16 a pong; `last` if it is complete with it. */
	data(type: number, bytes: Uint8Array, count: number, last: boolean): void {
		if (count > 0) copy(this.messages, this.length, bytes, 0, count);
		this.length += count;
		if (!last) return;
		this.shape = Math.imul(this.shape ^ (type + ((this.length - this.whole) << 2)), 0x01000193);
		this.count++;
		this.whole = this.length;
	}

	/** A whole frame of at most 125 bytes went out; one that is masked has a key of zeros. */
	send(first: number, payload: Uint8Array, count: number, masked: boolean): void {
		const sent = this.sent;
		let at = this.sentLength;
		sent[at++] = first;
		sent[at++] = masked ? 0x80 | count : count;
		if (masked) for (let i = 0; i < 4; i++) sent[at++] = 0;
		if (count > 0) copy(sent, at, payload, 0, count);
		this.sentLength = at + count;
	}

	end(fault: number, closeCode: number): void {
		this.closed = true;
		this.fault = fault;
		this.closeCode = closeCode;
	}

	/** The first thing that differs from another outcome, or "". What is there of an incomplete message counts only while it may go on. */
	difference(other: Outcome): string {
		if (this.closed !== other.closed) return "closed";
		if (this.fault !== other.fault) return "fault";
		if (this.closeCode !== other.closeCode) return "close code";
		if (this.count !== other.count) return "number of messages";
		if (this.shape !== other.shape) return "types and lengths of messages";
		if (this.sentLength !== other.sentLength) return "length of what was sent";
		const length = this.closed ? this.whole : this.length;
		if (length !== (other.closed ? other.whole : other.length)) return "length of messages";
		if (differs(this.messages, this.#messageWords, other.messages, other.#messageWords, length)) return "messages";
		return differs(this.sent, this.#sentWords, other.sent, other.#sentWords, this.sentLength) ? "what was sent" : "";
	}
}

function differs(one: Uint8Array, oneWords: Int32Array, other: Uint8Array, otherWords: Int32Array, length: number): boolean {
	const words = length >> 2;
	for (let i = 0; i < words; i++) if (oneWords[i] !== otherWords[i]) return true;
	for (let i = words << 2; i < length; i++) if (one[i] !== other[i]) return true;
	return false;
}

/** The first `length` bytes, in hexadecimal. */
export function hexOf(bytes: Uint8Array, length: number): string {
	let text = "";
	for (let i = 0; i < length; i++) text += ((bytes[i] as number) + 256).toString(16).slice(1);
	return text;
}
