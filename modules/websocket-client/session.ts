/*
 * What a WebSocketClient does, kept apart from the class, whose instances are the apps': they put there what they like, under any name.
 */
import { copy } from "bytes/block";
import { EAGAIN, EINVAL, ENOTCONN } from "errno";
import Timer from "timer";
import { restStage } from "transport/stage";
import {
	SYS_FOREVER_MS,
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_PING,
	WEBSOCKET_FLAG_PONG,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	WEBSOCKET_OPCODE_PING,
	WEBSOCKET_OPCODE_PONG,
	type WebsocketClose,
	type WebsocketOptions,
	websocketConnectStart,
	websocketDisconnect,
	websocketReadable,
	websocketRecvMsg,
	websocketRegister,
	websocketSendMsg,
} from "websocket";
import { carrierFrom, isSecure } from "websocket-client/carrier";
import { CONTROL_MAX, Control, closeBody } from "websocket-client/control";
import { Line } from "websocket-client/line";
import {
	type ByteBuffer,
	bytesOf,
	type Callbacks,
	inWordsOfApp,
	placeOf,
	readableOptions,
	requestOf,
	TIMEOUT_MS,
	type WebSocketClientOptions,
	type WriteOptions,
} from "websocket-client/options";

/** What a transmit buffer holds beside payload. */
const FRAME_EXTRA = 24;

const CONTROLS = WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG;

/** Where an ArrayBuffer of the app goes over, for the door takes Uint8Arrays, and a view would be garbage. One for all clients. */
const SCRATCH_SIZE = 512;
const scratch: { bytes: Uint8Array | undefined } = { bytes: undefined };

/** How long an app has to read what came before the connection went, in ms. */
const DRAIN_MS = 3000;

/** See the methods of WebSocketClient, and its constructor. */
export class Session<Client> {
	#ws = -1;
	/** What the app was told of and has not read. */
	#data = 0;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #bytes: Uint8Array;
	#callbacks: Callbacks<Client> | undefined;
	/** Frames of the app can go out. */
	#open = false;
	/** The format: a byte at a time. */
	number = false;
	/** Of the message that is being received. */
	#binary = true;
	/** The app was told of a message with nothing in it, and has not read that. */
	#empty = false;
	/** The app is in the middle of a message. */
	#writing = false;
	/** The app sent a close frame. */
	#closing = false;
	/** This is a client: its frames are masked. */
	readonly #masks: boolean;
	/** How much payload is copied when it is sent, and how much goes in one piece beyond that. */
	readonly #piece: number;
	readonly #control = new Control();
	/** The pong that had no room. */
	#pong: Uint8Array | undefined;
	/** The connection is gone, and the app has not read what it was told of. */
	#drain: Timer | undefined;
	/** `this` of the callbacks. */
	readonly #owner: Client;
	readonly #line: Line;
	readonly #request: WebsocketOptions;

