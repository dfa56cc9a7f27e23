/* npm's ws over TLS. The authority that vouches for it is in the device's configuration, as an app's manifest would have it. */
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { Authority } from "../../hosts/shared/certificates.peer.ts";

const authority = new Authority();
const stranger = new Authority("Somebody Else");

async function serve(by: Authority, names: string): Promise<number> {
	const { cert, key } = by.issue({ names });
	const https = createServer({ cert, key }).listen(0, "127.0.0.1");
	const server = new WebSocketServer({ server: https, perMessageDeflate: false });
	server.on("connection", (socket: WebSocket, { headers }) => {
		socket.on("error", () => {});
		socket.on("message", (data: Buffer, binary) => socket.send(data, { binary }));
		socket.send(JSON.stringify({ host: headers.host, authorization: headers.authorization }));
	});
	await new Promise((listening) => https.on("listening", listening));
	return (https.address() as AddressInfo).port;
}

const ports = {
	good: await serve(authority, "DNS:localhost,IP:127.0.0.1"),
	elsewhere: await serve(authority, "DNS:elsewhere.example"),
	unknown: await serve(stranger, "DNS:localhost"),
};
console.log(JSON.stringify({ ports, strangers: stranger.own.cert, webSocket: { secure: { certificate: authority.own.cert } } }));
authority.close();
stranger.close();
