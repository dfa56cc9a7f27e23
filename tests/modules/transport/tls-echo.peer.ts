/* npm's ws over TLS 1.2 and over TLS 1.3: sends back what it gets. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TlsOptions } from "node:tls";
import { WebSocketServer } from "ws";
import { Authority } from "../../hosts/shared/certificates.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost,IP:127.0.0.1" });

async function serve(options: TlsOptions): Promise<number> {
	const https = createServer({ cert, key, ALPNProtocols: ["http/1.1"], ...options }).listen(0, "127.0.0.1");
	const server = new WebSocketServer({ server: https, perMessageDeflate: false });
	server.on("connection", (socket) => {
		socket.on("error", () => {});
		socket.on("message", (data: Buffer, binary) => socket.send(data, { binary }));
	});
	await new Promise((listening) => https.on("listening", listening));
	return (https.address() as AddressInfo).port;
}

const ports = { "TLSv1.2": await serve({ maxVersion: "TLSv1.2" }), "TLSv1.3": await serve({ minVersion: "TLSv1.3" }) };
console.log(JSON.stringify({ ca: authority.own.cert, ports }));
authority.close();
