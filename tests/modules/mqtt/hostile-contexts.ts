/*
 * What a server must not send after what was said before: every MUST of MQTT 3.1.1 and 5.0 that only the connection can see broken. And
 * some that looks alike and is right.
 */
import type { MqttClient } from "mqtt/client";
import {
	MQTT_FAULT_AUTH,
	MQTT_FAULT_CODES_COUNT,
	MQTT_FAULT_ID_UNKNOWN,
	MQTT_FAULT_ORDER,
	MQTT_FAULT_PACKET_SIZE,
	MQTT_FAULT_RECEIVE_MAXIMUM,
	MQTT_FAULT_SESSION_PRESENT,
	MQTT_FAULT_SIZE,
	MQTT_FAULT_TOPIC_ALIAS,
	MQTT_FAULT_TOPIC_MISSING,
	MQTT_FAULT_UNASKED,
} from "mqtt/codes";
import { packetHex } from "./hex";

export interface Context {
	readonly name: string;
	/** 4 is 3.1.1, 5 is 5.0. */
	readonly version: 4 | 5;
	/** What is different in the client's record; `store` there stands for one of 512 bytes. */
	readonly client: Partial<MqttClient>;
	/**
	 * What is said before, in this order: "connack" (the right one), "publish <qos> <id>", "subscribe <topics> <id>", "unsubscribe <topics> <id>",
	 * "auth" (begun again by the app), "< <hex>" from the server.
	 */
	readonly before: readonly string[];
	/** Then the server sends this: hexadecimal, without spaces. */
	readonly hex: string;
	/** Of that standard. */
	readonly section: string;
	/** A number of mqtt/codes; 0: it is right, and nothing ends. */
	readonly fault: number;
	/** In the DISCONNECT that tells the server; 0 in 3.1.1. */
	readonly reason: number;
}

const PROTOCOL = 0x82;
const RECEIVE_MAXIMUM_EXCEEDED = 0x93;
const TOPIC_ALIAS_INVALID = 0x94;
const PACKET_TOO_LARGE = 0x95;

/** "P" in a packet is the property section of 5.0, empty; "" is the section of a version in which it is right. */
type Row = readonly [
	name: string,
	before: readonly string[],
	hex: string,
	section311: string,
	section5: string,
	fault: number,
	reason: number,
	client?: Partial<MqttClient>,
];

const OPEN = ["connack"];
/** Of an app that has a store, the library knows which messages are on their way. */
const STORE: Partial<MqttClient> = { store: new Uint8Array(0) };
const ID_SECTIONS = ["2.3.1 [MQTT-2.3.1-6]", "2.2.1 [MQTT-2.2.1-5]"] as const;
const SUBACK_SECTIONS = ["3.8.4 [MQTT-3.8.4-2]", "3.8.4 [MQTT-3.8.4-2]"] as const;
const UNSUBACK_SECTIONS = ["3.10.4 [MQTT-3.10.4-4]", "3.10.4 [MQTT-3.10.4-5]"] as const;
const FIRST_SECTIONS = ["3.2 [MQTT-3.2.0-1]", "3.2 [MQTT-3.2.0-1]"] as const;
const SIZE_SECTIONS = ["", "3.1.2.11.4 [MQTT-3.1.2-24]"] as const;

