/*
 * The classic socket in the SDK's simulator on Linux, made to behave as on boards. There it forgets, after its callback, what was not read;
 * wants a numeric address as `host`; and throws when it is closed after the peer did.
 */
import { copy } from "bytes/block";
import { Socket, type TCPSocketOptions } from "socket";

/** As in ../classic-socket.ts. */
export interface ClassicSocket {
	callback: (message: number, value?: number) => void;
	read(): number | undefined;
	read(type: typeof ArrayBuffer, count: number): ArrayBuffer;
	write(): number | undefined;
	write(data: ArrayBuffer): void;
	close(): void;
}

const READABLE = 2;

/** Keeps what comes until it is read, however much that is: a simulator has memory. */
class KeepingSocket implements ClassicSocket {
	callback: (message: number, value?: number) => void = () => {};
	readonly #socket: ClassicSocket;
	#kept = new ArrayBuffer(0);

	constructor(socket: ClassicSocket) {
		this.#socket = socket;
		socket.callback = (message, value) => {
			if (message === READABLE) this.keep();
			this.callback(message, message === READABLE ? this.#kept.byteLength : value);
		};
	}

	read(): number;
	read(type: typeof ArrayBuffer, count: number): ArrayBuffer;
	read(type?: typeof ArrayBuffer, count = 0): number | ArrayBuffer {
		if (type === undefined) return this.#kept.byteLength;
		const piece = this.#kept.slice(0, count);
		this.#kept = this.#kept.slice(count);
		return piece;
	}

	write(): number | undefined;
	write(data: ArrayBuffer): void;
	write(data?: ArrayBuffer): number | undefined {
		return data === undefined ? this.#socket.write() : (this.#socket.write(data) as undefined);
	}

	close(): void {
		try {
			this.#socket.close();
		} catch {
			// The peer has closed it.
		}
	}

	private keep(): void {
		const count = this.#socket.read() ?? 0;
		if (count <= 0) return;
		const old = this.#kept;
		const all = new ArrayBuffer(old.byteLength + count);
		copy(all, 0, old, 0, old.byteLength);
		copy(all, old.byteLength, this.#socket.read(ArrayBuffer, count), 0, count);
		this.#kept = all;
	}
}

export function opened(options: { address?: string }): ClassicSocket {
	const { address: host, ...more } = options;
	return new KeepingSocket(new Socket((host === undefined ? more : { ...more, host }) as TCPSocketOptions) as unknown as ClassicSocket);
}

/** Whose class is the SDK's; others, as SecureSocket, keep by themselves what they have decrypted. */
export const adopted = (socket: ClassicSocket): ClassicSocket => (socket instanceof Socket ? new KeepingSocket(socket) : socket);
