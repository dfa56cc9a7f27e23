/*
 * What comes in: from the transport into the receive buffer, there through the decoder and the message, up to what the app or the
 * connection has to see. Pulled, never pushed: nothing is read before somebody asks for it, so what the app does not take stays with
 * the peer. Allocates nothing after it was made.
 */
import { copy, give, unmask } from "bytes/block";
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
/** Nothing, and the transport broke: `broken`. */
export const INPUT_BROKEN = 5;

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

// What waits for take().
export const READY_NONE = 0;
/** Payload, or an empty frame, that came or was taken from since somebody set READY_TOLD. */
export const READY_NEW = 1;
/** For whoever tells the app: it knows. */
export const READY_TOLD = 2;

/** take() was not called for: see receive(). */
export const TAKE_OTHER = -1;

/** How a message in one frame begins: the first byte of a header that is read as a number with a sign. */
const FIN_BINARY = (BIT_FIN | WEBSOCKET_OPCODE_DATA_BINARY) - 0x100;
const FIN_TEXT = (BIT_FIN | WEBSOCKET_OPCODE_DATA_TEXT) - 0x100;

/** Between two frames. */
const NO_FRAME = -1;

// The mode. Below are the frame's bits in messageType; above, what is not as it nearly always is.
const TYPE_BITS = 0xff;
/** The frame's payload is text. */
const TEXT = 0x100;
/** The frame is not for the app: a control frame that is answered here. */
const OURS = 0x200;
/** Data is not wanted any more. */
const DROPPING = 0x400;
/** Nothing is wanted any more. */
const ENDED = 0x800;
/** Frames are masked. */
const MASKED = 0x1000;
/** Somebody wants to know whether anything comes. */
const LISTENING = 0x2000;
/** Only the decoder may look at the next header: it has a piece of it, or a fragmented message is open, or messages are measured. */
const DECODING = 0x4000;

/** Those that concern one frame only. */
const OF_FRAME = TYPE_BITS | TEXT | OURS;
const FINAL_BINARY = WEBSOCKET_FLAG_FINAL | WEBSOCKET_FLAG_BINARY;
const FINAL_TEXT = WEBSOCKET_FLAG_FINAL | WEBSOCKET_FLAG_TEXT | TEXT;

export class Input {
	// The fields of next() and take() come first, for the engine looks for a field from the first one on.
	/** What arrived, and was not taken yet, is from `#start` to `#end` of the receive buffer. */
	#start = 0;
	#end = 0;
	/** Bytes of the frame's payload that were not taken yet, or NO_FRAME. */
	#remaining = NO_FRAME;
	#mode: number;
	readonly #bytes: Uint8Array;
	readonly #transport: Transport;
	readonly #size: number;
	readonly #view: DataView;
	readonly #decoder: Decoder;
	readonly #message: Message;
	readonly #autoPong: boolean;
	/** How many bytes of the frame were unmasked, modulo 4. */
	#phase = 0;
	/** Whether something waits for take() or receive(). */
	ready = READY_NONE;
	/** The transport broke while reading. */
	broken = false;
	/** What the peer did wrong, found while the app took what came before it. */
	fault = 0;
	readonly control = new Control();

	constructor(options: InputOptions) {
		const bytes = options.receive;
		this.#bytes = bytes;
		this.#size = bytes.length;
		this.#transport = options.transport;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		this.#decoder = new Decoder(options.server);
		this.#message = new Message(options.maxMessage);
		this.#autoPong = options.autoPong;
		this.#mode = (options.server ? MASKED : 0) | (this.#message.plain ? 0 : DECODING);
	}

