/*
 * What goes over a connection, told with trace(), as Zephyr does for CONFIG_NET_WEBSOCKET_LOG_LEVEL and with its two HEXDUMP defines:
 * keys of the same names in the manifest's "config". A log is a transport around the transport, so without one nothing is slower.
 */
import config from "mc/config";
import type { Transport, TransportEvents } from "transport/transport";
import { Decoder } from "websocket/decoder";
import type { WebsocketOptions, WebsocketRegistration } from "websocket/request";

/** Zephyr's levels. */
export const LOG_ERR = 1;
export const LOG_INF = 3;
export const LOG_DBG = 4;

/** Numbers and booleans of the command line are strings. */
const level = () => Number(config.NET_WEBSOCKET_LOG_LEVEL ?? 0);
const isOn = (value: unknown) => value === true || value === 1 || value === "1" || value === "true";
const dumpsSent = () => isOn(config.HEXDUMP_SENT_PACKETS);
const dumpsReceived = () => isOn(config.HEXDUMP_RECV_PACKETS);

/** Whether a connection says what is of this level. Ask first: making the words would be garbage. */
export const logs = (at: number): boolean => level() >= at;

/** Says something about a connection. */
export function log(options: WebsocketOptions, text: string): void {
	const { host = "", url = "" } = options as WebsocketRegistration;
	trace(`[websocket ${host}${url}] ${text}\n`);
}

/** The transport, with a log around it if there is to be one. `server`: frames that come are masked; `framed`: there is no handshake. */
export function logged(transport: Transport, options: WebsocketOptions, server: boolean, framed: boolean): Transport {
	if (level() < LOG_DBG && !dumpsSent() && !dumpsReceived()) return transport;
	return new LoggedTransport(transport, options, server, framed);
}

const NAMES: readonly string[] = Object.freeze(["CONTINUE", "TEXT", "BINARY", "3", "4", "5", "6", "7", "CLOSE", "PING", "PONG"]);
const BLANK_LINE = 0x0d0a0d0a;
const PER_LINE = 16;

/** The frames in one direction, each told when its header is there. */
class Frames {
	readonly #decoder: Decoder;
	/** The last four bytes of the handshake, and whether they were the blank line. */
	#head = 0;
	#framed = false;
	/** Bytes of payload that are still to come. */
	#left = 0;
	/** The peer breaks the protocol, so there are no frames to tell of. */
	#lost = false;

	/** `framed`: there is no handshake before them. */
	constructor(masked: boolean, framed: boolean) {
		this.#framed = framed;
		this.#decoder = new Decoder(masked);
	}

	/** Passes over bytes up to behind the next header, which it tells of, or up to `end`. */
	next(bytes: Uint8Array, start: number, end: number, tell: (text: string) => void): number {
		let at = start;
		while (!this.#framed && at < end) {
			this.#head = (this.#head << 8) | (bytes[at++] as number);
			this.#framed = this.#head === BLANK_LINE;
		}
		const skipped = Math.min(this.#left, end - at);
		this.#left -= skipped;
		at += skipped;
		if (at === end || this.#lost) return end;
		const size = this.#decoder.header(bytes, at, end);
		if (size <= 0) {
			this.#lost = size < 0;
			return end;
		}
		const { opcode, fin, length } = this.#decoder;
		this.#left = length;
		tell(`${NAMES[opcode]}${fin ? "" : ", more follows"}, ${length} bytes`);
		return at + size;
	}
}

class LoggedTransport implements Transport {
	readonly #transport: Transport;
	readonly #options: WebsocketOptions;
	readonly #sent: Frames;
	readonly #received: Frames;

	constructor(transport: Transport, options: WebsocketOptions, server: boolean, framed: boolean) {
		this.#transport = transport;
		this.#options = options;
		this.#sent = new Frames(!server, framed);
		this.#received = new Frames(server, framed);
	}

	start(events: TransportEvents): boolean {
		return this.#transport.start(events);
	}

	stop(): void {
		this.#transport.stop();
	}

	read(into: Uint8Array, start: number, end: number): number {
		const count = this.#transport.read(into, start, end);
		if (count > 0) this.tell(this.#received, "received", dumpsReceived(), into, start, start + count);
		return count;
	}

	write(from: Uint8Array, start: number, end: number): number {
		const count = this.#transport.write(from, start, end);
		if (count > 0) this.tell(this.#sent, "sent", dumpsSent(), from, start, start + count);
		return count;
	}

	close(): void {
		this.#transport.close();
	}

	private tell(frames: Frames, what: string, dump: boolean, bytes: Uint8Array, start: number, end: number): void {
		for (let at = start; at < end; ) at = frames.next(bytes, at, end, (text) => logs(LOG_DBG) && log(this.#options, `${what} ${text}`));
		if (!dump) return;
		for (let at = start; at < end; at += PER_LINE) {
			let text = "";
			for (let i = at; i < Math.min(at + PER_LINE, end); i++) text += ` ${((bytes[i] as number) + 0x100).toString(16).slice(1)}`;
			log(this.#options, `${what}${text}`);
		}
	}
}
