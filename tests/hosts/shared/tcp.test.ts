/* ECMA-419 TCP as lwIP has it, between two ends inside the device. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { equal, ok, test, throws } from "test";
import { bytes, connect, End, text } from "./ends";

const sendBuffer = 8 * 1460;

test("a connection is told as writable, with the whole send buffer free", async () => {
	const listener = new Listener({});
	const client = new End({ address: "127.0.0.1", port: listener.port });
	throws(() => client.write(bytes("early")), "not ready");
	equal(await client.events.next(), `writable ${sendBuffer}`);
	equal(client.remoteAddress, "127.0.0.1");
	equal(client.remotePort, listener.port);
	client.close();
	listener.close();
});

test("write copies and returns the room left; all of several writes arrive", async () => {
	const [client, server] = await connect();
	const data = bytes("abc");
	equal(client.write(data), sendBuffer - 3);
	new Uint8Array(data).fill(0);
	equal(client.write(bytes("def")), sendBuffer - 6);
	equal(await client.events.next(), `writable ${sendBuffer}`);
	equal(await server.events.next(), "readable 6");
	equal(text(server.read()), "abcdef");
	client.close();
	server.close();
});

test("write is all or nothing", async () => {
	const [client, server] = await connect();
	throws(() => client.write(new Uint8Array(sendBuffer + 1)), "would block");
	equal(client.write(new Uint8Array(sendBuffer)), 0);
	throws(() => client.write(bytes("x")), "would block");
	equal(client.write(new Uint8Array(0)), 0);
	let received = 0;
	while (received < sendBuffer) {
		await server.events.next();
		received += (server.read() as ArrayBuffer).byteLength;
	}
	equal(received, sendBuffer);
	client.close();
	server.close();
});

test("read takes all, a number of bytes, or fills a buffer; never more than there are", async () => {
	const [client, server] = await connect();
	equal(server.read(), undefined);
	equal(server.read(new Uint8Array(1)), undefined as never);
	client.write(bytes("0123456789"));
	equal(await server.events.next(), "readable 10");
	throws(() => server.read(11), "invalid");
	throws(() => server.read(0), "invalid");
	throws(() => server.read(new Uint8Array(11)), "invalid");
	throws(() => server.read(new Uint8Array(0)), "invalid");
	throws(() => server.read(new Uint16Array(1) as never), TypeError);
	equal(text(server.read(2)), "01");
	const whole = new ArrayBuffer(4);
	equal(server.read(new Uint8Array(whole, 1, 2)), 2);
	equal(server.read(new DataView(whole, 0, 1)), 1);
	equal(text(whole.slice(0, 3)), "423");
	equal(server.read(whole), 4);
	equal(text(whole), "5678");
	equal(text(server.read()), "9");
	equal(server.read(), undefined);
	client.close();
	server.close();
});

test("what is unread stays, and is told again with what comes next", async () => {
	const [client, server] = await connect();
	client.write(bytes("abc"));
	equal(await server.events.next(), "readable 3");
	client.write(bytes("de"));
	equal(await server.events.next(), "readable 5");
	equal(text(server.read()), "abcde");
	client.close();
	server.close();
});

test("format number moves a byte a call, and can be set", async () => {
	const [client, server] = await connect();
	equal(client.format, "buffer");
	client.format = "number";
	server.format = "number";
	equal(server.read(), undefined);
	equal(client.write(0x141), sendBuffer - 1);
	equal(client.write(255), sendBuffer - 2);
	await server.events.next();
	equal(server.read(), 0x41);
	equal(server.read(), 255);
	equal(server.read(), undefined);
	throws(() => {
		client.format = "string" as never;
	}, RangeError);
	equal(client.format, "number");
	client.close();
	server.close();
});

test("the peer's end is told as an error after the last byte is read", async () => {
	const [client, server] = await connect();
	client.write(bytes("bye"));
	client.close();
	equal(await server.events.next(), "readable 3");
	equal(text(server.read(1)), "b");
	equal(server.events.length, 0);
	equal(text(server.read()), "ye");
	equal(await server.events.next(), "error");
	throws(() => server.write(bytes("x")), "not ready");
	equal(server.read(), undefined);
	server.close();
});

test("closing with bytes unread resets the peer", async () => {
	const [client, server] = await connect();
	client.write(bytes("unread"));
	await client.events.next();
	await server.events.next();
	server.close();
	equal(await client.events.next(), "error");
	client.close();
});

test("a refused connection is an error", async () => {
	const listener = new Listener({});
	const { port } = listener;
	listener.close();
	const client = new End({ address: "127.0.0.1", port });
	equal(await client.events.next(), "error");
	equal(client.remoteAddress, undefined);
	client.close();
});

test("a socket is adopted with its unread bytes, and the first owner is closed", async () => {
	const [client, server] = await connect();
	client.write(bytes("early"));
	await server.events.next();
	const adopted = new End({ from: server });
	throws(() => server.read(), "closed");
	server.close();
	equal(await adopted.events.next(), "readable 5");
	equal(await adopted.events.next(), `writable ${sendBuffer}`);
	equal(text(adopted.read()), "early");
	throws(() => new TCP({ from: server }), "invalid from");
	throws(() => new TCP({ from: {} as never }));
	client.close();
	equal(await adopted.events.next(), "error");
	const late = new End({ from: adopted });
	equal(await late.events.next(), "error");
	late.close();
});

test("a connection is adopted while it is being made", async () => {
	const listener = new Listener({});
	const first = new TCP({ address: "127.0.0.1", port: listener.port });
	const client = new End({ from: first });
	equal(await client.events.next(), `writable ${sendBuffer}`);
	client.close();
	listener.close();
});

test("close in each callback, and twice", async () => {
	const listener = new Listener({
		onReadable() {
			const server = this.read();
			this.close();
			this.close();
			if (server) new TCP({ from: server, onWritable: closeTwice });
		},
	});
	const closed: string[] = [];
	function closeTwice(this: TCP): void {
		this.close();
		this.close();
		closed.push("server");
	}
	await new Promise<void>((resolve) => {
		new TCP({
			address: "127.0.0.1",
			port: listener.port,
			onError() {
				closeTwice.call(this);
				resolve();
			},
		});
	});
	equal(closed.length, 2);

	const [client, server] = await connect();
	client.write(bytes("x"));
	await server.events.next();
	await new Promise<void>((resolve) => {
		new TCP({
			from: server,
			onReadable() {
				closeTwice.call(this);
				resolve();
			},
			onWritable() {
				closed.push("told after close");
			},
		});
	});
	client.close();
	equal(closed.length, 3);
});

test("a closed socket refuses everything but close", async () => {
	const [client, server] = await connect();
	client.close();
	client.close();
	throws(() => client.read(), "closed");
	throws(() => client.write(bytes("x")), "closed");
	throws(() => client.remoteAddress, "closed");
	throws(() => client.format, "closed");
	server.close();
});

test("options are checked", () => {
	throws(() => new TCP({ address: "localhost", port: 1 }), "invalid address");
	throws(() => new TCP({ port: 1 } as never), "invalid address");
	throws(() => new TCP({ address: "127.0.0.1" } as never), "invalid port");
	throws(() => new TCP({ address: "127.0.0.1", port: 65536 }), RangeError);
	throws(() => new TCP({ address: "127.0.0.1", port: -1 }), RangeError);
	throws(() => new TCP({ address: "127.0.0.1", port: 1, format: "string" as never }), RangeError);
	throws(() => new TCP({ address: "127.0.0.1", port: 1, onError: 1 as never }), "not a function");
	throws(() => new (TCP as unknown as new () => TCP)().write(bytes("x")), "not ready");
	equal(new (TCP as unknown as new () => TCP)().read(), undefined);
});

test("target is kept, and this is the socket in callbacks", async () => {
	const listener = new Listener({ target: "l" });
	equal(listener.target, "l");
	const client = await new Promise<TCP>((resolve) => {
		new TCP({
			address: "127.0.0.1",
			port: listener.port,
			nodelay: true,
			target: 5,
			onWritable() {
				resolve(this);
			},
		});
	});
	ok(client instanceof TCP);
	equal(client.target, 5);
	client.close();
	listener.close();
});
