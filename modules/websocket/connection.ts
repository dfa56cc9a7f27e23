/*
 * The life of one connection: opening handshake, frames, ping and pong, close (RFC 6455 §4.1, §5.5, §7). The only place where
 * input and output meet. It calls nobody back: the door tells it what happened, then looks at what became of it. It knows no
 * clock either: it says how long to wait in `timeoutMs`, and is told when that is over.
 */

import { writeUint } from "bytes/big-endian";
import { UTF8_ACCEPT, utf8Check } from "bytes/utf8";
import type { Transport } from "transport/transport";
import {
	CLOSE_ABNORMAL,
	CLOSE_NO_STATUS,
	EAGAIN,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	FAULT_CANCELED,
	FAULT_CLOSE_TIMEOUT,
	FAULT_CONNECT,
	FAULT_HANDSHAKE_LOST,
	FAULT_HANDSHAKE_TIMEOUT,
	FAULT_HEADER_SIZE,
	FAULT_LOST,
	FAULT_SEND_TIMEOUT,
	faultOf,
	isCloseCode,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_PING,
} from "websocket/codes";
import type { Random } from "websocket/encoder";
import { Handshake, type HandshakeRequest } from "websocket/handshake";
import { CONTROL_MAX, isControl } from "websocket/header";
import { INPUT_BEGIN, INPUT_CONTROL, INPUT_DATA, INPUT_NONE, Input, type MessageInfo } from "websocket/input";
import { Output } from "websocket/output";

/** States, in order. */
export const CONNECTING = 0;
export const OPEN = 1;
/** A close frame is on its way, in one direction at least. */
export const CLOSING = 2;
export const CLOSED = 3;

/** timeoutMs: the wait that is running goes on; nothing is to be waited for. */
export const TIMEOUT_KEEP = -2;
export const TIMEOUT_NONE = -1;

const NONCE_SIZE = 16;

export interface ConnectionOptions {
	readonly transport: Transport;
	/** What arrives waits here; borrowed until the connection is closed. */
	readonly receive: Uint8Array;
	/** Frames are made here; borrowed until the connection is closed. */
	readonly transmit: Uint8Array;
	readonly random: Random;
	readonly autoPong: boolean;
	readonly closeTimeoutMs: number;
	/** Once the transport is gone: how long what is ready waits for the app, or TIMEOUT_NONE. */
	readonly drainTimeoutMs: number;
}

export class Connection {
	state = CONNECTING;
	/** For the door to act on and to set to TIMEOUT_KEEP: TIMEOUT_NONE, or milliseconds from now. */
	timeoutMs = TIMEOUT_KEEP;
	/** A send() was refused with EAGAIN since somebody looked. */
	blocked = false;
	/** Counts what receive() gave, so that the door sees whether the app took something. */
	taken = 0;
	/** The transport is gone; what it brought before is still read. */
	lost = false;
	/** How it ended, once it is CLOSED: 0 or a fault. */
	fault = 0;
	closeCode = CLOSE_ABNORMAL;
	closeReason = "";
	clean = false;
	/** Of the answer to the handshake, 0 if there was none; and the subprotocol the server chose, or "". */
	status = 0;
	subprotocol = "";

	readonly #transport: Transport;
	readonly #input: Input;
	readonly #output: Output;
	readonly #closeTimeoutMs: number;
	readonly #drainTimeoutMs: number;
	#handshake: Handshake | undefined;
	#connected = false;
	/** A wait for the transport to take a frame is running. */
	#sendTimer = false;
	/** The wait for the app to take what came before the loss has begun. */
	#draining = false;
	/** The app is in the middle of a fragmented message. */
	#sending = false;
	#peerClosed = false;

	/**
	 * Allocates all that the connection will need, but for the views that prefixes.ts makes of the first few lengths: 250 slots and
	 * 900 bytes beside the caller's buffers, most of them garbage when the handshake is over.
	 */
	constructor(options: ConnectionOptions) {
		const nonce = new Uint8Array(NONCE_SIZE);
		options.random(nonce, 0, NONCE_SIZE);
		this.#handshake = new Handshake(nonce);
		this.#transport = options.transport;
		this.#input = new Input(options.transport, options.receive, options.autoPong);
		this.#output = new Output(options.transport, options.transmit, options.random);
		this.#closeTimeoutMs = options.closeTimeoutMs;
		this.#drainTimeoutMs = options.drainTimeoutMs;
	}

	/** Payload, or an empty frame, waits for receive(). */
	get ready(): boolean {
		return this.#input.ready;
	}

