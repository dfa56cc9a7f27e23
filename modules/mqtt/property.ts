/*
 * The properties of 5.0 (§2.2.2), one row each: what it is called, what it looks like, where it may stand. And what a section of them has
 * to be, whoever sent it. Nothing here allocates.
 */
import { readUint16, readUint32 } from "bytes/big-endian";
import { readVariable, sizeOfVariable, VARIABLE_MAX, VARIABLE_MORE } from "bytes/variable-integer";
import {
	MQTT_FAULT_LENGTH_FORM,
	MQTT_FAULT_PROPERTY_LENGTH,
	MQTT_FAULT_PROPERTY_PLACE,
	MQTT_FAULT_PROPERTY_TWICE,
	MQTT_FAULT_PROPERTY_UNKNOWN,
	MQTT_FAULT_PROPERTY_VALUE,
	MQTT_FAULT_RESPONSE_TOPIC,
	MQTT_FAULT_TOPIC_ALIAS,
	MQTT_FAULT_UTF8,
} from "mqtt/codes";
import {
	AUTH,
	CONNACK,
	CONNECT,
	DISCONNECT,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	SUBACK,
	SUBSCRIBE,
	UNSUBACK,
	UNSUBSCRIBE,
} from "mqtt/packet";
import { isText } from "mqtt/text";
import { isTopicName } from "mqtt/topic";

/** Identifiers (§2.2.2.2). */
export const PAYLOAD_FORMAT_INDICATOR = 0x01;
export const MESSAGE_EXPIRY_INTERVAL = 0x02;
export const CONTENT_TYPE = 0x03;
export const RESPONSE_TOPIC = 0x08;
export const CORRELATION_DATA = 0x09;
export const SUBSCRIPTION_IDENTIFIER = 0x0b;
export const SESSION_EXPIRY_INTERVAL = 0x11;
export const ASSIGNED_CLIENT_ID = 0x12;
export const SERVER_KEEP_ALIVE = 0x13;
export const AUTH_METHOD = 0x15;
export const AUTH_DATA = 0x16;
export const REQUEST_PROBLEM_INFO = 0x17;
export const WILL_DELAY_INTERVAL = 0x18;
export const REQUEST_RESPONSE_INFO = 0x19;
export const RESPONSE_INFORMATION = 0x1a;
export const SERVER_REFERENCE = 0x1c;
export const REASON_STRING = 0x1f;
export const RECEIVE_MAXIMUM = 0x21;
export const TOPIC_ALIAS_MAXIMUM = 0x22;
export const TOPIC_ALIAS = 0x23;
export const MAXIMUM_QOS = 0x24;
export const RETAIN_AVAILABLE = 0x25;
export const USER_PROP = 0x26;
export const MAXIMUM_PACKET_SIZE = 0x27;
export const WILDCARD_SUB_AVAILABLE = 0x28;
export const SUBSCRIPTION_IDS_AVAILABLE = 0x29;
export const SHARED_SUB_AVAILABLE = 0x2a;

/** What a value looks like (§1.5): a number of one, two or four bytes, or of one to four; text; bytes; two texts. */
export const BYTE = 0;
export const UINT16 = 1;
export const UINT32 = 2;
export const VARIABLE = 3;
export const TEXT = 4;
export const BINARY = 5;
export const PAIR = 6;

/** The will has properties of its own, in CONNECT's payload (§3.1.3.2). It stands where a packet's type does. */
export const WILL = 0;

export interface Property {
	readonly id: number;
	/** As its field in MqttProperties and MqttPropertyValues. */
	readonly name: string;
	/** BYTE to PAIR. */
	readonly type: number;
	/** Where it may stand: bit 1 << the packet's type, bit 0 the will's. */
	readonly packets: number;
	/** Where a client may send it: some of `packets`. */
	readonly client: number;
	/** Where it may stand more than once. */
	readonly repeatable: number;
	/** Of a number. */
	readonly minimum: number;
	readonly maximum: number;
}

const BYTE_MAX = 1;
const UINT16_MAX = 0xffff;
const UINT32_MAX = 0xffffffff;

const IN_WILL = 1 << WILL;
const IN_CONNECT = 1 << CONNECT;
const IN_CONNACK = 1 << CONNACK;
const IN_PUBLISH = 1 << PUBLISH;
const IN_SUBSCRIBE = 1 << SUBSCRIBE;
const IN_DISCONNECT = 1 << DISCONNECT;
const IN_AUTH = 1 << AUTH;
const IN_MESSAGES = IN_PUBLISH | IN_WILL;
const IN_ANSWERS = (1 << PUBACK) | (1 << PUBREC) | (1 << PUBREL) | (1 << PUBCOMP);
const IN_REASONS = IN_CONNACK | IN_ANSWERS | (1 << SUBACK) | (1 << UNSUBACK) | IN_DISCONNECT | IN_AUTH;
/** What only a server sends. */
const SERVERS = IN_CONNACK | (1 << SUBACK) | (1 << UNSUBACK);

