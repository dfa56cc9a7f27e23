/*
 * What comes in: from the transport into the receive buffer, there through the decoder and the message, up to what the app or the
 * connection has to see. Pulled, never pushed: nothing is read before somebody asks for it, so what the app does not take stays with
 * the peer. Allocates nothing after it was made.
 */
import { copy, unmask } from "bytes/block";
import type { Transport } from "transport/transport";
import {
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_PING,
	WEBSOCKET_FLAG_PONG,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_PING,
	WEBSOCKET_OPCODE_PONG,
} from "websocket/codes";
import { Control } from "websocket/control";
import { Decoder } from "websocket/decoder";
import { Message } from "websocket/message";

// What next() finds.
/** Nothing, for now. */
export const INPUT_NONE = 0;
/** Payload, or an empty frame, for take(). */
export const INPUT_DATA = 1;
/** A control frame begins; its payload is about to replace that of the one before. */
export const INPUT_BEGIN = 2;
/** A control frame is whole: `opcode`, and its payload in `control`. */
export const INPUT_CONTROL = 3;
/** The peer broke the protocol: `fault`. Nothing is looked at from now on. */
export const INPUT_FAULT = 4;

/** What take() says about the bytes it gave; the caller owns it and uses it again. */
export interface MessageInfo {
	/** Zephyr's WEBSOCKET_FLAG_… bits of the frame. */
	messageType: number;
	/** Bytes of the frame that were not read yet. */
	remaining: number;
	/** The same for the message: -1 while more frames will come. */
	messageRemaining: number;
}

export interface InputOptions {
	readonly transport: Transport;
	/** What arrives waits here; borrowed for the life of the connection. */
	readonly receive: Uint8Array;
	/** Whether frames come from a client, and so have to be masked. */
	readonly server: boolean;
	/** false: pings and pongs are data. */
	readonly autoPong: boolean;
	/** Bytes that a message may have; 0 is no limit. */
	readonly maxMessage: number;
}

export class Input {
	/** Something waits for take(). */
	ready = false;
	/** A header was read, and what follows it was not all taken yet. */
	framed = false;
	/** Something came since somebody set this to false. */
	heard = false;
	fault = 0;
	/** The transport broke while reading. */
	broken = false;
	/** The receive buffer; what arrived and was not looked at ends at `end`. */
	readonly bytes: Uint8Array;
	end = 0;
	readonly control = new Control();
	#start = 0;
	/** Up to here payload was looked at, and waits for take(). */
	#readyEnd = 0;
	/** Bytes of the frame's payload that were not taken yet. */
	#remaining = 0;
	/** How many bytes of it were unmasked, modulo 4. */
	#phase = 0;
	/** Its bits in messageType. */
	#type = 0;
	/** Nobody wants data any more; nobody wants anything any more. */
	#dropping = false;
	#ended = false;
	readonly #size: number;
	readonly #transport: Transport;
	readonly #decoder: Decoder;
	readonly #message: Message;
	readonly #masked: boolean;
	readonly #autoPong: boolean;

	constructor(options: InputOptions) {
		this.#transport = options.transport;
		this.bytes = options.receive;
		this.#size = options.receive.length;
		this.#decoder = new Decoder(options.server);
		this.#message = new Message(options.maxMessage);
		this.#masked = options.server;
		this.#autoPong = options.autoPong;
	}

	/** Of the control frame that is whole. */
	get opcode(): number {
		return this.#decoder.opcode;
	}

	/** Reads behind what is there already, and returns how much came: for the handshake, which looks at all of it. */
	append(): number {
		const count = this.#transport.read(this.bytes, this.end, this.#size);
		if (count < 0) this.broken = true;
		else this.end += count;
		return count;
	}

	/** What is before `to` was no frame. */
	skip(to: number): void {
		this.#start = to;
	}

