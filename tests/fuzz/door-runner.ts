/*
 * Runs an input through a context and the door, where messages that come whole go a shorter way than elsewhere: as its transport, and as
 * an app that receives in its callback, or later, or both, with whatever buffer. The outcome is that of FrameRunner.
 */
import { copy } from "bytes/block";
import type { Transport } from "transport/transport";
import { websocketReadable, websocketRecvMsg } from "websocket";
import { EAGAIN, ECANCELED, ENOTCONN } from "websocket/codes";
import { CLOSED, Connection, OPEN, TIMEOUT_NONE } from "websocket/connection";
import type { Context } from "websocket/context";
import { claimContext } from "websocket/contexts";
import type { Settings } from "./frame-model";
import type { Outcome } from "./outcome";
import type { Xorshift } from "./xorshift";

const RECEIVE_SIZES = [1, 9, 64, 300, 2048];
const APP_SIZES = [1, 40, 125, 2048];
const TRANSMIT = 256;
const FLAG_FINAL = 1;
/** Zephyr's flag, without the bit for FINAL. */
const TYPE_PING = 8;

// What the app does when it is called: nothing, or receives once, or until there is nothing.
const APP_LATER = 0;
const APP_ONCE = 1;
// 2 and 3: all.
const APPS = 4;

/** A context as its timer has it. */
interface Timed {
	onTimer(): void;
}

const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

export class DoorRunner implements Transport {
	/** What was wrong beside the outcome, or "". */
	problem = "";
	closeReason = "";
	readonly outcome: Outcome;
	readonly #receive: Uint8Array[] = [];
	readonly #app: Uint8Array[] = [];
	readonly #transmit = new Uint8Array(TRANSMIT);
	/** What the app gave to the door. */
	readonly #options = { onReadable: (ws: number) => this.#called(ws), onClose: () => this.#ended() };
	#bytes: Uint8Array = this.#transmit;
	/** What has come and was not read yet. */
	#at = 0;
	#end = 0;
	#buffer: Uint8Array = this.#transmit;
	#size = 0;
	#does = APP_LATER;
	/** Of the message that is being received. */
	#type = 0;
	#inside = false;
	#closed = 0;

	constructor(outcome: Outcome) {
		this.outcome = outcome;
		for (const size of RECEIVE_SIZES) this.#receive.push(new Uint8Array(size));
		for (const size of APP_SIZES) this.#app.push(new Uint8Array(size));
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
		const { outcome } = this;
		copy(outcome.sent, outcome.sentLength, from, start, end - start);
		outcome.sentLength += end - start;
		return end - start;
	}

	run(bytes: Uint8Array, length: number, settings: Settings, random: Xorshift): void {
		this.outcome.reset();
		this.problem = "";
		this.#bytes = bytes;
		this.#at = this.#end = this.#type = this.#closed = 0;
		const app = random.below(APP_SIZES.length);
		this.#buffer = this.#app[app] as Uint8Array;
		this.#size = APP_SIZES[app] as number;
		this.#does = random.below(APPS);
		const connection = this.#connection(settings, random);
		const context = claimContext(this) as Context;
		context.begin(connection, { transport: this, options: this.#options, userData: undefined, resolve: undefined, timeoutMs: 0 });
		const cut = random.below(3);
		while (this.#end < length && this.#closed === 0) {
			const left = length - this.#end;
			const count = cut === 0 ? left : 1 + random.below(cut === 1 ? 200 : 20);
			this.#end += count < left ? count : left;
			context.onReadable();
			this.#take(context.handle);
			// What came of what the app did later, the timer sees to.
			if (context.connection !== undefined) (context as unknown as Timed).onTimer();
		}
		this.#judge(connection);
		context.onClosed(-ECANCELED);
		if (this.#closed !== 1 && !this.problem) this.problem = `onClose came ${this.#closed} times`;
	}

	#connection({ server, autoPong, maxMessage }: Settings, random: Xorshift): Connection {
		const connection = new Connection({
			transport: this,
			receive: this.#receive[random.below(RECEIVE_SIZES.length)] as Uint8Array,
			transmit: this.#transmit,
			random: zeros,
			server,
			autoPong,
			maxMessage,
			closeTimeoutMs: 1000,
			drainTimeoutMs: TIMEOUT_NONE,
			pingIntervalMs: TIMEOUT_NONE,
			pongTimeoutMs: TIMEOUT_NONE,
			collectHeaders: false,
		});
		connection.adopt();
		return connection;
	}

	#called(ws: number): void {
		if (this.#inside) this.problem = "onReadable inside a callback";
		this.#inside = true;
		if (this.#does === APP_ONCE) this.#receiveOnce(ws);
		else if (this.#does !== APP_LATER) this.#take(ws);
		this.#inside = false;
	}

	#ended(): void {
		if (this.#inside) this.problem = "onClose inside a callback";
		this.#closed++;
	}

	#take(ws: number): void {
		for (;;) {
			// Asks before it receives: at least as much must come then.
			const there = this.#does === APPS - 1 ? websocketReadable(ws, info) : -1;
			const count = this.#receiveOnce(ws);
			if (there >= 0 && count < (there < this.#size ? there : this.#size)) this.problem = `${there} bytes were there, ${count} came`;
			if (count < 0) return;
		}
	}

	#receiveOnce(ws: number): number {
		const { outcome } = this;
		const count = websocketRecvMsg(ws, this.#buffer, this.#size, info, 0);
		if (count < 0) {
			if (count !== -EAGAIN && count !== -ENOTCONN) this.problem = `websocketRecvMsg gave ${count}`;
			return count;
		}
		const flags = info.messageType;
		let type = flags >> 1;
		if (type === 0) type = this.#type;
		else if (type < TYPE_PING) this.#type = type;
		if (count === 0 && info.remaining > 0) this.problem = "an empty piece of a frame that is not empty";
		outcome.data(type, this.#buffer, count, (flags & FLAG_FINAL) !== 0 && info.remaining === 0);
		return count;
	}

	#judge(connection: Connection): void {
		const { state, fault, closeCode, closeReason, clean } = connection;
		this.closeReason = closeReason;
		if (state === CLOSED) {
			this.outcome.end(fault, closeCode);
			if (clean !== (fault === 0)) this.problem = "clean is wrong";
			if (this.#closed === 0) this.problem = "onClose did not come";
		} else if (state !== OPEN) this.problem = "neither open nor closed";
	}
}

/** A key that leaves the payload as it is. */
function zeros(bytes: Uint8Array, start: number, end: number): void {
	for (let i = start; i < end; i++) bytes[i] = 0;
}
