/*
 * What is said to every server that people run, with both transports: text and binary of the lengths where the header changes its form,
 * whole and in fragments, in both directions. At /echo a server sends a message back as it likes, at /fragments in fragments of 1000
 * bytes or characters.
 */
import config from "mc/config";
import { equal, ok, test } from "test";
import Timer from "timer";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import {
	CLOSE_NORMAL,
	EAGAIN,
	SYS_FOREVER_MS,
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	websocketConnect,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";

const host = "127.0.0.1";
const LIMIT_MS = 30_000;
const lengths = [0, 125, 126, 65535, 65536];
const longest = 65536;

/** Of all fragments but the last one. */
const FRAGMENT = 1000;

const payload = new Uint8Array(longest);
const piece = new Uint8Array(1024);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** All bytes there are, or UTF-8 whose characters have one to four bytes and are cut by fragments. */
function fill(opcode: number, length: number): void {
	const characters = new Uint8Array(ArrayBuffer.fromString("Grüße, 汉字 😀! "));
	const whole = opcode === WEBSOCKET_OPCODE_DATA_TEXT ? length - (length % characters.length) : 0;
	for (let i = 0; i < length; i++) {
		if (i < whole) payload[i] = characters[i % characters.length] as number;
		else payload[i] = opcode === WEBSOCKET_OPCODE_DATA_TEXT ? 0x78 : i * 7 + (i >> 8);
	}
}

/** Opens the way to the server's port. */
export type Open = (port: number) => Transport;

const plain: Readonly<Record<string, Open>> = {
	tcp: (port) => new TcpTransport({ host, port, nodelay: true }),
	socket: (port) => new SocketTransport({ host, port, noDelay: true }),
};

class Conversation {
	readonly #transport: Transport;
	readonly #host: string;
	#ws = -1;
	#event: (() => void) | undefined;
	#error = 0;
	/** What onClose said. */
	closed: { error: number; code: number; clean: boolean } | undefined;

	constructor(open: Open, port: number) {
		this.#transport = open(port);
		this.#host = `${host}:${port}`;
	}

	async connect(url: string): Promise<void> {
		const happened = () => this.#event?.();
		const request = {
			host: this.#host,
			url,
			tmpBuf: new Uint8Array(1024),
			txBuf: new Uint8Array(1040),
			onReadable: happened,
			onWritable: happened,
			onClose: (_: number, error: number, { code, clean }: { code: number; clean: boolean }) => {
				this.closed = { error, code, clean };
				happened();
			},
			failure: "",
		};
		this.#ws = await websocketConnect(this.#transport, request, LIMIT_MS);
		ok(this.#ws >= 0, request.failure);
	}

	/** Waits until one of the callbacks was called. */
	async #something(): Promise<void> {
		await new Promise<void>((resolve, reject) => {
			const late = Timer.set(() => reject(new Error(`nothing happened in ${LIMIT_MS} ms`)), LIMIT_MS);
			this.#event = () => {
				Timer.clear(late);
				resolve();
			};
		});
		this.#event = undefined;
	}

	async #send(bytes: Uint8Array, length: number, opcode: number, final: boolean): Promise<void> {
		for (;;) {
			this.#error = websocketSendMsg(this.#ws, bytes, length, opcode, true, final, SYS_FOREVER_MS);
			if (this.#error !== -EAGAIN) break;
			await this.#something();
		}
		equal(this.#error, length);
	}

	/** The payload in one frame. */
	async sendWhole(opcode: number, length: number): Promise<void> {
		await this.#send(payload, length, opcode, true);
	}

	/** In fragments, two at least. */
	async sendFragments(opcode: number, length: number): Promise<void> {
		const size = Math.min(FRAGMENT, Math.ceil(length / 2));
		let at = 0;
		do {
			piece.set(payload.subarray(at, at + size));
			await this.#send(piece, size, at ? WEBSOCKET_OPCODE_CONTINUE : opcode, false);
			at += size;
		} while (length - at > size);
		piece.set(payload.subarray(at, length));
		await this.#send(piece, length - at, WEBSOCKET_OPCODE_CONTINUE, true);
	}

	/** The payload comes back: the same bytes, the same type. Gives the number of its frames. */
	async receive(opcode: number, length: number): Promise<number> {
		let at = 0;
		let frames = 0;
		let type = 0;
		for (;;) {
			const count = websocketRecvMsg(this.#ws, piece, piece.length, info, 0);
			if (count === -EAGAIN) {
				ok(!this.closed, `closed after ${at} of ${length} bytes`);
				await this.#something();
				continue;
			}
			ok(count >= 0 && at + count <= length, `${count} bytes behind ${at} of ${length}`);
			if (at === 0) type |= info.messageType;
			for (let i = 0; i < count; i++) if (piece[i] !== payload[at + i]) equal(piece[i], payload[at + i], `byte ${at + i} of ${length}`);
			at += count;
			if (info.remaining > 0) continue;
			frames++;
			if (info.messageType & WEBSOCKET_FLAG_FINAL) break;
		}
		equal(at, length);
		equal(type & ~WEBSOCKET_FLAG_FINAL, opcode === WEBSOCKET_OPCODE_DATA_TEXT ? WEBSOCKET_FLAG_TEXT : WEBSOCKET_FLAG_BINARY);
		return frames;
	}

	/** The close handshake, with the server's code as the answer. */
	async close(): Promise<void> {
		equal(websocketDisconnect(this.#ws, CLOSE_NORMAL, "done"), 0);
		while (!this.closed) await this.#something();
		this.#transport.close();
		equal(`${this.closed.error} ${this.closed.code} ${this.closed.clean}`, "0 1000 true");
	}
}

/** Declares the tests against the server that the peer started, over each of the transports. */
export function converse(ways: Readonly<Record<string, Open>> = plain, port = config.port as number): void {
	for (const [kind, open] of Object.entries(ways))
		for (const [name, opcode] of [
			["text", WEBSOCKET_OPCODE_DATA_TEXT],
			["binary", WEBSOCKET_OPCODE_DATA_BINARY],
		] as const) {
			test(`${kind}: ${name}, whole`, async () => {
				const conversation = new Conversation(open, port);
				await conversation.connect("/echo");
				for (const length of lengths) {
					fill(opcode, length);
					await conversation.sendWhole(opcode, length);
					await conversation.receive(opcode, length);
				}
				await conversation.close();
			});
			test(`${kind}: ${name}, in fragments both ways`, async () => {
				const conversation = new Conversation(open, port);
				await conversation.connect("/fragments");
				for (const length of lengths) {
					fill(opcode, length);
					await conversation.sendFragments(opcode, length);
					const frames = await conversation.receive(opcode, length);
					// Python counts characters.
					if (length > FRAGMENT) ok(frames >= length / FRAGMENT / 2, `${length} bytes came in ${frames} frames`);
				}
				await conversation.close();
			});
		}
}
