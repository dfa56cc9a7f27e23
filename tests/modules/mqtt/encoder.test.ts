import { counters } from "device";
import config from "mc/config";
import type { MqttClient, MqttSubscription } from "mqtt/client";
import {
	writeAck,
	writeAuth,
	writeConnect,
	writeDisconnect,
	writePingreq,
	writePublishHead,
	writeStoredHead,
	writeSubscribe,
	writeUnsubscribe,
} from "mqtt/encoder";
import type { MqttPropertyValues } from "mqtt/properties";
import { STORE_OVERHEAD, Store } from "mqtt/store";
import { equal, ok, test } from "test";

const SLOTS = 0;
const CHUNKS = 1;
const variant = String((config as { variant?: string }).variant);
const STRESS = variant.includes("stress");
const BOARD = variant.startsWith("mps2");

/** Of the peer. */
interface Vector {
	readonly name: string;
	readonly args: readonly unknown[];
	readonly length: number;
	readonly hex?: string;
	/** The first and the last bytes of a long one. */
	readonly ends?: readonly [string, string];
}

/** By what makes them, as text of Vector. */
const { vectors } = config as unknown as { vectors: Record<string, readonly string[]> };

type Write = (bytes: Uint8Array, at: number, end: number) => number;

const DIGITS = "0123456789abcdef";

function bytesOf(hex: string): Uint8Array {
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
	return bytes;
}

function hexOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
	let text = "";
	for (let i = start; i < end; i++) text += DIGITS.charAt((bytes[i] as number) >> 4) + DIGITS.charAt((bytes[i] as number) & 15);
	return text;
}

/** What JSON cannot say: { hex } and { fill } are bytes, { repeat } is a long text, null is nothing. */
function revived(value: unknown): unknown {
	if (value === null) return undefined;
	if (Array.isArray(value)) return value.map(revived);
	if (typeof value !== "object") return value;
	const { hex, fill, repeat } = value as { hex?: string; fill?: number; repeat?: number };
	if (fill !== undefined) return new Uint8Array(fill).fill(0x78);
	if (hex !== undefined) return bytesOf(hex);
	if (repeat !== undefined) return "x".repeat(repeat);
	return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revived(each)]));
}

const publishHead = (
	version: number,
	first: number,
	topic: Uint8Array,
	id: number,
	alias: number,
	values: MqttPropertyValues | undefined,
	payload: number,
): Write => {
	// Amid other bytes.
	const around = new Uint8Array(topic.length + 5).fill(0x7a);
	around.set(topic, 2);
	return (bytes, at, end) => writePublishHead(bytes, at, end, version, first, around, 2, 2 + topic.length, id, alias, values, payload);
};

const calls: Readonly<Record<string, (...args: never[]) => Write>> = {
	connect: (client: MqttClient) => (bytes, at, end) => writeConnect(bytes, at, end, client),
	publish: publishHead,
	ack:
		(version: number, type: number, id: number, reason: number, values?: MqttPropertyValues): Write =>
		(bytes, at, end) =>
			writeAck(bytes, at, end, version, type, id, reason, values),
	subscribe:
		(version: number, id: number, list: MqttSubscription[], count: number, values?: MqttPropertyValues): Write =>
		(bytes, at, end) =>
			writeSubscribe(bytes, at, end, version, id, list, count, values),
	unsubscribe:
		(version: number, id: number, list: MqttSubscription[], count: number, values?: MqttPropertyValues): Write =>
		(bytes, at, end) =>
			writeUnsubscribe(bytes, at, end, version, id, list, count, values),
	pingreq: (): Write => writePingreq,
	disconnect:
		(version: number, reason: number, values?: MqttPropertyValues): Write =>
		(bytes, at, end) =>
			writeDisconnect(bytes, at, end, version, reason, values),
	auth:
		(reason: number, values?: MqttPropertyValues): Write =>
		(bytes, at, end) =>
			writeAuth(bytes, at, end, reason, values),
};

