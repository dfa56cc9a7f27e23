/*
 * The door of the room: Zephyr's WebSocket API for TypeScript. Calls are synchronous, return a number (0 or more, or a negative errno)
 * and never throw; waiting is done by the event loop, which calls back. What waits with a Promise says so.
 */
import { give, post } from "bytes/block";
import { fillRandom } from "random";
import type { Transport } from "transport/transport";
import {
	CLOSE_NORMAL,
	EAGAIN,
	EALREADY,
	EBADF,
	EEXIST,
	EFAULT,
	EINVAL,
	EMSGSIZE,
	ENOENT,
	ENOTCONN,
	ETIMEDOUT,
	MSG_DONTWAIT,
	POLLIN,
	POLLOUT,
	SYS_FOREVER_MS,
	WEBSOCKET_OPCODE_DATA_BINARY,
} from "websocket/codes";
import { Connection, TIMEOUT_NONE } from "websocket/connection";
import { absent, claimContext, connectionOf, contextOf, contextsFault, makeContexts, turn } from "websocket/contexts";
import type { Handshake } from "websocket/handshake";
import { isOpcode } from "websocket/header";
import type { MessageInfo } from "websocket/input";
import { logged } from "websocket/log";
import { retry, websocketPoll } from "websocket/poll";
import { pool } from "websocket/pool";
import {
	isBuffer,
	isLength,
	isList,
	isTimeout,
	isTransport,
	registrationFault,
	requestFault,
	type WebsocketOptions,
	type WebsocketRegistration,
	type WebsocketRequest,
} from "websocket/request";

export * from "websocket/codes";
export type { MessageInfo } from "websocket/input";
export { websocketPoll } from "websocket/poll";
export type { WebsocketClose, WebsocketHttpCallbacks, WebsocketOptions, WebsocketRegistration, WebsocketRequest } from "websocket/request";
export { wsClose as close, wsRecv as recv, wsSend as send };

const CLOSE_TIMEOUT_MS = 3000;
const PONG_TIMEOUT_MS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Of a transmit buffer that the app did not bring: enough for most requests. */
const TRANSMIT_MIN = 512;

/** What most buffers are, found out without the price of `instanceof`. */
const Bytes = Uint8Array;
/** For C, which finds out the same. */
const kind = Uint8Array.prototype;

/**
 * Makes all contexts (WEBSOCKET_MAX_CONTEXTS of the manifest's "config"), so that connecting later needs no memory for one. Need not
 * be called. Throws a RangeError if that number is none; it is the only function that throws. As websocket_init.
 */
export function websocketInit(): void {
	const fault = contextsFault();
	if (fault) throw new RangeError(fault);
	makeContexts();
}

/**
 * Performs the opening handshake of RFC 6455 §4.1 on `transport`, whose socket is open or connecting. As websocket_connect.
 *
 * `timeout` in ms bounds all of it, the TCP connection included; SYS_FOREVER_MS waits for ever. The socket stays the app's, unless
 * `ownSock` is set: after an error it is the app that closes it; after onClose the app closes it, or uses it again for another upgrade. Allocates all
 * that the connection needs; the buffers are the app's.
 *
 * @returns a Promise, never rejected, of a handle, 0 or more, or of
 * -EINVAL a field is missing or out of range, or holds what a request must not (a line break, a space in the url), or the request
 * cannot be extended, or WEBSOCKET_MAX_CONTEXTS is no such number;
 * -EAGAIN `timeout` is 0, and a handshake takes time; -EEXIST the transport is in use; -ENOENT all contexts are;
 * -EMSGSIZE the request does not fit into txBuf, or the headers of the answer into tmpBuf;
 * -EHOSTUNREACH the host's name does not resolve; -ECONNREFUSED no TCP connection; -EACCES no TLS connection;
 * -ECONNRESET the connection ended; -ETIMEDOUT; -ECANCELED the app closed the transport;
 * -EPROTO the answer is not HTTP, or no upgrade; -ECONNABORTED the server refused, see request.status and httpCb;
 * -EBADMSG wrong Sec-WebSocket-Accept; -EPROTONOSUPPORT a subprotocol or extension that was not offered; -EFAULT a callback threw;
 * or what cb or optionalHeadersCb gave, if that is negative. `request.failure` says the same in words.
 */
