/*
 * Transport over ECMA-419 TCP, `embedded:io/socket/tcp`. Its read(buffer) fills the whole buffer or throws, its write(buffer)
 * takes all or throws: so the adapter counts what can be read and written, and asks with views of exactly that length or less.
 */
import TCP, { type Options } from "embedded:io/socket/tcp";
import type { Transport, TransportEvents } from "transport/transport";
import { Views } from "transport/views";

/** A native that throws says no more than that. Zephyr's errno for it. */
const EIO = 5;
/** What the protocol hears when the app closes the socket under it. */
const ECANCELED = 140;

/** What `new TCP` takes, without its callbacks: {address, port, nodelay?} connects, {from} takes over an open socket. */
export type TcpOptions = Options & { onReadable?: never; onWritable?: never; onError?: never; format?: never };

export class TcpTransport implements Transport {
	readonly #tcp: TCP;
	readonly #views = new Views();
	#events: TransportEvents | undefined;
	#readable = 0;
	#writable = 0;
	/** The socket said that it is of no use; whoever uses it later was not told by onClosed. What it brought before can be read. */
	#lost = false;
	#open = true;

	/**
	 * Makes the socket, and throws what `new TCP` throws: an `address` is numeric (resolve names first), and `from` must be
	 * connected. Use `nodelay: true`, or small messages wait for each other on some stacks.
	 */
	constructor(options: TcpOptions) {
		this.#tcp = new TCP({
			...(options as Options),
			format: "buffer",
			onReadable: (bytes: number) => {
				this.#readable = bytes;
				this.#events?.onReadable();
			},
			onWritable: (bytes: number) => {
				this.#writable = bytes;
				this.#events?.onWritable();
			},
			onError: () => {
				this.#lost = true;
				this.#writable = 0;
				this.#events?.onClosed(0);
			},
		});
	}

	start(events: TransportEvents): boolean {
		if (this.#events) return false;
		this.#events = events;
		return true;
	}

	stop(): void {
		this.#events = undefined;
		this.#views.clear();
	}

	read(into: Uint8Array, start: number, end: number): number {
		const count = Math.min(this.#readable, end - start);
		if (count <= 0) return this.#nothing();
		const prefixes = this.#views.at(into, start);
		const size = prefixes.size(count);
		// First, for read() may deliver the error that waited behind the last byte.
		this.#readable -= size;
		try {
			this.#tcp.read(prefixes.take(count) as unknown as ArrayBuffer);
			return size;
		} catch {
			this.#readable = 0;
			this.#lost = true;
			return -EIO;
		}
	}

	write(from: Uint8Array, start: number, end: number): number {
		const count = Math.min(this.#writable, end - start);
		if (count <= 0) return this.#nothing();
		const prefixes = this.#views.at(from, start);
		const size = prefixes.size(count);
		try {
			const room = this.#tcp.write(prefixes.take(count) as unknown as ArrayBuffer) as unknown;
			this.#writable = typeof room === "number" ? room : 0;
			return size;
		} catch {
			this.#writable = 0;
			this.#lost = true;
			return -EIO;
		}
	}

	close(): void {
		if (!this.#open) return;
		const events = this.#events;
		this.#open = false;
		this.#events = undefined;
		this.#readable = this.#writable = 0;
		this.#views.clear();
		this.#tcp.close();
		events?.onClosed(-ECANCELED);
	}

	/** What there is to say when nothing can be read or written: not now, or never again. */
	#nothing(): number {
		return this.#open && !this.#lost ? 0 : -EIO;
	}
}
