/*
 * The door of the room: Zephyr's WebSocket API for TypeScript. Calls are synchronous, return a number (0 or more, or a negative
 * errno) and never throw; waiting is done by the event loop, which calls back. The clock, the timer and the source of randomness
 * come in here, and nowhere else.
 */
import { fillRandom } from "random";
import Time from "time";
import Timer from "timer";
import type { Transport, TransportEvents } from "transport/transport";
import { CLOSE_NORMAL, EAGAIN, EBADF, ECANCELED, EEXIST, EINVAL, EMSGSIZE, ENOENT, ENOTCONN, FAULT_STATUS, faultOf } from "websocket/codes";
import { CLOSED, CONNECTING, Connection, OPEN, TIMEOUT_KEEP, TIMEOUT_NONE } from "websocket/connection";
import { isOpcode } from "websocket/header";
import type { MessageInfo } from "websocket/input";
import { isRequest, isTimeout, isTransport, type WebsocketRequest } from "websocket/request";

export * from "websocket/codes";
export type { MessageInfo } from "websocket/input";
export type { WebsocketClose, WebsocketRequest } from "websocket/request";

/** Connections at a time. */
export const WEBSOCKET_MAX_CONTEXTS = 8;

/** A handle is a generation above an index, so that one of an ended connection fits no later one. */
const INDEX_BITS = 3;
const INDEX_MASK = WEBSOCKET_MAX_CONTEXTS - 1;
const GENERATION_MASK = 0xffffff;

const CLOSE_TIMEOUT_MS = 3000;
/** A timer that does not repeat is gone when it fired; this one is to be used again, and never gets to its repeat: about 12 days. */
const NEVER_MS = 0x3fffffff;
/** Soon, from the event loop. */
const WAKE_MS = 1;

class Context implements TransportEvents {
	/** Of the connection, also after its end; -1 before the first one. */
	handle = -1;
	connection: Connection | undefined;
	transport: Transport | undefined;
	readonly #index: number;
	#generation = 0;
	#request: WebsocketRequest | undefined;
	#userData: unknown;
	#resolve: ((result: number) => void) | undefined;
	#timer: Timer | undefined;
	/** When the wait that the connection asked for ends, if one is running, and whether the loop should call soon. */
	#deadline = 0;
	#waiting = false;
	#wake = false;
	/** The timer fired, and has to be set again. */
	#fired = false;
	/** It is set to wake soon. Events that come more often than that must not put it off. */
	#waking = false;
	/** What `taken` was when the app was told that there is something. */
	#told = -1;
	/** Inside a callback of the loop; what calls of the app bring about is seen to at its end. */
	#busy = false;
	/** One function for the life of the context. */
	readonly #fire = () => this.#onTimer();

	constructor(index: number) {
		this.#index = index;
	}

	get free(): boolean {
		return this.#request === undefined;
	}

