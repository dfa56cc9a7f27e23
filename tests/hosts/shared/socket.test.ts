/* The classic socket as lwIP has it, between two ends inside the device. */
import { Listener, Socket } from "socket";
import { equal, ok, test, throws } from "test";
import { connect, freePort, record } from "./classic-ends";
import { Queue } from "./queue";

const sendBuffer = 8 * 1460;
const text = (buffer: ArrayBuffer): string => String.fromArrayBuffer(buffer);

test("both ends are told 1, also the accepted one", async () => {
	const port = freePort();
	const listener = new Listener({ port });
	const told = new Queue<string>();
	listener.callback = function (...values: unknown[]) {
		equal(this, listener);
		equal(values[0], 1);
		const server = new Socket({ listener });
		server.callback = function (message, value) {
			equal(this, server);
			told.push(`${message} ${value}`);
		};
	};
	const client = new Socket({ address: "127.0.0.1", port, noDelay: true, keepalive: { idle: 60_000, interval: 30_000, count: 4 } });
	const events = record(client);
	equal(await events.next(), "1");
	equal(await told.next(), "1 undefined");
	equal(client.get("REMOTE_IP"), "127.0.0.1");
	equal(client.get("else" as never), undefined as never);
	client.close();
	equal(await told.next(), "-1 undefined");
	listener.close();
	listener.close();
});

test("the constants of the SDK", () => {
	equal(Socket.connected, 1);
	equal(Socket.readable, 2);
	equal(Socket.writable, 3);
	equal(Socket.disconnected, -1);
	equal(Socket.error, -2);
});

test("read as String, Number, ArrayBuffer, or nothing, with a count or a terminator", async () => {
	const [client, server] = await connect();
	equal(server.socket.read(), 0);
	throws(() => server.socket.read(String), "nothing to read");
	client.socket.write("one two\nthree", 0, 255, Uint8Array.of(1, 2, 3), ArrayBuffer.fromString("tail"));
	equal(await server.events.next(), "2 22");
	const { socket } = server;
	equal(socket.read(), 22);
	equal(socket.read(Number), 111);
	equal(socket.read(String, 2), "ne");
	equal(socket.read(), 19);
	equal(socket.read(null, 1) as never, 1);
	equal(socket.read(String, "\n"), "two\n");
	equal(socket.read(String, "e"), "thre");
	equal(text(socket.read(ArrayBuffer, 1)), "e");
	equal(socket.read(Number), 0);
	equal(socket.read(Number), 255);
	equal(new Uint8Array(socket.read(ArrayBuffer, "\x03")).join(), "1,2,3");
	throws(() => socket.read(Object as never), "unsupported output type");
	throws(() => socket.read(5 as never), "unsupported output type");
	equal(socket.read(String, 0), "");
	equal(text(socket.read(ArrayBuffer, 100)), "tail");
	equal(socket.read(), 0);
	throws(() => socket.read(Number), "nothing to read");
	client.socket.close();
	server.socket.close();
});

test("data comes in fragments of at most 1,460 bytes, the next when the last is used up", async () => {
	const [client, server] = await connect();
	client.socket.write(new Uint8Array(3000).fill(7));
	equal(await client.events.next(), `3 ${sendBuffer}`);
	equal(await server.events.next(), "2 1460");
	server.socket.read(null, 1459);
	/* More comes, and is not offered while a byte of the fragment is left. */
	client.socket.write("more");
	await client.events.next();
	client.socket.write("!");
	await client.events.next();
	equal(server.events.length, 0);
	equal(server.socket.read(), 1);
	equal(server.socket.read(Number), 7);
	equal(server.socket.read(), 0);
	equal(await server.events.next(), "2 1460");
	server.socket.read(null);
	equal(await server.events.next(), "2 85");
	server.socket.read(null, 80);
	equal(server.socket.read(String), "more!");
	client.socket.close();
	equal(await server.events.next(), "-1");
	server.socket.close();
});

