import { counters } from "device";
import config from "mc/config";
import { DONE, QUEUED, RELEASED, SENT, STORE_FULL, STORE_NEVER, STORE_OVERHEAD, Store } from "mqtt/store";
import { deepEqual, equal, ok, test } from "test";
import { Xorshift } from "../../fuzz/xorshift";

const variant = String((config as { variant?: string }).variant);
const STEPS = variant.includes("stress")
	? 60
	: variant.includes("mps2")
		? 500
		: variant.includes("sanitize")
			? 2000
			: variant.includes("release")
				? 40_000
				: 8000;

const SLOTS = 0;
const CHUNKS = 1;

function listOf(store: Store): number[] {
	const list: number[] = [];
	for (let record = store.first(); record >= 0; record = store.next(record)) list.push(record);
	return list;
}

test("a record has what was put into it", () => {
	const store = new Store(new Uint8Array(100).fill(0xff));
	equal(store.size, 100);
	equal(store.used, 0);
	equal(store.count, 0);
	equal(store.first(), -1);
	const record = store.add(5, 7, 11);
	equal(record, 0);
	equal(store.count, 1);
	equal(store.used, STORE_OVERHEAD + 23);
	equal(store.state(record), QUEUED);
	equal(store.qos(record), 0);
	equal(store.retain(record), false);
	equal(store.external(record), false);
	equal(store.id(record), 0);
	equal(store.alias(record), 0);
	equal(store.topicStart(record), STORE_OVERHEAD);
	equal(store.topicEnd(record), STORE_OVERHEAD + 5);
	equal(store.propStart(record), STORE_OVERHEAD + 5);
	equal(store.propEnd(record), STORE_OVERHEAD + 12);
	equal(store.payloadStart(record), STORE_OVERHEAD + 12);
	equal(store.payloadLength(record), 11);
	store.setState(record, RELEASED);
	store.setQos(record, 2);
	store.setRetain(record, true);
	store.setId(record, 0xfffe);
	store.setAlias(record, 0x8001);
	equal(store.state(record), RELEASED);
	equal(store.qos(record), 2);
	equal(store.retain(record), true);
	equal(store.id(record), 0xfffe);
	equal(store.alias(record), 0x8001);
	equal(store.external(record), false);
	store.setState(record, SENT);
	store.setQos(record, 1);
	store.setRetain(record, false);
	equal(store.state(record), SENT);
	equal(store.qos(record), 1);
	equal(store.retain(record), false);
	equal(store.find(0xfffe), record);
	equal(store.find(1), -1);
	store.finish(record);
	equal(store.count, 0);
	equal(store.used, 0);
	equal(store.first(), -1);
	equal(store.find(0xfffe), -1);
});

test("a payload that stays with the app", () => {
	const store = new Store(new Uint8Array(64));
	const record = store.add(3, 2, 0);
	store.setExternal(record, 200_000_000);
	equal(store.external(record), true);
	equal(store.payloadLength(record), 200_000_000);
	equal(store.topicEnd(record), STORE_OVERHEAD + 3);
	equal(store.propEnd(record), STORE_OVERHEAD + 5);
	equal(store.used, STORE_OVERHEAD + 5);
	const second = store.add(1, 0, 1);
	equal(store.next(record), second);
	equal(store.external(second), false);
});

test("never and not now", () => {
	const store = new Store(new Uint8Array(64));
	equal(store.add(64, 0, 0), STORE_NEVER);
	equal(store.add(0, 0, 64 - STORE_OVERHEAD + 1), STORE_NEVER);
	equal(store.add(1, 0, 268_435_455), STORE_NEVER);
	const whole = store.add(0, 0, 64 - STORE_OVERHEAD);
	equal(whole, 0);
	equal(store.used, 64);
	equal(store.add(0, 0, 0), STORE_FULL);
	equal(store.add(0, 0, 64), STORE_NEVER);
	store.finish(whole);
	equal(store.add(0, 0, 64 - STORE_OVERHEAD), 0);
	equal(new Store(new Uint8Array(0)).add(0, 0, 0), STORE_NEVER);
	equal(new Store(new Uint8Array(STORE_OVERHEAD)).add(0, 0, 0), 0);
	equal(new Store(new Uint8Array(70_000)).add(65_536, 0, 0), STORE_NEVER, "a topic has 65,535 bytes at most");
	equal(new Store(new Uint8Array(70_000)).add(65_535, 0, 0), 0);
});

