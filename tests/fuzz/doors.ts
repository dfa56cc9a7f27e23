/*
 * The fuzzer of the door: several connections at a time through the functions that apps call, on the device's own loop and timers. Their
 * apps call anything at any time, from callbacks, too. What must hold: every handle gets onClose once and nothing after it, nobody is
 * called back from inside a call, a result is one that the docstring has, and in the end all contexts are free.
 */
import Timer from "timer";
import type { Transport, TransportEvents } from "transport/transport";
import {
	EAGAIN,
	EBADF,
	ECANCELED,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	FAULTS,
	POLLIN,
	POLLOUT,
	type WebsocketClose,
	type WebsocketOptions,
	websocketConnect,
	websocketConnectStart,
	websocketDisconnect,
	websocketPoll,
	websocketRecvMsg,
	websocketRegister,
	websocketSendMsg,
} from "websocket";
import { acceptOf } from "websocket/http";
import { FrameMaker } from "./frame-maker";
import { hexOf } from "./outcome";
import { Xorshift } from "./xorshift";

const EIO = 5;
const STEPS_MAX = 25;
/** Longer than anything that a life may wait for. */
const TURNS_MAX = 400;
const SETTLE_TURNS = 60;
const SHORT_MS = 3;
const REFUSED = -1;
const KEY_LENGTH = 24;

const REQUEST =
	"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

const bytesOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

class Fake implements Transport {
	events: TransportEvents | undefined;
	starts = 0;
	readonly incoming: number[] = [];
	readonly outgoing: number[] = [];
	room = 1000;
	gone = false;
	closed = false;
	problem = "";

	start(events: TransportEvents): boolean {
		this.starts++;
		if (this.events) return false;
		this.events = events;
		return true;
	}
	stop(): void {
		this.events = undefined;
	}
	read(into: Uint8Array, start: number, end: number): number {
		if (!this.events) this.problem = "it reads after the end";
		let count = 0;
		while (start + count < end && this.incoming.length) into[start + count++] = this.incoming.shift() as number;
		return count === 0 && (this.gone || this.closed) ? -EIO : count;
	}
	write(from: Uint8Array, start: number, end: number): number {
		if (!this.events) this.problem = "it writes after the end";
		if (this.gone || this.closed) return -EIO;
		const count = Math.min(this.room, end - start);
		for (let i = start; i < start + count; i++) this.outgoing.push(from[i] as number);
		this.room -= count;
		return count;
	}
	close(): void {
		if (this.closed) return;
		this.closed = true;
		const events = this.events;
		this.events = undefined;
		events?.onClosed(-ECANCELED);
	}
}

/** One connection from its beginning to its end. */
class Visit {
	problem = "";
	over = false;
	/** The app has this handle; it is told of its end once. */
	ws = -1;
	endings = 0;
	readonly #random: Xorshift;
	readonly #transport = new Fake();
	readonly #server: boolean;
	readonly #frames: Uint8Array;
	#sentFrames = 0;
	/** Inside a call of the door by the app, outside of callbacks. */
	#calling = false;
	#inCallback = 0;
	#resolved = false;
	#promised = false;
	#answered = false;
	/** cb did not want the connection. */
	#refused = false;
	#steps: number;
	readonly #buffer = new Uint8Array(64);
	readonly #payload = new Uint8Array(500);
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly #wild: boolean;