export function websocketConnect<UserData = undefined>(
	transport: Transport,
	request: WebsocketRequest<UserData>,
	timeout: number,
	userData?: UserData,
): Promise<number> {
	return new Promise((resolve) => {
		const result = connect(transport, request as WebsocketRequest, timeout, userData, resolve);
		if (result < 0) resolve(result);
	});
}

/**
 * The same without a Promise: gives the handle at once. `request.cb` tells that the connection is open, `request.onClose` that it could
 * not be made. Until then, sending gives -EAGAIN (and onWritable follows), receiving gives -EAGAIN, websocketDisconnect cancels.
 *
 * @returns a handle, 0 or more, or -EINVAL, -EAGAIN, -EEXIST, -ENOENT, -EMSGSIZE, -EFAULT, or what optionalHeadersCb gave, as websocketConnect.
 */
export function websocketConnectStart<UserData = undefined>(
	transport: Transport,
	request: WebsocketRequest<UserData>,
	timeout: number,
	userData?: UserData,
): number {
	return connect(transport, request as WebsocketRequest, timeout, userData, undefined);
}

function connect(
	transport: Transport,
	request: WebsocketRequest,
	timeoutMs: number,
	userData: unknown,
	resolve: ((result: number) => void) | undefined,
): number {
	// What became of it is written there.
	if (typeof request !== "object" || request === null || !Object.isExtensible(request)) return -EINVAL;
	request.status = 0;
	request.subprotocol = request.failure = "";
	const result = beginClient(transport, request, timeoutMs, userData, resolve);
	if (result >= 0) return result;
	request.failure ||= refusals[-result] ?? "";
	closeOwn(transport, request, result);
	return result;
}

/** A transport that is the library's is closed when there will be no connection on it; one that is in use is somebody's. */
function closeOwn(transport: Transport, options: WebsocketOptions, result: number): void {
	if (options.ownSock === true && result !== -EEXIST && isTransport(transport)) transport.close();
}

/** A wrong argument, and how it has to be. */
function refuse(options: WebsocketOptions, failure: string): number {
	options.failure = failure;
	return -EINVAL;
}

const NO_TRANSPORT = "the first argument: a transport, as new SocketTransport(socket) and new TcpTransport(options) make one";

function beginClient(
	transport: Transport,
	request: WebsocketRequest,
	timeoutMs: number,
	userData: unknown,
	resolve: ((result: number) => void) | undefined,
): number {
	if (!isTransport(transport)) return refuse(request, NO_TRANSPORT);
	if (!isTimeout(timeoutMs)) return refuse(request, "timeout: a whole number of ms, or SYS_FOREVER_MS");
	const fault = requestFault(request) || contextsFault();
	if (fault) return refuse(request, fault);
	if (timeoutMs === 0) return -EAGAIN;
	const { host, url, subprotocols, tmpBuf, tmpBufLen = tmpBuf.length } = request;
	let context = claimContext(transport);
	if (typeof context === "number") return context;
	let optionalHeaders: readonly string[] | number | undefined;
	try {
		optionalHeaders = request.optionalHeadersCb ? request.optionalHeadersCb(request, userData) : request.optionalHeaders;
	} catch {
		return -EFAULT;
	}
	if (typeof optionalHeaders === "number" && optionalHeaders < 0) return optionalHeaders;
	if (typeof optionalHeaders === "number" || !isList(optionalHeaders)) {
		return refuse(request, "optionalHeadersCb: gives an array of strings, or a negative number");
	}
	// Once more, for the callback may have connected, too.
	context = claimContext(transport);
	if (typeof context === "number") return context;
	const receive = tmpBufLen === tmpBuf.length ? tmpBuf : tmpBuf.subarray(0, tmpBufLen);
	const connection = makeConnection(logged(transport, request, false, false), request, receive, false);
	const error = connection.request({ host, url, optionalHeaders, subprotocols });
	if (error === -EINVAL) return refuse(request, (connection.handshake as Handshake).wrong);
	return error || context.begin(connection, { transport, options: request, userData, resolve, timeoutMs }) || context.handle;
}

