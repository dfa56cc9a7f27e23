/* Both ends of a WebSocket on one device, and raw TCP where one of them is not to behave. */
import Acceptor from "embedded:io/socket/listener";
import TCP, { type Options } from "embedded:io/socket/tcp";
import { Listener, Socket } from "socket";
import { ok } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { type WebsocketRegistration, type WebsocketRequest, websocketRecvMsg, websocketRegister, websocketSendMsg } from "websocket";
import { acceptOf } from "websocket/http";
import { Queue } from "../../hosts/shared/queue";
import { asciiOf, Client, type Ended, type Kind } from "./client";

/** Listens, and gives each connection that comes as a transport. */
export class Incoming {
	readonly port: number;
	readonly #transports = new Queue<Transport>();
	readonly #listener: { close(): void };

	constructor(kind: Kind) {
		const transports = this.#transports;
		// Also for the classic Listener, which cannot tell a port that it chose.
		const acceptor = new Acceptor({
			onReadable() {
				for (let tcp = this.read(); tcp; tcp = this.read()) transports.push(new TcpTransport({ from: tcp, nodelay: true }));
			},
		});
		this.port = acceptor.port;
		this.#listener = acceptor;
		if (kind === "tcp") return;
		acceptor.close();
		const listener = new Listener({ port: this.port });
		listener.callback = () => transports.push(new SocketTransport(new Socket({ listener, noDelay: true }), true));
		this.#listener = listener;
	}

	next(): Promise<Transport> {
		return this.#transports.next();
	}

	close(): void {
		this.#listener.close();
	}
}

/** A server's WebSocket whose events one can wait for. */
export class Server {
	readonly transport: Transport;
	readonly options: WebsocketRegistration;
	readonly ws: number;
	/** How often onClose was called. */
	endings = 0;
	readonly ended: Promise<Ended>;
	readonly info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #bytes: Uint8Array;
	#readable: (() => void) | undefined;
	#writable: (() => void) | undefined;

	constructor(transport: Transport, options: WebsocketRegistration = {}, size = 1024, receive = 512) {
		let end: (ended: Ended) => void;
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		this.transport = transport;
		this.#bytes = new Uint8Array(size);
		this.options = {
			txBuf: new Uint8Array(Math.max(size, 256) + 24),
			onReadable: () => this.#readable?.(),
			onWritable: () => this.#writable?.(),
			onClose: (_, error, close) => {
				this.endings++;
				this.#readable?.();
				end({ error, ...close });
			},
			...options,
		};
		this.ws = websocketRegister(transport, new Uint8Array(receive), receive, this.options);
	}

	/** Sends it all, waiting for room. */
	async send(payload: Uint8Array, opcode: number, final = true): Promise<number> {
		for (;;) {
			const room = new Promise<void>((resolve) => {
				this.#writable = resolve;
			});
			const result = websocketSendMsg(this.ws, payload, payload.length, opcode, false, final, 0);
			if (result !== -11) return result;
			await room;
		}
	}

	/** The next message, up to the size of the buffer, and its type in info.messageType; or a negative errno. */
	async receive(): Promise<Uint8Array | number> {
		let length = 0;
		let type = 0;
		for (;;) {
			const more = new Promise<void>((resolve) => {
				this.#readable = resolve;
			});
			const rest = length ? this.#bytes.subarray(length) : this.#bytes;
			const count = websocketRecvMsg(this.ws, rest, rest.length, this.info, 0);
			if (count === -11) await more;
			else if (count < 0) return count;
			else {
				length += count;
				type |= this.info.messageType;
				if (type & 1 && this.info.remaining === 0) break;
			}
		}
		this.info.messageType = type;
		return this.#bytes.slice(0, length);
	}

	async receiveText(): Promise<string> {
		const message = await this.receive();
		return typeof message === "number" ? `error ${message}` : String.fromArrayBuffer(message.buffer as ArrayBuffer);
	}
}

export interface Pair {
	client: Client;
	server: Server;
	/** Closes both sockets. */
	close(): void;
}

/** A client and a server whose handshake is done. */
export async function pair(
	kind: Kind,
	request: Partial<WebsocketRequest> = {},
	registration: WebsocketRegistration = {},
	size = 1024,
): Promise<Pair> {
	const incoming = new Incoming(kind);
	const client = new Client(kind, incoming.port, "/", request, size);
	const connecting = client.connect();
	const server = new Server(await incoming.next(), registration, size);
	incoming.close();
	ok(server.ws > 0, String(server.ws));
	ok((await connecting) > 0, client.request.failure);
	return {
		client,
		server,
		close() {
			client.transport.close();
			server.transport.close();
		},
	};
}

/** One end of a TCP connection that says what it is told to. */
export class Raw {
	/** All that came, a character for each byte. */
	text = "";
	gone = false;
	readonly #tcp: TCP;
	readonly #writable: Promise<void>;
	#told: (() => void) | undefined;

	constructor(options: Options) {
		let writable = () => {};
		this.#writable = new Promise((resolve) => {
			writable = resolve;
		});
		const heard = (data: unknown) => {
			const bytes = new Uint8Array(data as ArrayBuffer);
			for (let i = 0; i < bytes.length; i++) this.text += String.fromCharCode(bytes[i] as number);
			this.#told?.();
		};
		const gone = () => {
			this.gone = true;
			this.#told?.();
		};
		this.#tcp = new TCP({
			nodelay: true,
			...options,
			onReadable() {
				heard(this.read());
			},
			onWritable() {
				writable();
			},
			onError: gone,
		});
	}

	/** Text is ASCII. */
	async say(what: string | Uint8Array): Promise<void> {
		await this.#writable;
		if (!this.gone) this.#tcp.write(typeof what === "string" ? asciiOf(what) : what);
	}

	/** Waits until `done`, or until nothing more comes. */
	async hear(done: (text: string) => boolean): Promise<string> {
		while (!done(this.text) && !this.gone)
			await new Promise<void>((resolve) => {
				this.#told = resolve;
			});
		return this.text;
	}

	/** Waits for the head of a request or an answer, and for `more` bytes behind it. */
	head(more = 0): Promise<string> {
		return this.hear((text) => {
			const end = text.indexOf("\r\n\r\n");
			return end >= 0 && text.length >= end + 4 + more;
		});
	}

	/** Waits for the end. */
	end(): Promise<string> {
		return this.hear(() => false);
	}

	close(): void {
		this.#tcp.close();
	}
}

/** A server that does nothing of itself. */
export class RawServer {
	readonly port: number;
	readonly #raws = new Queue<Raw>();
	readonly #acceptor: Acceptor;

	constructor() {
		const raws = this.#raws;
		this.#acceptor = new Acceptor({
			onReadable() {
				for (let tcp = this.read(); tcp; tcp = this.read()) raws.push(new Raw({ from: tcp }));
			},
		});
		this.port = this.#acceptor.port;
	}

	next(): Promise<Raw> {
		return this.#raws.next();
	}

	close(): void {
		this.#acceptor.close();
	}
}

/** The right answer to a request, with more headers if there are any ("X: y\r\n"). */
export function answerTo(request: string, headers = ""): string {
	const at = request.indexOf("Sec-WebSocket-Key: ") + 19;
	const accept = acceptOf(request.slice(at, at + 24));
	return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${headers}\r\n`;
}

export function joined(...parts: (string | readonly number[])[]): Uint8Array {
	const bytes: number[] = [];
	for (const part of parts) bytes.push(...(typeof part === "string" ? Array.from(asciiOf(part)) : part));
	return Uint8Array.from(bytes);
}
