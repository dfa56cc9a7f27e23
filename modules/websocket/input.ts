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
	WEBSOCKET_OPCODE_PING,
	WEBSOCKET_OPCODE_PONG,
} from "websocket/codes";
import { Control } from "websocket/control";
import { Decoder } from "websocket/decoder";
import { Message } from "websocket/message";

// What next() finds.
/** Nothing, for now. */
export const INPUT_NONE = 0;
/** Payload, or an empty frame, for receive(). */
export const INPUT_DATA = 1;
/** A control frame begins; its payload is about to replace that of the one before. */
export const INPUT_BEGIN = 2;
/** A control frame is whole: `opcode`, and its payload in `control`. */
export const INPUT_CONTROL = 3;
/** The peer broke the protocol: `fault`. Nothing is looked at from now on. */
export const INPUT_FAULT = 4;
/** Nothing, and the transport broke: `broken`. */
export const INPUT_BROKEN = 5;

/** Where the message ends that was found. */
export function foundEnd(found: number): number {
	return (found >> FOUND_FROM_SHIFT) + ((found >> FOUND_LENGTH_SHIFT) & FOUND_LENGTH);
}

/** What receive() says about the bytes it gave; the caller owns it and uses it again. */
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

// What waits for receive().
export const READY_NONE = 0;
/** Payload, or an empty frame, that came or was taken from since somebody set READY_TOLD. */
export const READY_NEW = 1;
/** For whoever tells the app: it knows. */
export const READY_TOLD = 2;

// What `found` is. Above these it is what message() of bytes/block gives: a message that is whole, for which the app is called just now.
/** The short way: nothing is here, and nothing is under way. Whoever reads may look for a whole message. */
export const FOUND_NONE = 0;
/** The long way: whatever is here is seen by next() and receive(). */
export const FOUND_LONG = -1;
/** The app is being called for a message that was whole, and has taken it. */
export const FOUND_TAKEN = 1;
/** The same, and what is here now is seen by next() and receive(). */
export const FOUND_LEFT = 2;

// Its bits.
/** Something lies behind the message in the buffer. */
export const FOUND_MORE = 8;
export const FOUND_TYPE = 7;
/** Of a message that is not whole. */
const FOUND_SIZE = 15;
const FOUND_SIZE_BITS = 4;
const FOUND_FROM_SHIFT = 17;
const FOUND_LENGTH_SHIFT = 4;
const FOUND_LENGTH = 0x1fff;

/** Between two frames. */
const NO_FRAME = -1;

// The mode. Below are the frame's bits in messageType; above, what is not as it nearly always is.
const TYPE_BITS = 0xff;
/** The frame's payload is text. */
const TEXT = 0x100;
/** The frame is not for the app: a control frame that is answered here. */
const OURS = 0x200;
/** Frames are masked. */
const MASKED = 0x400;
/** Data is not wanted any more. */
const DROPPING = 0x800;
/** Nothing is wanted any more. */
const ENDED = 0x1000;
/** Somebody wants to know whether anything comes. */
const LISTENING = 0x2000;
/** A piece of a header is here, or a fragmented message is open, or messages are measured. */
const DECODING = 0x4000;

/** Those that concern one frame only. */
const OF_FRAME = TYPE_BITS | TEXT | OURS;
const FINAL_BINARY = WEBSOCKET_FLAG_FINAL | WEBSOCKET_FLAG_BINARY;

export class Input {
	// Those of the short way come first, for the engine looks for a field from the first one on.
	/** Of the door; below 0 while there is none. */
	handle = -1;
	/** What the short way has found, or why it may not look: FOUND_…. Only who goes that way sets it; it ends with settle(). */
	found = FOUND_LONG;
	/** What arrives is put here. */
	readonly bytes: Uint8Array;
	readonly transport: Transport;
	readonly size: number;
	/** Frames that come are masked. */
	readonly masked: boolean;
	/** What arrived, and was not taken yet, is from `start` to `end` of `bytes`; on the short way, what is behind the message. */
	start = 0;
	end = 0;
	/** Whether something waits for receive(). */
	ready = READY_NONE;
	/** Bytes of the frame's payload that were not taken yet, or NO_FRAME. */
	#remaining = NO_FRAME;
	#mode: number;
	readonly #decoder: Decoder;
	readonly #message: Message;
	readonly autoPong: boolean;
	/** How many bytes of the frame were unmasked, modulo 4. */
	#phase = 0;
	/** The transport broke while reading. */
	broken = false;
	/** What the peer did wrong, found while the app took what came before it. */
	fault = 0;
	readonly control = new Control();

	constructor(options: InputOptions) {
		this.bytes = options.receive;
		this.transport = options.transport;
		this.size = options.receive.length;
		this.masked = options.server;
		this.#decoder = new Decoder(options.server);
		this.#message = new Message(options.maxMessage);
		this.autoPong = options.autoPong;
		this.#mode = (options.server ? MASKED : 0) | (this.#message.plain ? 0 : DECODING);
	}

