/* What the app says about a connection it wants, and what it is told about the end of one. */
import type { Transport } from "transport/transport";
import { SYS_FOREVER_MS } from "websocket/codes";
import { encoderSize } from "websocket/encoder";

/** How a connection ended. */
export interface WebsocketClose {
	/** The code of the close frame that ended it; CLOSE_NO_STATUS if it had none, CLOSE_ABNORMAL if there was none. */
	readonly code: number;
	readonly reason: string;
	/** Whether close frames went both ways. */
	readonly clean: boolean;
}

/** Zephyr's `struct websocket_request`, and what JavaScript adds. Borrowed until onClose, or until the Promise gives an error. */
export interface WebsocketRequest<UserData = unknown> {
	/** For the Host header: "example.com", with ":port" unless that is 80 (or 443 with TLS). */
	host: string;
	/** Path and query: "/chat?room=1". */
	url: string;
	/** More headers, "Name: value" each, with or without CRLF. */
	optionalHeaders?: readonly string[];
	/** Offered to the server; its choice is in `subprotocol`. */
	subprotocols?: readonly string[];
	/** The receive buffer, the library's until the connection ended. The headers of the server's answer have to fit (512 bytes will do). */
	tmpBuf: Uint8Array;
	/** How much of tmpBuf may be used; all of it if missing. */
	tmpBufLen?: number;
	/** The transmit buffer, the library's until the connection ended: 16 bytes longer than the longest message; it holds the request, too. */
	txBuf: Uint8Array;
	/** How long the close handshake may take, in ms; 3000 if missing. */
	closeTimeout?: number;
	/** false: pings and pongs are received like messages, and the app answers. true if missing. */
	autoPong?: boolean;
	/** There is something to receive. Called again if the app took some of it and more is there. */
	onReadable?: (ws: number, userData: UserData) => void;
	/** After a send that gave -EAGAIN: there is room again. */
	onWritable?: (ws: number, userData: UserData) => void;
	/**
	 * The connection ended, said exactly once for every handle. The TCP socket is the app's again. `error` is 0 if either side closed it;
	 * -EPROTO the peer broke the protocol; -EMSGSIZE it began a frame of 2^53 bytes or more; -ECONNRESET the TCP connection ended
	 * without a close frame; -ETIMEDOUT it took no frame, or answered no close frame, in time; -ECANCELED the app closed the transport.
	 */
	onClose?: (ws: number, error: number, close: WebsocketClose, userData: UserData) => void;

	/** Set by the library: the HTTP status of the server's answer, or 0. */
	status?: number;
	/** Set by the library: the subprotocol the server chose, or "". */
	subprotocol?: string;
	/** Set by the library: what went wrong, in words, or "". */
	failure?: string;
}

/** Milliseconds, or SYS_FOREVER_MS. */
export const isTimeout = (value: unknown) =>
	typeof value === "number" && value >= SYS_FOREVER_MS && value <= 0x3fffffff && value === (value | 0);

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

const isBuffer = (value: unknown) => ArrayBuffer.isView(value) && value instanceof Uint8Array;

const isCallback = (value: unknown) => value === undefined || typeof value === "function";

/** Missing, or an array of strings without a hole: a string is no list of its characters. */
function isList(value: unknown): boolean {
	if (value === undefined) return true;
	if (!Array.isArray(value)) return false;
	for (let i = 0; i < value.length; i++) if (typeof value[i] !== "string") return false;
	return true;
}

/** Whether all fields are of their kind and range; what host, url and headers hold is for the handshake to check. */
export function isRequest(request: WebsocketRequest): boolean {
	const { host, url, optionalHeaders, subprotocols, tmpBuf, tmpBufLen, txBuf, closeTimeout } = request;
	if (typeof host !== "string" || typeof url !== "string" || !isList(optionalHeaders) || !isList(subprotocols)) return false;
	if (!isBuffer(tmpBuf) || !isBuffer(txBuf)) return false;
	if (tmpBufLen !== undefined && !(tmpBufLen > 0 && tmpBufLen <= tmpBuf.length && Number.isInteger(tmpBufLen))) return false;
	if (!isCallback(request.onReadable) || !isCallback(request.onWritable) || !isCallback(request.onClose)) return false;
	return tmpBuf.length > 0 && txBuf.length >= encoderSize(0) && (closeTimeout === undefined || isTimeout(closeTimeout));
}
