/*
 * TlsTransport with a TLS as boards have it: that of the SDK throws out of TCP's callbacks, takes a goodbye for the end of the handshake,
 * reads on from a timer, and gives no reasons. The one here does the same when its script says so; its "records" are two bytes, type and
 * content.
 */
import type TCP from "embedded:io/socket/tcp";
import type TLSSocket from "embedded:io/socket/tcp/tls";
import { deepEqual, equal, ok, test } from "test";
import { TlsTransport } from "transport/tls";
import { TLS_FAULTS, tlsFaultOf } from "transport/tls-faults";

const EACCES = 13;
const EPROTO = 71;
const ECONNRESET = 104;
const ECONNREFUSED = 111;
const HANDSHAKE = 22;
const CIPHERED = 20;
const ALERT = 21;
const DATA = 23;
/** What a record of the handshake holds. */
const MORE = 1;
const DONE = 2;
/** Thrown when this record comes. */
const POISON = 99;

interface Callbacks {
	onReadable(bytes: number): void;
	onWritable(bytes: number): void;
	onError(): void;
}

/** The wire. */
class FakeTcp {
	static last: FakeTcp;
	readonly callbacks: Callbacks;
	readonly sent: number[][] = [];
	incoming: number[] = [];
	closed = false;

	constructor(options: Callbacks) {
		this.callbacks = options;
		FakeTcp.last = this;
	}
	read(into: Uint8Array): number {
		if (into.length > this.incoming.length) throw new Error("invalid size");
		into.set(this.incoming.splice(0, into.length));
		return into.length;
	}
	write(record: Uint8Array): number {
		this.sent.push([...record]);
		return 1000;
	}
	close(): void {
		this.closed = true;
	}
	/** Bytes come. */
	come(...bytes: number[]): void {
		this.incoming.push(...bytes);
		this.callbacks.onReadable(this.incoming.length);
	}
}

type Below = TCP & { readable: number; writable: number; read(into: Uint8Array): number; write(record: Uint8Array): number };

/** TLS, more or less. */
class FakeTls {
	/** What it throws when POISON comes. */
	static words = "";
	static timers = 0;
	readonly #callbacks: Callbacks;
	readonly #socket: Below;
	#ready = false;
	#data: number | undefined;

