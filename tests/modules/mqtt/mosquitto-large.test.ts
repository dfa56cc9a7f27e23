/* A message of a megabyte through buffers of 512 bytes, both ways, whole and with the connection lost in the middle of it. */
import config from "mc/config";
import {
	EAGAIN,
	ENOTCONN,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBCOMP,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_PUBREL,
	MQTT_EVT_SUBACK,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	type MqttClient,
	mqttAbort,
	mqttConnect,
	mqttDisconnect,
	mqttPublish,
	mqttReadPublishPayload,
	mqttSubscribe,
} from "mqtt";
import { equal, ok, test } from "test";
import { nameOf, portNameOf, ports, transportOf, type Way, ways } from "./app";
import { ask } from "./peer";

const variant = String((config as { variant?: string }).variant);
const LENGTH = variant.startsWith("mps2") ? 100_000 : variant.includes("sanitize") ? 400_000 : 1_048_576;

/** Where it is cut off. */
const MIDDLE = 20_000;

const rxBuf = new Uint8Array(512);
const txBuf = new Uint8Array(512);
const store = new Uint8Array(512);
const piece = new Uint8Array(512);

/** The byte of the payload at a place: as the peer makes it. */
const byteAt = (at: number) => (at * 7 + (at >> 8)) & 0xff;

/** A camera, or a screen. */
class Device {
	readonly client: MqttClient;
	connections = 0;
	/** How much of the payload came, and how often all of it; at which place there was a wrong byte. */
	received = 0;
	messages = 0;
	wrong = -1;
	lost = 0;
	last = -1;
	error = 0;
	#happened = () => {};
	/** Up to this place of the payload, of which #reached is told once; then nothing is read until go(). */
	#middle: number;
	#waiting = false;
	#reached = () => {};

	constructor(way: Way, prefix: string, version: number, clientId: string, middle = 0) {
		this.#middle = middle;
		this.client = {
			broker: { host: "127.0.0.1", port: ports[portNameOf(way, prefix)] },
			transport: transportOf(way),
			clientId,
			protocolVersion: version,
			cleanSession: 0,
			prop: version === MQTT_VERSION_5_0 ? { sessionExpiryInterval: 100 } : undefined,
			rxBuf,
			txBuf,
			store,
			reconnect: { minMs: 20, maxMs: 100 },
			evtCb: (_, { type, result, param }) => {
				this.last = type;
				if (type === MQTT_EVT_CONNACK) this.connections++;
				else if (type === MQTT_EVT_PUBLISH) {
					this.received = 0;
					if (param.publish.message.payload.len !== LENGTH) this.wrong = LENGTH;
					this.#read();
				} else if (result < 0 && type !== MQTT_EVT_DISCONNECT) this.error = result;
				this.#happened();
			},
			onPayload: () => this.#read(),
		};
	}

	#read(): void {
		while (!this.#waiting) {
			const count = mqttReadPublishPayload(this.client, piece, piece.length);
			if (count === -EAGAIN) return;
			if (count === -ENOTCONN) {
				this.lost++;
				return;
			}
			if (count <= 0) {
				this.error ||= count;
				break;
			}
			for (let i = 0; i < count; i++) if (piece[i] !== byteAt(this.received + i) && this.wrong < 0) this.wrong = this.received + i;
			this.#at(this.received + count);
			this.received += count;
		}
		if (this.received === LENGTH) this.messages++;
		this.#happened();
	}

	/** Reads on. */
	go(): void {
		this.#waiting = false;
		this.#read();
	}

	#at(place: number): void {
		if (this.#middle === 0 || place < this.#middle) return;
		this.#middle = 0;
		this.#waiting = true;
		this.#reached();
	}

	/** Resolves in the middle of the payload, when that has come, or has to go. */
	get middle(): Promise<void> {
		return new Promise((resolve) => {
			this.#reached = resolve;
		});
	}

	publish(topic: string, qos: number): void {
		const data = (offset: number, into: Uint8Array, start: number, end: number) => {
			let count = end - start;
			if (count > LENGTH - offset) count = LENGTH - offset;
			for (let i = 0; i < count; i++) into[start + i] = byteAt(offset + i);
			this.#at(offset + count);
			return count;
		};
		equal(mqttPublish(this.client, { message: { topic: { topic, qos }, payload: { data, len: LENGTH } } }), 0, this.client.failure);
	}

	until(what: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			this.#happened = () => {
				if (!what()) return;
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

	async connect(topic?: string): Promise<void> {
		equal(mqttConnect(this.client), 0, this.client.failure);
		await this.until(() => this.connections > 0);
		if (topic === undefined) return;
		equal(mqttSubscribe(this.client, { list: [{ topic, qos: 2 }] }), 0, this.client.failure);
		await this.until(() => this.last === MQTT_EVT_SUBACK);
	}

	async disconnect(): Promise<void> {
		equal(mqttDisconnect(this.client), 0);
		await this.until(() => this.last === MQTT_EVT_DISCONNECT);
		equal(this.error, 0);
		equal(this.wrong, -1, "the first wrong byte");
	}
}

