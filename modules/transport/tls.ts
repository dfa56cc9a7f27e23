/*
 * Transport over ECMA-419 TLS, `embedded:io/socket/tcp/tls`: the SDK's TLSSocket on boards, OpenSSL's on the Linux device. The SDK's throws
 * what goes wrong out of the callbacks of the TCP below it, which ends the firmware. So TCP is given to it in a wrapper that catches, and
 * that knows what TLSSocket does not tell: whether there was a connection at all, and who ended it.
 */

import TCP, { type Options } from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import { copy } from "bytes/block";
import { ECONNREFUSED, ECONNRESET } from "errno";
import type { Host } from "transport/adapter";
import { restStage, STAGE_SIZE, stagedView } from "transport/stage";
import { Records, type SecureOptions, TlsAdapter } from "transport/tls-adapter";

/**
 * Where to, as TcpTransport takes it, and whom to trust. The name that the certificate is for is `secure.serverName`, `host` or `address`,
 * whichever is there first. Without `nodelay: true`, small messages wait for each other on some stacks.
 */
export type TlsOptions = (Host | { address: string; port: number; host?: string }) & {
	secure?: SecureOptions;
	nodelay?: boolean;
	target?: unknown;
	/** The class below TLS, with the constructor and the methods of TCP, which is used if this is missing. */
	io?: typeof TCP;
	/** A class with the constructor and the methods of TLSSocket, which is used if this is missing. */
	tls?: typeof TLSSocket;
};

type Bytes = ArrayBuffer | Uint8Array;

/** What TLSSocket makes its TCP with. */
interface Callbacks {
	onReadable(bytes: number): void;
	onWritable(bytes: number): void;
	onError(): void;
}

/** What the wrapper tells the transport. */
interface Above {
	below: Below | undefined;
	/** Until leave(), what TLSSocket says is kept. */
	enter(): void;
	leave(): void;
	/** TLSSocket threw. */
	broke(error: unknown): void;
}

const READABLE = 1;
const WRITABLE = 2;
const ENDED = 4;
/** What the SDK's onWritable leaves for a record's extras, and the count that its write gives does not. */
const RECORD_EXTRA = 64;

/** A TCP for TLSSocket, which has no connection yet. */
class Below {
	readonly records = new Records();
	/** There is a connection. */
	reached = false;
	/** TCP said that it is over. */
	over = false;
	/** The SDK's TLSSocket keeps its count of room here. */
	writable = 0;
	readonly #above: Above;
	readonly #callbacks: Callbacks;
	#tcp: TCP | undefined;
	/** What TLSSocket has not read yet, as it counts it. */
	#left = 0;
	#telling = false;

	constructor(above: Above, { onReadable, onWritable, onError }: Callbacks) {
		this.#above = above;
		this.#callbacks = { onReadable, onWritable, onError };
		above.below = this;
	}

	/**
	 * For the SDK's TLSSocket. After it was read from, it sets a timer if there is more, and what that throws nobody could catch: so it sees
	 * nothing then, and pump() does what the timer would.
	 */
	get readable(): number {
		return this.#telling ? this.#left : 0;
	}

	set readable(count: number) {
		this.#left = count;
	}

