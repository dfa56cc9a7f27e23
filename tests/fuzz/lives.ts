/*
 * The fuzzer of whole lives: a connection whose peer, app, transport and clock do anything at any time. What must hold whatever they do:
 * nothing throws, what goes out is well-formed and is what the app sent, what comes in is the beginning of what the peer sent, a state
 * never goes back, after the end nothing happens any more, and where nobody ended it, nothing stays behind.
 */
import { copy } from "bytes/block";
import type { Transport } from "transport/transport";
import { EAGAIN, EINVAL, EMSGSIZE, ENOTCONN, FAULTS } from "websocket/codes";
import { CLOSED, CLOSING, Connection, OPEN, TIMEOUT_KEEP, TIMEOUT_NONE } from "websocket/connection";
import { FrameMaker, INPUT_MAX } from "./frame-maker";
import { FrameModel, type Settings } from "./frame-model";
import { hexOf, Outcome } from "./outcome";
import { pattern, Wire } from "./wire";
import { Xorshift } from "./xorshift";

const RECEIVE_SIZES = [1, 7, 32, 300];
const TRANSMIT_SIZES = [32, 47, 160, 700];
const STEPS_MAX = 60;
const SEND_MAX = 900;
const FOREVER = 0x7fffffff;
const EIO = 5;

const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** One connection with all that surrounds it. */
class Life implements Transport {
	readonly connection: Connection;
	readonly wire: Wire;
	readonly got = new Outcome(4 * INPUT_MAX);
	/** The connection was ended by something else than its peer's bytes. */
	ended = false;
	problem = "";
	/** What the peer sends, how much of it has come, and how much was read. */
	readonly #bytes: Uint8Array;
	readonly #length: number;
	#come = 0;
	#read = 0;
	#room = 0;
	#broken = false;
	#stopped = 0;
	#type = 0;
	#state = OPEN;
	/** Waits that run. */
	#waiting = false;
	#keeping = false;
	/** The app is inside a fragmented message. */
	#sending = false;
	/** Borrowed by a send that is longer than the buffer. */
	readonly #payloads: Uint8Array[] = [];
	readonly #app = new Uint8Array(64);
	#keys = 0;
	readonly #autoPong: boolean;
	/** The app does the control frames, and sent a close frame: it receives what comes before the peer's. */
	#keeps = false;
	#ends = 0;

	constructor(bytes: Uint8Array, length: number, settings: Settings, random: Xorshift) {
		this.#bytes = bytes;
		this.#length = length;
		this.wire = new Wire(!settings.server);
		this.#autoPong = settings.autoPong;
		const keepalive = random.below(2) === 0;
		this.connection = new Connection({
			...settings,
			transport: this,
			receive: new Uint8Array(RECEIVE_SIZES[random.below(RECEIVE_SIZES.length)] as number),
			// Not at the beginning of a word, now and then.
			transmit: new Uint8Array(new ArrayBuffer(704), random.below(4), TRANSMIT_SIZES[random.below(TRANSMIT_SIZES.length)] as number),
			random: (target: Uint8Array, start: number, end: number) => {
				for (let i = start; i < end; i++) target[i] = this.#keys += 0x35;
			},
			closeTimeoutMs: 1000,
			drainTimeoutMs: random.below(2) ? TIMEOUT_NONE : 100,
			pingIntervalMs: keepalive ? 500 : TIMEOUT_NONE,
			pongTimeoutMs: 200,
			collectHeaders: false,
		});
		this.connection.adopt();
	}

	/** Nothing but that ended it: it gets all that its peer sent. */
	get kept(): boolean {
		return this.#keeps && this.#ends === 1;
	}

	start(): boolean {
		return true;
	}
	stop(): void {
		this.#stopped++;
	}
	close(): void {}

