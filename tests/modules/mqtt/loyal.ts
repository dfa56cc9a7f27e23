/* A device that keeps its session and comes back by itself: it sends numbered messages, or receives them, QoS 1 and 2 in turns. */
import config from "mc/config";
import {
	EAGAIN,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBCOMP,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
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
import { equal } from "test";
import { transportOf, type Way } from "./app";

export const variant = String((config as { variant?: string }).variant);

export const carriers: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: true, kind: "socket" },
];

/** How many messages may be on their way, and how often who receives them tells how far it is: as the peer has it, see there. */
const WINDOW = 16;
const EVERY = 4;

const rxBuf = new Uint8Array(256);
const txBuf = new Uint8Array(256);
const store = new Uint8Array(4096);
const digit = 0x30;

export class Device {
	readonly client: MqttClient;
	/** Of QoS 1 and 2: of each number that was received, how often. */
	readonly #counts: readonly [Uint8Array, Uint8Array];
	readonly #all: number;
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
	#next: number;
	#confirmed = 0;
	/** How far it is, if that is still to be told. */
	#progress = 0;
	#subscribed = false;
	#ended = false;
	readonly #data = new Uint8Array(8);
	readonly #param: MqttPublishParam = { message: { topic: { topic: "", qos: 0 }, payload: { data: this.#data, len: 0 } } };

	/** To send or to receive `count` messages of QoS 1 and of QoS 2. One device at a time has the buffers. */
	constructor(count: number, way: Way, port: number | undefined, version: number, clientId: string, memory = store) {
		this.#counts = [new Uint8Array(count), new Uint8Array(count)];
		this.#all = this.#next = 2 * count;
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
			reconnect: { minMs: 10, maxMs: 50 },
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
				if (this.failures.length > 2000) this.error ||= this.failures.slice(-3).join("; ");
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
		while (this.#next < this.#all && this.#next < this.#confirmed + WINDOW) {
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

	/** Begins to publish. With `all`, nobody tells how far it is: as many as there is room for. */
	publish(all = false): void {
		this.#next = 0;
		if (all) this.#confirmed = this.#all;
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
