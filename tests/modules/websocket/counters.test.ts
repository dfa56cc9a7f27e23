/* What a message costs once the connection is open: nothing that a collector would have to clear away. */
import { counters } from "device";
import { equal, ok, test } from "test";
import { TcpTransport } from "transport/tcp";
import { websocketConnect, websocketDisconnect, websocketRecvMsg, websocketSendMsg } from "websocket";
import { counting, ports } from "./client";

const TEXT = 1;
const BINARY = 2;
const SLOTS = 0;
const CHUNKS = 1;
const COLLECTIONS = 2;

/** Sends a message again whenever it has come back whole; all it needs is made before. */
class Ping {
	readonly #payload: Uint8Array;
	readonly #length: number;
	readonly #opcode: number;
	readonly #bytes: Uint8Array;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #done: () => void;
	#left: number;
	#got = 0;
	error = 0;

	constructor(length: number, opcode: number, times: number, done: () => void) {
		this.#payload = opcode === TEXT ? new Uint8Array(length + 8).fill(0x61) : counting(length + 8);
		this.#length = length;
		this.#opcode = opcode;
		this.#bytes = new Uint8Array(length + 8);
		this.#left = times;
		this.#done = done;
	}
	again(times: number): void {
		this.#left = times;
	}
	send(ws: number): void {
		const result = websocketSendMsg(ws, this.#payload, this.#length, this.#opcode, true, true, 0);
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

async function measure(length: number, opcode: number, times: number, receive: number): Promise<void> {
	let done = () => {};
	const transport = new TcpTransport({ address: "127.0.0.1", port: ports.port, nodelay: true });
	const ping = new Ping(length, opcode, 3, () => done());
	const request = {
		host: "h",
		url: "/echo",
		tmpBuf: new Uint8Array(receive),
		txBuf: new Uint8Array(Math.max(length, 256) + 16),
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
			counters(before);
			ping.send(ws);
		};
	});
	ping.send(ws);
	await measured;
	equal(ping.error, 0);
	equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
	equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
	equal(after[COLLECTIONS]! - before[COLLECTIONS]!, 0, "collections");
	websocketDisconnect(ws);
	transport.close();
}

test("1,000 echoes of 64 bytes allocate nothing", () => measure(64, BINARY, 1000, 512));
test("1,000 echoes of 1,024 bytes allocate nothing", () => measure(1024, BINARY, 1000, 2048));
test("1,000 echoes of 1,024 bytes through a receive buffer of 200 allocate nothing", () => measure(1024, BINARY, 1000, 200));
test("1,000 echoes of text allocate nothing", () => measure(125, TEXT, 1000, 512));
test("1,000 echoes of nothing allocate nothing", () => measure(0, BINARY, 1000, 512));
test("100 echoes of 16,384 bytes allocate nothing", () => measure(16384, BINARY, 100, 1500));
