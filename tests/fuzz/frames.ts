/*
 * The fuzzer of frames: makes inputs, runs each through the model and through connections that get it in pieces or whole, and wants
 * the same to come of all.
 */
import { counters } from "device";
import { DoorRunner } from "./door-runner";
import { FrameMaker, INPUT_MAX } from "./frame-maker";
import { FrameModel, type Settings } from "./frame-model";
import { FrameRunner } from "./frame-runner";
import { hexOf, Outcome } from "./outcome";
import { Xorshift } from "./xorshift";

const OUTCOME_SIZE = 4 * INPUT_MAX;
/** An app that takes no messages above this, now and then. */
const MAX_MESSAGE = 100;
const WHOLE_EVERY = 4;
/** Through the door every so often, behind those. */
const DOOR_EVERY = 4;

export class FrameFuzzer {
	/** How many inputs ended open, closed and with a fault; and how many messages they had. */
	open = 0;
	clean = 0;
	faulty = 0;
	messages = 0;
	readonly #seed: number;
	readonly #settings: Settings = { server: false, autoPong: true, maxMessage: 0 };
	readonly #random = new Xorshift();
	readonly #maker: FrameMaker;
	readonly #model = new FrameModel(OUTCOME_SIZE);
	readonly #expected = new Outcome(OUTCOME_SIZE);
	readonly #whole = new FrameRunner(new Outcome(OUTCOME_SIZE));
	readonly #split = new FrameRunner(new Outcome(OUTCOME_SIZE));
	readonly #door = new DoorRunner(new Outcome(OUTCOME_SIZE));

	/** `server`: the role that stepOn() stays in. */
	constructor(seed: number, server = false) {
		this.#seed = seed;
		this.#settings.server = server;
		this.#random.seed(0, 0);
		this.#maker = new FrameMaker(this.#random);
	}

	/** One input. Throws if something is wrong, and says how to see it again. */
	step(index: number): void {
		const random = this.#random;
		const settings = this.#settings;
		random.seed(this.#seed, index);
		settings.server = random.below(2) === 0;
		settings.autoPong = random.below(8) !== 0;
		settings.maxMessage = random.below(8) === 0 ? 1 + random.below(MAX_MESSAGE) : 0;
		const maker = this.#maker;
		maker.make(settings.server);
		const { bytes, length } = maker;
		const expected = this.#expected;
		expected.reset();
		this.#model.run(bytes, length, settings, expected);
		const split = this.#split;
		split.runSplit(bytes, length, settings, random);
		this.#compare(index, split, "split");
		// The model has it whole; so has a connection, but less often, for time.
		if (index % WHOLE_EVERY === 0) {
			const whole = this.#whole;
			whole.runWhole(bytes, length, settings);
			this.#compare(index, whole, "whole");
			if (whole.closeReason !== split.closeReason) this.#fail(index, "split", "the reason of the close frame");
		}
		if (index % DOOR_EVERY === 1) {
			const door = this.#door;
			door.run(bytes, length, settings, random);
			this.#compare(index, door, "door");
			if (door.closeReason !== split.closeReason) this.#fail(index, "door", "the reason of the close frame");
		}
		this.messages += expected.count;
		if (expected.fault) this.faulty++;
		else if (expected.closed) this.clean++;
		else this.open++;
	}

	/** One input of whole messages and no mistakes, on one connection for all of them. Allocates nothing but for the first ones. */
	stepOn(index: number): void {
		const random = this.#random;
		const settings = this.#settings;
		random.seed(this.#seed, index);
		const maker = this.#maker;
		maker.makeRight(settings.server);
		const expected = this.#expected;
		expected.reset();
		this.#model.run(maker.bytes, maker.length, settings, expected);
		this.#whole.runOn(maker.bytes, maker.length, settings);
		this.#compare(index, this.#whole, "whole");
		if (expected.closed) this.#fail(index, "whole", "an input that should be right closed the connection");
		this.messages += expected.count;
	}

	/** What it takes to make a connection and to run nothing through it. */
	connectionCost(): { slots: number; chunks: number } {
		const before = new Uint32Array(7);
		const after = new Uint32Array(7);
		counters(before);
		this.#whole.runWhole(this.#maker.bytes, 0, this.#settings);
		counters(after);
		return { slots: (after[0] as number) - (before[0] as number), chunks: (after[1] as number) - (before[1] as number) };
	}

	#compare(index: number, { outcome, problem }: FrameRunner | DoorRunner, how: string): void {
		if (problem) this.#fail(index, how, problem);
		const expected = this.#expected;
		const difference = expected.difference(outcome);
		if (difference) this.#fail(index, how, `${difference}: ${textOf(outcome)} where it should be ${textOf(expected)}`);
	}

	#fail(index: number, how: string, what: string): never {
		const { bytes, length } = this.#maker;
		throw new Error(`seed=${this.#seed} index=${index}: ${JSON.stringify(this.#settings)}, ${how}: ${what}\n${hexOf(bytes, length)}`);
	}
}

function textOf({ closed, fault, closeCode, count, length, whole, messages, sent, sentLength }: Outcome): string {
	return `[closed ${closed}, fault ${fault}, code ${closeCode}, ${count} messages of ${whole} and ${length - whole} bytes ${hexOf(messages, length)}, sent ${hexOf(sent, sentLength)}]`;
}