function writerOf(call: string, { args }: Vector): Write {
	return (calls[call] as (...args: unknown[]) => Write)(...args.map(revived));
}

const AT = 3;
const BEHIND = 6;
const FILL = 0xee;

/** The packet, which has to take exactly `length` bytes, and nothing around it. */
function written(write: Write, length: number, name: string): Uint8Array {
	const bytes = new Uint8Array(AT + length + BEHIND).fill(FILL);
	equal(write(bytes, AT, AT + length), AT + length, name);
	for (let i = 0; i < AT; i++) equal(bytes[i], FILL, `${name}, before`);
	for (let i = AT + length; i < bytes.length; i++) equal(bytes[i], FILL, `${name}, behind`);
	return bytes.slice(AT, AT + length);
}

/** In less room it must not be written, nor anything around that room. */
function tooSmall(write: Write, length: number, name: string): void {
	const bytes = new Uint8Array(AT + length + BEHIND);
	// Of long ones some sizes: the edges are where parts of a packet meet, near its ends.
	const step = length < 300 ? 1 : Math.ceil(length / 40);
	for (let size = length - 1; size >= 0; size -= size > length - 20 || size < 60 ? 1 : step) {
		bytes.fill(FILL);
		const end = AT + size;
		if (write(bytes, AT, end) !== -1) equal(write(bytes, AT, end), -1, `${name} in ${size} bytes`);
		for (let i = 0; i < AT; i++) if (bytes[i] !== FILL) equal(bytes[i], FILL, `${name} in ${size} bytes, before`);
		for (let i = end; i < end + BEHIND; i++) if (bytes[i] !== FILL) equal(bytes[i], FILL, `${name} in ${size} bytes, behind`);
	}
	ok(true);
}

function check(call: string, vector: Vector): void {
	const { name, length, hex, ends } = vector;
	const bytes = written(writerOf(call, vector), length, name);
	if (hex !== undefined) equal(hexOf(bytes), hex, name);
	else {
		const [head, tail] = ends as readonly [string, string];
		equal(hexOf(bytes, 0, head.length / 2), head, `${name}, its beginning`);
		equal(hexOf(bytes, length - tail.length / 2), tail, `${name}, its end`);
	}
}

for (const call of Object.keys(calls)) {
	const own = vectors[call] ?? [];
	// One at a time, for under stress all that is there is looked at at each allocation.
	const forEach = (shorter: number, use: (vector: Vector) => void) => {
		for (const text of own) {
			const vector: Vector = JSON.parse(text);
			if (vector.length < shorter) use(vector);
		}
	};
	test(`${call}: ${own.length} packets as mqtt-packet makes them`, () => {
		ok(own.length > 0);
		forEach(STRESS ? 200 : Infinity, (vector) => check(call, vector));
	});
	test(`${call}: none of them in less room`, () => {
		forEach(STRESS ? 40 : 2000, (vector) => tooSmall(writerOf(call, vector), vector.length, vector.name));
	});
}

/** Where mqtt-packet says more than it has to, refuses what there may be, or has no way to say it. */
function exact(name: string, hex: string, write: Write): void {
	test(name, () => {
		const length = hex.length / 2;
		equal(hexOf(written(write, length, name)), hex, name);
		tooSmall(write, length, name);
	});
}

const clientOf = (fields: object) => ({ clientId: "c", keepalive: 60, ...fields }) as MqttClient;

