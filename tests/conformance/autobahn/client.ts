/* What a client under test does for a fuzzing server: it sends back what it gets, and asks short questions. */
import Timer from "timer";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { WEBSOCKET_FLAG_BINARY, WEBSOCKET_FLAG_FINAL, type WebsocketRequest, websocketConnect, websocketRecvMsg } from "websocket";
import { Echo } from "./echo";

export interface Server {
	/** A name or a numeric address, IPv6 without its brackets. */
	host: string;
	port: number;
	/** For the Host header. */
	authority: string;
	/** Before the path of each request, without a slash at its end. */
	prefix: string;
	/** How it is reached. */
	transport: "tcp" | "socket";
	/** The library's during each connection; where a piece does not fit, it goes out part by part. */
	txBuf: Uint8Array;
}

const CONNECT_MS = 20_000;
/** How long a connection may be silent. A case waits for 10 s at most where the standard server waits. */
const IDLE_MS = 60_000;
/** Of a part of a message. As much again is the library's, twice. */
export const PIECE = 1024;

const received = new Uint8Array(PIECE);
const piece = new Uint8Array(PIECE);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** ws://host[:port][/path]; throws what to do about anything else. */
export function parseServer(url: unknown, transport: unknown, txBuf = new Uint8Array(PIECE + 16)): Server {
	const parts = /^ws:\/\/(\[[0-9a-fA-F:.]+\]|[^/?#:@[\]\s]+)(?::(\d{1,5}))?(\/[^\s?#]*)?$/.exec(String(url));
	const port = Number(parts?.[2] ?? 80);
	const name = parts?.[1];
	if (!name || port < 1 || port > 65535) throw new Error(`${url}: not the url of a fuzzing server, it looks like ws://127.0.0.1:9001`);
	if (transport !== "tcp" && transport !== "socket") throw new Error(`transport=${transport}: it is tcp or socket`);
	return {
		host: name.startsWith("[") ? name.slice(1, -1) : name,
		port,
		authority: port === 80 ? name : `${name}:${port}`,
		prefix: (parts[3] ?? "").replace(/\/+$/, ""),
		transport,
		txBuf,
	};
}

function open({ host, port, transport }: Server): Transport {
	return transport === "tcp" ? new TcpTransport({ host, port, nodelay: true }) : new SocketTransport({ host, port, noDelay: true });
}

/**
 * Connects, calls `step` whenever something may be done, and resolves when the connection has ended. `step` is told whether the last
 * frame is gone, and returns whether anything moved. Throws if there was no connection.
 */
async function converse(server: Server, path: string, step: (ws: number, writable: boolean) => boolean): Promise<void> {
	const url = server.prefix + path;
	const transport = open(server);
	let ended = () => {};
	const end = new Promise<void>((done) => {
		ended = done;
	});
	let silent = false;
	const request: WebsocketRequest = {
		host: server.authority,
		url,
		tmpBuf: received,
		txBuf: server.txBuf,
		onReadable: (ws) => {
			if (step(ws, false)) silent = false;
		},
		onWritable: (ws) => {
			if (step(ws, true)) silent = false;
		},
		onClose: () => {
			transport.close();
			ended();
		},
	};
	const ws = await websocketConnect(transport, request, CONNECT_MS);
	if (ws < 0) {
		transport.close();
		throw new Error(`ws://${server.authority}${url}: ${request.failure} (error ${ws})`);
	}
	const idle = Timer.repeat(() => {
		// Its end is told like any other one.
		if (silent) transport.close();
		silent = true;
	}, IDLE_MS);
	await end;
	Timer.clear(idle);
}

/** Receives and sends back until the server has had enough. Throws if there was no connection. */
export async function echo(server: Server, path: string): Promise<void> {
	const answers = new Echo(piece, true);
	await converse(server, path, (ws, writable) => answers.step(ws, writable));
}

/** The first message that the server sends, or "" if it sends none. Throws if there was no connection. */
export async function ask(server: Server, path: string): Promise<string> {
	let answer = "";
	let complete = false;
	await converse(server, path, (ws) => {
		let moved = false;
		for (;;) {
			const count = websocketRecvMsg(ws, piece, PIECE, info, 0);
			if (count < 0) return moved;
			moved = true;
			if (complete) continue;
			if (info.messageType & WEBSOCKET_FLAG_BINARY) throw new Error(`ws://${server.authority}${path}: the answer is not text`);
			// The answers are ASCII, so parts of them are.
			answer += String.fromArrayBuffer(piece.buffer.slice(0, count));
			complete = (info.messageType & WEBSOCKET_FLAG_FINAL) !== 0 && info.remaining === 0;
		}
	});
	return answer;
}
