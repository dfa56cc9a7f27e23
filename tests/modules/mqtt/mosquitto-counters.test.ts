/* What a message costs at a real broker, sent and received: nothing that a collector would have to clear away. */
import { counters } from "device";
import config from "mc/config";
import {
	EAGAIN,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	type MqttClient,
	type MqttPublishParam,
	mqttConnect,
	mqttDisconnect,
	mqttPublish,
	mqttReadPublishPayload,
	mqttSubscribe,
} from "mqtt";
import { equal, test } from "test";
import { nameOf, portNameOf, ports, transportOf, type Way } from "./app";
import { ask } from "./peer";

const SLOTS = 0;
const CHUNKS = 1;
const COLLECTIONS = 2;

const variant = String((config as { variant?: string }).variant);
const TIMES = variant.includes("stress") ? 10 : /sanitize|mps2/.test(variant) ? 300 : 10_000;
/** So many messages are on their way at a time. */
const UNDER_WAY = 4;

const rxBuf = new Uint8Array(512);
const txBuf = new Uint8Array(2048);
const store = new Uint8Array(8192);
const into = new Uint8Array(1024);

interface Options {
	way: Way;
	version: number;
	length: number;
	qos: number;
	/** Without a store, the app has to see to messages that got lost; here none does. */
	stored: boolean;
	prop?: MqttPublishParam["prop"];
}

/** A device that publishes to a topic that it has subscribed to: each message that comes back is sent again. */
class Echo {
	readonly client: MqttClient;
	readonly #param: MqttPublishParam;
	readonly #length: number;
	readonly before = new Uint32Array(7);
	readonly after = new Uint32Array(7);
	#toSend = 0;
	#received = 0;
	/** -EAGAIN was given for so many. */
	#waiting = 0;
	#read = 0;
	error = 0;
	#happened = (_: number) => {};
	#done = () => {};

	constructor({ way, version, length, qos, stored, prop }: Options) {
		const data = new Uint8Array(length).fill(0x61);
		this.#length = length;
		this.#param = { message: { topic: { topic: "some/topic", qos }, payload: { data, len: length } }, messageId: 0, prop };
		this.client = {
			broker: { host: "127.0.0.1", port: ports[portNameOf(way)] },
			transport: transportOf(way),
			clientId: "counted",
			protocolVersion: version,
			rxBuf,
			txBuf,
			store: stored ? store : undefined,
			evtCb: (_, { type, result, param }) => {
				if (type === MQTT_EVT_PUBLISH) {
					if (param.publish.message.payload.len !== this.#length) this.error = -1;
					this.#read = 0;
					this.#receive();
					return;
				}
				if (result < 0) this.error = result;
				this.#happened(type);
			},
			onPayload: () => this.#receive(),
			onWritable: () => {
				while (this.#waiting > 0 && this.#publish()) this.#waiting--;
			},
		};
	}

	#publish(): boolean {
		this.#param.messageId = 0;
		const result = mqttPublish(this.client, this.#param);
		if (result < 0 && result !== -EAGAIN) this.error = result;
		return result === 0;
	}

	#send(): void {
		if (this.#waiting > 0 || !this.#publish()) this.#waiting++;
	}

	/** Reads the payload; once it is whole, the next one goes out. */
	#receive(): void {
		for (;;) {
			const count = mqttReadPublishPayload(this.client, into, into.length);
			if (count === -EAGAIN) return;
			if (count < 0) this.error = count;
			if (count <= 0) break;
			this.#read += count;
		}
		if (this.#read !== this.#length) this.error = -2;
		this.#received++;
		if (this.#received === 1) {
			counters(this.before);
			for (let i = 0; i < UNDER_WAY; i++, this.#toSend--) this.#send();
		} else if (this.#received === TIMES + 1) {
			counters(this.after);
			this.#done();
		} else if (this.#toSend > 0) {
			this.#toSend--;
			this.#send();
		}
	}

	#event(type: number): Promise<void> {
		return new Promise((resolve) => {
			this.#happened = (happened) => {
				if (happened === type) resolve();
			};
		});
	}

	async run(): Promise<void> {
		equal(mqttConnect(this.client), 0, this.client.failure);
		await this.#event(MQTT_EVT_CONNACK);
		const { topic } = this.#param.message;
		equal(mqttSubscribe(this.client, { list: [topic] }), 0, this.client.failure);
		await this.#event(MQTT_EVT_SUBACK);
		this.#toSend = TIMES;
		this.#happened = () => {};
		const done = new Promise<void>((resolve) => {
			this.#done = resolve;
		});
		this.#send();
		await done;
		equal(this.error, 0);
		mqttDisconnect(this.client);
		await this.#event(MQTT_EVT_DISCONNECT);
		equal(this.error, 0);
		for (const [what, name] of [
			[SLOTS, "slots"],
			[CHUNKS, "chunk bytes"],
			[COLLECTIONS, "collections"],
		] as const)
			equal(this.after[what]! - this.before[what]!, 0, name);
	}
}

const carriers: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: true, kind: "tcp" },
];
const versionName = (version: number) => (version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1");

for (const way of carriers)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0])
		for (const length of [64, 1024])
			for (const qos of [0, 1, 2])
				test(`${nameOf(way)}, ${versionName(version)}: ${TIMES} messages of ${length} bytes with QoS ${qos}, to the broker and back`, () =>
					new Echo({ way, version, length, qos, stored: qos > 0 }).run());

