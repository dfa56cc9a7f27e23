/*
 * Transport over the SDK's classic `securesocket`. What that has decrypted is lost unless it is read before its callback returns, a record
 * in pieces of 1,024 bytes: so what the protocol has no room for is kept here, and the socket below is shown to be empty until it is read.
 */
import { copy } from "bytes/block";
import { ECONNREFUSED, ECONNRESET, EIO } from "errno";
import SecureSocket from "securesocket";
import type { Socket, TCPSocketOptions } from "socket";
import { opened } from "transport/classic-socket";
import type { ClassicSocket, SocketOptions } from "transport/socket";
import { restStage, STAGE_SIZE, staged } from "transport/stage";
import { Records, type SecureOptions, TlsAdapter } from "transport/tls-adapter";

/** Where to, as SocketTransport takes it, and whom to trust. The name that the certificate is for is `secure.serverName`, or where to. */
export type SecureSocketOptions = SocketOptions & {
	secure?: SecureOptions;
	/** The class below TLS, with the constructor and the methods of Socket, which is used if this is missing. */
	io?: typeof Socket;
	/** A class with the constructor and the methods of SecureSocket, which is used if this is missing. */
	tls?: SecureSocketClass;
};

/** What this needs of SecureSocket. */
interface Secure extends ClassicSocket {
	/** The Linux device's. */
	readonly alpn?: string | undefined;
	readonly protocol?: string | undefined;
}

export type SecureSocketClass = new (options: never) => object;

/** What the wrapper tells the transport. */
interface Above {
	/** As much as it can hold has come: it is shown nothing more. */
	readonly full: boolean;
	/** SecureSocket threw. */
	broke(error: unknown): void;
}

const CONNECTED = 1;
const READABLE = 2;
const WRITABLE = 3;
const DISCONNECTED = -1;
/** The SDK's takes 1.0 and 1.1, too, unless it is told. */
const TLS12 = 0x303;

/** A socket for SecureSocket, which has no connection yet. */
class Below {
	readonly records = new Records();
	/** There is a connection. */
	reached = false;
	/** The message with which the socket ended, or 0. */
	over = 0;
	/** SecureSocket's. */
	callback: ((message: number, value?: number) => void) | undefined;
	readonly #above: Above;
	#socket: ClassicSocket | undefined;
	/** Inside of SecureSocket, which may be in the middle of a record. */
	#telling = false;

	constructor(above: Above) {
		this.#above = above;
	}

	connect(io: typeof Socket | undefined, options: object): void {
		const socket = io ? (new io(options as TCPSocketOptions) as unknown as ClassicSocket) : opened(options);
		this.#socket = socket;
		socket.callback = (message, value) => this.hear(message, value);
	}