	read(into: Uint8Array, start: number, end: number): number {
		if (this.#stopped) this.problem = "it reads after the end";
		const count = Math.min(this.#come - this.#read, end - start);
		if (count === 0) return this.#broken ? -EIO : 0;
		copy(into, start, this.#bytes, this.#read, count);
		this.#read += count;
		return count;
	}

	write(from: Uint8Array, start: number, end: number): number {
		if (this.#stopped) this.problem = "it writes after the end";
		if (start >= end) this.problem = "it writes nothing";
		if (this.#broken) return -EIO;
		const count = Math.min(this.#room, end - start);
		for (let i = start; i < start + count; i++) this.wire.bytes.push(from[i] as number);
		this.#room -= count;
		return count;
	}

	/** Something happens. */
	step(random: Xorshift): void {
		const { connection } = this;
		switch (random.below(16)) {
			case 0:
			case 1:
			case 2:
				this.#come = Math.min(this.#length, this.#come + 1 + random.below(random.below(2) ? 4 : 80));
				connection.readable();
				break;
			case 3:
			case 4:
				this.#room = random.below(random.below(2) ? 10 : 400);
				connection.writable();
				break;
			case 5:
			case 6:
				this.receive(1 + random.below(64));
				break;
			case 7:
			case 8:
			case 9:
				this.#send(random);
				break;
			case 10:
				this.#control(random);
				break;
			case 11:
				connection.advance();
				break;
			case 12:
				if (this.#keeping && random.below(2)) {
					this.#keeping = false;
					connection.keep();
					// It may have given up a peer that was silent.
					if (connection.state === CLOSED) {
						this.ended = true;
						this.#ends++;
					}
				}
				break;
			case 13:
				connection.readable();
				break;
			default:
				if (random.below(8) === 0) this.#end(random);
		}
		this.look();
	}

	/** What only some lives have: an end that is not the peer's. */
	#end(random: Xorshift): void {
		const { connection } = this;
		this.ended = true;
		this.#ends++;
		switch (random.below(8)) {
			case 0:
				this.#broken = true;
				connection.transportClosed(0);
				break;
			case 1:
				this.#broken = true;
				break;
			case 2:
				connection.cancel();
				break;
			case 3:
				if (this.#waiting) {
					this.#waiting = false;
					connection.expire();
				}
				break;
			case 4:
			case 5: {
				const length = random.below(3);
				const { open } = connection;
				const result = connection.send(8, Uint8Array.of(3, 232), length, true, 0);
				if (result === length) this.#keeps = open && !this.#autoPong;
				else if (result !== (open && length === 1 ? -EINVAL : -ENOTCONN)) this.problem = `a close frame gave ${result}`;
				break;
			}
			default: {
				const code = 998 + random.below(20);
				const result = connection.close(code, random.below(2) ? "é" : "");
				if (result !== 0 && result !== -EINVAL && result !== -ENOTCONN) this.problem = `close gave ${result}`;
			}
		}
	}

	#send(random: Xorshift): void {
		const { connection, wire } = this;
		const number = wire.accepted.length >> 1;
		const length = random.below(random.below(3) ? 40 : SEND_MAX);
		const payload = new Uint8Array(length);
		for (let i = 0; i < length; i++) payload[i] = pattern(number, i);
		const opcode = random.below(8) === 0 ? random.below(3) : this.#sending ? 0 : 1 + random.below(2);
		const fin = random.below(3) !== 0;
		const timeoutMs = random.below(3) === 0 ? 0 : 50;
		const { state } = connection;
		const result = connection.send(opcode, payload, length, fin, timeoutMs);
		if (result === length) {
			if (state !== OPEN) this.problem = "it sends when it is not open";
			if ((opcode === 0) !== this.#sending) this.problem = "a fragment out of order";
			wire.accepted.push((fin ? 0x80 : 0) | opcode, length);
			this.#sending = !fin;
			this.#payloads.push(payload);
		} else if (result !== -EAGAIN && result !== -ENOTCONN && result !== -EINVAL && result !== -EMSGSIZE)
			this.problem = `send gave ${result}`;
	}

	#control(random: Xorshift): void {
		const length = random.below(130);
		const payload = new Uint8Array(length);
		const result = this.connection.send(9 + random.below(2), payload, length, random.below(8) !== 0, 50);
		if (result === length ? length > 125 : result !== -EAGAIN && result !== -ENOTCONN && result !== -EINVAL)
			this.problem = `a control frame of ${length} bytes gave ${result}`;
	}

	receive(size: number): number {
		const { connection, got } = this;
		const { state } = connection;
		const count = connection.receive(this.#app, size, info);
		if (count < 0) {
			if (count !== -EAGAIN && count !== -ENOTCONN) this.problem = `receive gave ${count}`;
			return count;
		}
		if (state !== OPEN && !(state === CLOSING && this.#keeps)) this.problem = "it receives when it is not open";
		if (count > size || (count === 0 && info.remaining > 0)) this.problem = `receive gave ${count} of ${size}`;
		const flags = info.messageType;
		let type = flags >> 1;
		if (type === 0) type = this.#type;
		else if (type < 8) this.#type = type;
		got.data(type, this.#app, count, (flags & 1) !== 0 && info.remaining === 0);
		return count;
	}

	/** As the door does after everything; and what has to hold at any time. */
	look(): void {
		const { connection } = this;
		const { state, timeoutMs, keepMs } = connection;
		connection.changed = false;
		if (timeoutMs !== TIMEOUT_KEEP) this.#waiting = timeoutMs >= 0;
		if (keepMs !== TIMEOUT_KEEP) this.#keeping = keepMs >= 0;
		connection.timeoutMs = connection.keepMs = TIMEOUT_KEEP;
		if (state < this.#state) this.problem = `state ${state} after ${this.#state}`;
		this.#state = state;
		if (this.#stopped !== (state === CLOSED ? 1 : 0)) this.problem = `stopped ${this.#stopped} times in state ${state}`;
		if (state === CLOSING && !this.#waiting) this.problem = "it closes, and may wait for ever";
		if (state === CLOSED) {
			if (this.#waiting || this.#keeping) this.problem = "it is over, and something is waited for";
			if (connection.fault > 0 || (connection.fault < 0 && !FAULTS[-1 - connection.fault])) this.problem = `fault ${connection.fault}`;
			if (connection.clean && connection.fault) this.problem = "clean with a fault";
		}
	}

	/** All that is left comes, all that waits goes, and the app takes everything. */
	settle(): void {
		const { connection } = this;
		this.#come = this.#length;
		this.#room = FOREVER;
		connection.writable();
		for (;;) {
			while (this.receive(64) >= 0);
			const read = this.#read;
			connection.readable();
			if (this.receive(64) < 0 && this.#read === read) break;
		}
		this.look();
		const left = this.wire.read();
		if (this.wire.problem) this.problem = this.wire.problem;
		if (this.ended) return;
		if (left) this.problem = `${left} bytes of a frame stay behind`;
		if (connection.state === CLOSING) this.problem = "it stays closing";
		else if (connection.state === OPEN) {
			if (this.wire.data * 2 !== this.wire.accepted.length) this.problem = "what was sent stays behind";
			if (!connection.sendable) this.problem = "nothing can be sent";
		}
	}
}

export class LifeFuzzer {
	/** How the lives ended: still open, by the peer's bytes, or by something else. */
	open = 0;
	closed = 0;
	ended = 0;
	readonly #seed: number;
	readonly #settings: Settings = { server: false, autoPong: true, maxMessage: 0 };
	readonly #random = new Xorshift();
	readonly #maker = new FrameMaker(this.#random);
	readonly #model = new FrameModel(4 * INPUT_MAX);
	readonly #expected = new Outcome(4 * INPUT_MAX);

	constructor(seed: number) {
		this.#seed = seed;
	}

	/** One life. Throws if something is wrong, and says how to see it again. */
	step(index: number): void {
		const random = this.#random;
		const settings = this.#settings;
		random.seed(this.#seed, index);
		settings.server = random.below(2) === 0;
		settings.autoPong = random.below(8) !== 0;
		settings.maxMessage = random.below(8) === 0 ? 1 + random.below(100) : 0;
		const maker = this.#maker;
		if (random.below(2)) maker.make(settings.server);
		else maker.makeRight(settings.server);
		const { bytes, length } = maker;
		const life = new Life(bytes, length, settings, random);
		let steps = 1 + random.below(STEPS_MAX);
		try {
			while (steps-- > 0 && !life.problem) life.step(random);
			if (!life.problem) life.settle();
			if (!life.problem) life.problem = this.#compare(life);
		} catch (error) {
			life.problem = String(error);
		}
		if (life.problem) {
			const { state, fault } = life.connection;
			throw new Error(
				`seed=${this.#seed} index=${index}: ${life.problem}; state ${state}, fault ${fault}, ${JSON.stringify(settings)}\n${hexOf(bytes, length)}`,
			);
		}
		if (life.ended) this.ended++;
		else if (life.connection.state === OPEN) this.open++;
		else this.closed++;
	}

	/** What the app got is what the peer sent, or the beginning of it. */
	#compare({ connection, got, ended, kept }: Life): string {
		const expected = this.#expected;
		expected.reset();
		const { bytes, length } = this.#maker;
		this.#model.run(bytes, length, this.#settings, expected);
		if (got.count > expected.count || got.whole > expected.whole) return "more messages than were sent";
		for (let i = 0; i < got.whole; i++) if (got.messages[i] !== expected.messages[i]) return `byte ${i} of the messages`;
		if (kept) return got.count === expected.count && got.whole === expected.whole ? "" : "messages behind a close frame are missing";
		if (ended) return "";
		if (connection.state === OPEN) {
			if (expected.closed) return "open where it should be closed";
			return got.count === expected.count && got.length === expected.length ? "" : "messages are missing";
		}
		if (!expected.closed) return "closed where it should be open";
		return connection.fault === expected.fault && connection.closeCode === expected.closeCode
			? ""
			: `fault ${connection.fault} where it should be ${expected.fault}`;
	}
}
