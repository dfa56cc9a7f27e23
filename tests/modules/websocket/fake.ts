/* A transport without a socket, and what the tests of the core say with it. */
import type { Transport, TransportEvents } from "transport/transport";
import { CONNECTING, Connection, type ConnectionOptions, OPEN, TIMEOUT_NONE } from "websocket/connection";

/** Gives what it was given, in the pieces it was given, and keeps what is written. */
export class FakeTransport implements Transport {
	written: number[] = [];
	/** How many bytes write() takes until somebody makes room. */
	room = 0x7fffffff;
	broken = false;
	started = true;
	closed = false;
	readonly #pieces: Uint8Array[] = [];

	give(bytes: Uint8Array): void {
		if (bytes.length) this.#pieces.push(bytes);
	}
	start(_events: TransportEvents): boolean {
		this.started = true;
		return true;
	}
	stop(): void {
		this.started = false;
	}
	read(into: Uint8Array, start: number, end: number): number {
		const piece = this.#pieces[0];
		if (piece === undefined) return this.broken ? -5 : 0;
		const count = Math.min(piece.length, end - start);
		into.set(piece.subarray(0, count), start);
		if (count === piece.length) this.#pieces.shift();
		else this.#pieces[0] = piece.subarray(count);
		return count;
	}
	write(from: Uint8Array, start: number, end: number): number {
		if (this.broken) return -5;
		const count = Math.min(this.room, end - start);
		for (let i = start; i < start + count; i++) this.written.push(from[i] as number);
		this.room -= count;
		return count;
	}
	close(): void {
		this.closed = true;
	}

	/** What was written since the last call, in hexadecimal. */
	take(): string {
		const text = hexOf(this.written);
		this.written.length = 0;
		return text;
	}
}

export function hexOf(bytes: ArrayLike<number>): string {
	let text = "";
	for (let i = 0; i < bytes.length; i++) text += ((bytes[i] as number) + 256).toString(16).slice(1);
	return text;
}

/** Bytes in hexadecimal, with spaces as one likes; "61*200" is 200 times 61. */
export function bytesOf(hex: string): Uint8Array {
	let text = "";
	for (const part of hex.split(" ")) {
		const star = part.indexOf("*");
		text += star < 0 ? part : part.slice(0, star).repeat(Number(part.slice(star + 1)));
	}
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}

export const asciiOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

/** The answer to a key of 16 zero bytes. */
export const ACCEPT = "ICX+Yqv66kxgM0FcWaLWlFLwTAI=";
export const ANSWER = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;

/** A masking key of zeros leaves the payload as it is, so that one can read it. */
export const noRandom = (bytes: Uint8Array, start: number, end: number): void => {
	for (let i = start; i < end; i++) bytes[i] = 0;
};

export interface Side {
	transport: FakeTransport;
	connection: Connection;
}

function made(receive: number, transmit: number, options: Partial<ConnectionOptions>): Side {
	const transport = new FakeTransport();
	const connection = new Connection({
		transport,
		receive: new Uint8Array(receive),
		transmit: new Uint8Array(transmit),
		random: noRandom,
		server: false,
		autoPong: true,
		maxMessage: 0,
		closeTimeoutMs: 1000,
		drainTimeoutMs: TIMEOUT_NONE,
		pingIntervalMs: TIMEOUT_NONE,
		pongTimeoutMs: 1000,
		collectHeaders: false,
		...options,
	});
	return { transport, connection };
}

export function connecting(
	receive = 256,
	transmit = 256,
	autoPong = true,
	drainTimeoutMs = TIMEOUT_NONE,
	options: Partial<ConnectionOptions> = {},
): Side {
	const side = made(receive, transmit, { autoPong, drainTimeoutMs, ...options });
	const error = side.connection.request({ host: "h", url: "/" });
	if (error) throw new Error(`request gave ${error}`);
	return side;
}

/** A server's side that waits for the request. */
export function listening(receive = 256, transmit = 256, options: Partial<ConnectionOptions> = {}): Side {
	const side = made(receive, transmit, { ...options, server: true });
	side.connection.listen();
	return side;
}

/** A server's side after the handshake. */
export function serving(receive = 256, transmit = 256, options: Partial<ConnectionOptions> = {}): Side {
	const side = made(receive, transmit, { ...options, server: true });
	side.connection.adopt();
	return side;
}

/** A connection whose handshake is done. */
export function opened(
	receive = 256,
	transmit = 256,
	autoPong = true,
	drainTimeoutMs = TIMEOUT_NONE,
	options: Partial<ConnectionOptions> = {},
): Side {
	const side = connecting(receive, transmit, autoPong, drainTimeoutMs, options);
	side.transport.give(asciiOf(ANSWER));
	while (side.connection.state === CONNECTING) side.connection.writable();
	if (side.connection.state !== OPEN) throw new Error(`the handshake failed: ${side.connection.fault}`);
	side.transport.take();
	return side;
}
