/*
 * Messages that come (3.1.1 and 5.0 §3.3, §4.3): each is told once, its payload read, and then acknowledged, by the library or by the app.
 */
import { InboundAliases } from "mqtt/aliases";
import type { MqttAckParam, MqttClient } from "mqtt/client";
import {
	EALREADY,
	EINVAL,
	ENOENT,
	ENOMEM,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_PUBREL,
	MQTT_FAULT_RECEIVE_MAXIMUM,
	MQTT_FAULT_TOPIC_ALIAS,
	MQTT_REASON_PACKET_IDENTIFIER_NOT_FOUND,
	MQTT_REASON_UNSPECIFIED_ERROR,
	MQTT_VERSION_5_0,
} from "mqtt/codes";
import type { Decoder } from "mqtt/decoder";
import type { Event } from "mqtt/event";
import type { Input } from "mqtt/input";
import { ID_MAX, PUBACK, PUBCOMP, PUBREC } from "mqtt/packet";
import { TOPIC_ALIAS } from "mqtt/property";
import type { Sender } from "mqtt/sender";
import type { Session } from "mqtt/session";

/** What handling a packet gives beside an event (0 and more) and a fault (less). */
export const NO_EVENT = 1000;

export class Delivery {
	/** Of the message whose payload is being read, while it is to be acknowledged; else 0. */
	#qos = 0;
	#id = 0;
	/** Nobody wants the payload: the message was delivered before. */
	#again = false;
	/** The app acknowledges. */
	manual = false;
	/** How much of a payload that is read as a whole is there. */
	#read = 0;
	/** Messages of QoS 1 and 2 on this connection that were not acknowledged to the end; and how many may be, in 5.0. */
	#open = 0;
	#receiveMaximum = 0;
	#five = false;
	readonly #input: Input;
	readonly #sender: Sender;
	readonly #session: Session;
	readonly #event: Event;
	readonly #aliases: InboundAliases | undefined;

	constructor(client: MqttClient, input: Input, sender: Sender, session: Session, event: Event) {
		this.#input = input;
		this.#sender = sender;
		this.#session = session;
		this.#event = event;
		const maximum = client.prop?.topicAliasMaximum ?? 0;
		if (client.topicAliasBuf !== undefined && maximum > 0) this.#aliases = new InboundAliases(client.topicAliasBuf, maximum);
	}

	begin(client: MqttClient): void {
		this.manual = client.autoAck === false;
		this.#five = client.protocolVersion === MQTT_VERSION_5_0;
		// What the library says in its place is not enforced: mosquitto sends more, of QoS 1, too, when it has a backlog.
		this.#receiveMaximum = client.prop?.receiveMaximum ?? ID_MAX;
		this.#qos = this.#open = this.#read = 0;
		this.#again = false;
		this.#aliases?.clear();
	}

	/** The app has not read a payload to its end. */
	get reading(): boolean {
		return this.#input.left > 0 && !this.#again;
	}

	/** Passes over what nobody wants: false if there is a payload that is not through. */
	pass(): boolean {
		return this.#input.left === 0 || (this.#again && this.#input.skip());
	}

