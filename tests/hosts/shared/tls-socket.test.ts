/* embedded:io/socket/tcp/tls against Node's TLS. */
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import config from "mc/config";
import { deepEqual, equal, ok, test, throws } from "test";
import { bytes, End, text } from "./ends";
import { TlsEnd } from "./tls-end";
import { best, each } from "./tls-versions";

// biome-ignore lint/suspicious/noExplicitAny: what the peer printed, names to ports and texts.
const peer = config as any;
const secure = { certificate: peer.ca };
const newest: number = best(peer.echo12, peer.echo13);
const versions = each(
	{ version: "TLSv1.2", echo: peer.echo12, slow: peer.slow12, flood: peer.flood12 },
	{ version: "TLSv1.3", echo: peer.echo13, slow: peer.slow13, flood: peer.flood13 },
);

const many = (event: string): number => Number(event.slice(event.indexOf(" ")));

async function open(port: number, more: object = {}): Promise<TlsEnd> {
	const end = new TlsEnd({ port, secure, ...more });
	equal((await end.events.next()).slice(0, 8), "writable");
	return end;
}

/** Reads until there is an end; what it was. */
async function drain(end: TlsEnd, take: (part: Uint8Array) => void, size = 4096): Promise<string> {
	const buffer = new ArrayBuffer(size);
	for (;;) {
		const event = await end.events.next();
		if (event.startsWith("writable")) continue;
		if (!event.startsWith("readable")) return event;
		for (let left = many(event); left > 0; ) {
			const count = end.read(buffer) as number;
			take(new Uint8Array(buffer, 0, count));
			left -= count;
		}
	}
}

/** The next line that the peer's servers saw. */
async function seen(): Promise<string> {
	const end = new End({ address: "127.0.0.1", port: peer.seen });
	let line = "";
	for (let event = await end.events.next(); event !== "error"; event = await end.events.next())
		if (event.startsWith("readable")) line += text(end.read());
	end.close();
	return line;
}

for (const { version, echo, slow, flood } of versions) {
	test(`${version}: a handshake, and bytes there and back`, async () => {
		const end = await open(echo);
		equal(end.protocol, version);
		end.write(bytes("hello"));
		equal(await end.until("readable"), "readable 5");
		equal(text(end.read()), "hello");
		end.close();
	});

	test(`${version}: a byte at a time`, async () => {
		const end = await open(slow);
		for (const letter of "slowly") end.write(bytes(letter));
		let answer = "";
		while (answer.length < 6) {
			await end.until("readable");
			answer += text(end.read());
		}
		equal(answer, "slowly");
		end.close();
	});

	test(`${version}: records of 16 KB, read as they come and left lying`, async () => {
		const end = await open(flood);
		end.write(bytes("100000\n"));
		const first = many(await end.until("readable"));
		ok(first <= 16384, "no more than a record is taken before it is read");
		/* Nothing more is told, or taken, meanwhile. */
		(await open(echo)).close();
		while (end.events.length) equal((await end.events.next()).slice(0, 8), "writable");
		let count = 0;
		const check = (part: Uint8Array) => {
			for (let index = 0; index < part.length; index++) if (part[index] !== (count++ & 255)) throw new Error(`byte ${count - 1} is wrong`);
		};
		check(new Uint8Array(end.read() as ArrayBuffer));
		equal(await drain(end, check), "end");
		equal(count, 100_000);
		end.close();
	});
}

test("100,000 bytes out in pieces as large as there is room for, then a goodbye", async () => {
	const end = new TlsEnd({ port: peer.sink, secure });
	let sent = 0;
	let largest = 0;
	while (sent < 100_000) {
		let room = await end.room();
		while (room > 0 && sent < 100_000) {
			const count = Math.min(room, 100_000 - sent);
			const part = new Uint8Array(count);
			for (let index = 0; index < count; index++) part[index] = sent++ & 255;
			largest = Math.max(largest, count);
			room = end.write(part);
		}
	}
	ok(largest > 8000, `the largest was ${largest}`);
	end.close();
	equal(await seen(), "100000 true end");
});

test("as much as there is room for at once, in as many records as it takes, then a goodbye", async () => {
	const end = new TlsEnd({ port: peer.sink, secure });
	const part = new Uint8Array(await end.room());
	for (let index = 0; index < part.length; index++) part[index] = index & 255;
	end.write(part);
	end.close();
	equal(await seen(), `${part.length} true end`);
});

test("more than there is room for is refused as a whole, and so is a write before and after", async () => {
	const end = new TlsEnd({ port: newest, secure });
	throws(() => end.write(bytes("x")), "not ready");
	equal(end.read(), undefined);
	const room = await end.room();
	throws(() => end.write(new ArrayBuffer(room + 1)), "would block");
	const left = end.write(bytes("y"));
	ok(left < room && left > room - 256, `${left} after ${room}`);
	await end.until("readable");
	equal(text(end.read()), "y");
	end.close();
	end.close();
	throws(() => end.write(bytes("x")), "closed");
	throws(() => end.read(), "closed");
	equal(end.protocol, undefined);
});

test("more: parts are sent together; their length is checked at once", async () => {
	const end = await open(newest);
	throws(() => end.write(bytes("a"), { more: true, byteLength: 12_000 }), "would block");
	const left = end.write(bytes("one "), { more: true, byteLength: 10 });
	equal(end.write(bytes("re"), { more: true }), left - 2);
	end.write(bytes("cord"));
	equal(await end.until("readable"), "readable 10");
	equal(text(end.read()), "one record");
	end.write(bytes("lost"), { more: true });
	end.close();
});