	/** Begins to connect: 0 or an errno, with nothing begun. `resolve` gets the result later. */
	connect(
		transport: Transport,
		request: WebsocketRequest,
		timeoutMs: number,
		userData: unknown,
		resolve: (result: number) => void,
	): number {
		const { tmpBuf, tmpBufLen = tmpBuf.length } = request;
		const connection = new Connection({
			transport,
			receive: tmpBufLen === tmpBuf.length ? tmpBuf : tmpBuf.subarray(0, tmpBufLen),
			transmit: request.txBuf,
			random: fillRandom,
			autoPong: request.autoPong !== false,
			closeTimeoutMs: request.closeTimeout ?? CLOSE_TIMEOUT_MS,
			// Who is told knows that there is something to take. Who is not asks now and then, or never does.
			drainTimeoutMs: request.onReadable ? TIMEOUT_NONE : (request.closeTimeout ?? CLOSE_TIMEOUT_MS),
		});
		const error = connection.prepare(request);
		if (error) return error;
		if (!transport.start(this)) return -EEXIST;
		this.#generation = (this.#generation + 1) & GENERATION_MASK;
		this.handle = (this.#generation << INDEX_BITS) | this.#index;
		this.connection = connection;
		this.transport = transport;
		this.#request = request;
		this.#userData = userData;
		this.#resolve = resolve;
		this.#deadline = 0;
		this.#waiting = this.#waking = this.#fired = false;
		this.#told = -1;
		this.#timer = Timer.set(this.#fire, NEVER_MS, NEVER_MS);
		connection.timeoutMs = timeoutMs;
		// The socket may be open already, and then nothing else would begin.
		this.#wake = true;
		this.#schedule();
		return 0;
	}

	onReadable(): void {
		this.connection?.transportReady();
		this.#deliver();
	}

	onWritable(): void {
		this.connection?.transportReady();
		this.#deliver();
	}

	onClosed(error: number): void {
		if (error === -ECANCELED) this.connection?.cancel();
		else this.connection?.transportClosed();
		this.#deliver();
	}

	/** After a call of the app, which may have `received`: does not call it back, but sees to it that the loop does. */
	settle(received: boolean): void {
		const connection = this.connection;
		if (this.#busy || connection === undefined) return;
		// What is left in the buffer, or in the socket, would not be told about again.
		if (received || connection.lost || connection.state === CLOSED) this.#wake = true;
		this.#schedule();
	}

	#onTimer(): void {
		const connection = this.connection as Connection;
		this.#wake = this.#waking = false;
		this.#fired = true;
		if (this.#waiting && ((Time.ticks - this.#deadline) | 0) >= 0) {
			this.#waiting = false;
			connection.expire();
		}
		connection.advance();
		this.#deliver();
	}

	/** Tells the app what happened. It may call anything meanwhile. */
	#deliver(): void {
		const connection = this.connection;
		if (this.#busy || connection === undefined) return;
		this.#busy = true;
		try {
			if (this.#resolve) {
				if (connection.state !== CONNECTING) this.#answer(this.#resolve);
			} else {
				do this.#deliverReadable(connection);
				while (this.#deliverWritable(connection));
			}
		} finally {
			this.#busy = false;
		}
		if (connection.state === CLOSED) this.#end(connection);
		else this.#schedule();
	}

	/** Calls until the app took all there is, or took nothing: then it knows, and will come when it wants more. */
	#deliverReadable(connection: Connection): void {
		while (connection.ready && connection.taken !== this.#told) {
			this.#told = connection.taken;
			this.#request?.onReadable?.(this.handle, this.#userData);
			connection.advance();
		}
	}

	/** Whether the app was told, and so may have received, too. */
	#deliverWritable(connection: Connection): boolean {
		if (!connection.blocked || !connection.sendable) return false;
		connection.blocked = false;
		this.#request?.onWritable?.(this.handle, this.#userData);
		connection.advance();
		return true;
	}