test("write is all or nothing", async () => {
	const [client, server] = await connect();
	const { socket } = client;
	equal(socket.write(), sendBuffer);
	throws(() => socket.write(new ArrayBuffer(sendBuffer + 1)), "can't write all data");
	throws(() => socket.write("x", new ArrayBuffer(sendBuffer)), "can't write all data");
	throws(() => socket.write("x", undefined as never), "unsupported type");
	throws(() => socket.write("x", new Uint16Array(2) as never), TypeError);
	equal(socket.write(), sendBuffer);
	socket.write(new ArrayBuffer(100), "text", 1);
	equal(socket.write(), sendBuffer - 105);
	equal(await client.events.next(), `3 ${sendBuffer}`);
	equal(socket.write(), sendBuffer);
	equal(await server.events.next(), "2 105");
	socket.close();
	server.socket.close();
});

test("the end is told after the last byte is read; writing still works then", async () => {
	const [client, server] = await connect();
	client.socket.write("bye");
	client.socket.close();
	equal(await server.events.next(), "2 3");
	const [other, end] = await connect();
	other.socket.close();
	equal(await end.events.next(), "-1");
	end.socket.close();
	equal(server.events.length, 0);
	equal(server.socket.read(String), "bye");
	equal(await server.events.next(), "-1");
	equal(server.socket.write(), sendBuffer);
	server.socket.write("into the void");
	server.socket.close();
});

test("a refused connection is an error", async () => {
	const socket = new Socket({ address: "127.0.0.1", port: freePort() });
	const events = record(socket);
	equal(await events.next(), "-2");
	equal(socket.write(), 0);
	socket.write("dropped");
	equal(socket.read(), 0);
	equal(socket.get("REMOTE_IP"), undefined as never);
	socket.close();
});

test("closing with bytes unread resets the peer", async () => {
	const [client, server] = await connect();
	client.socket.write("unread");
	await server.events.next();
	await client.events.next();
	server.socket.close();
	equal(await client.events.next(), "-2");
	client.socket.close();
});

test("what is written while connecting is sent", async () => {
	const port = freePort();
	const listener = new Listener({ port, address: "127.0.0.1" });
	const socket = new Socket({ address: "127.0.0.1", port });
	socket.write("early");
	equal(socket.write(), sendBuffer - 5);
	const received = await new Promise<string>((resolve) => {
		listener.callback = () => {
			const server = new Socket({ listener });
			server.callback = function (message) {
				if (message !== 2) return;
				resolve(this.read(String));
				this.close();
			};
		};
		socket.callback = () => {};
	});
	equal(received, "early");
	socket.close();
	listener.close();
});

test("a host is resolved without blocking; a literal needs no resolving", async () => {
	const port = freePort();
	const listener = new Listener({ port });
	listener.callback = () => {
		const server = new Socket({ listener });
		server.callback = function (message) {
			if (message === -1) this.close();
		};
	};
	for (const host of ["localhost", "127.0.0.1"]) {
		const socket = new Socket({ host, port });
		const events = record(socket);
		equal(await events.next(), "1");
		equal(socket.get("REMOTE_IP"), "127.0.0.1");
		socket.close();
	}
	listener.close();
});

test("a host without an address is an error", async () => {
	const socket = new Socket({ host: "nobody.invalid", port: 1 });
	equal(await record(socket).next(), "-2");
	socket.close();
});

test("writing before the host is resolved is an error, as on lwIP", async () => {
	const socket = new Socket({ host: "localhost", port: freePort() });
	const events = record(socket);
	socket.write("too early");
	equal(await events.next(), "-2");
	socket.close();
});

test("closing while a host is resolved tells nothing", async () => {
	const socket = new Socket({ host: "nobody.invalid", port: 1 });
	const events = record(socket);
	socket.close();
	const other = new Socket({ host: "elsewhere.invalid", port: 1 });
	equal(await record(other).next(), "-2");
	other.close();
	equal(events.length, 0);
});

test("the callback may be another one for each message", async () => {
	const [client, server] = await connect();
	client.socket.write("a");
	const first = await new Promise<string>((resolve) => {
		server.socket.callback = function () {
			resolve(this.read(String));
		};
	});
	client.socket.write("b");
	const second = await new Promise<string>((resolve) => {
		server.socket.callback = function () {
			resolve(`second ${this.read(String)}`);
		};
	});
	equal(first + second, "asecond b");
	client.socket.close();
	server.socket.close();
});

