/*
 * The broker goes and comes back, or the way to it does, in the middle of 1,000 messages of QoS 1 and 1,000 of QoS 2: none is lost, none of
 * QoS 2 comes twice. The device sends them, or it receives them; on the other side is npm's mqtt.
 */

import config from "mc/config";
import {
	EAGAIN,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBCOMP,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	type MqttClient,
	type MqttEvt,
	type MqttPublishParam,
	type MqttSubscription,
	mqttAbort,
	mqttConnect,
	mqttDisconnect,
	mqttPublish,
	mqttReadallPublishPayload,
	mqttSubscribe,
} from "mqtt";
import { equal, ok, test } from "test";
import { nameOf, portNameOf, ports, transportOf, type Way } from "./app";
import { ask } from "./peer";

const variant = String((config as { variant?: string }).variant);
const COUNT = variant.includes("stress") ? 60 : variant.includes("sanitize") ? 300 : 1000;

/** How many messages may be on their way, and how often who receives them tells how far it is: as the peer has it, see there. */
const WINDOW = 16;
const EVERY = 4;

const rxBuf = new Uint8Array(256);
const txBuf = new Uint8Array(256);
const store = new Uint8Array(4096);
const digit = 0x30;

/** A client that keeps its session, and comes back by itself. */
class Device {
	readonly client: MqttClient;
	/** Of QoS 1 and 2: of each number that was received, how often. */
	readonly #counts = [new Uint8Array(COUNT), new Uint8Array(COUNT)] as const;
	received = 0;
	/** Messages of QoS 2 that came again. */
	twice = 0;
	connections = 0;
	acknowledged = 0;
	error = "";
	/** How connections ended. */
	readonly failures: string[] = [];
	/** Called after whatever happened. */
	#happened = () => {};
	readonly #bytes = new Uint8Array(8);
	/** The next message to publish, even ones with QoS 1, odd ones with QoS 2; how many are confirmed. */
	#next = 2 * COUNT;
	#confirmed = 0;
	/** How far it is, if that is still to be told. */
	#progress = 0;
	#subscribed = false;
	#ended = false;
	readonly #data = new Uint8Array(8);
	readonly #param: MqttPublishParam = { message: { topic: { topic: "", qos: 0 }, payload: { data: this.#data, len: 0 } } };

	constructor(way: Way, port: number | undefined, version: number, clientId: string, memory = store) {
		this.client = {
			broker: { host: "127.0.0.1", port },
			transport: transportOf(way),
			clientId,
			protocolVersion: version,
			cleanSession: 0,
			prop: version === MQTT_VERSION_5_0 ? { sessionExpiryInterval: 1000 } : undefined,
			rxBuf,
			txBuf,
			store: memory,
			reconnect: { minMs: 20, maxMs: 100 },
			evtCb: (_, evt) => {
				this.#hear(evt);
				this.#send();
				this.#happened();
			},
			onWritable: () => this.#send(),
		};
	}

	#hear({ type, result, param }: MqttEvt): void {
		switch (type) {
			case MQTT_EVT_CONNACK:
				if (result) this.error ||= `CONNACK: ${result}`;
				else this.connections++;
				break;
			case MQTT_EVT_SUBACK:
				this.#subscribed = true;
				break;
			case MQTT_EVT_PUBACK:
			case MQTT_EVT_PUBCOMP:
				if (result || param.puback.reasonCode >= 0x80) this.error ||= `acknowledged with ${result}, ${param.puback.reasonCode}`;
				this.acknowledged++;
				break;
			case MQTT_EVT_PUBLISH:
				this.#receive(param.publish.message);
				break;
			case MQTT_EVT_DISCONNECT:
				this.#ended = result === 0;
				this.failures.push(`${result} ${this.client.failure}`);
				if (this.failures.length > 50) this.error ||= this.failures.slice(-3).join("; ");
				break;
		}
	}

	#receive({ topic, payload }: MqttEvt["param"]["publish"]["message"]): void {
		if (mqttReadallPublishPayload(this.client, this.#bytes, payload.len) !== 0) this.error ||= "a payload was not there";
		let number = 0;
		for (let i = 0; i < payload.len; i++) number = number * 10 + this.#bytes[i]! - digit;
		if (topic.topic.equals("up/progress")) {
			if (number > this.#confirmed) this.#confirmed = number;
			return;
		}
		const counts = this.#counts[topic.qos === 1 ? 0 : 1];
		if (counts[number]! > 0) {
			if (topic.qos === 2) this.twice++;
		} else if (++this.received % EVERY === 0) this.#progress = this.received;
		counts[number]!++;
	}

	/** What there is to send, as far as there is room. */
	#send(): void {
		if (this.#progress && this.#publish("down/progress", 1, this.#progress)) this.#progress = 0;
		while (this.#next < 2 * COUNT && this.#next < this.#confirmed + WINDOW) {
			const qos = this.#next % 2 ? 2 : 1;
			if (!this.#publish(qos === 2 ? "up/2" : "up/1", qos, this.#next >> 1)) return;
			this.#next++;
		}
	}

	#publish(topic: string, qos: number, number: number): boolean {
		const { message } = this.#param;
		message.topic.topic = topic;
		message.topic.qos = qos;
		let digits = 0;
		for (let rest = number; digits === 0 || rest > 0; digits++) {
			this.#data.copyWithin(1, 0);
			this.#data[0] = digit + (rest % 10);
			rest = Math.trunc(rest / 10);
		}
		message.payload.len = digits;
		this.#param.messageId = 0;
		const result = mqttPublish(this.client, this.#param);
		if (result < 0 && result !== -EAGAIN) this.error ||= `mqttPublish: ${result}, ${this.client.failure}`;
		return result === 0;
	}

	/** Begins to publish; 2 * COUNT acknowledgements follow. With `all`, nobody tells how far it is: as many as there is room for. */
	publish(all = false): void {
		this.#next = 0;
		if (all) this.#confirmed = 2 * COUNT;
		this.#send();
	}

	/** How many messages were published. */
	get published(): number {
		return this.#next;
	}

	/** Waits for something to become true. */
	until(what: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			this.#happened = () => {
				if (!what() && !this.error) return;
				this.#happened = () => {};
				resolve();
			};
			this.#happened();
		});
	}

	/** Whatever becomes of a test, the next one has its buffers. */
	async during(test: () => Promise<void>): Promise<void> {
		try {
			await test();
		} finally {
			mqttAbort(this.client);
		}
	}

	async connect(): Promise<void> {
		equal(mqttConnect(this.client), 0, this.client.failure);
		await this.until(() => this.connections > 0);
		equal(this.error, "");
	}

	async subscribe(list: readonly MqttSubscription[]): Promise<void> {
		equal(mqttSubscribe(this.client, { list }), 0, this.client.failure);
		await this.until(() => this.#subscribed);
	}

	async disconnect(): Promise<void> {
		equal(mqttDisconnect(this.client), 0);
		await this.until(() => this.#ended);
	}
}

/** How it is interrupted, how often, and by which way the device and the others came. */
const interruptions = [
	{ name: "the broker ended and started again", command: "restart", times: 3, prefix: "" },
	{ name: "the broker killed and started again", command: "kill", times: 3, prefix: "cut" },
	{ name: "connections reset", command: "cut", times: 10, prefix: "cut" },
] as const;

const carriers: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: true, kind: "socket" },
];

