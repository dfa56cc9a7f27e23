/* Messages through the door over a transport that costs next to nothing, so that what a tool counts is ours. See README.md. */
import { Digest } from "crypt";
import { exit } from "device";
import config from "mc/config";
import type { Transport, TransportEvents } from "transport/transport";
import { WEBSOCKET_OPCODE_DATA_BINARY, websocketConnect, websocketRecvMsg, websocketSendMsg } from "websocket";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const SEGMENT = 1460;

/** Answers the handshake; then says that bytes have come which lie in the receive buffer already, and takes all that is written. */
class Stub implements Transport {
	events: TransportEvents | undefined;
	/** What is still to be read: the buffer holds the same bytes for every message. */
	left = 0;
	#answer: Uint8Array | undefined;

	start(events: TransportEvents): boolean {
		this.events = events;
		return true;
	}
	stop(): void {}
	close(): void {}
	read(into: Uint8Array, start: number, end: number): number {
		const answer = this.#answer;
		if (answer) {
			this.#answer = undefined;
			into.set(answer, start);
			return answer.length;
		}
		let count = end - start;
		if (count > SEGMENT) count = SEGMENT;
		if (count > this.left) count = this.left;
		this.left -= count;
		return count;
	}
	write(from: Uint8Array, start: number, end: number): number {
		if (from[start] === 0x47) {
			const [, key = ""] = /Sec-WebSocket-Key: (\S+)/.exec(String.fromArrayBuffer(from.slice(start, end).buffer as ArrayBuffer)) ?? [];
			const digest = new Digest("SHA1");
			digest.write(key + GUID);
			const accept = new Uint8Array(digest.close());
			const text = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${base64(accept)}\r\n\r\n`;
			this.#answer = new Uint8Array(ArrayBuffer.fromString(text));
		}
		return end - start;
	}
}

function base64(bytes: Uint8Array): string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	let text = "";
	for (let i = 0; i < bytes.length; i += 3) {
		const word = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		for (let shift = 18; shift >= 0; shift -= 6) text += digits[(word >> shift) & 63];
	}
	const pad = (3 - (bytes.length % 3)) % 3;
	return text.slice(0, text.length - pad) + "==".slice(0, pad);
}

/** A frame of `length` bytes, whole in the buffer: the bench for larger ones reads a header that comes again. */
function frame(length: number): Uint8Array {
	const size = length < 126 ? 2 : length < 65536 ? 4 : 10;
	const bytes = new Uint8Array(size + length);
	bytes[0] = 0x82;
	bytes[1] = length < 126 ? length : 126;
	if (size === 4) {
		bytes[2] = length >> 8;
		bytes[3] = length & 255;
	}
	return bytes;
}

const times = Number(config.times ?? 0);
const length = Number(config.length ?? 125);
const what = String(config.what ?? "send");

const stub = new Stub();
const bytes = new Uint8Array(length + 8);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
const wire = frame(length);
const tmpBuf = new Uint8Array(Math.min(Math.max(512, wire.length), 1460));
let received = 0;

const ws = await websocketConnect(
	stub,
	{
		host: "h",
		url: "/",
		tmpBuf,
		txBuf: new Uint8Array(Math.max(512, length + 24)),
		// Once: it is called again while there is more.
		onReadable(ws) {
			received += websocketRecvMsg(ws, bytes, length, info, 0);
		},
	},
	-1,
);
if (ws < 0) throw new Error(`${ws}`);
tmpBuf.set(wire.subarray(0, tmpBuf.length));

const total = wire.length;
function send(n: number): void {
	for (let i = 0; i < n; i++) websocketSendMsg(ws, bytes, length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0);
}
function receive(n: number): void {
	const events = stub.events as TransportEvents;
	for (let i = 0; i < n; i++) {
		stub.left = total;
		events.onReadable();
	}
}
if (what === "send") send(times);
else if (what === "receive") receive(times);
if (what === "receive" && received !== times * length) throw new Error(`received ${received}`);
exit(0);
