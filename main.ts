/*
 * What a WebSocket server and this firmware can do together: connects to the url in mc/config, sends a text and some bytes, checks
 * that they come back the same, and closes. Run it with `npm start`, or with mcconfig: mcconfig -m -p esp32 url=ws://…
 */
import config from "mc/config";
import Timer from "timer";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import {
	CLOSE_NORMAL,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	type WebsocketClose,
	type WebsocketRequest,
	websocketConnect,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";

interface Address {
	/** For the socket: a name or a numeric address, IPv6 without its brackets. */
	host: string;
	port: number;
	/** For the Host header. */
	authority: string;
	path: string;
}

const TIMEOUT_MS = 10_000;
const TEXT = "Grüße from XS";
const BINARY_LENGTH = 1000;

const say = (text: string) => trace(`${text}\n`);

/** ws://host[:port][/path][?query]; throws what to do about anything else. */
function parseUrl(url: unknown): Address {
	if (typeof url !== "string" || !url) throw new Error("no url: add url=ws://host:port/path");
	if (url.startsWith("wss://")) throw new Error(`${url}: TLS is not supported yet, use ws://`);
	const parts = /^ws:\/\/(\[[0-9a-fA-F:.]+\]|[^/?#:@[\]\s]+)(?::(\d{1,5}))?([/?][^#\s]*)?$/.exec(url);
	const port = Number(parts?.[2] ?? 80);
	const name = parts?.[1];
	if (!name || port < 1 || port > 65535) throw new Error(`${url}: not a WebSocket url, it looks like ws://host:port/path`);
	const path = parts[3] ?? "/";
	return {
		host: name.startsWith("[") ? name.slice(1, -1) : name,
		port,
		authority: port === 80 ? name : `${name}:${port}`,
		path: path.startsWith("/") ? path : `/${path}`,
	};
}

/** The same bytes over either kind of socket. */
function open({ host, port }: Address): Transport {
	if (config.transport === "tcp") return new TcpTransport({ host, port, nodelay: true });
	return new SocketTransport({ host, port, noDelay: true });
}

/** What is to come back, in pieces of any size. */
class Echo {
	readonly #expected: Uint8Array;
	readonly #received: Uint8Array;
	readonly #piece: Uint8Array;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	#length = 0;
	done = false;
	text = false;

	constructor(expected: Uint8Array) {
		this.#expected = expected;
		this.#received = new Uint8Array(expected.length);
		this.#piece = new Uint8Array(256);
	}

	/** Takes what is there; throws when it is not the echo. */
	receive(ws: number): void {
		for (;;) {
			const count = websocketRecvMsg(ws, this.#piece, this.#piece.length, this.#info, 0);
			if (count < 0) return;
			if (this.#length + count > this.#received.length) throw new Error("the server did not echo: it sent more than it got");
			this.#received.set(this.#piece.subarray(0, count), this.#length);
			this.#length += count;
			if (this.#info.messageType & WEBSOCKET_FLAG_TEXT) this.text = true;
			if (this.#info.messageType & WEBSOCKET_FLAG_FINAL && this.#info.remaining === 0) break;
		}
		for (let i = 0; i < this.#expected.length; i++)
			if (this.#received[i] !== this.#expected[i]) throw new Error(`the server did not echo: byte ${i} differs`);
		if (this.#length !== this.#expected.length) throw new Error("the server did not echo: it sent less than it got");
		this.done = true;
	}
}

async function run(): Promise<void> {
	const address = parseUrl(config.url);
	if (config.transport !== "socket" && config.transport !== "tcp") throw new Error(`transport=${config.transport}: it is socket or tcp`);
	let echo: Echo | undefined;
	let echoed: (() => void) | undefined;
	let failed: ((error: Error) => void) | undefined;
	let closed: ((close: WebsocketClose) => void) | undefined;
	/** Why the connection is no more, if it is not. */
	let lost: Error | undefined;

	const request: WebsocketRequest = {
		host: address.authority,
		url: address.path,
		tmpBuf: new Uint8Array(1024),
		txBuf: new Uint8Array(1040),
		onReadable: (ws) => {
			if (!echo || echo.done) return;
			try {
				echo.receive(ws);
			} catch (error) {
				failed?.(error as Error);
			}
			if (echo.done) echoed?.();
		},
		onClose: (_, error, close) => {
			lost = new Error(`connection lost: ${request.failure || close.reason || "the server closed"} (code ${close.code})`);
			if (closed && !error) closed(close);
			else failed?.(lost);
		},
	};

	/** Sends, and waits until the same came back. */
	const exchange = (ws: number, bytes: Uint8Array, opcode: number) =>
		new Promise<Echo>((done, fail) => {
			const late = Timer.set(() => fail(new Error(`the server did not echo within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
			const expected = new Echo(bytes);
			echo = expected;
			echoed = () => {
				Timer.clear(late);
				done(expected);
			};
			failed = (error) => {
				Timer.clear(late);
				fail(error);
			};
			const result = websocketSendMsg(ws, bytes, bytes.length, opcode, true, true, TIMEOUT_MS);
			if (result < 0) failed(lost ?? new Error(`sending failed: error ${result}`));
		});

	say(`connecting to ws://${address.authority}${address.path} over ${config.transport === "tcp" ? "ECMA-419 TCP" : "the classic socket"}`);
	const transport = open(address);
	const ws = await websocketConnect(transport, request, TIMEOUT_MS);
	if (ws < 0) {
		transport.close();
		throw new Error(`ws://${address.authority}${address.path}: ${request.failure} (error ${ws})`);
	}
	say("connected: the server proved that it speaks WebSocket");
	try {
		const text = new Uint8Array(ArrayBuffer.fromString(TEXT));
		if (!(await exchange(ws, text, WEBSOCKET_OPCODE_DATA_TEXT)).text) throw new Error("the server did not echo: text came back as binary");
		say(`text echoed: "${TEXT}"`);

		const bytes = new Uint8Array(BINARY_LENGTH);
		for (let i = 0; i < BINARY_LENGTH; i++) bytes[i] = i * 7;
		if ((await exchange(ws, bytes, WEBSOCKET_OPCODE_DATA_BINARY)).text)
			throw new Error("the server did not echo: binary came back as text");
		say(`binary echoed: ${BINARY_LENGTH} bytes`);

		const close = await new Promise<WebsocketClose>((done, fail) => {
			closed = done;
			failed = fail;
			const result = websocketDisconnect(ws, CLOSE_NORMAL, "done");
			if (result < 0) fail(lost ?? new Error(`closing failed: error ${result}`));
		});
		say(`closed: code ${close.code}${close.clean ? "" : ", not cleanly"}`);
	} finally {
		transport.close();
	}
}

/** An error that ends in a Promise is easily lost on a board: out of the loop it stops the firmware, and says why. */
export default function main(): void {
	run().catch((error) => {
		Timer.set(() => {
			throw error;
		});
	});
}
