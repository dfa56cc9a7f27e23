/* What an app says about a client, checked and made into what the door of websocket/ wants. */
import type { WebsocketRequest } from "websocket";
import { isSecure, type Place, type SocketOptions } from "websocket-client/carrier";
import type { ResolverOptions } from "websocket-client/line";

/** What is read into, or written: whose elements are bytes. */
export type ByteBuffer = ArrayBuffer | Uint8Array | Int8Array | Uint8ClampedArray | DataView;

/** What has come, beside how much. The same four objects, frozen, for all messages. */
export interface ReadableOptions {
	/** More of the message follows. */
	readonly more: boolean;
	/** false: text. */
	readonly binary: boolean;
}

export interface WriteOptions {
	/** A control frame: WebSocketClient.close, ping or pong; or a whole message, text or binary. Without it, `binary` and `more` say. */
	opcode?: number;
	/** false: text, which has to be UTF-8. true if missing. Of a message in several parts the first one says. */
	binary?: boolean;
	/** true: the message goes on with the next write. */
	more?: boolean;
}

/** The callbacks; `this` is the client. They come from the event loop, never from inside of a method. */
export interface Callbacks<Client> {
	/**
	 * So many bytes can be read now, of one message. Not said again for what is left unread, and nothing else is said before that has been
	 * read. 0: the message is empty, or ended with nothing more.
	 */
	onReadable?: (this: Client, count: number, options: ReadableOptions) => void;
	/** So many bytes can be written, in one message or part of one. The first time: the WebSocket is open. */
	onWritable?: (this: Client, count: number) => void;
	/** A control frame came: WebSocketClient.close, ping or pong, and its payload. Pings are answered. What it throws is dropped. */
	onControl?: (this: Client, opcode: number, data: ArrayBuffer) => void;
	/** The connection was closed, by either side's close frame. The last callback. */
	onClose?: (this: Client) => void;
	/** There is no connection, or not any more: why, in words. The last callback. */
	onError?: (this: Client, reason: string) => void;
}

export interface WebSocketClientOptions<Client> extends Callbacks<Client> {
	/** Of the server, for the Host header, for `dns`, and for TLS. */
	host?: string;
	/** Numeric; missing: `dns` finds it. */
	address?: string;
	/** 80 if missing. A number in a string will do, as URLs have it. */
	port?: number | string;
	/** Path and query; "/" if missing. */
	path?: string;
	/** Subprotocols that are offered, with commas between. With `upgrade`, those that are supported. */
	protocol?: string;
	/** More headers of the request: a Map, or pairs. */
	headers?: Iterable<readonly [name: string, value: string]>;
	/** Its class `io`, and its options. Missing: the firmware's `net` resolves. */
	dns?: ResolverOptions;
	/** Its class `io`, TCP if missing, and its options. A TLSSocket has `TCP: { io }` and `secure` and needs manifest_tls.json. */
	socket?: SocketOptions;
	/** A connected socket, whose client has been answered with 101 already: this is the server then, and all of the above is not used. */
	attach?: object;
	/** With `attach`, true: the client's request has not been read yet. It is, and is answered. */
	upgrade?: boolean;
	format?: "buffer" | "number";
	/** Kept as a property, for who wants it. */
	target?: unknown;

	// What the standard leaves open.
	/** What arrives, and the headers of the server's answer, have to fit in so many bytes: 1,536 if missing. It bounds what one onReadable tells. */
	receiveSize?: number;
	/** Frames are made in so many bytes; 512 if missing. The request has room in any case. */
	transmitSize?: number;
	/** A message received may have so many bytes; 0, or missing: any. */
	maxMessage?: number;
	/** From here to the open WebSocket, in ms; 30,000 if missing, -1 for ever. */
	timeout?: number;
	/** After so many ms without a byte from the peer it is pinged; 0, or missing: never. */
	pingInterval?: number;
	/** How long it may be silent after that, in ms; 10,000 if missing. */
	pongTimeout?: number;
	/** How long the peer may take to answer a close frame, in ms; 3,000 if missing. */
	closeTimeout?: number;
}

