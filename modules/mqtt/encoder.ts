/*
 * What the client sends, as packets (MQTT 3.1.1 and 5.0 §3; 3.1 differs in the protocol's name and level only). Every function writes one
 * packet, or of PUBLISH what comes before the payload, into `bytes` from `at` on, and returns the place after it, or -1 if it does not fit
 * before `end`, is longer than any packet may be, or has a text that there cannot be. Then what lies between `at` and `end` is undefined,
 * and nothing else was written. `end` is within `bytes`.
 *
 * What is to be sent was checked by others. Nothing here allocates.
 */
import { copy, text } from "bytes/block";
import { sizeOfVariable, writeVariable } from "bytes/variable-integer";
import type { MqttClient, MqttSubscription } from "mqtt/client";
import { MQTT_VERSION_3_1_0, MQTT_VERSION_3_1_1, MQTT_VERSION_5_0 } from "mqtt/codes";
import { AUTH, CONNECT, DISCONNECT, LENGTH_MAX, PINGREQ, PUBLISH, PUBREL, SUBSCRIBE, UNSUBSCRIBE } from "mqtt/packet";
import { type MqttPropertyValues, writeProperties } from "mqtt/properties";
import { TOPIC_ALIAS, WILL } from "mqtt/property";
import type { Store } from "mqtt/store";
import { TEXT_MAX } from "mqtt/text";

/** Where a packet's type is in its first byte; and the flags that PUBREL, SUBSCRIBE and UNSUBSCRIBE have there (§2.1.3, in 3.1.1 §2.2.2). */
const SHIFT_TYPE = 4;
const FLAGS = 0x02;

/** Those of PUBLISH (§3.3.1). */
const BIT_RETAIN = 0x01;
const SHIFT_QOS = 1;
const BITS_QOS = 0x06;
const BIT_DUP = 0x08;

/** Those of CONNECT (§3.1.2.3). */
const CONNECT_CLEAN = 0x02;
const CONNECT_WILL = 0x04;
const CONNECT_WILL_SHIFT_QOS = 3;
const CONNECT_WILL_RETAIN = 0x20;
const CONNECT_PASSWORD = 0x40;
const CONNECT_USER_NAME = 0x80;

/** Options of a subscription in 5.0 (§3.8.3.1). */
const NO_LOCAL = 0x04;
const RETAIN_AS_PUBLISHED = 0x08;
const SHIFT_RETAIN_HANDLING = 4;

/** Of an app that does not say (§3.1.2.10). */
export const KEEPALIVE_S = 60;

/** A topic alias among the properties: its identifier and two bytes. */
export const ALIAS_SIZE = 3;

// The parts of a packet, one after the other: each takes the place that the one before gave, which is -1 if that did not fit.

function put8(bytes: Uint8Array, at: number, end: number, value: number): number {
	if (at < 0 || at + 1 > end) return -1;
	bytes[at] = value;
	return at + 1;
}

function put16(bytes: Uint8Array, at: number, end: number, value: number): number {
	if (at < 0 || at + 2 > end) return -1;
	bytes[at] = value >> 8;
	bytes[at + 1] = value;
	return at + 2;
}

/** Bytes with their length before them (§1.5.6). */
function putBytes(bytes: Uint8Array, at: number, end: number, value: Uint8Array, from: number, to: number): number {
	const length = to - from;
	if (length > TEXT_MAX || at + 2 + length > end) return -1;
	at = put16(bytes, at, end, length);
	if (at < 0) return -1;
	if (length > 0) copy(bytes, at, value, from, length);
	return at + length;
}

/** A string in UTF-8, or bytes, with the length before them (§1.5.4). */
function put(bytes: Uint8Array, at: number, end: number, value: string | Uint8Array): number {
	if (typeof value !== "string") return putBytes(bytes, at, end, value, 0, value.length);
	if (at < 0 || at + 2 > end) return -1;
	const after = text(bytes, at + 2, value, end);
	if (after < 0 || after - at - 2 > TEXT_MAX) return -1;
	put16(bytes, at, end, after - at - 2);
	return after;
}

/** The properties of 5.0 with their length; other versions have none. */
function putProperties(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	values: MqttPropertyValues | undefined,
	packet: number,
	skip = 0,
): number {
	if (at < 0 || version !== MQTT_VERSION_5_0) return at;
	return values === undefined ? put8(bytes, at, end, 0) : writeProperties(bytes, at, end, values, packet, skip);
}

/** Where the rest of a packet goes whose remaining length is `least` or more; close() moves it if it was more. */
function open(at: number, least: number): number {
	return at + 1 + sizeOfVariable(least);
}

/**
 * Puts the fixed header before the rest of a packet, which is at `start` to `after` (-1: it did not fit), and before `payload` more bytes
 * that are not here.
 */
function close(bytes: Uint8Array, at: number, end: number, first: number, start: number, after: number, payload: number): number {
	const length = after - start + payload;
	if (after < 0 || length > LENGTH_MAX) return -1;
	const move = open(at, length) - start;
	if (after + move > end) return -1;
	if (move > 0) bytes.copyWithin(start + move, start, after);
	bytes[at] = first;
	writeVariable(bytes, at + 1, length);
	return after + move;
}

