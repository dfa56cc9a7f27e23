/* A WebSocket as a stream of bytes, to npm's ws and to a server that cuts its frames by hand, over both kinds of socket. */
import { counters } from "device";
import Instrumentation from "instrumentation";
import config from "mc/config";
import { equal, ok, test, throws } from "test";
import { WebsocketTransport, type WebsocketTransportRequest } from "transport/over-websocket";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport, TransportEvents } from "transport/transport";

const EPROTO = 71;
const ECONNRESET = 104;
const ECONNREFUSED = 111;
const ECONNABORTED = 113;
const ETIMEDOUT = 116;
const EMSGSIZE = 122;
const EPROTONOSUPPORT = 123;
const ECANCELED = 140;

const variant = String((config as { variant?: string }).variant);
const TIMES = variant.includes("stress") ? 10 : /sanitize|mps2/.test(variant) ? 300 : 10_000;

const { port, raw, refused } = config as unknown as { port: number; raw: number; refused: number };
const address = "127.0.0.1";
const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;

type Below = (port: number) => Transport;
const tcp: Below = (port) => new TcpTransport({ address, port, nodelay: true });
const classic: Below = (port) => new SocketTransport({ address, port, noDelay: true });
const kinds = [
	["tcp", tcp],
	["socket", classic],
] as const;

/** What the peer sends; see counting() there. */
const byteAt = (i: number) => (i * 7 + (i >> 8)) & 255;
const bytesOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

/** A protocol whose events one can wait for. */
class Stream implements TransportEvents {
	readonly transport: WebsocketTransport;
	readonly opened: Promise<void>;
	readonly closed: Promise<number>;
	endings = 0;
	#open: () => void = () => {};
	#close: (error: number) => void = () => {};
	readable: () => void = () => {};
	writable: () => void = () => {};

	constructor(path: string, options: Partial<WebsocketTransportRequest> = {}, where = port, below = tcp, timeout = 20_000) {
		this.opened = new Promise((resolve) => {
			this.#open = resolve;
		});
		this.closed = new Promise((resolve) => {
			this.#close = resolve;
		});
		const request = { host: `${address}:${where}`, url: path, tmpBuf: new Uint8Array(512), ...options };
		this.transport = new WebsocketTransport(below(where), request, timeout);
		ok(this.transport.start(this));
	}
	onReadable(): void {
		this.readable();
	}
	onWritable(): void {
		this.#open();
		this.writable();
	}
	onClosed(error: number): void {
		this.endings++;
		this.readable();
		this.writable();
		this.#close(error);
	}

	/** Text of so many bytes, or of what came before the end. */
	async text(length: number, start = 0): Promise<string> {
		const bytes = new Uint8Array(start + length);
		let at = start;
		while (at < bytes.length) {
			const more = new Promise<void>((resolve) => {
				this.readable = resolve;
			});
			const count = this.transport.read(bytes, at, bytes.length);
			if (count < 0) break;
			if (count === 0) await more;
			at += count;
		}
		return String.fromArrayBuffer(bytes.slice(start, at).buffer);
	}

	/** Writes it all, waiting for room. */
	async write(bytes: Uint8Array, start = 0, end = bytes.length): Promise<void> {
		while (start < end) {
			const room = new Promise<void>((resolve) => {
				this.writable = resolve;
			});
			const count = this.transport.write(bytes, start, end);
			if (count < 0) throw new Error(`write: ${count}`);
			if (count === 0) await room;
			start += count;
		}
	}
}

/** How the server saw the end of the connection before. */
async function verdict(): Promise<string> {
	const stream = new Stream("/verdict");
	await stream.opened;
	let text = "";
	while (!text.endsWith("\n")) text += await stream.text(1);
	stream.transport.close();
	return text.slice(0, -1);
}

/** Afterwards it says that it is of no use. */
function checkLost(transport: Transport): void {
	const bytes = new Uint8Array(4);
	ok(transport.read(bytes, 0, 4) < 0);
	ok(transport.read(bytes, 1, 4) < 0);
	ok(transport.write(bytes, 0, 4) < 0);
	ok(transport.write(bytes, 1, 4) < 0);
}