	/** Reads and looks, until there is something to see. */
	next(): number {
		if (this.ready) return INPUT_DATA;
		if (this.#remaining !== NO_FRAME || this.#mode >= DROPPING) return this.search();
		let start = this.#start;
		let end = this.#end;
		if (start === end) {
			start = 0;
			end = this.#transport.read(this.#bytes, 0, this.#size);
			if (end <= 0) return end < 0 ? this.break() : INPUT_NONE;
			this.#end = end;
		}
		const count = end - start;
		if (count > 1) {
			// These bytes show of nearly every frame that nothing can be wrong with it. The decoder sees to all others.
			const head = count > 3 ? this.#view.getInt32(start) : this.#view.getInt16(start) << 16;
			const first = head >> 24;
			let length = (head >> 16) & 0xff;
			let at = start + 2;
			if (length === LENGTH_16) {
				length = head & 0xffff;
				at += 2;
				if (length < LENGTH_16_MIN) length = NO_FRAME;
			} else if (length > LENGTH_16) length = NO_FRAME;
			if (length >= 0 && (first === FIN_BINARY || first === FIN_TEXT)) {
				this.#start = at;
				this.#remaining = length;
				if (first === FIN_BINARY) {
					this.#mode = FINAL_BINARY;
					if (at === end) return this.search();
					this.ready = READY_NEW;
					return INPUT_DATA;
				}
				this.#mode = FINAL_TEXT;
				return this.search();
			}
		}
		this.#start = start;
		return this.search();
	}

	/**
	 * Gives the rest of the frame to the app, at the front of `into`, and returns how many bytes: if something is ready, all of it is here
	 * already, and there is room in the `length` bytes of `into`. Otherwise TAKE_OTHER, with nothing done. Throws nothing.
	 */
	take(into: Uint8Array, length: number, info: MessageInfo): number {
		const start = this.#start;
		const remaining = this.#remaining;
		if (!this.ready || this.#end - start < remaining || remaining > length) return TAKE_OTHER;
		if (give(into, length, this.#bytes, start, remaining) !== remaining) return TAKE_OTHER;
		const type = this.#mode & TYPE_BITS;
		info.messageType = type;
		info.remaining = 0;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? 0 : -1;
		this.#start = start + remaining;
		this.#remaining = NO_FRAME;
		this.ready = READY_NONE;
		return remaining;
	}

	/** How many bytes receive() would give of what is here, and in `info` what it would say if that were all that is taken. */
	peek(info: MessageInfo): number {
		const remaining = this.#remaining;
		const count = this.#end - this.#start;
		const type = this.#mode & TYPE_BITS;
		info.messageType = type;
		info.remaining = remaining;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? remaining : -1;
		return count < remaining ? count : remaining;
	}

	/** As next(), for what is not as usual. */
	private search(): number {
		for (;;) {
			let start = this.#start;
			let end = this.#end;
			const remaining = this.#remaining;
			// An empty frame needs no more bytes.
			if (start === end && remaining !== 0) {
				this.#start = this.#end = start = 0;
				end = this.#transport.read(this.#bytes, 0, this.#mode & DROPPING ? this.rest(remaining) : this.#size);
				if (end <= 0) return end < 0 ? this.break() : INPUT_NONE;
				this.#end = end;
			}
			if (remaining === NO_FRAME) {
				const found = this.header(start, end);
				if (found !== INPUT_NONE) return found;
				continue;
			}
			if (this.#mode >= TEXT) {
				const found = this.payload(start, end, remaining);
				if (found === INPUT_NONE) continue;
				if (found !== INPUT_DATA) return found;
			}
			// The app sees an empty frame, but no empty piece of one.
			if (start === end && remaining !== 0) continue;
			this.ready = READY_NEW;
			return INPUT_DATA;
		}
	}

	/**
	 * How much to read while a close frame is waited for: nothing behind the frame that is being received, for if that is the close frame,
	 * what follows is of whoever uses the socket next.
	 */
	private rest(remaining: number): number {
		if (this.#mode & ENDED) return this.#size;
		return remaining === NO_FRAME ? 1 : Math.min(this.#size, remaining);
	}

	private break(): number {
		this.broken = true;
		return INPUT_BROKEN;
	}

	/**
	 * As take(), for any frame that is ready, and any room: gives what is here, and then what the transport has of the same frame. Throws if
	 * `into` is no buffer of so many.
	 */
	receive(into: Uint8Array, length: number, info: MessageInfo): number {
		const bytes = this.#bytes;
		const transport = this.#transport;
		const size = this.#size;
		const mode = this.#mode;
		let start = this.#start;
		let end = this.#end;
		let remaining = this.#remaining;
		const wanted = length < remaining ? length : remaining;
		let total = 0;
		for (;;) {
			let count = wanted - total;
			if (count > end - start) count = end - start;
			if (count !== 0) copy(into, total, bytes, start, count);
			total += count;
			if (total === wanted) {
				start += count;
				break;
			}
			start = 0;
			end = transport.read(bytes, 0, size);
			if (end <= 0) {
				if (end < 0) this.broken = true;
				end = 0;
				break;
			}
			if (mode >= TEXT && !this.examine(0, end, remaining - total)) {
				start = end;
				break;
			}
		}
		remaining -= total;
		const type = mode & TYPE_BITS;
		info.messageType = type;
		info.remaining = remaining;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? remaining : -1;
		this.#end = end;
		this.#start = start;
		this.#remaining = remaining === 0 ? NO_FRAME : remaining;
		this.ready = remaining !== 0 && start !== end ? READY_NEW : READY_NONE;
		return total;
	}

	/** Of the control frame that is whole. */
	get opcode(): number {
		return this.#decoder.opcode;
	}

	get bytes(): Uint8Array {
		return this.#bytes;
	}

	/** Where what arrived ends. */
	get end(): number {
		return this.#end;
	}

	/** Something came since listen(). */
	get heard(): boolean {
		return (this.#mode & LISTENING) === 0;
	}

	listen(): void {
		this.#mode |= LISTENING;
	}

	/** Reads behind what is there already, and returns how much came: for the handshake, which looks at all of it. */
	append(): number {
		const count = this.#transport.read(this.#bytes, this.#end, this.#size);
		if (count < 0) this.broken = true;
		else this.#end += count;
		return count;
	}

	/** What is before `to` was no frame. */
	skip(to: number): void {
		this.#start = to;
	}

	/** The fault, once. */
	takeFault(): number {
		const fault = this.fault;
		this.fault = 0;
		return fault;
	}

	/** Data is dropped from now on, what is ready included. */
	drop(): void {
		this.#mode |= DROPPING;
		if (this.ready === READY_NONE) return;
		this.ready = READY_NONE;
		this.spend(Math.min(this.#end, this.#start + this.#remaining));
	}

	/** All that comes is dropped from now on, unseen. */
	stop(): void {
		this.#mode |= ENDED;
		this.#start = this.#end;
	}

	private fail(fault: number): number {
		this.fault = fault;
		this.stop();
		return INPUT_FAULT;
	}

	/** Looks at a header the long way. INPUT_NONE: it is there, or needs more bytes. */
	private header(start: number, end: number): number {
		const message = this.#message;
		const mode = this.#mode & ~(OF_FRAME | LISTENING | DECODING);
		this.#mode = mode;
		this.#start = end;
		if (mode & ENDED) return INPUT_NONE;
		const size = this.#decoder.header(this.#bytes, start, end);
		if (size < 0) return this.fail(size);
		if (size === 0) {
			this.#mode = mode | DECODING;
			return INPUT_NONE;
		}
		const { opcode, fin, length } = this.#decoder;
		this.#start = start + size;
		this.#remaining = length;
		this.#phase = 0;
		if (opcode <= WEBSOCKET_OPCODE_DATA_BINARY) {
			const fault = message.begin(opcode, fin, length);
			if (fault) return this.fail(fault);
			// Zephyr's bits for text and binary are these opcodes, shifted; a continuation has none.
			const type = fin ? (opcode << 1) | WEBSOCKET_FLAG_FINAL : opcode << 1;
			this.#mode = mode | type | (message.text ? TEXT : 0) | (message.plain ? 0 : DECODING);
			return INPUT_NONE;
		}
		const ours = opcode === WEBSOCKET_OPCODE_CLOSE || this.#autoPong;
		const type = WEBSOCKET_FLAG_FINAL | (opcode === WEBSOCKET_OPCODE_PING ? WEBSOCKET_FLAG_PING : WEBSOCKET_FLAG_PONG);
		this.#mode = mode | type | (ours ? OURS : 0) | (message.plain ? 0 : DECODING);
		// A pong says nothing that is kept.
		if (opcode === WEBSOCKET_OPCODE_PONG || !ours) return INPUT_NONE;
		this.control.begin();
		return INPUT_BEGIN;
	}

	/** Looks at payload that arrived and is not just data for the app; INPUT_DATA: now it is that. */
	private payload(start: number, end: number, remaining: number): number {
		if (end - start > remaining) end = start + remaining;
		const mode = this.#mode;
		if (mode & ENDED) {
			this.#start = this.#end;
			this.#remaining = NO_FRAME;
			return INPUT_NONE;
		}
		if (!this.examine(start, end, remaining)) return INPUT_FAULT;
		if (mode & OURS) {
			const opcode = this.#decoder.opcode;
			if (opcode !== WEBSOCKET_OPCODE_PONG) this.control.append(this.#bytes, start, end);
			this.spend(end);
			return this.#remaining === NO_FRAME ? INPUT_CONTROL : INPUT_NONE;
		}
		if ((mode & DROPPING) === 0) return INPUT_DATA;
		this.spend(end);
		return INPUT_NONE;
	}

	/** Unmasks payload, and checks text; false: there is a `fault`. */
	private examine(start: number, end: number, remaining: number): boolean {
		const mode = this.#mode;
		this.#mode = mode & ~LISTENING;
		if (end - start > remaining) end = start + remaining;
		if (mode & MASKED && end > start) {
			const phase = this.#phase;
			unmask(this.#bytes, start, end, this.#decoder.key, phase);
			this.#phase = (phase + end - start) & 3;
		}
		if (mode & TEXT) {
			const last = end - start === remaining && (mode & WEBSOCKET_FLAG_FINAL) !== 0;
			const fault = this.#message.check(this.#bytes, start, end, last);
			if (fault) this.fail(fault);
			return fault === 0;
		}
		return true;
	}

	/** Payload up to `end` is done with. */
	private spend(end: number): void {
		const remaining = this.#remaining - (end - this.#start);
		this.#start = end;
		this.#remaining = remaining === 0 ? NO_FRAME : remaining;
	}
}
