/*
 * What comes in: from the transport into the receive buffer, there through the decoder and the message, up to what the app or the
 * connection has to see. Pulled, never pushed: nothing is read before somebody asks for it, so what the app does not take stays with
 * the peer. Allocates nothing after it was made, but for the views of prefixes.ts.
 */
import { Prefixes } from "bytes/prefixes";
import type { Transport } from "transport/transport";
import {
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_PING,
	WEBSOCKET_FLAG_PONG,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	WEBSOCKET_OPCODE_PING,
	WEBSOCKET_OPCODE_PONG,
} from "websocket/codes";
import { Decoder } from "websocket/decoder";
import { isControl } from "websocket/header";
import { Message } from "websocket/message";

// What next() finds.
/** Nothing, for now. */
export const INPUT_NONE = 0;
/** Payload, or an empty frame, for take(). */
export const INPUT_DATA = 1;
/** A control frame begins; its payload is about to replace that of the one before. */
export const INPUT_BEGIN = 2;
/** A control frame is whole: `opcode`, and its payload in `message`. */
export const INPUT_CONTROL = 3;
/** The peer broke the protocol: `fault`. Nothing is looked at from now on. */
export const INPUT_FAULT = 4;

/** What take() says about the bytes it gave; the caller owns it and uses it again. */
export interface MessageInfo {
	messageType: number;
	/** Bytes of the frame that were not read yet. */
	remaining: number;
	/** The same for the message: -1 while more frames will come. */
	messageRemaining: number;
}

export class Input {
	/** The receive buffer; what arrived and was not looked at ends at `end`. */
	readonly bytes: Uint8Array;
	end = 0;
	readonly message: Message;
	/** Something waits for take(). */
	ready = false;
	fault = 0;
	/** The transport broke while reading. */
	broken = false;
	readonly #transport: Transport;
	readonly #prefixes: Prefixes;
	readonly #decoder = new Decoder();
	readonly #autoPong: boolean;
	#start = 0;
	/** Up to here payload was looked at, and waits for take(). */
	#readyEnd = 0;
	/** Nobody wants data any more. */
	#dropping = false;
	/** Nobody wants anything any more. */
	#ended = false;

	/** Borrows `bytes` for the life of the connection. Without `autoPong`, pings and pongs are data. */
	constructor(transport: Transport, bytes: Uint8Array, autoPong: boolean) {
		this.#transport = transport;
		this.bytes = bytes;
		this.#prefixes = new Prefixes(bytes, 0);
		this.message = new Message(bytes);
		this.#autoPong = autoPong;
	}

	/** Of the control frame that is whole. */
	get opcode(): number {
		return this.#decoder.opcode;
	}

	/** Reads behind what is there already, and returns how much came: for the handshake, which looks at all of it. */
	append(): number {
		return this.#read(this.end);
	}

	/** What is before `to` was no frame. */
	skip(to: number): void {
		this.#start = to;
	}