function makeConnection(transport: Transport, options: WebsocketOptions, receive: Uint8Array, server: boolean): Connection {
	const { pingInterval = 0, closeTimeout = CLOSE_TIMEOUT_MS } = options;
	return new Connection({
		transport,
		receive,
		transmit: options.txBuf ?? new Uint8Array(Math.max(receive.length, TRANSMIT_MIN)),
		random: fillRandom,
		server,
		autoPong: options.autoPong !== false,
		maxMessage: options.maxMessage ?? 0,
		closeTimeoutMs: closeTimeout,
		// Who is told knows that there is something to take. Who is not asks now and then, or never does.
		drainTimeoutMs: options.onReadable ? TIMEOUT_NONE : closeTimeout,
		pingIntervalMs: pingInterval > 0 ? pingInterval : TIMEOUT_NONE,
		pongTimeoutMs: options.pongTimeout ?? PONG_TIMEOUT_MS,
		collectHeaders: options.httpCb !== undefined,
	});
}

/** What a refused call says in `failure`, by errno. */
const refusals: Readonly<Record<number, string>> = Object.freeze({
	[EAGAIN]: "a handshake takes time, and the timeout is 0",
	[EFAULT]: "optionalHeadersCb threw",
	[EEXIST]: "the transport is in use",
	[ENOENT]: "all contexts are in use",
	[EMSGSIZE]: "the request does not fit into txBuf",
});

/**
 * The server's role (§4.2): makes a WebSocket of an accepted socket. Performs the upgrade: the client's request is checked, shown to
 * `options.cb` and httpCb (with its `url` and `host` in `options`), and answered with 101 and the first subprotocol that both know; or
 * with 400, 426 (no WebSocket, or another version of it), 431 (larger than recvBuf), or what cb says. With `options.upgraded`, somebody
 * else did that, as in Zephyr's websocket_register. Frames that come have to be masked; those that go are not, so websocketSendMsg's
 * `mask` is false here. Everything else is as with a client's handle.
 *
 * `recvBuf` is the library's until onClose; its first `recvBufLen` bytes are used, and the request's headers have to fit. Allocates all
 * that the connection needs.
 *
 * @returns a handle, 0 or more, at once; or -EINVAL a wrong argument; -EEXIST the transport is in use; -ENOENT all contexts are. What
 * the upgrade came to is told by onClose, if it failed: -EPROTO, -EPROTONOSUPPORT, -EMSGSIZE, -ECONNABORTED, -ETIMEDOUT, -ECONNRESET.
 */
export function websocketRegister<UserData = undefined>(
	transport: Transport,
	recvBuf: Uint8Array,
	recvBufLen: number,
	options: WebsocketRegistration<UserData> = {},
	userData?: UserData,
): number {
	const registration = options as WebsocketRegistration;
	if (typeof registration !== "object" || registration === null || !Object.isExtensible(registration)) return -EINVAL;
	registration.status = 0;
	registration.subprotocol = registration.failure = "";
	const result = beginServer(transport, recvBuf, recvBufLen, registration, userData);
	if (result >= 0) return result;
	registration.failure ||= refusals[-result] ?? "";
	closeOwn(transport, registration, result);
	return result;
}