test("round and round, at each size from 32 bytes on", () => {
	for (let size = 32; size < 100; size++) {
		const store = new Store(new Uint8Array(size));
		let older = -1;
		for (let i = 0; i < 40; i++) {
			const newer = store.add(1, 0, i % 2);
			// Two of 17 bytes have room in 34.
			if (older >= 0 && newer < 0) {
				ok(size < 3 * 17 - 1, `${size}`);
				store.finish(older);
				older = -1;
				continue;
			}
			ok(newer >= 0);
			if (older >= 0) {
				deepEqual(listOf(store), [older, newer]);
				store.finish(older);
			}
			deepEqual(listOf(store), [newer]);
			older = newer;
		}
	}
});

test("what is finished out of order is passed over, and its memory comes back with what is before it", () => {
	const store = new Store(new Uint8Array(4 * (STORE_OVERHEAD + 5)));
	const [a, b, c, d] = [store.add(5, 0, 0), store.add(0, 5, 0), store.add(0, 0, 5), store.add(2, 2, 1)] as [number, number, number, number];
	equal(store.add(0, 0, 0), STORE_FULL);
	store.finish(b);
	deepEqual(listOf(store), [a, c, d]);
	equal(store.count, 3);
	equal(store.used, store.size);
	equal(store.add(5, 0, 0), STORE_FULL);
	store.finish(a);
	deepEqual(listOf(store), [c, d]);
	equal(store.used, store.size / 2);
	equal(store.add(5, 0, 0), a);
	deepEqual(listOf(store), [c, d, a]);
	store.finish(d);
	store.finish(c);
	deepEqual(listOf(store), [a]);
	equal(store.used, STORE_OVERHEAD + 5);
	store.finish(a);
	equal(store.used, 0);
});

test("what was added last and finished first leaves nothing, as if it had never been there", () => {
	const store = new Store(new Uint8Array(100));
	const a = store.add(0, 0, 20);
	const b = store.add(0, 0, 20);
	const { used } = store;
	const c = store.add(0, 0, 10);
	store.finish(c);
	equal(store.used, used);
	equal(store.next(b), -1);
	store.finish(a);
	// At the front, so that taking it back undoes the wrapping, too.
	const d = store.add(0, 0, 20);
	equal(d, 0);
	store.finish(d);
	deepEqual(listOf(store), [b]);
	equal(store.used, 35);
	equal(store.add(0, 0, 15), 70);
});

test("clear forgets all", () => {
	const store = new Store(new Uint8Array(100));
	store.add(0, 0, 20);
	store.add(0, 0, 20);
	store.clear();
	equal(store.count, 0);
	equal(store.used, 0);
	equal(store.first(), -1);
	equal(store.add(0, 0, 100 - STORE_OVERHEAD), 0);
});

test("find looks for the oldest", () => {
	const store = new Store(new Uint8Array(200));
	const records = [];
	for (let i = 0; i < 5; i++) {
		const record = store.add(0, 0, 0);
		store.setId(record, 1 + (i % 3));
		records.push(record);
	}
	equal(store.find(1), records[0]);
	equal(store.find(2), records[1]);
	equal(store.find(3), records[2]);
	store.finish(records[1]!);
	equal(store.find(2), records[4]);
	equal(store.find(4), -1);
});

/** What the model knows of a record. */
interface Known {
	readonly at: number;
	readonly topic: number;
	readonly props: number;
	readonly payload: number;
	readonly seed: number;
	external: number;
	id: number;
	alias: number;
	qos: number;
	retain: boolean;
	state: number;
}

const lengthOf = (known: Known) => STORE_OVERHEAD + known.topic + known.props + known.payload;

/** A store that keeps a list: where the next record has to be, and what there is. */
class Model {
	readonly #size: number;
	/** Also those that are DONE, but not given back yet. */
	readonly records: Known[] = [];

