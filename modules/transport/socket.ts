/*
 * Transport over the SDK's classic `socket`, as ESP32, Pico W and the Linux device have it. Its read() gives a new ArrayBuffer,
 * so every piece received costs one (3 slots, its bytes and a view); nothing else here allocates.
 */
import type { Socket } from "socket";
import type { Transport, TransportEvents } from "transport/transport";
import { Views } from "transport/views";

/** What this needs of `Socket` of module "socket", so that a fake or a SecureSocket will do. */
export interface ClassicSocket {
	callback: (message: number, value?: number) => void;
	read(): number | undefined;
	read(type: typeof ArrayBuffer, count: number): ArrayBuffer;
	write(): number | undefined;
	write(data: Uint8Array): void;
	close(): void;
}

const CONNECTED = 1;
const READABLE = 2;
const WRITABLE = 3;
const DISCONNECTED = -1;

/** The socket's error carries no detail, nor does a native that throws. Zephyr's errno for it. */
const EIO = 5;
/** What the protocol hears when the app closes the socket under it. */
const ECANCELED = 140;

export class SocketTransport implements Transport {
	readonly #socket: ClassicSocket;
	readonly #views = new Views();
	#events: TransportEvents | undefined;
	#connected: boolean;
	/** Negative once the socket said that it is of no use. */
	#lost = 0;
	#open = true;

	/**
	 * Takes over `callback` of a socket that connects, or, with `connected`, of one that is connected. It stays the app's:
	 * close() closes it, and after stop() the app may set a callback of its own.
	 */
	constructor(socket: Socket | ClassicSocket, connected = false) {
		this.#socket = socket as unknown as ClassicSocket;
		this.#connected = connected;
		this.#socket.callback = (message: number) => this.#hear(message);
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
		if (!this.#open) return -EIO;
		try {
			// undefined on a simulator that has nothing; with a count, lwIP throws when there is nothing.
			const count = Math.min(this.#socket.read() ?? 0, end - start);
			if (count > 0) {
				const piece = this.#socket.read(ArrayBuffer, count);
				into.set(new Uint8Array(piece), start);
				return piece.byteLength;
			}
		} catch {
			if (!this.#lost) return -EIO;
		}
		return this.#lost;
	}

	write(from: Uint8Array, start: number, end: number): number {
		if (!this.#open) return -EIO;
		if (this.#lost) return this.#lost;
		// Before that the stack may not know the peer's address yet, and would take a write for an error.
		if (!this.#connected) return 0;
		try {
			const count = Math.min(this.#socket.write() ?? 0, end - start);
			if (count <= 0) return 0;
			const prefixes = this.#views.at(from, start);
			const size = prefixes.size(count);
			this.#socket.write(prefixes.take(count));
			return size;
		} catch {
			return -EIO;
		}
	}

	close(): void {
		if (!this.#open) return;
		const events = this.#events;
		this.#open = false;
		this.#events = undefined;
		this.#views.clear();
		this.#socket.close();
		events?.onClosed(-ECANCELED);
	}

	#hear(message: number): void {
		if (!this.#open) return;
		switch (message) {
			case CONNECTED:
				this.#connected = true;
				this.#events?.onWritable();
				break;
			case WRITABLE:
				this.#events?.onWritable();
				break;
			case READABLE:
				this.#events?.onReadable();
				break;
			default:
				if (message >= 0 || this.#lost) break;
				this.#lost = -EIO;
				this.#events?.onClosed(message === DISCONNECTED ? 0 : -EIO);
				break;
		}
	}
}