	constructor(random: Xorshift, frames: Uint8Array, server: boolean) {
		this.#random = random;
		this.#frames = frames;
		this.#server = server;
		this.#steps = 1 + random.below(STEPS_MAX);
		this.#wild = random.below(3) === 0;
		const heard = random.below(8) !== 0;
		const options: WebsocketOptions = {
			txBuf: new Uint8Array(random.below(2) ? 300 : 420),
			closeTimeout: SHORT_MS,
			...(random.below(4) ? {} : { pingInterval: SHORT_MS, pongTimeout: SHORT_MS }),
			autoPong: random.below(8) !== 0,
			maxMessage: random.below(8) ? 0 : 50,
			ownSock: random.below(2) === 0,
			cb: () => this.#callback(() => (random.below(24) ? 0 : this.#refuse())),
			...(heard ? { onReadable: () => this.#callback(() => this.#act()) } : {}),
			onWritable: () => this.#callback(() => this.#act()),
			onTimeout: () => this.#callback(() => this.#act()),
			onClose: (ws, error, close) => this.#closed(ws, error, close),
		};
		this.#begin(options);
	}

	#begin(options: WebsocketOptions): void {
		const random = this.#random;
		const receive = new Uint8Array(200 + random.below(200));
		const timeout = random.below(8) ? 10_000 : SHORT_MS;
		if (this.#server) {
			const upgraded = random.below(2) === 0;
			this.#answered = upgraded;
			this.ws = websocketRegister(this.#transport, receive, receive.length, { ...options, upgraded, handshakeTimeout: timeout });
			if (this.ws < 0) this.problem = `register gave ${this.ws}`;
			return;
		}
		const request = { ...options, host: "h", url: "/", tmpBuf: receive };
		if (random.below(2)) {
			this.ws = websocketConnectStart(this.#transport, request, timeout);
			if (this.ws < 0) this.problem = `connecting gave ${this.ws}`;
			return;
		}
		this.#promised = true;
		void websocketConnect(this.#transport, request, timeout).then((result) => {
			this.#resolved = true;
			if (result >= 0) this.ws = result;
			else if (this.endings) this.problem = "onClose for a handle that nobody got";
			else this.over = true;
		});
	}

	#callback<Result>(body: () => Result): Result {
		if (this.#calling) this.problem = "called back from inside a call";
		if (this.endings || this.over) this.problem = "called back after the end";
		this.#inCallback++;
		const result = body();
		this.#inCallback--;
		return result;
	}

	#refuse(): number {
		this.#refused = true;
		return REFUSED;
	}

	#closed(ws: number, error: number, { clean }: WebsocketClose): void {
		if (this.#calling || this.#inCallback) this.problem = "onClose from inside a call or a callback";
		// With a Promise the handle may come a moment later than what happens to it.
		if (this.ws >= 0 && ws !== this.ws) this.problem = "onClose for another handle";
		if (++this.endings > 1) this.problem = "onClose twice";
		// What cb gave is what the app hears.
		const own = this.#refused && error === REFUSED;
		if (error > 0 || (error && !own && !FAULTS.some(({ errno }) => errno === -error))) this.problem = `onClose says ${error}`;
		if (error && clean) this.problem = "clean with an error";
		const after = websocketSendMsg(ws, this.#payload, 1, 2, !this.#server, true, 0);
		if (after !== -ENOTCONN && after !== -EBADF) this.problem = `send in onClose gave ${after}`;
		this.over = true;
	}

	/** Outside of callbacks nobody may be called back. */
	#call(body: () => number, ...allowed: number[]): number {
		const outside = this.#inCallback === 0;
		if (outside) this.#calling = true;
		const result = body();
		if (outside) this.#calling = false;
		if (result < 0 && !allowed.includes(-result)) this.problem = `a call gave ${result}`;
		return result;
	}

	/** The app does something. */
	#act(): void {
		const { ws } = this;
		if (ws < 0) return;
		const random = this.#random;
		const kind = random.below(this.#wild ? 16 : 13);
		if (kind < 7) {
			for (let times = random.below(4); times >= 0; times--) {
				const size = 1 + random.below(64);
				const timeout = random.below(8) ? 0 : SHORT_MS;
				if (this.#call(() => websocketRecvMsg(ws, this.#buffer, size, this.#info, timeout), EAGAIN, ENOTCONN, EBADF) < 0) break;
			}
		} else if (kind < 11) {
			const length = random.below(random.below(2) ? 40 : 500);
			const opcode = random.below(4) ? 2 : [0, 1, 9, 10][random.below(4)];
			const fin = random.below(4) !== 0;
			const timeout = random.below(2) ? 0 : SHORT_MS;
			this.#call(
				() => websocketSendMsg(ws, this.#payload, length, opcode as number, !this.#server, fin, timeout),
				...[EAGAIN, ENOTCONN, EBADF, EINVAL, EMSGSIZE],
			);
		} else if (kind < 12) void websocketPoll(ws, random.below(2) ? POLLIN : POLLOUT, random.below(2) ? 0 : SHORT_MS);
		else if (kind < 13) return;
		else if (kind < 14) this.#call(() => websocketDisconnect(ws, 1000, "x"), ENOTCONN, EBADF);
		else if (kind < 15) this.#call(() => websocketSendMsg(ws, this.#payload, 0, 8, !this.#server, true, 0), EAGAIN, ENOTCONN, EBADF);
		else this.#transport.close();
	}

	/** The network does something: the loop tells. */
	#happen(): void {
		const random = this.#random;
		const transport = this.#transport;
		switch (random.below(8)) {
			case 0:
			case 1:
			case 2:
			case 3:
				this.#arrive(1 + random.below(random.below(2) ? 8 : 200));
				transport.events?.onReadable();
				break;
			case 4:
			case 5:
				transport.room = random.below(2) ? 1000 : random.below(30);
				transport.events?.onWritable();
				break;
			case 6:
				transport.events?.onReadable();
				break;
			default:
				if (this.#wild && random.below(4) === 0) this.#go();
		}
	}

	#go(): void {
		const transport = this.#transport;
		if (transport.gone || transport.closed) return;
		transport.gone = true;
		transport.events?.onClosed(0);
	}

	/** More of what the peer sends: its part of the handshake first. */
	#arrive(count: number): void {
		const { incoming, outgoing } = this.#transport;
		if (!this.#answered) {
			const head = this.#head(outgoing);
			if (!head) return;
			this.#answered = true;
			for (let i = 0; i < head.length; i++) incoming.push(head[i] as number);
			if (this.#random.below(2)) return;
		}
		const end = Math.min(this.#frames.length, this.#sentFrames + count);
		while (this.#sentFrames < end) incoming.push(this.#frames[this.#sentFrames++] as number);
	}

	#head(outgoing: readonly number[]): Uint8Array | undefined {
		if (this.#server) return bytesOf(REQUEST);
		const request = String.fromArrayBuffer(Uint8Array.from(outgoing).buffer);
		const name = "Sec-WebSocket-Key: ";
		const at = request.indexOf(name);
		if (at < 0 || !request.endsWith("\r\n\r\n")) return undefined;
		const accept = acceptOf(request.slice(at + name.length, at + name.length + KEY_LENGTH));
		return bytesOf(`HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
	}

	/** One turn of the loop. */
	step(turns: number): void {
		const random = this.#random;
		if (this.#steps-- > 0) {
			if (random.below(2)) this.#act();
			else this.#happen();
		} else if (turns > SETTLE_TURNS) this.#transport.close();
		else if (!this.over) {
			// The peer has said everything, and goes; the app takes everything.
			this.#transport.room = 1 << 20;
			this.#arrive(this.#frames.length);
			this.#transport.events?.onReadable();
			this.#transport.events?.onWritable();
			while (this.ws >= 0 && this.#call(() => websocketRecvMsg(this.ws, this.#buffer, 64, this.#info, 0), EAGAIN, ENOTCONN, EBADF) >= 0);
			this.#go();
		}
		if (this.#transport.problem) this.problem = this.#transport.problem;
	}

	get done(): boolean {
		return this.over && this.#steps <= 0 && (!this.#promised || this.#resolved);
	}
	get stuck(): boolean {
		return this.#transport.closed && !this.over;
	}
	get leftover(): boolean {
		return this.#transport.events !== undefined;
	}
}

const turn = () => new Promise<void>((resolve) => Timer.set(() => resolve(), 1));

export class DoorFuzzer {
	visits = 0;
	ended = 0;
	readonly #seed: number;
	readonly #random = new Xorshift();
	readonly #maker = new FrameMaker(this.#random);

	constructor(seed: number) {
		this.#seed = seed;
	}

	/** `count` connections at a time, until all are over. Throws if something is wrong, and says how to see it again. */
	async round(index: number, count: number): Promise<void> {
		const random = this.#random;
		random.seed(this.#seed, index);
		const visits: Visit[] = [];
		const texts: string[] = [];
		for (let i = 0; i < count; i++) {
			const server = random.below(2) === 0;
			const maker = this.#maker;
			if (random.below(2)) maker.make(server);
			else maker.makeRight(server);
			const frames = maker.bytes.slice(0, maker.length);
			texts.push(`${server ? "server" : "client"} ${hexOf(frames, frames.length)}`);
			visits.push(new Visit(random, frames, server));
		}
		for (let turns = 0; !visits.every(({ done }) => done); turns++) {
			if (turns === TURNS_MAX) throw new Error(`seed=${this.#seed} index=${index}: it never ends\n${texts.join("\n")}`);
			for (const visit of visits) visit.step(turns);
			await turn();
			for (let i = 0; i < count; i++) {
				const visit = visits[i] as Visit;
				if (visit.stuck && turns > SETTLE_TURNS + 10) visit.problem ||= "the transport is closed, and nobody was told";
				if (visit.problem) throw new Error(`seed=${this.#seed} index=${index}: ${visit.problem}\n${texts[i]}`);
			}
		}
		for (const { leftover, endings } of visits) {
			if (leftover) throw new Error(`seed=${this.#seed} index=${index}: a transport is still in use`);
			this.ended += endings;
			this.visits++;
		}
	}
}