/** CONNECT (§3.1), as the app's record says; `clean`: clean session, in 5.0 clean start; `prop`: the properties of 5.0, if not the record's. A password without a user name is for 5.0 only [MQTT-3.1.2-22 of 3.1.1]. */
export function writeConnect(
	bytes: Uint8Array,
	at: number,
	end: number,
	client: MqttClient,
	clean = client.cleanSession !== 0,
	prop = client.prop,
): number {
	const { protocolVersion: version = MQTT_VERSION_3_1_1, willTopic, willMessage, userName, password } = client;
	const hasPassword = password !== undefined && (userName !== undefined || version === MQTT_VERSION_5_0);
	let flags = clean ? CONNECT_CLEAN : 0;
	if (willTopic !== undefined)
		flags |= CONNECT_WILL | ((willTopic.qos ?? 0) << CONNECT_WILL_SHIFT_QOS) | (client.willRetain === 1 ? CONNECT_WILL_RETAIN : 0);
	if (hasPassword) flags |= CONNECT_PASSWORD;
	if (userName !== undefined) flags |= CONNECT_USER_NAME;

	const start = open(at, 0);
	let place = put(bytes, start, end, version === MQTT_VERSION_3_1_0 ? "MQIsdp" : "MQTT");
	place = put8(bytes, place, end, version);
	place = put8(bytes, place, end, flags);
	place = put16(bytes, place, end, client.keepalive ?? KEEPALIVE_S);
	place = putProperties(bytes, place, end, version, prop, CONNECT);
	// §3.1.3: in this order.
	place = put(bytes, place, end, client.clientId);
	if (willTopic !== undefined) {
		place = putProperties(bytes, place, end, version, client.willProp, WILL);
		place = put(bytes, place, end, willTopic.topic);
		place = put(bytes, place, end, willMessage ?? "");
	}
	if (userName !== undefined) place = put(bytes, place, end, userName);
	if (hasPassword) place = put(bytes, place, end, password);
	return close(bytes, at, end, CONNECT << SHIFT_TYPE, start, place, 0);
}

/**
 * What comes before the payload of PUBLISH (§3.3), `payloadLength` bytes of which follow: `first` is the packet's first byte, the topic is
 * topic[topicStart, topicEnd), which may be empty if there is an alias. `id` is there with QoS 1 and 2. `alias` is what `values` has as
 * topicAlias, or 0: it is left out.
 */
export function writePublishHead(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	first: number,
	topic: Uint8Array,
	topicStart: number,
	topicEnd: number,
	id: number,
	alias: number,
	values: MqttPropertyValues | undefined,
	payloadLength: number,
): number {
	const topicLength = topicEnd - topicStart;
	const hasId = (first & BITS_QOS) !== 0;
	if (values !== undefined) {
		const start = open(at, 2 + topicLength + payloadLength);
		let place = putBytes(bytes, start, end, topic, topicStart, topicEnd);
		if (hasId) place = put16(bytes, place, end, id);
		place = putProperties(bytes, place, end, version, values, PUBLISH, alias === 0 ? TOPIC_ALIAS : 0);
		return close(bytes, at, end, first, start, place, payloadLength);
	}
	// What nearly every message is, in one go.
	const five = version === MQTT_VERSION_5_0;
	const rest = 2 + topicLength + (hasId ? 2 : 0) + (five ? 1 : 0);
	const length = rest + payloadLength;
	if (length > LENGTH_MAX || topicLength > TEXT_MAX) return -1;
	const size = length < 0x80 ? 1 : sizeOfVariable(length);
	if (at + 1 + size + rest > end) return -1;
	bytes[at++] = first;
	if (size === 1) bytes[at++] = length;
	else at = writeVariable(bytes, at, length);
	bytes[at++] = topicLength >> 8;
	bytes[at++] = topicLength;
	if (topicLength > 0) copy(bytes, at, topic, topicStart, topicLength);
	at += topicLength;
	if (hasId) {
		bytes[at++] = id >> 8;
		bytes[at++] = id;
	}
	if (five) bytes[at++] = 0;
	return at;
}

/**
 * The same for a message in the store. `dup`: it may have been sent before [MQTT-3.3.1-1]. `alias`: the topic alias, or 0; the topic itself
 * is left out without `withTopic`.
 */
export function writeStoredHead(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	store: Store,
	record: number,
	dup: boolean,
	alias: number,
	withTopic: boolean,
): number {
	const { memory } = store;
	const qos = store.qos(record);
	const payloadLength = store.payloadLength(record);
	const topicStart = store.topicStart(record);
	const topicEnd = withTopic ? store.topicEnd(record) : topicStart;
	const start = open(at, 2 + topicEnd - topicStart + payloadLength);
	let place = putBytes(bytes, start, end, memory, topicStart, topicEnd);
	if (qos > 0) place = put16(bytes, place, end, store.id(record));
	if (version === MQTT_VERSION_5_0)
		place = putStoredProperties(bytes, place, end, memory, store.propStart(record), store.propEnd(record), alias);
	const first = (PUBLISH << SHIFT_TYPE) | (dup && qos > 0 ? BIT_DUP : 0) | (qos << SHIFT_QOS) | (store.retain(record) ? BIT_RETAIN : 0);
	return close(bytes, at, end, first, start, place, payloadLength);
}

