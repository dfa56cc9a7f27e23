/* binaryType, DataView, promises: a call is a number and its arguments; the answer has the same number. */
import WebSocket from "websocket-web";

class Remote {
	#calls = new Map<number, (result: number) => void>();
	#count = 0;
	readonly socket: WebSocket;

	constructor(socket: WebSocket) {
		this.socket = socket;
		socket.binaryType = "arraybuffer";
		socket.addEventListener("message", (event) => {
			const view = new DataView(event.data);
			this.#calls.get(view.getUint32(0))?.(view.getUint32(4));
			this.#calls.delete(view.getUint32(0));
		});
	}

	static open(url: string): Promise<Remote> {
		return new Promise((resolve, reject) => {
			const socket = new WebSocket(url);
			socket.addEventListener("open", () => resolve(new Remote(socket)), { once: true });
			socket.addEventListener("error", reject, { once: true });
		});
	}

	call(a: number, b: number): Promise<number> {
		const number = ++this.#count;
		const view = new DataView(new ArrayBuffer(8));
		view.setUint32(0, number);
		view.setUint32(4, a + b);
		this.socket.send(view);
		return new Promise((resolve) => this.#calls.set(number, resolve));
	}
}

export async function run(url: string): Promise<string> {
	const remote = await Remote.open(url);
	const results = await Promise.all([remote.call(1, 1), remote.call(1, 2), remote.call(2, 3)]);
	results.push(await remote.call(results[1] as number, results[2] as number));
	await new Promise((resolve) => {
		remote.socket.onclose = resolve;
		remote.socket.close();
	});
	return results.join(", ");
}