const MORE = 1;
const BINARY = 2;
/** By MORE and BINARY. An app may keep them, and they cost nothing. */
const READABLE: readonly ReadableOptions[] = Object.freeze([
	Object.freeze({ more: false, binary: false }),
	Object.freeze({ more: true, binary: false }),
	Object.freeze({ more: false, binary: true }),
	Object.freeze({ more: true, binary: true }),
]);

export const readableOptions = (more: boolean, binary: boolean) => READABLE[(more ? MORE : 0) | (binary ? BINARY : 0)] as ReadableOptions;

const HTTP = 80;
const HTTPS = 443;
const RECEIVE_SIZE = 1536;
const TRANSMIT_SIZE = 512;
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

/** Bytes that a buffer of ours may have; throws a RangeError for others. */
function sizeOf(name: string, value: number | undefined, missing: number): number {
	const size = value ?? missing;
	if (!Number.isInteger(size) || size < SIZE_MIN || size > SIZE_MAX) throw new RangeError(`${name}: from ${SIZE_MIN} to ${SIZE_MAX} bytes`);
	return size;
}

const protocolsOf = (protocol: string) => (protocol ? protocol.split(",").map((one) => one.trim()) : []);

/** Where to. Throws a TypeError or RangeError for what cannot be. */
export function placeOf(options: WebSocketClientOptions<never>): Place {
	const { address, host = address ?? "" } = options;
	const port = Number(options.port ?? HTTP);
	if (!options.attach && (typeof host !== "string" || !host)) throw new TypeError("host: a name or a numeric address");
	if (port !== (port & 0xffff) || port === 0) throw new RangeError("port: from 1 to 65535");
	return { host, address, port };
}

/** The request of a client, and the buffers; null is as good as missing. Throws a TypeError or RangeError for what cannot be. */
export function requestOf({ host, port }: Place, options: WebSocketClientOptions<never>): WebsocketRequest & { txBuf: Uint8Array } {
	const { receiveSize, transmitSize, socket = {} } = options;
	const path = options.path || "/";
	const protocol = String(options.protocol ?? "");
	const headers = options.headers ?? [];
	if (typeof (headers as Partial<typeof headers>)[Symbol.iterator] !== "function")
		throw new TypeError("headers: a Map, or pairs of name and value");
	const optionalHeaders: string[] = [];
	let length = REQUEST_SIZE + host.length + path.length + protocol.length;
	for (const [name, value] of headers) {
		const header = `${name}: ${value}`;
		optionalHeaders.push(header);
		length += header.length + HEADER_EXTRA;
	}
	const name = host.includes(":") ? `[${host}]` : host;
	const { maxMessage, pingInterval, pongTimeout, closeTimeout } = options;
	return {
		host: port === (isSecure(socket) ? HTTPS : HTTP) ? name : `${name}:${port}`,
		url: path,
		subprotocols: protocolsOf(protocol),
		optionalHeaders,
		tmpBuf: new Uint8Array(sizeOf("receiveSize", receiveSize, RECEIVE_SIZE)),
		txBuf: new Uint8Array(Math.max(sizeOf("transmitSize", transmitSize, TRANSMIT_SIZE), options.attach ? 0 : length)),
		maxMessage,
		pingInterval,
		pongTimeout,
		closeTimeout,
		autoPong: false,
		ownSock: true,
	};
}

/** The bytes of `data`, which is a ByteBuffer; otherwise a TypeError is thrown. Allocates a view for what is not a Uint8Array or an ArrayBuffer. */
export function bytesOf(data: ByteBuffer): Uint8Array | ArrayBuffer {
	if (data instanceof Uint8Array || data instanceof ArrayBuffer) return data;
	if (ArrayBuffer.isView(data) && ((data as Int8Array).BYTES_PER_ELEMENT ?? 1) === 1)
		return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	throw new TypeError("data: an ArrayBuffer, or a view of bytes");
}
