/* A transport without a socket, and an app without a loop: what the tests of the core speak with. */
import {
	MQTT_EVT_CONNACK,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
	MQTT_EVT_UNSUBACK,
	MQTT_FAULT_LOST,
	MQTT_TRANSPORT_CUSTOM,
	type MqttClient,
	type MqttEvt,
	type MqttPublishParam,
	type MqttSubscription,
} from "mqtt";
import { CLOSED, CLOSING, CONNECTED, Connection, EVENT_NONE } from "mqtt/connection";
import { equal } from "test";
import type { Transport, TransportEvents } from "transport/transport";
import { asciiOf, bytesOf, connack, hexOf } from "./wire";

/** Gives what it was given, in the pieces it was given, and keeps what is written. */
export class FakeTransport implements Transport {
	written: number[] = [];
	/** How many bytes write() takes until somebody makes room; */
	room = 0x7fffffff;
	/** and at a time. */
	most = 0x7fffffff;
	/** What read() and write() give when there is nothing more to do. */
	broken = 0;
	closed = false;
	reads = 0;
	events: TransportEvents | undefined;
	#pieces: Uint8Array[] = [];

	give(bytes: Uint8Array): void {
		if (bytes.length) this.#pieces.push(bytes);
	}
	/** Bytes that nobody has read. */
	get left(): number {
		return this.#pieces.reduce((sum, piece) => sum + piece.length, 0);
	}
	start(events: TransportEvents): boolean {
		if (this.events) return false;
		this.events = events;
		return true;
	}
	stop(): void {
		this.events = undefined;
	}
	read(into: Uint8Array, start: number, end: number): number {
		this.reads++;
		const piece = this.#pieces[0];
		if (piece === undefined) return this.broken;
		const count = Math.min(piece.length, end - start);
		into.set(piece.subarray(0, count), start);
		if (count === piece.length) this.#pieces.shift();
		else this.#pieces[0] = piece.subarray(count);
		return count;
	}
	write(from: Uint8Array, start: number, end: number): number {
		if (this.broken) return this.broken;
		const count = Math.min(this.room, this.most, end - start);
		for (let i = start; i < start + count; i++) this.written.push(from[i] as number);
		this.room -= count;
		return count;
	}
	close(): void {
		this.closed = true;
	}

	/** What was written since the last call, in hexadecimal. */
	take(): string {
		const text = hexOf(this.written);
		this.written.length = 0;
		return text;
	}
}

const NAMES = "connack,disconnect,publish,puback,pubrec,pubrel,pubcomp,suback,unsuback,pingresp,auth".split(",");

/** An event in words. */
export function wordsOf({ type, result, param }: MqttEvt): string {
	let words = NAMES[type] as string;
	if (type === MQTT_EVT_CONNACK) words += ` ${param.connack.sessionPresentFlag} ${param.connack.returnCode}`;
	else if (type === MQTT_EVT_PUBLISH) {
		const { message, messageId, dupFlag, retainFlag } = param.publish;
		const { topic, payload } = message;
		words += ` ${topic.topic} ${topic.qos} ${messageId}${dupFlag ? " dup" : ""}${retainFlag ? " retain" : ""} ${payload.len}`;
	} else if (type === MQTT_EVT_SUBACK || type === MQTT_EVT_UNSUBACK) {
		const { bytes, start, end } = param.suback.returnCodes;
		words += ` ${param.suback.messageId} ${hexOf(bytes, start, end)}`;
	} else if (words.startsWith("pub")) words += ` ${param.puback.messageId}`;
	if (words.startsWith("pub") && type !== MQTT_EVT_PUBLISH && param.puback.reasonCode) words += ` reason ${param.puback.reasonCode}`;
	if ((words === "disconnect" || words === "auth") && param.disconnect.reasonCode) words += ` reason ${param.disconnect.reasonCode}`;
	return result === 0 ? words : `${words} ${result}`;
}

/** A record that can be connected with. */
export function clientOf(v: number, options: Partial<MqttClient> = {}): MqttClient {
	return {
		broker: { host: "h" },
		transport: { type: MQTT_TRANSPORT_CUSTOM, open: () => new FakeTransport() },
		clientId: "c",
		protocolVersion: v,
		cleanSession: 1,
		keepalive: 60,
		evtCb: () => {},
		rxBuf: new Uint8Array(128),
		txBuf: new Uint8Array(128),
		...options,
	};
}