exact("CONNECT: 3.1.1, clean, 60 s where nothing is said", "100d00044d5154540402003c000163", (bytes, at, end) =>
	writeConnect(bytes, at, end, { clientId: "c" } as MqttClient),
);
exact("CONNECT: a password without a user name, in 5.0", "101100044d5154540542003c00000163000170", (bytes, at, end) =>
	writeConnect(bytes, at, end, clientOf({ protocolVersion: 5, password: "p" })),
);
exact("CONNECT: but not in 3.1.1 [MQTT-3.1.2-22]", "100d00044d5154540402003c000163", (bytes, at, end) =>
	writeConnect(bytes, at, end, clientOf({ protocolVersion: 4, password: "p" })),
);
exact("CONNECT: an empty password", "101200044d51545404c2003c0001630001750000", (bytes, at, end) =>
	writeConnect(bytes, at, end, clientOf({ userName: "u", password: new Uint8Array(0) })),
);
exact("CONNECT: a will topic of bytes", "101300044d5154540406003c000163000177000121", (bytes, at, end) =>
	writeConnect(bytes, at, end, clientOf({ willTopic: { topic: Uint8Array.of(0x77) }, willMessage: "!" })),
);
exact("CONNECT: properties of a will there is not are left out", "100e00044d5154540502003c00000163", (bytes, at, end) =>
	writeConnect(bytes, at, end, clientOf({ protocolVersion: 5, willProp: { willDelayInterval: 1 } })),
);
exact("PUBACK with a reason and nothing else", "4003123410", (bytes, at, end) => writeAck(bytes, at, end, 5, 4, 0x1234, 0x10));
exact("PUBREL with a reason and nothing else", "6203000192", (bytes, at, end) => writeAck(bytes, at, end, 5, 6, 1, 0x92));
exact("PUBCOMP of 3.1.1 has no reason", "70020001", (bytes, at, end) =>
	writeAck(bytes, at, end, 4, 7, 1, 0x92, { reasonString: "because" }),
);
exact("DISCONNECT of 5.0 without a reason", "e000", (bytes, at, end) => writeDisconnect(bytes, at, end, 5, 0));
exact("DISCONNECT with a reason and nothing else", "e00104", (bytes, at, end) => writeDisconnect(bytes, at, end, 5, 4));
exact("DISCONNECT of 3.1.1 has no reason", "e000", (bytes, at, end) => writeDisconnect(bytes, at, end, 4, 4, { reasonString: "because" }));
exact("AUTH without a reason", "f000", (bytes, at, end) => writeAuth(bytes, at, end, 0));

const TOPIC = Uint8Array.of(0x61, 0x2f, 0x62);

exact("PUBLISH of 5.0: a topic alias that is not wanted is left out", "300c0003612f62050201020304", (bytes, at, end) =>
	writePublishHead(bytes, at, end, 5, 0x30, TOPIC, 0, 3, 0, 0, { topicAlias: 5, messageExpiryInterval: 0x01020304 }, 1),
);
exact("PUBLISH of 3.1.1 has no properties", "30060003612f62", (bytes, at, end) =>
	writePublishHead(bytes, at, end, 4, 0x30, TOPIC, 0, 3, 0, 5, { topicAlias: 5 }, 1),
);
exact("PUBLISH: the longest packet", "30ffffff7f0003612f62", (bytes, at, end) =>
	writePublishHead(bytes, at, end, 4, 0x30, TOPIC, 0, 3, 0, 0, undefined, 268_435_450),
);

test("no packet is longer than 268,435,455 bytes", () => {
	const bytes = new Uint8Array(100);
	equal(writePublishHead(bytes, 0, 100, 4, 0x30, TOPIC, 0, 3, 0, 0, undefined, 268_435_451), -1);
	equal(writePublishHead(bytes, 0, 100, 5, 0x30, TOPIC, 0, 3, 0, 0, undefined, 268_435_450), -1);
	equal(writePublishHead(bytes, 0, 100, 5, 0x30, TOPIC, 0, 3, 0, 0, { messageExpiryInterval: 1 }, 268_435_449), -1);
});

