/*
 * What comes in: from the transport into the receive buffer, there through the decoder and the message, up to what the app or the
 * connection has to see. Pulled, never pushed: nothing is read before somebody asks for it, so what the app does not take stays with
 * the peer. Allocates nothing after it was made.
 */
import { copy, unmask } from "bytes/block";
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
import { Control } from "websocket/control";
import { Decoder } from "websocket/decoder";
import { BIT_FIN, LENGTH_16, LENGTH_16_MIN } from "websocket/header";
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

/** How a message in one frame begins. */
const FIN_BINARY = BIT_FIN | WEBSOCKET_OPCODE_DATA_BINARY;
const FIN_TEXT = BIT_FIN | WEBSOCKET_OPCODE_DATA_TEXT;

/** Between two frames. */
const NO_FRAME = -1;

/** Whose a frame is: the app's, as data or because it answers pings itself; or ours. */
const FOR_APP = 0;
const FOR_US = 1;

export class Input {
	/** Something waits for take(). */
	ready = false;
	/** take() gave something since somebody set this to false. */
	taken = false;
	/** Something came since somebody set this to false. */
	heard = false;
	/** The receive buffer; what arrived and was not looked at ends at `end`. */
	readonly bytes: Uint8Array;
	end = 0;
	#start = 0;
	/** Up to here payload was looked at, and waits for take(). */
	#readyEnd = 0;
	/** Bytes of the frame's payload that were not taken yet, or NO_FRAME. */
	#remaining = NO_FRAME;
	/** Its bits in messageType. */
	#type = 0;
	/** Its payload is text; FOR_APP or FOR_US. */
	#text = false;
	#owner = FOR_APP;
	/** A message in one frame may begin, none of its header is with the decoder, and it is not masked: see next(). */
	#plain: boolean;
	readonly #transport: Transport;
	readonly #size: number;
	readonly #view: DataView;
	readonly #decoder: Decoder;
	readonly #message: Message;
	readonly #masked: boolean;
	readonly #autoPong: boolean;
	/** How many bytes of the frame were unmasked, modulo 4. */
	#phase = 0;
	/** Nobody wants data any more; nobody wants anything any more. */
	#dropping = false;
	#ended = false;
	readonly control = new Control();
	fault = 0;
	/** The transport broke while reading. */
	broken = false;

	constructor(options: InputOptions) {
		const bytes = options.receive;
		this.bytes = bytes;
		this.#transport = options.transport;
		this.#size = bytes.length;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.#decoder = new Decoder(options.server);
		this.#message = new Message(options.maxMessage);
		this.#masked = options.server;
		this.#autoPong = options.autoPong;
		this.#plain = this.#message.plain && !options.server;
	}

	/** Of the control frame that is whole. */
	get opcode(): number {
		return this.#decoder.opcode;
	}

