/* A WebSocket whose events are written down, and can be waited for. */
import config from "mc/config";
import WebSocket, { type WebSocketOptions } from "websocket-web";

export const ports = config as unknown as { port: number; raw: number; refused: number };

export const urlOf = (path: string) => `ws://127.0.0.1:${ports.port}${path}`;
export const rawUrlOf = (path: string) => `ws://127.0.0.1:${ports.raw}${path}`;

export class Recorder {
	readonly ws: WebSocket;
	/** "open", "message hello", "error", "close 1000 bye clean": all that came, in its order. */
	readonly seen: string[] = [];
	/** Messages that nobody took yet. */
	readonly messages: (string | ArrayBuffer)[] = [];
	/** What the error event said. */
	failure = "";
	readonly opened: Promise<void>;
	readonly closed: Promise<void>;
	#wanted: ((message: string | ArrayBuffer) => void) | undefined;

	constructor(url: string, options?: WebSocketOptions | string | string[]) {
		const ws = new WebSocket(url, options);
		this.ws = ws;
		ws.binaryType = "arraybuffer";
		this.opened = new Promise((resolve) => {
			ws.addEventListener("open", () => {
				this.seen.push("open");
				resolve();
			});
			ws.addEventListener("close", () => resolve());
		});
		ws.addEventListener("message", ({ data }) => {
			this.seen.push(`message ${typeof data === "string" ? data : data.byteLength}`);
			const wanted = this.#wanted;
			this.#wanted = undefined;
			if (wanted) wanted(data);
			else this.messages.push(data);
		});
		ws.addEventListener("error", ({ message }) => {
			this.failure = message;
			this.seen.push(`error ${ws.readyState}`);
		});
		this.closed = new Promise((resolve) => {
			ws.addEventListener("close", ({ code, reason, wasClean }) => {
				this.seen.push(`close ${code} ${reason}${reason && " "}${wasClean ? "clean" : "not clean"}`);
				resolve();
			});
		});
	}

	/** The next message. */
	async next(): Promise<string | ArrayBuffer> {
		const message = this.messages.shift();
		if (message !== undefined) return message;
		return new Promise((resolve) => {
			this.#wanted = resolve;
		});
	}

	/** All that came, once it is over. */
	async end(): Promise<string> {
		await this.closed;
		return this.seen.join(", ");
	}
}

/** How the server saw the end of a connection before. */
export async function verdict(): Promise<string> {
	const asking = new Recorder(urlOf("/verdict"));
	const text = await asking.next();
	asking.ws.close();
	await asking.closed;
	return text as string;
}