test("no text is longer than 65,535 bytes, or cannot be said in UTF-8", () => {
	const bytes = new Uint8Array(70_000);
	const { length } = bytes;
	for (const clientId of ["x".repeat(65_536), `${"x".repeat(65_534)}ß`, "\ud800", "a\udc00b", "a\0b"]) {
		equal(writeConnect(bytes, 0, length, clientOf({ clientId })), -1);
		equal(writeConnect(bytes, 0, length, clientOf({ userName: clientId })), -1);
		equal(writeConnect(bytes, 0, length, clientOf({ willTopic: { topic: clientId } })), -1);
		equal(writeSubscribe(bytes, 0, length, 4, 1, [{ topic: clientId }], 1), -1);
		equal(writeUnsubscribe(bytes, 0, length, 4, 1, [{ topic: clientId }], 1), -1);
	}
	const long = new Uint8Array(65_536);
	equal(writeConnect(bytes, 0, length, clientOf({ userName: "u", password: long })), -1);
	equal(writeConnect(bytes, 0, length, clientOf({ willTopic: { topic: "t" }, willMessage: long })), -1);
	equal(writeSubscribe(bytes, 0, length, 4, 1, [{ topic: long }], 1), -1);
	equal(writePublishHead(bytes, 0, length, 4, 0x30, long, 0, 65_536, 0, 0, undefined, 0), -1);
	ok(writePublishHead(bytes, 0, length, 4, 0x30, long, 1, 65_536, 0, 0, undefined, 0) > 65_535);
});

/** A record with what writePublishHead would be given. */
function stored(topic: Uint8Array, props: Uint8Array, payload: number): { store: Store; record: number } {
	const store = new Store(new Uint8Array(2 * STORE_OVERHEAD + topic.length + props.length + 20));
	// Not at the front.
	store.add(3, 0, 0);
	const record = store.add(topic.length, props.length, 0);
	store.setExternal(record, payload);
	store.memory.set(topic, store.topicStart(record));
	store.memory.set(props, store.propStart(record));
	return { store, record };
}

const PAYLOADS = BOARD ? [114, 20_000] : [0, 1, 100, 113, 114, 115, 127, 128, 16_300, 16_383, 20_000, 3_000_000];

