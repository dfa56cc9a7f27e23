/*
 * Bytes to packets of a server (§2, §3 of both standards): where one begins in a buffer and what it says, once it is there up to its
 * payload; and everything that makes it malformed. One object with integer fields for the life of a connection. It keeps nothing from one
 * call to the next, so it does not matter in which pieces the bytes came. Nothing is copied.
 */
import { readUint16 } from "bytes/big-endian";
import { readVariable, sizeOfVariable, VARIABLE_MORE } from "bytes/variable-integer";
import {
	MQTT_FAULT_CODES_MISSING,
	MQTT_FAULT_CONNACK_FLAGS,
	MQTT_FAULT_DUP,
	MQTT_FAULT_FLAGS,
	MQTT_FAULT_ID,
	MQTT_FAULT_LENGTH,
	MQTT_FAULT_LENGTH_FORM,
	MQTT_FAULT_PROPERTY_LENGTH,
	MQTT_FAULT_PROPERTY_SENDER,
	MQTT_FAULT_QOS,
	MQTT_FAULT_REASON,
	MQTT_FAULT_SESSION_PRESENT,
	MQTT_FAULT_TOPIC,
	MQTT_FAULT_TOPIC_MISSING,
	MQTT_FAULT_TYPE,
	MQTT_FAULT_UTF8,
	MQTT_REASON_UNSUPPORTED_PROTOCOL_VERSION,
	MQTT_UNACCEPTABLE_PROTOCOL_VERSION,
	MQTT_VERSION_5_0,
} from "mqtt/codes";
import { AUTH, CONNACK, DISCONNECT, PINGRESP, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, UNSUBACK } from "mqtt/packet";
import { checkProperties, findProperty, SESSION_EXPIRY_INTERVAL, TOPIC_ALIAS } from "mqtt/property";
import { isReason, isReturnCode } from "mqtt/reasons";
import { isText } from "mqtt/text";
import { isPlain } from "mqtt/topic";

/** Of the first byte of PUBLISH (§3.3.1). */
const BIT_DUP = 0x08;
const BITS_QOS = 0x06;
const BIT_RETAIN = 0x01;
/** All other packets have these flags (§2.1.3, in 3.1.1 §2.2.2), */
const FLAGS = 0;
/** but for this one. */
const FLAGS_PUBREL = 2;

/** What a server may send: bit 1 << type. */
const TYPES_3_1_1 =
	(1 << CONNACK) |
	(1 << PUBLISH) |
	(1 << PUBACK) |
	(1 << PUBREC) |
	(1 << PUBREL) |
	(1 << PUBCOMP) |
	(1 << SUBACK) |
	(1 << UNSUBACK) |
	(1 << PINGRESP);
const TYPES_5_0 = TYPES_3_1_1 | (1 << DISCONNECT) | (1 << AUTH);

export class Decoder {
	/** Of the packet that was found last. The fields of other types of packet are left as they were. */
	type = 0;
	/** PUBLISH: bytes that follow what head() returned. */
	payload = 0;
	/** PUBLISH: 0 to 2. */
	qos = 0;
	/** Packet identifier, 1 to 65,535; 0 where there is none. */
	id = 0;
	/** PUBLISH: the topic name's bytes. */
	topicStart = 0;
	topicEnd = 0;
	/** 5.0: the properties, without their length; as many as none if there are none. */
	propStart = 0;
	propEnd = 0;
	/** PUBLISH. */
	retain = false;
	dup = false;
	/** Return code of CONNACK in 3.1.1, reason code in 5.0; 0 where there is none. */
	reason = 0;
	/** Remaining length: the packet's bytes behind this length. */
	length = 0;
	/** Where head() gave 0: so many bytes from `start` on have to be there at the least before it can give anything else. */
	need = 0;
	/** CONNACK. */
	sessionPresent = false;
	/** SUBACK, and UNSUBACK of 5.0: one code for each topic. */
	codesStart = 0;
	codesEnd = 0;
	readonly #v5: boolean;

	/** `version`: MQTT_VERSION_5_0, or any other for 3.1.1. */
	constructor(version: number) {
		this.#v5 = version === MQTT_VERSION_5_0;
	}

