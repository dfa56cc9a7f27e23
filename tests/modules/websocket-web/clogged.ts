/* TCP that takes nothing while it is clogged, as when a server does not read and every buffer on the way is full. */
import { TcpTransport } from "transport/tcp";
import type { Transport, TransportEvents } from "transport/transport";
import type { WebSocketDestination } from "websocket-web";

export class Clogged implements Transport {
	readonly #transport: TcpTransport;
	#events: TransportEvents | undefined;
	/** So many bytes are still taken. */
	room = Number.POSITIVE_INFINITY;

	constructor({ host, port }: WebSocketDestination) {
		this.#transport = new TcpTransport({ host, port, nodelay: true });
	}

	/** Takes `room` bytes from now on, and tells so, from the loop. */
	async unclog(room = Number.POSITIVE_INFINITY): Promise<void> {
		this.room = room;
		await undefined;
		this.#events?.onWritable();
	}

	start(events: TransportEvents): boolean {
		this.#events = events;
		return this.#transport.start(events);
	}

	stop(): void {
		this.#events = undefined;
		this.#transport.stop();
	}

	read(into: Uint8Array, start: number, end: number): number {
		return this.#transport.read(into, start, end);
	}

	write(from: Uint8Array, start: number, end: number): number {
		const count = this.#transport.write(from, start, Math.min(end, start + this.room));
		if (count > 0) this.room -= count;
		return count;
	}

	close(): void {
		this.#transport.close();
	}
}
