/*
 * What the adapters have in common: who is told what happens, what is said once the connection is of no use, and a host whose name
 * first has to become an address. What they do for every byte is their own.
 */
import { ECANCELED, EHOSTUNREACH, EIO } from "errno";
import Net from "net";
import type { Transport, TransportEvents } from "transport/transport";

/** Where a connection goes to: a name or a numeric address, and a port from 1 on. */
export interface Host {
	host: string;
	port: number;
}

export abstract class Adapter implements Transport {
	protected events: TransportEvents | undefined;
	/** What read() and write() give when there is nothing they can do: 0, not now, or negative, never again. */
	protected lost = 0;
	protected closed = false;

	start(events: TransportEvents): boolean {
		if (this.events) return false;
		this.events = events;
		return true;
	}

	stop(): void {
		this.events = undefined;
	}

	abstract read(into: Uint8Array, start: number, end: number): number;
	abstract write(from: Uint8Array, start: number, end: number): number;

	close(): void {
		if (this.closed) return;
		const events = this.events;
		this.closed = true;
		this.lost ||= -EIO;
		this.stop();
		this.closeSocket();
		events?.onClosed(-ECANCELED);
	}

	/** Closes the socket, if there is one yet. */
	protected abstract closeSocket(): void;

	/** The connection is gone, or there will be none: the protocol is told, if it is the first time. */
	protected end(error: number): void {
		if (this.lost) return;
		const events = this.events;
		this.lost = error || -EIO;
		// That was all: close() says no other end.
		this.stop();
		events?.onClosed(error);
	}

	/** Calls `connect` with the address of a host once that is known, from the loop. Throws when the options are wrong. */
	protected resolve({ host, port }: Host, connect: (address: string) => void): void {
		if (typeof host !== "string" || !host) throw new TypeError("host: a name or a numeric address");
		if (port !== (port & 0xffff) || port === 0) throw new RangeError("port: from 1 to 65535");
		Net.resolve(host, (_, address) => {
			if (this.closed) return;
			if (!address) {
				this.end(-EHOSTUNREACH);
				return;
			}
			try {
				connect(address);
			} catch {
				// No memory, no network interface, a kind of address that this firmware has not.
				this.end(-EIO);
			}
		});
	}
}