	constructor(options: Callbacks & { TCP: { io: new (options: object) => Below } }) {
		this.#callbacks = options;
		this.#socket = new options.TCP.io({
			onReadable: (count: number) => {
				this.#socket.readable = count;
				this.records();
			},
			onWritable: (count: number) => {
				this.#socket.writable = count;
				if (this.#ready) this.#callbacks.onWritable(count - 96);
				else this.#socket.write(Uint8Array.of(HANDSHAKE, 1));
			},
			onError: () => this.#callbacks.onError(),
		});
		this.#socket.readable = this.#socket.writable = 0;
	}

	private records(): void {
		const socket = this.#socket;
		while (socket.readable >= 2 && this.#data === undefined) {
			const record = new Uint8Array(2);
			socket.read(record);
			socket.readable -= 2;
			const [type, content] = record as unknown as [number, number];
			if (type === POISON) throw new Error(FakeTls.words);
			if (type === ALERT && this.#ready) {
				this.#callbacks.onError();
				return;
			}
			if (type === ALERT) {
				// What boards do: a version that is too old is answered with an alert, and the handshake taken for done.
				if (content) socket.write(Uint8Array.of(ALERT, 3, 3, 0, 2, 2, content));
				this.#ready = true;
				this.#callbacks.onWritable(socket.writable - 96);
			} else if (type === HANDSHAKE && content === DONE) {
				socket.write(Uint8Array.of(CIPHERED, 1));
				this.#ready = true;
				this.#callbacks.onWritable(socket.writable - 96);
			} else if (this.#ready) {
				this.#data = content;
				this.#callbacks.onReadable(1);
			}
		}
	}
	read(into: Uint8Array): number | undefined {
		if (this.#data === undefined) return undefined;
		into[0] = this.#data;
		this.#data = undefined;
		if (this.#socket.readable) FakeTls.timers++;
		return 1;
	}
	write(record: Uint8Array): number {
		this.#socket.write(Uint8Array.of(DATA, ...record));
		return 900;
	}
	close(): void {
		this.#socket.close();
	}
}

class Watched {
	readonly transport = new TlsTransport({
		address: "192.0.2.1",
		host: "board",
		port: 443,
		io: FakeTcp as unknown as typeof TCP,
		tls: FakeTls as unknown as typeof TLSSocket,
	});
	readonly tcp = FakeTcp.last;
	readonly told: string[] = [];
	#inside = false;

	constructor() {
		FakeTls.timers = 0;
		const tell = (what: string) => {
			this.told.push(this.#inside ? `${what} inside` : what);
		};
		this.transport.start({
			onReadable: () => tell("readable"),
			onWritable: () => tell("writable"),
			onClosed: (error) => tell(`closed ${error}`),
		});
	}
	open(): this {
		this.tcp.callbacks.onWritable(1000);
		this.tcp.come(HANDSHAKE, DONE);
		this.expect("writable");
		return this;
	}
	read(): string {
		const into = new Uint8Array(4);
		const read: number[] = [];
		this.#inside = true;
		let count = this.transport.read(into, 1, 4);
		for (; count > 0; count = this.transport.read(into, 1, 4)) read.push(into[1] as number);
		this.#inside = false;
		return `${read.join()}; ${count}`;
	}
	expect(...told: string[]): void {
		deepEqual(this.told.splice(0), told);
	}
	fails(error: number, fault: string, words: RegExp): void {
		this.expect(`closed ${-error}`);
		equal(this.transport.fault, fault);
		ok(words.test(this.transport.failure), this.transport.failure);
		equal(this.transport.write(new Uint8Array(4), 0, 4), -error);
		ok(!this.tcp.sent.some(([type]) => type === DATA), "sent in the clear");
		this.transport.close();
		ok(this.tcp.closed);
	}
}

test("a handshake, bytes both ways, the peer's goodbye", () => {
	const watched = new Watched();
	equal(watched.transport.write(new Uint8Array(4), 0, 4), 0);
	watched.open();
	equal(watched.transport.write(Uint8Array.of(1, 2, 3), 1, 3), 2);
	equal(watched.tcp.sent.at(-1)?.join(), "23,2,3");
	watched.tcp.come(DATA, 65);
	watched.expect("readable");
	equal(watched.read(), "65; 0");
	watched.tcp.come(ALERT, 0);
	watched.expect("closed 0");
	equal(watched.transport.fault, "");
	watched.transport.close();
});

test("several records in a segment: all can be read at once, and no timer is set whose errors nobody catches", () => {
	const watched = new Watched().open();
	watched.tcp.come(DATA, 1, DATA, 2, DATA, 3);
	watched.expect("readable");
	equal(watched.read(), "1,2,3; 0");
	equal(FakeTls.timers, 0);
	watched.expect();
	watched.transport.close();
});

test("what is thrown while read() decrypts the next record is told once it has returned", async () => {
	FakeTls.words = "recordProtocol: auth failed";
	const watched = new Watched().open();
	watched.tcp.come(DATA, 1, POISON, 0);
	watched.expect("readable");
	equal(watched.read(), "1; 0");
	watched.expect();
	await Promise.resolve();
	watched.fails(EPROTO, "BAD_RECORD", /^TLS: a record is damaged.*\(BAD_RECORD; recordProtocol: auth failed\)$/);
});

for (const [words, error, fault] of [
	["certificate: auth err", EACCES, "BAD_CERTIFICATE"],
	["date validation failed", EACCES, "EXPIRED"],
	["alert: 2, 48", EACCES, "CLIENT_CERTIFICATE"],
	["alert: 2, 116", EACCES, "CLIENT_CERTIFICATE"],
	["alert: 2, 40", EPROTO, "PEER_ALERT"],
	["alert: 2, 70", EPROTO, "PROTOCOL_VERSION"],
	["alert: 2, 71", EPROTO, "NO_CIPHER"],
	["alert: 2, 120", EPROTO, "NO_ALPN"],
	["handshake: unsupported cipher", EPROTO, "NO_CIPHER"],
	["recordProtocol: bad data", EPROTO, "NOT_TLS"],
	["out of sequence", EACCES, ""],
	["", EACCES, ""],
] as const)
	test(`thrown in the handshake: "${words}": ${fault || "no name"}`, () => {
		FakeTls.words = words;
		const watched = new Watched();
		watched.tcp.callbacks.onWritable(1000);
		watched.tcp.come(HANDSHAKE, MORE, POISON, 0);
		watched.fails(error, fault, words ? /^TLS: / : /gives no reason/);
	});

test("the goodbye in the handshake, from whoever is on the way, is no connection: nothing goes out in the clear", () => {
	const watched = new Watched();
	watched.tcp.callbacks.onWritable(1000);
	watched.tcp.come(ALERT, 0);
	watched.fails(EPROTO, "PEER_ALERT", /goodbye during the handshake/);
});

test("nor is a version that is too old", () => {
	const watched = new Watched();
	watched.tcp.callbacks.onWritable(1000);
	watched.tcp.come(ALERT, 70);
	watched.fails(EPROTO, "PROTOCOL_VERSION", /no version of TLS/);
});

test("plain text where TLS is expected: the first byte tells", () => {
	const watched = new Watched();
	watched.tcp.callbacks.onWritable(1000);
	watched.tcp.come(0x48, 0x54);
	watched.fails(EPROTO, "NOT_TLS", /does not speak TLS/);
});

test("who ended it: nobody there, the end in the handshake, the end without goodbye", () => {
	const refused = new Watched();
	refused.tcp.callbacks.onError();
	refused.expect(`closed ${-ECONNREFUSED}`);
	equal(refused.transport.failure, "");
	const early = new Watched();
	early.tcp.callbacks.onWritable(1000);
	early.tcp.callbacks.onError();
	early.fails(ECONNRESET, "", /handshake/);
	const late = new Watched().open();
	late.tcp.callbacks.onError();
	late.fails(ECONNRESET, "TRUNCATED", /goodbye/);
});

test("closed by the app, it says nothing more, whatever TLS says", () => {
	FakeTls.words = "late";
	const watched = new Watched().open();
	watched.tcp.incoming.push(POISON, 0);
	watched.transport.close();
	watched.expect("closed -140");
	watched.tcp.callbacks.onReadable(2);
	watched.tcp.callbacks.onError();
	watched.expect();
});

test("the table of faults: frozen, each name once, each errno one that the doors know", () => {
	ok(Object.isFrozen(TLS_FAULTS) && TLS_FAULTS.every((row) => Object.isFrozen(row)));
	for (const row of TLS_FAULTS) {
		equal(tlsFaultOf(row.name), row);
		ok([EACCES, EPROTO, ECONNRESET].includes(row.errno), row.name);
	}
	equal(tlsFaultOf("NOTHING"), undefined);
});
