/* Clients that do to a server what clients should not, over real sockets. The client is a raw TCP on the same device. */
import Acceptor from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { Listener, Socket } from "socket";
import { equal, test } from "test";
import Timer from "timer";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import {
	CLOSE_ABNORMAL,
	ECONNRESET,
	EMSGSIZE,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	type WebsocketRegistration,
	websocketRecvMsg,
	websocketRegister,
	websocketSendMsg,
} from "websocket";
import { type Kind, kinds } from "./client";
import { asciiOf, bytesOf, hexOf } from "./fake";

const TIMEOUT_MS = 50;
const RECEIVE = 256;

/** §1.3's example. */
const REQUEST =
	"GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const ANSWER =
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/** Lets the loop turn: what was written goes out. */
const turn = () => new Promise<void>((resolve) => Timer.set(() => resolve()));

/** A server for one client, which sends back what it gets. */
class Server {
	readonly port: number;
	/** "error code clean", once, when the connection has ended. */
	readonly ended: Promise<string>;
	ws = -1;
	transport: Transport | undefined;
	readonly #listener: { close(): void };
	readonly #bytes = new Uint8Array(RECEIVE);
	#length = 0;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };

	constructor(kind: Kind, options: WebsocketRegistration = {}) {
		let end: (text: string) => void;
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		const register = (transport: Transport) => {
			this.transport = transport;
			this.ws = websocketRegister(transport, new Uint8Array(RECEIVE), RECEIVE, {
				onReadable: (ws) => this.#echo(ws),
				onClose: (_, error, { code, clean }) => {
					transport.close();
					end(`${error} ${code} ${clean}`);
				},
				...options,
			});
		};
		// Also for the classic Listener, which cannot tell a port that it chose.
		const acceptor = new Acceptor({
			onReadable() {
				for (let tcp = this.read(); tcp; tcp = this.read()) register(new TcpTransport({ from: tcp, nodelay: true }));
			},
		});
		this.port = acceptor.port;
		this.#listener = acceptor;
		if (kind === "tcp") return;
		acceptor.close();
		const listener = new Listener({ port: this.port });
		listener.callback = () => register(new SocketTransport(new Socket({ listener, noDelay: true }), true));
		this.#listener = listener;
	}

	#echo(ws: number): void {
		const info = this.#info;
		for (;;) {
			const count = websocketRecvMsg(ws, this.#bytes.subarray(this.#length), RECEIVE - this.#length, info, 0);
			if (count < 0) return;
			this.#length += count;
			if (info.remaining) continue;
			websocketSendMsg(ws, this.#bytes, this.#length, WEBSOCKET_OPCODE_DATA_TEXT, false, true, 0);
			this.#length = 0;
		}
	}

	close(): void {
		this.#listener.close();
	}
}

/** A client without manners. */
class Client {
	/** All that came, a character for each byte, and whether the connection is gone. */
	heard: number[] = [];
	gone = false;
	readonly #tcp: TCP;
	readonly #connected: Promise<void>;
	#told: (() => void) | undefined;

	/** `deaf`: it reads nothing. */
	constructor({ port }: Server, deaf = false) {
		let connected = () => {};
		this.#connected = new Promise((resolve) => {
			connected = resolve;
		});
		const heard = (data: unknown) => {
			const bytes = new Uint8Array(data as ArrayBuffer);
			for (let i = 0; i < bytes.length; i++) this.heard.push(bytes[i] as number);
			this.#told?.();
		};
		const gone = () => {
			this.gone = true;
			this.#told?.();
		};
		this.#tcp = new TCP({
			address: "127.0.0.1",
			port,
			nodelay: true,
			onReadable() {
				if (!deaf) heard(this.read());
			},
			onWritable() {
				connected();
			},
			onError: gone,
		});
	}

	async say(bytes: Uint8Array): Promise<void> {
		await this.#connected;
		if (!this.gone) this.#tcp.write(bytes);
	}

	async trickle(bytes: Uint8Array): Promise<void> {
		for (let i = 0; i < bytes.length; i++) {
			await this.say(bytes.slice(i, i + 1));
			await turn();
		}
	}

	/** Waits until so many bytes came, or nothing more comes. */
	async hear(count: number): Promise<void> {
		while (this.heard.length < count && !this.gone)
			await new Promise<void>((resolve) => {
				this.#told = resolve;
			});
	}

	/** The beginning of what came, as text; and the rest, in hexadecimal. */
	text(count: number): string {
		return String.fromArrayBuffer(Uint8Array.from(this.heard.slice(0, count)).buffer);
	}
	frames(): string {
		return hexOf(this.heard.slice(ANSWER.length));
	}

	close(): void {
		this.#tcp.close();
	}
}

/** Masked with 01020304: "hi" as text, a ping "p", and close 1000 with "x". */
const FRAMES = bytesOf("8182 01020304 696b 8981 01020304 71 8883 01020304 02ea7b");
const REPLIES = "81026869" + "8a0170" + "880203e8";

function joined(...parts: Uint8Array[]): Uint8Array {
	const bytes: number[] = [];
	for (const part of parts) for (let i = 0; i < part.length; i++) bytes.push(part[i] as number);
	return Uint8Array.from(bytes);
}

