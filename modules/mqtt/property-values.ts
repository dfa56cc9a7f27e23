/* The properties that an app sends (5.0 §2.2.2): what they may be, and how they are written. */
import { writeUint } from "bytes/big-endian";
import { copy, text } from "bytes/block";
import { sizeOfVariable, VARIABLE_MAX, writeVariable } from "bytes/variable-integer";
import { BINARY, BYTE, PAIR, PROPERTIES, type Property, RESPONSE_TOPIC, TEXT, UINT16, USER_PROP, VARIABLE } from "mqtt/property";
import { isText, TEXT_MAX } from "mqtt/text";
import { isTopicName } from "mqtt/topic";

/** What a client sends; each field where §2.2.2.2 allows it. Text may be UTF-8 in bytes, and has at most 65,535 of them. */
export interface MqttPropertyValues {
	/** CONNECT, DISCONNECT: how long the server keeps the session, in s; 0xffffffff: for ever. */
	sessionExpiryInterval?: number;
	/** CONNECT: how many messages of QoS 1 and 2 may come unacknowledged, 1 to 65,535. */
	receiveMaximum?: number;
	/** CONNECT: the longest packet that may come, in bytes, from 1 on. */
	maximumPacketSize?: number;
	/** CONNECT: the highest topic alias that may come, 0 to 65,535. */
	topicAliasMaximum?: number;
	/** CONNECT: 1: the server may send responseInformation. */
	requestResponseInfo?: number;
	/** CONNECT: 0: reasonString and userProp are to come with CONNACK, PUBLISH and DISCONNECT only. */
	requestProblemInfo?: number;
	/** Wherever there are properties: names and values, in this order. */
	userProp?: readonly (readonly [name: string, value: string])[];
	/** CONNECT, AUTH. */
	authMethod?: string | Uint8Array;
	/** CONNECT, AUTH; not without authMethod. */
	authData?: Uint8Array;
	/** Of a will: how long the server waits before it publishes it, in s. */
	willDelayInterval?: number;
	/** Of a message or will: 1: the payload is UTF-8. */
	payloadFormatIndicator?: number;
	/** Of a message or will: how long it is worth delivering, in s. */
	messageExpiryInterval?: number;
	/** Of a message or will: what the payload is, as a MIME type, say. */
	contentType?: string | Uint8Array;
	/** Of a message or will: the topic name for an answer. */
	responseTopic?: string | Uint8Array;
	/** Of a message or will: what the answer is to say again. */
	correlationData?: Uint8Array;
	/** SUBSCRIBE: comes with each message that matches, 1 to 268,435,455. */
	subscriptionIdentifier?: number;
	/** DISCONNECT, AUTH, PUBACK, PUBREC, PUBREL, PUBCOMP. */
	reasonString?: string | Uint8Array;
	/** PUBLISH: a number that stands for the topic, from 1 to the server's topicAliasMaximum. */
	topicAlias?: number;
}

/** What a client may send, by packet type, the will's at WILL. */
const SENT: readonly (readonly Property[])[] = Object.freeze(sent());

