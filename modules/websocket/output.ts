/*
 * What goes out, in the order that keeps frames whole (RFC 6455 §5.4, §5.5): the frame that is under way, control frames, data, and
 * last the close frame. Data and control frames have a buffer each, so that a pong need not wait for room among the data.
 */
import type { Transport } from "transport/transport";
import { WEBSOCKET_OPCODE_CLOSE, WEBSOCKET_OPCODE_PING, WEBSOCKET_OPCODE_PONG } from "websocket/codes";
import { Encoder, encoderSize, QUICK_NOT, type Random } from "websocket/encoder";
import { BIT_FIN, CONTROL_MAX } from "websocket/header";

/** How far the close frame is. */
const CLOSE_NONE = 0;
const CLOSE_WANTED = 1;
const CLOSE_ENCODED = 2;
const CLOSE_SENT = 3;

export interface OutputOptions {
	readonly transport: Transport;
	/** Data frames are made here; borrowed for the life of the connection. */
	readonly transmit: Uint8Array;
	/** Whether frames go to a client, and so must not be masked. */
	readonly server: boolean;
	readonly random: Random;
}

export class Output {
	/** Something other than data is to go out. */
	urgent = false;
	readonly data: Encoder;
	readonly control: Encoder;
	/** The transport took something that had to wait, since somebody set this to false. */
	moved = false;
	/** The transport broke while writing. */
	broken = false;
	/** A ping of ours is wanted. */
	#ping = false;
	/** The payload of the pong that is wanted, borrowed until it is made or dropped. */
	#pong: Uint8Array | undefined;
	#pongLength = 0;
	#close = CLOSE_NONE;
	#closeBody: Uint8Array | undefined;

	/** Allocates a buffer for control frames. */
	constructor(options: OutputOptions) {
		this.data = new Encoder(options.transmit, !options.server, options.random, options.transport);
		this.control = new Encoder(new Uint8Array(encoderSize(CONTROL_MAX)), !options.server, options.random, options.transport);
	}

	/** Whether a control frame of the app can be made now. */
	get controlFree(): boolean {
		return this.control.end === 0 && !this.data.partial;
	}

	/** Whether all that was sent is gone. */
	get empty(): boolean {
		return this.data.end === 0 && this.control.end === 0;
	}

	/** Whether the close frame went out. */
	get closeSent(): boolean {
		return this.#close === CLOSE_SENT;
	}

	/** An empty ping is to go out. */
	ping(): void {
		this.#ping = true;
		this.hurry();
	}

	/** A pong is to go out; one that is still wanted is replaced. */
	pong(payload: Uint8Array, length: number): void {
		this.#pong = payload;
		this.#pongLength = length;
		this.hurry();
	}

	/** The payload of the pong that is wanted is about to change. */
	dropPong(): void {
		this.#pong = undefined;
	}

	/** The handshake's bytes are to go out, the first `length` of the data buffer. */
	raw(length: number): void {
		this.data.raw(length);
		this.hurry();
	}

	/** A control frame of the app; only if controlFree. False, with nothing done, if its payload is none. */
	send(opcode: number, payload: Uint8Array, length: number): boolean {
		if (!this.encode(opcode, payload, length)) return false;
		this.hurry();
		return true;
	}

	/** A close frame is to go out behind all that was sent, once. `body` is kept until then. */
	close(body: Uint8Array | undefined): void {
		this.#close = CLOSE_WANTED;
		this.#closeBody = body;
		this.#pong = undefined;
		this.#ping = false;
		this.hurry();
	}

	/** Something other than data comes first, until all of it is gone. */
	private hurry(): void {
		this.urgent = true;
		this.data.quick = QUICK_NOT;
	}

	/** Writes what the transport takes. */
	flush(): void {
		if (this.urgent) this.flushUrgent();
		else this.drain(this.data);
	}

	/** Lets go of the app's payload: nothing more goes out. */
	release(): void {
		this.data.release();
		this.#closeBody = this.#pong = undefined;
	}

	private flushUrgent(): void {
		const data = this.data;
		const control = this.control;
		if (data.partial && !this.drain(data)) return;
		if (!this.drain(control)) return;
		const pong = this.#pong;
		if (pong !== undefined) {
			this.#pong = undefined;
			this.encode(WEBSOCKET_OPCODE_PONG, pong, this.#pongLength);
			if (!this.drain(control)) return;
		}
		if (this.#ping) {
			this.#ping = false;
			this.encode(WEBSOCKET_OPCODE_PING, control.bytes, 0);
			if (!this.drain(control)) return;
		}
		if (!this.drain(data)) return;
		if (this.#close === CLOSE_WANTED) {
			const body = this.#closeBody;
			this.encode(WEBSOCKET_OPCODE_CLOSE, body ?? control.bytes, body ? body.length : 0);
			this.#close = CLOSE_ENCODED;
			if (!this.drain(control)) return;
		}
		if (this.#close === CLOSE_ENCODED) this.#close = CLOSE_SENT;
		this.urgent = false;
	}

	private encode(opcode: number, payload: Uint8Array, length: number): boolean {
		return this.control.encode(BIT_FIN | opcode, payload, length);
	}

	/** Whether all of it was taken. */
	private drain(encoder: Encoder): boolean {
		while (encoder.end !== 0) {
			const count = encoder.transport.write(encoder.bytes, encoder.start, encoder.end);
			if (!this.took(encoder, count)) return false;
		}
		return true;
	}

	/** What write() gave: whether it is worth asking again. */
	private took(encoder: Encoder, count: number): boolean {
		if (count <= 0) {
			if (count < 0) this.broken = true;
			return false;
		}
		this.moved = true;
		encoder.sent(count);
		return true;
	}
}
