/*
 * The other end of what `npm run memory` measures: a WebSocket, in either role, that sends back what comes, and an MQTT broker that does so,
 * over TCP and over WebSocket. Each answer leaves in one piece, so that nothing varies from run to run.
 */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const REQUEST =
	"GET /memory HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const MESSAGE = Buffer.from("hello");
const BINARY = 0x82;
const CLOSE = 0x88;
const NORMAL = Buffer.of(0x03, 0xe8);

/** Gives all that has come to `take`, which says how much of it is done with, until that is nothing. */
function follow(socket: Socket, take: (received: Buffer) => number): void {
	let received = Buffer.alloc(0);
	socket.setNoDelay(true);
	socket.on("error", () => {});
	socket.on("data", (data) => {
		received = Buffer.concat([received, data]);
		for (let size = 1; size > 0 && received.length > 0; received = received.subarray(size)) size = take(received);
	});
}

/** What comes up to the empty line, once; then frames. `open` gives what is to be sent for the head, `frame` for each frame. */
function followFrames(socket: Socket, open: (head: string) => Buffer, frame: (first: number, payload: Buffer) => Buffer): void {
	let opened = false;
	follow(socket, (received) => {
		if (!opened) {
			const end = received.indexOf("\r\n\r\n");
			if (end < 0) return 0;
			opened = true;
			socket.write(open(received.subarray(0, end).toString("latin1")));
			return end + 4;
		}
		const short = received.length < 2 ? 0 : received[1]! & 0x7f;
		if (received.length < (short === 126 ? 4 : 2)) return 0;
		const length = short === 126 ? received.readUInt16BE(2) : short;
		const keyAt = short === 126 ? 4 : 2;
		const start = keyAt + (received[1]! & 0x80 ? 4 : 0);
		if (received.length < start + length) return 0;
		const payload = Buffer.from(received.subarray(start, start + length));
		if (start > keyAt) for (const [at, byte] of payload.entries()) payload[at] = byte ^ received[keyAt + (at & 3)]!;
		const answer = frame(received[0]!, payload);
		if (answer.length > 0) socket.write(answer);
		return start + length;
	});
}

/** A frame of up to 64 KB; a client's has a key of zeros. */
function frameOf(first: number, payload: Buffer, masked: boolean): Buffer {
	const bit = masked ? 0x80 : 0;
	const { length } = payload;
	const head = length > 125 ? Buffer.of(first, 126 | bit, length >> 8, length & 0xff) : Buffer.of(first, length | bit);
	return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), payload]);
}

function upgraded(head: string, headers = ""): Buffer {
	const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(head) ?? [];
	const accept = createHash("sha1")
		.update(key + GUID)
		.digest("base64");
	const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
	return Buffer.from(`${answer}${headers}\r\n`);
}

/** A WebSocket: a message first, then every frame is answered by one as long. */
export function playWebsocket(socket: Socket, server: boolean): void {
	const hello = frameOf(BINARY, MESSAGE, !server);
	followFrames(
		socket,
		(head) => (server ? Buffer.concat([upgraded(head), hello]) : hello),
		(first, payload) => {
			if (first !== CLOSE) return frameOf(first, Buffer.alloc(payload.length), !server);
			if (server) socket.end(frameOf(CLOSE, NORMAL, false));
			return server ? Buffer.alloc(0) : frameOf(CLOSE, NORMAL, true);
		},
	);
	if (!server) socket.write(REQUEST);
}

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const DISCONNECT = 14;
const FIVE = 5;

/** The broker's answers to all packets that are whole in what came, and how much that was. */
class Broker {
	#version = 0;

	answer(received: Buffer): [answers: Buffer, size: number] {
		const answers: Buffer[] = [];
		let at = 0;
		for (;;) {
			let length = 0;
			let start = at + 1;
			for (let shift = 0; ; shift += 7) {
				if (start >= received.length) return [Buffer.concat(answers), at];
				length += (received[start]! & 0x7f) << shift;
				if (received[start++]! < 0x80) break;
			}
			if (start + length > received.length) return [Buffer.concat(answers), at];
			answers.push(this.#answer(received[at]! >> 4, received.subarray(start, start + length)));
			at = start + length;
		}
	}

	/** To PUBLISH of QoS 1, besides PUBACK, the same message. */
	#answer(type: number, packet: Buffer): Buffer {
		if (type === CONNECT) this.#version = packet[6]!;
		const none = this.#version === FIVE ? [0] : [];
		if (type === CONNECT) return Buffer.of(0x20, 2 + none.length, 0, 0, ...none);
		if (type === SUBSCRIBE) return Buffer.of(0x90, 3 + none.length, packet[0]!, packet[1]!, ...none, 1);
		if (type !== PUBLISH) return Buffer.alloc(0);
		const id = 2 + packet.readUInt16BE(0);
		return Buffer.concat([
			Buffer.of(0x40, 2, packet[id]!, packet[id + 1]!),
			packet.length > 0x7f ? Buffer.of(0x32, (packet.length & 0x7f) | 0x80, packet.length >> 7) : Buffer.of(0x32, packet.length),
			packet,
		]);
	}

	/** Whether the last packet of a piece says goodbye. */
	static isGoodbye(piece: Buffer): boolean {
		return piece[0]! >> 4 === DISCONNECT;
	}
}

/** A broker that sends every message back to its publisher. */
export function playBroker(socket: Socket, overWebsocket: boolean): void {
	const broker = new Broker();
	if (!overWebsocket) {
		follow(socket, (received) => {
			const [answers, size] = broker.answer(received);
			if (answers.length > 0) socket.write(answers);
			if (Broker.isGoodbye(received)) socket.end();
			return size;
		});
		return;
	}
	// What leaves the client together fits into one frame, so no packet is split.
	followFrames(
		socket,
		(head) => upgraded(head, "Sec-WebSocket-Protocol: mqtt\r\n"),
		(first, payload) => {
			if (first === CLOSE) {
				socket.end(frameOf(CLOSE, payload, false));
				return Buffer.alloc(0);
			}
			const [answers] = broker.answer(payload);
			return answers.length > 0 ? frameOf(BINARY, answers, false) : answers;
		},
	);
}
