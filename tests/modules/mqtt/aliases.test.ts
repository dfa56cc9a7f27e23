import { counters } from "device";
import { InboundAliases, OutboundAliases } from "mqtt/aliases";
import { MQTT_FAULT_TOPIC_ALIAS, MQTT_FAULT_TOPIC_ALIAS_SIZE, MQTT_FAULT_TOPIC_MISSING } from "mqtt/codes";
import { MqttSpan } from "mqtt/span";
import { equal, test } from "test";

const SLOTS = 0;
const CHUNKS = 1;

/** "a/b/c" with two bytes before it and three behind it. */
const BYTES = Uint8Array.of(1, 2, 0x61, 0x2f, 0x62, 0x2f, 0x63, 3, 4, 5);
const START = 2;
const END = 7;

test("inbound: an alias stands for what came with it", () => {
	const aliases = new InboundAliases(new Uint8Array(30).fill(0xff), 3);
	const span = new MqttSpan();
	for (let alias = 1; alias <= 3; alias++) equal(aliases.find(alias, span), MQTT_FAULT_TOPIC_MISSING);
	equal(aliases.set(2, BYTES, START, END), 0);
	equal(aliases.find(1, span), MQTT_FAULT_TOPIC_MISSING);
	equal(aliases.find(3, span), MQTT_FAULT_TOPIC_MISSING);
	equal(span.length, 0);
	equal(aliases.find(2, span), 0);
	equal(span.toString(), "a/b/c");
	equal(aliases.set(1, BYTES, START, START + 1), 0);
	equal(aliases.set(3, BYTES, START, START + 3), 0);
	equal(aliases.find(1, span), 0);
	equal(span.toString(), "a");
	equal(aliases.find(3, span), 0);
	equal(span.toString(), "a/b");
	equal(aliases.find(2, span), 0);
	equal(span.toString(), "a/b/c");
});

test("inbound: an alias may be given to another topic", () => {
	const aliases = new InboundAliases(new Uint8Array(30), 3);
	const span = new MqttSpan();
	equal(aliases.set(2, BYTES, START, END), 0);
	equal(aliases.set(2, BYTES, END - 1, END), 0);
	equal(aliases.find(2, span), 0);
	equal(span.toString(), "c");
});

test("inbound: only those that were allowed (§3.3.2.3.4)", () => {
	const aliases = new InboundAliases(new Uint8Array(30), 3);
	const span = new MqttSpan();
	for (const alias of [0, 4, 65_535]) {
		equal(aliases.set(alias, BYTES, START, END), MQTT_FAULT_TOPIC_ALIAS);
		equal(aliases.find(alias, span), MQTT_FAULT_TOPIC_ALIAS);
	}
});

test("inbound: a new connection has none", () => {
	const aliases = new InboundAliases(new Uint8Array(30), 3);
	const span = new MqttSpan();
	for (let alias = 1; alias <= 3; alias++) equal(aliases.set(alias, BYTES, START, END), 0);
	aliases.clear();
	for (let alias = 1; alias <= 3; alias++) equal(aliases.find(alias, span), MQTT_FAULT_TOPIC_MISSING);
});

test("inbound: what is longer than its share is refused, and touches no other", () => {
	const memory = new Uint8Array(64);
	for (let size = 0; size <= 24; size++) {
		memory.fill(0xee);
		const aliases = new InboundAliases(memory.subarray(8, 8 + size), 3);
		const share = Math.floor(size / 3);
		const span = new MqttSpan();
		for (let alias = 1; alias <= 3; alias++) {
			equal(aliases.find(alias, span), MQTT_FAULT_TOPIC_MISSING);
			const fits = share >= 7;
			equal(aliases.set(alias, BYTES, START, END), fits ? 0 : MQTT_FAULT_TOPIC_ALIAS_SIZE);
			equal(aliases.find(alias, span), fits ? 0 : MQTT_FAULT_TOPIC_MISSING);
		}
		aliases.clear();
		equal(memory[7], 0xee);
		equal(memory[8 + size], 0xee);
	}
});

test("inbound: long topics", () => {
	const topic = new Uint8Array(65_535).fill(0x61);
	const aliases = new InboundAliases(new Uint8Array(65_537), 1);
	const span = new MqttSpan();
	equal(aliases.set(1, topic, 0, 65_535), 0);
	equal(aliases.find(1, span), 0);
	equal(span.length, 65_535);
	equal(span.bytes[span.end - 1], 0x61);
});

test("outbound: the server knows what it was sent", () => {
	const aliases = new OutboundAliases();
	equal(aliases.knows(1), false);
	aliases.remember(1, BYTES, START, END);
	equal(aliases.knows(1), false, "none is allowed before CONNACK");
	aliases.clear(2);
	equal(aliases.knows(1), false);
	equal(aliases.is(1, BYTES, START, END), false);
	aliases.remember(1, BYTES, START, END);
	equal(aliases.knows(1), true);
	equal(aliases.is(1, BYTES, START, END), true);
	equal(aliases.is(1, BYTES.slice(START, END), 0, 5), true);
	equal(aliases.is(1, BYTES, START, END - 1), false);
	equal(aliases.is(1, BYTES, START + 1, END), false);
	equal(aliases.is(1, BYTES, START + 1, END + 1), false);
	equal(aliases.is(2, BYTES, START, END), false);
	equal(aliases.knows(2), false);
	equal(aliases.knows(0), false);
});

test("outbound: a shorter topic after a longer one, and a longer one again", () => {
	const aliases = new OutboundAliases();
	aliases.clear(9);
	aliases.remember(9, BYTES, START, END);
	aliases.remember(9, BYTES, START, START + 1);
	equal(aliases.is(9, BYTES, START, START + 1), true);
	equal(aliases.is(9, BYTES, START, END), false);
	aliases.remember(9, BYTES, 0, 10);
	equal(aliases.is(9, BYTES, 0, 10), true);
	equal(aliases.is(9, BYTES, START, END), false);
});

test("outbound: what is remembered is a copy", () => {
	const aliases = new OutboundAliases();
	const bytes = BYTES.slice();
	aliases.clear(1);
	aliases.remember(1, bytes, START, END);
	bytes.fill(0x7a);
	equal(aliases.is(1, BYTES, START, END), true);
	equal(aliases.is(1, bytes, START, END), false);
});

test("outbound: a new connection knows none, and may allow fewer", () => {
	const aliases = new OutboundAliases();
	aliases.clear(65_535);
	aliases.remember(65_535, BYTES, START, END);
	aliases.remember(2, BYTES, START, END);
	equal(aliases.knows(65_535), true);
	aliases.clear(2);
	equal(aliases.knows(2), false);
	aliases.remember(2, BYTES, START, END);
	aliases.remember(3, BYTES, START, END);
	equal(aliases.knows(2), true);
	equal(aliases.knows(3), false);
	equal(aliases.knows(65_535), false);
	aliases.clear(0);
	equal(aliases.knows(2), false);
});

test("after the first time nothing is allocated", () => {
	const inbound = new InboundAliases(new Uint8Array(100), 10);
	const outbound = new OutboundAliases();
	const span = new MqttSpan();
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const run = () => {
		outbound.clear(10);
		inbound.clear();
		for (let i = 0; i < 1000; i++) {
			const alias = 1 + (i % 10);
			if (inbound.find(alias, span) < 0) inbound.set(alias, BYTES, START, END);
			if (!outbound.is(alias, BYTES, START, END)) outbound.remember(alias, BYTES, START, END);
			outbound.knows(alias);
		}
	};
	run();
	counters(before);
	run();
	counters(after);
	equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
	equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
});
