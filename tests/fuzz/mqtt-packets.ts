/*
 * The fuzzer of MQTT: makes inputs, runs each through the model and through the client's input, whole and in pieces, with buffers of many
 * sizes, and wants the same to come of all.
 */
import { copy } from "bytes/block";
import { Input } from "mqtt/input";
import { MqttProperties } from "mqtt/properties";
import { MqttSpan } from "mqtt/span";
import type { Transport } from "transport/transport";
import { INPUT_MAX, MqttMaker } from "./mqtt-maker";
import { kinds, MqttModel } from "./mqtt-model";
import { MqttTally } from "./mqtt-tally";
import { hexOf } from "./outcome";
import { Xorshift } from "./xorshift";

/** rxBuf has one of these; below that, not even a length fits. */
const ROOMS = [16, 20, 33, 64, 128, 300, 2048];
const WHOLE_EVERY = 4;
const PIECE = 64;

/** Gives an input piece by piece to an Input, as its transport and its app. */
class Runner implements Transport {
	readonly tally = new MqttTally();
	/** What was wrong beside the tally, or "". */
	problem = "";
	readonly #inputs: Input[] = [];
	readonly #properties = new MqttProperties();
	readonly #span = new MqttSpan();
	readonly #value = new MqttSpan();
	readonly #piece = new Uint8Array(PIECE);
	#bytes = new Uint8Array(0) as Uint8Array;
	/** What has come and was not read yet. */
	#at = 0;
	#end = 0;
	/** How much a read gives at once. */
	#most = 0;
	#skipping = false;

	constructor() {
		for (const version of [4, 5]) for (const room of ROOMS) this.#inputs.push(new Input(new Uint8Array(room), version));
	}