	/** Prepares the request: 0, -EINVAL if it is not one, or -EMSGSIZE if it does not fit into the transmit buffer. */
	prepare(request: HandshakeRequest): number {
		const length = (this.#handshake as Handshake).write(request, this.#output.data.bytes);
		if (length <= 0) return length < 0 ? -EMSGSIZE : -EINVAL;
		this.#output.data.raw(length);
		return 0;
	}

	/** The transport has something to read, or took something. */
	transportReady(): void {
		this.#connected = true;
		this.advance();
	}

	/** The transport is gone. */
	transportClosed(): void {
		this.lost = true;
		this.advance();
	}

	/** `timeoutMs` are over. */
	expire(): void {
		switch (this.state) {
			case CONNECTING:
				this.#finish(FAULT_HANDSHAKE_TIMEOUT);
				break;
			case OPEN:
				if (this.lost) this.#finish(this.#lostFault());
				// Half a frame cannot be taken back, so nothing else can be sent, not even a close frame.
				else if (this.#sendTimer) this.#finish(FAULT_SEND_TIMEOUT);
				break;
			case CLOSING:
				this.#finish(this.fault || FAULT_CLOSE_TIMEOUT);
				break;
		}
	}

	/** Goes on as far as the transport and the app let it: writes what can be written, and reads until `ready`. */
	advance(): void {
		if (this.state === CLOSED) return;
		const connecting = this.state === CONNECTING;
		this.#flush();
		this.#pump();
		if (this.state === CLOSED) return;
		if (this.#output.closeSent && (this.#peerClosed || this.fault)) this.#finish(this.fault);
		else if (this.lost) this.#drain(connecting);
	}

	/** The transport is gone: what came before is the app's, and then it is over. */
	#drain(connecting: boolean): void {
		if (this.ready) {
			if (this.#draining || this.#drainTimeoutMs < 0) return;
			this.#draining = true;
			this.timeoutMs = this.#drainTimeoutMs;
		} else if (!connecting || this.state !== OPEN) {
			// Not in the step that opened it: there may be frames behind the answer to the handshake.
			this.#finish(this.fault || this.#lostFault());
		}
	}

	/** See websocketSendMsg. */
	send(opcode: number, payload: Uint8Array, length: number, fin: boolean, timeoutMs: number): number {
		if (this.state !== OPEN || this.lost) return -ENOTCONN;
		if (isControl(opcode)) return this.#sendControl(opcode, payload, length, fin, timeoutMs);
		// §5.4: a message begins with its type and goes on without.
		if ((opcode === WEBSOCKET_OPCODE_CONTINUE) !== this.#sending) return -EINVAL;
		const data = this.#output.data;
		if (length > data.capacity) return -EMSGSIZE;
		if (!data.empty) return this.#block();
		data.encode(opcode, fin, payload, length);
		this.#sending = !fin;
		this.#flush();
		if (!data.empty) this.#guard(timeoutMs);
		return length;
	}

	/** What was sent is still here: the peer has so long to take it. */
	#guard(timeoutMs: number): void {
		if (timeoutMs <= 0) return;
		this.#sendTimer = true;
		this.timeoutMs = timeoutMs;
	}

	/** See websocketRecvMsg. `length` is at least 1. */
	receive(into: Uint8Array, length: number, info: MessageInfo): number {
		const input = this.#input;
		let total = 0;
		for (;;) {
			if (!input.ready) this.advance();
			if (!input.ready) {
				if (total) return total;
				return this.state === OPEN ? -EAGAIN : -ENOTCONN;
			}
			total += input.take(into, total, length - total, info);
			this.taken = (this.taken + 1) | 0;
			if (total === length || input.frameEnded) return total;
		}
	}

	/**
	 * Begins the close handshake; what was not received is dropped. 0, -EINVAL if the code must not be sent or the reason is
	 * longer than 123 bytes or not to be written as UTF-8, -ENOTCONN if the connection is closing or not open.
	 */
	close(code: number, reason: string): number {
		let body: Uint8Array | undefined;
		if (code !== CLOSE_NO_STATUS) {
			if (!isCloseCode(code)) return -EINVAL;
			const text = new Uint8Array(ArrayBuffer.fromString(reason));
			// XS writes a lone surrogate as it is, and a NUL in two bytes.
			if (text.length > CONTROL_MAX - 2 || utf8Check(UTF8_ACCEPT, text, 0, text.length) !== UTF8_ACCEPT) return -EINVAL;
			body = new Uint8Array(2 + text.length);
			writeUint(body, 0, code, 2);
			body.set(text, 2);
		} else if (reason) return -EINVAL;
		if (this.state !== OPEN) return -ENOTCONN;
		this.#beginClose(body);
		return 0;
	}

	/** Whether send() has room again. */
	get sendable(): boolean {
		return this.state === OPEN && this.#output.data.empty && this.#output.control.empty;
	}

	/** The app closed the transport: what was not received is dropped. */
	cancel(): void {
		if (this.state !== CLOSED) this.#finish(FAULT_CANCELED);
	}

	#block(): number {
		this.blocked = true;
		return -EAGAIN;
	}

	#sendControl(opcode: number, payload: Uint8Array, length: number, fin: boolean, timeoutMs: number): number {
		if (!fin || length > CONTROL_MAX) return -EINVAL;
		if (opcode === WEBSOCKET_OPCODE_CLOSE) return this.#sendClose(payload, length);
		if (!this.#output.controlFree) return this.#block();
		this.#output.control.encode(opcode, true, payload, length);
		this.#flush();
		if (!this.#output.control.empty) this.#guard(timeoutMs);
		return length;
	}

	/** Zephyr's way to close with a code: the body of the close frame as payload. */
	#sendClose(payload: Uint8Array, length: number): number {
		if (length === 1) return -EINVAL;
		const body = length ? payload.slice(0, length) : undefined;
		if (body && (!isCloseCode((body[0] as number) * 256 + (body[1] as number)) || utf8Check(UTF8_ACCEPT, body, 2, length) !== UTF8_ACCEPT))
			return -EINVAL;
		this.#beginClose(body);
		return length;
	}

	/** From now on only a close frame goes out, and what comes is dropped, what waits for the app included. */
	#beginClose(body: Uint8Array | undefined): void {
		this.state = CLOSING;
		this.timeoutMs = this.#closeTimeoutMs;
		this.#input.drop();
		this.#output.close(body);
		this.#flush();
	}

	#flush(): void {
		if (this.state === CLOSED || this.lost) return;
		const output = this.#output;
		output.flush();
		if (output.broken) this.lost = true;
		if (output.begun) this.#connected = true;
		if (!this.#sendTimer || this.state !== OPEN || !output.data.empty || !output.control.empty) return;
		this.#sendTimer = false;
		this.timeoutMs = TIMEOUT_NONE;
	}

	/** Reads until something waits for the app, or nothing is left. */
	#pump(): void {
		const input = this.#input;
		while (this.state !== CLOSED) {
			if (this.#handshake) {
				if (!this.#answer(this.#handshake)) break;
				continue;
			}
			const found = input.next();
			if (found === INPUT_NONE || found === INPUT_DATA) break;
			// §5.5.3: who gets another ping before answering one may answer the latest only.
			if (found === INPUT_BEGIN) this.#output.dropPong();
			else if (found === INPUT_CONTROL) this.#obey(input.opcode);
			else this.#fail(input.fault);
		}
		if (input.broken) this.lost = true;
	}

	/** Reads more of the answer to the handshake: whether there is more to do at once. */
	#answer(handshake: Handshake): boolean {
		const input = this.#input;
		if (input.end === input.bytes.length) {
			this.#finish(FAULT_HEADER_SIZE);
			return false;
		}
		if (input.append() <= 0) return false;
		const result = handshake.parse(input.bytes, input.end);
		this.status = handshake.status;
		if (result === 0) return true;
		if (result < 0) {
			this.#finish(result);
			return false;
		}
		this.subprotocol = handshake.subprotocol;
		this.#handshake = undefined;
		// What came behind the blank line is frames; they wait until the app knows that the connection is open.
		input.skip(result);
		this.state = OPEN;
		this.timeoutMs = TIMEOUT_NONE;
		return false;
	}

