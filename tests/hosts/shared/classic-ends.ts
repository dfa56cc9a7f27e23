/* Both ends of a classic connection inside the device. */
import PortFinder from "embedded:io/socket/listener";
import { Listener, Socket } from "socket";
import { Queue } from "./queue";

/** What a socket's callback is told: "1", "2 5", "3 11680", "-1". */
export function record(socket: Socket): Queue<string> {
	const events = new Queue<string>();
	socket.callback = (message, value) => events.push(value === undefined ? `${message}` : `${message} ${value}`);
	return events;
}

/** A port nobody listens on; the classic Listener cannot tell the one it got. */
export function freePort(): number {
	const finder = new PortFinder({});
	const { port } = finder;
	finder.close();
	return port;
}

export interface End {
	socket: Socket;
	events: Queue<string>;
}

/** A client and the server's end of the same connection, both connected. */
export async function connect(): Promise<[End, End]> {
	const port = freePort();
	const incoming = new Queue<End>();
	const listener = new Listener({ port });
	listener.callback = () => {
		const socket = new Socket({ listener });
		incoming.push({ socket, events: record(socket) });
	};
	const socket = new Socket({ address: "127.0.0.1", port });
	const client = { socket, events: record(socket) };
	const server = await incoming.next();
	await client.events.next();
	await server.events.next();
	listener.close();
	return [client, server];
}
