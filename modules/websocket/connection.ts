/*
 * The life of one connection, in either role: opening handshake, frames, ping and pong, close (RFC 6455 §4, §5.5, §7). The only
 * place where input and output meet. It calls nobody back: it sets `changed` when there is something to look at, and the door looks.
 * It knows no clock either: it says how long to wait, and is told when that is over.
 */

import { writeUint } from "bytes/big-endian";
import { copy, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import type { Transport } from "transport/transport";
import {
	CLOSE_ABNORMAL,
	CLOSE_NO_STATUS,
	CLOSE_NORMAL,
	EACCES,
	EAGAIN,
	ECONNRESET,
	EHOSTUNREACH,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	EPROTO,
	FAULT_CANCELED,
	FAULT_CLOSE_TIMEOUT,
	FAULT_CONNECT,
	FAULT_HANDSHAKE_LOST,
	FAULT_HANDSHAKE_TIMEOUT,
	FAULT_LOST,
	FAULT_PONG_TIMEOUT,
	FAULT_RESOLVE,
	FAULT_SEND_TIMEOUT,
	FAULT_TLS,
	FAULT_TLS_PROTOCOL,
	faultOf,
	isCloseCode,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_PING,
	WEBSOCKET_OPCODE_PONG,
} from "websocket/codes";
import { closeFault } from "websocket/control";
import { type Encoder, QUICK_NOT, type Random } from "websocket/encoder";
import type { Handshake, HandshakeRequest } from "websocket/handshake";
import { BIT_FIN, CONTROL_MAX } from "websocket/header";
import {
	FOUND_LEFT,
	FOUND_TAKEN,
	INPUT_BEGIN,
	INPUT_BROKEN,
	INPUT_CONTROL,
	INPUT_DATA,
	INPUT_NONE,
	Input,
	type MessageInfo,
	READY_NONE,
} from "websocket/input";
import { OPENING_ASKED, OPENING_DONE, Opening } from "websocket/opening";
import { Output } from "websocket/output";
import type { Upgrade } from "websocket/upgrade";

/** States, in order. */
export const CONNECTING = 0;
export const OPEN = 1;
/** A close frame is on its way, in one direction at least. */
export const CLOSING = 2;
export const CLOSED = 3;

/** timeoutMs, keepMs: the wait that is running goes on; nothing is to be waited for. */
export const TIMEOUT_KEEP = -2;
export const TIMEOUT_NONE = -1;

const NONCE_SIZE = 16;
const STATUS_INTERNAL = 500;

export interface ConnectionOptions {
	readonly transport: Transport;
	/** What arrives waits here; borrowed until the connection is closed. */
	readonly receive: Uint8Array;
	/** Frames are made here; borrowed until the connection is closed. */
	readonly transmit: Uint8Array;
	readonly random: Random;
	/** The server's role: frames that come are masked, and those that go are not. */
	readonly server: boolean;
	/** false: pings and pongs are received like messages. */
	readonly autoPong: boolean;
	/** Bytes that a message received may have; 0 is no limit. */
	readonly maxMessage: number;
	readonly closeTimeoutMs: number;
	/** Once the transport is gone: how long what is ready waits for the app, or TIMEOUT_NONE. */
	readonly drainTimeoutMs: number;
	/** After so long without a byte from the peer a ping goes out, or TIMEOUT_NONE; and how long its answer may take. */
	readonly pingIntervalMs: number;
	readonly pongTimeoutMs: number;
	/** Keep the headers of the handshake, for `headers`. */
	readonly collectHeaders: boolean;
}

export class Connection {
	/** Of the door; below 0 while there is none. */
	handle = -1;
	readonly input: Input;
	/** Where the door may put messages while that is quick; what the transport does not take it keeps, and calls sent(). */
	readonly data: Encoder;
	/** For the door: a callback of the app is running that was not called on the short way. */
	telling = false;
	/** There is something to look at: an end, an answer that is wanted, a wait that begins or ends, room where none was. */
	changed = false;
	/** The app's frames are masked: a client's. Those that come are masked otherwise (§5.1). */
	readonly masks: boolean;
	/** Open, and the transport is there. */
	open = false;
	/** The app is in the middle of a fragmented message. */
	#sending = false;
	readonly #output: Output;
	state = CONNECTING;
	/** The transport is gone; what it brought before is still read. */
	lost = false;
	/** A send() was refused with EAGAIN, or its payload was borrowed, since somebody looked. */
	blocked = false;
	/** For the door to act on and to set to TIMEOUT_KEEP: TIMEOUT_NONE, or milliseconds from now. The second is keepalive's. */
	timeoutMs = TIMEOUT_KEEP;
	keepMs = TIMEOUT_KEEP;
	/** A client's request came and is right: accept() or reject() it. */
	asked = false;
	/** How it ended, once it is CLOSED: 0 or a fault. */
	fault = 0;
	closeCode = CLOSE_ABNORMAL;
	closeReason = "";
	clean = false;

	/** A wait for the transport to take a frame is running. */
	#sendTimer = false;
	readonly #random: Random;
	readonly #collectHeaders: boolean;
	readonly #closeTimeoutMs: number;
	readonly #drainTimeoutMs: number;
	readonly #pingIntervalMs: number;
	readonly #pongTimeoutMs: number;
	#opening: Opening | undefined;
	#connected = false;
	/** What the transport said when it went. */
	#transportError = 0;
	/** The wait for the app to take what came before the loss has begun. */
	#draining = false;
	/** A ping of ours has no answer yet. */
	#pinged = false;
	#peerClosed = false;

	/** Allocates all that the connection will need. */
	constructor(options: ConnectionOptions) {
		// Not the options themselves: that is half as many slots.
		this.#random = options.random;
		this.#collectHeaders = options.collectHeaders;
		this.#closeTimeoutMs = options.closeTimeoutMs;
		this.#drainTimeoutMs = options.drainTimeoutMs;
		this.#pingIntervalMs = options.pingIntervalMs;
		this.#pongTimeoutMs = options.pongTimeoutMs;
		this.masks = !options.server;
		this.input = new Input(options);
		this.#output = new Output(options);
		this.data = this.#output.data;
	}

	/** A callback of the app is running, after which the door will look at `changed`. */
	get watched(): boolean {
		return this.telling || this.input.telling;
	}

	/** What the door knows it by. */
	name(handle: number): void {
		this.handle = this.input.handle = handle;
		this.renew();
	}

	/** Client: sends the request. 0, -EINVAL if it cannot be one, or -EMSGSIZE if it does not fit into the transmit buffer. */
	request(request: HandshakeRequest): number {
		const nonce = new Uint8Array(NONCE_SIZE);
		this.#random(nonce, 0, NONCE_SIZE);
		this.#opening = new Opening(this.input, this.#output, nonce, this.#collectHeaders);
		return this.#opening.request(request);
	}

	/** Server: waits for the request. */
	listen(): void {
		this.#opening = new Opening(this.input, this.#output, undefined, this.#collectHeaders);
		this.#connected = true;
	}

	/** Somebody else did the handshake. */
	adopt(): void {
		this.opened();
	}

	/** What was asked for, or answered: for the app, until the door has told it. */
	get handshake(): Handshake | Upgrade | undefined {
		return this.#opening?.handshake ?? this.#opening?.upgrade;
	}

	/** Lets go of the handshake, which is not small. */
	forgetHandshake(): void {
		this.#opening = undefined;
	}

	/** Server: answers the request that was `asked`, see Opening.accept. Gives the subprotocol, or "". */
	accept(supported: readonly string[], headers: readonly string[]): string {
		const opening = this.#opening as Opening;
		this.asked = false;
		const subprotocol = opening.accept(supported, headers);
		if (!opening.refusing) this.opened();
		this.flush();
		this.conclude();
		return subprotocol;
	}

	/** Server: refuses the request that was `asked`, see Opening.reject. */
	reject(status: number, headers: readonly string[]): void {
		this.asked = false;
		this.#opening?.reject(status, headers);
		this.flush();
		this.conclude();
	}

	/** The transport has something to read. */
	readable(): void {
		this.#connected = true;
		this.advance();
	}

	/** The transport has room, or is connected. */
	writable(): void {
		this.#connected = true;
		this.advance();
	}

	/** The transport is gone; `error` is what it says about it, see TransportEvents. */
	transportClosed(error: number): void {
		this.lose();
		this.#transportError = error;
		this.advance();
	}

	/** `timeoutMs` are over. */
	expire(): void {
		switch (this.state) {
			case CONNECTING:
				this.finish(this.openingFault(FAULT_HANDSHAKE_TIMEOUT));
				break;
			case OPEN:
				if (this.lost) this.finish(this.lostFault());
				// Half a frame cannot be taken back, so nothing else can be sent, not even a close frame.
				else if (this.#sendTimer) this.finish(FAULT_SEND_TIMEOUT);
				break;
			case CLOSING:
				this.finish(this.fault || FAULT_CLOSE_TIMEOUT);
				break;
		}
	}

	/** `keepMs` are over (§5.5.2): pings a peer that was silent, and gives up one that still is. */
	keep(): void {
		if (this.state !== OPEN || this.lost) return;
		const input = this.input;
		// While something waits for the app, nothing is read, and so an answer cannot be seen.
		// A peer that takes what waited to be sent is there, too; and a ping may have to wait behind that.
		const output = this.#output;
		const alive = input.heard || input.ready !== READY_NONE || output.moved;
		input.listen();
		output.moved = false;
		if (alive) {
			this.#pinged = false;
			this.keepAgain(this.#pingIntervalMs);
		} else if (this.#pinged) this.finish(FAULT_PONG_TIMEOUT);
		else {
			this.#pinged = true;
			output.ping();
			this.flush();
			output.moved = false;
			this.keepAgain(this.#pongTimeoutMs);
		}
	}

	/** Goes on as far as the transport and the app let it: writes what can be written, and reads until something waits for the app. */
	advance(): void {
		if (this.state === CLOSED) return;
		const connecting = this.state === CONNECTING;
		this.flush();
		this.pump();
		this.conclude(connecting);
	}

	/** See websocketSendMsg. `payload` has `length` bytes at least. */
	send(opcode: number, payload: Uint8Array, length: number, fin: boolean, timeoutMs: number): number {
		if (!this.open || opcode > WEBSOCKET_OPCODE_DATA_BINARY) return this.sendOther(opcode, payload, length, fin, timeoutMs);
		// §5.4: a message begins with its type and goes on without.
		if ((opcode === WEBSOCKET_OPCODE_CONTINUE) !== this.#sending) return -EINVAL;
		const data = this.data;
		if (data.end !== 0) return this.block();
		const first = fin ? BIT_FIN | opcode : opcode;
		if (length <= data.capacity) {
			if (!data.encode(first, payload, length)) return -EINVAL;
		} else {
			if (timeoutMs === 0 && !data.holds(length)) return -EMSGSIZE;
			data.stream(first, payload, length);
			if (!data.holds(length)) this.blocked = this.changed = true;
		}
		this.#sending = !fin;
		this.sent(timeoutMs);
		return length;
	}

	/** `data` has got a frame, which the peer has `timeoutMs` to take. */
	sent(timeoutMs: number): void {
		this.#output.flush();
		if (this.data.end !== 0) this.unsent(timeoutMs);
		else this.renew();
	}

	/** Who may send past here, if nothing is in the way. */
	private renew(): void {
		const output = this.#output;
		const free = this.open && !this.#sending && !output.urgent && output.empty;
		this.data.quick = free ? this.handle : QUICK_NOT;
	}

	/** See websocketRecvMsg. `length` is at least 1. */
	receive(into: Uint8Array, length: number, info: MessageInfo): number {
		const input = this.input;
		if (input.found !== FOUND_LEFT) {
			if (input.found === FOUND_TAKEN && input.exhausted()) return -EAGAIN;
			input.settle();
		}
		if (input.ready === READY_NONE) {
			const error = this.look();
			if (error !== 0) return error;
		}
		const total = input.receive(into, length, info);
		// Found behind what was taken: that is still the app's.
		if (input.fault !== 0) this.fail(input.takeFault());
		if (this.lost || input.broken) this.changed = true;
		return total;
	}

	/** See websocketReadable. */
	readableNow(info: MessageInfo): number {
		const input = this.input;
		input.settle();
		const error = input.ready === READY_NONE ? this.look() : 0;
		return error !== 0 ? error : input.peek(info);
	}

	/** Reads: 0 if something is ready then, else an errno. */
	private look(): number {
		this.pump();
		if (this.input.ready !== READY_NONE) return 0;
		if (this.lost) this.conclude();
		this.rest();
		return this.state >= CLOSING && this.input.dropping ? -ENOTCONN : -EAGAIN;
	}

	/**
	 * Begins the close handshake; what was not received is dropped. 0, -EINVAL if the code must not be sent or the reason is
	 * longer than 123 bytes or not to be written as UTF-8, -ENOTCONN if the connection is closing or closed. Before it is open: cancels.
	 */
	close(code: number, reason: string): number {
		let body: Uint8Array | undefined;
		if (code !== CLOSE_NO_STATUS) {
			if (!isCloseCode(code)) return -EINVAL;
			body = closeBody(code, reason);
			// XS writes a lone surrogate as it is, and a NUL in two bytes.
			if (body.length > CONTROL_MAX || utf8Check(UTF8_ACCEPT, body, 2, body.length) !== UTF8_ACCEPT) return -EINVAL;
		} else if (reason) return -EINVAL;
		if (this.state === CONNECTING) this.finish(FAULT_CANCELED);
		else if (this.state !== OPEN) return -ENOTCONN;
		else this.beginClose(body);
		return 0;
	}

	/** The app does not want the connection that has just opened: says goodbye, and waits for nothing. */
	abandon(): void {
		if (this.state === OPEN) this.beginClose(closeBody(CLOSE_NORMAL, ""));
		if (this.state !== CLOSED) this.finish(FAULT_CANCELED);
	}

	/** The payload of the last send() is still needed. */
	get borrowing(): boolean {
		return this.data.borrowing;
	}

	/** Whether send() has room again. */
	get sendable(): boolean {
		return this.open && this.#output.empty;
	}

	/** The app closed the transport: what was not received is dropped. */
	cancel(): void {
		if (this.state !== CLOSED) this.finish(FAULT_CANCELED);
	}

	/** The connection cannot go on (§7.1.7): nothing that comes is read from now on, and the peer is told why. */
	fail(code: number): void {
		const { close, meaning } = faultOf(code);
		this.fault = code;
		this.input.stop();
		this.closeCode = close;
		this.closeReason = meaning;
		if (this.state === OPEN) this.beginClose(closeBody(close, meaning));
		else if (this.state === CONNECTING) {
			if (this.asked) this.reject(STATUS_INTERNAL, []);
			this.finish(code);
		}
		this.conclude();
	}

	/** What comes may go the short way again, if nothing is to be seen to but what comes. */
	rest(): void {
		if (this.open && !this.changed) this.input.rest();
	}

	/** Reads until something waits for the app, or nothing is left. */
	pump(): void {
		if (this.state !== CONNECTING) {
			// §5.5.1: nothing follows a close frame; what comes behind it is of whoever uses the socket next.
			if (this.state !== CLOSED && !this.#peerClosed) this.read();
			return;
		}
		// What comes behind the handshake waits for the next call, when the app knows that the connection is open.
		const found = (this.#opening as Opening).read();
		if (found === OPENING_DONE) this.opened();
		else if (found === OPENING_ASKED) this.asked = this.changed = true;
		else if (found < 0) this.finish(found);
		else this.flush();
		if (this.input.broken && !this.lost) this.lose();
	}

	/** The same once the handshake is done. */
	read(): void {
		this.act(this.input.next());
	}

	/** Does what `found`, a result of input.next(), asks for, and reads on if it is not for the app. */
	act(found: number): void {
		const input = this.input;
		for (; ; found = input.next()) {
			if (found === INPUT_DATA) return;
			if (found === INPUT_NONE) return;
			if (found === INPUT_BROKEN) {
				if (!this.lost) this.lose();
				return;
			}
			// §5.5.3: who gets another ping before answering one may answer the latest only.
			if (found === INPUT_BEGIN) this.#output.dropPong();
			else if (found === INPUT_CONTROL) this.obey(input.opcode);
			else this.fail(input.takeFault());
			if (this.state === CLOSED) return;
		}
	}

	/** Ends what is over. `connecting`: it was not open before this step. */
	private conclude(connecting = false): void {
		if (this.state === CLOSED) return;
		const output = this.#output;
		if (output.broken) this.lose();
		const refusing = this.state === CONNECTING && this.#opening ? this.#opening.refusing : 0;
		if (refusing && output.empty) this.finish(refusing);
		else if (output.closeSent && (this.#peerClosed || this.fault)) this.finish(this.fault);
		else if (this.lost) this.drain(connecting);
	}

	/** The transport is gone: what came before is the app's, and then it is over. */
	private drain(connecting: boolean): void {
		if (this.input.ready !== READY_NONE) {
			if (this.#draining || this.#drainTimeoutMs < 0) return;
			this.#draining = true;
			this.wait(this.#drainTimeoutMs);
		} else if (!connecting || this.state !== OPEN) {
			// Not in the step that opened it: there may be frames behind the answer to the handshake.
			this.finish(this.fault || this.lostFault());
		}
	}

	private lose(): void {
		this.lost = this.changed = true;
		this.shut();
		// Nothing goes out any more, and what came has its own time.
		if (this.#sendTimer && this.state === OPEN) this.wait(TIMEOUT_NONE);
		this.#sendTimer = false;
	}

	/** No message goes out any more. */
	private shut(): void {
		this.open = false;
		this.data.quick = QUICK_NOT;
		this.input.settle();
	}

	private wait(ms: number): void {
		this.timeoutMs = ms;
		this.changed = true;
	}

	private keepAgain(ms: number): void {
		this.keepMs = ms;
		this.changed = true;
	}

	/** What was sent is still here: the peer has so long to take it. */
	private unsent(timeoutMs: number): void {
		if (this.#output.broken) this.lose();
		// The first one counts: whoever came later is behind it.
		else if (timeoutMs > 0 && !this.#sendTimer) {
			this.#sendTimer = true;
			this.wait(timeoutMs);
		}
	}

	private block(): number {
		this.blocked = true;
		return -EAGAIN;
	}

	private sendOther(opcode: number, payload: Uint8Array, length: number, fin: boolean, timeoutMs: number): number {
		if (this.open) return this.sendControl(opcode, payload, length, fin, timeoutMs);
		return this.state === CONNECTING && !this.lost ? this.block() : -ENOTCONN;
	}

	private sendControl(opcode: number, payload: Uint8Array, length: number, fin: boolean, timeoutMs: number): number {
		if (!fin || length > CONTROL_MAX) return -EINVAL;
		if (opcode === WEBSOCKET_OPCODE_CLOSE) return this.sendClose(payload, length);
		const output = this.#output;
		if (!output.controlFree) return this.block();
		if (!output.send(opcode, payload, length)) return -EINVAL;
		output.flush();
		if (output.control.end !== 0 || output.broken) this.unsent(timeoutMs);
		return length;
	}

	/** Zephyr's way to close with a code: the body of the close frame as payload. */
	private sendClose(payload: Uint8Array, length: number): number {
		const body = length ? new Uint8Array(length) : undefined;
		if (body) copy(body, 0, payload, 0, length);
		if (body && closeFault(body, length)) return -EINVAL;
		// §1.4: what the peer sends until it has seen that is no less whole. Others have no use for it, and may not take it.
		this.beginClose(body, !this.input.autoPong);
		return length;
	}

	/** From now on only a close frame goes out, and unless it is to be kept, what comes is dropped, what waits for the app included. */
	private beginClose(body: Uint8Array | undefined, keep = false): void {
		this.state = CLOSING;
		this.shut();
		this.wait(this.#closeTimeoutMs);
		this.keepAgain(TIMEOUT_NONE);
		if (!keep) this.input.drop();
		this.#output.close(body);
		this.flush();
	}

	private flush(): void {
		if (this.state === CLOSED || this.lost) return;
		const output = this.#output;
		output.flush();
		if (output.broken) this.lose();
		if (output.moved) this.#connected = true;
		if (!output.empty) return;
		this.renew();
		if (this.blocked && this.state === OPEN) this.changed = true;
		if (!this.#sendTimer || this.state !== OPEN) return;
		this.#sendTimer = false;
		this.wait(TIMEOUT_NONE);
	}

	private opened(): void {
		this.state = OPEN;
		this.open = !this.lost;
		this.renew();
		this.#connected = true;
		this.wait(TIMEOUT_NONE);
		this.keepAgain(this.#pingIntervalMs);
		this.input.listen();
		this.#output.moved = false;
		if (this.blocked) this.changed = true;
	}

	/** A whole ping, pong or close frame has come. */
	private obey(opcode: number): void {
		if (opcode === WEBSOCKET_OPCODE_CLOSE) this.obeyClose();
		// §5.5.2: a close frame of ours is on its way, and nothing may follow it.
		else if (this.state !== OPEN) return;
		else if (opcode === WEBSOCKET_OPCODE_PING) {
			const control = this.input.control;
			this.#output.pong(control.payload, control.length);
			this.flush();
		} else if (opcode === WEBSOCKET_OPCODE_PONG && this.#pinged) {
			this.#pinged = false;
			this.input.listen();
			this.keepAgain(this.#pingIntervalMs);
		}
	}

	/** §5.5.1: answers with the code it got, unless a close frame is on its way already. */
	private obeyClose(): void {
		const control = this.input.control;
		const fault = control.closeFault();
		if (fault) {
			this.fail(fault);
			return;
		}
		// §5.5.1: nothing may follow.
		this.input.stop();
		this.#peerClosed = this.changed = true;
		this.closeCode = control.closeCode();
		this.closeReason = control.closeReason();
		if (this.state === OPEN) this.beginClose(control.length ? control.payload.slice(0, 2) : undefined);
		this.conclude();
	}

	private openingFault(fault: number): number {
		return this.#opening ? this.#opening.faultOf(fault) : fault;
	}

	private lostFault(): number {
		// The peer said goodbye, and did not wait for the answer.
		if (this.#peerClosed) return 0;
		const error = this.#transportError;
		if (error === -EACCES) return FAULT_TLS;
		if (error === -EPROTO) return FAULT_TLS_PROTOCOL;
		if (this.state !== CONNECTING) return FAULT_LOST;
		if (error === -EHOSTUNREACH) return FAULT_RESOLVE;
		return this.#connected || error === -ECONNRESET ? this.openingFault(FAULT_HANDSHAKE_LOST) : FAULT_CONNECT;
	}

	private finish(code: number): void {
		this.state = CLOSED;
		this.shut();
		this.fault = code;
		this.clean = code === 0 && this.#peerClosed && this.#output.closeSent;
		this.wait(TIMEOUT_NONE);
		this.keepAgain(TIMEOUT_NONE);
		// The buffers are the app's again.
		this.input.drop();
		this.input.stop();
		this.#output.release();
		this.input.transport.stop();
	}
}

/** The body of a close frame. */
function closeBody(code: number, reason: string): Uint8Array {
	const text = new Uint8Array(ArrayBuffer.fromString(reason));
	const body = new Uint8Array(2 + text.length);
	writeUint(body, 0, code, 2);
	body.set(text, 2);
	return body;
}
