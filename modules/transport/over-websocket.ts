/*
 * Transport over WebSocket (RFC 6455), in the client's role: the stream of bytes that goes in binary messages over another transport, as
 * MQTT wants it (5.0 §6). What is written in one call leaves in one frame; where frames that come begin and end means nothing.
 */
import { copy } from "bytes/block";
import { EAGAIN, EPROTO, EPROTONOSUPPORT } from "errno";
import { Adapter } from "transport/adapter";
import type { Transport } from "transport/transport";
import {
	CLOSE_ABNORMAL,
	CLOSE_UNSUPPORTED,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_DATA_BINARY,
	type WebsocketOptions,
	type WebsocketRequest,
	websocketConnectStart,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";

/**
 * What the app says about the upgrade, as to websocketConnect; `subprotocols` is ["mqtt"] if missing. `cb` and `httpCb` are called as
 * there. The object is read once and stays the app's; its buffers are the transport's until it is closed, or onClosed.
 */
export type WebsocketTransportRequest = Omit<
	WebsocketRequest,
	"autoPong" | "ownSock" | "onReadable" | "onWritable" | "onTimeout" | "onClose"
>;

const SUBPROTOCOLS: readonly string[] = Object.freeze(["mqtt"]);
/** What a frame takes of txBuf beside its payload, up to 64 KB of that. */
const FRAME_EXTRA = 16;
const PAYLOAD_MAX = 0xffff;
/** Of a txBuf that the app did not bring: enough for most requests. */
const TRANSMIT_MIN = 512;
/** What is read or written at another place of a buffer than its front goes over one of this length. */
const SCRATCH_SIZE = 256;

export class WebsocketTransport extends Adapter {
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	/** How much one frame takes. */
	readonly #capacity: number;
	#ws = -1;
	/** Made at once, so that nothing is later, when the first message comes that does not go with the buffer. */
	readonly #scratch = new Uint8Array(SCRATCH_SIZE);
	/** Why this side ends it. */
	#error = 0;
	#open = false;
	readonly #socket: Transport;
	/** As the transport below. */
	readonly secure: boolean;
	/** What ended it, in words: of the upgrade, the HTTP status, what the peer did wrong, or the code and reason of its close frame. */
	failure = "";

	/**
	 * Begins the upgrade on `socket`, which is open or connecting, and the library's from now on: it is closed with this one, and when the
	 * connection has ended. `timeoutMs` bounds the upgrade, the connection of the socket included; SYS_FOREVER_MS waits for ever. The first
	 * onWritable says that it is done.
	 *
	 * The server has to choose one of the subprotocols; if it does not, the end is -EPROTONOSUPPORT. onClosed says what websocketConnect
	 * gives for an upgrade that fails; afterwards 0 if the peer closed it, -ECONNRESET a loss, -EPROTO a peer that breaks RFC 6455 or sends
	 * text (it is told 1003), and what `onClose` of a WebsocketRequest says.
	 *
	 * Throws an Error, and closes the socket, if websocketConnectStart refuses: a wrong argument, or no context is free. Allocates all that
	 * the connection needs.
	 */
	constructor(socket: Transport, request: WebsocketTransportRequest, timeoutMs: number) {
		super();
		const { tmpBuf, subprotocols = SUBPROTOCOLS } = request;
		const txBuf = request.txBuf ?? new Uint8Array(Math.max(request.tmpBufLen ?? tmpBuf.length, TRANSMIT_MIN));
		this.#socket = socket;
		this.secure = socket.secure === true;
		this.#capacity = Math.min(txBuf.length - FRAME_EXTRA, PAYLOAD_MAX);
		const own: WebsocketRequest = {
			...request,
			txBuf,
			subprotocols,
			ownSock: true,
			cb: (ws, options, userData) => this.opened(ws, options, subprotocols.length > 0, request.cb?.(ws, options, userData) ?? 0),
			onReadable: () => this.events?.onReadable(),
			onWritable: () => this.events?.onWritable(),
			onClose: (_, error, { code, reason }) => {
				this.#open = false;
				this.failure ||= own.failure || (code === CLOSE_ABNORMAL ? "" : `the server closed the WebSocket: ${code} ${reason}`.trim());
				this.end(this.#error || error);
			},
		};
		const ws = websocketConnectStart(socket, own, timeoutMs);
		if (ws < 0) throw new Error(own.failure || `no WebSocket: error ${ws}`);
		this.#ws = ws;
	}

	/** Why TLS below it failed. */
	get fault(): string {
		return this.#socket.fault ?? "";
	}

	/** As Transport's. With a `start` other than 0 the bytes are copied once more, in pieces of 256 at most. */
	read(into: Uint8Array, start: number, end: number): number {
		const room = end - start;
		if (room <= 0) return this.lost;
		const info = this.#info;
		let target = into;
		let length = room;
		if (start !== 0) {
			target = this.#scratch;
			if (length > SCRATCH_SIZE) length = SCRATCH_SIZE;
		}
		for (;;) {
			const count = websocketRecvMsg(this.#ws, target, length, info, 0);
			if (count < 0) return this.why(count);
			if ((info.messageType & WEBSOCKET_FLAG_TEXT) !== 0) return this.refuse();
			// An empty frame is nothing, and above all no end.
			if (count === 0) continue;
			if (start !== 0) copy(into, start, target, 0, count);
			return count;
		}
	}

	/**
	 * As Transport's: makes one frame of as many bytes as fit into txBuf with 16 more, so what is to leave together should be no longer.
	 * With a `start` other than 0 the bytes are copied once more, and a frame has 256 of them at most.
	 */
	write(from: Uint8Array, start: number, end: number): number {
		let count = end - start;
		if (count > this.#capacity) count = this.#capacity;
		if (count <= 0) return this.lost;
		let source = from;
		if (start !== 0) {
			source = this.#scratch;
			if (count > SCRATCH_SIZE) count = SCRATCH_SIZE;
			copy(source, 0, from, start, count);
		}
		const result = websocketSendMsg(this.#ws, source, count, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0);
		return result < 0 ? this.why(result) : result;
	}

	/** Says goodbye if the socket takes a close frame at once, and waits for no answer: the buffers are the app's again when this returns. */
	protected closeSocket(): void {
		if (this.#open) websocketDisconnect(this.#ws);
		this.#open = false;
		this.#socket.close();
	}

	/** The upgrade is done, and `verdict` is the app's. */
	private opened(ws: number, { subprotocol }: WebsocketOptions, offered: boolean, verdict: number): number {
		if (verdict < 0) {
			this.failure = "cb refused the connection";
			return verdict;
		}
		if (offered && !subprotocol) {
			this.failure = "the server chose no subprotocol";
			return -EPROTONOSUPPORT;
		}
		this.#ws = ws;
		this.#open = true;
		this.events?.onWritable();
		return 0;
	}

	/** The peer sent text, which is no part of the stream (MQTT 5.0 §6: it MUST be closed). */
	private refuse(): number {
		this.#error = -EPROTO;
		this.failure = "the server sent text";
		websocketDisconnect(this.#ws, CLOSE_UNSUPPORTED, "binary only");
		return -EPROTO;
	}

	/** What read() and write() give where WebSocket gave a negative number. */
	private why(error: number): number {
		return error === -EAGAIN ? 0 : this.lost || this.#error || error;
	}
}