	/**
	 * Looks at the packet that begins at `start`, of bytes before `end`, which is in `bytes`. Returns how many bytes it has up to its payload,
	 * or to its end if it is no PUBLISH, when these are there and right; 0 if more have to come, see `need`; or a fault: of its first byte and
	 * its lengths as soon as they are there, of all else when all of it is. Allocates nothing.
	 */
	head(bytes: Uint8Array, start: number, end: number): number {
		if (start >= end) return this.more(1);
		const first = bytes[start] as number;
		const type = first >> 4;
		const v5 = this.#v5;
		if (type === PUBLISH) {
			if ((first & BITS_QOS) === BITS_QOS) return MQTT_FAULT_QOS;
			if ((first & (BIT_DUP | BITS_QOS)) === BIT_DUP) return MQTT_FAULT_DUP;
		} else {
			if (((v5 ? TYPES_5_0 : TYPES_3_1_1) & (1 << type)) === 0) return MQTT_FAULT_TYPE;
			if ((first & 0x0f) !== (type === PUBREL ? FLAGS_PUBREL : FLAGS)) return MQTT_FAULT_FLAGS;
		}
		let at = start + 1;
		if (at >= end) return this.more(2);
		let length = bytes[at++] as number;
		if (length > 0x7f) {
			length &= 0x7f;
			for (let shift = 7; ; shift += 7) {
				if (shift > 21) return MQTT_FAULT_LENGTH_FORM;
				if (at >= end) return this.more(at + 1 - start);
				const byte = bytes[at++] as number;
				length |= (byte & 0x7f) << shift;
				if (byte > 0x7f) continue;
				// Only 5.0 demands the shortest form [MQTT-1.5.5-1].
				if (byte === 0 && v5) return MQTT_FAULT_LENGTH_FORM;
				break;
			}
		}
		this.type = type;
		this.length = length;
		if (type === PUBLISH) return this.publish(bytes, start, at, end, first);
		const wrong = lengthFault(type, length, v5);
		if (wrong) return wrong;
		const last = at + length;
		if (last > end) return this.more(last - start);
		this.id = this.reason = this.payload = 0;
		this.propStart = this.propEnd = last;
		const fault = this.body(bytes, at, last);
		return fault < 0 ? fault : last - start;
	}

	private more(need: number): number {
		this.need = need;
		return 0;
	}

	/** §3.3, from the variable header, at `at`, on. */
	private publish(bytes: Uint8Array, start: number, at: number, end: number, first: number): number {
		const v5 = this.#v5;
		const qos = (first & BITS_QOS) >> 1;
		const last = at + this.length;
		const topicStart = at + 2;
		let left = this.length - (qos === 0 ? 2 : 4) - (v5 ? 1 : 0);
		if (left < 0) return MQTT_FAULT_LENGTH;
		if (topicStart > end) return this.more(topicStart - start);
		const size = readUint16(bytes, at);
		const topicEnd = topicStart + size;
		left -= size;
		if (left < 0) return MQTT_FAULT_LENGTH;
		if (size === 0 && !v5) return MQTT_FAULT_TOPIC_MISSING;
		at = qos === 0 ? topicEnd : topicEnd + 2;
		let propEnd = at;
		if (v5) {
			if (at >= end) return this.more(at + 1 - start);
			const props = readVariable(bytes, at, end < last ? end : last);
			if (props < 0) {
				if (props !== VARIABLE_MORE) return MQTT_FAULT_LENGTH_FORM;
				return end >= last ? MQTT_FAULT_PROPERTY_LENGTH : this.more(end + 1 - start);
			}
			at += sizeOfVariable(props);
			propEnd = at + props;
			if (propEnd > last) return MQTT_FAULT_PROPERTY_LENGTH;
		}
		if (propEnd > end) return this.more(propEnd - start);
		if (!isPlain(bytes, topicStart, topicEnd)) return isText(bytes, topicStart, topicEnd) ? MQTT_FAULT_TOPIC : MQTT_FAULT_UTF8;
		let id = 0;
		if (qos > 0) {
			id = readUint16(bytes, topicEnd);
			if (id === 0) return MQTT_FAULT_ID;
		}
		if (propEnd > at) {
			const fault = checkProperties(bytes, at, propEnd, PUBLISH);
			if (fault) return fault;
		}
		if (size === 0 && findProperty(bytes, at, propEnd, TOPIC_ALIAS) < 0) return MQTT_FAULT_TOPIC_MISSING;
		this.payload = last - propEnd;
		this.qos = qos;
		this.id = id;
		this.topicStart = topicStart;
		this.topicEnd = topicEnd;
		this.propStart = at;
		this.propEnd = propEnd;
		this.retain = (first & BIT_RETAIN) !== 0;
		this.dup = (first & BIT_DUP) !== 0;
		this.reason = 0;
		return propEnd - start;
	}