	/** A header was read, and what follows it was not all taken yet. */
	get framed(): boolean {
		return this.#remaining !== NO_FRAME;
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
		for (;;) {
			let start = this.#start;
			let end = this.end;
			let remaining = this.#remaining;
			// An empty frame needs no more bytes.
			if (start === end && remaining !== 0) {
				end = this.#transport.read(this.bytes, 0, this.#size);
				if (end <= 0) {
					if (end < 0) this.broken = true;
					return INPUT_NONE;
				}
				this.heard = true;
				this.end = end;
				this.#start = start = this.#ended ? end : 0;
				if (this.#ended) continue;
			}
			if (remaining === NO_FRAME) {
				// Two bytes at once show of nearly every frame that nothing can be wrong with it. The decoder sees to all others.
				const head = this.#plain && end - start > 1 ? this.#view.getUint16(start) : 0;
				const first = head >> 8;
				let size = 2;
				remaining = head & 0xff;
				if (remaining === LENGTH_16 && end - start > 3) {
					remaining = this.#view.getUint16(start + 2);
					size = 4;
				}
				if ((first === FIN_BINARY || first === FIN_TEXT) && (size === 2 ? remaining < LENGTH_16_MIN : remaining >= LENGTH_16_MIN)) {
					start += size;
					this.#text = first === FIN_TEXT;
					this.#type = first === FIN_BINARY ? WEBSOCKET_FLAG_FINAL | WEBSOCKET_FLAG_BINARY : WEBSOCKET_FLAG_FINAL | WEBSOCKET_FLAG_TEXT;
					this.#owner = FOR_APP;
				} else {
					const found = this.#header(start, end);
					if (found !== INPUT_NONE) return found;
					start = this.#start;
					remaining = this.#remaining;
					if (remaining === NO_FRAME) continue;
				}
			}
			// What has come of the payload.
			if (end - start > remaining) end = start + remaining;
			if (this.#masked) this.#unmask(start, end);
			if (this.#owner === FOR_US || this.#dropping) {
				const found = this.#swallow(start, end, remaining);
				if (found !== INPUT_NONE) return found;
				continue;
			}
			if (this.#text) {
				const last = end - start === remaining && (this.#type & WEBSOCKET_FLAG_FINAL) !== 0;
				const fault = this.#message.check(this.bytes, start, end, last);
				if (fault) return this.#fail(fault);
			}
			this.#start = start;
			this.#remaining = remaining;
			// The app sees an empty frame, but no empty piece of one.
			if (start === end && remaining > 0) continue;
			this.#readyEnd = end;
			this.ready = true;
			return INPUT_DATA;
		}
	}

	/**
	 * Gives up to `length` bytes of what is ready to the app, at `at` of `into`, and returns how many. Throws, and is as before, if
	 * `into` is no buffer of so many.
	 */
	take(into: Uint8Array, at: number, length: number, info: MessageInfo): number {
		const start = this.#start;
		const end = this.#readyEnd;
		let count = end - start;
		if (count > length) count = length;
		if (count > 0) copy(into, at, this.bytes, start, count);
		const remaining = this.#remaining - count;
		const type = this.#type;
		info.messageType = type;
		info.remaining = remaining;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? remaining : -1;
		this.taken = true;
		this.#start = start + count;
		if (start + count === end) {
			this.ready = false;
			this.#remaining = remaining === 0 ? NO_FRAME : remaining;
		} else this.#remaining = remaining;
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

	/** Reads a header the long way. INPUT_NONE: it is there, or needs more bytes. */
	#header(start: number, end: number): number {
		const decoder = this.#decoder;
		const message = this.#message;
		const size = decoder.header(this.bytes, start, end);
		if (size < 0) return this.#fail(size);
		this.#start = size === 0 ? end : start + size;
		this.#plain = false;
		if (size === 0) return INPUT_NONE;
		const { opcode, fin, length } = decoder;
		this.#remaining = length;
		this.#phase = 0;
		if (opcode <= WEBSOCKET_OPCODE_DATA_BINARY) {
			const fault = message.begin(opcode, fin, length);
			if (fault) return this.#fail(fault);
			this.#plain = message.plain && !this.#masked;
			this.#owner = FOR_APP;
			this.#text = message.text;
			// Zephyr's bits for text and binary are these opcodes, shifted; a continuation has none.
			this.#type = fin ? (opcode << 1) | WEBSOCKET_FLAG_FINAL : opcode << 1;
			return INPUT_NONE;
		}
		this.#plain = message.plain && !this.#masked;
		this.#text = false;
		this.#type = WEBSOCKET_FLAG_FINAL | (opcode === WEBSOCKET_OPCODE_PING ? WEBSOCKET_FLAG_PING : WEBSOCKET_FLAG_PONG);
		this.#owner = opcode === WEBSOCKET_OPCODE_CLOSE || this.#autoPong ? FOR_US : FOR_APP;
		// A pong says nothing that is kept.
		if (opcode === WEBSOCKET_OPCODE_PONG || this.#owner === FOR_APP) return INPUT_NONE;
		this.control.begin();
		return INPUT_BEGIN;
	}

	#unmask(start: number, end: number): void {
		if (start === end) return;
		const phase = this.#phase;
		unmask(this.bytes, start, end, this.#decoder.key, phase);
		this.#phase = (phase + end - start) & 3;
	}

	/** Payload that the app does not see: a control frame's, or what nobody wants any more, which is looked at all the same. */
	#swallow(start: number, end: number, remaining: number): number {
		this.#remaining = remaining;
		this.#start = start;
		if (this.#owner === FOR_US) {
			const opcode = this.#decoder.opcode;
			if (opcode !== WEBSOCKET_OPCODE_PONG) this.control.append(this.bytes, start, end);
			this.#spend(end);
			return this.framed ? INPUT_NONE : INPUT_CONTROL;
		}
		if (this.#text) {
			const last = end - start === remaining && (this.#type & WEBSOCKET_FLAG_FINAL) !== 0;
			const fault = this.#message.check(this.bytes, start, end, last);
			if (fault) return this.#fail(fault);
		}
		this.#spend(end);
		return INPUT_NONE;
	}

	/** Payload up to `end` is done with. */
	#spend(end: number): void {
		const remaining = this.#remaining - (end - this.#start);
		this.#start = end;
		this.#remaining = remaining === 0 ? NO_FRAME : remaining;
	}
}
