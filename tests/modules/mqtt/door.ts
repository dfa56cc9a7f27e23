/* A client at the door, over transports without sockets: tests say what arrives, and when. */
import {
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	type MqttClient,
	type MqttEvt,
	mqttConnect,
	mqttReadallPublishPayload,
} from "mqtt";
import { CLOSING } from "mqtt/connection";
import type { Context } from "mqtt/context";
import { equal } from "test";
import { clientOf, FakeTransport, wordsOf } from "./fake";
import { asciiOf, bytesOf, connack, connect } from "./wire";

export class Door {
	readonly client: MqttClient;
	readonly v: number;
	/** One for each connection. */
	readonly transports: FakeTransport[] = [];
	told: string[] = [];
	/** Called with each event, before it is told. */
	hear: (evt: MqttEvt) => void = () => {};
	/** false: the server does not end the network connection after DISCONNECT. */
	ends = true;
	/** Payloads are read in the callback. */
	reads = true;
	#wake: (() => void) | undefined;

	constructor(v: number, options: Partial<MqttClient> = {}) {
		this.v = v;
		this.client = clientOf(v, {
			transport: {
				type: 4,
				open: () => {
					const transport = new FakeTransport();
					this.transports.push(transport);
					return transport;
				},
			},
			evtCb: (client, evt) => {
				equal(client, this.client);
				let words = wordsOf(evt);
				this.hear(evt);
				if (evt.type === MQTT_EVT_PUBLISH && this.reads) {
					const payload = new Uint8Array(evt.param.publish.message.payload.len);
					equal(mqttReadallPublishPayload(this.client, payload, payload.length), 0);
					if (payload.length) words += ` ${String.fromArrayBuffer(payload.buffer as ArrayBuffer)}`;
				}
				this.told.push(words);
				this.#wake?.();
			},
			...options,
		});
	}

	/** Of the connection that there is, or was last. */
	get transport(): FakeTransport {
		return this.transports[this.transports.length - 1] as FakeTransport;
	}

	/** The next event that was not looked at, in words; waits for it. */
	async next(): Promise<string> {
		while (this.told.length === 0)
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		return this.told.shift() as string;
	}

	/** What the app was told, and forgets it. */
	heard(): string {
		const words = this.told.join(", ");
		this.told.length = 0;
		return words;
	}

	/** Bytes arrive; gives what went out. */
	come(hex: string): string {
		this.transport.give(bytesOf(hex));
		this.transport.events?.onReadable();
		return this.taken();
	}

	/** The loop has nothing to tell, but comes: gives what went out. */
	turn(): string {
		this.transport.events?.onWritable();
		return this.taken();
	}

	/** What went out. After DISCONNECT the server ends the network connection. */
	private taken(): string {
		const { connection } = this.client.internal as Context;
		const taken = this.transport.take();
		if (connection.state === CLOSING && connection.output.empty && this.ends) this.close();
		return taken;
	}

	/** The connection ends. */
	close(error = 0): void {
		const { transport } = this;
		const { events } = transport;
		transport.broken = error || -5;
		// As the adapters do: an end is the last thing that is told.
		transport.events = undefined;
		events?.onClosed(error);
	}

	/** mqttConnect, and what the loop then sends. Identifiers begin anywhere; here with 1. */
	connect(): string {
		const { internal } = this.client;
		equal(mqttConnect(this.client), 0, this.client.failure);
		if (this.client.internal !== internal) (this.client.internal as Context).connection.session.startBehind(0);
		return this.turn();
	}

	begin(): this {
		equal(this.connect().slice(0, 2), "10");
		return this;
	}

	/** Connected, and told so. */
	open(session = 0, props = ""): this {
		this.begin();
		return this.accept(session, props);
	}

	/** The server accepts. */
	accept(session = 0, props = ""): this {
		this.come(connack(this.v, session, 0, props));
		equal(this.heard(), `connack ${session} 0`);
		return this;
	}
}

export const message = (topic: string, payload = "", qos = 0, more = {}) => ({
	message: { topic: { topic, qos }, payload: { data: asciiOf(payload) } },
	...more,
});

export { connect, MQTT_EVT_CONNACK, MQTT_EVT_DISCONNECT };