test("read: a count, a view, a buffer that is too large; too high a count is refused", async () => {
	const end = await open(newest);
	end.write(bytes("abcdefgh"));
	equal(await end.until("readable"), "readable 8");
	throws(() => end.read(9), "invalid size");
	equal(text(end.read(2)), "ab");
	const whole = new Uint8Array(4);
	equal(end.read(whole.subarray(1, 3)), 2);
	deepEqual(whole, Uint8Array.of(0, 99, 100, 0));
	equal(end.read(whole), 4);
	equal(text(whole.buffer), "efgh");
	equal(end.read(whole), undefined);
	equal(end.read(), undefined);
	end.close();
});

test("a buffer that is larger than what there is", async () => {
	const end = await open(newest);
	end.write(bytes("abc"));
	await end.until("readable");
	equal(end.read(new ArrayBuffer(10)), 3);
	end.close();
});

test("format number is a byte at a time; there is no other", async () => {
	const end = await open(peer.echo12, { format: "number" });
	equal(end.format, "number");
	end.write(65);
	end.write(66);
	await end.until("readable");
	equal(end.read(), 65);
	await end.until("readable");
	equal(end.read(), 66);
	equal(end.read(), undefined);
	end.format = "buffer";
	throws(() => {
		end.format = "string" as "buffer";
	}, RangeError);
	throws(() => new TlsEnd({ port: 1, format: "x" as "buffer" }), RangeError);
	end.close();
});

test("what came before a goodbye is read first, then it is over", async () => {
	const end = new TlsEnd({ port: peer.polite, secure });
	equal(await end.until("readable"), "readable 3");
	equal(text(end.read(1)), "b");
	equal(text(end.read()), "ye");
	equal(await end.until("end"), "end");
	throws(() => end.write(bytes("x")), "not ready");
	equal(end.read(), undefined);
	end.close();
});

test("a goodbye is the end, also while the connection below stays; ours is sent", async () => {
	const end = new TlsEnd({ port: peer.half, secure });
	await end.until("readable");
	end.read();
	equal(await end.until("end"), "end");
	end.close();
	equal(await seen(), "the client said goodbye");
});

test("a renegotiation is refused", async () => {
	const end = await open(peer.again);
	end.write(bytes("x"));
	equal((await seen()).slice(0, 3), "no:");
	end.close();
});

test("the server is told a name, but no address, and the protocols", async () => {
	const hello = async (more: object) => {
		const end = await open(peer.named, more);
		let line = "";
		equal(
			await drain(end, (part) => {
				line += text(part.slice().buffer);
			}),
			"end",
		);
		end.close();
		return JSON.parse(line);
	};
	deepEqual(await hello({}), { name: "localhost", alpn: false });
	deepEqual(await hello({ host: "127.0.0.1" }), { name: false, alpn: false });
	deepEqual(await hello({ host: undefined }), { name: false, alpn: false });
	const alpn = { ...secure, serverName: "localhost", applicationLayerProtocolNegotiation: ["x", "mqtt"] };
	deepEqual(await hello({ host: "127.0.0.1", secure: alpn }), { name: "localhost", alpn: "mqtt" });
});

test("a server that is refused is told why", async () => {
	const end = new TlsEnd({ port: peer.wrong, secure });
	equal((await end.until("WRONG_HOST")).slice(0, 10), "WRONG_HOST");
	throws(() => end.write(bytes("x")), "not ready");
	end.close();
	equal(await seen(), "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE");
});

test("callbacks have the socket for this, and may close it", async () => {
	for (const when of ["onWritable", "onReadable", "onError"] as const) {
		const target = { when };
		await new Promise<void>((resolve) => {
			const close = function (this: TLSSocket) {
				equal(this.target, target);
				this.close();
				resolve();
			};
			new TLSSocket({
				...{ host: "localhost", address: "127.0.0.1", port: peer.polite, TCP: { io: TCP }, secure, target },
				onReadable() {
					this.read();
				},
				[when]: close,
			});
		});
	}
	const end = new TLSSocket({ host: "localhost", address: "127.0.0.1", port: peer.polite, TCP: { io: TCP }, secure });
	end.close();
});

/** A class of the pattern that is not native: its own callbacks, and one buffer that it copies out of. */
class Wrapped {
	#tcp: TCP;

	constructor(options: { onReadable(count: number): void; onWritable(count: number): void; address: string; port: number }) {
		const { onReadable, onWritable } = options;
		this.#tcp = new TCP({
			...options,
			onReadable: (count) => onReadable.call(this, count),
			onWritable: (count) => onWritable.call(this, count),
		});
	}
	read(into: ArrayBuffer): number {
		const part = new Uint8Array(this.#tcp.read(into.byteLength) as ArrayBuffer);
		new Uint8Array(into).set(part);
		return part.length;
	}
	write(from: ArrayBuffer): number {
		const copy = new Uint8Array(from.byteLength);
		copy.set(new Uint8Array(from));
		return this.#tcp.write(copy);
	}
	close(): void {
		this.#tcp.close();
	}
}

test("the class below may be one in JavaScript", async () => {
	const end = await open(newest, { TCP: { io: Wrapped } });
	end.write(bytes("through"));
	await end.until("readable");
	equal(text(end.read()), "through");
	end.close();
});

test("what the class below throws when it is made comes through", () => {
	throws(() => new TlsEnd({ port: 1, address: "nowhere", secure }), "invalid address");
});