/** A connection and its app, which takes all there is. */
export class Side {
	readonly v: number;
	readonly client: MqttClient;
	readonly connection: Connection;
	transport = new FakeTransport();
	/** What the app was told since somebody looked, in words. */
	told: string[] = [];
	/** Makes the transport of a network connection. */
	make: () => FakeTransport = () => new FakeTransport();
	/** Called with each event. */
	hear: (evt: MqttEvt) => void = () => {};
	/** false: payloads stay where they are. */
	reads = true;
	/** false: the server does not end the network connection after DISCONNECT. */
	ends = true;
	/** How many bytes of a payload are read at a time. */
	readonly piece = new Uint8Array(7);
	#payload = "";
	#reading = false;

	constructor(v: number, options: Partial<MqttClient> = {}) {
		this.v = v;
		this.client = clientOf(v, options);
		this.connection = new Connection(this.client);
	}

	/** A new network connection; `again`: one after another. CONNECT is what was written. */
	begin(again = false): string {
		const { connection } = this;
		if (connection.state === CLOSED) connection.end();
		this.#reading = false;
		this.transport = this.make();
		connection.begin(this.transport, again);
		this.go();
		return this.transport.take();
	}

	/** Connected, and told so. */
	open(session = 0, props = "", again = false): this {
		this.begin(again);
		this.come(connack(this.v, session, 0, props));
		equal(this.connection.state, CONNECTED, `fault ${this.connection.fault}`);
		this.told.length = 0;
		return this;
	}

	/** Bytes arrive, in hexadecimal; gives what went out. */
	come(hex: string): string {
		this.transport.give(bytesOf(hex));
		this.go();
		return this.transport.take();
	}

	/** The network connection ends without a word. */
	cut(): void {
		this.transport.broken = -104;
		this.connection.transportClosed(-38);
		this.go();
	}

	/** All that can happen now happens. */
	go(): void {
		const { connection } = this;
		for (;;) {
			this.#drain();
			const type = connection.next();
			if (type !== EVENT_NONE) {
				this.told.push(wordsOf(connection.event));
				this.#payload = "";
				this.#reading = type === MQTT_EVT_PUBLISH;
				this.hear(connection.event);
				this.#drain();
				connection.delivery.settle();
				continue;
			}
			const { full } = connection.output;
			connection.advance();
			if (full && !connection.output.full) continue;
			// After DISCONNECT the server ends the network connection.
			if (!this.ends || connection.state !== CLOSING || !connection.output.empty) return;
			connection.transportClosed(MQTT_FAULT_LOST);
		}
	}

	#drain(): void {
		if (!this.#reading || !this.reads) return;
		const { delivery } = this.connection;
		for (;;) {
			const count = delivery.read(this.piece, 0, this.piece.length);
			if (count < 0) return;
			if (count === 0) break;
			this.#payload += String.fromArrayBuffer(this.piece.slice(0, count).buffer as ArrayBuffer);
		}
		this.#reading = false;
		if (this.#payload !== "") this.told[this.told.length - 1] += ` ${this.#payload}`;
	}

	/** Publishes, and lets it go out. */
	publish(topic: string, payload = "", qos = 0, more: Partial<MqttPublishParam> = {}): string {
		equal(this.post(topic, payload, qos, more), 0, this.connection.sender.why);
		this.go();
		return this.transport.take();
	}

	/** Publishes: what the connection gives. */
	post(topic: string, payload = "", qos = 0, more: Partial<MqttPublishParam> = {}): number {
		return this.connection.publish({ message: { topic: { topic, qos }, payload: { data: asciiOf(payload) } }, ...more });
	}

	subscribe(list: readonly MqttSubscription[], make = true): string {
		equal(this.connection.subscribe({ list }, list.length, make), 0, this.connection.sender.why);
		this.go();
		return this.transport.take();
	}

	/** What the app was told, and forgets it. */
	heard(): string {
		const words = this.told.join(", ");
		this.told.length = 0;
		return words;
	}
}