function beginServer(
	transport: Transport,
	recvBuf: Uint8Array,
	recvBufLen: number,
	registration: WebsocketRegistration,
	userData: unknown,
): number {
	if (!isTransport(transport)) return refuse(registration, NO_TRANSPORT);
	if (!isBuffer(recvBuf)) return refuse(registration, "recvBuf: a Uint8Array");
	if (!isLength(recvBufLen, recvBuf.length)) return refuse(registration, "recvBufLen: from 1 to the length of recvBuf");
	const fault = registrationFault(registration) || contextsFault();
	if (fault) return refuse(registration, fault);
	const context = claimContext(transport);
	if (typeof context === "number") return context;
	const receive = recvBufLen === recvBuf.length ? recvBuf : recvBuf.subarray(0, recvBufLen);
	const carrier = logged(transport, registration, true, registration.upgraded === true);
	const connection = makeConnection(carrier, registration, receive, true);
	if (registration.upgraded) connection.adopt();
	else connection.listen();
	const timeoutMs = registration.handshakeTimeout ?? HANDSHAKE_TIMEOUT_MS;
	return context.begin(connection, { transport, options: registration, userData, resolve: undefined, timeoutMs }) || context.handle;
}

/**
 * Closes a server's WebSocket and, when the close handshake is over, its transport, as websocket_unregister closes both. onClose follows.
 *
 * @returns 0, or -EBADF no such connection; -ENOENT it is a client's; -EALREADY it is closing already, or closed.
 */
export function websocketUnregister(ws: number): number {
	const context = contextOf(ws);
	if (context === undefined) return -EBADF;
	const connection = context.connection;
	if (connection === undefined) return -EALREADY;
	if (connection.masks) return -ENOENT;
	const result = connection.close(CLOSE_NORMAL, "");
	context.called(connection);
	if (result < 0) return -EALREADY;
	context.ownSock = true;
	return 0;
}

/**
 * Sends one frame: the first `payloadLen` bytes of `payload`. As websocket_send_msg. `mask` has to be true for a client, false for a
 * server (§5.1). With `final` false more frames of the message follow, with WEBSOCKET_OPCODE_CONTINUE. Text has to be UTF-8; that is
 * not checked. Allocates nothing.
 *
 * A frame that fits into txBuf is taken whole or not at all, and `payload` is the caller's again when this returns. A longer one goes
 * out piece by piece, and `payload` is borrowed until onWritable (or onClose): so it needs a `timeout` other than 0.
 *
 * `timeout` in ms bounds how long the peer may take to accept it; if it does not, the connection fails with -ETIMEDOUT in onClose, for
 * half a frame cannot be taken back. 0 and SYS_FOREVER_MS set no bound.
 *
 * @returns `payloadLen`, or -EBADF no such connection; -ENOTCONN it is closing or closed; -EINVAL a wrong argument, or a frame that
 * must not come here (§5.4, §5.5); -EMSGSIZE longer than txBuf, and `timeout` is 0; -EAGAIN the last frame is still on its way, or the
 * connection is not open yet: onWritable follows.
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
	// The short way of nearly every message. post() sees to all arguments.
	const data = pool.data;
	if (data.quick === ws) {
		const bytes = data.short;
		const at = data.origin;
		data.random?.(bytes, at - 4, at);
		const start = post(bytes, at, data.masked, payload, payloadLen, opcode, mask, final, timeout, kind);
		if (start >= 0) {
			const end = at + payloadLen;
			const count = data.transport.write(bytes, start, end);
			if (start + count === end) return payloadLen;
			data.keep(start, end, count);
			return held(ws, payloadLen, timeout);
		}
	}
	return sendAny(ws, payload, payloadLen, opcode, mask, final, timeout);
}

/** Any frame, with all checks. */
function sendAny(
	ws: number,
	payload: Uint8Array,
	payloadLen: number,
	opcode: number,
	mask: boolean,
	final: boolean,
	timeout: number,
): number {
	const connection = pool.connection;
	if (connection.handle !== ws) return turn(ws) ? websocketSendMsg(ws, payload, payloadLen, opcode, mask, final, timeout) : absent(ws);
	if (!isBuffer(payload) || payloadLen !== (payloadLen | 0) || payloadLen < 0 || payloadLen > payload.length) return -EINVAL;
	if (!isOpcode(opcode) || mask !== connection.masks || (final !== true && final !== false) || !isTimeout(timeout)) return -EINVAL;
	const result = connection.send(opcode, payload, payloadLen, final, timeout);
	if (connection.changed) contextOf(ws)?.called(connection);
	return result;
}

