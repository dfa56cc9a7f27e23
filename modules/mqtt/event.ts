/* What the app is told: one object for each client, used again for every event. */
import { MqttProperties } from "mqtt/properties";
import { MqttSpan } from "mqtt/span";

/** A topic and how it is published or subscribed to, as Zephyr's `mqtt_topic`. */
export interface MqttReceivedTopic {
	/** The library's, until the payload has been read to its end. */
	readonly topic: MqttSpan;
	/** 0 to 2. */
	readonly qos: number;
}

/** MQTT_EVT_CONNACK. */
export interface MqttConnackEvent {
	/** 1 if the server knows the client's session. */
	readonly sessionPresentFlag: number;
	/** Of 3.1.1 (MQTT_CONNECTION_ACCEPTED and so on), or a reason code of 5.0; 0 is success. */
	readonly returnCode: number;
	readonly prop: MqttProperties;
}

/** MQTT_EVT_PUBLISH: a message came. Its payload is read with mqttReadPublishPayload. */
export interface MqttPublishEvent {
	readonly message: {
		readonly topic: MqttReceivedTopic;
		/** How many bytes it has. */
		readonly payload: { readonly len: number };
	};
	/** 0 with QoS 0. */
	readonly messageId: number;
	/** 1 if it may have been delivered before. */
	readonly dupFlag: number;
	/** 1 if the server had kept it. */
	readonly retainFlag: number;
	readonly prop: MqttProperties;
}

/** MQTT_EVT_PUBACK, MQTT_EVT_PUBREC, MQTT_EVT_PUBREL and MQTT_EVT_PUBCOMP. */
export interface MqttAckEvent {
	readonly messageId: number;
	/** Of 5.0; 0 with 3.1.1. From 0x80 on the message was refused. */
	readonly reasonCode: number;
	readonly prop: MqttProperties;
}

/** MQTT_EVT_SUBACK and MQTT_EVT_UNSUBACK. */
export interface MqttSubackEvent {
	readonly messageId: number;
	/** A byte for each topic: the QoS granted, or a code from 0x80 on. Empty for UNSUBACK of 3.1.1. */
	readonly returnCodes: MqttSpan;
	readonly prop: MqttProperties;
}

/** MQTT_EVT_DISCONNECT and MQTT_EVT_AUTH. */
export interface MqttReasonEvent {
	/** Of the packet that the server sent; 0 if it sent none. */
	readonly reasonCode: number;
	readonly prop: MqttProperties;
}

/** Zephyr's `mqtt_evt`. Valid until the callback returns; of a message, until its payload is read. */
export interface MqttEvt {
	/** MQTT_EVT_CONNACK and so on; which field of `param` is set. */
	readonly type: number;
	/** 0, or what failed: a negative errno. */
	readonly result: number;
	readonly param: {
		readonly connack: MqttConnackEvent;
		readonly publish: MqttPublishEvent;
		readonly puback: MqttAckEvent;
		readonly pubrec: MqttAckEvent;
		readonly pubrel: MqttAckEvent;
		readonly pubcomp: MqttAckEvent;
		readonly suback: MqttSubackEvent;
		readonly unsuback: MqttSubackEvent;
		readonly disconnect: MqttReasonEvent;
		readonly auth: MqttReasonEvent;
	};
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The one of a client, as its connection sees it. */
export class Event implements MqttEvt {
	type = 0;
	result = 0;
	/** Whatever the event, it is of one packet. */
	readonly prop = new MqttProperties();
	readonly topic: Writable<MqttReceivedTopic> = { topic: new MqttSpan(), qos: 0 };
	readonly payload = { len: 0 };
	readonly connack: Writable<MqttConnackEvent> = { sessionPresentFlag: 0, returnCode: 0, prop: this.prop };
	readonly publish: Writable<MqttPublishEvent> = {
		message: { topic: this.topic, payload: this.payload },
		messageId: 0,
		dupFlag: 0,
		retainFlag: 0,
		prop: this.prop,
	};
	readonly ack: Writable<MqttAckEvent> = { messageId: 0, reasonCode: 0, prop: this.prop };
	readonly suback: Writable<MqttSubackEvent> = { messageId: 0, returnCodes: new MqttSpan(), prop: this.prop };
	readonly reason: Writable<MqttReasonEvent> = { reasonCode: 0, prop: this.prop };
	readonly param: MqttEvt["param"] = {
		connack: this.connack,
		publish: this.publish,
		puback: this.ack,
		pubrec: this.ack,
		pubrel: this.ack,
		pubcomp: this.ack,
		suback: this.suback,
		unsuback: this.suback,
		disconnect: this.reason,
		auth: this.reason,
	};

	/** Of the end, if nothing is known of it. */
	clear(): void {
		this.prop.clear();
		this.reason.reasonCode = 0;
	}
}