	/** A whole ping, pong or close frame has come. */
	#obey(opcode: number): void {
		if (opcode === WEBSOCKET_OPCODE_CLOSE) {
			this.#obeyClose();
			return;
		}
		if (opcode !== WEBSOCKET_OPCODE_PING || this.state !== OPEN) return;
		const message = this.#input.message;
		this.#output.pong(message.control, message.controlLength);
		this.#flush();
	}

	/** §5.5.1: answers with the code it got, unless a close frame is on its way already. */
	#obeyClose(): void {
		const message = this.#input.message;
		const fault = message.closeFault();
		if (fault) {
			this.#fail(fault);
			return;
		}
		// §5.5.1: nothing may follow.
		this.#input.stop();
		this.#peerClosed = true;
		this.closeCode = message.closeCode();
		this.closeReason = message.closeReason();
		if (this.state === OPEN) this.#beginClose(message.controlLength ? message.control.slice(0, 2) : undefined);
	}

	/** The peer broke the protocol (§7.1.7): nothing it sends is read from now on, and it is told why. */
	#fail(code: number): void {
		const { close, meaning } = faultOf(code);
		this.fault = code;
		this.#input.stop();
		this.closeCode = close;
		this.closeReason = meaning;
		if (this.state === OPEN) {
			const text = new Uint8Array(ArrayBuffer.fromString(meaning));
			const body = new Uint8Array(2 + text.length);
			writeUint(body, 0, close, 2);
			body.set(text, 2);
			this.#beginClose(body);
		}
	}

	#lostFault(): number {
		// The peer said goodbye, and did not wait for the answer.
		if (this.#peerClosed) return 0;
		if (this.state !== CONNECTING) return FAULT_LOST;
		return this.#connected ? FAULT_HANDSHAKE_LOST : FAULT_CONNECT;
	}

	#finish(code: number): void {
		this.state = CLOSED;
		this.fault = code;
		this.clean = code === 0 && this.#peerClosed && this.#output.closeSent;
		this.timeoutMs = TIMEOUT_NONE;
		this.#handshake = undefined;
		// The buffers are the app's again.
		this.#input.drop();
		this.#input.stop();
		this.#transport.stop();
	}
}
