/* A piece of somebody's buffer, read where it lies: one object that is set again and again. */
import { same } from "bytes/block";

/** What points to nothing yet points here: one for all, in flash. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Bytes of a buffer that is the library's. They are what they are only for as long as whoever handed out the span says: to keep them, copy
 * them, or take toString().
 */
export class MqttSpan {
	bytes: Uint8Array;
	/** Where they begin in `bytes`, and where they have ended. */
	start = 0;
	end = 0;

	constructor(bytes = NO_BYTES) {
		this.bytes = bytes;
	}

	/** Points it somewhere else. */
	set(bytes: Uint8Array, start: number, end: number): void {
		this.bytes = bytes;
		this.start = start;
		this.end = end;
	}

	/** In bytes. */
	get length(): number {
		return this.end - this.start;
	}

	/** Whether it is this text, in UTF-8. Allocates nothing. */
	equals(text: string): boolean {
		return same(this.bytes, this.start, this.end, text);
	}

	/** Its text, if it is one: what was received as text is. A new string each time. */
	toString(): string {
		return textOf(this.bytes, this.start, this.end);
	}
}

/** The text of these bytes, which are UTF-8, as a new string. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
	return start === end ? "" : String.fromArrayBuffer(bytes.slice(start, end).buffer);
}
