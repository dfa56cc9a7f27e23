/* What an app of ECMA-419's WebSocketClient does and is told, with npm's ws at the other end. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import Resolver from "embedded:network/dns/resolver/udp";
import Same from "embedded:network/websocket/client";
import { counters } from "device";
import Instrumentation from "instrumentation";
import config from "mc/config";
import { deepEqual, equal, ok, test, throws } from "test";
import Timer from "timer";
import { acceptOf } from "websocket/http";
import WebSocketClient, { type ByteBuffer } from "websocket-client";
import { App, bufferOf, ports, textOf, verdict } from "./app";

const variant = String((config as { variant?: string }).variant);
const TIMES = variant.includes("stress") ? 20 : /sanitize|mps2/.test(variant) ? 300 : 3000;

const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;
const later = () => new Promise<void>((resolve) => Timer.set(() => resolve()));
const counting = (length: number) => new Uint8Array(length).map((_, i) => (i * 7 + (i >> 8)) & 255);
const close = (ws: WebSocketClient, code = 1000) => ws.write(Uint8Array.of(code >> 8, code), { opcode: WebSocketClient.close });

test("the numbers of the class, and its other name", () => {
	const { text, binary, close, ping, pong } = WebSocketClient;
	deepEqual([text, binary, close, ping, pong], [1, 2, 8, 9, 10]);
	equal(Same, WebSocketClient);
});

test("messages of either kind, in one part and in several, and control frames", async () => {
	const app = new App("/echo");
	const room = await app.opened;
	ok(room > 1000);
	const { ws } = app;
	equal(ws.write(bufferOf("a")), room - 7);
	ws.write(bufferOf("b"), { binary: false });
	ws.write(bufferOf("c"), { binary: false, more: true });
	ws.write(bufferOf("d"), { more: true });
	ws.write(bufferOf("x"), { opcode: WebSocketClient.ping });
	ws.write(bufferOf("e"));
	ws.write(Int8Array.of(0x66));
	ws.write(new DataView(bufferOf("fgh"), 1, 1), { opcode: WebSocketClient.text });
	ws.write(new ArrayBuffer(0));
	deepEqual(await app.logged(7), ["binary a", "text b", "pong x", "text cde", "binary f", "text g", "binary "]);
	close(ws);
	deepEqual((await app.logged(9)).slice(7), ["close 1000 ", "closed"]);
	equal(ws.read(), undefined);
	throws(() => ws.write(bufferOf("late")), "not connected");
	ws.close();
});

test("it is read as a whole, by count, into buffers of every kind, or byte by byte, later or at once", async () => {
	const app = new App("/echo");
	await app.opened;
	const { ws } = app;
	const told = new Promise<number>((resolve) => {
		app.readable = resolve;
	});
	ws.write(bufferOf("abcdefghijklmnop"));
	ws.write(bufferOf("next"));
	equal(await told, 16);
	await later();
	equal(textOf(ws.read(2) as ArrayBuffer), "ab");
	const bytes = new Uint8Array(4);
	equal(ws.read(bytes.subarray(1, 3)), 2);
	deepEqual(bytes, Uint8Array.of(0, 0x63, 0x64, 0));
	const buffer = new ArrayBuffer(2);
	equal(ws.read(buffer), 2);
	equal(textOf(buffer), "ef");
	equal(ws.read(new DataView(buffer, 1)), 1);
	equal(textOf(buffer), "eg");
	ws.format = "number";
	equal(ws.format, "number");
	deepEqual([ws.read(), ws.read(7)], [0x68, 0x69]);
	ws.format = "buffer";
	throws(() => ws.read(new Uint16Array(2) as unknown as ByteBuffer), TypeError);
	await later();
	const next = new Promise<number>((resolve) => {
		app.readable = resolve;
	});
	// More than there is.
	const rest = new Uint8Array(20);
	equal(ws.read(rest), 7);
	equal(textOf(rest.buffer.slice(0, 7)), "jklmnop");
	equal(ws.read(), undefined);
	equal(ws.read(rest), undefined);
	equal(await next, 4);
	equal(textOf(ws.read(99) as ArrayBuffer), "next");
	throws(() => {
		ws.format = "text" as "buffer";
	}, RangeError);
	ws.close();
});

test("what is longer than the buffers goes and comes in pieces", async () => {
	const app = new App("/echo", { receiveSize: 300, transmitSize: 128 });
	let room = await app.opened;
	const { ws } = app;
	const sent = counting(9000);
	const received = new Uint8Array(9000);
	let out = 0;
	let at = 0;
	let wrong = 0;
	const all = new Promise<void>((resolve) => {
		app.readable = (count, { more }) => {
			if (count > 300 || ws.read(received.subarray(at)) !== count) wrong++;
			at += count;
			if (more !== at < 9000) wrong++;
			if (!more) resolve();
		};
	});
	app.writable = (count) => {
		for (room = count; room > 0 && out < 9000; ) {
			const piece = sent.slice(out, out + room);
			out += piece.length;
			room = ws.write(out % 2 ? piece : piece.buffer, { more: out < 9000 });
		}
	};
	app.writable(room);
	await all;
	equal(wrong, 0);
	deepEqual(received, sent);
	throws(() => ws.write(new ArrayBuffer(50_000)), "no room");
	ws.close();
});

/** A TCP that says it has more room than it has, and passes on what it can. */
class Roomy extends TCP {
	#left: Uint8Array[] = [];
	#room = 0;
	constructor(options: ConstructorParameters<typeof TCP>[0]) {
		const { onWritable } = options as { onWritable: (count: number) => void };
		super({
			...options,
			onWritable(this: Roomy, count: number) {
				this.flush(count);
				if (this.#left.length === 0) onWritable.call(this, 200_000);
			},
		} as ConstructorParameters<typeof TCP>[0]);
	}
	flush(room: number): void {
		this.#room = room;
		while (this.#left.length && this.#left[0]!.length <= this.#room)
			this.#room = super.write(this.#left.shift() as Uint8Array) as unknown as number;
	}
	override write(data: ArrayBuffer): number {
		this.#left.push(new Uint8Array(data.slice(0)));
		this.flush(this.#room);
		return 200_000;
	}
}

test("a message of 64 KB and more has a right header, and was copied", async () => {
	const app = new App("/length", { socket: { io: Roomy } });
	equal(await app.opened, 199_986);
	const message = new Uint8Array(70_000);
	for (const length of [65_535, 65_536, 70_000]) {
		app.ws.write(message.subarray(0, length));
		message.fill(1);
	}
	deepEqual(await app.logged(3), ["text binary 65535", "text binary 65536", "text binary 70000"]);
	app.ws.close();
});

test("host, path, headers and protocol are the app's", async () => {
	const headers = new Map([
		["Authorization", `Bearer ${"7".repeat(600)}`],
		["Cookie", "a=b"],
	]);
	const app = new App("/headers", { headers, protocol: "one, two" });
	const [text] = await app.logged(1);
	equal(text, `text localhost:${ports.echo}|Bearer ${"7".repeat(600)}|a=b|one, two|two`);
	app.ws.close();
	const pairs = new App("/headers", { host: "127.0.0.1", dns: undefined, headers: [["Cookie", "c"]] });
	deepEqual(await pairs.logged(1), [`text 127.0.0.1:${ports.echo}||c||`]);
	pairs.ws.close();
	const addressed = new App("/headers", { host: "somewhere", address: "127.0.0.1", target: 7 });
	deepEqual(await addressed.logged(1), [`text somewhere:${ports.echo}||||`]);
	equal(addressed.ws.target, 7);
	equal("target" in pairs.ws && pairs.ws.target !== undefined, false);
	addressed.ws.close();
});

test("what is null is missing, and a list of subprotocols is taken as it is written", async () => {
	const missing = { path: null, headers: null, protocol: null, attach: null, port: String(ports.echo) };
	const app = new App("/", missing as object);
	await app.opened;
	app.ws.write(bufferOf("x"), { binary: false });
	deepEqual(await app.logged(1), ["text x"]);
	app.ws.close();
	const listed = new App("/headers", { protocol: ["one", "two"] } as object);
	deepEqual(await listed.logged(1), [`text localhost:${ports.echo}|||one, two|two`]);
	listed.ws.close();
});

test("classes of resolver and socket are the app's, and get their options", async () => {
	const seen: unknown[] = [];
	class Names extends Resolver {
		constructor(options: ConstructorParameters<typeof Resolver>[0]) {
			super(options);
			seen.push((options as unknown as { servers: string[] }).servers);
		}
	}
	class Below extends TCP {
		constructor(options: ConstructorParameters<typeof TCP>[0]) {
			super(options);
			const { host, address, extra } = options as unknown as Record<string, unknown>;
			seen.push([host, address, extra]);
		}
	}
	const app = new App("/echo", { dns: { io: Names, servers: ["1.1.1.1"] }, socket: { io: Below, extra: 5 } });
	await app.opened;
	app.ws.close();
	deepEqual(seen, [["1.1.1.1"], ["localhost", "127.0.0.1", 5]]);
	class Broken {
		constructor() {
			throw new Error("no network");
		}
	}
	const broken = new App("/echo", { socket: { io: Broken } });
	equal(await broken.ended, "error: no connection: Error: no network");
	throws(() => new App("/echo", { dns: { io: Broken } }), "no network");
});

test("pings are told and answered, or answered only; the server's close is told", async () => {
	const app = new App("/ping");
	deepEqual(await app.logged(2), ["ping are you there", "text pong are you there"]);
	app.ws.close();
	const quiet = new App("/ping", { onControl: undefined });
	deepEqual(await quiet.logged(1), ["text pong are you there"]);
	quiet.ws.close();
	const app2 = new App("/close", {
		onControl(opcode, data) {
			equal(opcode, WebSocketClient.close);
			// As programs do, which the SDK's class forgives.
			this.write(data, { opcode });
		},
	});
	await app2.opened;
	app2.ws.write(bufferOf("x"));
	deepEqual([await app2.ended, app2.log.length], ["closed", 1]);
});

test("after a close frame of the app's, what comes before the server's is read still", async () => {
	const app = new App("/echo");
	await app.opened;
	const { ws } = app;
	ws.write(bufferOf("a"), { binary: false });
	ws.write(bufferOf("x"), { opcode: WebSocketClient.ping });
	ws.write(counting(5000));
	close(ws);
	let length = 0;
	let wrong = 0;
	app.readable = (count, { more }) => {
		const bytes = new Uint8Array(ws.read(count) as ArrayBuffer);
		for (let i = 0; i < bytes.length && length > 0; i++) if (bytes[i] !== (((length - 1 + i) * 7 + ((length - 1 + i) >> 8)) & 255)) wrong++;
		length += bytes.length;
		if (!more) app.note(`${length}`);
	};
	deepEqual(await app.logged(5), ["1", "pong x", "5001", "close 1000 ", "closed"]);
	equal(wrong, 0);
});

test("a close frame in onReadable: what that told of is read behind it, and is held for one who reads later", async () => {
	const app = new App("/echo");
	await app.opened;
	app.readable = (count) => {
		close(app.ws);
		app.note(textOf(app.ws.read(count) as ArrayBuffer));
	};
	app.ws.write(bufferOf("hello"));
	deepEqual(await app.logged(3), ["hello", "close 1000 ", "closed"]);
	const slow = new App("/echo");
	await slow.opened;
	slow.readable = (count) => {
		if (count === 4) {
			slow.note(textOf(slow.ws.read() as ArrayBuffer));
			return;
		}
		close(slow.ws);
		equal(textOf(slow.ws.read(2) as ArrayBuffer), "he");
		Timer.set(() => slow.note(textOf(slow.ws.read() as ArrayBuffer)), 20);
	};
	slow.ws.write(bufferOf("hello"));
	slow.ws.write(bufferOf("next"));
	deepEqual(await slow.logged(4), ["llo", "next", "close 1000 ", "closed"]);
	const idle = new App("/echo", { closeTimeout: 30 });
	await idle.opened;
	let told = 0;
	idle.readable = () => {
		if (told++ === 0) close(idle.ws);
	};
	idle.ws.write(bufferOf("hello"));
	deepEqual([await idle.ended, told, idle.ws.read()], ["closed", 1, undefined]);
});

test("what must not be sent throws, and changes nothing", async () => {
	const app = new App("/echo");
	const { ws } = app;
	throws(() => ws.write(bufferOf("early")), "not connected");
	await app.opened;
	throws(() => ws.write("text" as unknown as ByteBuffer), TypeError);
	throws(() => ws.write(new Uint16Array(1) as unknown as ByteBuffer), TypeError);
	throws(() => ws.write(undefined as unknown as ByteBuffer), TypeError);
	throws(() => ws.write(new ArrayBuffer(126), { opcode: WebSocketClient.ping }), RangeError);
	for (const opcode of [0, 3, 7, 11, 16]) throws(() => ws.write(new ArrayBuffer(1), { opcode }), RangeError);
	throws(() => close(ws, 1005), RangeError);
	throws(() => ws.write(new ArrayBuffer(1), { opcode: WebSocketClient.close }), RangeError);
	ws.write(bufferOf("a"), { more: true, binary: false });
	throws(() => ws.write(bufferOf("b"), { opcode: WebSocketClient.text }), "has not ended");
	ws.write(bufferOf("c"));
	deepEqual(await app.logged(1), ["text ac"]);
	close(ws, 3000);
	throws(() => ws.write(bufferOf("late")), "not connected");
	deepEqual((await app.logged(3)).slice(1), ["close 3000 ", "closed"]);
});

test("options that are wrong throw, and leave no socket", () => {
	const before = sockets();
	for (const options of [
		{ host: undefined },
		{ host: "" },
		{ port: 0 },
		{ port: 70_000 },
		{ path: "no path" },
		{ headers: [["no header", "x"]] },
		{ headers: [["x", "a\r\nb: c"]] },
		{ protocol: "a b" },
		{ format: "text" },
		{ receiveSize: 0 },
		{ transmitSize: 2 ** 21 },
		{ timeout: 0 },
		{ maxMessage: -1 },
		{ address: "no address" },
	])
		throws(() => new App("/echo", options as object), Error);
	throws(() => new App("/echo", { path: "no path" }), "path: a path");
	throws(() => new App("/echo", { headers: [["no header", "x"]] }), "headers: one header each");
	throws(() => new App("/echo", { headers: { name: "value" } } as object), "headers: a Map, or pairs");
	throws(() => new App("/echo", { dns: {} } as object), "dns.io");
	equal(sockets(), before);
});

test("closed in any state, in a callback or outside of one, it says nothing more", async () => {
	const before = sockets();
	const resolving = new App("/echo");
	resolving.ws.close();
	resolving.ws.close();
	const inWritable = new App("/echo");
	await new Promise<void>((resolve) => {
		inWritable.writable = () => {
			inWritable.ws.write(bufferOf("x"));
			inWritable.ws.close();
			resolve();
		};
	});
	const inReadable = new App("/echo");
	await inReadable.opened;
	await new Promise<void>((resolve) => {
		inReadable.readable = () => {
			inReadable.ws.close();
			equal(inReadable.ws.read(), undefined);
			throws(() => inReadable.ws.write(bufferOf("x")), "not connected");
			resolve();
		};
		inReadable.ws.write(bufferOf("x"));
	});
	const inControl = new App("/ping", {
		onControl() {
			this.close();
			inControl.note("control");
		},
	});
	deepEqual(await inControl.logged(1), ["control"]);
	const another = new App("/echo");
	await another.opened;
	another.ws.write(bufferOf("tick"));
	await another.logged(1);
	another.ws.close();
	deepEqual([resolving.log, inWritable.log, inReadable.log, inControl.log], [[], [], [], ["control"]]);
	equal(sockets(), before);
});

test("a silent server is pinged, and left if it does not answer", async () => {
	const app = new App("/deaf/", { pingInterval: 10, pongTimeout: 20 }, ports.hostile);
	equal(await app.ended, "error: no answer to a ping in time");
	ok((await verdict(app)).startsWith("ping "));
});

for (const upgrade of [true, false])
	test(`attach makes a server of an accepted socket${upgrade ? ", and upgrades it" : " that was upgraded"}`, async () => {
		const events: string[] = [];
		let server: WebSocketClient | undefined;
		const listener = new Listener({
			onReadable() {
				const socket = this.read() as TCP;
				const attach = (attach: TCP, upgrade: boolean) => {
					server = new WebSocketClient({
						attach,
						upgrade,
						protocol: "two",
						onReadable(count, options) {
							events.push(`${count} ${options.binary}`);
							this.write(this.read() as ArrayBuffer, { binary: options.binary });
						},
						onClose: () => events.push("closed"),
					});
				};
				if (upgrade) attach(socket, true);
				else answer(socket, (upgraded) => attach(upgraded, false));
			},
		});
		const app = new App("/", { protocol: "one, two" }, listener.port);
		await app.opened;
		app.ws.write(bufferOf("hello"), { binary: false });
		app.ws.write(new ArrayBuffer(2));
		deepEqual((await app.logged(2))[0], "text hello");
		close(app.ws);
		await app.ended;
		deepEqual(events.slice(0, 2), ["5 false", "2 true"]);
		server?.close();
		listener.close();
	});

/** Another server's work: reads the request and answers it. */
function answer(socket: TCP, done: (socket: TCP) => void): void {
	let request = "";
	let room = 0;
	const tcp = new TCP({
		from: socket,
		onWritable(count) {
			room = count;
		},
		onReadable() {
			request += textOf(this.read() as unknown as ArrayBuffer);
			if (!request.endsWith("\r\n\r\n") || room < 200) return;
			const [, key = ""] = /sec-websocket-key: (\S+)/i.exec(request) ?? [];
			const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
			this.write(bufferOf(`${head}${acceptOf(key)}\r\n\r\n`));
			done(tcp);
		},
	});
}

test(`${TIMES} messages read into a buffer and written from one allocate nothing after the first`, async () => {
	const app = new App("/echo");
	await app.opened;
	const { ws } = app;
	const text = Object.freeze({ binary: false });
	const sent = new Uint8Array(64).fill(0x5a);
	const alike = new ArrayBuffer(64);
	const into = new Uint8Array(64);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let left = TIMES + 100;
	let wrong = 0;
	await new Promise<void>((resolve) => {
		app.readable = (count) => {
			if (ws.read(left % 2 ? into : alike) !== count || count !== 64) wrong++;
			if (left === TIMES) counters(before);
			if (left-- > 0) ws.write(left % 2 ? sent : alike, text);
			else {
				counters(after);
				resolve();
			}
		};
		ws.write(sent, text);
	});
	deepEqual([wrong, after[0]! - before[0]!, after[1]! - before[1]!], [0, 0, 0], "wrong, slots, chunk bytes");
	ws.close();
});

test("what read() allocates is the ArrayBuffer it gives", async () => {
	const app = new App("/echo");
	await app.opened;
	const { ws } = app;
	const sent = new Uint8Array(64);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let left = 20;
	await new Promise<void>((resolve) => {
		app.readable = () => {
			if (left === 10) counters(before);
			ws.read();
			if (left-- > 0) ws.write(sent);
			else {
				counters(after);
				resolve();
			}
		};
		ws.write(sent);
	});
	const slots = after[0]! - before[0]!;
	const bytes = after[1]! - before[1]!;
	ok(slots <= 33 && bytes <= 11 * 96, `${slots} slots and ${bytes} bytes for 11 messages`);
	ws.close();
});