	start(): boolean {
		return true;
	}
	stop(): void {}
	close(): void {}
	write(): number {
		return 0;
	}
	read(into: Uint8Array, start: number, end: number): number {
		let count = this.#end - this.#at;
		if (count > end - start) count = end - start;
		if (count > this.#most) count = this.#most;
		if (count > 0) copy(into, start, this.#bytes, this.#at, count);
		this.#at += count;
		return count;
	}

	/** In pieces that `random` chooses; without it, all at once. `room` is an index of ROOMS. */
	run(bytes: Uint8Array, length: number, five: boolean, room: number, random: Xorshift | undefined): void {
		const input = this.#inputs[(five ? ROOMS.length : 0) + room] as Input;
		const { tally } = this;
		const version = five ? 5 : 4;
		tally.reset();
		this.problem = "";
		this.#bytes = bytes;
		this.#at = this.#end = 0;
		this.#skipping = false;
		input.begin(this, version);
		const cut = random === undefined ? 0 : random.below(4);
		this.#most = random === undefined || random.below(2) ? INPUT_MAX : 1 + random.below(20);
		while (this.#end < length && tally.fault === 0) {
			let count = length;
			if (random !== undefined) {
				if (cut === 0) count = 1;
				else if (cut === 1) count = this.#end === 0 ? 1 + random.below(length) : length;
				else count = 1 + random.below(cut === 2 ? 6 : 60);
			}
			this.#end = this.#end + count < length ? this.#end + count : length;
			this.#drain(input, random);
		}
		input.end();
	}

	#drain(input: Input, random: Xorshift | undefined): void {
		const { tally } = this;
		for (;;) {
			if (this.#skipping && !input.skip()) return;
			this.#skipping = false;
			while (input.left > 0) {
				const { left } = input;
				const count = input.read(this.#piece, 0, random === undefined ? PIECE : 1 + random.below(PIECE));
				if (count < 0) return;
				if (count === 0 || input.left !== left - count) this.problem = "a payload that does not become less";
				tally.mixPayload(this.#piece, 0, count);
			}
			const size = input.next();
			if (size < 0) tally.fault = size;
			if (size <= 0) return;
			this.#tell(input);
			this.#skipping = (tally.packets & 7) === 0;
		}
	}

	#tell({ decoder, bytes }: Input): void {
		const { tally } = this;
		const { type } = decoder;
		tally.packets++;
		if (type === 3) {
			tally.mix(type * 16 + (decoder.dup ? 8 : 0) + decoder.qos * 2 + (decoder.retain ? 1 : 0));
			tally.mix(decoder.id);
			tally.mixBytes(bytes, decoder.topicStart, decoder.topicEnd);
			this.#tellProperties(bytes, decoder.propStart, decoder.propEnd);
			tally.mix(decoder.payload);
			return;
		}
		tally.mix(type);
		tally.mix(decoder.id);
		tally.mix(decoder.reason);
		tally.mix(type === 2 && decoder.sessionPresent ? 1 : 0);
		const codes = type === 9 || type === 11;
		tally.mixBytes(bytes, codes ? decoder.codesStart : 0, codes ? decoder.codesEnd : 0);
		this.#tellProperties(bytes, decoder.propStart, decoder.propEnd);
	}

	#tellProperties(bytes: Uint8Array, start: number, end: number): void {
		if (start === end) return;
		const { tally } = this;
		const properties = this.#properties;
		const span = this.#span;
		const value = this.#value;
		properties.set(bytes, start, end);
		for (let id = 1; id < 0x2b; id++) {
			if (!properties.has(id)) continue;
			const kind = kinds[id] as string;
			for (let index = 0; ; index++) {
				if (kind === "t" || kind === "b" || kind === "p") {
					if (!properties.find(id, span, index, value)) break;
					tally.mix(id);
					tally.mixBytes(bytes, span.start, span.end);
					if (kind === "p") tally.mixBytes(bytes, value.start, value.end);
				} else {
					const number = properties.number(id, index);
					if (number < 0) break;
					tally.mix(id);
					tally.mix(number);
				}
			}
		}
	}
}

export class MqttFuzzer {
	/** How many inputs ended with a fault, and without; how many packets they had; and how often each fault came. */
	faulty = 0;
	right = 0;
	packets = 0;
	readonly faults = new Int32Array(64);
	readonly #seed: number;
	readonly #random = new Xorshift();
	readonly #maker: MqttMaker;
	readonly #expected = new MqttTally();
	readonly #model = new MqttModel(this.#expected);
	readonly #runner = new Runner();

	constructor(seed: number) {
		this.#seed = seed;
		this.#maker = new MqttMaker(this.#random);
	}

	/** One input. Throws if something is wrong, and says how to see it again. `flawless`: without mistakes, which is wanted then. */
	step(index: number, flawless = false): void {
		const random = this.#random;
		random.seed(this.#seed, index);
		const five = random.below(3) !== 0;
		const maker = this.#maker;
		if (flawless) maker.makeRight(five);
		else maker.make(five);
		const { bytes, length } = maker;
		// Most of the time everything fits.
		const room = flawless || random.below(4) > 0 ? ROOMS.length - 1 : random.below(ROOMS.length);
		const expected = this.#expected;
		this.#model.run(bytes, length, five, ROOMS[room] as number);
		if (flawless && expected.fault !== 0) this.#fail(index, five, room, "model", `fault ${expected.fault} in a right input`);
		this.#runner.run(bytes, length, five, room, random);
		this.#compare(index, five, room, "split");
		if (index % WHOLE_EVERY === 0) {
			this.#runner.run(bytes, length, five, room, undefined);
			this.#compare(index, five, room, "whole");
		}
		this.packets += expected.packets;
		if (expected.fault === 0) this.right++;
		else {
			this.faulty++;
			const at = -expected.fault;
			this.faults[at] = (this.faults[at] as number) + 1;
		}
	}

	#compare(index: number, five: boolean, room: number, how: string): void {
		const { tally, problem } = this.#runner;
		if (problem) this.#fail(index, five, room, how, problem);
		const expected = this.#expected;
		const difference = expected.difference(tally);
		if (!difference) return;
		const told = (each: MqttTally) => `[fault ${each.fault}, ${each.packets} packets, ${each.payload} bytes of payload]`;
		this.#fail(index, five, room, how, `${difference}: ${told(tally)} where it should be ${told(expected)}`);
	}

	#fail(index: number, five: boolean, room: number, how: string, what: string): never {
		const { bytes, length } = this.#maker;
		const where = `seed=${this.#seed} index=${index}: ${five ? "5.0" : "3.1.1"}, rxBuf of ${ROOMS[room]}, ${how}`;
		throw new Error(`${where}: ${what}\n${hexOf(bytes, length)}`);
	}
}