	/** The handshake ended. */
	#answer(resolve: (result: number) => void): void {
		const connection = this.connection as Connection;
		const request = this.#request as WebsocketRequest;
		this.#resolve = undefined;
		request.status = connection.status;
		request.subprotocol = connection.subprotocol;
		if (connection.state === OPEN) {
			request.failure = "";
			// Frames may have come with the answer: the app gets them once it has the handle.
			this.#wake = true;
			resolve(this.handle);
			return;
		}
		const { errno, meaning } = faultOf(connection.fault);
		request.failure = connection.status && connection.fault === FAULT_STATUS ? `${meaning} (HTTP status ${connection.status})` : meaning;
		this.#release();
		resolve(-errno);
	}

	/** The connection ended, and the app has not been told. */
	#end(connection: Connection): void {
		const request = this.#request;
		if (request === undefined) return;
		const userData = this.#userData;
		const error = connection.fault ? -faultOf(connection.fault).errno : 0;
		request.failure = connection.fault ? faultOf(connection.fault).meaning : "";
		this.#release();
		request.onClose?.(
			this.handle,
			error,
			{ code: connection.closeCode, reason: connection.closeReason, clean: connection.clean },
			userData,
		);
	}

	/** Lets go of all that is the app's. The handle stays, to say -ENOTCONN, until the context is used again. */
	#release(): void {
		if (this.#timer) Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#request = undefined;
		this.#userData = undefined;
		this.transport = undefined;
		this.connection = undefined;
	}

	/** Sets the timer to what comes first, if that changed. */
	#schedule(): void {
		const connection = this.connection;
		const timer = this.#timer;
		if (timer === undefined || connection === undefined) return;
		const timeoutMs = connection.timeoutMs;
		const changed = timeoutMs !== TIMEOUT_KEEP;
		if (changed) {
			connection.timeoutMs = TIMEOUT_KEEP;
			this.#waiting = timeoutMs !== TIMEOUT_NONE;
			if (this.#waiting) this.#deadline = (Time.ticks + timeoutMs) | 0;
		}
		if (this.#waking || (!changed && !this.#wake && !this.#fired)) return;
		this.#fired = false;
		this.#waking = this.#wake;
		if (this.#wake) Timer.schedule(timer, WAKE_MS, NEVER_MS);
		else if (this.#waiting) Timer.schedule(timer, Math.max(0, (this.#deadline - Time.ticks) | 0), NEVER_MS);
		else Timer.schedule(timer);
	}
}

/** A preloaded module cannot assign its variables, but an object's properties: they get a copy in RAM. */
const pool: { contexts: Context[] | undefined } = { contexts: undefined };

function contextOf(ws: number): Context | undefined {
	const context = pool.contexts?.[ws & INDEX_MASK];
	return context !== undefined && context.handle === ws && ws >= 0 ? context : undefined;
}

/** A context that is free, or an errno: -EEXIST if one of them uses the transport, -ENOENT if all are used. */
function claim(transport: Transport): Context | number {
	pool.contexts ??= [];
	const contexts = pool.contexts;
	let found: Context | undefined;
	for (const context of contexts) {
		if (context.transport === transport) return -EEXIST;
		if (context.free) found ??= context;
	}
	if (found) return found;
	if (contexts.length === WEBSOCKET_MAX_CONTEXTS) return -ENOENT;
	const context = new Context(contexts.length);
	contexts.push(context);
	return context;
}

/**
 * Performs the opening handshake of RFC 6455 §4.1 on `transport`, whose socket is open or connecting.
 *
 * `timeout` in ms bounds all of it, the TCP connection included; SYS_FOREVER_MS waits for ever. The socket stays the app's: on an
 * error, and after onClose, it is the app that closes it. Allocates all that the connection needs; the buffers are the app's.
 *
 * @returns a Promise, never rejected, of a handle, 0 or more, or of
 * -EINVAL a field is missing or out of range, or holds what a request must not (a line break, a space in the url), or the request
 * is frozen;
 * -EAGAIN `timeout` is 0, and a handshake takes time; -EEXIST the transport is in use; -ENOENT all contexts are;
 * -EMSGSIZE the request does not fit into txBuf, or the headers of the answer into tmpBuf;
 * -ECONNREFUSED no TCP connection; -ECONNRESET it ended; -ETIMEDOUT; -ECANCELED the app closed the transport;
 * -EPROTO the answer is not HTTP, or no upgrade; -ECONNABORTED the server refused, see request.status;
 * -EBADMSG wrong Sec-WebSocket-Accept; -EPROTONOSUPPORT a subprotocol or extension that was not offered.
 */
export function websocketConnect<UserData = undefined>(
	transport: Transport,
	request: WebsocketRequest<UserData>,
	timeout: number,
	userData?: UserData,
): Promise<number> {
	return new Promise((resolve) => {
		// What became of it is written there.
		if (typeof request !== "object" || request === null || Object.isFrozen(request)) return resolve(-EINVAL);
		const plain = request as WebsocketRequest;
		plain.status = 0;
		plain.subprotocol = plain.failure = "";
		const error = begin(transport, plain, timeout, userData, resolve);
		if (error === 0) return;
		plain.failure = refusals[-error] ?? "";
		resolve(error);
	});
}

/** 0 if it has begun, and `resolve` gets the result later; or an errno. */
function begin(
	transport: Transport,
	request: WebsocketRequest,
	timeout: number,
	userData: unknown,
	resolve: (result: number) => void,
): number {
	if (!isTransport(transport) || !isTimeout(timeout) || !isRequest(request)) return -EINVAL;
	if (timeout === 0) return -EAGAIN;
	const context = claim(transport);
	return typeof context === "number" ? context : context.connect(transport, request, timeout, userData, resolve);
}

/** What a refused call says in `failure`, by errno. */
const refusals: Readonly<Record<number, string>> = Object.freeze({
	[EINVAL]: "an argument is missing, of the wrong kind or out of range, or holds what a request must not",
	[EAGAIN]: "a handshake takes time, and the timeout is 0",
	[EEXIST]: "the transport is in use",
	[ENOENT]: "all contexts are in use",
	[EMSGSIZE]: "the request does not fit into txBuf",
});

/**
 * Sends one frame: the first `payloadLen` bytes of `payload`, which is the caller's again when this returns. `mask` has to be true,
 * for a client masks (§5.3). With `final` false more frames of the message follow, with WEBSOCKET_OPCODE_CONTINUE. Text has to be
 * UTF-8; that is not checked. The bytes are taken whole or not at all; `timeout` in ms bounds how long the peer may take to accept
 * them, and if it does not, the connection fails with -ETIMEDOUT in onClose: half a frame cannot be taken back. 0 and
 * SYS_FOREVER_MS set no bound. Allocates nothing.
 *
 * @returns `payloadLen`, or -EBADF no such connection; -ENOTCONN it is closing or closed; -EINVAL a wrong argument, or a frame that
 * must not come here (§5.4, §5.5); -EMSGSIZE longer than txBuf; -EAGAIN the last frame is still on its way: onWritable follows.
 */
export function websocketSendMsg(
	ws: number,
	payload: Uint8Array,
	payloadLen: number,
	opcode: number,
	mask: boolean,
	final: boolean,
	timeout: number,
): number {
	const context = contextOf(ws);
	if (context === undefined) return -EBADF;
	if (!(payload instanceof Uint8Array) || !(payloadLen >= 0 && payloadLen <= payload.length && payloadLen === Math.floor(payloadLen)))
		return -EINVAL;
	if (!isOpcode(opcode) || opcode !== (opcode | 0) || mask !== true || typeof final !== "boolean" || !isTimeout(timeout)) return -EINVAL;
	if (context.connection === undefined) return -ENOTCONN;
	const result = context.connection.send(opcode, payload, payloadLen, final, timeout);
	context.settle(false);
	return result;
}

/**
 * Receives up to `bufLen` bytes of one frame into the front of `buf`, and tells about them in `info`, which is changed only if the
 * result is 0 or more. Never waits, whatever `timeout` (in ms) says. A message may come in several frames, and a frame in several
 * calls: it is over when `info.messageType` has WEBSOCKET_FLAG_FINAL and `info.remaining` is 0. Allocates nothing.
 *
 * @returns how many bytes, where 0 is an empty frame and not the end, or -EBADF no such connection; -EINVAL a wrong argument;
 * -EAGAIN nothing is there: onReadable follows; -ENOTCONN the connection is closing or closed, and all was received.
 */
export function websocketRecvMsg(ws: number, buf: Uint8Array, bufLen: number, info: MessageInfo, timeout: number): number {
	const context = contextOf(ws);
	if (context === undefined) return -EBADF;
	if (!(buf instanceof Uint8Array) || !(bufLen > 0 && bufLen <= buf.length && bufLen === Math.floor(bufLen))) return -EINVAL;
	if (typeof info !== "object" || info === null || !isTimeout(timeout)) return -EINVAL;
	if (context.connection === undefined) return -ENOTCONN;
	const result = context.connection.receive(buf, bufLen, info);
	context.settle(result >= 0);
	return result;
}

/**
 * Begins the close handshake (§7.1.2) with a code and a reason of at most 123 bytes of UTF-8; what was not received is dropped, what
 * was sent goes out first. onClose tells when it is over, at the latest after closeTimeout. With CLOSE_NO_STATUS the close frame has
 * no code. Allocates the body of the close frame.
 *
 * @returns 0, or -EBADF no such connection; -EINVAL a code that must not be sent (§7.4), or the reason is too long or cannot be UTF-8; -ENOTCONN it is
 * closing or closed already.
 */
export function websocketDisconnect(ws: number, code = CLOSE_NORMAL, reason = ""): number {
	const context = contextOf(ws);
	if (context === undefined) return -EBADF;
	if (typeof code !== "number" || typeof reason !== "string") return -EINVAL;
	if (context.connection === undefined) return -ENOTCONN;
	const result = context.connection.close(code, reason);
	context.settle(false);
	return result;
}
