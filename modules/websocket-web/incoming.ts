/*
 * A message that is received: its pieces become one. Most are one piece, which needs no other place than the buffer it came in. One whose
 * length is known at its first piece gets a buffer of that length; one in fragments, a buffer that doubles.
 */
import { copy } from "bytes/block";
import type { MessageInfo } from "websocket";
import { WEBSOCKET_FLAG_FINAL, WEBSOCKET_FLAG_TEXT } from "websocket";
import { shared } from "websocket-web/shared";

export class Incoming {
	/** Of the whole message, or where all of a short one lies. */
	#bytes: Uint8Array | undefined;
	#length = 0;
	/** The message, or what there is of it, lies in a buffer of its own. */
	#owned = false;
	#begun = false;
	#text = false;
	readonly #most: number;

	/** `most`: how long a message can be; whoever receives it sees to that. */
	constructor(most: number) {
		this.#most = most;
	}

	/** Text, and not binary. */
	get text(): boolean {
		return this.#text;
	}

	/** Takes the next `count` bytes, as websocketRecvMsg gave them. true: the message is whole, and to be had until the next call of anything. */
	take(bytes: Uint8Array, count: number, { messageType, remaining, messageRemaining }: MessageInfo): boolean {
		if (!this.#begun) {
			this.#begun = true;
			this.#text = (messageType & WEBSOCKET_FLAG_TEXT) !== 0;
			this.#length = 0;
		}
		const whole = (messageType & WEBSOCKET_FLAG_FINAL) !== 0 && remaining === 0;
		if (whole && !this.#owned) {
			this.#bytes = bytes;
			this.#length = count;
			this.#begun = false;
			return true;
		}
		const length = this.#length + count;
		this.reserve(length, messageRemaining < 0 ? remaining : messageRemaining, messageRemaining < 0);
		copy(this.#bytes as Uint8Array, this.#length, bytes, 0, count);
		this.#length = length;
		this.#begun = !whole;
		return whole;
	}

	/** The whole message as a string, and lets go of it. */
	toText(): string {
		const bytes = this.#bytes as Uint8Array;
		const length = this.#length;
		this.drop();
		return shared.decode(bytes.length === length ? bytes : bytes.subarray(0, length));
	}

	/** The whole message as a buffer that is the caller's, and lets go of it. */
	toBuffer(): ArrayBuffer {
		const buffer = (this.#bytes as Uint8Array).buffer as ArrayBuffer;
		const length = this.#length;
		const owned = this.#owned;
		this.drop();
		return owned && buffer.byteLength === length ? buffer : buffer.slice(0, length);
	}

	/** Lets go of what there is. */
	drop(): void {
		this.#bytes = undefined;
		this.#owned = this.#begun = false;
	}

	/** Sees to room for `length` bytes and `more` of which is known; `open`: there may be more than that. */
	private reserve(length: number, more: number, open: boolean): void {
		const old = this.#owned ? (this.#bytes as Uint8Array) : undefined;
		const wanted = length + more;
		if (old && old.length >= wanted) return;
		const bytes = new Uint8Array(open && old ? Math.max(wanted, Math.min(old.length * 2, this.#most)) : wanted);
		if (old) copy(bytes, 0, old, 0, this.#length);
		this.#bytes = bytes;
		this.#owned = true;
	}
}