	constructor(owner: Client, options: WebSocketClientOptions<Client>) {
		this.#owner = owner;
		const { socket = {}, dns, timeout = TIMEOUT_MS, upgrade } = options;
		const attach = options.attach ?? undefined;
		const { onReadable, onWritable, onControl, onClose, onError } = options;
		this.#callbacks = { onReadable, onWritable, onControl, onClose, onError };
		scratch.bytes ??= new Uint8Array(SCRATCH_SIZE);
		this.#bytes = scratch.bytes;
		this.#masks = attach === undefined;
		const place = placeOf(options);
		const settings = requestOf(place, options);
		const carrier = attach && carrierFrom(attach);
		const line = new Line(carrier, isSecure(socket), { writable: () => this.writable(), gone: () => this.gone() });
		this.#line = line;
		const request = {
			...settings,
			handshakeTimeout: timeout,
			upgraded: upgrade !== true,
			cb: () => this.opened(),
			onReadable: () => this.readable(),
			onClose: (_: number, error: number, close: WebsocketClose) => this.ended(error, close),
		};
		const { tmpBuf, txBuf } = request;
		this.#request = request;
		this.#piece = txBuf.length - FRAME_EXTRA;
		this.#open = attach !== undefined && request.upgraded;
		const ws = carrier ? websocketRegister(line, tmpBuf, tmpBuf.length, request) : websocketConnectStart(line, request, timeout);
		if (ws < 0) throw new Error(inWordsOfApp(this.#request.failure ?? "") || `no WebSocket: error ${ws}`);
		this.#ws = ws;
		if (carrier) return;
		try {
			line.connect(place, socket, dns);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	close(): void {
		if (this.#callbacks === undefined) return;
		this.forget();
		this.#callbacks = undefined;
		if (this.#ws >= 0 && !this.#closing) websocketDisconnect(this.#ws);
		this.#line.close();
	}

	read(count?: number | ByteBuffer): number | ArrayBuffer | undefined {
		const available = this.#data;
		if (this.number) {
			if (available === 0) return undefined;
			return this.take(this.#bytes, 1) === 1 ? this.#bytes[0] : undefined;
		}
		if (available === 0 && !this.#empty) return undefined;
		this.#empty = false;
		if (typeof count === "object") {
			const into = bytesOf(count);
			return this.fill(into, Math.min(into.byteLength, available));
		}
		// Garbage is made here, and a collection would take what the stage does not use.
		restStage();
		const buffer = new ArrayBuffer(Math.min(count ?? available, available));
		return this.fill(buffer, buffer.byteLength) < 0 ? undefined : buffer;
	}

	write(data: ByteBuffer, options?: WriteOptions): number {
		const bytes = bytesOf(data);
		const length = bytes.byteLength;
		if (!this.#open) throw new Error("not connected");
		const opcode = options?.opcode;
		if (opcode !== undefined && opcode >= WEBSOCKET_OPCODE_CLOSE) {
			if (length > CONTROL_MAX) throw new RangeError("data: a control frame has 125 bytes at most");
			this.send(opcode, bytes, length, true);
			if (opcode === WEBSOCKET_OPCODE_CLOSE) {
				// What comes before the peer's is the app's to read.
				this.#closing = true;
				this.#open = this.#writing = false;
				this.#pong = undefined;
			}
			return this.room;
		}
		if (length > this.room) throw new Error("no room for so many bytes");
		let type = options?.binary === false ? WEBSOCKET_OPCODE_DATA_TEXT : WEBSOCKET_OPCODE_DATA_BINARY;
		let final = true;
		if (opcode !== undefined) {
			if (this.#writing) throw new Error("a message in parts has not ended");
			type = opcode === WEBSOCKET_OPCODE_CONTINUE ? -1 : opcode;
		} else {
			final = !options?.more;
			if (this.#writing) type = WEBSOCKET_OPCODE_CONTINUE;
		}
		this.send(type, bytes, length, final);
		this.#writing = !final;
		return this.room;
	}

	/** How many bytes write() takes now. */
	private get room(): number {
		return this.#open ? this.#line.payloadRoom(this.#masks, this.#piece) : 0;
	}

	private send(opcode: number, data: Uint8Array | ArrayBuffer, length: number, final: boolean): void {
		let bytes = data as Uint8Array;
		if (data instanceof ArrayBuffer) {
			if (length <= SCRATCH_SIZE) {
				bytes = this.#bytes;
				copy(bytes, 0, data, 0, length);
			} else bytes = new Uint8Array(data);
		}
		// What is longer than the transmit buffer leaves before this returns, for there is room.
		const timeout = length > this.#piece ? SYS_FOREVER_MS : 0;
		const result = websocketSendMsg(this.#ws, bytes, length, opcode, this.#masks, final, timeout);
		if (result >= 0) return;
		if (result === -EINVAL) throw new RangeError("a frame that must not be sent");
		throw new Error(result === -ENOTCONN ? "not connected" : "no room for a frame");
	}

	/** Fills the first `length` bytes of a buffer with what the app was told of; negative if that is gone. */
	private fill(into: Uint8Array | ArrayBuffer, length: number): number {
		if (length === 0) return 0;
		if (into instanceof Uint8Array) return this.take(into, length);
		const bytes = this.#bytes;
		for (let at = 0; at < length; ) {
			const count = this.take(bytes, Math.min(length - at, SCRATCH_SIZE));
			if (count <= 0) return count;
			copy(into, at, bytes, 0, count);
			at += count;
		}
		return length;
	}

	private take(into: Uint8Array, length: number): number {
		const count = websocketRecvMsg(this.#ws, into, length, this.#info, 0);
		this.#data = count > 0 ? this.#data - count : 0;
		return count;
	}

	/** The handshake is done, or for a server it is right and will be answered. */
	private opened(): number {
		this.#open = true;
		if (this.#masks) this.writable();
		return 0;
	}

	/** There is room in the socket, or may be. */
	private writable(): void {
		if (!this.#open) return;
		const pong = this.#pong;
		if (pong) this.answer(pong, pong.length);
		const room = this.room;
		if (room > 0) this.#callbacks?.onWritable?.call(this.#owner, room);
	}

	/** What came before the end is the app's to read, but not for ever: it has to hear of the end. */
	private gone(): void {
		if (this.#data === 0 || this.#ws < 0) return;
		this.#drain = Timer.set(() => {
			this.#drain = undefined;
			while (websocketRecvMsg(this.#ws, this.#bytes, SCRATCH_SIZE, this.#info, 0) >= 0);
			this.#data = 0;
		}, this.#request.closeTimeout ?? DRAIN_MS);
	}

	/** Something came: the app is told of a piece of it, and of the next one when it has read that. */
	private readable(): void {
		const info = this.#info;
		// It knows.
		if (this.#data > 0 || this.#callbacks === undefined) return;
		const count = websocketReadable(this.#ws, info);
		if (count < 0) return;
		const { messageType: type, messageRemaining } = info;
		if (type & CONTROLS) {
			this.control(type);
			return;
		}
		if (type & (WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_BINARY)) this.#binary = (type & WEBSOCKET_FLAG_BINARY) !== 0;
		const more = messageRemaining !== count;
		this.#empty = count === 0;
		if (count === 0) {
			websocketRecvMsg(this.#ws, this.#bytes, 1, info, 0);
			// An empty part of a message is nothing, but for its end.
			if ((type & WEBSOCKET_FLAG_FINAL) === 0) return;
		}
		this.#data = count;
		this.#callbacks.onReadable?.call(this.#owner, count, readableOptions(more, this.#binary));
	}

	/** A control frame came, or a part of one. */
	private control(type: number): void {
		const control = this.#control;
		const length = control.take(this.#ws, this.#bytes, this.#info);
		if (length < 0) return;
		const ping = (type & WEBSOCKET_FLAG_PING) !== 0;
		if (this.#callbacks?.onControl)
			this.tell(ping ? WEBSOCKET_OPCODE_PING : WEBSOCKET_OPCODE_PONG, control.payload.slice(0, length).buffer);
		// RFC 6455 §5.5.2: as soon as is practical, unless a close frame came, and a later ping's answer is for an earlier one, too.
		if (ping && this.#open) this.answer(control.payload, length);
	}

	/** Answers a ping. */
	private answer(payload: Uint8Array, length: number): void {
		const result = websocketSendMsg(this.#ws, payload, length, WEBSOCKET_OPCODE_PONG, this.#masks, true, 0);
		if (result !== -EAGAIN) this.#pong = undefined;
		else if (payload !== this.#pong) this.#pong = payload.slice(0, length);
	}

	private tell(opcode: number, data: ArrayBufferLike): void {
		try {
			this.#callbacks?.onControl?.call(this.#owner, opcode, data as ArrayBuffer);
		} catch {
			// As in the SDK's class. There an app may answer a close frame itself, which here throws: it is answered already.
		}
	}

	/** The connection is over, or there was none. */
	private ended(error: number, { code, reason }: WebsocketClose): void {
		const failure = this.#line.failure || inWordsOfApp(this.#request.failure ?? "") || `error ${error}`;
		this.forget();
		this.#ws = -1;
		if (error === 0) this.tell(WEBSOCKET_OPCODE_CLOSE, closeBody(code, reason));
		const callbacks = this.#callbacks;
		this.#callbacks = undefined;
		if (error === 0 || this.#closing) callbacks?.onClose?.call(this.#owner);
		else callbacks?.onError?.call(this.#owner, failure);
	}

	/** Nothing is to be read or written any more. */
	private forget(): void {
		this.#open = this.#empty = this.#writing = false;
		this.#data = 0;
		this.#pong = undefined;
		if (this.#drain) Timer.clear(this.#drain);
		this.#drain = undefined;
	}
}