test("close in each callback, and twice", async () => {
	const after: number[] = [];
	const closesAt = (socket: Socket, wanted: number) =>
		new Promise<void>((resolve) => {
			let closed = false;
			socket.callback = function (message) {
				if (closed) after.push(message);
				if (message !== wanted) return;
				this.close();
				this.close();
				closed = true;
				resolve();
			};
		});
	const [first, second] = await connect();
	first.socket.write("x");
	await closesAt(first.socket, 3);
	second.socket.close();
	const [writer, reader] = await connect();
	writer.socket.write("x");
	await closesAt(reader.socket, 2);
	writer.socket.close();

	const port = freePort();
	const listener = new Listener({ port });
	listener.callback = function () {
		new Socket({ listener }).callback = function () {
			this.close();
		};
		this.close();
	};
	await closesAt(new Socket({ address: "127.0.0.1", port }), 1);
	await closesAt(new Socket({ address: "127.0.0.1", port }), -2);
	const [third, fourth] = await connect();
	third.socket.close();
	await closesAt(fourth.socket, -1);
	equal(after.length, 0);
});

test("a closed socket refuses everything but close", async () => {
	const [client, server] = await connect();
	server.socket.close();
	server.socket.close();
	throws(() => server.socket.read(), "read on closed socket");
	throws(() => server.socket.write(), "write on closed socket");
	throws(() => server.socket.write("x"), "write on closed socket");
	throws(() => server.socket.get("REMOTE_IP"), "get on closed socket");
	client.socket.close();
});

test("a suspended socket is told when it is resumed", async () => {
	const [client, server] = await connect();
	equal(server.socket.suspend(), false);
	equal(server.socket.suspend(true), true);
	throws(() => server.socket.write("x"), "suspended");
	client.socket.write("x");
	await client.events.next();
	const [other, end] = await connect();
	other.socket.close();
	end.socket.close();
	equal(server.events.length, 0);
	server.socket.suspend(false);
	equal(await server.events.next(), "2 1");
	client.socket.close();
	server.socket.close();
});

test("options are checked", () => {
	throws(() => new Socket({ port: 1 }), "no host or address");
	throws(() => new Socket({ address: "localhost", port: 1 }), "invalid IP address");
	throws(() => new Socket({ address: "127.0.0.1", port: 65536 }), RangeError);
	throws(() => new Socket({ port: 1, kind: "UDP" } as never), "no UDP sockets");
	throws(() => new Socket({ port: 1, kind: "RAW" } as never), "no RAW sockets");
	throws(() => new Socket({ port: 1, kind: "else" } as never), "invalid socket kind");
	const port = freePort();
	const listener = new Listener({ port });
	throws(() => new Socket({ listener }), "no socket available from listener");
	throws(() => new Listener({ port, address: "127.0.0.1" }), "Address already in use");
	throws(() => new Listener({ port, address: "here" }), "invalid IP address");
	listener.close();
	throws(() => new Socket({ listener }), "listener is closed");
	throws(() => new Socket({ listener: {} as never }));
});

test("sockets nobody refers to live while they are open", async () => {
	const port = freePort();
	const listener = new Listener({ port });
	let echoed = 0;
	listener.callback = () => {
		new Socket({ listener }).callback = function (message) {
			if (message === 2) this.write(this.read(ArrayBuffer));
			if (message === -1) this.close();
		};
	};
	await new Promise<void>((resolve) => {
		new Socket({ address: "127.0.0.1", port }).callback = function (message) {
			if (message === 1) this.write("x");
			if (message !== 2) return;
			/* Makes the collector run. */
			const garbage = new Array(100).fill(0).map((_, index) => `${index}`);
			ok(garbage.length === 100);
			this.write(this.read(ArrayBuffer));
			if (++echoed < 200) return;
			this.close();
			resolve();
		};
	});
	listener.close();
	equal(echoed, 200);
});
