/* MQTT packets, right and wrong, by the hundred thousand: see README.md. */
import { counters } from "device";
import { mqttFaultOf } from "mqtt/codes";
import { equal, ok, test } from "test";
import { countOf, forEachInput, seedOf } from "./effort";
import { MqttFuzzer } from "./mqtt-packets";

/** A million in all, where the tests run in debug and release builds of both sizes. */
const INPUTS = 400_000;
const RIGHT_INPUTS = 20_000;

/** What only a connection sees, or a transport, and has nothing to do with bytes. */
const ELSEWHERE =
	"CODES_COUNT ID_UNKNOWN ORDER RECEIVE_MAXIMUM TOPIC_ALIAS_SIZE PACKET_SIZE AUTH UNASKED REFUSED SERVER_DISCONNECT RESOLVE CONNECT TLS UPGRADE SUBPROTOCOL LOST IO CONNACK_TIMEOUT PINGRESP_TIMEOUT ABORTED CANCELED APP TRANSPORT WEBSOCKET CLIENT_ID".split(
		" ",
	);

const before = new Uint32Array(7);
const after = new Uint32Array(7);

/** Nothing was allocated between the two. */
function nothing(): void {
	equal((after[0] as number) - (before[0] as number), 0, "slots");
	equal((after[1] as number) - (before[1] as number), 0, "bytes of chunks");
}

test("whole and in pieces, every input does what the model says, and nothing is allocated", () => {
	const count = countOf(INPUTS);
	const fuzzer = new MqttFuzzer(seedOf());
	// The first ones make what is kept.
	for (let index = 0; index < 10; index++) fuzzer.step(index);
	let allocated = 0;
	forEachInput("mqtt", count, (index) => {
		counters(before);
		fuzzer.step(index);
		counters(after);
		allocated += (after[0] as number) - (before[0] as number) + (after[1] as number) - (before[1] as number);
	});
	equal(allocated, 0, "slots and bytes of chunks");
	if (count < 1000) return;
	// All kinds of ends come up, or the maker makes the wrong things.
	ok(fuzzer.right > count / 4 && fuzzer.faulty > count / 5 && fuzzer.packets > count, `${fuzzer.right} right, ${fuzzer.faulty} faulty`);
	if (count < 10_000) return;
	const missing: string[] = [];
	for (let fault = -1; mqttFaultOf(fault) !== undefined; fault--) {
		const { name } = mqttFaultOf(fault);
		if (!ELSEWHERE.includes(name) && fuzzer.faults[-fault] === 0) missing.push(name);
	}
	equal(missing.join(), "", "faults that never came");
});

test("inputs without mistakes allocate nothing", () => {
	const count = countOf(RIGHT_INPUTS);
	const fuzzer = new MqttFuzzer(seedOf());
	for (let index = 0; index < 10; index++) fuzzer.step(index, true);
	counters(before);
	for (let index = 10; index < count; index++) fuzzer.step(index, true);
	counters(after);
	nothing();
	equal(fuzzer.faulty, 0);
});
