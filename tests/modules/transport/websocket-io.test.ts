/* The ECMA-419 socket over WebSocket: to the same servers as over-websocket.test.ts. */
import TCP from "embedded:io/socket/tcp";
import { counters } from "device";
import Instrumentation from "instrumentation";
import config from "mc/config";
import { deepEqual, equal, ok, test, throws } from "test";
import Timer from "timer";
import { WebsocketIO, type WebsocketIOOptions } from "transport/websocket-io";

const variant = String((config as { variant?: string }).variant);
const TIMES = variant.includes("stress") ? 10 : /sanitize|mps2/.test(variant) ? 300 : 10_000;

const { port, raw, refused } = config as unknown as { port: number; raw: number; refused: number };
const address = "127.0.0.1";
const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;

const more = Object.freeze({ more: true });
const bytesOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));
/** What the peer sends; see counting() there. */
const byteAt = (i: number) => (i * 7 + (i >> 8)) & 255;

/** A socket whose events one can wait for. */
class Wire {
	readonly io: WebsocketIO;
	readonly opened: Promise<number>;
	readonly ended: Promise<string>;
	#open: (room: number) => void = () => {};
	#end: (failure: string) => void = () => {};
	readable: (count: number) => void = () => {};
	writable: (count: number) => void = () => {};
	heard = 0;

	constructor(path: string, options: WebsocketIOOptions = {}, where = port) {
		this.opened = new Promise((resolve) => {
			this.#open = resolve;
		});
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
		const wire = this;
		this.io = new WebsocketIO({
			address,
			host: "localhost",
			port: where,
			path,
			onReadable(count) {
				if (this !== wire.io) equal(this, wire.io);
				wire.heard++;
				wire.readable(count);
			},
			onWritable(count) {
				if (this !== wire.io) equal(this, wire.io);
				wire.heard++;
				wire.#open(count);
				wire.writable(count);
			},
			onError(failure) {
				equal(this, wire.io);
				wire.heard++;
				wire.readable(0);
				wire.#end(failure);
			},
			...options,
		});
	}

	/** The next text of so many bytes, or what came before the end. */
	async text(length: number): Promise<string> {
		let text = "";
		while (text.length < length) {
			const next = new Promise<number>((resolve) => {
				this.readable = resolve;
			});
			const bytes = this.io.read(length - text.length) as ArrayBuffer | undefined;
			if (bytes === undefined) {
				if ((await next) === 0) break;
			} else text += String.fromArrayBuffer(bytes);
		}
		return text;
	}
}

const later = () => new Promise<void>((resolve) => Timer.set(() => resolve()));

test("what is written with `more` leaves in one frame, and there is room again", async () => {
	const wire = new Wire("/lengths");
	const { io } = wire;
	// As the SDK's TCP takes at least.
	equal(await wire.opened, 1536);
	equal(io.write(Uint8Array.of(1), { more: true, byteLength: 300 }), 1535);
	equal(io.write(new Uint8Array(99), more), 1436);
	equal(io.write(new ArrayBuffer(100), more), 1336);
	equal(io.write(new DataView(new ArrayBuffer(120), 20), undefined), 1536);
	equal(await wire.text(4), "300 ");
	equal(io.write(new Uint16Array(5)), 1536);
	equal(await wire.text(3), "10 ");
	equal(io.write(new Uint8Array(1536)), 1536);
	equal(await wire.text(5), "1536 ");
	io.format = "number";
	io.write(7);
	io.format = "buffer";
	equal(await wire.text(2), "1 ");
	// As on TCP, who has more to write is told when it can.
	const again = new Promise<number>((resolve) => {
		wire.writable = resolve;
	});
	io.write(new Uint8Array(3));
	equal(await again, 1536);
	io.close();
});

test("what does not fit throws, and nothing of it is taken", async () => {
	const wire = new Wire("/lengths", { bufferSize: 64 });
	const { io } = wire;
	throws(() => io.write(new Uint8Array(1)), /not connected/);
	equal(await wire.opened, 64);
	throws(() => io.write(new Uint8Array(65)), /no room/);
	throws(() => io.write(new Uint8Array(1), { more: true, byteLength: 65 }), /no room/);
	equal(io.write(new Uint8Array(60), more), 4);
	throws(() => io.write(new Uint8Array(5)), /no room/);
	equal(io.write(new Uint8Array(4)), 64);
	equal(await wire.text(3), "64 ");
	io.close();
	throws(() => io.write(new Uint8Array(1)), /not connected/);
});