for (const [name, below] of kinds) {
	test(`${name}: a stream comes and goes, at any place of a buffer`, async () => {
		const before = sockets();
		const stream = new Stream("/echo", {}, port, below);
		equal(stream.transport.read(new Uint8Array(4), 0, 4), 0);
		equal(stream.transport.write(new Uint8Array(4), 0, 4), 0);
		await stream.opened;
		equal(stream.transport.start(stream), false);
		const bytes = bytesOf("..hello, stream");
		await stream.write(bytes, 2);
		equal(await stream.text(7), "hello, ");
		equal(await stream.text(6, 5), "stream");
		equal(stream.transport.read(bytes, 0, bytes.length), 0);
		equal(stream.transport.read(bytes, 3, 3), 0);
		equal(stream.transport.write(bytes, 3, 3), 0);
		equal(stream.transport.secure, false);
		stream.transport.close();
		equal(await stream.closed, -ECANCELED);
		equal(await verdict(), "1000");
		equal(stream.endings, 1);
		checkLost(stream.transport);
		equal(sockets(), before);
	});

	for (const seed of [1, 2, 3])
		test(`${name}: frames, continuations, empty frames and pings, cut anywhere, are one stream (${seed})`, async () => {
			const stream = new Stream(`/shuffle/${seed}`, { tmpBuf: new Uint8Array(300) }, raw, below);
			const bytes = new Uint8Array(700);
			let at = 0;
			let wrong = -1;
			let turn = 0;
			stream.readable = () => {
				for (;;) {
					// Rooms and places of all kinds.
					const start = turn % 3 === 0 ? 0 : turn % 7;
					const room = 1 + ((turn * 31) % (bytes.length - start));
					turn++;
					const count = stream.transport.read(bytes, start, start + room);
					if (count <= 0) return;
					if (count > room) wrong = at;
					for (let i = 0; i < count && wrong < 0; i++, at++) if (bytes[start + i] !== byteAt(at)) wrong = at;
				}
			};
			equal(await stream.closed, 0);
			equal(wrong, -1);
			equal(at, 20_000);
			equal(await verdict(), "pongs");
			equal(stream.transport.failure, "the server closed the WebSocket: 1000");
			checkLost(stream.transport);
		});

	test(`${name}: frames behind the answer are not lost`, async () => {
		const stream = new Stream("/one", {}, raw, below);
		equal(await stream.text(6), "abcdef");
		// The empty ping was answered, and ended nothing.
		equal(await stream.text(4), "10: ");
		await stream.write(bytesOf("xyz"));
		equal(await stream.text(6), "2:xyz ");
		stream.transport.close();
	});

	test(`${name}: text ends it with 1003 and -EPROTO`, async () => {
		const stream = new Stream("/text", {}, port, below);
		equal(await stream.text(6), "before");
		equal(await stream.text(9), "");
		equal(stream.transport.read(new Uint8Array(9), 0, 9), -EPROTO);
		equal(stream.transport.write(new Uint8Array(9), 0, 9), -EPROTO);
		equal(await stream.closed, -EPROTO);
		equal(stream.transport.failure, "the server sent text");
		equal(await verdict(), "1003 binary only");
		const empty = new Stream("/no-text", {}, port, below);
		equal(await empty.text(1), "");
		equal(await empty.closed, -EPROTO);
		equal(await verdict(), "1003 binary only");
	});

	test(`${name}: an upgrade that comes to nothing says why`, async () => {
		for (const [path, where, error, failure] of [
			["/none", port, EPROTONOSUPPORT, "the server chose no subprotocol"],
			["/other", port, EPROTONOSUPPORT, "the server chose a subprotocol that was not offered"],
			["/refuse", port, ECONNABORTED, "the server refused the upgrade (HTTP status 401)"],
			["/echo", refused, ECONNREFUSED, "no TCP connection: refused or unreachable"],
		] as const) {
			const before = sockets();
			const stream = new Stream(path, {}, where, below);
			equal(await stream.closed, -error, path);
			equal(stream.transport.failure, failure);
			equal(sockets(), before);
			checkLost(stream.transport);
			stream.transport.close();
			equal(stream.endings, 1);
		}
		const late = new Stream("/silent", {}, raw, below, 30);
		equal(await late.closed, -ETIMEDOUT);
		const small = new Stream("/echo", { tmpBuf: new Uint8Array(40) }, port, below);
		equal(await small.closed, -EMSGSIZE);
	});

	test(`${name}: the end, as the peer makes it`, async () => {
		const closing = new Stream("/goodbye", {}, port, below);
		equal(await closing.text(3), "bye");
		equal(await closing.closed, 0);
		equal(closing.transport.failure, "the server closed the WebSocket: 4001 go away");
		const silence = new Stream("/silence", {}, port, below);
		equal(await silence.closed, 0);
		equal(silence.transport.failure, "the server closed the WebSocket: 1005");
		const lost = new Stream("/hangup", {}, raw, below);
		equal(await lost.text(4), "last");
		equal(await lost.closed, -ECONNRESET);
		ok(lost.transport.failure.length > 0);
		const reset = new Stream("/reset", {}, raw, below);
		await reset.write(bytesOf("x"));
		equal(await reset.closed, -ECONNRESET);
		const broken = new Stream("/rsv", {}, raw, below);
		equal(await broken.text(1), "");
		equal(await broken.closed, -EPROTO);
		equal(broken.transport.failure, "reserved bit set, but no extension was negotiated");
		const gone = new Stream("/terminate", {}, port, below);
		equal(await gone.closed, -ECONNRESET);
	});

	test(`${name}: what the peer does not take waits, and all of it arrives`, async () => {
		const stream = new Stream("/stall", { txBuf: new Uint8Array(1016) }, port, below);
		await stream.opened;
		const bytes = new Uint8Array(4000);
		let sent = 0;
		let stops = 0;
		// As much as the sockets on the way hold: until nothing goes any more, however long one waits.
		let room = Promise.resolve();
		while (stops < 20) {
			room = new Promise((resolve) => {
				stream.writable = resolve;
			});
			const count = stream.transport.write(bytes, 0, bytes.length);
			ok(count >= 0 && count <= 1000);
			sent += count;
			stops = count > 0 ? 0 : stops + 1;
			if (count > 0) continue;
			const another = new Stream("/echo");
			await another.write(bytesOf("tick"));
			await another.text(4);
			another.transport.close();
		}
		const resume = new Stream("/resume");
		await room;
		resume.transport.close();
		const after = stream.transport.write(bytes, 0, 10);
		equal(after, 10);
		sent += after;
		let text = "";
		while (!text.endsWith(` ${sent} `) && text !== `${sent} `) text = (text + (await stream.text(1))).slice(-20);
		ok(sent > 10_000);
		stream.transport.close();
	});
}