	/** Reads and looks, until there is something to see. */
	next(): number {
		const decoder = this.#decoder;
		while (!this.ready) {
			const needsBytes = !decoder.complete || decoder.remaining > 0;
			if (needsBytes && this.#start === this.end && this.#read(0) <= 0) return INPUT_NONE;
			if (this.#ended) {
				this.#start = this.end;
				continue;
			}
			const found = decoder.complete ? this.#payload() : this.#header();
			if (found !== INPUT_NONE) return found;
		}
		return INPUT_DATA;
	}

	/** Gives up to `length` bytes of what is ready to the app, at `at` of `into`, and returns how many. */
	take(into: Uint8Array, at: number, length: number, info: MessageInfo): number {
		const decoder = this.#decoder;
		const count = Math.min(length, this.#readyEnd - this.#start);
		if (count > 0) this.#prefixes.copy(this.#start, count, into, at);
		this.#spend(count);
		info.messageType = flagsOf(decoder.opcode, decoder.fin);
		info.remaining = decoder.remaining;
		info.messageRemaining = decoder.fin ? decoder.remaining : -1;
		this.ready = this.#start < this.#readyEnd;
		return count;
	}

	/** Whether what take() gave was the end of a frame. */
	get frameEnded(): boolean {
		return !this.#decoder.complete;
	}

	/** Data is dropped from now on, what is ready included. */
	drop(): void {
		this.#dropping = true;
		if (!this.ready) return;
		this.ready = false;
		this.#spend(this.#readyEnd - this.#start);
	}

	/** All that comes is dropped from now on, unseen. */
	stop(): void {
		this.#ended = true;
		this.#start = this.end;
	}

	/** Puts what the transport has at `at`, where nothing is that is still needed. */
	#read(at: number): number {
		const count = this.#transport.read(this.bytes, at, this.bytes.length);
		if (count < 0) this.broken = true;
		if (count <= 0) return count;
		this.end = at + count;
		if (at === 0) this.#start = 0;
		return count;
	}

	#fail(fault: number): number {
		this.fault = fault;
		this.#decoder.fail(fault);
		this.stop();
		return INPUT_FAULT;
	}

	#header(): number {
		const decoder = this.#decoder;
		this.#start = decoder.header(this.bytes, this.#start, this.end);
		if (decoder.fault) return this.#fail(decoder.fault);
		if (!decoder.complete) return INPUT_NONE;
		const opcode = decoder.opcode;
		if (!isControl(opcode)) {
			const fault = this.message.begin(opcode);
			return fault ? this.#fail(fault) : INPUT_NONE;
		}
		if (opcode === WEBSOCKET_OPCODE_PONG || !this.#isOurs(opcode)) return INPUT_NONE;
		this.message.beginControl();
		return INPUT_BEGIN;
	}

	/** The control frames that the app never sees. */
	#isOurs(opcode: number): boolean {
		return opcode === WEBSOCKET_OPCODE_CLOSE || (isControl(opcode) && this.#autoPong);
	}

	/** Looks at what has come of the frame's payload. */
	#payload(): number {
		const decoder = this.#decoder;
		const opcode = decoder.opcode;
		const count = Math.min(this.end - this.#start, decoder.remaining);
		this.#readyEnd = this.#start + count;
		if (this.#isOurs(opcode)) {
			// An answer to a ping says nothing that anybody waits for.
			if (opcode !== WEBSOCKET_OPCODE_PONG) this.message.dataControl(this.#prefixes, this.#start, count);
			this.#spend(count);
			return decoder.complete ? INPUT_NONE : INPUT_CONTROL;
		}
		if (!isControl(opcode)) {
			const fault = this.message.data(this.#start, this.#readyEnd, decoder.fin && count === decoder.remaining);
			if (fault) return this.#fail(fault);
		}
		if (this.#dropping) this.#spend(count);
		else this.ready = true;
		return INPUT_NONE;
	}

	/** `count` bytes of payload are done with. */
	#spend(count: number): void {
		const decoder = this.#decoder;
		this.#start += count;
		decoder.consume(count);
		if (!decoder.complete && !isControl(decoder.opcode)) this.message.end(decoder.fin);
	}
}

/** Zephyr's flags for a frame. */
function flagsOf(opcode: number, fin: boolean): number {
	const final = fin ? WEBSOCKET_FLAG_FINAL : 0;
	switch (opcode) {
		case WEBSOCKET_OPCODE_DATA_TEXT:
			return final | WEBSOCKET_FLAG_TEXT;
		case WEBSOCKET_OPCODE_DATA_BINARY:
			return final | WEBSOCKET_FLAG_BINARY;
		case WEBSOCKET_OPCODE_PING:
			return final | WEBSOCKET_FLAG_PING;
		case WEBSOCKET_OPCODE_PONG:
			return final | WEBSOCKET_FLAG_PONG;
		default:
			return final;
	}
}