for (const way of carriers)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0])
		for (const { name, command, times, prefix } of interruptions) {
			const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}, ${name}`;
			const port = portNameOf(way, prefix);
			const other = { name: title, port: portNameOf(carriers[0]!, prefix), options: { protocolVersion: version }, count: COUNT };

			/** Each time that so and so many more went through, until all did. */
			const interrupt = async (device: Device, through: () => number) => {
				for (let i = 1; i <= times; i++) {
					await device.until(() => through() >= (2 * COUNT * i) / (times + 1));
					const { connections } = device;
					await ask(command);
					await device.until(() => device.connections > connections);
				}
				await device.until(() => through() >= 2 * COUNT);
				equal(device.error, "");
			};

			test(`${title}: what the device sends`, async () => {
				await ask("receiveNumbers", other);
				const device = new Device(way, ports[port], version, `${title}, sends`);
				await device.during(async () => {
					await device.connect();
					await device.subscribe([{ topic: "up/progress", qos: 1 }]);
					device.publish();
					await interrupt(device, () => device.acknowledged);
					await device.disconnect();
				});
				const { different, twice } = await ask("numbersDone", other);
				equal(different, 2 * COUNT);
				equal(twice.join(), "");
			});

			test(`${title}: what the device receives`, async () => {
				const device = new Device(way, ports[port], version, `${title}, receives`);
				await device.during(async () => {
					await device.connect();
					await device.subscribe([
						{ topic: "down/1", qos: 1 },
						{ topic: "down/2", qos: 2 },
					]);
					await ask("sendNumbers", other);
					await interrupt(device, () => device.received);
					await ask("numbersDone", other);
					await device.disconnect();
				});
				equal(device.twice, 0, "messages of QoS 2 that came again");
			});
		}

for (const way of carriers)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0]) {
		const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}`;

		for (const [size, words] of [
			[2 * COUNT * 40, "all of it is queued"],
			[4 * COUNT, "some of it is queued, and the rest when there is room again"],
		] as const)
			test(`${title}: what the device publishes while there is no broker: ${words}`, async () => {
				const other = { name: title, port: portNameOf(carriers[0]!), options: { protocolVersion: version }, count: COUNT };
				await ask("receiveNumbers", other);
				const device = new Device(way, ports[portNameOf(way)], version, `${title}, queues`, new Uint8Array(size));
				await device.during(async () => {
					await device.connect();
					await ask("stop");
					await device.until(() => device.failures.length > 0);
					device.publish(true);
					const { published, acknowledged } = device;
					await ask("start");
					equal(acknowledged, 0);
					if (size < 10 * COUNT) ok(published > 5 && published < 2 * COUNT, `${published} queued`);
					else equal(published, 2 * COUNT);
					await device.until(() => device.acknowledged >= 2 * COUNT);
					equal(device.error, "");
					await device.disconnect();
				});
				const { different, twice } = await ask("numbersDone", other);
				equal(different, 2 * COUNT);
				equal(twice.join(), "");
			});
	}
