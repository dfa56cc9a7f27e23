/*
 * Transport over the SDK's classic `socket`, as ESP32, Pico W and the Linux device have it. Its read() gives a new ArrayBuffer,
 * so every piece received costs one (3 slots and its bytes); nothing else here allocates.
 */
import { copy } from "bytes/block";
import { ECONNREFUSED, EIO } from "errno";
import type { Socket } from "socket";
import { Adapter, type Host } from "transport/adapter";
import { adopted, type ClassicSocket, opened } from "transport/classic-socket";
import { restStage, STAGE_SIZE, staged } from "transport/stage";

export type { ClassicSocket } from "transport/classic-socket";

/** What `new Socket` takes, of which `host` is resolved here. */
export type SocketOptions = (Host | { address: string; port: number }) & {
	/** Without it, small messages wait for each other on some stacks. */
	noDelay?: boolean;
	/** Times in milliseconds. */
	keepalive?: { idle: number; interval: number; count: number };
};

const CONNECTED = 1;
const READABLE = 2;
const WRITABLE = 3;
const DISCONNECTED = -1;

const isSocket = (value: object): value is Socket | ClassicSocket => "read" in value;

export class SocketTransport extends Adapter {
	#socket: ClassicSocket | undefined;
	#connected: boolean;
	/** What is said when there is no connection: only of a socket made here it is known that the name was resolved. */
	#refusal = -EIO;

	/**
	 * Connects to a host, or takes over `callback` of a socket that connects, or, with `connected`, of one that is connected. After
	 * stop() the app may set a callback of its own. Throws what `new Socket` throws; for a host a TypeError or RangeError if that or
	 * the port is none, and what Net.resolve throws, which is only that there is no memory.
	 */
	constructor(socket: Socket | ClassicSocket | SocketOptions, connected = false) {
		super();
		this.#connected = connected;
		if (isSocket(socket)) {
			this.use(adopted(socket as unknown as ClassicSocket));
			return;
		}
		this.#connected = false;
		this.#refusal = -ECONNREFUSED;
		if ("host" in socket) {
			const { host, ...options } = socket;
			this.resolve({ host, port: socket.port }, (address) => this.use(opened({ ...options, address })));
		} else this.use(opened(socket));
	}

	/** How many bytes write() takes now, in so many calls as it needs. */
	get room(): number {
		if (!this.#connected || this.lost) return 0;
		try {
			return this.#socket?.write() ?? 0;
		} catch {
			return 0;
		}
	}

	read(into: Uint8Array, start: number, end: number): number {
		const socket = this.#socket;
		if (socket === undefined) return this.lost;
		try {
			// undefined on a simulator that has nothing; with a count, lwIP throws when there is nothing.
			let count = socket.read() ?? 0;
			if (count > end - start) count = end - start;
			if (count > 0) {
				const piece = socket.read(ArrayBuffer, count);
				count = piece.byteLength;
				copy(into, start, piece, 0, count);
				return count;
			}
		} catch {
			if (!this.lost) return -EIO;
		}
		return this.lost;
	}

	write(from: Uint8Array, start: number, end: number): number {
		const socket = this.#socket;
		if (socket === undefined || this.lost) return this.lost;
		// Before that the stack may not know the peer's address yet, and would take a write for an error.
		if (!this.#connected) return 0;
		try {
			let count = socket.write() ?? 0;
			if (count > end - start) count = end - start;
			if (count <= 0) return 0;
			if (count > STAGE_SIZE) count = STAGE_SIZE;
			const source = staged(count);
			copy(source, 0, from, start, count);
			socket.write(source);
			// Every piece that is read is garbage sooner or later.
			restStage();
			return count;
		} catch {
			return -EIO;
		}
	}

	protected closeSocket(): void {
		this.#socket?.close();
		this.#socket = undefined;
	}

	private use(socket: ClassicSocket): void {
		this.#socket = socket;
		socket.callback = (message: number) => this.hear(message);
	}

	private hear(message: number): void {
		if (this.closed) return;
		switch (message) {
			case CONNECTED:
				this.#connected = true;
				this.events?.onWritable();
				break;
			case WRITABLE:
				this.events?.onWritable();
				break;
			case READABLE:
				this.events?.onReadable();
				break;
			default:
				if (message >= 0) break;
				if (!this.#connected) this.end(this.#refusal);
				else this.end(message === DISCONNECTED ? 0 : -EIO);
				break;
		}
	}
}
