/*
 * What a client under test does for a fuzzing server: it sends back what it gets, and asks short questions. Messages of any length
 * pass through one piece of memory: each part received goes out as a fragment, and nothing more is received before it is gone.
 */
import Net from "net";
import { Socket } from "socket";
import Timer from "timer";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import {
	EAGAIN,
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_TEXT,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	type WebsocketRequest,
	websocketConnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";

export interface Server {
	/** A name or a numeric address, IPv6 without its brackets. */
	host: string;
	port: number;
	/** For the Host header. */
	authority: string;
	/** Before the path of each request, without a slash at its end. */
	prefix: string;
}

const CONNECT_MS = 20_000;
/** How long a connection may be silent. A case waits for 10 s at most where the standard server waits. */
const IDLE_MS = 60_000;
/** Of a part of a message. Two more of this size are the library's. */
const PIECE = 1024;

const received = new Uint8Array(PIECE);
const transmitted = new Uint8Array(PIECE + 16);
const piece = new Uint8Array(PIECE);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** ws://host[:port][/path]; throws what to do about anything else. */
export function parseServer(url: unknown): Server {
	const parts = /^ws:\/\/(\[[0-9a-fA-F:.]+\]|[^/?#:@[\]\s]+)(?::(\d{1,5}))?(\/[^\s?#]*)?$/.exec(String(url));
	const port = Number(parts?.[2] ?? 80);
	const name = parts?.[1];
	if (!name || port < 1 || port > 65535) throw new Error(`${url}: not the url of a fuzzing server, it looks like ws://127.0.0.1:9001`);
	return {
		host: name.startsWith("[") ? name.slice(1, -1) : name,
		port,
		authority: port === 80 ? name : `${name}:${port}`,
		prefix: (parts[3] ?? "").replace(/\/+$/, ""),
	};
}

/** ECMA-419 TCP knows numeric addresses only. */
function resolve(host: string): Promise<string> {
	return new Promise((resolved, rejected) => {
		if (/^[\d.]+$/.test(host) || host.includes(":")) resolved(host);
		else Net.resolve(host, (_, address) => (address ? resolved(address) : rejected(new Error(`${host}: no such host`))));
	});
}

async function open({ host, port }: Server, kind: string): Promise<Transport> {
	if (kind === "tcp") return new TcpTransport({ address: await resolve(host), port, nodelay: true });
	return new SocketTransport(new Socket({ host, port, noDelay: true }));
}

/** Connects, calls `step` whenever something may be done, and resolves when the connection has ended. Throws if there was none. */
async function converse(server: Server, kind: string, path: string, step: (ws: number) => boolean): Promise<void> {
	const url = server.prefix + path;
	const transport = await open(server, kind);
	let ended = () => {};
	const end = new Promise<void>((done) => {
		ended = done;
	});
	let silent = false;
	const onStep = (ws: number) => {
		if (step(ws)) silent = false;
	};
	const request: WebsocketRequest = {
		host: server.authority,
		url,
		tmpBuf: received,
		txBuf: transmitted,
		onReadable: onStep,
		onWritable: onStep,
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
export function echo(server: Server, kind: string, path: string): Promise<void> {
	let length = -EAGAIN;
	let opcode = 0;
	let final = false;
	let within = false;
	return converse(server, kind, path, (ws) => {
		let moved = false;
		for (;;) {
			if (length >= 0) {
				const sent = websocketSendMsg(ws, piece, length, opcode, true, final, 0);
				if (sent < 0) return moved;
				moved = true;
			}
			length = websocketRecvMsg(ws, piece, PIECE, info, 0);
			if (length < 0) return moved;
			const { messageType } = info;
			final = (messageType & WEBSOCKET_FLAG_FINAL) !== 0 && info.remaining === 0;
			if (within) opcode = WEBSOCKET_OPCODE_CONTINUE;
			else opcode = messageType & WEBSOCKET_FLAG_TEXT ? WEBSOCKET_OPCODE_DATA_TEXT : WEBSOCKET_OPCODE_DATA_BINARY;
			within = !final;
		}
	});
}

/** The first message that the server sends, or "" if it sends none. Throws if there was no connection. */
export async function ask(server: Server, kind: string, path: string): Promise<string> {
	let answer = "";
	let complete = false;
	await converse(server, kind, path, (ws) => {
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