	/** The app is being called for a message that was found the short way. */
	get telling(): boolean {
		return this.found > FOUND_NONE;
	}

	/** Lets the short way look next, if nothing is here and nothing is under way: whether it may. */
	rest(): boolean {
		if (this.start === this.end && this.ready === READY_NONE && this.#remaining === NO_FRAME && this.#mode < DROPPING)
			if (this.found === FOUND_LONG) this.found = FOUND_NONE;
		return this.found === FOUND_NONE;
	}

	/** What the short way has in hand goes on the long way. */
	settle(): void {
		const found = this.found;
		if (found === FOUND_LONG || found === FOUND_LEFT) return;
		this.found = found === FOUND_NONE ? FOUND_LONG : FOUND_LEFT;
		if (found > FOUND_LEFT) this.hold(found);
	}

	/**
	 * The app has taken the message for which it is being called, and wants more: whether there is nothing, so that the short way goes on.
	 * What has come is here now, for next().
	 */
	exhausted(): boolean {
		if (this.start !== this.end) return false;
		const end = this.transport.read(this.bytes, 0, this.size);
		if (end > 0) {
			this.start = 0;
			this.end = end;
		}
		return end === 0;
	}

	/** The app was called for a message, and is back, and has not just taken that: what there is goes on the long way. */
	told(): void {
		if (this.found !== FOUND_LEFT) this.settle();
		this.found = FOUND_LONG;
	}

	/**
	 * Bytes were read, of which the first message is not as the short way wants it; see message() of bytes/block for what is `found` then.
	 * `end` below 0: the transport broke. Whether that is payload, for which the app is going to be called.
	 */
	arrived(found: number, start: number, end: number): boolean {
		if (end < 0) {
			this.broken = true;
			this.found = FOUND_LONG;
			return false;
		}
		this.end = end;
		if (found === FOUND_LONG) {
			this.start = start;
			this.found = FOUND_LONG;
			return false;
		}
		// A message that is not whole, and need not be looked at.
		const length = -found >> FOUND_SIZE_BITS;
		start += -found & FOUND_SIZE;
		this.start = start;
		this.#remaining = length;
		this.#mode = (this.#mode & ~OF_FRAME) | FINAL_BINARY;
		const empty = start === end && length !== 0;
		if (!empty) this.ready = READY_TOLD;
		this.found = empty ? FOUND_LONG : FOUND_LEFT;
		return !empty;
	}

	/** A message that is whole waits for receive(). */
	private hold(found: number): void {
		const from = found >> FOUND_FROM_SHIFT;
		const length = (found >> FOUND_LENGTH_SHIFT) & FOUND_LENGTH;
		const type = found & FOUND_TYPE;
		if ((found & FOUND_MORE) === 0) this.end = from + length;
		this.start = from;
		this.#remaining = length;
		this.#mode = (this.#mode & ~OF_FRAME) | (type & WEBSOCKET_FLAG_TEXT ? type | TEXT : type);
		this.ready = READY_TOLD;
	}

	/** Reads and looks, until there is something to see. */
	next(): number {
		if (this.found !== FOUND_LONG) this.settle();
		if (this.ready !== READY_NONE) return INPUT_DATA;
		for (;;) {
			let start = this.start;
			let end = this.end;
			const remaining = this.#remaining;
			// An empty frame needs no more bytes.
			if (start === end && remaining !== 0) {
				this.start = this.end = start = 0;
				end = this.transport.read(this.bytes, 0, this.#mode & DROPPING ? this.wanted(remaining) : this.size);
				if (end <= 0) return end < 0 ? this.break() : INPUT_NONE;
				this.end = end;
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

	/** How many bytes receive() would give of what is here, and in `info` what it would say if that were all that is taken. */
	peek(info: MessageInfo): number {
		const remaining = this.#remaining;
		const count = this.end - this.start;
		const type = this.#mode & TYPE_BITS;
		info.messageType = type;
		info.remaining = remaining;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? remaining : -1;
		return count < remaining ? count : remaining;
	}

	/**
	 * How much to read while a close frame is waited for: nothing behind the frame that is being received, for if that is the close frame,
	 * what follows is of whoever uses the socket next.
	 */
	private wanted(remaining: number): number {
		if (this.#mode & ENDED) return this.size;
		return remaining === NO_FRAME ? 1 : Math.min(this.size, remaining);
	}

	private break(): number {
		this.broken = true;
		return INPUT_BROKEN;
	}

	/**
	 * Gives payload of the frame to the app, at the front of `into`, up to `length` bytes, and returns how many: what is here, and then what
	 * the transport has of the same frame. Only if something is `ready`. Throws if `into` is no buffer of so many.
	 */
	receive(into: Uint8Array, length: number, info: MessageInfo): number {
		const bytes = this.bytes;
		const transport = this.transport;
		const mode = this.#mode;
		let start = this.start;
		let end = this.end;
		let remaining = this.#remaining;
		const wanted = length < remaining ? length : remaining;
		let total = end - start;
		if (total > wanted) total = wanted;
		copy(into, 0, bytes, start, total);
		start += total;
		if (total < wanted) {
			start = end = 0;
			// What would fill the receive buffer goes straight to the app.
			const straight = wanted - this.size;
			const plain = mode < TEXT;
			let count = 1;
			while (total <= straight) {
				count = transport.read(into, total, wanted);
				if (count <= 0) break;
				if (!(plain || this.examine(into, total, total + count, remaining - total))) break;
				total += count;
			}
			while (total < wanted && total > straight) {
				count = transport.read(bytes, 0, this.size);
				if (count <= 0) break;
				if (!(plain || this.examine(bytes, 0, count, remaining - total))) break;
				end = count;
				start = count < wanted - total ? count : wanted - total;
				copy(into, total, bytes, 0, start);
				total += start;
			}
			if (count < 0) this.broken = true;
		}
		remaining -= total;
		const type = mode & TYPE_BITS;
		info.messageType = type;
		info.remaining = remaining;
		info.messageRemaining = (type & WEBSOCKET_FLAG_FINAL) !== 0 ? remaining : -1;
		this.end = end;
		this.start = start;
		this.#remaining = remaining === 0 ? NO_FRAME : remaining;
		this.ready = remaining !== 0 && start !== end ? READY_NEW : READY_NONE;
		return total;
	}

	/** Of the control frame that is whole. */
	get opcode(): number {
		return this.#decoder.opcode;
	}

	/** Data that comes is not for the app any more. */
	get dropping(): boolean {
		return (this.#mode & (DROPPING | ENDED)) !== 0;
	}

	/** Something came since listen(). */
	get heard(): boolean {
		return (this.#mode & LISTENING) === 0;
	}

	listen(): void {
		this.settle();
		this.#mode |= LISTENING;
	}

	/** Reads behind what is there already, and returns how much came: for the handshake, which looks at all of it. */
	append(): number {
		const count = this.transport.read(this.bytes, this.end, this.size);
		if (count < 0) this.broken = true;
		else this.end += count;
		return count;
	}

	/** What is before `to` was no frame. */
	skip(to: number): void {
		this.start = to;
	}

	/** The fault, once. */
	takeFault(): number {
		const fault = this.fault;
		this.fault = 0;
		return fault;
	}

	/** Data is dropped from now on, what is ready included. */
	drop(): void {
		this.settle();
		this.#mode |= DROPPING;
		if (this.ready === READY_NONE) return;
		this.ready = READY_NONE;
		this.spend(Math.min(this.end, this.start + this.#remaining));
	}

	/** All that comes is dropped from now on, unseen, and what is ready. */
	stop(): void {
		this.settle();
		this.#mode |= ENDED;
		this.start = this.end;
		this.ready = READY_NONE;
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
		this.start = end;
		if (mode & ENDED) return INPUT_NONE;
		const size = this.#decoder.header(this.bytes, start, end);
		if (size < 0) return this.fail(size);
		if (size === 0) {
			this.#mode = mode | DECODING;
			return INPUT_NONE;
		}
		const { opcode, fin, length } = this.#decoder;
		this.start = start + size;
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
		const ours = opcode === WEBSOCKET_OPCODE_CLOSE || this.autoPong;
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
			this.start = this.end;
			this.#remaining = NO_FRAME;
			return INPUT_NONE;
		}
		if (!this.examine(this.bytes, start, end, remaining)) return INPUT_FAULT;
		if (mode & OURS) {
			const opcode = this.#decoder.opcode;
			if (opcode !== WEBSOCKET_OPCODE_PONG) this.control.append(this.bytes, start, end);
			this.spend(end);
			return this.#remaining === NO_FRAME ? INPUT_CONTROL : INPUT_NONE;
		}
		if ((mode & DROPPING) === 0) return INPUT_DATA;
		this.spend(end);
		return INPUT_NONE;
	}

	/** Unmasks payload, and checks text; false: there is a `fault`. */
	private examine(bytes: Uint8Array, start: number, end: number, remaining: number): boolean {
		const mode = this.#mode;
		this.#mode = mode & ~LISTENING;
		if (end - start > remaining) end = start + remaining;
		if (mode & MASKED && end > start) {
			const phase = this.#phase;
			unmask(bytes, start, end, this.#decoder.key, phase);
			this.#phase = (phase + end - start) & 3;
		}
		if (mode & TEXT) {
			const last = end - start === remaining && (mode & WEBSOCKET_FLAG_FINAL) !== 0;
			const fault = this.#message.check(bytes, start, end, last);
			if (fault) this.fail(fault);
			return fault === 0;
		}
		return true;
	}

	/** Payload up to `end` is done with. */
	private spend(end: number): void {
		const remaining = this.#remaining - (end - this.start);
		this.start = end;
		this.#remaining = remaining === 0 ? NO_FRAME : remaining;
	}
}
