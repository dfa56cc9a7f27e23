/*
 * Transport over ECMA-419 TCP, `embedded:io/socket/tcp`. Its read(buffer) fills the whole buffer or throws, its write(buffer)
 * takes all or throws: so the adapter counts what can be read and written, and asks with a buffer of exactly that length or less.
 */

import TCP, { type Options } from "embedded:io/socket/tcp";
import { copy } from "bytes/block";
import { ECONNREFUSED, EIO } from "errno";
import { Adapter, type Host } from "transport/adapter";
import { STAGE_SIZE, staged } from "transport/stage";

/**
 * What `new TCP` takes, without its callbacks: {address, port} connects to a numeric address, {from} takes over an open socket; and
 * {host, port}, which resolves a name first, unless there is an address, too. Without `nodelay: true`, small messages wait for each
 * other on some stacks.
 */
export type TcpOptions = (Options | (Host & { nodelay?: boolean; target?: unknown })) & {
	/** A class with the constructor and the methods of TCP, which is used if this is missing. It gets all options. */
	io?: typeof TCP;
	onReadable?: never;
	onWritable?: never;
	onError?: never;
	format?: never;
};

export class TcpTransport extends Adapter {
	#tcp: TCP | undefined;
	#readable = 0;
	#writable = 0;
	/** The socket said anything but that it is of no use: it does so first when it is connected. */
	#connected: boolean;

	/**
	 * Throws what `new TCP` throws: an `address` is numeric, and `from` must be connected. For a host throws a TypeError or RangeError
	 * if that or the port is none, and what Net.resolve throws, which is only that there is no memory.
	 */
	constructor(options: TcpOptions) {
		super();
		this.#connected = "from" in options;
		const { io = TCP, ...settings } = options;
		if ("host" in settings && !("address" in settings)) {
			const { host, ...more } = settings;
			this.resolve({ host, port: settings.port }, (address) => this.make(io, { ...more, address }));
		} else this.make(io, settings as Options);
	}

	/** How many bytes write() takes now, in so many calls as it needs. */
	get room(): number {
		return this.#writable;
	}

	read(into: Uint8Array, start: number, end: number): number {
		let count = end - start;
		if (count > this.#readable) count = this.#readable;
		if (count <= 0) return this.lost;
		const whole = start === 0 && count === into.length;
		if (!whole && count > STAGE_SIZE) count = STAGE_SIZE;
		const target = whole ? into : staged(count);
		this.#readable -= count;
		try {
			this.#tcp?.read(target as unknown as ArrayBuffer);
			if (!whole) copy(into, start, target, 0, count);
			return count;
		} catch {
			return this.break();
		}
	}

	write(from: Uint8Array, start: number, end: number): number {
		let count = end - start;
		if (count > this.#writable) count = this.#writable;
		if (count <= 0) return this.lost;
		if (count > STAGE_SIZE) count = STAGE_SIZE;
		const source = staged(count);
		copy(source, 0, from, start, count);
		try {
			const room = this.#tcp?.write(source) as unknown;
			this.#writable = typeof room === "number" ? room : 0;
			return count;
		} catch {
			return this.break();
		}
	}

	protected closeSocket(): void {
		this.#readable = this.#writable = 0;
		this.#tcp?.close();
		this.#tcp = undefined;
	}

	private make(io: typeof TCP, options: Options): void {
		this.#tcp = new io({
			...options,
			format: "buffer",
			onReadable: (bytes: number) => {
				this.#connected = true;
				this.#readable = bytes;
				this.events?.onReadable();
			},
			onWritable: (bytes: number) => {
				this.#connected = true;
				this.#writable = bytes;
				this.events?.onWritable();
			},
			onError: () => {
				this.#writable = 0;
				this.end(this.#connected ? 0 : -ECONNREFUSED);
			},
		});
	}

	/** A native threw that should not have: the socket is of no use any more, and whoever asked is told so. */
	private break(): number {
		this.#readable = this.#writable = 0;
		this.lost = -EIO;
		return -EIO;
	}
}