/** The transport did not take all of a frame. */
function held(ws: number, payloadLen: number, timeout: number): number {
	const connection = pool.connection;
	connection.sent(timeout);
	if (connection.changed) contextOf(ws)?.called(connection);
	return payloadLen;
}

/**
 * websocketSendMsg that waits for room, at most `timeout` ms; -ETIMEDOUT if none came. A payload longer than txBuf is then waited for
 * until the transport has taken it. Keep `payload` until then. Allocates.
 */
export async function websocketSendMsgAsync(
	ws: number,
	payload: Uint8Array,
	payloadLen: number,
	opcode: number,
	mask: boolean,
	final: boolean,
	timeout: number,
): Promise<number> {
	const result = await retry(ws, POLLOUT, timeout, () => websocketSendMsg(ws, payload, payloadLen, opcode, mask, final, timeout));
	if (result === -EAGAIN && timeout !== 0) return -ETIMEDOUT;
	if (!connectionOf(ws)?.borrowing) return result;
	return (await websocketPoll(ws, POLLOUT, SYS_FOREVER_MS)) === POLLOUT ? result : -ENOTCONN;
}

/**
 * Receives payload: up to `bufLen` bytes of one frame into `buf`, whose owner is the caller. As websocket_recv_msg. Never waits.
 *
 * `info` says what it is: `messageType` has Zephyr's bits (TEXT or BINARY on the first frame of a message, FINAL on the last; a
 * continuation has no type), `remaining` how many bytes of the frame are still to come, `messageRemaining` the same for the message, or
 * -1 while it has more frames. A message has ended when FINAL is set and `remaining` is 0. 0 bytes are an empty frame, or the empty end
 * of one, not the end of the connection. Allocates nothing.
 *
 * With `timeout` above 0, onTimeout is called if this gives -EAGAIN and nothing comes for so many ms; the next call ends that wait.
 *
 * @returns the number of bytes, or -EAGAIN nothing is there: onReadable follows; -EBADF no such connection; -ENOTCONN it is closing or
 * closed, and all that came was received; -EINVAL a wrong argument.
 */
export function websocketRecvMsg(ws: number, buf: Uint8Array, bufLen: number, info: MessageInfo, timeout: number): number {
	// The short way of nearly every message: the app was called for it, and finds room. give() sees to all arguments. Numbers stand for
	// FOUND_TYPE and FOUND_TAKEN, for a name of another module costs as much as a comparison.
	const input = pool.input;
	if (input.handle === ws) {
		const count = give(buf, bufLen, input.bytes, input.found, info, timeout, kind);
		if (count >= 0) {
			info.messageType = input.found & 7;
			info.remaining = info.messageRemaining = 0;
			input.found = 1;
			return count;
		}
	}
	return receiveAny(ws, buf, bufLen, info, timeout);
}

/** Any payload, with all checks. */
function receiveAny(ws: number, buf: Uint8Array, bufLen: number, info: MessageInfo, timeout: number): number {
	const connection = pool.connection;
	if (connection.handle !== ws) return turn(ws) ? websocketRecvMsg(ws, buf, bufLen, info, timeout) : absent(ws);
	if (typeof info !== "object" || info === null || (timeout !== 0 && !isTimeout(timeout))) return -EINVAL;
	if ((buf?.constructor !== Bytes && !isBuffer(buf)) || bufLen !== (bufLen | 0) || bufLen <= 0 || bufLen > buf.length) return -EINVAL;
	const result = connection.receive(buf, bufLen, info);
	if (timeout > 0 || connection.changed || !connection.watched) contextOf(ws)?.received(connection, result, timeout);
	return result;
}

/**
 * How many bytes websocketRecvMsg would give now, if its buffer had room for them, without taking them; of one frame, and not more than
 * the receive buffer holds. `info` is filled as by websocketRecvMsg, but nothing is taken: so the message has ended with these bytes if
 * `messageRemaining` is the result. 0 is an empty frame. Allocates nothing. As ioctl's FIONREAD.
 *
 * @returns the number of bytes, or -EAGAIN, -EBADF, -ENOTCONN, -EINVAL as websocketRecvMsg.
 */
