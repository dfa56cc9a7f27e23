/*
 * An ECMA-419 socket `io` whose bytes go through a WebSocket: who is written for `embedded:io/socket/tcp` and takes the class to use from
 * its options, as the SDK's MQTT client does, runs over it unchanged.
 */
import { copy } from "bytes/block";
import Timer from "timer";
import { WebsocketTransport } from "transport/over-websocket";
import { type TcpOptions, TcpTransport } from "transport/tcp";
import { secureBelow } from "transport/websocket-io-secure";

/** What is read into, or written: of an array, the bytes that it is a view on. */
type Bytes = ArrayBuffer | ArrayBufferView;

/** ECMA-419's way to say what a socket is made of: its class, and more options of it. */
export type BelowOptions = { io?: unknown; nodelay?: boolean; TCP?: BelowOptions; secure?: object } & Record<string, unknown>;

export interface WebsocketIOOptions {
	/** Numeric; missing: the host's name is resolved. */
	address?: string;
	/** For the Host header; missing: the address. */
	host?: string;
	/** 80 if missing, 443 with TLS. A number in a string will do, as a command line has it. */
	port?: number | string;
	/**
	 * Of the socket below: `io` is its class, TCP if missing; it gets all of these, and host, address and port. A TLSSocket has `TCP: { io }`
	 * and `secure` and needs manifest_websocket_io_tls.json.
	 */
	socket?: BelowOptions;
	/** Path and query of the upgrade; "/mqtt" if missing. */
	path?: string;
	/** More headers of the upgrade: a Map, or names and values in pairs. */
	headers?: Iterable<readonly [string, string]>;
	/** "mqtt" if missing; "": none. */
	subprotocol?: string;
	/** Bytes that can be written at a time, in one frame, and that can be read at a time; 1,536 if missing. Four buffers are made of it. */
	bufferSize?: number;
	/** For the upgrade and the connection of the socket below, in ms; 10,000 if missing. */
	timeout?: number;
	format?: "buffer" | "number";
	/** Kept as a property, for who wants it. */
	target?: unknown;
	/** So many bytes can be read. */
	onReadable?: (this: WebsocketIO, count: number) => void;
	/** So many bytes can be written. The first time: the WebSocket is open. */
	onWritable?: (this: WebsocketIO, count: number) => void;
	/** It ended, or could not be opened: why, in words. Only close() may be called now. */
	onError?: (this: WebsocketIO, failure: string) => void;
}

export interface WriteOptions {
	/** true: what follows belongs to the same message, and leaves in the same frame. */
	more?: boolean;
	/** How long all of that message is, if it is known. If so many do not fit, write() throws now, and not in the middle. */
	byteLength?: number;
}

/** What the SDK's TCP of its simulator takes, which who is written for TCP may count on. */
const BUFFER_SIZE = 1536;
const TIMEOUT_MS = 10_000;
/** What a frame takes of the transmit buffer beside its payload. */
const FRAME_EXTRA = 16;
/** The upgrade goes through the same buffers: room for its request, and for its answer. */
const UPGRADE_SIZE = 512;
const HTTP = 80;
const HTTPS = 443;
/** A timer that does not repeat is gone when it fired; this one is to be used again, and never gets to its repeat: about 12 days. */
const NEVER_MS = 0x3fffffff;
const SOON_MS = 1;

export class WebsocketIO {
	/** What arrived, and was not read yet, is from `#start` to `#end`. */
	#start = 0;
	#end = 0;
	readonly #in: Uint8Array;
	/** What was written, and did not leave yet: the first `#used` bytes, of which the first `#whole` may leave. */
	#used = 0;
	#whole = 0;
	readonly #out: Uint8Array;
	#number = false;
	#open = false;
	/** There is no room for what arrived. */
	#full = false;
	/** The app is to be told that there is room. */
	#left = false;
	#transport: WebsocketTransport | undefined;
	#timer: Timer | undefined;
	readonly #callbacks: Pick<WebsocketIOOptions, "onReadable" | "onWritable" | "onError">;
	target?: unknown;

	/** Connects. Throws if an option is wrong, there is no room for another WebSocket, or no TLS in this firmware. Allocates all that it needs. */
	constructor(options: WebsocketIOOptions) {
		const { address, host = address ?? "", path = "/mqtt", subprotocol = "mqtt", headers = [], socket = {} } = options;
		const { bufferSize = BUFFER_SIZE, timeout = TIMEOUT_MS, onReadable, onWritable, onError } = options;
		if (!(bufferSize >= 1 && bufferSize <= 0xffff)) throw new RangeError("bufferSize: from 1 to 65535");
		if (options.target !== undefined) this.target = options.target;
		this.format = options.format ?? "buffer";
		this.#callbacks = { onReadable, onWritable, onError };
		this.#in = new Uint8Array(bufferSize);
		this.#out = new Uint8Array(bufferSize);
		const name = host.includes(":") ? `[${host}]` : host;
		const secure = socket.TCP !== undefined || socket.secure !== undefined;
		const usual = secure ? HTTPS : HTTP;
		const port = Number(options.port ?? usual);
		const below = { nodelay: true, ...socket, host, port, ...(address === undefined ? {} : { address }) };
		const request = {
			host: port === usual ? name : `${name}:${port}`,
			url: path,
			subprotocols: subprotocol ? [subprotocol] : [],
			optionalHeaders: Array.from(headers, ([header, value]) => `${header}: ${value}`),
			tmpBuf: new Uint8Array(Math.max(bufferSize, UPGRADE_SIZE)),
			txBuf: new Uint8Array(Math.max(bufferSize + FRAME_EXTRA, UPGRADE_SIZE)),
		};
		const transport = new WebsocketTransport(secure ? secureBelow(below) : new TcpTransport(below as TcpOptions), request, timeout);
		this.#transport = transport;
		this.#timer = Timer.set(() => this.late(), NEVER_MS, NEVER_MS);
		transport.start({
			onReadable: () => this.arrived(),
			onWritable: () => {
				this.#open = true;
				this.flush();
				this.tellWritable();
			},
			onClosed: () => {
				this.#open = false;
				this.#callbacks.onError?.call(this, transport.failure);
			},
		});
	}

