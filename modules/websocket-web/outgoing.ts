/*
 * What send() was given, in its order. A message that the connection has room for is with it when send() returns; others wait here, each
 * in a buffer of its own, for what the app has may change meanwhile.
 */
import { EAGAIN, SYS_FOREVER_MS, websocketSendMsg } from "websocket";

interface Waiting {
	readonly bytes: Uint8Array;
	readonly opcode: number;
	next: Waiting | undefined;
}

export class Outgoing {
	/** The handle, once the connection is open. */
	ws = -1;
	/** bufferedAmount: what was sent and did not leave, and what was sent in this turn of the loop (WebSockets §3.1). */
	amount = 0;
	/** Bytes that are kept here. */
	kept = 0;
	/** Bytes of this turn that have left: they count until it is over. */
	#left = 0;
	/** How long a message may be to be with the connection at once. */
	readonly #quick: number;
	readonly #most: number;
	#first: Waiting | undefined;
	#last: Waiting | undefined;
	/** The first one is on its way, and its bytes are borrowed. */
	#flying = false;

	/** `quick`: the longest message that the connection copies; `most`: how many bytes may wait here. */
	constructor(quick: number, most: number) {
		this.#quick = quick;
		this.#most = most;
	}

	/** Nothing waits. */
	get empty(): boolean {
		return this.#first === undefined;
	}

	/**
	 * Sends the first `length` bytes of `bytes`, which are the caller's again; with `given` they are not, and nobody changes them. false:
	 * there is no room for them. Allocates nothing, if they can leave at once.
	 */
	send(bytes: Uint8Array, length: number, opcode: number, given: boolean): boolean {
		this.amount += length;
		if (this.#first === undefined && length <= this.#quick && websocketSendMsg(this.ws, bytes, length, opcode, true, true, 0) >= 0) {
			this.#left += length;
			return true;
		}
		if (this.kept + length > this.#most) return false;
		const waiting = { bytes: given && length === bytes.length ? bytes : bytes.slice(0, length), opcode, next: undefined };
		this.kept += length;
		if (this.#last) this.#last.next = waiting;
		else this.#first = waiting;
		this.#last = waiting;
		this.pump();
		return true;
	}

	/** The connection has room: what was on its way has left. */
	writable(): void {
		if (this.#flying) this.leave();
		this.pump();
	}

	/** A turn of the loop is over. */
	turn(): void {
		this.amount -= this.#left;
		this.#left = 0;
	}

	/** Nothing of what waits will leave. It stays in `amount`. */
	drop(): void {
		this.#first = this.#last = undefined;
		this.#flying = false;
		this.kept = 0;
	}

	private pump(): void {
		while (this.#first !== undefined && !this.#flying) {
			const { bytes, opcode } = this.#first;
			const quick = bytes.length <= this.#quick;
			const result = websocketSendMsg(this.ws, bytes, bytes.length, opcode, true, true, quick ? 0 : SYS_FOREVER_MS);
			if (result < 0) {
				// Without room, writable() follows; without a connection, its end does.
				if (result !== -EAGAIN) this.drop();
				return;
			}
			// Room is told of when the last byte of it has left.
			if (quick) this.leave();
			else this.#flying = true;
		}
	}

	private leave(): void {
		const { bytes, next } = this.#first as Waiting;
		this.#flying = false;
		this.#first = next;
		if (next === undefined) this.#last = undefined;
		this.kept -= bytes.length;
		this.amount -= bytes.length;
	}
}
