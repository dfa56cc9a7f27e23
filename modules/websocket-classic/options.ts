/* What an app says about its clients and servers, checked. */
import type { Socket } from "socket";
import type { WebsocketOptions } from "websocket";

/** What the SDK leaves open, for both roles. */
export interface CommonOptions {
	/** What arrives, and the headers of the handshake, have to fit in so many bytes: 1,024 if missing. */
	receiveSize?: number;
	/** Frames are made in so many bytes; 512 if missing. The request has room in any case. */
	transmitSize?: number;
	/** A message received may have so many bytes, for it is kept whole; a longer one ends the connection (1009). 16,384 if missing; 0: any. */
	maxMessage?: number;
	/** So many bytes may wait for the peer, of messages that were written; 16,384 if missing. */
	maxQueue?: number;
	/** From the beginning to the open WebSocket, in ms; 30,000 if missing, -1 for ever. */
	timeout?: number;
	/** After so many ms without a byte from the peer it is pinged; 0, or missing: never. */
	pingInterval?: number;
	/** How long it may be silent after that, in ms; 10,000 if missing. */
	pongTimeout?: number;
	/** How long the peer may take to answer a close frame, in ms; 3,000 if missing. */
	closeTimeout?: number;
}

export interface ClientOptions extends CommonOptions {
	/** For the Host header, and resolved if there is no `address`; the address if missing. */
	host?: string;
	/** Numeric. */
	address?: string;
	/** 80 if missing. A number in a string will do, as a command line has it. */
	port?: number | string;
	/** Path and query; "/" if missing. */
	path?: string;
	/** Subprotocols that are offered, with commas between. */
	protocol?: string;
	/** More headers of the request: name, value, name, value … */
	headers?: readonly string[];
	/** A socket that is connecting. */
	socket?: Socket;
	/** Its class, SecureSocket perhaps; it gets all options. */
	Socket?: new (
		options: object,
	) => Socket;
	/** Of SecureSocket, which is then the class. */
	secure?: object;
	noDelay?: boolean;
	keepalive?: { idle: number; interval: number; count: number };
}

export interface ServerOptions extends CommonOptions {
	/** 80 if missing; null: no listener, connections come by attach(). */
	port?: number | null;
	/** Where to listen. */
	address?: string;
}

const HTTP = 80;
const HTTPS = 443;
const RECEIVE_SIZE = 1024;
const TRANSMIT_SIZE = 512;
const MESSAGE_SIZE = 16_384;
export const TIMEOUT_MS = 30_000;
/** What a request has beside what the app says. */
const REQUEST_SIZE = 208;
const HEADER_EXTRA = 4;
const SIZE_MIN = 128;
const SIZE_MAX = 0x100000;

/** What the options are called at the door of RFC 6455, whose words for a failure name them. */
const AT_THE_DOOR: Readonly<Record<string, string>> = Object.freeze({
	tmpBuf: "receiveSize",
	optionalHeaders: "headers",
	"subprotocols:": "protocol:",
	"url:": "path:",
});

/** The words of the door, with the options as an app knows them. */
export function inWordsOfApp(failure: string): string {
	return Object.entries(AT_THE_DOOR).reduce((words, [theirs, ours]) => words.replace(theirs, ours), failure);
}

/** What the door of websocket/ needs, in either role. */
export interface Settings extends WebsocketOptions {
	readonly tmpBuf: Uint8Array;
	readonly txBuf: Uint8Array;
}

/** Bytes that a buffer of ours may have; throws a RangeError for others. */
function sizeOf(name: string, value: number | undefined, missing: number): number {
	const size = value ?? missing;
	if (!Number.isInteger(size) || size < SIZE_MIN || size > SIZE_MAX) throw new RangeError(`${name}: from ${SIZE_MIN} to ${SIZE_MAX} bytes`);
	return size;
}

/** Throws a RangeError for a size that cannot be. `request`: how long the request is. */
export function settingsOf(options: CommonOptions, request = 0): Settings {
	const { maxMessage = MESSAGE_SIZE, pingInterval, pongTimeout, closeTimeout } = options;
	return {
		tmpBuf: new Uint8Array(sizeOf("receiveSize", options.receiveSize, RECEIVE_SIZE)),
		txBuf: new Uint8Array(Math.max(sizeOf("transmitSize", options.transmitSize, TRANSMIT_SIZE), request)),
		maxMessage,
		pingInterval,
		pongTimeout,
		closeTimeout,
		ownSock: true,
	};
}

export const queueOf = ({ maxQueue = MESSAGE_SIZE }: CommonOptions) => maxQueue;

/** Where a client connects to. Throws a RangeError for a port that cannot be. */
export function portOf(options: ClientOptions): number {
	const port = Number(options.port ?? HTTP);
	if (port !== (port & 0xffff) || port === 0) throw new RangeError("port: from 1 to 65535");
	return port;
}

/** What a client asks for; null is as good as missing. Throws a TypeError without a host, and for headers that are none; a RangeError for a port. */
export function requestOf(options: ClientOptions) {
	const host = options.host ?? options.address;
	const port = portOf(options);
	const path = options.path || "/";
	const protocol = String(options.protocol ?? "");
	const headers = options.headers ?? [];
	if (typeof host !== "string" || !host) throw new TypeError("host: a name or a numeric address");
	if (!Array.isArray(headers) || headers.length % 2) throw new TypeError("headers: an array of name, value, name, value …");
	const optionalHeaders: string[] = [];
	let length = REQUEST_SIZE + host.length + path.length + protocol.length;
	for (let i = 0; i < headers.length; i += 2) {
		const header = `${headers[i]}: ${headers[i + 1]}`;
		optionalHeaders.push(header);
		length += header.length + HEADER_EXTRA;
	}
	const name = host.includes(":") ? `[${host}]` : host;
	return {
		...settingsOf(options, length),
		host: port === (options.secure ? HTTPS : HTTP) ? name : `${name}:${port}`,
		url: path,
		subprotocols: protocol ? protocol.split(",").map((one) => one.trim()) : [],
		optionalHeaders,
	};
}
