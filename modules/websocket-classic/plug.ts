/*
 * Between a connection and its transport: says when there is a TCP connection, gives the protocol what was read before it came, and can be
 * pulled out, so that the socket is the app's again.
 */
import { copy } from "bytes/block";
import { Adapter } from "transport/adapter";
import type { Carrier } from "websocket-classic/carrier";

export class Plug extends Adapter {
	readonly #carrier: Carrier;
	/** Bytes that come before those of the transport. */
	#before: Uint8Array | undefined;
	/** Until there is a connection. */
	#connected: (() => void) | undefined;
	#pulled = false;

	/** `connected` is called once there is a TCP connection, before the protocol knows. */
	constructor(carrier: Carrier, before?: Uint8Array, connected?: () => void) {
		super();
		this.#carrier = carrier;
		this.#before = before;
		this.#connected = connected;
		carrier.start({
			onReadable: () => this.events?.onReadable(),
			onWritable: () => {
				const told = this.#connected;
				this.#connected = undefined;
				told?.();
				this.events?.onWritable();
			},
			onClosed: (error) => this.end(error),
		});
	}

	get failure(): string {
		return this.#carrier.failure ?? "";
	}

	get secure(): boolean {
		return this.#carrier.secure === true;
	}

	/** How many bytes write() takes now, or 0 if nobody knows. */
	get room(): number {
		return this.lost ? 0 : (this.#carrier.room ?? 0);
	}

	read(into: Uint8Array, start: number, end: number): number {
		const before = this.#before;
		if (this.closed) return this.lost;
		if (before === undefined) return this.#carrier.read(into, start, end);
		const count = Math.min(before.length, end - start);
		copy(into, start, before, 0, count);
		this.#before = count < before.length ? before.subarray(count) : undefined;
		return count;
	}

	write(from: Uint8Array, start: number, end: number): number {
		return this.lost ? this.lost : this.#carrier.write(from, start, end);
	}

	/** Ends the connection, and leaves the socket as it is. */
	pull(): void {
		this.#pulled = true;
		this.close();
	}

	protected closeSocket(): void {
		this.#carrier.stop();
		if (!this.#pulled) this.#carrier.close();
	}
}
