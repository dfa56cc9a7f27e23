/*
 * Runs an input through a connection, in pieces, as its peer and its app: the outcome is what the app got, what the peer got and how
 * it ended. A connection is made for each input; all else is made once.
 */
import { copy } from "bytes/block";
import type { Transport } from "transport/transport";
import { CLOSED, Connection, OPEN, TIMEOUT_NONE } from "websocket/connection";
import type { Settings } from "./frame-model";
import type { Outcome } from "./outcome";
import type { Xorshift } from "./xorshift";

/** The buffers that connections and apps choose from; the last one holds any input. */
const SIZES = [1, 2, 7, 16, 64, 256, 2048];
const WHOLE = SIZES.length - 1;
const TRANSMIT = 64;
const FLAG_FINAL = 1;
/** Zephyr's flag, without the bit for FINAL. */
const TYPE_PING = 8;
const ROOM_WHOLE = 2048;

// How the pieces are cut.
const CUT_WHOLE = 0;
const CUT_BYTES = 1;
const CUT_ONCE = 2;
const CUT_LARGE = 3;
// 4: pieces of a few bytes.
/** Inputs above these have fewer pieces for their length. */
const SHORT = 16;
const LONG = 64;

const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

export class FrameRunner implements Transport {
	/** What was wrong beside the outcome, or "". */
	problem = "";
	closeReason = "";
	readonly outcome: Outcome;
	readonly #receive: Uint8Array[] = [];
	readonly #app: Uint8Array[] = [];
	readonly #options;
	#bytes: Uint8Array;
	/** What has come and was not read yet. */
	#at = 0;
	#end = 0;
	/** How much a write takes at once. */
	#room = 0;
	/** Of the message that is being received. */
	#type = 0;
	#connection: Connection | undefined;

	constructor(outcome: Outcome) {
		this.outcome = outcome;
		for (const size of SIZES) {
			this.#receive.push(new Uint8Array(size));
			this.#app.push(new Uint8Array(size));
		}
		this.#bytes = this.#receive[0] as Uint8Array;
		this.#options = {
			transport: this,
			receive: this.#bytes,
			transmit: new Uint8Array(TRANSMIT),
			random: (bytes: Uint8Array, start: number, end: number) => {
				for (let i = start; i < end; i++) bytes[i] = 0;
			},
			server: false,
			autoPong: true,
			maxMessage: 0,
			closeTimeoutMs: 1000,
			drainTimeoutMs: TIMEOUT_NONE,
			pingIntervalMs: TIMEOUT_NONE,
			pongTimeoutMs: TIMEOUT_NONE,
			collectHeaders: false,
		};
	}

	start(): boolean {
		return true;
	}
	stop(): void {}
	close(): void {}

	read(into: Uint8Array, start: number, end: number): number {
		let count = this.#end - this.#at;
		if (count > end - start) count = end - start;
		if (count > 0) copy(into, start, this.#bytes, this.#at, count);
		this.#at += count;
		return count;
	}

	write(from: Uint8Array, start: number, end: number): number {
		const outcome = this.outcome;
		let count = end - start;
		if (count > this.#room) count = this.#room;
		copy(outcome.sent, outcome.sentLength, from, start, count);
		outcome.sentLength += count;
		return count;
	}

	/** All at once, with buffers for all of it. */
	runWhole(bytes: Uint8Array, length: number, settings: Settings): void {
		this.#prepare(settings, WHOLE, ROOM_WHOLE);
		this.#run(bytes, length, WHOLE, CUT_WHOLE, undefined);
	}

	/** The same, on the connection of the last input if that is open. */
	runOn(bytes: Uint8Array, length: number, settings: Settings): void {
		if (this.#connection === undefined) this.#prepare(settings, WHOLE, ROOM_WHOLE);
		else this.outcome.reset();
		this.#run(bytes, length, WHOLE, CUT_WHOLE, undefined);
	}

	/** In pieces and with buffers that `random` chooses. */
	runSplit(bytes: Uint8Array, length: number, settings: Settings, random: Xorshift): void {
		// The smallest sizes for short inputs only: there is as much to find in them, in a tenth of the time.
		const least = length > LONG ? 3 : length > SHORT ? 2 : 0;
		const receive = least + random.below(SIZES.length - least);
		const app = least + random.below(SIZES.length - least);
		const room = 1 + random.below(random.below(2) ? 8 : 200);
		const cut = length > LONG ? CUT_ONCE + random.below(2) : length > SHORT ? CUT_ONCE + random.below(3) : CUT_BYTES + random.below(4);
		this.#prepare(settings, receive, room);
		this.#run(bytes, length, app, cut, random);
	}

	/** A new connection. */
	#prepare({ server, autoPong, maxMessage }: Settings, receive: number, room: number): void {
		const options = this.#options;
		options.receive = this.#receive[receive] as Uint8Array;
		options.server = server;
		options.autoPong = autoPong;
		options.maxMessage = maxMessage;
		this.#room = room;
		this.#type = 0;
		this.outcome.reset();
		this.#connection = new Connection(options);
		this.#connection.adopt();
	}

	#run(bytes: Uint8Array, length: number, app: number, cut: number, random: Xorshift | undefined): void {
		const connection = this.#connection as Connection;
		this.problem = "";
		this.#bytes = bytes;
		this.#at = this.#end = 0;
		const buffer = this.#app[app] as Uint8Array;
		const size = SIZES[app] as number;
		let end = 0;
		while (end < length) {
			let count = length - end;
			if (random !== undefined) {
				if (cut === CUT_BYTES) count = 1;
				else if (cut === CUT_ONCE) count = end === 0 ? 1 + random.below(length) : length;
				else count = 1 + random.below(cut === CUT_LARGE ? 40 : 6);
			}
			end = end + count < length ? end + count : length;
			this.#end = end;
			// Whatever the transport says, what is there is read.
			if (random !== undefined && random.below(4) === 0) connection.writable();
			else connection.readable();
			this.#drain(connection, buffer, size);
			if (connection.state === CLOSED) break;
		}
		this.#judge(connection);
	}

	#drain(connection: Connection, buffer: Uint8Array, size: number): void {
		const outcome = this.outcome;
		for (;;) {
			const count = connection.receive(buffer, size, info);
			if (count < 0) return;
			const flags = info.messageType;
			let type = flags >> 1;
			if (type === 0) type = this.#type;
			else if (type < TYPE_PING) this.#type = type;
			if (count === 0 && info.remaining > 0) this.problem = "an empty piece of a frame that is not empty";
			outcome.data(type, buffer, count, (flags & FLAG_FINAL) !== 0 && info.remaining === 0);
		}
	}

	#judge(connection: Connection): void {
		const { state, fault, closeCode, closeReason, clean } = connection;
		this.closeReason = closeReason;
		if (state === CLOSED) {
			this.outcome.end(fault, closeCode);
			if (clean !== (fault === 0)) this.problem = "clean is wrong";
		} else if (state !== OPEN) this.problem = "neither open nor closed";
	}
}
