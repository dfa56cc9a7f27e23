/* What an app of the classic Client does and is told, with npm's ws at the other end. */
import { counters } from "device";
import Instrumentation from "instrumentation";
import config from "mc/config";
import { Socket } from "socket";
import { deepEqual, equal, ok, test, throws } from "test";
import Timer from "timer";
import classic, { Client, Server } from "websocket-classic";
import { requestOf } from "websocket-classic/options";
import { App, Log, ports, verdict } from "./app";

const variant = String((config as { variant?: string }).variant);
const TIMES = variant.includes("stress") ? 20 : /sanitize|mps2/.test(variant) ? 300 : 3000;
const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;
const later = () => new Promise<void>((resolve) => Timer.set(() => resolve()));
const counting = (length: number) => new Uint8Array(length).map((_, i) => (i * 7 + (i >> 8)) & 255);

test("the numbers of the classes", () => {
	deepEqual([Client.connect, Client.handshake, Client.receive, Client.disconnect], [1, 2, 3, 4]);
	deepEqual([Server.connect, Server.handshake, Server.receive, Server.disconnect, Server.subprotocol], [1, 2, 3, 4, 5]);
	equal(classic.Client, Client);
	equal(classic.Server, Server);
});

test("text and binary, short and long, go and come whole", async () => {
	const app = new App("/echo");
	const values: unknown[] = [];
	app.on = (message, value) => message === Client.receive && values.push(value);
	const ws = await app.opened();
	const sent = ["hello", "", "x".repeat(600), "ü".repeat(3000), new ArrayBuffer(0), counting(100).buffer, counting(16_000).buffer];
	for (const message of sent) ws.write(message);
	ws.write(Uint8Array.of(1, 2, 3).subarray(1));
	ws.write(42 as unknown as string);
	await app.first(2 + sent.length + 2);
	deepEqual(values, [...sent, Uint8Array.of(2, 3).buffer, "42"]);
	ws.close();
});

test("what has no UTF-8 is sent as text that has", async () => {
	const app = new App("/echo");
	const values: string[] = [];
	app.on = (message, value) => message === Client.receive && values.push(value as string);
	const ws = await app.opened();
	for (const text of ["a\0b", "a\ud800b", `${"é".repeat(300)}\udc00`]) ws.write(text);
	await app.first(5);
	deepEqual(
		values.map((text) => text.charCodeAt(text.length === 3 ? 1 : 300)),
		[0, 0xfffd, 0xfffd],
	);
	ws.close();
});

test("a message of 64 KB and more is sent, and was copied", async () => {
	const app = new App("/length");
	const ws = await app.opened();
	const message = new Uint8Array(70_000);
	ws.write(message.buffer);
	message.fill(1);
	deepEqual((await app.first(3))[2], "receive binary 70000");
	ws.close();
});

test("what the socket does not take waits, up to a limit, and leaves before close()", async () => {
	const app = new App("/keepalive", { maxQueue: 20_000 }, ports.hostile);
	const ws = await app.opened();
	const payload = counting(9000).buffer;
	let written = 0;
	const fault = throws(() => {
		for (; written < 100; written++) ws.write(payload);
	}, "too much waits");
	ok(fault instanceof Error && written >= 3);
	ws.close();
	throws(() => ws.write("late"), "not connected");
	const frames = (await verdict(app)).split(", ");
	equal(frames.pop(), "close 1000");
	deepEqual(frames, new Array(written).fill("binary of 9000"));
});

test("what is written before it is open waits", async () => {
	const app = new App("/echo");
	app.ws.write("early");
	app.ws.write(Uint8Array.of(7));
	deepEqual(await app.first(4), ["connect", "handshake", "receive early", "receive <1>"]);
	app.ws.close();
});

test("host, path, headers and protocol are the app's", async () => {
	const headers = ["Authorization", `Bearer ${"7".repeat(600)}`, "Cookie", "a=b"];
	const app = new App("/headers", { headers, protocol: "one, two" });
	const text = `receive localhost:${ports.echo}|Bearer ${"7".repeat(600)}|a=b|one, two|two`;
	deepEqual(await app.first(3), ["connect", "handshake two", text]);
	app.ws.close();
	const addressed = new App("/headers", { host: "somewhere", address: "127.0.0.1" });
	deepEqual((await addressed.first(3))[2], `receive somewhere:${ports.echo}||||`);
	addressed.ws.close();
});

test("a port may be text, as a command line has it, and what is null is missing", async () => {
	const app = new App("/headers", { port: String(ports.echo), socket: null, Socket: null, headers: null, protocol: null } as object);
	deepEqual((await app.first(3))[2], `receive localhost:${ports.echo}||||`);
	app.ws.close();
	const addressed = new App("/headers", { host: null, address: "127.0.0.1", port: String(ports.echo) } as object);
	deepEqual((await addressed.first(3))[2], `receive 127.0.0.1:${ports.echo}||||`);
	addressed.ws.close();
	// The SDK's class writes it as text, which is a list with commas.
	const listed = new App("/headers", { protocol: ["one", "two"] } as object);
	deepEqual((await listed.first(3))[2], `receive localhost:${ports.echo}|||one, two|two`);
	listed.ws.close();
	for (const port of ["80", 80, null, undefined]) {
		const { host, url } = requestOf({ host: "h", port, path: null } as object);
		deepEqual([host, url], ["h", "/"]);
	}
	equal(requestOf({ host: "h", port: "443", secure: {} }).host, "h");
});

