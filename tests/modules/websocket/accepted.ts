/* Clients for the device's servers: raw ones, and those of npm's ws beside register.peer.ts. */
import config from "mc/config";
import { ok } from "test";
import type { WebsocketRegistration } from "websocket";
import type { Kind } from "./client";
import { Incoming, Raw, Server } from "./pair";

/** §1.3's example. */
export const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

export const requestOf = (lines: string, path = "/chat") =>
	`GET ${path} HTTP/1.1\r\nHost: device:80\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${KEY}Sec-WebSocket-Version: 13\r\n${lines}\r\n`;

/** What a client of npm's ws on Node saw. */
export interface Seen {
	status: number;
	headers: Record<string, string>;
	protocol: string;
	/** Messages, pings and pongs, in their order. */
	seen: string[];
	code: number;
	reason: string;
	error: string;
	/** The server ended the TCP connection. */
	ended: boolean;
}

/** See the peer. The server has to close its transport: ws waits for that. */
export async function wsClient(port: number, path: string, task: object = { close: 1000 }): Promise<Seen> {
	const control = new Raw({ address: "127.0.0.1", port: config.control });
	await control.say(`${JSON.stringify({ port, path, ...task })}\n`);
	const line = await control.end();
	control.close();
	return JSON.parse(line);
}

/** A raw client and the server for it. */
export async function accepted(kind: Kind, options: WebsocketRegistration = {}): Promise<{ raw: Raw; server: Server; close(): void }> {
	const incoming = new Incoming(kind);
	const raw = new Raw({ address: "127.0.0.1", port: incoming.port });
	const server = new Server(await incoming.next(), options);
	incoming.close();
	ok(server.ws > 0, String(server.ws));
	return {
		raw,
		server,
		close() {
			raw.close();
			server.transport.close();
		},
	};
}

/** The same, and the handshake is done. */
export async function upgraded(kind: Kind, options: WebsocketRegistration = {}): Promise<{ raw: Raw; server: Server; close(): void }> {
	const side = await accepted(kind, options);
	await side.raw.say(requestOf(""));
	await side.raw.head();
	side.raw.text = "";
	return side;
}