	/** PUBLISH: MQTT_EVT_PUBLISH, NO_EVENT if it was delivered before, or a fault. */
	publish(decoder: Decoder): number {
		const event = this.#event;
		const { id, qos } = decoder;
		let known = false;
		if (qos > 0) {
			known = qos === 2 && this.#session.received.has(id);
			if (!known) {
				// What the app told the server is strict; otherwise memory is the limit, in which messages of an earlier connection may be still.
				if ((this.#five && this.#open >= this.#receiveMaximum) || (qos === 2 && this.#session.received.full))
					return MQTT_FAULT_RECEIVE_MAXIMUM;
				this.#open++;
			}
		}
		this.#qos = qos;
		this.#id = id;
		this.#again = known;
		this.#read = 0;
		if (this.#five) {
			const fault = this.topic(decoder);
			if (fault) return fault;
		} else event.topic.topic.set(this.#input.bytes, decoder.topicStart, decoder.topicEnd);
		if (known) return NO_EVENT;
		event.topic.qos = qos;
		event.payload.len = decoder.payload;
		event.publish.messageId = id;
		event.publish.dupFlag = decoder.dup ? 1 : 0;
		event.publish.retainFlag = decoder.retain ? 1 : 0;
		return MQTT_EVT_PUBLISH;
	}

	/** The topic may be an alias, or make one (5.0 §3.3.2.3.4). */
	private topic({ topicStart, topicEnd }: Decoder): number {
		const event = this.#event;
		const { bytes } = this.#input;
		const alias = event.prop.number(TOPIC_ALIAS);
		if (alias < 0) {
			event.topic.topic.set(bytes, topicStart, topicEnd);
			return 0;
		}
		if (this.#aliases === undefined) return MQTT_FAULT_TOPIC_ALIAS;
		if (topicStart === topicEnd) return this.#aliases.find(alias, event.topic.topic);
		event.topic.topic.set(bytes, topicStart, topicEnd);
		return this.#aliases.set(alias, bytes, topicStart, topicEnd);
	}

	/** The app leaves: what it did not read to its end is not acknowledged, and comes again in the next connection. */
	cancel(): void {
		if (this.#input.left === 0) return;
		this.#qos = 0;
		this.#again = true;
	}

	/** PUBLISH that nobody wants any more. */
	ignore(): void {
		this.#qos = 0;
		this.#again = true;
	}

	/** PUBREL: MQTT_EVT_PUBREL, or NO_EVENT if there is no such message, which the server is told. */
	pubrel(id: number): number {
		if (!this.#session.received.has(id)) {
			this.#sender.answer(PUBCOMP, id, this.#five ? MQTT_REASON_PACKET_IDENTIFIER_NOT_FOUND : 0);
			return NO_EVENT;
		}
		if (!this.manual) this.completed(id, 0);
		return MQTT_EVT_PUBREL;
	}

	/** The app knows of the message and has its payload: acknowledges it, if that is the library's. */
	settle(): void {
		const qos = this.#qos;
		if (qos === 0 || this.#input.left > 0) return;
		this.#qos = 0;
		if (this.#again) {
			this.#again = false;
			this.#sender.answer(PUBREC, this.#id, 0);
		} else if (this.manual) return;
		else if (qos === 1) this.#sender.answer(PUBACK, this.#id, 0);
		else {
			this.#session.received.add(this.#id);
			this.#sender.answer(PUBREC, this.#id, 0);
		}
		if (qos === 1) this.close();
	}

	/** Payload: how many bytes; 0 at its end; or READ_NONE, READ_LOST. */
	read(into: Uint8Array, at: number, length: number): number {
		return this.#again ? 0 : this.#input.read(into, at, length);
	}

	/** 0 once `length` bytes of the payload are there; READ_NONE, READ_LOST, or -EINVAL: it has less. */
	readAll(into: Uint8Array, length: number): number {
		while (this.#read < length) {
			const count = this.read(into, this.#read, length - this.#read);
			if (count < 0) return count;
			if (count === 0) return -EINVAL;
			this.#read += count;
		}
		this.#read = 0;
		return 0;
	}

	/** mqttPublishQos1Ack and mqttPublishQos2Receive. */
	acknowledge(type: number, param: MqttAckParam): number {
		const { messageId, reasonCode = 0 } = param;
		const qos = type === PUBACK ? 1 : 2;
		const current = this.#qos === qos && this.#id === messageId;
		// With automatic acknowledgement, the app may be quicker, but only once.
		if (!this.manual && !current) return -EALREADY;
		const refused = reasonCode >= MQTT_REASON_UNSPECIFIED_ERROR;
		const { received } = this.#session;
		// Confirmed already, it stays so whatever comes of this.
		const added = qos === 2 && !refused && !received.has(messageId);
		if (added && !received.add(messageId)) return -ENOMEM;
		const result = this.#sender.acknowledge(type, param);
		if (result < 0) {
			if (added) received.remove(messageId);
			return result;
		}
		if (current) this.#qos = 0;
		if (qos === 1 || refused) this.close();
		return 0;
	}

	/** mqttPublishQos2Complete. */
	complete(param: MqttAckParam): number {
		if (!this.manual) return -EALREADY;
		if (!this.#session.received.has(param.messageId)) return -ENOENT;
		const result = this.#sender.acknowledge(PUBCOMP, param);
		if (result < 0) return result;
		this.#session.received.remove(param.messageId);
		this.close();
		return 0;
	}

	private completed(id: number, reason: number): void {
		this.#session.received.remove(id);
		this.#sender.answer(PUBCOMP, id, reason);
		this.close();
	}

	/** One message is acknowledged to its end; perhaps it is of an earlier connection. */
	private close(): void {
		if (this.#open > 0) this.#open--;
	}
}
