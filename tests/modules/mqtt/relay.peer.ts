/* A way to the broker that can be cut, and that can hold back what comes: TCP, byte for byte. */
import { type AddressInfo, createServer, connect as open, type Socket } from "node:net";

export class Relay {
	readonly #pairs = new Set<[Socket, Socket]>();
	readonly #server;
	#held = false;
	/** How many connections came. */
	connections = 0;

	constructor(target: () => number) {
		this.#server = createServer({ noDelay: true }, (near) => {
			this.connections++;
			const far = open({ host: "127.0.0.1", port: target(), noDelay: true });
			const pair: [Socket, Socket] = [near, far];
			this.#pairs.add(pair);
			for (const [from, to] of [pair, [far, near] as const]) {
				from.on("error", () => {});
				from.on("close", () => {
					to.destroy();
					this.#pairs.delete(pair);
				});
				from.on("data", (data) => {
					// What a cut would lose; it can be dropped at once.
					if (this.#held) return;
					if (!to.write(data)) {
						from.pause();
						to.once("drain", () => from.resume());
					}
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
		for (const [near, far] of this.#pairs) {
			near.resetAndDestroy();
			far.resetAndDestroy();
		}
		this.#held = false;
	}
}