function sent(): (readonly Property[])[] {
	const lists: (readonly Property[])[] = [];
	for (let packet = 0; packet < 16; packet++) lists.push(Object.freeze(PROPERTIES.filter((row) => (row.client & (1 << packet)) !== 0)));
	return lists;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Writes properties, their length first, from `at` of `bytes` on: of `values` those that a client may send with this type of packet, or
 * with WILL, but not the one whose identifier is `skip`. Returns the place after them; -1 if they do not fit before `end`, or if one is
 * not what it has to be, which propertiesFault() has words for: then `bytes` may have been changed between the two. Allocates nothing.
 */
export function writeProperties(
	bytes: Uint8Array,
	at: number,
	end: number,
	values: MqttPropertyValues | undefined,
	packet: number,
	skip = 0,
): number {
	if (at >= end) return -1;
	const start = at + 1;
	let to = start;
	if (values !== undefined) {
		const rows = SENT[packet] as readonly Property[];
		for (let i = 0; i < rows.length; i++) {
			const row = rows[i] as Property;
			const value = (values as Values)[row.name];
			if (value === undefined || row.id === skip) continue;
			to = row.type === PAIR ? writePairs(bytes, to, end, value) : writeProperty(bytes, to, end, row, value);
			if (to < 0) return -1;
		}
	}
	const length = to - start;
	if (length > 0x7f) {
		const more = sizeOfVariable(length) - 1;
		if (length > VARIABLE_MAX || to + more > end) return -1;
		copy(bytes, start + more, bytes, start, length);
	}
	return writeVariable(bytes, at, length) + length;
}

function writeProperty(bytes: Uint8Array, at: number, end: number, { id, type, minimum, maximum }: Property, value: unknown): number {
	if (at >= end) return -1;
	bytes[at++] = id;
	if (type >= TEXT) {
		const to = writeBytes(bytes, at, end, value, type);
		return id === RESPONSE_TOPIC && to > 0 && !isTopicName(bytes, at + 2, to) ? -1 : to;
	}
	if (typeof value !== "number" || !(value >= minimum && value <= maximum) || value !== Math.floor(value)) return -1;
	const size = type === BYTE ? 1 : type === UINT16 ? 2 : type === VARIABLE ? sizeOfVariable(value) : 4;
	if (at + size > end) return -1;
	return type === VARIABLE ? writeVariable(bytes, at, value) : writeUint(bytes, at, value, size);
}

/** Text or bytes, their length first. */
function writeBytes(bytes: Uint8Array, at: number, end: number, value: unknown, type: number): number {
	const start = at + 2;
	let to = -1;
	if (typeof value === "string") {
		if (type !== BINARY) to = text(bytes, start, value, end);
	} else if (value instanceof Uint8Array) {
		to = start + value.length;
		if (to > end) return -1;
		copy(bytes, start, value, 0, value.length);
		if (type !== BINARY && !isText(bytes, start, to)) return -1;
	}
	if (to < 0 || to - start > TEXT_MAX) return -1;
	writeUint(bytes, at, to - start, 2);
	return to;
}

function writePairs(bytes: Uint8Array, at: number, end: number, value: unknown): number {
	if (!Array.isArray(value)) return -1;
	for (let i = 0; i < value.length; i++) {
		const pair: unknown = value[i];
		if (!Array.isArray(pair) || pair.length !== 2 || at >= end) return -1;
		bytes[at] = USER_PROP;
		at = writeBytes(bytes, at + 1, end, pair[0], TEXT);
		if (at >= 0) at = writeBytes(bytes, at, end, pair[1], TEXT);
		if (at < 0) return -1;
	}
	return at;
}

const PACKETS: readonly string[] = Object.freeze(
	"a will,CONNECT,CONNACK,PUBLISH,PUBACK,PUBREC,PUBREL,PUBCOMP,SUBSCRIBE,SUBACK,UNSUBSCRIBE,UNSUBACK,PINGREQ,PINGRESP,DISCONNECT,AUTH".split(
		",",
	),
);

/**
 * What is wrong with what the app wants to send with this type of packet, or with WILL, in words that begin with the field's name, or "".
 * Also names that there are not, and that have no place in this packet, which writeProperties() leaves out. Allocates.
 */
export function propertiesFault(values: MqttPropertyValues | undefined, packet: number): string {
	if (values === undefined) return "";
	if (typeof values !== "object" || values === null) return "prop: this is no object";
	for (const name of Object.keys(values)) {
		const value = (values as Values)[name];
		if (value === undefined) continue;
		const row = PROPERTIES.find((each) => each.name === name);
		if (row === undefined) return `${name}: there is no such property`;
		if ((row.client & (1 << packet)) === 0) return `${name}: a client cannot send it with ${PACKETS[packet]}`;
		const words = valueFault(value, row);
		if (words) return `${name}: ${words}`;
	}
	return values.authData !== undefined && values.authMethod === undefined ? "authData: not without authMethod" : "";
}

function valueFault(value: unknown, { id, type, minimum, maximum }: Property): string {
	if (type < TEXT)
		return typeof value === "number" && value >= minimum && value <= maximum && value === Math.floor(value)
			? ""
			: `this is no whole number from ${minimum} to ${maximum}`;
	if (type === TEXT) return textWords(value) || (id === RESPONSE_TOPIC && !isName(value) ? "this is no topic name" : "");
	if (type === BINARY) {
		if (!(value instanceof Uint8Array)) return "this is no Uint8Array";
		return value.length > TEXT_MAX ? "more than 65,535 bytes" : "";
	}
	if (!Array.isArray(value)) return "this is no array of pairs";
	for (const pair of value) {
		if (!Array.isArray(pair) || pair.length !== 2) return "this is no array of pairs";
		const words = textWords(pair[0]) || textWords(pair[1]);
		if (words) return words;
	}
	return "";
}

/** The UTF-8 of what the app has, or undefined if it is no text at all. */
function bytesOf(value: unknown): Uint8Array | undefined {
	if (typeof value === "string") return new Uint8Array(ArrayBuffer.fromString(value));
	return value instanceof Uint8Array ? value : undefined;
}

function textWords(value: unknown): string {
	const bytes = bytesOf(value);
	if (bytes === undefined) return "this is no text";
	if (!isText(bytes, 0, bytes.length)) return "text that cannot be sent: half a surrogate pair, U+0000 or no UTF-8";
	return bytes.length > TEXT_MAX ? "more than 65,535 bytes" : "";
}

function isName(value: unknown): boolean {
	const bytes = bytesOf(value) as Uint8Array;
	return isTopicName(bytes, 0, bytes.length);
}
