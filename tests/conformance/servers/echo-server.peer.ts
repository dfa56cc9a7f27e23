/* npm's ws, which sends back what it gets: at /fragments in fragments of 1000 bytes. On this machine only. */
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const FRAGMENT = 1000;

function sendFragments(socket: WebSocket, data: Buffer, binary: boolean): void {
	let at = 0;
	for (; at + FRAGMENT < data.length; at += FRAGMENT) socket.send(data.subarray(at, at + FRAGMENT), { binary, fin: false });
	socket.send(data.subarray(at), { binary, fin: true });
}

/** Gives the port that the system chose. */
export async function startEchoServer(): Promise<number> {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
	server.on("connection", (socket, { url }) => {
		socket.on("error", () => {});
		socket.on("message", (data: Buffer, binary) => {
			if (url === "/fragments") sendFragments(socket, data, binary);
			else socket.send(data, { binary });
		});
	});
	await new Promise<void>((resolve, reject) => server.on("error", reject).on("listening", resolve));
	return (server.address() as AddressInfo).port;
}