test("a socket of the app's, and a class of socket", async () => {
	const socket = new Socket({ host: "localhost", port: ports.echo });
	const app = new App("/echo", { socket });
	(await app.opened()).write("x");
	deepEqual((await app.first(3))[2], "receive x");
	app.ws.close();
	const seen: unknown[] = [];
	class Below extends Socket {
		constructor(options: ConstructorParameters<typeof Socket>[0] & { extra?: number; host?: string }) {
			super(options);
			seen.push(options.extra, options.host);
		}
	}
	const other = new App("/echo", { Socket: Below as never, extra: 5 } as object);
	(await other.opened()).write("y");
	deepEqual((await other.first(3))[2], "receive y");
	other.ws.close();
	deepEqual(seen, [5, "localhost"]);
});

test("detach gives the socket back, connected and without a callback", async () => {
	const socket = new Socket({ host: "localhost", port: ports.echo });
	const app = new App("/echo", { socket });
	const ws = await app.opened();
	equal(ws.detach(), socket);
	equal("callback" in socket && socket.callback !== undefined, false);
	throws(() => ws.write("x"), "not connected");
	// A text by hand, whose key is 0.
	const came = new Promise<ArrayBuffer>((resolve) => {
		socket.callback = (message) => message === 2 && resolve(socket.read(ArrayBuffer));
	});
	socket.write(0x81, 0x82, 0, 0, 0, 0, "hi");
	deepEqual(new Uint8Array(await came), Uint8Array.of(0x81, 2, 0x68, 0x69));
	socket.close();
	equal(app.entries.length, 2);
	const before = sockets();
	const named = new App("/echo");
	equal((await named.opened()).detach(), undefined);
	equal(sockets(), before);
});

test("the server closes: the reason is told, if it gives one", async () => {
	const app = new App("/close");
	(await app.opened()).write("x");
	equal(await app.ended, "disconnect: go away");
	throws(() => app.ws.write("x"), "not connected");
	app.ws.close();
	equal(app.entries.length, 3);
});

test("closed in any state, in a callback or outside of one, it says nothing more", async () => {
	const before = sockets();
	const resolving = new App("/echo");
	resolving.ws.close();
	resolving.ws.close();
	const closing = [Client.connect, Client.handshake, Client.receive].map((when) => {
		const app = new App("/echo");
		app.on = function (message) {
			if (message === Client.handshake) this.write("x");
			if (message === when) this.close();
		};
		return app;
	});
	for (const [i, app] of closing.entries()) await app.first(i + 1);
	const another = new App("/echo");
	(await another.opened()).write("tick");
	await another.first(3);
	another.ws.close();
	deepEqual(
		[resolving, ...closing].map((app) => app.entries),
		[[], ["connect"], ["connect", "handshake"], ["connect", "handshake", "receive x"]],
	);
	while (sockets() !== before) await later();
});

test("options that are wrong throw, and leave no socket", () => {
	const before = sockets();
	for (const options of [
		{ host: undefined },
		{ port: 0 },
		{ port: 70_000 },
		{ port: "eighty" },
		{ port: "eighty", address: "127.0.0.1" },
		{ path: "no path" },
		{ headers: ["no value"] },
		{ headers: ["no header", "x"] },
		{ protocol: "a b" },
		{ receiveSize: 0 },
		{ transmitSize: 2 ** 21 },
		{ timeout: 0 },
		{ maxMessage: -1 },
	])
		throws(() => new App("/echo", options), Error);
	const wrong = (options: object, words: string) => throws(() => new App("/echo", options), words);
	wrong({ headers: ["no header", "x"] }, "headers: one header each");
	wrong({ path: "no path" }, "path: a path");
	wrong({ protocol: "a b" }, "protocol: tokens");
	wrong({ secure: {} }, "Socket: SecureSocket");
	wrong({ Socket: 5 }, "Socket: the class");
	wrong({ headers: { name: "value" } }, "headers: an array");
	wrong({ protocol: {} }, "protocol: tokens");
	throws(() => new Server({ port: null, receiveSize: 1 }), RangeError);
	equal(sockets(), before);
});

test("a callback may be a method of a subclass", async () => {
	const log = new Log();
	class Chat extends Client {
		override callback(message: number, value?: unknown) {
			log.note(message, value);
			if (message === Client.handshake) this.write("mine");
		}
	}
	const chat = new Chat({ host: "localhost", port: ports.echo });
	deepEqual(await log.first(3), ["connect", "handshake", "receive mine"]);
	chat.close();
});

test(`${TIMES} messages allocate what the socket and the API do`, async () => {
	const app = new App("/echo");
	const ws = await app.opened();
	const binary = new ArrayBuffer(64);
	const text = "x".repeat(64);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	for (const message of [binary, text]) {
		let left = TIMES + 100;
		let wrong = 0;
		await new Promise<void>((resolve) => {
			ws.callback = (_, value) => {
				if (typeof value !== typeof message) wrong++;
				if (left === TIMES) counters(before);
				if (left-- > 0) ws.write(message);
				else {
					counters(after);
					resolve();
				}
			};
			ws.write(message);
		});
		const slots = (after[0]! - before[0]!) / TIMES;
		const bytes = (after[1]! - before[1]!) / TIMES;
		equal(wrong, 0);
		// A segment is an ArrayBuffer of the socket's, three slots and some 90 bytes, and a message is an ArrayBuffer or a string of the app's.
		// A message that comes in two segments costs another one.
		const most = message === binary ? 6.5 : 3.5;
		ok(slots < most && bytes < 200, `${typeof message}: ${slots} slots and ${bytes} bytes`);
	}
	ws.close();
});
