/* A way to the broker that can be cut, and that can hold back what comes: TCP, byte for byte. */
import { type AddressInfo, createServer, connect as open, type Socket } from "node:net";

export class Relay {
	readonly #pairs = new Set<[Socket, Socket]>();
	readonly #server;
	#held = false;
	/** How many bytes a connection may carry at the most, before it is reset; 0: any number. */
	#most = 0;
	/** A connection carries so many bytes each way until the cut. */
	#limit = Number.POSITIVE_INFINITY;
	#random = 1;
	/** How many connections came. */
	connections = 0;

	constructor(target: () => number) {
		this.#server = createServer({ noDelay: true }, (near) => {
			this.connections++;
			const far = open({ host: "127.0.0.1", port: target(), noDelay: true });
			const pair: [Socket, Socket] = [near, far];
			this.#pairs.add(pair);
			let left = this.#share();
			for (const [from, to] of [pair, [far, near] as const]) {
				let carried = 0;
				from.on("error", () => {});
				from.on("close", () => {
					to.destroy();
					this.#pairs.delete(pair);
				});
				from.on("data", (data) => {
					// What a cut would lose; it can be dropped at once.
					if (this.#held) return;
					if (this.#most > 0) {
						left = Math.min(left, this.#most) - data.length;
						if (left <= 0) {
							// In the middle of a packet, or not.
							to.write(data.subarray(0, data.length + left), () => this.#reset(pair));
							return;
						}
					}
					const room = this.#limit - carried;
					carried += data.length;
					const more = data.length < room;
					if (to.write(more ? data : data.subarray(0, room)) && more) return;
					from.pause();
					if (more) to.once("drain", () => from.resume());
				});
			}
		});
	}

	async listen(): Promise<number> {
		await new Promise<void>((resolve, reject) => {
			this.#server.on("error", reject).listen(0, "127.0.0.1", resolve);
		});
		return (this.#server.address() as AddressInfo).port;
	}

	/** From now on nothing passes, and what comes is lost with the connections: until the cut. */
	hold(): void {
		this.#held = true;
	}

	/** Ends all connections, on both sides by a reset: nothing says goodbye. */
	cut(): void {
		for (const pair of this.#pairs) this.#reset(pair);
		this.#held = false;
		this.#limit = Number.POSITIVE_INFINITY;
	}

	/** From now on a connection carries so many bytes each way, and no more until the cut, with which those behind them are lost. */
	limit(bytes: number): void {
		this.#limit = bytes;
	}

	/** From now on each connection is cut somewhere between half of so many bytes, both ways together, and all of them; 0: no more. */
	shred(most: number): void {
		this.#most = most;
	}

	/** Of the bytes that a new connection may carry; the same ones in each run. */
	#share(): number {
		this.#random = (this.#random * 48271) % 0x7fffffff;
		return this.#most - (this.#random % Math.max(1, this.#most >> 1));
	}

	#reset(pair: [Socket, Socket]): void {
		for (const socket of pair) socket.resetAndDestroy();
	}
}