test("it is read as bytes, into buffers, or as buffers", async () => {
	const wire = new Wire("/echo");
	const { io } = wire;
	await wire.opened;
	equal(io.read(), undefined);
	io.write(bytesOf("abcdefghijklmnopqrst"));
	await new Promise<void>((resolve) => {
		wire.readable = (count) => {
			if (count === 20) resolve();
		};
	});
	equal(io.format, "buffer");
	io.format = "number";
	equal(io.read(), 0x61);
	equal(io.read(5), 0x62);
	equal(io.format, "number");
	io.format = "buffer";
	deepEqual(new Uint8Array(io.read(2) as ArrayBuffer), bytesOf("cd"));
	const whole = new Uint8Array(6);
	equal(io.read(whole.subarray(1, 3)), 2);
	equal(io.read(new DataView(whole.buffer, 3, 2)), 2);
	deepEqual(
		whole,
		bytesOf("\0efgh\0".replaceAll("\0", "\x7f")).map((byte) => (byte === 0x7f ? 0 : byte)),
	);
	const words = new Uint16Array(2);
	equal(io.read(words), 4);
	deepEqual(new Uint8Array(words.buffer), bytesOf("ijkl"));
	const buffer = new ArrayBuffer(3);
	equal(io.read(buffer), 3);
	deepEqual(new Uint8Array(buffer), bytesOf("mno"));
	deepEqual(new Uint8Array(io.read() as ArrayBuffer), bytesOf("pqrst"));
	equal(io.read(), undefined);
	equal(io.read(new Uint8Array(4)), undefined);
	throws(() => {
		io.format = "text" as "buffer";
	}, RangeError);
	io.close();
});

for (const bufferSize of [16, 100, 1024])
	test(`a stream is read at once, later, or not before there is enough, through ${bufferSize} bytes`, async () => {
		const wire = new Wire("/shuffle/5", { bufferSize }, raw);
		const { io } = wire;
		const bytes = new Uint8Array(200);
		let at = 0;
		let turn = 0;
		let wrong = -1;
		const take = (wanted: number) => {
			const count = io.read(bytes.subarray(0, wanted)) as number | undefined;
			for (let i = 0; i < (count ?? 0) && wrong < 0; i++, at++) if (bytes[i] !== byteAt(at)) wrong = at;
			return count;
		};
		wire.readable = (count) => {
			// The end.
			if (count === 0) return;
			turn++;
			if (turn % 3 === 0) Timer.set(() => take(7));
			else if (turn % 3 === 1) {
				// All that it was told of is there.
				for (let left = count; left > 0; ) left -= take(Math.min(left, 200)) ?? wrong;
				equal(io.read(), undefined);
			} else if (count >= 10) take(10);
		};
		ok(/closed the WebSocket: 1000/.test(await wire.ended));
		// What was left there can still be read.
		while (take(200)) await later();
		equal(wrong, -1);
		equal(at, 20_000);
		io.close();
	});

test("what the peer does not take waits, and then there is room again", async () => {
	const wire = new Wire("/stall", { bufferSize: 1000 });
	const { io } = wire;
	let room = await wire.opened;
	let sent = 0;
	const bytes = new Uint8Array(1000);
	let tell = () => {};
	wire.writable = (count) => {
		room = count;
		tell();
	};
	for (let stops = 0; stops < 20; ) {
		if (room > 0) {
			stops = 0;
			sent += room;
			room = io.write(bytes.subarray(0, room));
			continue;
		}
		throws(() => io.write(new Uint8Array(1)), /no room/);
		stops++;
		const another = new Wire("/echo");
		await another.opened;
		another.io.write(bytesOf("tick"));
		await another.text(4);
		another.io.close();
	}
	const writable = new Promise<void>((resolve) => {
		tell = resolve;
	});
	const resume = new Wire("/resume");
	// Some may have come just now.
	if (room === 0) await writable;
	ok(room > 0);
	resume.io.close();
	let text = "";
	while (!text.endsWith(` ${sent} `)) text = (text + (await wire.text(1))).slice(-20);
	ok(sent > 10_000);
	io.close();
});

test("path, headers, host and subprotocol are the app's", async () => {
	const wire = new Wire("/headers", {
		host: "127.0.0.1",
		headers: new Map([
			["Authorization", "Bearer 7"],
			["Cookie", "a=b"],
		]),
	});
	const expected = "true|Bearer 7|a=b|mqtt|mqtt";
	equal(await wire.text(expected.length), expected);
	wire.io.close();
	const other = new Wire("/headers", { host: undefined, headers: [["Cookie", "c"]], subprotocol: "other" });
	equal(await other.text(19), "true||c|other|other");
	other.io.close();
});

