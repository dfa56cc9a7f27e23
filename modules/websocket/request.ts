/* What the app says about a connection it wants, and what it is told about it. */
import type { Transport } from "transport/transport";
import { SYS_FOREVER_MS } from "websocket/codes";
import { ENCODER_MIN } from "websocket/encoder";

/** How a connection ended. */
export interface WebsocketClose {
	/** The code of the close frame that ended it; CLOSE_NO_STATUS if it had none, CLOSE_ABNORMAL if there was none. */
	readonly code: number;
	readonly reason: string;
	/** Whether close frames went both ways. */
	readonly clean: boolean;
}

/** What is seen of the peer's part of the handshake, as Zephyr's `http_cb`. Called before `cb`; a refusal has headers, too. */
export interface WebsocketHttpCallbacks<UserData = unknown> {
	/** A client sees the status line of the answer: 101, or why not. */
	onStatus?: (status: number, reason: string, userData: UserData) => void;
	/** One header, name and value as they came, in their order. */
	onHeader?: (name: string, value: string, userData: UserData) => void;
	onHeadersComplete?: (userData: UserData) => void;
}

/** What both roles say about a connection. Borrowed until onClose, or until connecting gave an error. */
export interface WebsocketOptions<UserData = unknown> {
	/**
	 * The transmit buffer, the library's until the connection ended. It holds the handshake's own bytes, so some 256 of them at least;
	 * missing: one as long as the receive buffer, 512 at least, is allocated. A frame that fits (16 bytes beside the payload, 24 from
	 * 64 KB on) is copied when it is sent; see websocketSendMsg for longer ones.
	 */
	txBuf?: Uint8Array;
	/** Offered to the server in this order; or what the server supports: the client's first one of these is chosen. */
	subprotocols?: readonly string[];
	/** More headers of the request, or of the answer; "Name: value" each, with or without CRLF. */
	optionalHeaders?: readonly string[];
	/**
	 * Zephyr's `cb`: the handshake is done, or, for a server, the request came and is right. `request` is this object. Negative: the app
	 * does not want the connection. A client closes it, and connecting gives this number; a server answers with `status` (300 to 599; 403
	 * if `cb` set none) and `optionalHeaders`, as they are then.
	 */
	cb?: (ws: number, request: WebsocketOptions<UserData>, userData: UserData) => number;
	httpCb?: WebsocketHttpCallbacks<UserData>;
	/** After so many ms without a byte from the peer a ping goes out (§5.5.2); 0, or missing: never. */
	pingInterval?: number;
	/** How long the peer may be silent after that, in ms; 10,000 if missing. Then the connection fails with -ETIMEDOUT. */
	pongTimeout?: number;
	/** How long the close handshake may take, in ms; 3,000 if missing. */
	closeTimeout?: number;
	/** A message received may have so many bytes, all its fragments together; a longer one ends the connection (1009, -EMSGSIZE). 0, or missing: any. */
	maxMessage?: number;
	/**
	 * false: pings and pongs are received like messages, and the app answers; and after a close frame of websocketSendMsg what comes is
	 * received still, up to the peer's. true if missing.
	 */
	autoPong?: boolean;
	/** true: the library closes the transport when the connection has ended, or could not be made. false if missing, as in Zephyr. */
	ownSock?: boolean;
	/** There is something to receive. Called again if the app took some of it and more is there. */
	onReadable?: (ws: number, userData: UserData) => void;
	/** There is room to send again: after -EAGAIN, and when a payload longer than txBuf is the caller's again. */
	onWritable?: (ws: number, userData: UserData) => void;
	/** The `timeout` of a websocketRecvMsg that gave -EAGAIN is over, and nothing came. */
	onTimeout?: (ws: number, userData: UserData) => void;
	/**
	 * The connection ended, said exactly once for every handle that the app got. The TCP socket is the app's again. `error` is 0 if
	 * either side closed it; else negative: -EPROTO the peer broke the protocol; -EMSGSIZE it sent more than maxMessage, or began a frame
	 * of 2^53 bytes or more; -ECONNRESET the TCP connection ended without a close frame; -ETIMEDOUT it took no frame, or answered no ping
	 * or close frame, in time; -ECANCELED the app closed the transport; -EFAULT a callback threw; and, before it was open, what
	 * websocketConnect and websocketRegister say.
	 */
	onClose?: (ws: number, error: number, close: WebsocketClose, userData: UserData) => void;

	/** Set by the library: the HTTP status of the server's answer, or 0. A server's `cb` sets it to refuse with another one than 403. */
	status?: number;
	/** Set by the library: the subprotocol the server chose, or "". */
	subprotocol?: string;
	/** Set by the library: what went wrong, in words, or "". */
	failure?: string;
}