test("a message of the store is sent as one that is not", () => {
	const expected = new Uint8Array(400);
	for (const version of [3, 4, 5])
		for (const qos of [0, 1, 2])
			for (const retain of [false, true])
				for (const dup of [false, true])
					for (const values of [
						undefined,
						{ contentType: "x".repeat(10) },
						{ contentType: "x".repeat(125) },
						{ contentType: "x".repeat(250) },
					])
						for (const payload of PAYLOADS) {
							const props = new Uint8Array(400);
							// Without properties the length of them is one byte, which is not stored.
							const head = writePublishHead(props, 0, 400, 5, 0x30, TOPIC, 0, 0, 0, 0, values, 0);
							const length = (values?.contentType?.length ?? -3) + 3;
							const { store, record } = stored(TOPIC, props.slice(head - length, head), payload);
							store.setQos(record, qos);
							store.setRetain(record, retain);
							store.setId(record, 0x0102);
							// DUP has to be 0 with QoS 0 [MQTT-3.3.1-2].
							const first = 0x30 | (dup && qos > 0 ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
							const end = writePublishHead(expected, 0, 400, version, first, TOPIC, 0, 3, 0x0102, 0, values, payload);
							const name = `version ${version}, QoS ${qos}, ${dup}, ${retain}, ${length} of properties, ${payload} of payload`;
							const write: Write = (bytes, at, end) => writeStoredHead(bytes, at, end, version, store, record, dup, 0, true);
							equal(hexOf(written(write, end, name)), hexOf(expected, 0, end), name);
							if (payload === 114 && !retain && (!BOARD || (version === 5 && qos === 1))) tooSmall(write, end, name);
						}
});

const PROPS = bytesOf("0100");

function storedWithAlias(version: number, alias: number, withTopic: boolean): Write {
	const { store, record } = stored(TOPIC, PROPS, 2);
	store.setQos(record, 1);
	store.setId(record, 0x0102);
	return (bytes, at, end) => writeStoredHead(bytes, at, end, version, store, record, true, alias, withTopic);
}

exact("a message of the store, its topic and its alias", "3a0f0003612f620102052312340100", storedWithAlias(5, 0x1234, true));
exact("a message of the store, its alias alone", "3a0c00000102052312340100", storedWithAlias(5, 0x1234, false));
exact("a message of the store, in 3.1.1", "3a090003612f620102", storedWithAlias(4, 0x1234, true));
exact("a message of the store in one piece with its payload", "3008000161", (bytes, at, end) => {
	const store = new Store(new Uint8Array(64));
	const record = store.add(1, 0, 5);
	store.memory[store.topicStart(record)] = 0x61;
	return writeStoredHead(bytes, at, end, 4, store, record, false, 0, true);
});

test("an alias takes the length of the properties over 127 bytes", () => {
	for (let count = 115; count < 130; count++) {
		const { store, record } = stored(TOPIC, new Uint8Array(count).fill(1), 0);
		const properties = count + 3;
		const length = 5 + (properties < 128 ? 1 : 2) + properties;
		const write: Write = (bytes, at, end) => writeStoredHead(bytes, at, end, 5, store, record, false, 7, true);
		const bytes = written(write, 1 + (length < 128 ? 1 : 2) + length, `${count}`);
		equal(bytes[1], length < 128 ? length : 0x80 | (length & 0x7f));
		const at = bytes.length - properties;
		equal(hexOf(bytes, at, at + 4), "23000701");
		equal(
			hexOf(bytes, at - (properties < 128 ? 1 : 2), at),
			properties < 128 ? hexOf(Uint8Array.of(properties)) : `${hexOf(Uint8Array.of(properties))}01`,
		);
		tooSmall(write, bytes.length, `${count}`);
	}
});

const MESSAGES = STRESS ? 20 : BOARD ? 1000 : 10_000;

test(`${MESSAGES} messages and their acknowledgements allocate nothing`, () => {
	const bytes = new Uint8Array(256);
	const values: MqttPropertyValues = {
		payloadFormatIndicator: 1,
		messageExpiryInterval: 60,
		contentType: "text/plain",
		responseTopic: "answers/7",
		correlationData: Uint8Array.of(1, 2, 3),
		topicAlias: 3,
		userProp: [["name", "value"]],
	};
	const { store, record } = stored(TOPIC, PROPS, 2);
	store.setQos(record, 1);
	const list = [{ topic: "a/b", qos: 1 }, { topic: "température" }];
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let sum = 0;
	const run = (times: number) => {
		for (let i = 0; i < times; i++) {
			for (let version = 4; version <= 5; version++) {
				sum += writePublishHead(bytes, 0, 256, version, 0x32, TOPIC, 0, 3, i & 0xffff, 3, values, 64);
				sum += writePublishHead(bytes, 0, 256, version, 0x30, TOPIC, 0, 3, 0, 0, undefined, 1024);
				sum += writePublishHead(bytes, 0, 20, version, 0x30, TOPIC, 0, 3, 0, 3, values, 0);
				sum += writeStoredHead(bytes, 5, 256, version, store, record, true, 7, (i & 1) === 0);
				for (let type = 4; type <= 7; type++) sum += writeAck(bytes, 7, 256, version, type, i & 0xffff, i & 0x80);
				sum += writeSubscribe(bytes, 0, 256, version, 1, list, 2);
				sum += writeUnsubscribe(bytes, 0, 256, version, 1, list, 2);
				sum += writeDisconnect(bytes, 0, 256, version, 4, values);
			}
			sum += writePingreq(bytes, 0, 256);
		}
	};
	run(1);
	counters(before);
	run(MESSAGES);
	counters(after);
	equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
	equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
	ok(sum > 0);
});