	read(type?: typeof ArrayBuffer, count?: number): number | ArrayBuffer | undefined {
		const none = type === undefined ? 0 : undefined;
		if (this.#above.full || !this.#socket) return none;
		const result = type === undefined ? this.#socket.read() : this.#socket.read(type, count as number);
		if (type !== undefined) this.records.came(result);
		return result ?? none;
	}

	/** The SDK's, and the Linux device's, write one record at a time. */
	write(record?: ArrayBuffer): number | undefined {
		if (!this.#socket) return 0;
		if (record === undefined) return this.#socket.write() ?? 0;
		this.records.left(record);
		this.#socket.write(record);
		return undefined;
	}

	close(): void {
		this.#socket?.close();
		this.#socket = undefined;
	}

	/** What it was not shown while all was full: whether there was anything. */
	resume(): boolean {
		if (this.#telling) return false;
		const count = this.#socket?.read() ?? 0;
		if (count > 0) this.tell(READABLE, count);
		else if (this.over) this.tell(this.over, undefined);
		return count > 0;
	}

	private hear(message: number, value: number | undefined): void {
		if (message < 0) this.over = message;
		else this.reached = true;
		// What is left to read is read first.
		if (this.#above.full && (message === READABLE || message < 0)) return;
		this.tell(message, value);
	}

	private tell(message: number, value: number | undefined): void {
		this.#telling = true;
		try {
			this.callback?.(message, value);
		} catch (error) {
			this.#above.broke(error);
		}
		this.#telling = false;
	}
}

export class SecureSocketTransport extends TlsAdapter implements Above {
	readonly #below = new Below(this);
	#secure: Secure | undefined;
	/** It tells why it fails, which the SDK's does not, and has its own eyes on the records. */
	readonly #tells: boolean;
	/** How many bytes can be read from SecureSocket until its callback returns. */
	#offered = 0;
	/** Something was not, and is held. The Linux device's SecureSocket keeps it by itself. */
	full = false;
	/** That, and how much of the first piece is read. */
	readonly #held: ArrayBuffer[] = [];
	#at = 0;
	/** Inside of read() or write(), where the protocol is told nothing. */
	#busy = false;
	/** How it ends. */
	#ending: number | undefined;

	/**
	 * Begins to connect. The first onWritable says that the server has proved who it is.
	 *
	 * Throws a TypeError or RangeError if host or port are none; what `new SecureSocket` throws for options in `secure` that are of no use, as
	 * a certificate that is none; and, on a board, an Error while the CA is not valid, because its time has come, or the clock was not set.
	 */
	constructor({ secure, io, tls = SecureSocket as unknown as SecureSocketClass, ...where }: SecureSocketOptions) {
		super();
		const below = this.#below;
		const host = "host" in where ? where.host : where.address;
		const options: object = { ...where, host, secure: { protocolVersion: TLS12, ...secure }, sock: below };
		below.records.verify = secure?.verify ?? true;
		const socket = new tls(options as never) as Secure;
		socket.callback = (message, value) => this.hear(message, value);
		this.#secure = socket;
		this.#tells = "protocol" in socket;
		try {
			if ("host" in where) {
				const { host, ...options } = where;
				this.resolve({ host, port: where.port }, (address) => below.connect(io, { ...options, address }));
			} else below.connect(io, where);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** What ALPN chose, or "". */
	get alpn(): string {
		return this.#secure?.alpn ?? "";
	}

	/** The version of TLS, "TLSv1.3", or "" where the firmware does not say. */
	get protocol(): string {
		return this.#secure?.protocol ?? "";
	}

	/** As Transport's. Allocates what SecureSocket.read does, the bytes of each piece and more, and what its TLS takes. */
	read(into: Uint8Array, start: number, end: number): number {
		const room = end - start;
		if (room <= 0) return this.lost;
		this.#busy = true;
		let count = this.take(into, start, room);
		// While something was kept, the socket looked empty, and nobody tells of what is in there. The Linux device's does so by itself.
		while (count === 0 && !this.#tells && this.#ending === undefined && !this.lost && this.#below.resume())
			count = this.take(into, start, room);
		this.#busy = false;
		this.later();
		return count > 0 ? count : this.lost;
	}

	write(from: Uint8Array, start: number, end: number): number {
		const socket = this.#secure;
		if (socket === undefined || this.lost || this.#ending !== undefined) return this.lost;
		if (!this.open) return 0;
		let count = 0;
		this.#busy = true;
		try {
			count = socket.write() ?? 0;
			if (count > end - start) count = end - start;
			if (count > STAGE_SIZE) count = STAGE_SIZE;
			if (count > 0) {
				const source = staged(count);
				copy(source, 0, from, start, count);
				socket.write(source);
				// Every piece that is read is garbage sooner or later.
				restStage();
			}
		} catch (error) {
			count = 0;
			this.#ending ??= this.blame(error);
		}
		this.#busy = false;
		this.later();
		return count > 0 ? count : this.lost;
	}

	broke(error: unknown): void {
		if (!this.closed && !this.lost && this.#ending === undefined) this.finish(this.blame(error));
	}

	protected closeSocket(): void {
		const socket = this.#secure;
		this.#secure = undefined;
		this.#offered = 0;
		this.#held.length = 0;
		this.full = false;
		try {
			socket?.close();
		} catch {
			// It may find that it cannot say goodbye.
		}
		this.#below.close();
	}

	/** Gives what is there: what was kept, or what SecureSocket offers. */
	private take(into: Uint8Array, start: number, room: number): number {
		const held = this.#held;
		const first = this.full ? held[0] : undefined;
		try {
			if (first !== undefined) {
				const count = Math.min(first.byteLength - this.#at, room);
				copy(into, start, first, this.#at, count);
				this.#at += count;
				if (this.#at === first.byteLength) {
					held.shift();
					this.#at = 0;
					this.full = held.length > 0;
				}
				return count;
			}
			const count = Math.min(this.#offered, room);
			const piece = count > 0 ? this.#secure?.read(ArrayBuffer, count) : undefined;
			if (!piece) return 0;
			this.#offered -= piece.byteLength;
			copy(into, start, piece, 0, piece.byteLength);
			return piece.byteLength;
		} catch (error) {
			this.#ending ??= this.blame(error);
			return 0;
		}
	}

	private hear(message: number, value: unknown): void {
		if (this.closed || this.lost || this.#ending !== undefined) return;
		switch (message) {
			case CONNECTED:
				if (!this.#tells && !this.#below.records.ciphered) {
					this.finish(this.blame(this.#below.records.refusal));
					break;
				}
				this.open = true;
				this.events?.onWritable();
				break;
			case WRITABLE:
				if (this.open && !this.#busy) this.events?.onWritable();
				break;
			case READABLE:
				this.#offered = value as number;
				if (!this.#busy && !this.full) this.events?.onReadable();
				if (!this.#tells) this.keep();
				break;
			default:
				if (message < 0) this.finish(this.judge(message, value));
				break;
		}
	}

	/** What the protocol did not read. */
	private keep(): void {
		const count = this.#offered;
		this.#offered = 0;
		const piece = count > 0 ? this.#secure?.read(ArrayBuffer, count) : undefined;
		if (!piece) return;
		this.#held.push(piece);
		this.full = true;
	}

	/** Why it ended: an errno, negative, or 0. */
	private judge(message: number, value: unknown): number {
		const { reached, over, records } = this.#below;
		const reason = typeof value === "object" && value !== null ? value : records.wrong;
		if (reason) return this.blame(reason);
		if (!reached) return -ECONNREFUSED;
		if (!this.open && over) {
			this.failure = "TLS: the connection was lost during the handshake";
			return -ECONNRESET;
		}
		if (message === DISCONNECTED) return 0;
		return over || this.#tells ? -EIO : this.blame(undefined);
	}

	private finish(error: number): void {
		this.#ending = error;
		if (!this.#busy) this.end(error);
	}

	/** It ended inside of read() or write(): that is told when they have returned. */
	private later(): void {
		const error = this.#ending;
		if (error !== undefined && !this.lost) Promise.resolve().then(() => !this.closed && this.end(error));
	}
}