/** Zephyr's `struct websocket_request`, and what JavaScript adds. */
export interface WebsocketRequest<UserData = unknown> extends WebsocketOptions<UserData> {
	/** For the Host header: "example.com", with ":port" unless that is 80 (or 443 with TLS); an IPv6 address in brackets. */
	host: string;
	/** Path and query: "/chat?room=1". */
	url: string;
	/** Instead of optionalHeaders: called when the request is written, for headers that need to be of the moment. Negative: connecting gives it. */
	optionalHeadersCb?: (request: WebsocketRequest<UserData>, userData: UserData) => readonly string[] | number;
	/** The receive buffer, the library's until the connection ended. The headers of the server's answer have to fit (512 bytes will do). */
	tmpBuf: Uint8Array;
	/** How much of tmpBuf may be used; all of it if missing. */
	tmpBufLen?: number;
}

/** What a server says about a client it has accepted. */
export interface WebsocketRegistration<UserData = unknown> extends WebsocketOptions<UserData> {
	/** true: somebody else did the handshake; what comes is frames. */
	upgraded?: boolean;
	/** How long the client may take to ask for the upgrade, in ms; 10,000 if missing. */
	handshakeTimeout?: number;
	/** Set by the library, for `cb`: the target of the request, and its Host. */
	url?: string;
	host?: string;
}

const MS_MAX = 0x3fffffff;

/** Milliseconds, or SYS_FOREVER_MS. */
export const isTimeout = (value: unknown) =>
	typeof value === "number" && value >= SYS_FOREVER_MS && value <= MS_MAX && value === (value | 0);

/** Whether `transport` can be called like a transport. */
export function isTransport(transport: unknown): transport is Transport {
	if (typeof transport !== "object" || transport === null) return false;
	const { start, stop, read, write, close } = transport as Partial<Transport>;
	return (
		typeof start === "function" &&
		typeof stop === "function" &&
		typeof read === "function" &&
		typeof write === "function" &&
		typeof close === "function"
	);
}

export const isBuffer = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value) && value instanceof Uint8Array;

const isCallback = (value: unknown) => value === undefined || typeof value === "function";
const isMs = (value: unknown) => value === undefined || isTimeout(value);

/** Whole and positive, and not above `maximum`. */
export const isLength = (value: unknown, maximum: number) =>
	typeof value === "number" && value > 0 && value <= maximum && Number.isInteger(value);

/** Missing, or an array of strings without a hole: a string is no list of its characters. */
export function isList(value: unknown): value is readonly string[] | undefined {
	if (value === undefined) return true;
	if (!Array.isArray(value)) return false;
	for (let i = 0; i < value.length; i++) if (typeof value[i] !== "string") return false;
	return true;
}

const MS = Object.freeze(["pingInterval", "pongTimeout", "closeTimeout"] as const);
const CALLBACKS = Object.freeze(["cb", "onReadable", "onWritable", "onTimeout", "onClose"] as const);

const mustBeMs = (name: string) => `${name}: a whole number of ms`;
const mustBeCallback = (name: string) => `${name}: a function`;
const mustBeList = (name: string) => `${name}: an array of strings`;

/** What is wrong with what both roles may say, beginning with the name of the field; or "". */
function optionsFault(options: WebsocketOptions): string {
	const { txBuf, maxMessage, httpCb } = options;
	if (txBuf !== undefined && !(isBuffer(txBuf) && txBuf.length >= ENCODER_MIN))
		return `txBuf: a Uint8Array of ${ENCODER_MIN} bytes at least`;
	if (!isList(options.optionalHeaders)) return mustBeList("optionalHeaders");
	if (!isList(options.subprotocols)) return mustBeList("subprotocols");
	for (const name of MS) if (!isMs(options[name])) return mustBeMs(name);
	for (const name of CALLBACKS) if (!isCallback(options[name])) return mustBeCallback(name);
	if (maxMessage !== undefined && maxMessage !== 0 && !isLength(maxMessage, Number.MAX_SAFE_INTEGER))
		return "maxMessage: a whole number of bytes";
	if (httpCb === undefined) return "";
	if (typeof httpCb !== "object" || httpCb === null) return "httpCb: an object with onStatus, onHeader and onHeadersComplete";
	if (!isCallback(httpCb.onStatus)) return mustBeCallback("httpCb.onStatus");
	if (!isCallback(httpCb.onHeader)) return mustBeCallback("httpCb.onHeader");
	return isCallback(httpCb.onHeadersComplete) ? "" : mustBeCallback("httpCb.onHeadersComplete");
}

/** What is wrong with the kind or range of a field; or "". What host, url and headers hold is for the handshake to check. */
export function requestFault(request: WebsocketRequest): string {
	const { host, url, tmpBuf, tmpBufLen } = request;
	if (typeof host !== "string") return "host: a string";
	if (typeof url !== "string") return "url: a string";
	if (!isBuffer(tmpBuf) || tmpBuf.length === 0) return "tmpBuf: a Uint8Array that is not empty";
	if (tmpBufLen !== undefined && !isLength(tmpBufLen, tmpBuf.length)) return "tmpBufLen: from 1 to the length of tmpBuf";
	return isCallback(request.optionalHeadersCb) ? optionsFault(request) : mustBeCallback("optionalHeadersCb");
}

/** The same for a server. */
export function registrationFault(registration: WebsocketRegistration): string {
	return isMs(registration.handshakeTimeout) ? optionsFault(registration) : mustBeMs("handshakeTimeout");
}