	/** Says goodbye and closes the socket. Nothing is told any more. */
	close(): void {
		const transport = this.#transport;
		if (this.#timer) Timer.clear(this.#timer);
		this.#timer = this.#transport = undefined;
		this.#start = this.#end = 0;
		this.#open = false;
		transport?.stop();
		transport?.close();
	}

	get format(): "buffer" | "number" {
		return this.#number ? "number" : "buffer";
	}

	set format(format: "buffer" | "number") {
		if (format !== "buffer" && format !== "number") throw new RangeError('format: "buffer" or "number"');
		this.#number = format === "number";
	}

	/**
	 * What arrived. As format "number": the next byte. As "buffer": fills a buffer as far as there is something, and gives the count; or gives
	 * a new ArrayBuffer of `count` bytes at most, or of all there is. undefined if there is nothing.
	 */
	read(count?: number | Bytes): number | ArrayBuffer | undefined {
		const start = this.#start;
		const available = this.#end - start;
		if (available === 0) return undefined;
		if (this.#number) {
			this.took(1);
			return this.#in[start];
		}
		if (typeof count === "object") {
			const into = bytesOf(count);
			const length = Math.min(into.byteLength, available);
			copy(into, 0, this.#in, start, length);
			this.took(length);
			return length;
		}
		const length = Math.min(count ?? available, available);
		const buffer = new ArrayBuffer(length);
		copy(buffer, 0, this.#in, start, length);
		this.took(length);
		return buffer;
	}

	/**
	 * Takes all of `data`, or throws and takes nothing: it is longer than there is room for, or the WebSocket is not open. A byte, as format
	 * "number". Gives how many bytes can be written now.
	 */
	write(data: number | Bytes, options?: WriteOptions): number {
		const out = this.#out;
		const used = this.#used;
		const bytes = typeof data === "number" ? undefined : bytesOf(data);
		const length = bytes === undefined ? 1 : bytes.byteLength;
		if (!this.#open) throw new Error("not connected");
		if (Math.max(length, options?.byteLength ?? 0) > out.length - used) throw new Error("no room for so many bytes");
		if (bytes === undefined) out[used] = data as number;
		else copy(out, used, bytes, 0, length);
		this.#used = used + length;
		if (options?.more !== true) {
			this.#whole = this.#used;
			this.flush();
			// As TCP does when the peer has taken something: who has more to write waits for it.
			this.#left = true;
			this.soon();
		}
		return out.length - this.#used;
	}

	/** Sends what may leave, as far as the WebSocket takes it. */
	private flush(): void {
		const out = this.#out;
		while (this.#whole > 0) {
			const count = this.#transport?.write(out, 0, this.#whole) ?? 0;
			if (count <= 0) return;
			if (count < this.#used) copy(out, 0, out, count, this.#used - count);
			this.#whole -= count;
			this.#used -= count;
		}
	}

	private tellWritable(): void {
		const room = this.#out.length - this.#used;
		this.#left = false;
		if (this.#open && room > 0) this.#callbacks.onWritable?.call(this, room);
	}

	/** Reads, and tells, as long as something comes and there is room for it. */
	private arrived(): void {
		for (;;) {
			let end = this.#end;
			const start = this.#start;
			const bytes = this.#in;
			if (start > 0) {
				end -= start;
				copy(bytes, 0, bytes, start, end);
				this.#start = 0;
				this.#end = end;
			}
			this.#full = end === bytes.length;
			const count = this.#transport?.read(bytes, end, bytes.length) ?? 0;
			if (count <= 0) return;
			this.#end = end + count;
			this.#callbacks.onReadable?.call(this, this.#end);
		}
	}

	private took(count: number): void {
		this.#start += count;
		if (this.#start === this.#end) this.#start = this.#end = 0;
		// Nobody tells again of what found no room.
		if (this.#full) this.soon();
	}

	private soon(): void {
		if (this.#timer) Timer.schedule(this.#timer, SOON_MS, SOON_MS);
	}

	private late(): void {
		// soon() gives it a repetition: the SDK's simulator loses what is set otherwise from here.
		if (this.#timer) Timer.schedule(this.#timer);
		if (this.#full) this.arrived();
		if (this.#left) this.tellWritable();
	}
}

const bytesOf = (data: Bytes): Uint8Array | ArrayBuffer => {
	if (data instanceof Uint8Array || data instanceof ArrayBuffer) return data;
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
};

export default WebsocketIO;