	/** Reads and looks, until there is something to see. */
	next(): number {
		if (this.ready) return INPUT_DATA;
		const bytes = this.bytes;
		for (;;) {
			let start = this.#start;
			// An empty frame needs no more bytes.
			if (start === this.end && !(this.framed && this.#remaining === 0)) {
				const count = this.#transport.read(bytes, 0, this.#size);
				if (count <= 0) {
					if (count < 0) this.broken = true;
					return INPUT_NONE;
				}
				this.heard = true;
				this.end = count;
				this.#start = start = this.#ended ? count : 0;
				if (this.#ended) continue;
			}
			if (!this.framed) {
				const size = this.#decoder.header(bytes, start, this.end);
				if (size < 0) return this.#fail(size);
				this.#start = start = size === 0 ? this.end : start + size;
				if (size === 0) continue;
				const found = this.#begin();
				if (found !== INPUT_NONE) return found;
			}
			const found = this.#payload(start);
			if (found !== INPUT_NONE) return found;
		}
	}

	/** Gives up to `length` bytes of what is ready to the app, at `at` of `into`, and returns how many. */
	take(into: Uint8Array, at: number, length: number, info: MessageInfo): number {
		const start = this.#start;
		let count = this.#readyEnd - start;
		if (count > length) count = length;
		if (count > 0) copy(into, at, this.bytes, start, count);
		const remaining = this.#remaining - count;
		const type = this.#type;
		info.messageType = type;
		info.remaining = remaining;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? remaining : -1;
		this.#remaining = remaining;
		this.#start = start + count;
		if (start + count === this.#readyEnd) {
			this.ready = false;
			if (remaining === 0) this.framed = false;
		}
		return count;
	}

	/** Data is dropped from now on, what is ready included. */
	drop(): void {
		this.#dropping = true;
		if (!this.ready) return;
		this.ready = false;
		this.#spend(this.#readyEnd);
	}

	/** All that comes is dropped from now on, unseen. */
	stop(): void {
		this.#ended = true;
		this.#start = this.end;
	}

	#fail(fault: number): number {
		this.fault = fault;
		this.stop();
		return INPUT_FAULT;
	}

	/** A header was read. */
	#begin(): number {
		const { opcode, fin, length } = this.#decoder;
		this.framed = true;
		this.#remaining = length;
		this.#phase = 0;
		if (opcode <= WEBSOCKET_OPCODE_DATA_BINARY) {
			// Zephyr's bits for text and binary are these opcodes, shifted; a continuation has none.
			this.#type = fin ? (opcode << 1) | WEBSOCKET_FLAG_FINAL : opcode << 1;
			const fault = this.#message.begin(opcode, fin, length);
			return fault === 0 ? INPUT_NONE : this.#fail(fault);
		}
		this.#type = WEBSOCKET_FLAG_FINAL | (opcode === WEBSOCKET_OPCODE_PING ? WEBSOCKET_FLAG_PING : WEBSOCKET_FLAG_PONG);
		// A pong says nothing that is kept.
		if (opcode === WEBSOCKET_OPCODE_PONG || !this.#isOurs(opcode)) return INPUT_NONE;
		this.control.begin();
		return INPUT_BEGIN;
	}

	/** The control frames that the app never sees. */
	#isOurs(opcode: number): boolean {
		return opcode === WEBSOCKET_OPCODE_CLOSE || (opcode > WEBSOCKET_OPCODE_DATA_BINARY && this.#autoPong);
	}

	/** Looks at what has come of the frame's payload, from `start` on. */
	#payload(start: number): number {
		const remaining = this.#remaining;
		let end = this.end;
		if (end - start > remaining) end = start + remaining;
		if (this.#masked && end > start) {
			const phase = this.#phase;
			unmask(this.bytes, start, end, this.#decoder.key, phase);
			this.#phase = (phase + end - start) & 3;
		}
		const opcode = this.#decoder.opcode;
		if (opcode > WEBSOCKET_OPCODE_DATA_BINARY) {
			if (this.#isOurs(opcode)) {
				if (opcode !== WEBSOCKET_OPCODE_PONG) this.control.append(this.bytes, start, end);
				this.#spend(end);
				return this.framed ? INPUT_NONE : INPUT_CONTROL;
			}
		} else if (this.#message.text) {
			const fault = this.#message.check(this.bytes, start, end, this.#decoder.fin && end - start === remaining);
			if (fault) return this.#fail(fault);
		}
		if (this.#dropping) {
			this.#spend(end);
			return INPUT_NONE;
		}
		// The app sees an empty frame, but no empty piece of one.
		if (start === end && remaining > 0) return INPUT_NONE;
		this.#readyEnd = end;
		this.ready = true;
		return INPUT_DATA;
	}

	/** Payload up to `end` is done with. */
	#spend(end: number): void {
		const remaining = this.#remaining - (end - this.#start);
		this.#start = end;
		this.#remaining = remaining;
		if (remaining === 0) this.framed = false;
	}
}