function number(id: number, name: string, type: number, packets: number, minimum: number, maximum: number): Property {
	return Object.freeze({ id, name, type, packets, client: packets & ~SERVERS, repeatable: 0, minimum, maximum });
}

function other(id: number, name: string, type: number, packets: number, client = packets & ~SERVERS, repeatable = 0): Property {
	return Object.freeze({ id, name, type, packets, client, repeatable, minimum: 0, maximum: 0 });
}

/** All of them, by identifier. */
export const PROPERTIES: readonly Property[] = Object.freeze([
	number(PAYLOAD_FORMAT_INDICATOR, "payloadFormatIndicator", BYTE, IN_MESSAGES, 0, BYTE_MAX),
	number(MESSAGE_EXPIRY_INTERVAL, "messageExpiryInterval", UINT32, IN_MESSAGES, 0, UINT32_MAX),
	other(CONTENT_TYPE, "contentType", TEXT, IN_MESSAGES),
	other(RESPONSE_TOPIC, "responseTopic", TEXT, IN_MESSAGES),
	other(CORRELATION_DATA, "correlationData", BINARY, IN_MESSAGES),
	// In PUBLISH from a server only, and there as often as subscriptions match [MQTT-3.3.4-4, MQTT-3.3.4-6].
	Object.freeze({
		id: SUBSCRIPTION_IDENTIFIER,
		name: "subscriptionIdentifier",
		type: VARIABLE,
		packets: IN_PUBLISH | IN_SUBSCRIBE,
		client: IN_SUBSCRIBE,
		repeatable: IN_PUBLISH,
		minimum: 1,
		maximum: VARIABLE_MAX,
	}),
	number(SESSION_EXPIRY_INTERVAL, "sessionExpiryInterval", UINT32, IN_CONNECT | IN_CONNACK | IN_DISCONNECT, 0, UINT32_MAX),
	other(ASSIGNED_CLIENT_ID, "assignedClientId", TEXT, IN_CONNACK),
	number(SERVER_KEEP_ALIVE, "serverKeepAlive", UINT16, IN_CONNACK, 0, UINT16_MAX),
	other(AUTH_METHOD, "authMethod", TEXT, IN_CONNECT | IN_CONNACK | IN_AUTH),
	other(AUTH_DATA, "authData", BINARY, IN_CONNECT | IN_CONNACK | IN_AUTH),
	number(REQUEST_PROBLEM_INFO, "requestProblemInfo", BYTE, IN_CONNECT, 0, BYTE_MAX),
	number(WILL_DELAY_INTERVAL, "willDelayInterval", UINT32, IN_WILL, 0, UINT32_MAX),
	number(REQUEST_RESPONSE_INFO, "requestResponseInfo", BYTE, IN_CONNECT, 0, BYTE_MAX),
	other(RESPONSE_INFORMATION, "responseInformation", TEXT, IN_CONNACK),
	// A client has nobody to refer to.
	other(SERVER_REFERENCE, "serverReference", TEXT, IN_CONNACK | IN_DISCONNECT, 0),
	other(REASON_STRING, "reasonString", TEXT, IN_REASONS),
	number(RECEIVE_MAXIMUM, "receiveMaximum", UINT16, IN_CONNECT | IN_CONNACK, 1, UINT16_MAX),
	number(TOPIC_ALIAS_MAXIMUM, "topicAliasMaximum", UINT16, IN_CONNECT | IN_CONNACK, 0, UINT16_MAX),
	number(TOPIC_ALIAS, "topicAlias", UINT16, IN_PUBLISH, 1, UINT16_MAX),
	number(MAXIMUM_QOS, "maximumQos", BYTE, IN_CONNACK, 0, 1),
	number(RETAIN_AVAILABLE, "retainAvailable", BYTE, IN_CONNACK, 0, BYTE_MAX),
	Object.freeze({
		id: USER_PROP,
		name: "userProp",
		type: PAIR,
		packets: IN_MESSAGES | IN_CONNECT | IN_SUBSCRIBE | (1 << UNSUBSCRIBE) | IN_REASONS,
		client: IN_MESSAGES | IN_CONNECT | IN_SUBSCRIBE | (1 << UNSUBSCRIBE) | (IN_REASONS & ~SERVERS),
		repeatable: -1,
		minimum: 0,
		maximum: 0,
	}),
	number(MAXIMUM_PACKET_SIZE, "maximumPacketSize", UINT32, IN_CONNECT | IN_CONNACK, 1, UINT32_MAX),
	number(WILDCARD_SUB_AVAILABLE, "wildcardSubAvailable", BYTE, IN_CONNACK, 0, BYTE_MAX),
	number(SUBSCRIPTION_IDS_AVAILABLE, "subscriptionIdsAvailable", BYTE, IN_CONNACK, 0, BYTE_MAX),
	number(SHARED_SUB_AVAILABLE, "sharedSubAvailable", BYTE, IN_CONNACK, 0, BYTE_MAX),
]);

