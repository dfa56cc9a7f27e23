/*
 * What goes out, in the order that keeps frames whole (RFC 6455 §5.4, §5.5): the frame that is under way, control frames, data, and
 * last the close frame. Data and control frames have a buffer each, so that a pong need not wait for room among the data.
 */
import type { Transport } from "transport/transport";
import { WEBSOCKET_OPCODE_CLOSE, WEBSOCKET_OPCODE_PONG } from "websocket/codes";
import { Encoder, encoderSize, type Random } from "websocket/encoder";
import { CONTROL_MAX } from "websocket/header";

/** How far the close frame is. */
const CLOSE_NONE = 0;
const CLOSE_WANTED = 1;
const CLOSE_ENCODED = 2;
const CLOSE_SENT = 3;

export class Output {
	readonly data: Encoder;
	readonly control: Encoder;
	/** The transport took something, ever. */
	begun = false;
	/** The transport broke while writing. */
	broken = false;
	readonly #transport: Transport;
	/** The payload of the pong that is wanted, borrowed until it is made or dropped. */
	#pong: Uint8Array | undefined;
	#pongLength = 0;
	#close = CLOSE_NONE;
	#closeBody: Uint8Array | undefined;

	/** Borrows `transmit` for the life of the connection; allocates a buffer for control frames. */
	constructor(transport: Transport, transmit: Uint8Array, random: Random) {
		this.#transport = transport;
		this.data = new Encoder(transmit, random);
		this.control = new Encoder(new Uint8Array(encoderSize(CONTROL_MAX)), random);
	}

	/** Whether a control frame of the app can be made now. */
	get controlFree(): boolean {
		return this.control.empty && !this.data.partial;
	}

	/** Whether the close frame went out. */
	get closeSent(): boolean {
		return this.#close === CLOSE_SENT;
	}

	/** A pong is to go out; one that is still wanted is replaced. */
	pong(payload: Uint8Array, length: number): void {
		this.#pong = payload;
		this.#pongLength = length;
	}

	/** The payload of the pong that is wanted is about to change. */
	dropPong(): void {
		this.#pong = undefined;
	}

	/** A close frame is to go out behind all that was sent, once. `body` is kept until then. */
	close(body: Uint8Array | undefined): void {
		this.#close = CLOSE_WANTED;
		this.#closeBody = body;
		this.#pong = undefined;
	}

	/** Writes what the transport takes. */
	flush(): void {
		const data = this.data;
		const control = this.control;
		if (data.partial && !this.#drain(data)) return;
		if (!this.#drain(control)) return;
		const pong = this.#pong;
		if (pong !== undefined) {
			this.#pong = undefined;
			control.encode(WEBSOCKET_OPCODE_PONG, true, pong, this.#pongLength);
			if (!this.#drain(control)) return;
		}
		if (!this.#drain(data)) return;
		if (this.#close === CLOSE_WANTED) {
			const body = this.#closeBody;
			control.encode(WEBSOCKET_OPCODE_CLOSE, true, body ?? control.bytes, body ? body.length : 0);
			this.#close = CLOSE_ENCODED;
			if (!this.#drain(control)) return;
		}
		if (this.#close === CLOSE_ENCODED) this.#close = CLOSE_SENT;
	}

	/** Whether all of it was taken. */
	#drain(encoder: Encoder): boolean {
		while (!encoder.empty) {
			const count = this.#transport.write(encoder.bytes, encoder.start, encoder.end);
			if (count <= 0) {
				if (count < 0) this.broken = true;
				return false;
			}
			this.begun = true;
			encoder.sent(count);
		}
		return true;
	}
}
