/* TLS servers of Node's, each with a port of its own, and proxies that do to a connection what a network or an attacker may. */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** Listens, and closes with everything else. */
async function listen(server: Server): Promise<number> {
	servers.push(server);
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => {});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	return typeof address === "object" && address ? address.port : 0;
}

/** A TLS server that hands each connection to `talk`. */
export function serveTls(options: TlsOptions, talk: (socket: TLSSocket) => void): Promise<number> {
	const server = createTlsServer(options, (socket) => {
		socket.on("error", () => {});
		talk(socket);
	});
	server.on("tlsClientError", () => {});
	return listen(server);
}

/** A TCP server. */
export const serve = (talk: (socket: Socket) => void): Promise<number> => listen(createServer(talk));

/**
 * A proxy in front of a port. What the server sends goes through `change`, which is called with each part and writes to the client what
 * it likes.
 */
export const proxy = (port: number, change: (part: Buffer, client: Socket, state: { count: number }) => void): Promise<number> =>
	serve((client) => {
		const state = { count: 0 };
		const server = createConnection(port, "127.0.0.1");
		sockets.add(server);
		server.on("error", () => client.destroy());
		client.on("error", () => server.destroy());
		client.on("data", (part) => server.write(part));
		client.on("close", () => server.destroy());
		server.on("data", (part) => change(part, client, state));
		server.on("end", () => client.end());
	});

export const echo = (socket: Socket): void => {
	socket.pipe(socket);
};

export function closeAll(): void {
	for (const server of servers) server.close();
	for (const socket of sockets) socket.destroy();
}