const ends: readonly number[] = [0, MQTT_EVT_PUBACK, MQTT_EVT_PUBCOMP];

for (const way of ways)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0]) {
		const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}`;
		const npm = { name: `npm ${title}`, port: "tcp", options: { protocolVersion: version } };

		test(`${title}: ${LENGTH} bytes with QoS 0, 1 and 2, through 512`, async () => {
			await ask("connect", npm);
			await ask("subscribe", { name: npm.name, topic: "digest/#" });
			const device = new Device(way, "", version, title);
			await device.during(async () => {
				await device.connect("large");
				for (const qos of [0, 1, 2]) {
					device.publish("digest/large", qos);
					if (qos > 0) await device.until(() => device.last === ends[qos]);
					const [{ payload, qos: got }] = await ask("messages", { name: npm.name, count: 1 });
					equal(payload, await ask("digest", { length: LENGTH }));
					equal(got, qos);
					await ask("publishCounting", { name: npm.name, topic: "large", length: LENGTH, qos });
					await device.until(() => device.messages === qos + 1 && (qos < 2 || device.last === MQTT_EVT_PUBREL));
				}
				await ask("end", { name: npm.name });
				await device.disconnect();
				equal(device.connections, 1);
			});
		});
	}

for (const way of ways.filter(({ kind }) => kind === "tcp"))
	for (const qos of [1, 2]) {
		const title = `${nameOf(way)}, QoS ${qos}`;
		const npm = { name: `npm ${title}`, port: "tcp" };

		test(`${title}: the connection is lost in the middle of a message to the broker`, async () => {
			await ask("connect", npm);
			await ask("subscribe", { name: npm.name, topic: "digest/#" });
			const device = new Device(way, "cut", MQTT_VERSION_5_0, `${title}, sends`, MIDDLE);
			await device.during(async () => {
				await device.connect();
				const { middle } = device;
				await ask("limit", { bytes: 2 * MIDDLE });
				device.publish("digest/large", qos);
				await middle;
				await ask("cut");
				await device.until(() => device.last === ends[qos]);
				const [{ payload }] = await ask("messages", { name: npm.name, count: 1 });
				equal(payload, await ask("digest", { length: LENGTH }));
				ok(device.connections > 1);
				await device.disconnect();
			});
			equal(await ask("waiting", { name: npm.name }), 0);
			await ask("end", { name: npm.name });
		});

		test(`${title}: the connection is lost in the middle of a message from the broker`, async () => {
			await ask("connect", npm);
			const device = new Device(way, "cut", MQTT_VERSION_5_0, `${title}, receives`, MIDDLE);
			await device.during(async () => {
				await device.connect("large");
				const { middle } = device;
				await ask("limit", { bytes: 2 * MIDDLE });
				await ask("publishCounting", { name: npm.name, topic: "large", length: LENGTH, qos });
				await middle;
				await ask("cut");
				device.go();
				await device.until(() => device.messages === 1);
				ok(device.connections > 1);
				await device.disconnect();
				equal(device.messages, 1);
			});
			await ask("end", { name: npm.name });
		});
	}
