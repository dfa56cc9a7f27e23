/* npm's ws, which sends back what it gets: at /fragments in fragments of 1000 bytes. On this machine only. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const FRAGMENT = 1000;

function sendFragments(socket: WebSocket, data: Buffer, binary: boolean): void {
	let at = 0;
	for (; at + FRAGMENT < data.length; at += FRAGMENT) socket.send(data.subarray(at, at + FRAGMENT), { binary, fin: false });
	socket.send(data.subarray(at), { binary, fin: true });
}

/** Gives the port that the system chose. `http`: a server of its own, as one with TLS. */
export async function startEchoServer(http: Server = createServer()): Promise<number> {
	const server = new WebSocketServer({ server: http, perMessageDeflate: false });
	server.on("connection", (socket, { url }) => {
		socket.on("error", () => {});
		socket.on("message", (data: Buffer, binary) => {
			if (url === "/fragments") sendFragments(socket, data, binary);
			else socket.send(data, { binary });
		});
	});
	await new Promise<void>((resolve, reject) => http.on("error", reject).listen(0, "127.0.0.1", resolve));
	return (http.address() as AddressInfo).port;
}
