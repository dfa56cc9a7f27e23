/* A stream that never comes about: for what a WebSocket does by itself. */
import type { Transport } from "transport/transport";
import WebSocket, { type WebSocketOptions } from "websocket-web";

class Silent implements Transport {
	start(): boolean {
		return true;
	}
	stop(): void {}
	read(): number {
		return 0;
	}
	write(): number {
		return 0;
	}
	close(): void {}
}

/** Beside other options: connects to nothing. */
export const silent: WebSocketOptions = { transport: () => new Silent() };

/** A WebSocket that stays as it is made until it is closed. */
export const idle = (url: string, options: WebSocketOptions = {}) => new WebSocket(url, { ...silent, ...options });

/** Gives up a connection and waits until it has ended, so that its place is free for the next. */
export const ended = (ws: WebSocket) =>
	new Promise<void>((resolve) => {
		ws.addEventListener("close", () => resolve());
		ws.close();
	});