export function websocketReadable(ws: number, info: MessageInfo): number {
	const connection = connectionOf(ws);
	if (connection === undefined) return absent(ws);
	if (typeof info !== "object" || info === null) return -EINVAL;
	const result = connection.readableNow(info);
	if (connection.changed) contextOf(ws)?.called(connection);
	return result;
}

/** websocketRecvMsg that waits for something to receive, at most `timeout` ms; -EAGAIN if nothing came. Keep the buffer until then. Allocates. */
export async function websocketRecvMsgAsync(
	ws: number,
	buf: Uint8Array,
	bufLen: number,
	info: MessageInfo,
	timeout: number,
): Promise<number> {
	return retry(ws, POLLIN, timeout, () => websocketRecvMsg(ws, buf, bufLen, info, 0));
}

/**
 * Begins the close handshake (§7.1.2) with a code and a reason of at most 123 bytes of UTF-8; what was not received is dropped, what
 * was sent goes out first. onClose tells when it is over, at the latest after closeTimeout. With CLOSE_NO_STATUS the close frame has
 * no code. A connection that is not open yet is given up. As websocket_disconnect. Allocates the body of the close frame.
 *
 * @returns 0, or -EBADF no such connection; -EINVAL a code that must not be sent (§7.4), or the reason is too long or cannot be UTF-8;
 * -ENOTCONN it is closing or closed already.
 */
export function websocketDisconnect(ws: number, code = CLOSE_NORMAL, reason = ""): number {
	const context = contextOf(ws);
	if (context === undefined) return -EBADF;
	if (typeof code !== "number" || typeof reason !== "string") return -EINVAL;
	const connection = context.connection;
	if (connection === undefined) return -ENOTCONN;
	const result = connection.close(code, reason);
	context.called(connection);
	return result;
}

/**
 * BSD's send on a WebSocket: `len` bytes of `buf` as one message. As zsock_send, which always sends text: here `opcode` chooses, and is
 * binary if missing, for text that is not UTF-8 ends the connection. With MSG_DONTWAIT in `flags` a message that does not fit into txBuf
 * is refused; without it goes out piece by piece, see websocketSendMsg. Also exported as `send`.
 *
 * @returns `len`, or what websocketSendMsg gives.
 */
export function wsSend(ws: number, buf: Uint8Array, len: number, flags = 0, opcode = WEBSOCKET_OPCODE_DATA_BINARY): number {
	if (flags !== 0 && flags !== MSG_DONTWAIT) return -EINVAL;
	const connection = connectionOf(ws);
	if (connection === undefined) return absent(ws);
	return websocketSendMsg(ws, buf, len, opcode, connection.masks, true, flags === 0 ? SYS_FOREVER_MS : 0);
}

/**
 * BSD's recv on a WebSocket: up to `len` bytes, without saying of which message. As zsock_recv, but empty frames are passed over, so
 * that 0 is the end of the connection and nothing else. Never waits, whatever `flags`. Also exported as `recv`.
 *
 * @returns the number of bytes; 0 the connection is closing or closed; or -EAGAIN, -EBADF, -EINVAL as websocketRecvMsg.
 */
export function wsRecv(ws: number, buf: Uint8Array, len: number, flags = 0): number {
	if (flags !== 0 && flags !== MSG_DONTWAIT) return -EINVAL;
	for (;;) {
		const result = websocketRecvMsg(ws, buf, len, scratch, 0);
		if (result === 0) continue;
		return result === -ENOTCONN ? 0 : result;
	}
}

/** What recv does not tell. */
const scratch: MessageInfo = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** BSD's close on a WebSocket: websocketDisconnect with code 1000. As zsock_close, the TCP socket stays open. Also exported as `close`. */
export function wsClose(ws: number): number {
	return websocketDisconnect(ws);
}
