/* A WebSocket server to talk to when none is given: sends back what it gets, on this machine only. */
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

export interface EchoServer {
	url: string;
	close(): Promise<void>;
}

export function startEchoServer(): Promise<EchoServer> {
	return new Promise((resolve, reject) => {
		const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
		server.on("error", reject);
		server.on("connection", (socket) => {
			socket.on("error", () => {});
			socket.on("message", (data, binary) => socket.send(data, { binary }));
		});
		server.on("listening", () => {
			const { port } = server.address() as AddressInfo;
			resolve({ url: `ws://127.0.0.1:${port}/`, close });
		});
		async function close(): Promise<void> {
			for (const socket of server.clients) socket.terminate();
			await new Promise((closed) => server.close(closed));
		}
	});
}
