/*
 * Sends back what comes. Messages of any length pass through one piece of memory: each part received goes out as a fragment, and
 * nothing more is received before it is gone.
 */
import {
	EAGAIN,
	EMSGSIZE,
	SYS_FOREVER_MS,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";

export class Echo {
	readonly #piece: Uint8Array;
	readonly #mask: boolean;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	/** Of what is in the piece and waits to be sent, or negative. */
	#length = -EAGAIN;
	#opcode = 0;
	#final = false;
	/** Some of the message was sent. */
	#within = false;
	/** The piece is the library's until the frame is gone. */
	#borrowed = false;

	/** Uses `piece` as long as the connection is there; a client masks. */
	constructor(piece: Uint8Array, mask: boolean) {
		this.#piece = piece;
		this.#mask = mask;
	}

	/** Does what can be done now, in onReadable and in onWritable (`writable`). Returns whether anything moved. */
	step(ws: number, writable: boolean): boolean {
		let moved = false;
		if (writable) this.#borrowed = false;
		while (!this.#borrowed) {
			if (this.#length < 0 && !this.#receive(ws)) return moved;
			if (!this.#send(ws)) return moved;
			moved = true;
		}
		return moved;
	}

	#receive(ws: number): boolean {
		const info = this.#info;
		this.#length = websocketRecvMsg(ws, this.#piece, this.#piece.length, info, 0);
		if (this.#length < 0) return false;
		const type = info.messageType & WEBSOCKET_FLAG_TEXT ? WEBSOCKET_OPCODE_DATA_TEXT : WEBSOCKET_OPCODE_DATA_BINARY;
		this.#opcode = this.#within ? WEBSOCKET_OPCODE_CONTINUE : type;
		this.#final = (info.messageType & WEBSOCKET_FLAG_FINAL) !== 0 && info.remaining === 0;
		this.#within = !this.#final;
		return true;
	}

	#send(ws: number): boolean {
		let sent = websocketSendMsg(ws, this.#piece, this.#length, this.#opcode, this.#mask, this.#final, 0);
		if (sent === -EMSGSIZE) {
			// Longer than the transmit buffer: it goes out part by part.
			sent = websocketSendMsg(ws, this.#piece, this.#length, this.#opcode, this.#mask, this.#final, SYS_FOREVER_MS);
			this.#borrowed = sent >= 0;
		}
		if (sent < 0) return false;
		this.#length = -EAGAIN;
		return true;
	}
}