	connect(io: typeof TCP, options: Options): void {
		this.#tcp = new io({
			...options,
			format: "buffer",
			onReadable: (bytes: number) => this.tell(READABLE, bytes),
			onWritable: (bytes: number) => this.tell(WRITABLE, bytes),
			onError: () => this.tell(ENDED, 0),
		});
	}

	read(count: number | Bytes): number | ArrayBuffer | undefined {
		// The SDK's typings have no result.
		const result = this.#tcp?.read(count as ArrayBuffer) as unknown as number | ArrayBuffer | undefined;
		this.records.came(count);
		return result;
	}

	write(record: Bytes): number {
		if (!this.#tcp) throw new Error("not connected");
		this.records.left(record);
		return this.#tcp.write(record) as unknown as number;
	}

	close(): void {
		this.#tcp?.close();
		this.#tcp = undefined;
	}

	/** Lets TLSSocket decrypt one more record, if it left any: whether it took something. */
	pump(): boolean {
		const left = this.#left;
		if (left <= 0 || !this.#tcp) return false;
		this.tell(READABLE, left);
		return this.#left < left;
	}

	private tell(event: number, bytes: number): void {
		const callbacks = this.#callbacks;
		const above = this.#above;
		if (event === ENDED) this.over = true;
		else this.reached = true;
		above.enter();
		this.#telling = true;
		try {
			if (event === READABLE) callbacks.onReadable(bytes);
			else if (event === WRITABLE) callbacks.onWritable(bytes);
			else callbacks.onError();
		} catch (error) {
			above.broke(error);
		}
		this.#telling = false;
		above.leave();
	}
}

export class TlsTransport extends TlsAdapter implements Above {
	below: Below | undefined;
	#tls: TLSSocket | undefined;
	/** It tells why it fails, which the SDK's does not, and has its own eyes on the records. */
	#tells = false;
	#readable = 0;
	#writable = 0;
	/** How deep inside of TLSSocket this is: the protocol is told nothing there. */
	#depth = 0;
	/** What it will be told. */
	#news = 0;
	/** How it ends. */
	#ending: number | undefined;

	/**
	 * Begins to connect. The first onWritable says that the server has proved who it is.
	 *
	 * Throws a TypeError or RangeError if host or port are none; what `new TLSSocket` throws for options in `secure` that are of no use, as
	 * a certificate that is none; and, on a board, an Error while the CA is not valid, because its time has come, or the clock was not set.
	 */
	constructor({ secure, io = TCP, tls = TLSSocket, ...where }: TlsOptions) {
		super();
		const { host = "address" in where ? where.address : undefined } = where;
		// A bound class: TLSSocket makes the TCP, and that has to know whose it is.
		const wrapper = Below.bind(undefined, this) as unknown as typeof TCP;
		this.#tls = new tls({
			...where,
			host,
			secure: { ...secure } as Record<string, never>,
			TCP: { io: wrapper },
			onReadable: (bytes: number) => this.hear(READABLE, bytes),
			onWritable: (bytes: number) => this.hear(WRITABLE, bytes),
			onError: (reason?: unknown) => this.ended(reason),
		});
		this.#tells = "protocol" in this.#tls;
		if (this.below) this.below.records.verify = secure?.verify ?? true;
		const { nodelay, target, port } = where;
		const connect = (address: string) => this.below?.connect(io, { address, port, nodelay, target });
		try {
			if ("address" in where) connect(where.address);
			else this.resolve(where, connect);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** How many bytes TLSSocket takes now, in one call of write(): what it makes of each, some 100 bytes more, comes off. */
	get room(): number {
		return this.#writable;
	}

	/** What ALPN chose, or "". */
	get alpn(): string {
		return this.#tls?.alpn ?? "";
	}

	/** The version of TLS, "TLSv1.3", or "" where the firmware does not say. */
	get protocol(): string {
		return this.#tls?.protocol ?? "";
	}

	read(into: Uint8Array, start: number, end: number): number {
		let count = end - start;
		if (count <= 0) return this.lost;
		this.#depth++;
		while (this.#readable === 0 && this.#ending === undefined && this.below?.pump());
		if (count > this.#readable) count = this.#readable;
		if (count > 0) {
			const whole = start === 0 && count === into.length;
			if (!whole && count > STAGE_SIZE) count = STAGE_SIZE;
			const target = whole ? into : stagedView(count);
			try {
				const got = this.#tls?.read(target as unknown as ArrayBuffer);
				count = typeof got === "number" ? got : 0;
				this.#readable = count > 0 ? this.#readable - count : 0;
				if (!whole) copy(into, start, target, 0, count);
			} catch (error) {
				count = 0;
				this.broke(error);
			}
		}
		this.#depth--;
		this.later();
		return count > 0 ? count : this.lost;
	}

	write(from: Uint8Array, start: number, end: number): number {
		let count = end - start;
		if (count > this.#writable) count = this.#writable;
		if (count <= 0) return this.lost;
		if (count > STAGE_SIZE) count = STAGE_SIZE;
		const source = stagedView(count);
		copy(source, 0, from, start, count);
		this.#depth++;
		try {
			const room = this.#tls?.write(source);
			// On a board a record is garbage, and a collection would take what the stage does not use.
			restStage();
			this.#writable = typeof room === "number" && room > RECORD_EXTRA ? room - RECORD_EXTRA : 0;
		} catch (error) {
			count = 0;
			this.broke(error);
		}
		this.#depth--;
		this.later();
		return count > 0 ? count : this.lost;
	}

	enter(): void {
		this.#depth++;
	}

	leave(): void {
		this.#depth--;
		this.tell();
	}

	broke(error: unknown): void {
		if (this.closed || this.#ending !== undefined) return;
		this.#writable = 0;
		this.#ending = this.blame(error);
	}

	protected closeSocket(): void {
		const tls = this.#tls;
		this.#tls = undefined;
		this.#readable = this.#writable = 0;
		this.#depth++;
		try {
			tls?.close();
		} catch {
			// The SDK's says no goodbye, the Linux device's may find that it cannot.
		}
		this.#depth--;
		this.below?.close();
		this.below = undefined;
	}

	/** TLSSocket has `bytes` to read, or room for them. */
	private hear(event: number, bytes: number): void {
		if (this.closed || this.#ending !== undefined) return;
		if (event === READABLE) this.#readable = bytes;
		else {
			const records = this.below?.records;
			if (!this.open && !this.#tells && !records?.ciphered) {
				this.broke(records?.refusal);
				return;
			}
			this.open = true;
			this.#writable = bytes;
		}
		this.#news |= event;
		this.tell();
	}

	/** TLSSocket says that it is over. */
	private ended(reason: unknown): void {
		if (this.closed || this.#ending !== undefined) return;
		const { reached, over } = this.below ?? { reached: false, over: true };
		if (typeof reason === "object" && reason !== null) this.broke(reason);
		else if (!reached) this.#ending = -ECONNREFUSED;
		else if (!this.open) {
			this.failure = "TLS: the connection was lost during the handshake";
			this.#ending = -ECONNRESET;
		}
		// Without the server's goodbye it is TCP that tells.
		else if (over && !this.#tells) this.broke({ name: "TRUNCATED" });
		else this.#ending = 0;
		this.#writable = 0;
		this.tell();
	}

	/** Tells the protocol what there is to tell, unless TLSSocket has to return first. */
	private tell(): void {
		if (this.#depth > 0 || this.closed) return;
		const news = this.#news;
		this.#news = 0;
		if (news & WRITABLE) this.events?.onWritable();
		if (news & READABLE) this.events?.onReadable();
		if (this.#ending !== undefined) this.end(this.#ending);
	}

	/** TLS ended inside of read() or write(): it is told when they have returned. */
	private later(): void {
		if (this.#ending !== undefined && !this.lost) Promise.resolve().then(() => this.tell());
	}
}