test("one write is one frame, as long as txBuf allows", async () => {
	const stream = new Stream("/lengths", { txBuf: new Uint8Array(516) });
	const bytes = new Uint8Array(1200);
	await stream.opened;
	equal(stream.transport.write(bytes, 0, 130), 130);
	equal(await stream.text(4), "130 ");
	equal(stream.transport.write(bytes, 0, 500), 500);
	equal(await stream.text(4), "500 ");
	equal(stream.transport.write(bytes, 0, 1200), 500);
	equal(await stream.text(4), "500 ");
	equal(stream.transport.write(bytes, 0, 1), 1);
	equal(await stream.text(2), "1 ");
	equal(stream.transport.write(bytes, 100, 400), 256);
	equal(await stream.text(4), "256 ");
	stream.transport.close();
	equal(await verdict(), "1000");
});

test("the app's headers, subprotocols, cb and httpCb are kept", async () => {
	const heard: string[] = [];
	const request: Partial<WebsocketTransportRequest> = {
		optionalHeaders: ["Authorization: Bearer 7", "Cookie: a=b"],
		httpCb: {
			onStatus: (status) => heard.push(`${status}`),
			onHeader: (name, value) => name.toLowerCase() === "sec-websocket-protocol" && heard.push(value),
		},
		cb: (ws, { status, subprotocol }) => {
			heard.push(`${ws > 0} ${status} ${subprotocol}`);
			return 0;
		},
	};
	const stream = new Stream("/headers", request);
	const expected = "true|Bearer 7|a=b|mqtt|mqtt";
	equal(await stream.text(expected.length), expected);
	equal(heard.join(), "101,mqtt,true 101 mqtt");
	stream.transport.close();
	const several = new Stream("/headers", { subprotocols: ["mqtt", "mqttv3.1"] });
	const last = "true|||mqtt, mqttv3.1|mqttv3.1";
	equal(await several.text(last.length), last);
	several.transport.close();
	const dynamic = new Stream("/headers", { optionalHeadersCb: () => ["Cookie: now=1"], subprotocols: [] });
	equal(await dynamic.text(13), "true||now=1||");
	dynamic.transport.close();
});

