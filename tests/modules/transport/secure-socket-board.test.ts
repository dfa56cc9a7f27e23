/*
 * SecureSocketTransport with a SecureSocket as boards have it: what is not read in its callback is lost, it gives no reasons, and it takes a
 * goodbye for the end of the handshake. Its "records" are two bytes, type and content; one of data holds as many bytes as its content says.
 */
import type SecureSocket from "securesocket";
import type { Socket } from "socket";
import { deepEqual, equal, ok, test } from "test";
import { SecureSocketTransport } from "transport/secure-socket";

const EACCES = 13;
const EPROTO = 71;
const ECONNRESET = 104;
const ECONNREFUSED = 111;
const CIPHERED = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const DATA = 23;
const POISON = 99;
/** What a record of the handshake holds. */
const MORE = 1;
const DONE = 2;
const PIECE = 4;

type Callback = (message: number, value?: number) => void;

/** The wire. */
class FakeSocket {
	static last: FakeSocket;
	callback: Callback = () => {};
	incoming: number[] = [];
	readonly sent: number[][] = [];
	closed = false;

	constructor() {
		FakeSocket.last = this;
	}
	read(type?: unknown, count = 0): number | ArrayBuffer {
		if (type === undefined) return this.incoming.length;
		return Uint8Array.from(this.incoming.splice(0, count)).buffer;
	}
	write(record?: Uint8Array): number | undefined {
		if (record === undefined) return 1000;
		this.sent.push([...record]);
		return undefined;
	}
	close(): void {
		this.closed = true;
	}
	come(...bytes: number[]): void {
		this.incoming.push(...bytes);
		this.callback(2, this.incoming.length);
	}
}

interface Below {
	callback: Callback;
	read(): number;
	read(type: typeof ArrayBuffer, count: number): ArrayBuffer | undefined;
	write(): number;
	write(record: Uint8Array): void;
	close(): void;
}

class FakeSecureSocket {
	callback: Callback = () => {};
	readonly #sock: Below;
	#ready = false;
	#closing = 0;
	/** What can be read until the callback returns. */
	#data: number[] = [];
	readonly #rest: number[] = [];

