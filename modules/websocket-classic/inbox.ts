/* Frames to whole messages, as the SDK's class gives them: a string for text, an ArrayBuffer for binary. */
import { copy, find } from "bytes/block";
import { WEBSOCKET_FLAG_FINAL, WEBSOCKET_FLAG_TEXT, websocketReadable, websocketRecvMsg } from "websocket";
import { SCRATCH_SIZE, scratch } from "websocket-classic/outbox";

export class Inbox {
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #bytes = scratch();
	/** The message so far, and room for the rest of its frame. */
	#message: ArrayBuffer | undefined;
	#length = 0;
	#text = false;

	/**
	 * Takes what came, and gives the next message that is whole, or undefined. Allocates that, and for a text that is longer than 512 bytes
	 * or comes in pieces, its bytes; a message in several frames is copied once for each.
	 */
	next(ws: number): string | ArrayBuffer | undefined {
		const info = this.#info;
		for (;;) {
			const count = websocketReadable(ws, info);
			if (count < 0) return undefined;
			const { messageType, messageRemaining, remaining } = info;
			if (this.#message === undefined) {
				this.#text = (messageType & WEBSOCKET_FLAG_TEXT) !== 0;
				// Most texts are short and here already.
				if (this.#text && messageRemaining === count && count <= SCRATCH_SIZE) {
					this.take(ws, count);
					return textOf(this.#bytes, count);
				}
			}
			this.reserve(remaining);
			this.fill(ws, count);
			if (info.remaining !== 0 || (messageType & WEBSOCKET_FLAG_FINAL) === 0) continue;
			const message = this.#message as ArrayBuffer;
			this.forget();
			return this.#text ? textOf(new Uint8Array(message), message.byteLength) : message;
		}
	}

	/** Lets go of a message that will have no end. */
	forget(): void {
		this.#message = undefined;
		this.#length = 0;
	}

	/** Makes room for so many more bytes. */
	private reserve(count: number): void {
		const message = this.#message;
		const length = this.#length;
		if (message !== undefined && message.byteLength >= length + count) return;
		const larger = new ArrayBuffer(length + count);
		if (message !== undefined) copy(larger, 0, message, 0, length);
		this.#message = larger;
	}

	/** Takes `count` bytes, which are there, and puts them behind the message. */
	private fill(ws: number, count: number): void {
		let left = count;
		do {
			const taken = this.take(ws, Math.min(left, SCRATCH_SIZE));
			if (taken <= 0) return;
			copy(this.#message as ArrayBuffer, this.#length, this.#bytes, 0, taken);
			this.#length += taken;
			left -= taken;
		} while (left > 0);
	}

	private take(ws: number, count: number): number {
		// A frame without payload is taken, too.
		return websocketRecvMsg(ws, this.#bytes, count || 1, this.#info, 0);
	}
}

/** The string of UTF-8, the first `length` bytes. */
function textOf(bytes: Uint8Array, length: number): string {
	const { fromArrayBuffer } = String as unknown as { fromArrayBuffer(buffer: ArrayBufferLike, start: number, length: number): string };
	if (find(bytes, 0, length, 0, 0, 0) < 0) return fromArrayBuffer(bytes.buffer, bytes.byteOffset, length);
	// XS ends a string at a NUL; it keeps one in two bytes.
	const kept: number[] = [];
	for (let i = 0; i < length; i++) {
		if (bytes[i] === 0) kept.push(0xc0, 0x80);
		else kept.push(bytes[i] as number);
	}
	return fromArrayBuffer(Uint8Array.from(kept).buffer, 0, kept.length);
}
