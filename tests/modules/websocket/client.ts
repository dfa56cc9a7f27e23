/* An app for the tests: a connection whose events one can wait for. */
import config from "mc/config";
import { Socket } from "socket";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { type WebsocketClose, type WebsocketRequest, websocketConnect, websocketRecvMsg, websocketSendMsg } from "websocket";

export const kinds = ["socket", "tcp"] as const;
export type Kind = (typeof kinds)[number];

export const ports = config as unknown as { port: number; raw: number; ssh: number; refused: number };

const address = "127.0.0.1";

export function transportTo(kind: Kind, port: number): Transport {
	if (kind === "tcp") return new TcpTransport({ address, port, nodelay: true });
	return new SocketTransport(new Socket({ host: address, port, noDelay: true }));
}

export interface Ended extends WebsocketClose {
	readonly error: number;
}

export class Client {
	readonly transport: Transport;
	readonly request: WebsocketRequest;
	ws = 0;
	/** How often onClose was called. */
	endings = 0;
	readonly ended: Promise<Ended>;
	readonly info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #bytes: Uint8Array;
	#readable: (() => void) | undefined;
	#writable: (() => void) | undefined;

	constructor(kind: Kind, port: number, url: string, options: Partial<WebsocketRequest> = {}, size = 1024) {
		this.transport = transportTo(kind, port);
		this.#bytes = new Uint8Array(size);
		let end: (ended: Ended) => void;
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		this.request = {
			host: `${address}:${port}`,
			url,
			tmpBuf: new Uint8Array(512),
			// The request of the handshake has to fit, too.
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
	}

	async connect(timeout = 20_000): Promise<number> {
		this.ws = await websocketConnect(this.transport, this.request, timeout);
		return this.ws;
	}

	/** Sends it all, waiting for room. */
	async send(payload: Uint8Array, opcode: number, final = true): Promise<number> {
		for (;;) {
			const room = new Promise<void>((resolve) => {
				this.#writable = resolve;
			});
			const result = websocketSendMsg(this.ws, payload, payload.length, opcode, true, final, 0);
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

/** Asks the server what it saw of the connection before, in up to `size` bytes. */
export async function verdict(size?: number): Promise<string> {
	const client = new Client("tcp", ports.port, "/verdict", {}, size);
	await client.connect();
	const text = await client.receiveText();
	client.transport.close();
	return text;
}

export const asciiOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

export function counting(length: number): Uint8Array {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = i * 7 + (i >> 8);
	return bytes;
}
