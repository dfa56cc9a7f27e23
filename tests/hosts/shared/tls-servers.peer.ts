/* TLS servers of Node's, each with a port of its own, and proxies that do to a connection what a network or an attacker may. */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import { endWithRunner, startChild } from "../../conformance/servers/child.peer.ts";

/** The port. */
async function listen(server: Server): Promise<number> {
	endWithRunner();
	server.on("connection", (socket: Socket) => socket.on("error", () => {}));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return typeof address === "object" && address ? address.port : 0;
}

/** A TLS server that hands each connection to `talk`, and to `failed` why a handshake failed. */
export function serveTls(options: TlsOptions, talk: (socket: TLSSocket) => void, failed = (_: Error) => {}): Promise<number> {
	const server = createTlsServer(options, (socket) => {
		socket.on("error", () => {});
		talk(socket);
	});
	server.on("tlsClientError", failed);
	return listen(server);
}

/** A TCP server. */
export const serve = (talk: (socket: Socket) => void): Promise<number> => listen(createServer(talk));

/**
 * A proxy in front of a port. What the server sends goes through `change`, which writes to the client what it likes, and may count
 * what it did in `state`; the server's end goes on to the client, unless `ends` is false.
 */
export const proxy = (
	port: number,
	change: (part: Buffer, client: Socket, state: { count: number }) => void,
	ends = true,
): Promise<number> =>
	serve((client) => {
		const state = { count: 0 };
		const server = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true });
		server.on("error", () => client.destroy());
		client.on("data", (part) => server.write(part));
		client.on("close", () => server.destroy());
		server.on("data", (part) => change(part, client, state));
		if (ends) server.on("end", () => client.end());
	});

/** The same, with a record of TLS at a time, its header included. */
export const recordProxy = (port: number, change: (record: Buffer, client: Socket) => void, ends = true): Promise<number> => {
	const rest = new WeakMap<Socket, Buffer>();
	const split = (part: Buffer, client: Socket) => {
		let bytes = Buffer.concat([rest.get(client) ?? Buffer.alloc(0), part]);
		while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt16BE(3)) {
			const end = 5 + bytes.readUInt16BE(3);
			change(bytes.subarray(0, end), client);
			bytes = bytes.subarray(end);
		}
		rest.set(client, bytes);
	};
	return proxy(port, split, ends);
};

/** Whether a record has one byte of an application's: with a tag, TLS 1.3's type or TLS 1.2's nonce. */
export const isEcho = (record: Buffer) => record[0] === 23 && [17, 18, 25].includes(record.length - 5);

/** The openssl program as a server, which checks a client's certificate as most servers do and Node's does not: in the handshake. */
export const serveOpenssl = (...options: string[]): Promise<number> =>
	startChild(["openssl", "s_server", "-accept", "127.0.0.1:0", ...options], (line) => {
		const [, port] = /^ACCEPT .*:(\d+)$/.exec(line) ?? [];
		return port === undefined ? undefined : Number(port);
	});

export const echo = (socket: Socket): void => {
	socket.pipe(socket);
};