	constructor(size: number) {
		this.#size = size;
	}
	/** Where a record of this length comes to lie. */
	place(length: number): number {
		const { records } = this;
		if (length > this.#size) return STORE_NEVER;
		const first = records[0];
		const last = records[records.length - 1];
		if (first === undefined || last === undefined) return 0;
		const end = last.at + lengthOf(last);
		if (last.at >= first.at) {
			if (end + length <= this.#size) return end;
			return length <= first.at ? 0 : STORE_FULL;
		}
		return end + length <= first.at ? end : STORE_FULL;
	}
	finish(known: Known): void {
		const { records } = this;
		known.state = DONE;
		if (records[records.length - 1] === known) records.pop();
		while (records[0]?.state === DONE) records.shift();
	}
	get live(): Known[] {
		return this.records.filter(({ state }) => state !== DONE);
	}
}

function fill(store: Store, known: Known): void {
	for (let i = known.at + STORE_OVERHEAD; i < known.at + lengthOf(known); i++) store.memory[i] = known.seed + i * 7;
}

function check(store: Store, known: Known): void {
	const { at } = known;
	equal(store.state(at), known.state);
	equal(store.qos(at), known.qos);
	equal(store.retain(at), known.retain);
	equal(store.id(at), known.id);
	equal(store.alias(at), known.alias);
	equal(store.external(at), known.external > 0);
	equal(store.topicStart(at), at + STORE_OVERHEAD);
	equal(store.topicEnd(at), at + STORE_OVERHEAD + known.topic);
	equal(store.propStart(at), store.topicEnd(at));
	equal(store.propEnd(at), store.topicEnd(at) + known.props);
	equal(store.payloadStart(at), store.propEnd(at));
	equal(store.payloadLength(at), known.external > 0 ? known.external : known.payload);
	for (let i = at + STORE_OVERHEAD; i < at + lengthOf(known); i++)
		if (store.memory[i] !== ((known.seed + i * 7) & 0xff)) equal(store.memory[i], (known.seed + i * 7) & 0xff, `byte ${i}`);
}

function compare(store: Store, model: Model): void {
	const { live } = model;
	equal(store.count, live.length, "count");
	deepEqual(
		listOf(store),
		live.map(({ at }) => at),
	);
	const first = model.records[0];
	const last = model.records[model.records.length - 1];
	if (first === undefined || last === undefined) equal(store.used, 0);
	else if (last.at >= first.at) equal(store.used, last.at + lengthOf(last) - first.at);
	else equal(store.used, store.size - first.at + last.at + lengthOf(last));
	for (const known of live) check(store, known);
}

/** Random operations; how they are mixed changes now and then, so that the ring gets full and empty. */
function fuzz(size: number, seed: number, steps: number): void {
	const random = new Xorshift();
	random.seed(seed, size);
	const store = new Store(new Uint8Array(size));
	const model = new Model(size);
	let greed = 50;
	let order = 50;
	for (let step = 0; step < steps; step++) {
		if (random.below(100) === 0) {
			greed = 20 + random.below(70);
			order = random.below(100);
		}
		const { live } = model;
		if (random.below(500) === 0) {
			store.clear();
			model.records.length = 0;
		} else if (random.below(100) < greed || live.length === 0) {
			const most = random.below(4) === 0 ? size : Math.min(size >> 2, 40);
			const [topic, props, payload] = [random.below(most), random.below(most >> 1), random.below(most)] as [number, number, number];
			const expected = model.place(STORE_OVERHEAD + topic + props + payload);
			const at = store.add(topic, props, payload);
			equal(at, expected, `${size} bytes, step ${step}: place`);
			if (at < 0) continue;
			const seed = random.below(256);
			const known: Known = { at, topic, props, payload, seed, external: 0, id: 0, alias: 0, qos: 0, retain: false, state: QUEUED };
			fill(store, known);
			check(store, known);
			model.records.push(known);
			known.qos = random.below(3);
			known.retain = random.below(2) === 1;
			known.id = random.below(65_536);
			store.setQos(at, known.qos);
			store.setRetain(at, known.retain);
			store.setId(at, known.id);
			if (payload === 0) {
				known.external = random.below(65_536) * 4096;
				if (known.external > 0) store.setExternal(at, known.external);
			}
		} else {
			const known = live[random.below(100) < order ? 0 : random.below(live.length)] as Known;
			if (random.below(3) === 0) {
				known.state = random.below(3);
				known.alias = random.below(65_536);
				store.setState(known.at, known.state);
				store.setAlias(known.at, known.alias);
				equal(store.find(known.id), (live.find(({ id }) => id === known.id) as Known).at);
			} else {
				check(store, known);
				store.finish(known.at);
				model.finish(known);
			}
		}
		if (step % 7 === 0) compare(store, model);
	}
	compare(store, model);
}

for (const size of [32, 33, 47, 64, 100, 255, 256, 257, 500, 1000, 4096])
	test(`${STEPS} random operations on ${size} bytes`, () => fuzz(size, STEPS, STEPS));

test("each size from 0 to 300 bytes", () => {
	for (let size = 0; size <= 300; size++) fuzz(size, 5, Math.ceil(STEPS / 200));
});

test("nothing is allocated", () => {
	const store = new Store(new Uint8Array(500));
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const run = () => {
		for (let i = 1; i <= 1000; i++) {
			const record = store.add(i % 20, i % 7, i % 50);
			if (record < 0) {
				store.finish(store.first());
				continue;
			}
			store.setId(record, i);
			store.setQos(record, 1);
			store.setState(record, SENT);
			store.setRetain(record, true);
			store.setAlias(record, 3);
			store.find(i - 2);
			if (store.count > 4) store.finish(store.next(store.first()));
		}
		store.clear();
	};
	run();
	counters(before);
	run();
	counters(after);
	equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
	equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
});
