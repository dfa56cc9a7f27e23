/* TLS servers of Node's, each with a port of its own, and proxies that do to a connection what a network or an attacker may. */
import { type ChildProcess, spawn } from "node:child_process";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";

const servers: Server[] = [];
const sockets = new Set<Socket>();
const children = new Set<ChildProcess>();

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
 * A proxy in front of a port. What the server sends goes through `change`, which writes to the client what it likes; the server's end
 * goes on to the client, unless `ends` is false.
 */
export const proxy = (port: number, change: (part: Buffer, client: Socket) => void, ends = true): Promise<number> =>
	serve((client) => {
		const server = createConnection({ port, host: "127.0.0.1", allowHalfOpen: true });
		sockets.add(server);
		server.on("error", () => client.destroy());
		client.on("data", (part) => server.write(part));
		client.on("close", () => server.destroy());
		server.on("data", (part) => change(part, client));
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
export async function serveOpenssl(...options: string[]): Promise<number> {
	const child = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", ...options], { stdio: ["pipe", "pipe", "ignore"] });
	children.add(child);
	for await (const line of createInterface({ input: child.stdout })) {
		const [, port] = /^ACCEPT .*:(\d+)$/.exec(line) ?? [];
		if (port) {
			child.stdout.resume();
			return Number(port);
		}
	}
	throw new Error("openssl s_server ended");
}

export const echo = (socket: Socket): void => {
	socket.pipe(socket);
};

export function closeAll(): void {
	for (const server of servers) server.close();
	for (const socket of sockets) socket.destroy();
	for (const child of children) child.kill();
}
