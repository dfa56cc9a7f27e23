/* The classic securesocket against Node's TLS. */
import config from "mc/config";
import SecureSocket from "securesocket";
import { Socket } from "socket";
import { deepEqual, equal, ok, test, throws } from "test";
import { Queue } from "./queue";
import { best, each } from "./tls-versions";

// biome-ignore lint/suspicious/noExplicitAny: what the peer printed, names to ports and texts.
const peer = config as any;

type Event = [message: number, value?: unknown];

/** A connection to a port of the peer's, and what it is told. */
function connect(port: number, more: object = {}): [SecureSocket, Queue<Event>] {
	const events = new Queue<Event>();
	const socket = new SecureSocket({ host: "localhost", port, secure: { certificate: peer.ca }, ...more });
	socket.callback = (message, value) => {
		events.push(value === undefined ? [message] : [message, value]);
	};
	return [socket, events];
}

async function next(events: Queue<Event>, message: number): Promise<unknown> {
	for (;;) {
		const [told, value] = await events.next();
		if (told === message) return value;
		if (told !== Socket.writable) throw new Error(`told ${told} (${JSON.stringify(value)}), not ${message}`);
	}
}

for (const [version, port] of each(["TLSv1.2", peer.echo12], ["TLSv1.3", peer.echo13]))
	test(`${version}: connected, and what is written comes back`, async () => {
		const [socket, events] = connect(port);
		deepEqual(await events.next(), [Socket.connected]);
		equal(socket.protocol, version);
		ok(socket.write() > 8000);
		socket.write("hello ", 119, Uint8Array.of(111, 114), ArrayBuffer.fromString("ld"));
		equal(await next(events, Socket.readable), 11);
		equal(socket.read(), 11);
		equal(socket.read(String), "hello world");
		equal(socket.read(), 0);
		equal(socket.read(String), undefined);
		socket.close();
	});

test("read: up to a character, a count, a number, a buffer, and what to skip", async () => {
	const [socket, events] = connect(peer.polite);
	await events.next();
	equal(await next(events, Socket.readable), 17);
	equal(socket.read(String, "\n"), "first line\n");
	equal(socket.read(Number), 115);
	equal(socket.read(null, 1), 1);
	equal((socket.read(ArrayBuffer, 2) as ArrayBuffer).byteLength, 2);
	throws(() => socket.read(Map as unknown as StringConstructor), "unsupported output type");
	equal(socket.read(String, "?"), "nd");
	equal(await next(events, Socket.disconnected), undefined);
	throws(() => socket.write("x"), "closed");
});

test("a record is offered 1,024 bytes at a time", async () => {
	const [socket, events] = connect(peer.long);
	await events.next();
	const sizes: number[] = [];
	for (let left = 5000; left > 0; left -= sizes.at(-1) as number) {
		sizes.push((await next(events, Socket.readable)) as number);
		equal(socket.read(String), "z".repeat(sizes.at(-1) as number));
	}
	deepEqual(sizes, [1024, 1024, 1024, 1024, 904]);
	await next(events, Socket.disconnected);
});

test("writable tells the room; more than that is refused as a whole", async () => {
	const [socket, events] = connect(best(peer.echo12, peer.echo13));
	equal(socket.write(), 0);
	throws(() => socket.write("early"), "not ready");
	await events.next();
	const room = socket.write();
	throws(() => socket.write(new ArrayBuffer(room), 1), "would block");
	socket.write(new ArrayBuffer(room));
	// But for what records would be longer by if they were short ones.
	ok(socket.write() < 512, "it is full");
	/* What comes back may be told before. */
	let event: Event;
	do event = await events.next();
	while (event[0] === Socket.readable);
	equal(event[0], Socket.writable);
	ok(event[1] as number);
	socket.close();
	socket.close();
	throws(() => socket.read(), "closed");
});

test("ALPN, and another name than the host's", async () => {
	const secure = { certificate: peer.ca, tls_server_name: "localhost", tls_application_layer_protocol_negotiation: ["mqtt"] };
	const [socket, events] = connect(best(peer.echo12, peer.echo13), { host: "127.0.0.1", secure });
	await events.next();
	equal(socket.alpn, "mqtt");
	socket.close();
});

test("a failure of TLS comes with its name; one of the connection without", async () => {
	const failure = async (port: number) => {
		const [socket, events] = connect(port);
		let event = await events.next();
		if (event[0] === Socket.connected) {
			socket.write("x");
			do event = await events.next();
			while (event[0] === Socket.writable);
		}
		const fault = event[1] as { name: string; message: string } | undefined;
		throws(() => socket.write(), "closed");
		return [event[0], fault && `${fault.name}: ${fault.message}`];
	};
	deepEqual(await failure(peer.wrong), [Socket.error, "WRONG_HOST: the certificate is for other.example, not for localhost"]);
	deepEqual(await failure(peer.plain), [Socket.error, "NOT_TLS: the peer's answer is not TLS"]);
	deepEqual(await failure(peer.cut), [Socket.error, "TRUNCATED: the connection ended without TLS's goodbye"]);
	deepEqual(await failure(peer.reset), [Socket.error, undefined]);
	deepEqual(await failure(1), [Socket.error, undefined]);
});

test("over a socket that is there already", async () => {
	const sock = new Socket({ host: "localhost", port: peer.echo12 });
	const [socket, events] = connect(0, { sock });
	await events.next();
	socket.write("through");
	equal(await next(events, Socket.readable), 7);
	equal(socket.read(String), "through");
	socket.close();
});

test("options that cannot be used throw", () => {
	throws(() => connect(1, { secure: { certificate: "x" } }), "secure.certificate");
	throws(() => new SecureSocket({ address: "nowhere", port: 1 }), "invalid IP address");
});
