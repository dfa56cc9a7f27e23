/* npm's ws over TLS, and a certificate for another host. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { Authority } from "../../hosts/shared/certificates.peer.ts";

const authority = new Authority();

async function serve(names: string): Promise<number> {
	const https = createServer(authority.issue({ names })).listen(0, "127.0.0.1");
	const server = new WebSocketServer({ server: https, perMessageDeflate: false });
	server.on("connection", (socket, request) => {
		socket.on("error", () => {});
		if (request.url === "/host") socket.send(request.headers.host ?? "");
		socket.on("message", (data: Buffer, binary) => socket.send(data, { binary }));
	});
	await new Promise((listening) => https.on("listening", listening));
	return (https.address() as AddressInfo).port;
}

console.log(JSON.stringify({ ca: authority.own.cert, echo: await serve("DNS:localhost"), other: await serve("DNS:other.example") }));
authority.close();