for (const kind of kinds) {
	test(`${kind}: the request and every frame byte by byte`, async () => {
		const server = new Server(kind);
		const client = new Client(server);
		await client.trickle(joined(asciiOf(REQUEST), FRAMES));
		await client.hear(ANSWER.length + REPLIES.length / 2);
		equal(client.text(ANSWER.length), ANSWER);
		equal(client.frames(), REPLIES);
		equal(await server.ended, "0 1000 true");
		client.close();
		server.close();
	});

	test(`${kind}: frames in the segment of the request`, async () => {
		const server = new Server(kind);
		const client = new Client(server);
		await client.say(joined(asciiOf(REQUEST), FRAMES));
		await client.hear(ANSWER.length + REPLIES.length / 2);
		equal(client.text(ANSWER.length), ANSWER);
		equal(client.frames(), REPLIES);
		equal(await server.ended, "0 1000 true");
		client.close();
		server.close();
	});

	for (const [name, text, status, error] of [
		["another method", "POST /chat HTTP/1.1\r\n", 400, -EPROTO],
		["TLS", "\x16\x03\x01\x02", 400, -EPROTO],
		["HTTP/1.0", REQUEST.replace("1.1", "1.0"), 400, -EPROTO],
		["no host", REQUEST.replace("Host: h\r\n", ""), 400, -EPROTO],
		["a key that is too short", REQUEST.replace("dGhl", ""), 400, -EPROTO],
		["no upgrade", "GET /chat HTTP/1.1\r\nHost: h\r\n\r\n", 426, -EPROTO],
		["version 8", REQUEST.replace("Version: 13", "Version: 8"), 426, -EPROTONOSUPPORT],
		["more headers than there is room for", REQUEST.replace("Host", `X: ${"x".repeat(RECEIVE)}\r\nHost`), 431, -EMSGSIZE],
	] as const) {
		test(`${kind}: ${name}: ${status}`, async () => {
			const server = new Server(kind);
			const client = new Client(server);
			await client.say(asciiOf(text));
			await client.hear(1 << 16);
			const line = `HTTP/1.1 ${status} `;
			equal(client.text(line.length), line);
			equal(await server.ended, `${error} ${CLOSE_ABNORMAL} false`);
			client.close();
			server.close();
		});
	}

	test(`${kind}: a request that drips puts off no timeout`, async () => {
		const server = new Server(kind, { handshakeTimeout: TIMEOUT_MS });
		const client = new Client(server);
		await client.say(asciiOf("GET /"));
		let ended = false;
		void server.ended.then(() => {
			ended = true;
		});
		for (let i = 0; i < RECEIVE - 10 && !ended; i++) {
			await client.say(asciiOf("x"));
			await new Promise<void>((resolve) => Timer.set(() => resolve(), 2));
		}
		equal(await server.ended, `${-ETIMEDOUT} ${CLOSE_ABNORMAL} false`);
		client.close();
		server.close();
	});

	test(`${kind}: a client that goes in the middle of its request`, async () => {
		const server = new Server(kind);
		const client = new Client(server);
		await client.say(asciiOf(REQUEST.slice(0, 60)));
		await turn();
		client.close();
		equal(await server.ended, `${-ECONNRESET} ${CLOSE_ABNORMAL} false`);
		server.close();
	});

	for (const [name, frames, code] of [
		["a frame that is not masked", "810161", 1002],
		["such a frame behind one that is", "8180 01020304 8100", 1002],
		["reserved bits", "c181 01020304 60", 1002],
		["text that is not UTF-8", "8182 01020304 fefd", 1007],
		["a length of 2^63", "82ff80", 1002],
	] as const) {
		test(`${kind}: ${name}: it is told`, async () => {
			const server = new Server(kind);
			const client = new Client(server);
			await client.say(joined(asciiOf(REQUEST), bytesOf(frames)));
			equal(await server.ended, `${-EPROTO} ${code} false`);
			await client.hear(1 << 16);
			const close = client.frames().replace(/^8100/, "");
			equal(close.slice(0, 2), "88");
			equal(close.slice(4, 8), hexOf([code >> 8, code & 255]));
			client.close();
			server.close();
		});
	}

	test(`${kind}: a client that resets the connection in the middle of a frame`, async () => {
		const server = new Server(kind);
		// What it never read is there when it closes: TCP resets.
		const client = new Client(server, true);
		await client.say(joined(asciiOf(REQUEST), bytesOf("8282 01020304 60")));
		while (websocketSendMsg(server.ws, asciiOf("x"), 1, WEBSOCKET_OPCODE_DATA_TEXT, false, true, 0) !== 1) await turn();
		await turn();
		client.close();
		equal(await server.ended, `${-ECONNRESET} ${CLOSE_ABNORMAL} false`);
		server.close();
	});

	test(`${kind}: a client that reads nothing fails a send with a timeout`, async () => {
		const server = new Server(kind);
		const client = new Client(server, true);
		await client.say(asciiOf(REQUEST));
		const payload = new Uint8Array(400);
		let ended = "";
		void server.ended.then((text) => {
			ended = text;
		});
		while (!ended) {
			const result = websocketSendMsg(server.ws, payload, payload.length, WEBSOCKET_OPCODE_DATA_BINARY, false, true, TIMEOUT_MS);
			if (result !== payload.length) await turn();
		}
		equal(ended, `${-ETIMEDOUT} ${CLOSE_ABNORMAL} false`);
		client.close();
		server.close();
	});
}
