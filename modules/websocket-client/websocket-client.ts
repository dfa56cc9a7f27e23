/*
 * ECMA-419's WebSocketClient, `embedded:network/websocket/client`, on the WebSocket of this project: RFC 6455 is the business of the door
 * `websocket`, sockets and names that of websocket-client/line. Here are the class's manners: who is told what, and what may be called when.
 */
import {
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	WEBSOCKET_OPCODE_PING,
	WEBSOCKET_OPCODE_PONG,
} from "websocket";
import type { ByteBuffer, WebSocketClientOptions, WriteOptions } from "websocket-client/options";
import { Session } from "websocket-client/session";

export type { ByteBuffer, Callbacks, ReadableOptions, WebSocketClientOptions, WriteOptions } from "websocket-client/options";

export class WebSocketClient {
	static readonly text = WEBSOCKET_OPCODE_DATA_TEXT;
	static readonly binary = WEBSOCKET_OPCODE_DATA_BINARY;
	static readonly close = WEBSOCKET_OPCODE_CLOSE;
	static readonly ping = WEBSOCKET_OPCODE_PING;
	static readonly pong = WEBSOCKET_OPCODE_PONG;

	readonly #session: Session<WebSocketClient>;
	target?: unknown;

	/**
	 * Begins to connect, or with `attach` takes over a socket. The first onWritable says that the WebSocket is open, onError that there will
	 * be none. Allocates all that it needs.
	 *
	 * Throws a TypeError or RangeError for an option that cannot be, an Error if a request cannot be made of them, or
	 * WEBSOCKET_MAX_CONTEXTS connections are in use; and what the classes of `dns` and `socket` throw.
	 */
	constructor(options: WebSocketClientOptions<WebSocketClient>) {
		const number = isNumber(options.format ?? "buffer");
		if (options.target !== undefined) this.target = options.target;
		this.#session = new Session<WebSocketClient>(this, options);
		this.#session.number = number;
	}

	get format(): "buffer" | "number" {
		return this.#session.number ? "number" : "buffer";
	}

	/** Throws a RangeError for all but "buffer" and "number". */
	set format(format: "buffer" | "number") {
		this.#session.number = isNumber(format);
	}

	/** Says goodbye if it can be said at once, and closes the socket. No callback follows. */
	close(): void {
		this.#session.close();
	}

	/**
	 * Reads of what onReadable told. As format "number": the next byte. As "buffer": fills a buffer as far as there is something, and gives
	 * the count; or gives a new ArrayBuffer of `count` bytes at most, or of all. undefined if there is nothing. An ArrayBuffer is what this
	 * allocates, or a view, to fill what is neither a Uint8Array nor an ArrayBuffer. Throws a TypeError for a buffer that is none.
	 */
	read(): number | ArrayBuffer;
	read(count: number): ArrayBuffer;
	read(buffer: ByteBuffer): number;
	read(count?: number | ByteBuffer): number | ArrayBuffer {
		// As in the SDK's typings, which do not say that there may be nothing.
		return this.#session.read(count) as number | ArrayBuffer;
	}

	/**
	 * Sends `data` as a message, or part of one, or as a control frame, and gives how many bytes can be written now; when that is less than
	 * wanted, onWritable follows. `data` is copied. Of an ArrayBuffer of more than 512 bytes a view is allocated, and of what is neither that
	 * nor a Uint8Array; otherwise nothing.
	 *
	 * Throws an Error, and takes nothing, if the WebSocket is not open, there is no room for all of it, or a message in parts has not ended;
	 * a RangeError for a control frame of more than 125 bytes, an opcode that there is not, or the body of a close frame that must not be
	 * sent; a TypeError for what is no buffer of bytes.
	 */
	write(data: ByteBuffer, options?: WriteOptions): number {
		return this.#session.write(data, options);
	}
}

function isNumber(format: "buffer" | "number"): boolean {
	if (format !== "buffer" && format !== "number") throw new RangeError('format: "buffer" or "number"');
	return format === "number";
}

export default WebSocketClient;