	constructor({ sock }: { sock: Below }) {
		this.#sock = sock;
		sock.callback = (message) => {
			if (this.#closing) return;
			try {
				if (message === 1) sock.write(Uint8Array.of(HANDSHAKE, 1));
				else if (message === 2) this.records();
				else if (message < 0) this.#closing = message;
			} catch {
				this.#closing = -2;
			}
			if (!this.#closing) return;
			this.callback(this.#closing);
			this.close();
		};
	}
	private records(): void {
		const sock = this.#sock;
		while (sock.read() && !this.#closing) {
			const bytes = sock.read(ArrayBuffer, 2 - this.#rest.length);
			if (!bytes) return;
			this.#rest.push(...new Uint8Array(bytes));
			if (this.#rest.length < 2) return;
			const [type, content] = this.#rest.splice(0, 2) as [number, number];
			if (type === POISON) throw new Error("nobody hears this");
			if (type === HANDSHAKE && content === DONE) {
				sock.write(Uint8Array.of(CIPHERED, 1));
				this.#ready = true;
				this.callback(1);
			} else if (type === ALERT && !this.#ready) {
				if (content) sock.write(Uint8Array.of(ALERT, 3, 3, 0, 2, 2, content));
				this.#ready = true;
				this.callback(1);
			} else if (type === DATA)
				for (let at = 0; at < content && !this.#closing; at += PIECE) {
					this.#data = [];
					for (let i = at; i < at + PIECE && i < content; i++) this.#data.push(i);
					this.callback(2, this.#data.length);
				}
			this.#data = [];
		}
	}
	read(_: typeof ArrayBuffer, count: number): ArrayBuffer {
		return Uint8Array.from(this.#data.splice(0, count)).buffer;
	}
	write(record?: ArrayBuffer): number | undefined {
		if (record === undefined) return this.#sock.write() - 128;
		this.#sock.write(Uint8Array.of(DATA, ...new Uint8Array(record)));
		return undefined;
	}
	close(): void {
		this.#closing ||= 1;
		this.#sock.close();
	}
}

class Watched {
	readonly transport = new SecureSocketTransport({
		address: "192.0.2.1",
		port: 443,
		io: FakeSocket as unknown as typeof Socket,
		tls: FakeSecureSocket as unknown as typeof SecureSocket,
	});
	readonly socket = FakeSocket.last;
	readonly told: string[] = [];
	/** Read when told, up to so many bytes. */
	greed = 0;
	got: number[] = [];
	#inside = false;

	constructor() {
		const tell = (what: string) => {
			this.told.push(this.#inside ? `${what} inside` : what);
		};
		this.transport.start({
			onReadable: () => {
				tell("readable");
				this.take(this.greed);
			},
			onWritable: () => tell("writable"),
			onClosed: (error) => tell(`closed ${error}`),
		});
	}
	open(): this {
		this.socket.callback(1);
		this.socket.come(HANDSHAKE, DONE);
		this.expect("writable");
		return this;
	}
	take(most: number): void {
		const into = new Uint8Array(8);
		this.#inside = true;
		while (most > 0) {
			const count = this.transport.read(into, 3, 3 + Math.min(most, 3));
			if (count <= 0) break;
			most -= count;
			this.got.push(...into.subarray(3, 3 + count));
		}
		this.#inside = false;
	}
	expect(...told: string[]): void {
		deepEqual(this.told.splice(0), told);
	}
	fails(error: number, fault: string, words: RegExp): void {
		this.expect(`closed ${-error}`);
		equal(this.transport.fault, fault);
		ok(words.test(this.transport.failure), this.transport.failure);
		ok(this.transport.write(new Uint8Array(4), 0, 4) < 0);
		ok(!this.socket.sent.some(([type]) => type === DATA), "sent in the clear");
		this.transport.close();
		ok(this.socket.closed);
	}
}

const counting = (...lengths: number[]) => lengths.flatMap((length) => [...Array(length).keys()]).join();

test("a handshake, bytes both ways, the end", () => {
	const watched = new Watched();
	equal(watched.transport.write(new Uint8Array(4), 0, 4), 0);
	watched.open();
	equal(watched.transport.write(Uint8Array.of(1, 2, 3), 1, 3), 2);
	equal(watched.socket.sent.at(-1)?.join(), "23,2,3");
	watched.greed = 100;
	watched.socket.come(DATA, 6);
	watched.expect("readable", "readable");
	equal(watched.got.join(), counting(6));
	watched.socket.callback(-1);
	watched.expect("closed 0");
	watched.transport.close();
});

for (const greed of [0, 1, 3, 4, 5])
	test(`what is not read when it is told, all but ${greed} bytes, is kept in its order, and no more is let in meanwhile`, () => {
		const watched = new Watched().open();
		watched.greed = greed;
		watched.socket.come(DATA, 11, DATA, 9, DATA, 2);
		// A record at a time is decrypted, and no other one before that is read.
		if (greed < PIECE) equal(watched.socket.incoming.length, 4);
		watched.take(100);
		equal(watched.got.join(), counting(11, 9, 2));
		ok(watched.told.every((what) => what === "readable"));
		watched.transport.close();
	});

test("the end comes after what is left to read", async () => {
	const watched = new Watched().open();
	watched.socket.come(DATA, 3, DATA, 3);
	watched.told.length = 0;
	watched.socket.callback(-1);
	watched.expect();
	watched.take(100);
	equal(watched.got.join(), counting(3, 3));
	watched.expect();
	await Promise.resolve();
	watched.expect("closed 0");
	watched.transport.close();
});

test("why it failed: in the handshake, and after it, where nothing says so", () => {
	const early = new Watched();
	early.socket.callback(1);
	early.socket.come(ALERT, 0);
	early.fails(EPROTO, "PEER_ALERT", /goodbye/);
	const poisoned = new Watched();
	poisoned.open().socket.come(POISON, 0);
	poisoned.fails(EPROTO, "", /gives no reason/);
	const old = new Watched();
	old.socket.callback(1);
	old.socket.come(ALERT, 70);
	old.fails(EPROTO, "PROTOCOL_VERSION", /no version of TLS/);
	const plain = new Watched();
	plain.socket.callback(1);
	plain.socket.come(0x48, 0x54);
	plain.fails(EPROTO, "NOT_TLS", /does not speak TLS/);
});

test("TLS that fails in the handshake without a reason, and a connection that is lost there", () => {
	const unproved = new Watched();
	unproved.socket.callback(1);
	unproved.socket.come(HANDSHAKE, MORE, POISON, 0);
	unproved.fails(EACCES, "", /gives no reason/);
	const lost = new Watched();
	lost.socket.callback(1);
	lost.socket.callback(-2);
	lost.fails(ECONNRESET, "", /handshake/);
});

test("nobody there; and an end that the socket calls an error", () => {
	const refused = new Watched();
	refused.socket.callback(-2);
	refused.expect(`closed ${-ECONNREFUSED}`);
	refused.transport.close();
	const reset = new Watched().open();
	reset.socket.callback(-2);
	reset.expect("closed -5");
	reset.transport.close();
});