/** The same, where its identifier says; undefined: there is no such property. */
const BY_ID: readonly (Property | undefined)[] = Object.freeze(byId());

function byId(): (Property | undefined)[] {
	const rows: (Property | undefined)[] = [];
	for (let id = 0; id <= SHARED_SUB_AVAILABLE; id++) rows.push(PROPERTIES.find((row) => row.id === id));
	return rows;
}

/** The property with this identifier, or undefined. */
export function propertyOf(id: number): Property | undefined {
	return id <= SHARED_SUB_AVAILABLE ? BY_ID[id] : undefined;
}

/** How many bytes the value at `at` takes, or a fault if it does not end before `end`. */
export function sizeOfValue(bytes: Uint8Array, at: number, end: number, type: number): number {
	let size = 1;
	if (type === UINT16) size = 2;
	else if (type === UINT32) size = 4;
	else if (type === VARIABLE) {
		const value = readVariable(bytes, at, end);
		if (value < 0) return value === VARIABLE_MORE ? MQTT_FAULT_PROPERTY_LENGTH : MQTT_FAULT_LENGTH_FORM;
		size = sizeOfVariable(value);
	} else if (type >= TEXT) {
		if (at + 2 > end) return MQTT_FAULT_PROPERTY_LENGTH;
		size = 2 + readUint16(bytes, at);
		if (type === PAIR) {
			if (at + size + 2 > end) return MQTT_FAULT_PROPERTY_LENGTH;
			size += 2 + readUint16(bytes, at + size);
		}
	}
	return at + size > end ? MQTT_FAULT_PROPERTY_LENGTH : size;
}

/** The number at `at`, which is there. */
export function numberAt(bytes: Uint8Array, at: number, type: number): number {
	if (type === BYTE) return bytes[at] as number;
	if (type === UINT16) return readUint16(bytes, at);
	if (type === UINT32) return readUint32(bytes, at);
	return readVariable(bytes, at, bytes.length);
}

/**
 * What is wrong with the properties from `start` to `end` of a packet of this type, or WILL, or 0. They lie in `bytes`; the length before
 * them was read. What depends on more than the packet, or on who sent it, is not looked at.
 */
export function checkProperties(bytes: Uint8Array, start: number, end: number, packet: number): number {
	const place = 1 << packet;
	// Which there were: identifiers below 32, and the others.
	let low = 0;
	let high = 0;
	for (let at = start; at < end; ) {
		const id = bytes[at++] as number;
		const row = propertyOf(id);
		if (row === undefined) return MQTT_FAULT_PROPERTY_UNKNOWN;
		if ((row.packets & place) === 0) return MQTT_FAULT_PROPERTY_PLACE;
		const bit = 1 << (id & 31);
		if (((id < 32 ? low : high) & bit) !== 0 && (row.repeatable & place) === 0) return MQTT_FAULT_PROPERTY_TWICE;
		if (id < 32) low |= bit;
		else high |= bit;
		const { type } = row;
		const size = sizeOfValue(bytes, at, end, type);
		if (size < 0) return size;
		const fault = type < TEXT ? numberFault(numberAt(bytes, at, type), row) : type === BINARY ? 0 : textFault(bytes, at, at + size, row);
		if (fault) return fault;
		at += size;
	}
	return 0;
}

/** Where the value of a property begins, in a section that is right: the one of this identifier, or number `index` of them; -1: there is none. */
export function findProperty(bytes: Uint8Array, start: number, end: number, id: number, index = 0): number {
	for (let at = start; at < end; ) {
		const each = bytes[at++] as number;
		if (each === id && index-- === 0) return at;
		const size = sizeOfValue(bytes, at, end, propertyOf(each)?.type ?? PAIR);
		if (size < 0) return -1;
		at += size;
	}
	return -1;
}

function numberFault(value: number, { id, minimum, maximum }: Property): number {
	if (value >= minimum && value <= maximum) return 0;
	return id === TOPIC_ALIAS ? MQTT_FAULT_TOPIC_ALIAS : MQTT_FAULT_PROPERTY_VALUE;
}

/** Of a text, or of two, whose lengths were looked at. */
function textFault(bytes: Uint8Array, at: number, end: number, { id, type }: Property): number {
	let last = end;
	if (type === PAIR) {
		last = at + 2 + readUint16(bytes, at);
		if (!isText(bytes, last + 2, end)) return MQTT_FAULT_UTF8;
	}
	if (!isText(bytes, at + 2, last)) return MQTT_FAULT_UTF8;
	return id === RESPONSE_TOPIC && !isTopicName(bytes, at + 2, last) ? MQTT_FAULT_RESPONSE_TOPIC : 0;
}
