/* What a message costs once the connection is open: nothing that a collector would have to clear away. */
import { counters } from "device";
import config from "mc/config";
import { Socket } from "socket";
import { equal, ok, test } from "test";
import { type ClassicSocket, SocketTransport } from "transport/socket";
import type { Transport } from "transport/transport";
import { websocketConnect, websocketDisconnect, websocketRecvMsg, websocketSendMsg } from "websocket";
import { counting, ports, transportTo } from "./client";

const TEXT = 1;
const BINARY = 2;
const SLOTS = 0;
const CHUNKS = 1;
const COLLECTIONS = 2;

const variant = String((config as { variant?: string }).variant);
const TIMES = variant.includes("stress") ? 10 : /sanitize|mps2/.test(variant) ? 300 : 10_000;
const LENGTHS = [0, 1, 125, 126, 1024, 16_384];

/** Sends a message again whenever it has come back whole; all it needs is made before. */
class Ping {
	readonly #payload: Uint8Array;
	readonly #length: number;
	readonly #opcode: number;
	readonly #bytes: Uint8Array;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #done: () => void;
	readonly #timeout: number;
	#left: number;
	#got = 0;
	error = 0;

	constructor(length: number, opcode: number, timeout: number, done: () => void) {
		this.#payload = opcode === TEXT ? new Uint8Array(length).fill(0x61) : counting(length);
		this.#length = length;
		this.#opcode = opcode;
		this.#timeout = timeout;
		this.#bytes = new Uint8Array(length + 8);
		this.#left = 1;
		this.#done = done;
	}
	again(times: number): void {
		this.#left = times;
	}
	send(ws: number): void {
		const result = websocketSendMsg(ws, this.#payload, this.#length, this.#opcode, true, true, this.#timeout);
		if (result !== this.#length) this.error = result;
	}
	readable(ws: number): void {
		for (;;) {
			const count = websocketRecvMsg(ws, this.#bytes, this.#bytes.length, this.#info, 0);
			if (count < 0) return;
			this.#got += count;
			if (!(this.#info.messageType & 1) || this.#info.remaining) continue;
			if (this.#got !== this.#length) this.error = -1;
			this.#got = 0;
			if (--this.#left > 0) this.send(ws);
			else {
				this.#done();
				return;
			}
		}
	}
}

/** What is allocated by `times` echoes after the first one: slots, chunk bytes and collections. */
async function cost(
	transport: Transport,
	length: number,
	opcode: number,
	times: number,
	receive: number,
	transmit: number,
	begins = () => {},
): Promise<[number, number, number]> {
	let done = () => {};
	const ping = new Ping(length, opcode, transmit < length ? -1 : 0, () => done());
	const request = {
		host: "h",
		url: "/echo",
		tmpBuf: new Uint8Array(receive),
		txBuf: new Uint8Array(transmit),
		onReadable: (ws: number) => ping.readable(ws),
	};
	const ws = await websocketConnect(transport, request, 20_000);
	ok(ws > 0);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	// From callback to callback, for an `await` in between would be counted.
	const measured = new Promise<void>((resolve) => {
		const finish = () => {
			counters(after);
			resolve();
		};
		done = () => {
			done = finish;
			ping.again(times);
			begins();
			counters(before);
			ping.send(ws);
		};
	});
	ping.send(ws);
	await measured;
	equal(ping.error, 0);
	websocketDisconnect(ws);
	transport.close();
	return [after[SLOTS]! - before[SLOTS]!, after[CHUNKS]! - before[CHUNKS]!, after[COLLECTIONS]! - before[COLLECTIONS]!];
}

async function nothing(length: number, opcode: number, receive = 1500, transmit = Math.max(length, 256) + 16): Promise<void> {
	const [slots, chunks, collections] = await cost(transportTo("tcp", ports.port), length, opcode, TIMES, receive, transmit);
	equal(slots, 0, "slots");
	equal(chunks, 0, "chunk bytes");
	equal(collections, 0, "collections");
}

for (const length of LENGTHS)
	test(`tcp: ${TIMES} echoes of ${length} bytes allocate nothing after the first`, () => nothing(length, BINARY));
test(`tcp: ${TIMES} echoes of 125 bytes of text allocate nothing after the first`, () => nothing(125, TEXT));
test(`tcp: ${TIMES} echoes of 1,024 bytes through a receive buffer of 200`, () => nothing(1024, BINARY, 200));
test(`tcp: ${TIMES} echoes of 16,384 bytes through a receive buffer of 20,000`, () => nothing(16_384, BINARY, 20_000));
test(`tcp: ${TIMES} echoes of 16,384 bytes through buffers of 512`, () => nothing(16_384, BINARY, 512, 512));

const UNDER_WAY = 8;
const LENGTHS_OF_ALL_KINDS = 700;

test(`tcp: ${TIMES} messages of all lengths, ${UNDER_WAY} at a time and a ping among them, allocate nothing after the first`, async () => {
	const transport = transportTo("tcp", ports.port);
	const payload = counting(LENGTHS_OF_ALL_KINDS);
	const bytes = new Uint8Array(LENGTHS_OF_ALL_KINDS);
	const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let sent = 0;
	let received = 0;
	let error = 0;
	let done = () => {};
	const lengthOf = (i: number) => (i * 37) % LENGTHS_OF_ALL_KINDS;
	const send = (ws: number) => {
		const length = lengthOf(sent++);
		if (websocketSendMsg(ws, payload, length, BINARY, true, true, 0) !== length) error = 1;
		if (sent % UNDER_WAY === 0 && websocketSendMsg(ws, payload, sent % 126, 9, true, true, 0) < 0) error = 2;
	};
	const ws = await websocketConnect(
		transport,
		{
			host: "h",
			url: "/echo",
			tmpBuf: new Uint8Array(512),
			txBuf: new Uint8Array(LENGTHS_OF_ALL_KINDS + 16),
			onReadable: (ws) => {
				for (;;) {
					const count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
					if (count < 0) return;
					if (info.remaining > 0) continue;
					received++;
					if (received === 1) {
						counters(before);
						for (let i = 1; i < UNDER_WAY; i++) send(ws);
					}
					if (received === TIMES) {
						counters(after);
						done();
					} else if (sent < TIMES) send(ws);
				}
			},
		},
		20_000,
	);
	ok(ws > 0);
	await new Promise<void>((resolve) => {
		done = resolve;
		send(ws);
	});
	equal(error, 0);
	equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
	equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
	equal(after[COLLECTIONS]! - before[COLLECTIONS]!, 0, "collections");
	websocketDisconnect(ws);
	transport.close();
});

/** A classic socket, and what its read() allocated. */
class Meter implements ClassicSocket {
	slots = 0;
	chunks = 0;
	readonly #socket: Socket;
	readonly #before = new Uint32Array(7);
	readonly #after = new Uint32Array(7);

	constructor(port: number) {
		this.#socket = new Socket({ host: "127.0.0.1", port, noDelay: true });
	}
	reset(): void {
		this.slots = this.chunks = 0;
	}
	set callback(callback: (message: number, value?: number) => void) {
		this.#socket.callback = callback;
	}
	read(): number | undefined;
	read(type: typeof ArrayBuffer, count: number): ArrayBuffer;
	read(type?: typeof ArrayBuffer, count = 0): number | undefined | ArrayBuffer {
		counters(this.#before);
		const result = type ? this.#socket.read(type, count) : this.#socket.read();
		counters(this.#after);
		this.slots += this.#after[SLOTS]! - this.#before[SLOTS]!;
		this.chunks += this.#after[CHUNKS]! - this.#before[CHUNKS]!;
		return result;
	}
	write(): number | undefined;
	write(data: Uint8Array): void;
	write(data?: Uint8Array): number | undefined {
		if (data === undefined) return this.#socket.write();
		this.#socket.write(data);
		return undefined;
	}
	close(): void {
		this.#socket.close();
	}
}

for (const length of LENGTHS)
	test(`socket: ${TIMES} echoes of ${length} bytes allocate what socket.read does, and nothing else`, async () => {
		const meter = new Meter(ports.port);
		const [slots, chunks] = await cost(new SocketTransport(meter), length, BINARY, TIMES, 1500, Math.max(length, 256) + 16, () =>
			meter.reset(),
		);
		ok(meter.slots > 0);
		equal(slots, meter.slots, "slots");
		equal(chunks, meter.chunks, "chunk bytes");
	});
