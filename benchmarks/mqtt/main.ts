/*
 * Messages of `length` bytes through the door of MQTT over a transport that does next to nothing, for tools/instructions.ts to count; and
 * the same number of the calls of this app's own, to be subtracted. README.md says what is counted.
 */
import { exit } from "device";
import config from "mc/config";
import { measure } from "measure";
import {
	MQTT_EVT_CONNACK,
	MQTT_EVT_PUBLISH,
	MQTT_TRANSPORT_CUSTOM,
	type MqttClient,
	mqttConnect,
	mqttPublish,
	mqttReadPublishPayload,
} from "mqtt";
import Timer from "timer";
import type { Transport, TransportEvents } from "transport/transport";

/** What TCP brings at a time. */
const SEGMENT = 1460;
const TOPIC = "xs/1/measurement";
const CONNACK = Object.freeze([0x20, 2, 0, 0]);

/** Gives the same packet as often as it is told to, in pieces as TCP brings them, and takes all that is written. */
class Stub implements Transport {
	packet: Uint8Array = Uint8Array.from(CONNACK);
	at = 0;
	events: TransportEvents | undefined;

	read(into: Uint8Array, start: number, end: number): number {
		const { packet, at } = this;
		let count = packet.length - at;
		if (count > SEGMENT) count = SEGMENT;
		if (count > end - start) count = end - start;
		if (count === 0) return 0;
		if (this.copies) into.set(this.packet.subarray(at, at + count), start);
		this.at = at + count;
		return count;
	}
	/** Off where the buffer has the bytes from the first time. */
	copies = true;
	write(_from: Uint8Array, start: number, end: number): number {
		return end - start;
	}
	start(events: TransportEvents): boolean {
		this.events = events;
		return true;
	}
	stop(): void {}
	close(): void {}
}

const length = Number(config.length ?? 125);
const qos = Number(config.qos ?? 0);

/** PUBLISH of a server, QoS 0, below 16,384 bytes or above. */
function publish(): Uint8Array {
	const topic = new Uint8Array(ArrayBuffer.fromString(TOPIC));
	const rest = 2 + topic.length + length;
	const size: number[] = [];
	for (let left = rest; ; left >>= 7) {
		size.push(left > 127 ? (left & 127) | 128 : left);
		if (left < 128) break;
	}
	const packet = new Uint8Array(1 + size.length + rest);
	packet.set([0x30, ...size, 0, topic.length]);
	packet.set(topic, 1 + size.length + 2);
	return packet;
}

const stub = new Stub();
const payload = new Uint8Array(Math.max(1, length));
const param = { message: { topic: { topic: TOPIC, qos }, payload: { data: payload, len: length } }, messageId: 0 };
let received = 0;
let connected: (() => void) | undefined;

const client: MqttClient = {
	broker: { host: "benchmark" },
	transport: { type: MQTT_TRANSPORT_CUSTOM, open: () => stub },
	clientId: "benchmark",
	rxBuf: new Uint8Array(Math.max(512, length + 64)),
	txBuf: new Uint8Array(Math.max(512, length + 64)),
	evtCb(client, { type }) {
		if (type === MQTT_EVT_CONNACK) connected?.();
		else if (type === MQTT_EVT_PUBLISH) received += mqttReadPublishPayload(client, payload, payload.length);
	},
};

/** The app's callback without the call of the library. */
function callback(): void {
	received += length;
}

const kinds: Record<string, (n: number, events: TransportEvents) => void> = {
	send(n, events) {
		for (let i = 0; i < n; i++) {
			mqttPublish(client, param);
			events.onWritable();
		}
	},
	"send-stubs"(n) {
		for (let i = 0; i < n; i++) stub.write(payload, 0, length);
	},
	receive(n, events) {
		received = 0;
		for (let i = 0; i < n; i++) {
			stub.at = 0;
			events.onReadable();
			if (i === 0) stub.copies = false;
		}
		if (received !== n * length) throw new Error(`received ${received} bytes`);
	},
	"receive-stubs"(n) {
		stub.copies = false;
		for (let i = 0; i < n; i++) {
			stub.at = 0;
			while (stub.read(payload, 0, stub.packet.length) > 0);
			callback();
		}
	},
};

/** From the loop, so that nothing of connecting is left to do. */
connected = () =>
	Timer.set(async () => {
		stub.packet = publish();
		for (const [what, run] of Object.entries(kinds)) await measure(what, (messages) => run(messages, stub.events as TransportEvents));
		exit(0);
	}, 10);
const result = mqttConnect(client);
if (result < 0) throw new Error(`mqttConnect gave ${result}: ${client.failure}`);
