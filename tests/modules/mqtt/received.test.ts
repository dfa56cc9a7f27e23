import { counters } from "device";
import { Received } from "mqtt/received";
import { equal, test } from "test";

const SLOTS = 0;
const CHUNKS = 1;

test("an identifier is there until it is removed", () => {
	const received = new Received(3);
	equal(received.has(7), false);
	equal(received.add(7), true);
	equal(received.has(7), true);
	equal(received.has(8), false);
	equal(received.count, 1);
	equal(received.remove(8), false);
	equal(received.remove(7), true);
	equal(received.remove(7), false);
	equal(received.has(7), false);
	equal(received.count, 0);
});

test("what is there already takes no second place", () => {
	const received = new Received(1);
	equal(received.full, false);
	equal(received.add(65_535), true);
	equal(received.add(65_535), true);
	equal(received.count, 1);
	equal(received.full, true);
	equal(received.add(1), false);
	equal(received.has(1), false);
	equal(received.count, 1);
	equal(received.remove(65_535), true);
	equal(received.add(1), true);
	equal(received.has(65_535), false);
});

test("0 is no identifier", () => {
	const received = new Received(2);
	equal(received.has(0), false);
	equal(received.remove(0), false);
	equal(received.count, 0);
});

test("places are used again, and clear forgets all", () => {
	const received = new Received(4);
	for (let id = 1; id <= 4; id++) equal(received.add(id), true);
	equal(received.remove(2), true);
	equal(received.add(5), true);
	equal(received.add(6), false);
	equal(received.has(1) && received.has(3) && received.has(4) && received.has(5), true);
	received.clear();
	equal(received.count, 0);
	for (let id = 1; id <= 5; id++) equal(received.has(id), false);
	for (let id = 11; id <= 14; id++) equal(received.add(id), true);
});

test("nothing is allocated", () => {
	const received = new Received(32);
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const run = () => {
		for (let id = 1; id <= 1000; id++) {
			received.add(id);
			received.add(id);
			received.has(id);
			if (id > 20) received.remove(id - 20);
		}
		received.clear();
	};
	run();
	counters(before);
	run();
	counters(after);
	equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
	equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
});
