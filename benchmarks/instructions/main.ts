/*
 * Messages of `length` bytes through the door over a transport that does next to nothing, for tools/instructions.ts to count; and the same
 * number of the calls of this app's own, to be subtracted. README.md says what is counted.
 */
import { Digest } from "crypt";
import { exit } from "device";
import config from "mc/config";
import { measure } from "measure";
import { fillRandom } from "random";
import type { Transport, TransportEvents } from "transport/transport";
import { WEBSOCKET_OPCODE_DATA_BINARY, websocketConnect, websocketRecvMsg, websocketSendMsg } from "websocket";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** What TCP brings at a time. */
const SEGMENT = 1460;
const HEADER_MAX = 14;

/** Says that bytes have come which lie in the receive buffer already, and takes all that is written. */
class Stub implements Transport {
	/** What is still to be read. */
	left = 0;
	events: TransportEvents | undefined;

	read(_into: Uint8Array, _start: number, _end: number): number {
		const { left } = this;
		this.left = left > SEGMENT ? left - SEGMENT : 0;
		return left > SEGMENT ? SEGMENT : left;
	}
	write(_from: Uint8Array, start: number, end: number): number {
		return end - start;
	}
	start(events: TransportEvents): boolean {
		this.events = events;
		return true;
	}
	stop(): void {}
	close(): void {}
}

/** The server of the opening handshake; it is in the stub's place until it has answered. */
class Server extends Stub {
	#answer: Uint8Array | undefined;

	override write(from: Uint8Array, start: number, end: number): number {
		const request = String.fromArrayBuffer(from.slice(start, end).buffer as ArrayBuffer);
		const [, key = ""] = /Sec-WebSocket-Key: (\S+)/.exec(request) ?? [];
		const digest = new Digest("SHA1");
		digest.write(key + GUID);
		const accept = base64(new Uint8Array(digest.close()));
		const text = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
		this.#answer = new Uint8Array(ArrayBuffer.fromString(text));
		return end - start;
	}
	override read(into: Uint8Array, start: number, _end: number): number {
		const answer = this.#answer;
		if (!answer) return 0;
		this.#answer = undefined;
		into.set(answer, start);
		return answer.length;
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

/** The header of a server's binary frame of `length` bytes, below 65,536. */
function header(length: number): number[] {
	return length < 126 ? [0x82, length] : [0x82, 126, length >> 8, length & 255];
}

const length = Number(config.length ?? 125);

const payload = new Uint8Array(Math.max(1, length));
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
const head = header(length);
const total = head.length + length;
/** The stub brings the first piece of a frame again and again: its header, and zeros. */
const tmpBuf = new Uint8Array(Math.min(Math.max(512, total), SEGMENT));
const reads = Math.ceil(total / SEGMENT) + 1;
const room = Math.max(1, length);
const scratch = new Uint8Array(4);
let received = 0;

const stub = new Server();
const ws = await websocketConnect(
	stub,
	{
		host: "benchmark",
		url: "/",
		tmpBuf,
		txBuf: new Uint8Array(Math.max(512, length + HEADER_MAX + 8)),
		onReadable(ws) {
			received += websocketRecvMsg(ws, payload, room, info, 0);
		},
	},
	-1,
);
if (ws < 0) throw new Error(`websocketConnect gave ${ws}`);
Object.setPrototypeOf(stub, Stub.prototype);
tmpBuf.set(head);
const events = stub.events as TransportEvents;

/** The app's callback without the call of the library. */
function callback(_ws: number): void {
	received += length;
}

const kinds: Record<string, (n: number) => void> = {
	send(n) {
		for (let i = 0; i < n; i++) websocketSendMsg(ws, payload, length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0);
	},
	/** Entropy and transport. */
	"send-stubs"(n) {
		for (let i = 0; i < n; i++) {
			fillRandom(scratch, 0, 4);
			stub.write(payload, 0, length);
		}
	},
	receive(n) {
		received = 0;
		for (let i = 0; i < n; i++) {
			stub.left = total;
			events.onReadable();
		}
		if (received !== n * length) throw new Error(`received ${received} bytes`);
	},
	/** Transport and callback. */
	"receive-stubs"(n) {
		for (let i = 0; i < n; i++) {
			stub.left = total;
			for (let left = reads; left > 0; left--) stub.read(tmpBuf, 0, total);
			callback(ws);
		}
	},
};

for (const [what, run] of Object.entries(kinds)) await measure(what, run);
exit(0);
