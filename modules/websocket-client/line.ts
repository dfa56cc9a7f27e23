/*
 * The transport of one client, from a name to the end: resolves the name with the app's resolver, connects with the app's socket, and says
 * when that has room, which a protocol asks for only when it had none.
 */
import { EHOSTUNREACH, EIO } from "errno";
import { Adapter } from "transport/adapter";
import { type Carrier, carrierTo, type Place, type SocketOptions } from "websocket-client/carrier";

/** A resolver of ECMA-419, `embedded:network/dns/resolver/udp` and its like. */
interface Resolver {
	resolve(options: { host: string; onResolved(host: string, address: string): void; onError(host: string): void }): void;
	close?(): void;
}

/** Its class, and what it is made with. */
export type ResolverOptions = { io: new (options: never) => unknown } & Record<string, unknown>;

/** What a frame takes beside its payload, up to 64 KB and above: its header, and a client's key. */
const HEADER = 4;
const HEADER_64 = 10;
const KEY = 4;
const LENGTH_64_MIN = 0x10000;
/** What TLS takes for each piece that it is given. */
const RECORD_EXTRA = 128;

/** Who is told what the protocol has been told. */
interface Watcher {
	/** There is room again, or a connection. */
	writable(): void;
	/** The connection is gone. */
	gone(): void;
}

export class Line extends Adapter {
	#carrier: Carrier | undefined;
	#resolver: Resolver | undefined;
	readonly #watcher: Watcher;
	/** What ended it, in words, or "". */
	failure = "";
	readonly secure: boolean;

	/** Begins with a transport, or with none yet: then connect() follows. */
	constructor(carrier: Carrier | undefined, secure: boolean, watcher: Watcher) {
		super();
		this.secure = secure;
		this.#watcher = watcher;
		if (carrier) this.use(carrier);
	}

	/** Resolves the name, if there is no address, and connects. Throws a TypeError for a resolver without a class, and what the classes throw that it is given. */
	connect(place: Place, socket: SocketOptions, dns: ResolverOptions | undefined): void {
		if (dns === undefined || place.address !== undefined) {
			this.use(carrierTo(place, socket));
			return;
		}
		if (typeof dns?.io !== "function") throw new TypeError("dns: its class is missing, dns.io");
		const resolver = new dns.io(dns as never) as Resolver;
		this.#resolver = resolver;
		resolver.resolve({
			host: place.host,
			onResolved: (_, address) => {
				if (this.closed || this.#carrier) return;
				this.#resolver = undefined;
				try {
					this.use(carrierTo({ ...place, address }, socket));
				} catch (error) {
					this.failure = `no connection: ${error}`;
					this.end(-EIO);
				}
			},
			onError: () => {
				this.#resolver = undefined;
				if (!this.closed) this.end(-EHOSTUNREACH);
			},
		});
	}

	/** How much payload one frame may have to leave at once, in pieces of `piece` bytes. */
	payloadRoom(masked: boolean, piece: number): number {
		const carrier = this.#carrier;
		if (carrier === undefined || this.lost) return 0;
		let room = carrier.room - (masked ? HEADER + KEY : HEADER);
		if (this.secure) room -= RECORD_EXTRA * Math.ceil(room / piece);
		if (room >= LENGTH_64_MIN) room = Math.max(room + HEADER - HEADER_64, LENGTH_64_MIN - 1);
		return room > 0 ? room : 0;
	}

	read(into: Uint8Array, start: number, end: number): number {
		const carrier = this.#carrier;
		return carrier === undefined ? this.lost : carrier.read(into, start, end);
	}

	write(from: Uint8Array, start: number, end: number): number {
		const carrier = this.#carrier;
		return carrier === undefined || this.lost ? this.lost : carrier.write(from, start, end);
	}

	protected closeSocket(): void {
		const carrier = this.#carrier;
		this.#resolver?.close?.();
		this.#carrier = this.#resolver = undefined;
		carrier?.stop();
		carrier?.close();
	}

	private use(carrier: Carrier): void {
		this.#carrier = carrier;
		carrier.start({
			onReadable: () => this.events?.onReadable(),
			onWritable: () => {
				this.events?.onWritable();
				this.#watcher.writable();
			},
			onClosed: (error) => {
				this.failure ||= carrier.failure ?? "";
				this.end(error);
				this.#watcher.gone();
			},
		});
	}
}