	/** All other packets, from `at` to `last`, whose lengths are possible. Returns 0 or a fault. */
	private body(bytes: Uint8Array, at: number, last: number): number {
		switch (this.type) {
			case CONNACK:
				return this.connack(bytes, at, last);
			case PINGRESP:
				return 0;
			case DISCONNECT:
			case AUTH:
				return this.reasonCode(bytes, at, last);
			default:
				this.id = readUint16(bytes, at);
				if (this.id === 0) return MQTT_FAULT_ID;
				at += 2;
				return this.type === SUBACK || this.type === UNSUBACK ? this.codes(bytes, at, last) : this.reasonCode(bytes, at, last);
		}
	}

	/** §3.2. */
	private connack(bytes: Uint8Array, at: number, last: number): number {
		const flags = bytes[at] as number;
		const reason = bytes[at + 1] as number;
		if (flags > 1) return MQTT_FAULT_CONNACK_FLAGS;
		this.sessionPresent = flags === 1;
		this.reason = reason;
		if (this.#v5 && last === at + 2) {
			// The answer of a server that knows 3.1.1 only, as that standard wants it [MQTT-3.1.2-2]: the one that needs no properties.
			if (reason !== MQTT_UNACCEPTABLE_PROTOCOL_VERSION || flags !== 0) return MQTT_FAULT_LENGTH;
			this.reason = MQTT_REASON_UNSUPPORTED_PROTOCOL_VERSION;
			return 0;
		}
		if (!(this.#v5 ? isReason(reason, CONNACK) : isReturnCode(reason, CONNACK))) return MQTT_FAULT_REASON;
		// [MQTT-3.2.2-6], in 3.1.1 [MQTT-3.2.2-4].
		if (flags !== 0 && reason !== 0) return MQTT_FAULT_SESSION_PRESENT;
		return this.#v5 ? this.properties(bytes, at + 2, last, true) : 0;
	}

	/** What ends with a reason code and properties, either of which may be missing: §3.4 to §3.7, §3.14, §3.15. */
	private reasonCode(bytes: Uint8Array, at: number, last: number): number {
		if (at === last) return 0;
		this.reason = bytes[at] as number;
		if (!isReason(this.reason, this.type)) return MQTT_FAULT_REASON;
		return at + 1 === last ? 0 : this.properties(bytes, at + 1, last, true);
	}

	/** §3.9, §3.11: properties, and codes to the end. */
	private codes(bytes: Uint8Array, at: number, last: number): number {
		const v5 = this.#v5;
		if (v5) {
			const fault = this.properties(bytes, at, last, false);
			if (fault) return fault;
			at = this.propEnd;
		}
		this.codesStart = at;
		this.codesEnd = last;
		// In 3.1.1 UNSUBACK has none.
		if (at === last) return v5 || this.type === SUBACK ? MQTT_FAULT_CODES_MISSING : 0;
		for (; at < last; at++) {
			const code = bytes[at] as number;
			if (!(v5 ? isReason(code, this.type) : isReturnCode(code, SUBACK))) return MQTT_FAULT_REASON;
		}
		return 0;
	}

	/** Properties from their length, at `at`, on; `alone` if they have to end where the packet ends. Returns 0 or a fault. */
	private properties(bytes: Uint8Array, at: number, last: number, alone: boolean): number {
		const length = readVariable(bytes, at, last);
		if (length < 0) return length === VARIABLE_MORE ? MQTT_FAULT_PROPERTY_LENGTH : MQTT_FAULT_LENGTH_FORM;
		const start = at + sizeOfVariable(length);
		const end = start + length;
		if (alone ? end !== last : end > last) return MQTT_FAULT_PROPERTY_LENGTH;
		this.propStart = start;
		this.propEnd = end;
		const { type } = this;
		const fault = checkProperties(bytes, start, end, type);
		if (fault) return fault;
		// [MQTT-3.14.2-2]
		return type === DISCONNECT && findProperty(bytes, start, end, SESSION_EXPIRY_INTERVAL) >= 0 ? MQTT_FAULT_PROPERTY_SENDER : 0;
	}
}

/** Whether a packet that is no PUBLISH cannot be so long, or so short. */
function lengthFault(type: number, length: number, v5: boolean): number {
	let right = false;
	switch (type) {
		case PINGRESP:
			right = length === 0;
			break;
		case CONNACK:
			right = v5 ? length >= 2 : length === 2;
			break;
		case SUBACK:
			right = length >= (v5 ? 3 : 2);
			break;
		case UNSUBACK:
			right = v5 ? length >= 3 : length === 2;
			break;
		case DISCONNECT:
			right = true;
			break;
		case AUTH:
			// A reason code needs a property length behind it, but not neither (§3.15.2.1).
			right = length !== 1;
			break;
		default:
			right = v5 ? length >= 2 : length === 2;
	}
	return right ? 0 : MQTT_FAULT_LENGTH;
}
