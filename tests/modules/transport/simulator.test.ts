/* The classic socket of the SDK's simulator, around that of the Linux device: what is read late is not lost. */
import { Listener, Socket } from "socket";
import { equal, test } from "test";
import { adopted, type ClassicSocket, opened } from "../../../modules/transport/simulator/classic-socket";
import { connect, freePort } from "../../hosts/shared/classic-ends";
import { Queue } from "../../hosts/shared/queue";

const DISCONNECTED = -1;
const CONNECTED = 1;
const READABLE = 2;

const told = (socket: ClassicSocket) => {
	const events = new Queue<number>();
	socket.callback = (message) => events.push(message);
	return events;
};

async function until(events: Queue<number>, wanted: number): Promise<void> {
	while ((await events.next()) !== wanted);
}

test("what was not read in the callback stays, before what comes later, and is read in pieces", async () => {
	const [client, server] = await connect();
	const socket = adopted(client.socket as unknown as ClassicSocket);
	const events = told(socket);
	server.socket.write(ArrayBuffer.fromString("one, "));
	await until(events, READABLE);
	equal(socket.read(), 5);
	server.socket.write(ArrayBuffer.fromString("two"));
	await until(events, READABLE);
	equal(socket.read(), 8);
	equal(String.fromArrayBuffer(socket.read(ArrayBuffer, 3)), "one");
	equal(String.fromArrayBuffer(socket.read(ArrayBuffer, 5)), ", two");
	equal(socket.read(), 0);
	server.socket.close();
	await until(events, DISCONNECTED);
	socket.close();
	socket.close();
});

test("a numeric address is its host", async () => {
	const port = freePort();
	const listener = new Listener({ port });
	const accepted: Socket[] = [];
	listener.callback = () => {
		const socket = new Socket({ listener });
		socket.callback = () => {};
		accepted.push(socket);
	};
	const socket = opened({ address: "127.0.0.1", port } as { address?: string });
	await until(told(socket), CONNECTED);
	equal((socket.write() ?? 0) > 0, true);
	socket.write(ArrayBuffer.fromString("x"));
	socket.close();
	listener.close();
	for (const one of accepted) one.close();
});

test("another class keeps by itself what was not read", () => {
	const other = { callback: () => {} } as unknown as ClassicSocket;
	equal(adopted(other), other);
});