/** Properties that are bytes already, and a topic alias, unless that is 0. */
function putStoredProperties(
	bytes: Uint8Array,
	at: number,
	end: number,
	memory: Uint8Array,
	from: number,
	to: number,
	alias: number,
): number {
	const length = to - from + (alias > 0 ? ALIAS_SIZE : 0);
	const start = at + sizeOfVariable(length);
	if (at < 0 || start + length > end) return -1;
	writeVariable(bytes, at, length);
	at = start;
	if (alias > 0) at = put16(bytes, put8(bytes, at, end, TOPIC_ALIAS), end, alias);
	if (to > from) copy(bytes, at, memory, from, to - from);
	return start + length;
}

/** PUBACK, PUBREC, PUBREL or PUBCOMP (§3.4 to §3.7): `reason` and `values` are of 5.0, and left out where there is nothing to say. */
export function writeAck(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	type: number,
	id: number,
	reason: number,
	values?: MqttPropertyValues,
): number {
	const first = (type << SHIFT_TYPE) | (type === PUBREL ? FLAGS : 0);
	const start = open(at, 0);
	const place = put16(bytes, start, end, id);
	return close(bytes, at, end, first, start, putReason(bytes, place, end, version, type, reason, values), 0);
}

/** SUBSCRIBE (§3.8) for the first `count` of a list, which is not empty [MQTT-3.8.3-2]. */
export function writeSubscribe(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	id: number,
	list: readonly MqttSubscription[],
	count: number,
	values?: MqttPropertyValues,
): number {
	const start = open(at, 0);
	let place = put16(bytes, start, end, id);
	place = putProperties(bytes, place, end, version, values, SUBSCRIBE);
	for (let i = 0; i < count; i++) {
		const { topic, qos = 0, noLocal, retainAsPublished, retainHandling = 0 } = list[i] as MqttSubscription;
		let options = qos;
		if (version === MQTT_VERSION_5_0)
			options |= (noLocal ? NO_LOCAL : 0) | (retainAsPublished ? RETAIN_AS_PUBLISHED : 0) | (retainHandling << SHIFT_RETAIN_HANDLING);
		place = put8(bytes, put(bytes, place, end, topic), end, options);
	}
	return close(bytes, at, end, (SUBSCRIBE << SHIFT_TYPE) | FLAGS, start, place, 0);
}

/** UNSUBSCRIBE (§3.10) for the first `count` of a list, which is not empty [MQTT-3.10.3-2]. */
export function writeUnsubscribe(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	id: number,
	list: readonly MqttSubscription[],
	count: number,
	values?: MqttPropertyValues,
): number {
	const start = open(at, 0);
	let place = put16(bytes, start, end, id);
	place = putProperties(bytes, place, end, version, values, UNSUBSCRIBE);
	for (let i = 0; i < count; i++) place = put(bytes, place, end, (list[i] as MqttSubscription).topic);
	return close(bytes, at, end, (UNSUBSCRIBE << SHIFT_TYPE) | FLAGS, start, place, 0);
}

/** PINGREQ (§3.12). */
export function writePingreq(bytes: Uint8Array, at: number, end: number): number {
	return put16(bytes, at, end, PINGREQ << (SHIFT_TYPE + 8));
}

/** DISCONNECT (§3.14): `reason` and `values` are of 5.0, and left out where there is nothing to say. */
export function writeDisconnect(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	reason: number,
	values?: MqttPropertyValues,
): number {
	const start = open(at, 0);
	return close(bytes, at, end, DISCONNECT << SHIFT_TYPE, start, putReason(bytes, start, end, version, DISCONNECT, reason, values), 0);
}

/** AUTH (5.0 §3.15). */
export function writeAuth(bytes: Uint8Array, at: number, end: number, reason: number, values?: MqttPropertyValues): number {
	const start = open(at, 0);
	return close(bytes, at, end, AUTH << SHIFT_TYPE, start, putReason(bytes, start, end, MQTT_VERSION_5_0, AUTH, reason, values), 0);
}

/** Success without properties need not be said, nor that there are no properties; but AUTH has to say that (§3.15.2.2). */
function putReason(
	bytes: Uint8Array,
	at: number,
	end: number,
	version: number,
	type: number,
	reason: number,
	values: MqttPropertyValues | undefined,
): number {
	if (version !== MQTT_VERSION_5_0 || (reason === 0 && values === undefined)) return at;
	const after = put8(bytes, at, end, reason);
	return values === undefined && type !== AUTH ? after : putProperties(bytes, after, end, version, values, type);
}