test("the socket below is of the class that is given, and gets its options", async () => {
	const seen: object[] = [];
	class Below extends TCP {
		constructor(options: ConstructorParameters<typeof TCP>[0]) {
			super(options);
			seen.push({ ...options, onReadable: 0, onWritable: 0, onError: 0 });
		}
	}
	const wire = new Wire("/echo", { socket: { io: Below, extra: 5 }, target: "mine" });
	await wire.opened;
	equal(wire.io.target, "mine");
	const expected = {
		nodelay: true,
		extra: 5,
		host: "localhost",
		port,
		address,
		format: "buffer",
		onReadable: 0,
		onWritable: 0,
		onError: 0,
	};
	deepEqual(seen, [expected]);
	wire.io.close();
	// A name is resolved if there is no address.
	const named = new Wire("/echo", { address: undefined, port: String(port) });
	await named.opened;
	named.io.close();
});

test("an end is told once, in words", async () => {
	const before = sockets();
	for (const [path, where, words] of [
		["/refuse", port, /HTTP status 401/],
		["/none", port, /no subprotocol/],
		["/text", port, /sent text/],
		["/goodbye", port, /4001 go away/],
		["/hangup", raw, /without a close handshake/],
		["/rsv", raw, /reserved bit/],
		["/echo", refused, /no TCP connection/],
	] as const) {
		const wire = new Wire(path, {}, where);
		const failure = await wire.ended;
		ok(words.test(failure), `${path}: ${failure}`);
		throws(() => wire.io.write(new Uint8Array(1)), /not connected/);
		const { heard } = wire;
		wire.io.close();
		wire.io.close();
		await later();
		equal(wire.heard, heard);
	}
	const slow = new Wire("/silent", { timeout: 30 }, raw);
	ok(/in time/.test(await slow.ended));
	slow.io.close();
	equal(sockets(), before);
});

test("options that are wrong throw, and leave no socket", () => {
	const before = sockets();
	for (const options of [
		{ path: "no path" },
		{ headers: [["no header", "x"]] },
		{ bufferSize: 0 },
		{ bufferSize: 70_000 },
		{ format: "text" },
		{ port: 70_000, address: undefined },
		{ address: "no address" },
		{ port: "eighty", address: undefined },
	] as unknown as WebsocketIOOptions[])
		throws(() => new Wire("/echo", options), Error);
	equal(sockets(), before);
});

test("closed in a callback, it says nothing more", async () => {
	const before = sockets();
	const opening = new Wire("/echo");
	opening.io.close();
	const writable = new Wire("/echo");
	await new Promise<void>((resolve) => {
		writable.writable = () => {
			writable.io.write(bytesOf("x"));
			writable.io.close();
			resolve();
		};
	});
	const readable = new Wire("/one", {}, raw);
	await new Promise<void>((resolve) => {
		readable.readable = () => {
			readable.io.close();
			equal(readable.io.read(), undefined);
			resolve();
		};
	});
	const another = new Wire("/echo");
	await another.opened;
	another.io.write(bytesOf("tick"));
	await another.text(4);
	another.io.close();
	equal(opening.heard, 0);
	equal(writable.heard, 1);
	equal(sockets(), before);
});

test(`${TIMES} messages in two pieces, read byte by byte and into a buffer, allocate nothing after the first`, async () => {
	const wire = new Wire("/echo");
	const { io } = wire;
	const sent = new Uint8Array(60).fill(0x5a);
	const head = Uint8Array.of(1, 2, 3, 4);
	const into = new Uint8Array(60);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let left = TIMES + 100;
	let wrong = 0;
	await wire.opened;
	const send = () => {
		io.write(head, more);
		if (io.write(sent) !== 1536) wrong++;
	};
	await new Promise<void>((resolve) => {
		wire.readable = (count) => {
			if (count < 64) return;
			io.format = "number";
			for (let i = 1; i <= 4; i++) if (io.read() !== i) wrong++;
			io.format = "buffer";
			if (io.read(into) !== 60 || into[59] !== 0x5a) wrong++;
			if (left === TIMES) counters(before);
			if (left-- > 0) send();
			else {
				counters(after);
				resolve();
			}
		};
		send();
	});
	equal(wrong, 0);
	equal(after[0]! - before[0]!, 0, "slots");
	equal(after[1]! - before[1]!, 0, "chunk bytes");
	equal(after[2]! - before[2]!, 0, "collections");
	io.close();
});