const both = (): Row[] => [
	// Before CONNACK
	["PUBLISH before CONNACK", [], "30|0001 61 P", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["PUBLISH of QoS 1 before CONNACK", [], "32|0001 61 0001 P 70", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["PUBACK before CONNACK", [], "40|0001", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["PUBREC before CONNACK", [], "50|0001", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["PUBREL before CONNACK", [], "62|0001", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["PUBCOMP before CONNACK", [], "70|0001", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["SUBACK before CONNACK", [], "90|0001 P 00", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["PINGRESP before CONNACK", [], "d000", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	// Once only
	["a second CONNACK", OPEN, "20|00 00 P", "3.2", "3.2 [MQTT-3.2.0-2]", MQTT_FAULT_ORDER, PROTOCOL],
	[
		"a session that was to be forgotten",
		[],
		"20|01 00 P",
		"3.2.2.2 [MQTT-3.2.2-1]",
		"3.2.2.1.1 [MQTT-3.2.2-2]",
		MQTT_FAULT_SESSION_PRESENT,
		PROTOCOL,
	],
	["a session that goes on", [], "20|01 00 P", "3.2.2.2", "3.2.2.1.1", 0, 0, { cleanSession: 0 }],

	// Acknowledgements of messages
	["PUBACK of nothing", OPEN, "40|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBACK with another identifier", [...OPEN, "publish 1 7"], "40|0008", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBACK of a message of QoS 2", [...OPEN, "publish 2 7"], "40|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBREC of a message of QoS 1", [...OPEN, "publish 1 7"], "50|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBCOMP of a message of QoS 1", [...OPEN, "publish 1 7"], "70|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBCOMP before PUBREC", [...OPEN, "publish 2 7"], "70|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBACK behind PUBREC", [...OPEN, "publish 2 7", "< 50|0007"], "40|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["a second PUBACK", [...OPEN, "publish 1 7", "< 40|0007"], "40|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBACK of a SUBSCRIBE", [...OPEN, "subscribe 1 7"], "40|0007", ...ID_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	["PUBACK", [...OPEN, "publish 1 7"], "40|0007", "3.4", "3.4", 0, 0, STORE],
	["PUBREC", [...OPEN, "publish 2 7"], "50|0007", "3.5", "3.5", 0, 0, STORE],
	["PUBREC again", [...OPEN, "publish 2 7", "< 50|0007"], "50|0007", "4.3.3", "4.3.3", 0, 0, STORE],
	["PUBCOMP", [...OPEN, "publish 2 7", "< 50|0007"], "70|0007", "3.7", "3.7", 0, 0, STORE],
	// A mismatch, but answered: with 0x92 in 5.0 (tables 3-6 and 3-7). And what answers that is of nothing, too.
	["PUBCOMP of nothing", OPEN, "70|0007", "4.3.3", "3.7", 0, 0, STORE],
	["PUBREC of nothing", OPEN, "50|0007", "4.3.3", "3.6.2.1", 0, 0, STORE],
	["PUBREL of nothing", OPEN, "62|0007", "4.3.3", "3.7.2.1", 0, 0],
	["PINGRESP that nobody asked for", OPEN, "d000", "3.13", "3.13", 0, 0],

	// SUBACK and UNSUBACK
	["SUBACK of nothing", OPEN, "90|0007 P 00", ...SUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL],
	["SUBACK with another identifier", [...OPEN, "subscribe 1 7"], "90|0008 P 00", ...SUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL],
	["a second SUBACK", [...OPEN, "subscribe 1 7", "< 90|0007 P 00"], "90|0007 P 00", ...SUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL],
	["SUBACK of an UNSUBSCRIBE", [...OPEN, "unsubscribe 1 7"], "90|0007 P 00", ...SUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL],
	["SUBACK of a message", [...OPEN, "publish 1 7"], "90|0007 P 00", ...SUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL, STORE],
	...[
		["one code for two topics", 2, "00"],
		["three codes for two topics", 2, "000102"],
		["two codes for one topic", 1, "0000"],
	].map(([name, topics, codes]): Row => {
		const hex = `90|0007 P ${codes}`;
		const before = [...OPEN, `subscribe ${topics} 7`];
		return [`SUBACK: ${name}`, before, hex, "3.8.4 [MQTT-3.8.4-5]", "3.8.4 [MQTT-3.8.4-6]", MQTT_FAULT_CODES_COUNT, PROTOCOL];
	}),
	["SUBACK", [...OPEN, "subscribe 2 7"], "90|0007 P 0280", "3.9", "3.9", 0, 0],

	// What no buffer holds
	[
		"a topic that does not fit",
		OPEN,
		"30|0064 61*100 P",
		"",
		"3.1.2.11.4",
		MQTT_FAULT_SIZE,
		PACKET_TOO_LARGE,
		{ rxBuf: new Uint8Array(64) },
	],
	[
		"SUBACK that does not fit",
		OPEN,
		"90|0007 P 00*100",
		"",
		"3.1.2.11.4",
		MQTT_FAULT_SIZE,
		PACKET_TOO_LARGE,
		{ rxBuf: new Uint8Array(64) },
	],
	["a payload that does not fit", OPEN, "30|0001 61 P 70*100", "3.3.3", "3.3.3", 0, 0, { rxBuf: new Uint8Array(64) }],
];

const only311 = (): Row[] => [
	["a CONNACK that refuses, behind one", OPEN, "20|00 05", "3.2", "", MQTT_FAULT_ORDER, 0],
	["UNSUBACK before CONNACK", [], "b0|0001", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, 0],
	["UNSUBACK of nothing", OPEN, "b0|0007", ...UNSUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, 0],
	["UNSUBACK of a SUBSCRIBE", [...OPEN, "subscribe 1 7"], "b0|0007", ...UNSUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, 0],
	["a second UNSUBACK", [...OPEN, "unsubscribe 1 7", "< b0|0007"], "b0|0007", ...UNSUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, 0],
	["UNSUBACK", [...OPEN, "unsubscribe 2 7"], "b0|0007", "3.11", "", 0, 0],
];

const aliases: Partial<MqttClient> = { prop: { topicAliasMaximum: 2 }, topicAliasBuf: new Uint8Array(64) };
const manual: Partial<MqttClient> = { prop: { receiveMaximum: 2 }, autoAck: false };
const automatic: Partial<MqttClient> = { prop: { receiveMaximum: 2 } };
const small: Partial<MqttClient> = { prop: { maximumPacketSize: 20 } };
const method: Partial<MqttClient> = { prop: { authMethod: "m" } };
const silent: Partial<MqttClient> = { prop: { requestProblemInfo: 0 } };

const QOS_1 = (id: string) => `< 32|0001 61 ${id} 00 70`;
const QOS_2 = (id: string) => `< 34|0001 61 ${id} 00 70`;
const M = "15 0001 6d";
const ALIAS = "3.3.2.3.4";
const SAME_METHOD = "4.12 [MQTT-4.12.0-5]";
const NO_METHOD = "4.12 [MQTT-4.12.0-6]";
const RECEIVE = "3.3.4 [MQTT-3.3.4-9]";
const PROBLEM = "3.1.2.11.7 [MQTT-3.1.2-29]";
const SIGNED_IN = [`< 20|00 00 04 ${M}`];

const only5 = (): Row[] => [
	["a CONNACK that refuses, behind one", OPEN, "20|00 87 00", "", "3.2 [MQTT-3.2.0-2]", MQTT_FAULT_ORDER, PROTOCOL],
	["UNSUBACK before CONNACK", [], "b0|0001 00 00", ...FIRST_SECTIONS, MQTT_FAULT_ORDER, PROTOCOL],
	["DISCONNECT before CONNACK", [], "e0018b", "", "3.14 [MQTT-3.14.0-1]", MQTT_FAULT_ORDER, PROTOCOL],
	["UNSUBACK of nothing", OPEN, "b0|0007 00 00", ...UNSUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL],
	["UNSUBACK of a SUBSCRIBE", [...OPEN, "subscribe 1 7"], "b0|0007 00 00", ...UNSUBACK_SECTIONS, MQTT_FAULT_ID_UNKNOWN, PROTOCOL],
	[
		"UNSUBACK: one code for two topics",
		[...OPEN, "unsubscribe 2 7"],
		"b0|0007 00 00",
		"",
		"3.11.3 [MQTT-3.11.3-1]",
		MQTT_FAULT_CODES_COUNT,
		PROTOCOL,
	],
	[
		"UNSUBACK: two codes for one topic",
		[...OPEN, "unsubscribe 1 7"],
		"b0|0007 00 1111",
		"",
		"3.11.3 [MQTT-3.11.3-1]",
		MQTT_FAULT_CODES_COUNT,
		PROTOCOL,
	],
	["UNSUBACK", [...OPEN, "unsubscribe 2 7"], "b0|0007 00 0011", "", "3.11", 0, 0],

	// §3.3.2.3.4
	[
		"an alias, but none are allowed",
		OPEN,
		"30|0001 61 03 230001",
		"",
		`${ALIAS} [MQTT-3.1.2-27]`,
		MQTT_FAULT_TOPIC_ALIAS,
		TOPIC_ALIAS_INVALID,
	],
	[
		"an alias and no topic, but none are allowed",
		OPEN,
		"30|0000 03 230001",
		"",
		`${ALIAS} [MQTT-3.1.2-27]`,
		MQTT_FAULT_TOPIC_ALIAS,
		TOPIC_ALIAS_INVALID,
	],
	[
		"an alias above the maximum",
		OPEN,
		"30|0001 61 03 230003",
		"",
		`${ALIAS} [MQTT-3.1.2-26]`,
		MQTT_FAULT_TOPIC_ALIAS,
		TOPIC_ALIAS_INVALID,
		aliases,
	],
	[
		"an alias above the maximum, and no topic",
		OPEN,
		"30|0000 03 23ffff",
		"",
		`${ALIAS} [MQTT-3.1.2-26]`,
		MQTT_FAULT_TOPIC_ALIAS,
		TOPIC_ALIAS_INVALID,
		aliases,
	],
	["an alias that stands for nothing", OPEN, "30|0000 03 230001", "", ALIAS, MQTT_FAULT_TOPIC_MISSING, PROTOCOL, aliases],
	[
		"another alias than the one that was set",
		[...OPEN, "< 30|0001 61 03 230001"],
		"30|0000 03 230002",
		"",
		ALIAS,
		MQTT_FAULT_TOPIC_MISSING,
		PROTOCOL,
		aliases,
	],
	["an alias that was set", [...OPEN, "< 30|0001 61 03 230002"], "30|0000 03 230002 70", "", `${ALIAS} [MQTT-3.3.2-10]`, 0, 0, aliases],

	// §3.3.4
	[
		"a third message of QoS 1",
		[...OPEN, QOS_1("0001"), QOS_1("0002")],
		"32|0001 61 0003 00 70",
		"",
		RECEIVE,
		MQTT_FAULT_RECEIVE_MAXIMUM,
		RECEIVE_MAXIMUM_EXCEEDED,
		manual,
	],
	[
		"a third message of QoS 2",
		[...OPEN, QOS_2("0001"), QOS_2("0002")],
		"34|0001 61 0003 00 70",
		"",
		RECEIVE,
		MQTT_FAULT_RECEIVE_MAXIMUM,
		RECEIVE_MAXIMUM_EXCEEDED,
		manual,
	],
	[
		"a third message, of QoS 1 and 2",
		[...OPEN, QOS_1("0001"), QOS_2("0002")],
		"34|0001 61 0003 00 70",
		"",
		RECEIVE,
		MQTT_FAULT_RECEIVE_MAXIMUM,
		RECEIVE_MAXIMUM_EXCEEDED,
		manual,
	],
	[
		"a third message of QoS 2, none released",
		[...OPEN, QOS_2("0001"), QOS_2("0002")],
		"34|0001 61 0003 00 70",
		"",
		RECEIVE,
		MQTT_FAULT_RECEIVE_MAXIMUM,
		RECEIVE_MAXIMUM_EXCEEDED,
		automatic,
	],
	[
		"a third message of QoS 1, two acknowledged",
		[...OPEN, QOS_1("0001"), QOS_1("0002")],
		"32|0001 61 0003 00 70",
		"",
		RECEIVE,
		0,
		0,
		automatic,
	],
	[
		"a third message of QoS 2, one released",
		[...OPEN, QOS_2("0001"), QOS_2("0002"), "< 62|0001"],
		"34|0001 61 0003 00 70",
		"",
		RECEIVE,
		0,
		0,
		automatic,
	],
	["a third message of QoS 0", [...OPEN, QOS_1("0001"), QOS_1("0002")], "30|0001 61 00 70", "", RECEIVE, 0, 0, manual],

	// §3.1.2.11.4
	["a message of 21 bytes, 20 are allowed", OPEN, "30|0001 61 00 70*15", ...SIZE_SECTIONS, MQTT_FAULT_PACKET_SIZE, PACKET_TOO_LARGE, small],
	["a message of 20 bytes, 20 are allowed", OPEN, "30|0001 61 00 70*14", ...SIZE_SECTIONS, 0, 0, small],
	["a long message, 20 are allowed", OPEN, "30|0001 61 00 70*3000", ...SIZE_SECTIONS, MQTT_FAULT_PACKET_SIZE, PACKET_TOO_LARGE, small],
	[
		"DISCONNECT of 21 bytes, 20 are allowed",
		OPEN,
		"e0|8b 11 1f 000e 72*14",
		...SIZE_SECTIONS,
		MQTT_FAULT_PACKET_SIZE,
		PACKET_TOO_LARGE,
		small,
	],
	[
		"CONNACK of 21 bytes, 20 are allowed",
		[],
		"20|00 00 10 1f 000d 72*13",
		...SIZE_SECTIONS,
		MQTT_FAULT_PACKET_SIZE,
		PACKET_TOO_LARGE,
		small,
	],

	// §4.12
	["AUTH before CONNACK, not asked for", [], `f0|18 04 ${M}`, "", NO_METHOD, MQTT_FAULT_AUTH, PROTOCOL],
	["AUTH behind CONNACK, not asked for", OPEN, `f0|18 04 ${M}`, "", NO_METHOD, MQTT_FAULT_AUTH, PROTOCOL],
	["AUTH without a method, not asked for", OPEN, "f000", "", NO_METHOD, MQTT_FAULT_AUTH, PROTOCOL],
	["CONNACK with a method, not asked for", [], `20|00 00 04 ${M}`, "", NO_METHOD, MQTT_FAULT_AUTH, PROTOCOL],
	["CONNACK without the method", [], "20|00 00 00", "", SAME_METHOD, MQTT_FAULT_AUTH, PROTOCOL, method],
	["CONNACK with another method", [], "20|00 00 04 15 0001 6e", "", SAME_METHOD, MQTT_FAULT_AUTH, PROTOCOL, method],
	["CONNACK with a longer method", [], "20|00 00 05 15 0002 6d6d", "", SAME_METHOD, MQTT_FAULT_AUTH, PROTOCOL, method],
	["CONNACK with data and no method", [], "20|00 00 04 16 0001 6d", "", SAME_METHOD, MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH without a method", [], "f0|18 00", "", "3.15.2.2.2", MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH without anything", [], "f000", "", "3.15.2.2.2", MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH with another method", [], "f0|18 04 15 0001 6e", "", SAME_METHOD, MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH that says success before CONNACK", [], `f0|00 04 ${M}`, "", "4.12 [MQTT-4.12.0-2]", MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH begun by the server", SIGNED_IN, `f0|18 04 ${M}`, "", "4.12.1 [MQTT-4.12.1-1]", MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH again with another method", [...SIGNED_IN, "auth"], "f0|18 04 15 0001 6e", "", SAME_METHOD, MQTT_FAULT_AUTH, PROTOCOL, method],
	["AUTH again without a method", [...SIGNED_IN, "auth"], "f0|00 00", "", "3.15.2.2.2", MQTT_FAULT_AUTH, PROTOCOL, method],
	[
		"AUTH behind the end of the exchange",
		[...SIGNED_IN, "auth", `< f0|00 04 ${M}`],
		`f0|18 04 ${M}`,
		"",
		"4.12.1",
		MQTT_FAULT_AUTH,
		PROTOCOL,
		method,
	],
	["AUTH before CONNACK", [], `f0|18 04 ${M}`, "", "4.12", 0, 0, method],
	["CONNACK with the method", [], `20|00 00 04 ${M}`, "", "4.12", 0, 0, method],
	["CONNACK with the method, in bytes", [], `20|00 00 04 ${M}`, "", "4.12", 0, 0, { prop: { authMethod: Uint8Array.of(0x6d) } }],
	["AUTH again", [...SIGNED_IN, "auth"], `f0|18 04 ${M}`, "", "4.12.1", 0, 0, method],

	// §3.1.2.11.6, §3.1.2.11.7
	[
		"response information that was not asked for",
		[],
		"20|00 00 04 1a 0001 72",
		"",
		"3.1.2.11.6 [MQTT-3.1.2-28]",
		MQTT_FAULT_UNASKED,
		PROTOCOL,
	],
	["response information that was asked for", [], "20|00 00 04 1a 0001 72", "", "3.1.2.11.6", 0, 0, { prop: { requestResponseInfo: 1 } }],
	[
		"PUBACK with a reason that was not wanted",
		[...OPEN, "publish 1 7"],
		"40|0007 00 04 1f 0001 72",
		"",
		PROBLEM,
		MQTT_FAULT_UNASKED,
		PROTOCOL,
		{ ...silent, ...STORE },
	],
	[
		"PUBREL with a user property that was not wanted",
		OPEN,
		"62|0007 92 05 26 0000 0000",
		"",
		PROBLEM,
		MQTT_FAULT_UNASKED,
		PROTOCOL,
		silent,
	],
	[
		"SUBACK with a reason that was not wanted",
		[...OPEN, "subscribe 1 7"],
		"90|0007 04 1f 0001 72 00",
		"",
		PROBLEM,
		MQTT_FAULT_UNASKED,
		PROTOCOL,
		silent,
	],
	[
		"UNSUBACK with a user property that was not wanted",
		[...OPEN, "unsubscribe 1 7"],
		"b0|0007 05 26 0000 0000 00",
		"",
		PROBLEM,
		MQTT_FAULT_UNASKED,
		PROTOCOL,
		silent,
	],
	[
		"AUTH with a reason that was not wanted",
		[],
		`f0|18 08 ${M} 1f 0001 72`,
		"",
		PROBLEM,
		MQTT_FAULT_UNASKED,
		PROTOCOL,
		{ prop: { authMethod: "m", requestProblemInfo: 0 } },
	],
	["PUBLISH with a user property, where reasons are not wanted", OPEN, "30|0001 61 05 26 0000 0000", "", PROBLEM, 0, 0, silent],
	["CONNACK with a reason, where reasons are not wanted", [], "20|00 00 04 1f 0001 72", "", PROBLEM, 0, 0, silent],
];

/** Calls back for each of this version. */
export function forEachContext(version: 4 | 5, use: (context: Context) => void): void {
	const full = (hex: string) => packetHex(hex.replace(/ P/g, version === 5 ? " 00" : ""));
	for (const [name, before, hex, section311, section5, fault, reason, client = {}] of [...both(), ...(version === 4 ? only311() : only5())])
		use({
			name,
			version,
			client,
			before: before.map((step) => (step[0] === "<" ? `< ${full(step.slice(2))}` : step)),
			hex: full(hex),
			section: version === 4 ? section311 : section5,
			fault,
			reason: version === 4 ? 0 : reason,
		});
}
