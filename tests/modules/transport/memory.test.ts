/* What a transport allocates once it is connected: nothing over ECMA-419 TCP, and over the classic socket what that itself does. */

import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { counters } from "device";
import config from "mc/config";
import { Socket } from "socket";
import { equal, ok, test } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";

const SLOTS = 0;
const CHUNKS = 1;
const TIMES = String(config.variant).startsWith("mps2") ? 1000 : 10_000;
/** More lengths than there are exact views, and as many places as there are kept. */
const LENGTHS = new Uint16Array([64, 1, 200, 33, 64, 127, 255, 90, 3, 160]);
const MOST = 256;

const address = "127.0.0.1";

/** Sends back what it gets, byte by byte, which allocates nothing. */
function echoServer(): Listener {
	return new Listener({
		onReadable() {
			let room = 0;
			let waiting = 0;
			const pump = (tcp: TCP) => {
				for (; waiting > 0 && room > 0; waiting--, room--) tcp.write(tcp.read() as number);
			};
			new TCP({
				from: this.read() as TCP,
				format: "number",
				nodelay: true,
				onReadable(bytes) {
					waiting = bytes;
					pump(this);
				},
				onWritable(bytes) {
					room = bytes;
					pump(this);
				},
				onError() {
					this.close();
				},
			});
			this.close();
		},
	});
}

interface Used {
	readonly slots: number;
	readonly chunks: number;
	readonly reads: number;
}

/** Counts from the end of a first part on, for all that is kept is made in there, to the end of as much again. */
class Count {
	readonly #before = new Uint32Array(7);
	readonly #after = new Uint32Array(7);
	#done: (used: Used) => void = () => {};
	#rounds = 0;
	reads = 0;
	readonly used = new Promise<Used>((resolve) => {
		this.#done = resolve;
	});

	/** How long the next message is; 0 when there is none any more. */
	next(): number {
		if (this.#rounds === TIMES) {
			this.reads = 0;
			counters(this.#before);
		}
		if (this.#rounds === 2 * TIMES) {
			counters(this.#after);
			const by = (index: number) => this.#after[index]! - this.#before[index]!;
			this.#done({ slots: by(SLOTS), chunks: by(CHUNKS), reads: this.reads });
			return 0;
		}
		return LENGTHS[this.#rounds++ % LENGTHS.length]!;
	}
}

/** Messages go to the echo server and back, each when the one before is back whole. */
async function overTransport(transport: Transport): Promise<Used> {
	const count = new Count();
	const sent = new Uint8Array(MOST).fill(0x5a);
	const received = new Uint8Array(MOST);
	let length = 0;
	let out = 0;
	let back = 0;
	let wrong = 0;
	const onWritable = () => {
		for (let size = 1; out < length && size > 0; out += size) size = transport.write(sent, 0, length - out);
	};
	const onReadable = () => {
		for (;;) {
			const size = transport.read(received, 0, length - back);
			if (size <= 0) return;
			count.reads++;
			if (received[size - 1] !== 0x5a) wrong++;
			back += size;
			if (back < length) continue;
			length = count.next();
			out = back = 0;
			onWritable();
		}
	};
	const onClosed = () => {
		wrong++;
	};
	length = count.next();
	ok(transport.start({ onReadable, onWritable, onClosed }));
	const used = await count.used;
	equal(wrong, 0);
	transport.close();
	return used;
}

/** The same by hand, with the same pieces. */
async function overSocket(socket: Socket): Promise<Used> {
	const count = new Count();
	const views: Uint8Array[] = [];
	for (let i = 0; i <= MOST; i++) views.push(new Uint8Array(0));
	for (let i = 0; i < LENGTHS.length; i++) views[LENGTHS[i]!] = new Uint8Array(LENGTHS[i]!).fill(0x5a);
	let length = count.next();
	let back = 0;
	let wrong = 0;
	socket.callback = (message) => {
		if (message < 0) wrong++;
		if (message === 1) socket.write(views[length]!);
		if (message !== 2) return;
		for (;;) {
			let size = socket.read();
			if (size > length - back) size = length - back;
			if (size <= 0) return;
			const piece = socket.read(ArrayBuffer, size);
			count.reads++;
			back += piece.byteLength;
			if (back < length) continue;
			length = count.next();
			back = 0;
			if (length) socket.write(views[length]!);
		}
	};
	const used = await count.used;
	equal(wrong, 0);
	socket.close();
	return used;
}

test(`ECMA-419 TCP: ${TIMES} messages out and back allocate nothing`, async () => {
	const used = await overTransport(new TcpTransport({ address, port: echoServer().port, nodelay: true }));
	ok(used.reads >= TIMES);
	equal(used.slots, 0, "slots");
	equal(used.chunks, 0, "chunk bytes");
});

test(`classic socket: ${TIMES} messages out and back allocate what socket.read does`, async () => {
	const bare = await overSocket(new Socket({ host: address, port: echoServer().port, noDelay: true }));
	const used = await overTransport(new SocketTransport({ host: address, port: echoServer().port, noDelay: true }));
	ok(bare.slots > 0 && bare.chunks > 0);
	// Pieces are as the network cuts them: each costs the same slots, and with the same pieces the same bytes.
	equal(used.slots * bare.reads, bare.slots * used.reads, `slots: ${used.slots} in ${used.reads}, ${bare.slots} in ${bare.reads} pieces`);
	if (used.reads === bare.reads) equal(used.chunks, bare.chunks, "chunk bytes");
});