test(`tcp, 3.1.1: ${TIMES} messages of 64 bytes with QoS 1, without a store`, () =>
	new Echo({ way: carriers[0]!, version: MQTT_VERSION_3_1_1, length: 64, qos: 1, stored: false }).run());

test(`websocket over tcp, 5.0: ${TIMES} messages of 64 bytes with QoS 1 and properties, by a topic alias`, () => {
	const prop = { topicAlias: 3, contentType: "text/plain", messageExpiryInterval: 100, userProp: [["unit", "K"]] } as const;
	return new Echo({ way: carriers[1]!, version: MQTT_VERSION_5_0, length: 64, qos: 1, stored: true, prop }).run();
});

for (const way of carriers)
	test(`${nameOf(way)}, 3.1.1: ${TIMES} messages of 64 bytes with QoS 0, as fast as the broker sends them`, async () => {
		const before = new Uint32Array(7);
		const after = new Uint32Array(7);
		const options = { name: `flood ${nameOf(way)}`, start: "start", topic: "flood", count: TIMES + 1, length: 64, qos: 0 };
		await ask("connect", { name: options.name, port: "tcp" });
		await ask("flood", options);
		let received = 0;
		let error = 0;
		let happened = (_: number) => {};
		const event = (type: number) =>
			new Promise<void>((resolve) => {
				happened = (is) => {
					if (is === type) resolve();
				};
			});
		const client: MqttClient = {
			broker: { host: "127.0.0.1", port: ports[portNameOf(way)] },
			transport: transportOf(way),
			clientId: "flooded",
			rxBuf,
			txBuf,
			evtCb: (client, { type, result }) => {
				if (result < 0) error = result;
				if (type !== MQTT_EVT_PUBLISH) happened(type);
				else {
					if (mqttReadPublishPayload(client, into, 64) !== 64) error = -1;
					received++;
					if (received === 1) counters(before);
					if (received === TIMES + 1) {
						counters(after);
						happened(type);
					}
				}
			},
		};
		equal(mqttConnect(client), 0, client.failure);
		await event(MQTT_EVT_CONNACK);
		equal(mqttSubscribe(client, { list: [{ topic: "flood" }] }), 0);
		await event(MQTT_EVT_SUBACK);
		const done = event(MQTT_EVT_PUBLISH);
		equal(mqttPublish(client, { message: { topic: { topic: "start", qos: 0 }, payload: { data: txBuf, len: 0 } } }), 0);
		await done;
		equal(error, 0);
		mqttDisconnect(client);
		await event(MQTT_EVT_DISCONNECT);
		await ask("end", { name: options.name });
		equal(after[SLOTS]! - before[SLOTS]!, 0, "slots");
		equal(after[CHUNKS]! - before[CHUNKS]!, 0, "chunk bytes");
		equal(after[COLLECTIONS]! - before[COLLECTIONS]!, 0, "collections");
	});
