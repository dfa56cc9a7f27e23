/* The ECMA-419 listener. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { equal, ok, test, throws } from "test";
import { bytes, End, text } from "./ends";
import { Queue } from "./queue";

test("port 0 is any free port, and onReadable tells how many wait", async () => {
	const waiting = new Queue<number>();
	const listener = new Listener({
		onReadable(count) {
			equal(this, listener);
			waiting.push(count);
		},
	});
	ok(listener.port > 0);
	equal(listener.read(), undefined);
	const client = new End({ address: "127.0.0.1", port: listener.port });
	equal(await waiting.next(), 1);
	const tcp = listener.read() as TCP;
	ok(tcp instanceof TCP);
	equal(tcp.remoteAddress, "127.0.0.1");
	equal(listener.read(), undefined);
	tcp.close();
	client.close();
	listener.close();
});

test("an accepted TCP works without being adopted", async () => {
	const accepted = new Queue<TCP>();
	const listener = new Listener({
		onReadable() {
			accepted.push(this.read() as TCP);
		},
	});
	const client = new End({ address: "127.0.0.1", port: listener.port });
	const server = await accepted.next();
	server.write(bytes("hello"));
	await client.events.next();
	equal(await client.events.next(), "readable 5");
	equal(text(client.read()), "hello");
	server.close();
	equal(await client.events.next(), "error");
	client.close();
	listener.close();
});

test("connections that nobody takes wait, also beyond the listener's own queue", async () => {
	const count = 12;
	let tell = () => {};
	const told = new Promise<void>((resolve) => {
		tell = resolve;
	});
	const listener = new Listener({
		onReadable() {
			tell();
		},
	});
	const clients: End[] = [];
	for (let index = 0; index < count; index++) clients.push(new End({ address: "127.0.0.1", port: listener.port }));
	for (const client of clients) await client.events.next();
	await told;
	const servers: TCP[] = [];
	while (servers.length < count) {
		for (let tcp = listener.read(); tcp; tcp = listener.read()) servers.push(tcp);
		/* A round trip gives the listener time to take the next ones from the system. */
		const [client, server] = [clients[0] as End, servers[0] as TCP];
		client.write(bytes("x"));
		while (!(await client.events.next()).startsWith("writable"));
		server.read();
	}
	equal(servers.length, count);
	for (const each of [...clients, ...servers]) each.close();
	listener.close();
});

test("closing a listener refuses the connections that wait", async () => {
	const waiting = new Queue<number>();
	const listener = new Listener({
		onReadable(count) {
			waiting.push(count);
		},
	});
	const client = new End({ address: "127.0.0.1", port: listener.port });
	await waiting.next();
	await client.events.next();
	listener.close();
	listener.close();
	throws(() => listener.port, "closed");
	throws(() => listener.read(), "closed");
	equal(await client.events.next(), "error");
	client.close();
});

test("options are checked", () => {
	const listener = new Listener({ address: "127.0.0.1", target: 1 });
	equal(listener.target, 1);
	equal(listener.format, "socket/tcp");
	throws(() => {
		listener.format = "buffer" as never;
	}, RangeError);
	throws(() => new Listener({ port: listener.port, address: "127.0.0.1" }), "Address already in use");
	listener.close();
	throws(() => new Listener({ port: 65536 }), RangeError);
	throws(() => new Listener({ address: "here" }), "invalid address");
	throws(() => new Listener({ format: "buffer" as never }), RangeError);
	throws(() => new Listener({ onReadable: 1 as never }), "not a function");
});