test("an app that does not want the connection is heard", async () => {
	const stream = new Stream("/echo", { cb: () => -42 });
	equal(await stream.closed, -42);
	equal(stream.transport.failure, "cb refused the connection");
});

test("what cannot begin throws, and leaves no socket", () => {
	const before = sockets();
	for (const request of [
		{ url: "no path" },
		{ optionalHeaders: ["no header"] },
		{ tmpBuf: new Uint8Array(0) },
		{ txBuf: new Uint8Array(40) },
	])
		throws(() => new Stream("/echo", request), Error);
	throws(() => new Stream("/echo", {}, port, tcp, 0), /timeout is 0/);
	equal(sockets(), before);
});

test("closed before it is open, it says so once", async () => {
	const before = sockets();
	const stream = new Stream("/echo");
	stream.transport.close();
	stream.transport.close();
	equal(await stream.closed, -ECANCELED);
	equal(sockets(), before);
	const open = new Stream("/echo");
	await open.opened;
	open.transport.stop();
	open.transport.close();
	equal(open.endings, 0);
	equal(sockets(), before);
	checkLost(open.transport);
});

test("the protocol may close it from a callback", async () => {
	const stream = new Stream("/echo");
	stream.writable = () => stream.transport.close();
	equal(await stream.closed, -ECANCELED);
	const reading = new Stream("/one", {}, raw);
	reading.readable = () => reading.transport.close();
	equal(await reading.closed, -ECANCELED);
	equal(reading.endings, 1);
});

for (const [length, start] of [
	[64, 0],
	[1024, 0],
	[64, 1],
] as const)
	test(`tcp: ${TIMES} writes and reads of ${length} bytes at ${start} allocate nothing after the first`, async () => {
		const stream = new Stream("/echo", { txBuf: new Uint8Array(1100), tmpBuf: new Uint8Array(1500) });
		const sent = new Uint8Array(length + start).fill(0x5a);
		const received = new Uint8Array(length + start);
		const before = new Uint32Array(7);
		const after = new Uint32Array(7);
		let back = 0;
		let left = TIMES + 1;
		let wrong = 0;
		const { transport } = stream;
		await stream.opened;
		await new Promise<void>((resolve) => {
			stream.readable = () => {
				for (;;) {
					const count = transport.read(received, start, start + length - back);
					if (count <= 0) {
						wrong += -count;
						return;
					}
					back += count;
					if (back < length) continue;
					back = 0;
					if (left-- === TIMES + 1) counters(before);
					if (left > 0) wrong += length - transport.write(sent, start, start + length);
					else {
						counters(after);
						resolve();
						return;
					}
				}
			};
			transport.write(sent, start, start + length);
		});
		equal(wrong, 0);
		equal(after[0]! - before[0]!, 0, "slots");
		equal(after[1]! - before[1]!, 0, "chunk bytes");
		equal(after[2]! - before[2]!, 0, "collections");
		transport.close();
	});
