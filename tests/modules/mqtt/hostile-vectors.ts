/*
 * Packets that a server must not send, and that show it themselves, whatever was said before: every MUST of MQTT 3.1.1 and 5.0 that one
 * packet can break, by section. Those that only the connection can refuse are in hostile-contexts.ts.
 */
import {
	MQTT_FAULT_CODES_MISSING,
	MQTT_FAULT_CONNACK_FLAGS,
	MQTT_FAULT_DUP,
	MQTT_FAULT_FLAGS,
	MQTT_FAULT_ID,
	MQTT_FAULT_LENGTH,
	MQTT_FAULT_LENGTH_FORM,
	MQTT_FAULT_PROPERTY_LENGTH,
	MQTT_FAULT_PROPERTY_PLACE,
	MQTT_FAULT_PROPERTY_SENDER,
	MQTT_FAULT_PROPERTY_TWICE,
	MQTT_FAULT_PROPERTY_UNKNOWN,
	MQTT_FAULT_PROPERTY_VALUE,
	MQTT_FAULT_QOS,
	MQTT_FAULT_REASON,
	MQTT_FAULT_RESPONSE_TOPIC,
	MQTT_FAULT_SESSION_PRESENT,
	MQTT_FAULT_TOPIC,
	MQTT_FAULT_TOPIC_ALIAS,
	MQTT_FAULT_TOPIC_MISSING,
	MQTT_FAULT_TYPE,
	MQTT_FAULT_UTF8,
} from "mqtt/codes";
import { hexOf, lengthHex, packetHex, plain } from "./hex";
import {
	badText,
	nulls,
	PROPERTIES,
	REASONS,
	RETURN_CODES,
	SERVER_3_1_1,
	SERVER_5_0,
	type StandardProperty,
	surrogates,
	TYPES,
} from "./standard";

export interface Vector {
	readonly name: string;
	/** Of the protocol: 4 is 3.1.1, 5 is 5.0. */
	readonly version: 4 | 5;
	/** What the server sends, in hexadecimal, without spaces: to where it can be seen, or the packet whole. */
	readonly hex: string;
	/** Of that standard. */
	readonly section: string;
	/** A number of mqtt/codes. */
	readonly fault: number;
	/** The reason code in the DISCONNECT that tells the server; 0 in 3.1.1, where the connection is closed without a word. */
	readonly reason: number;
	/** It comes in the place of the right CONNACK. */
	readonly connack: boolean;
	/** Its last byte is the first one that shows it. */
	readonly early: boolean;
}

const MALFORMED = 0x81;
const PROTOCOL = 0x82;
const TOPIC_ALIAS_INVALID = 0x94;

type Version = 4 | 5;
/** "P" in a packet is the property section of 5.0, empty; "!" before it: seen at its last byte. */
type Both = readonly [name: string, hex: string, section311: string, section5: string, fault: number, reason: number];
type One = readonly [name: string, hex: string, section: string, fault: number, reason: number];

const WILDCARD = "3.3.2.1 [MQTT-3.3.2-2]";
const FIRST_LENGTH = "2.2.3";
const VARIABLE = "1.5.5 [MQTT-1.5.5-1]";

// Made when they are asked for, and kinds of packets one after the other: all of them together are more than a device holds.

const both = (): Both[] => [
	// Lengths that no packet has: of five bytes, of one in which nothing fits
	["remaining length of five bytes", "! 30 80808080", FIRST_LENGTH, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["remaining length of five bytes, all bits set", "! 30 ffffffff", FIRST_LENGTH, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["CONNACK with a length of five bytes", "! 20 82808080", FIRST_LENGTH, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["PUBACK with a length of five bytes", "! 40 82808080", FIRST_LENGTH, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["PINGRESP with a length of five bytes", "! d0 80808080", FIRST_LENGTH, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["empty CONNACK", "! 2000", "3.2.1", "3.2.1", MQTT_FAULT_LENGTH, MALFORMED],
	["CONNACK of one byte", "! 2001", "3.2.1", "3.2.1", MQTT_FAULT_LENGTH, MALFORMED],
	["empty PUBLISH", "! 3000", "3.3.1.4", "3.3.2.1 [MQTT-3.3.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["PUBLISH of one byte", "! 3001", "3.3.1.4", "3.3.2.1 [MQTT-3.3.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["PUBLISH of QoS 1 without room for an identifier", "! 3203", "3.3.2.2", "3.3.2.2", MQTT_FAULT_LENGTH, MALFORMED],
	["PUBLISH of QoS 2 without room for an identifier", "! 3503", "3.3.2.2", "3.3.2.2", MQTT_FAULT_LENGTH, MALFORMED],
	["topic longer than the packet", "! 3005 0005", "1.5.3", "1.5.4", MQTT_FAULT_LENGTH, MALFORMED],
	["topic of 65,535 bytes in a packet of 8", "! 3008 ffff", "1.5.3", "1.5.4", MQTT_FAULT_LENGTH, MALFORMED],
	["topic that leaves no room for the identifier", "! 3206 0003", "3.3.2.2", "3.3.2.2", MQTT_FAULT_LENGTH, MALFORMED],
	["topic that leaves half an identifier", "! 3406 0003", "3.3.2.2", "3.3.2.2", MQTT_FAULT_LENGTH, MALFORMED],
	...["40", "50", "62", "70"].flatMap((first): Both[] => [
		[`empty ${typeName(first)}`, `! ${first}00`, sectionOf(first), sectionOf(first), MQTT_FAULT_LENGTH, MALFORMED],
		[`${typeName(first)} of half an identifier`, `! ${first}01`, sectionOf(first), sectionOf(first), MQTT_FAULT_LENGTH, MALFORMED],
	]),
	["empty SUBACK", "! 9000", "3.9.2", "3.9.2", MQTT_FAULT_LENGTH, MALFORMED],
	["SUBACK of half an identifier", "! 9001", "3.9.2", "3.9.2", MQTT_FAULT_LENGTH, MALFORMED],
	["empty UNSUBACK", "! b000", "3.11.1", "3.11.2", MQTT_FAULT_LENGTH, MALFORMED],
	["UNSUBACK of half an identifier", "! b001", "3.11.1", "3.11.2", MQTT_FAULT_LENGTH, MALFORMED],
	["PINGRESP with a body", "! d001", "3.13.1", "3.13.1", MQTT_FAULT_LENGTH, MALFORMED],
	["PINGRESP with a body of 127 bytes", "! d07f", "3.13.1", "3.13.1", MQTT_FAULT_LENGTH, MALFORMED],
	["PINGRESP with a body of 128 bytes", "! d08001", "3.13.1", "3.13.1", MQTT_FAULT_LENGTH, MALFORMED],
	["PINGRESP with the longest body", "! d0ffffff7f", "3.13.1", "3.13.1", MQTT_FAULT_LENGTH, MALFORMED],

	// Identifiers
	["PUBLISH of QoS 1 with identifier 0", "32|0001 61 0000 P", "2.3.1 [MQTT-2.3.1-1]", "2.2.1 [MQTT-2.2.1-4]", MQTT_FAULT_ID, PROTOCOL],
	["PUBLISH of QoS 2 with identifier 0", "34|0001 61 0000 P 70", "2.3.1 [MQTT-2.3.1-1]", "2.2.1 [MQTT-2.2.1-4]", MQTT_FAULT_ID, PROTOCOL],
	["PUBLISH again with identifier 0", "3a|0001 61 0000 P 70", "2.3.1 [MQTT-2.3.1-1]", "2.2.1 [MQTT-2.2.1-4]", MQTT_FAULT_ID, PROTOCOL],
	["PUBACK with identifier 0", "40|0000", "2.3.1 [MQTT-2.3.1-6]", "2.2.1 [MQTT-2.2.1-5]", MQTT_FAULT_ID, PROTOCOL],
	["PUBREC with identifier 0", "50|0000", "2.3.1 [MQTT-2.3.1-6]", "2.2.1 [MQTT-2.2.1-5]", MQTT_FAULT_ID, PROTOCOL],
	["PUBREL with identifier 0", "62|0000", "2.3.1 [MQTT-2.3.1-6]", "2.2.1 [MQTT-2.2.1-5]", MQTT_FAULT_ID, PROTOCOL],
	["PUBCOMP with identifier 0", "70|0000", "2.3.1 [MQTT-2.3.1-6]", "2.2.1 [MQTT-2.2.1-5]", MQTT_FAULT_ID, PROTOCOL],
	["SUBACK with identifier 0", "90|0000 P 00", "2.3.1 [MQTT-2.3.1-7]", "2.2.1 [MQTT-2.2.1-6]", MQTT_FAULT_ID, PROTOCOL],

	// Topics
	...["+", "#", "a/+", "+/a", "a/+/b", "a/#", "/#", "a+", "+a", "a#", "#a", "$share/g/+"].flatMap((topic): Both[] => {
		const text = asciiHex(topic);
		const name = `topic ${topic}`;
		return [
			[name, `30|${size(text)} ${text} P`, WILDCARD, WILDCARD, MQTT_FAULT_TOPIC, MALFORMED],
			[`${name}, QoS 1`, `33|${size(text)} ${text} 0001 P 70`, WILDCARD, WILDCARD, MQTT_FAULT_TOPIC, MALFORMED],
		];
	}),
	...nulls.map((text): Both => {
		const hex = `30|${size(text)} ${text} P 70`;
		return [`topic ${text}`, hex, "1.5.3 [MQTT-1.5.3-2]", "1.5.4 [MQTT-1.5.4-2]", MQTT_FAULT_UTF8, MALFORMED];
	}),
	...[...badText, ...surrogates].flatMap((text): Both[] =>
		[text, `61${text}`, `${text}61`].map((topic): Both => {
			const hex = `30|${size(topic)} ${topic} P`;
			return [`topic ${topic}`, hex, "1.5.3 [MQTT-1.5.3-1]", "1.5.4 [MQTT-1.5.4-1]", MQTT_FAULT_UTF8, MALFORMED];
		}),
	),

	// CONNACK
	...[0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xff, 0x03, 0x81].map((flags): Both => {
		const hex = `20|${hexOf([flags])} 00 P`;
		return [`CONNACK's flags ${hexOf([flags])}`, hex, "3.2.2.1", "3.2.2.1 [MQTT-3.2.2-1]", MQTT_FAULT_CONNACK_FLAGS, MALFORMED];
	}),

	// SUBACK
	["SUBACK without a code", "90|0001 P", "3.9.3", "3.9.3 [MQTT-3.9.3-2]", MQTT_FAULT_CODES_MISSING, PROTOCOL],
	["SUBACK with a good and a bad code", "90|0001 P 00 03", "3.9.3 [MQTT-3.9.3-2]", "3.9.3 [MQTT-3.9.3-2]", MQTT_FAULT_REASON, PROTOCOL],
	["SUBACK with a bad and a good code", "90|0001 P 04 00", "3.9.3 [MQTT-3.9.3-2]", "3.9.3 [MQTT-3.9.3-2]", MQTT_FAULT_REASON, PROTOCOL],
];

const only311 = (): One[] => [
	["topic of no characters", "! 3002 0000", "4.7.3 [MQTT-4.7.3-1]", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	["topic of no characters before a payload", "! 3005 0000", "4.7.3 [MQTT-4.7.3-1]", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	["topic of no characters, QoS 1", "! 3204 0000", "4.7.3 [MQTT-4.7.3-1]", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	...["03", "04", "7f", "8001"].map((length): One => [`CONNACK with length ${length}`, `! 20${length}`, "3.2.1", MQTT_FAULT_LENGTH, 0]),
	...["40", "50", "62", "70", "b0"].flatMap((first) =>
		["03", "04", "7f", "8001"].map((length): One => {
			return [`${typeName(first)} with length ${length}`, `! ${first}${length}`, sectionOf(first), MQTT_FAULT_LENGTH, 0];
		}),
	),
	["PUBACK with a reason code", "! 4003", "3.4.1", MQTT_FAULT_LENGTH, 0],
	["UNSUBACK with identifier 0", "b0|0000", "2.3.1 [MQTT-2.3.1-7]", MQTT_FAULT_ID, 0],
	...codesBeside(RETURN_CODES.CONNACK).map((code): One => [`CONNACK ${code}`, `20|00 ${code}`, "3.2.2.3", MQTT_FAULT_REASON, 0]),
	...codesBeside(RETURN_CODES.SUBACK).map((code): One => {
		return [`SUBACK ${code}`, `90|0001 ${code}`, "3.9.3 [MQTT-3.9.3-2]", MQTT_FAULT_REASON, 0];
	}),
	...[1, 2, 3, 4, 5].map((code): One => {
		return [`session present with return code ${code}`, `20|01 0${code}`, "3.2.2.2 [MQTT-3.2.2-4]", MQTT_FAULT_SESSION_PRESENT, 0];
	}),
];

/** What stands before and behind the property section. */
const carriers: Record<string, readonly [before: string, behind: string]> = {
	CONNACK: ["20|00 00", ""],
	PUBLISH: ["32|0001 61 0001", "70"],
	PUBACK: ["40|0001 00", ""],
	PUBREC: ["50|0001 00", ""],
	PUBREL: ["62|0001 00", ""],
	PUBCOMP: ["70|0001 00", ""],
	SUBACK: ["90|0001", "00"],
	UNSUBACK: ["b0|0001", "00"],
	DISCONNECT: ["e0|00", ""],
	AUTH: ["f0|18", ""],
};

/** A packet with this property section, whose length is right. */
export function withProperties(packet: string, section: string): string {
	const [before, behind] = carriers[packet] as readonly [string, string];
	const hex = plain(section);
	return packetHex(`${before} ${lengthHex(hex.length / 2)} ${hex} ${behind}`);
}

const only5 = (): One[] => [
	// §1.5.5, §2.1.4: the shortest form
	["remaining length 0 in two bytes", "! d0 8000", VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["remaining length 0 in four bytes", "! d0 80808000", VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["remaining length 3 in two bytes", "! 20 8300", VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["remaining length 5 in three bytes", "! 30 858000", VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],
	["remaining length 16,383 in three bytes", "! 30 ffff8000", VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED],

	// Lengths
	["PUBLISH without properties", "! 3002", "3.3.2.3 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["PUBLISH of QoS 1 without properties", "! 3204", "3.3.2.3 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["PUBLISH whose topic leaves no room for properties", "! 3004 0002", "3.3.2.3 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["CONNACK without properties", "20 02 00 00", "3.2.2.3 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["CONNACK of 3.1.1 with return code 5", "20 02 00 05", "3.2.2.3 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["CONNACK of 3.1.1 with return code 1 and session present", "20 02 01 01", "3.2.2.3 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["SUBACK without properties", "! 9002", "3.9.2.1 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["UNSUBACK without properties", "! b002", "3.11.2.1 [MQTT-2.2.2-1]", MQTT_FAULT_LENGTH, MALFORMED],
	["AUTH with a reason code and no properties", "! f001", "3.15.2.1", MQTT_FAULT_LENGTH, MALFORMED],

	// Identifiers
	["PUBACK with identifier 0 and a reason code", "40|0000 00", "2.2.1 [MQTT-2.2.1-5]", MQTT_FAULT_ID, PROTOCOL],
	["PUBREL with identifier 0 and properties", "62|0000 92 00", "2.2.1 [MQTT-2.2.1-5]", MQTT_FAULT_ID, PROTOCOL],
	["UNSUBACK with identifier 0", "b0|0000 00 00", "2.2.1 [MQTT-2.2.1-6]", MQTT_FAULT_ID, PROTOCOL],

	// Topics
	["no topic and no alias", "30|0000 00", "3.3.2.1", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	["no topic and no alias, but a payload", "32|0000 0001 00 70", "3.3.2.1", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	["no topic and another property", "30|0000 02 01 01 70", "3.3.2.1", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	["no topic, and 35 in another property", "30|0000 05 02 23000123", "3.3.2.1", MQTT_FAULT_TOPIC_MISSING, PROTOCOL],
	["a topic with a wildcard and an alias", "30|0001 23 03 230001", "3.3.2.1 [MQTT-3.3.2-2]", MQTT_FAULT_TOPIC, MALFORMED],
	["topic alias 0", "30|0001 61 03 230000", "3.3.2.3.4 [MQTT-3.3.2-8]", MQTT_FAULT_TOPIC_ALIAS, TOPIC_ALIAS_INVALID],
	["no topic, and topic alias 0", "30|0000 03 230000", "3.3.2.3.4 [MQTT-3.3.2-8]", MQTT_FAULT_TOPIC_ALIAS, TOPIC_ALIAS_INVALID],

	// Codes
	["UNSUBACK without a code", "b0|0001 00", "3.11.3 [MQTT-3.11.3-2]", MQTT_FAULT_CODES_MISSING, PROTOCOL],
	["SUBACK with a property and without a code", "90|0001 04 1f 0001 72", "3.9.3 [MQTT-3.9.3-2]", MQTT_FAULT_CODES_MISSING, PROTOCOL],
	["UNSUBACK with a good and a bad code", "b0|0001 00 11 12", "3.11.3 [MQTT-3.11.3-2]", MQTT_FAULT_REASON, PROTOCOL],
	...codesOf("CONNACK", (code) => `20|00 ${code} 00`, "3.2.2.2 [MQTT-3.2.2-8]"),
	...codesOf("PUBACK", (code) => `40|0001 ${code}`, "3.4.2.1 [MQTT-3.4.2-1]"),
	...codesOf("PUBREC", (code) => `50|0001 ${code} 00`, "3.5.2.1 [MQTT-3.5.2-1]"),
	...codesOf("PUBREL", (code) => `62|0001 ${code}`, "3.6.2.1 [MQTT-3.6.2-1]"),
	...codesOf("PUBCOMP", (code) => `70|0001 ${code} 00`, "3.7.2.1 [MQTT-3.7.2-1]"),
	...codesOf("SUBACK", (code) => `90|0001 00 ${code}`, "3.9.3 [MQTT-3.9.3-2]"),
	...codesOf("UNSUBACK", (code) => `b0|0001 00 ${code}`, "3.11.3 [MQTT-3.11.3-2]"),
	...codesOf("DISCONNECT", (code) => `e0|${code}`, "3.14.2.1 [MQTT-3.14.2-1]"),
	...codesOf("AUTH", (code) => `f0|${code} 00`, "3.15.2.1 [MQTT-3.15.2-1]"),
	...(REASONS.CONNACK as number[]).slice(1).map((code): One => {
		const hex = `20|01 ${hexOf([code])} 00`;
		return [`session present with ${hexOf([code])}`, hex, "3.2.2.1.1 [MQTT-3.2.2-6]", MQTT_FAULT_SESSION_PRESENT, PROTOCOL];
	}),

	// The property section's length (§2.2.2.1)
	["properties' length cut off by the packet's end", "30 04 0001 61 80", "2.2.2.1", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED],
	["session expiry from a server", "e0|00 05 11 00000000", "3.14.2.2.2 [MQTT-3.14.2-2]", MQTT_FAULT_PROPERTY_SENDER, PROTOCOL],
	[
		"session expiry behind others from a server",
		"e0|8e 09 1f 0001 72 11 0000000a",
		"3.14.2.2.2 [MQTT-3.14.2-2]",
		MQTT_FAULT_PROPERTY_SENDER,
		PROTOCOL,
	],
];

function typeName(first: string): string {
	return TYPES[parseInt(first.slice(0, 1), 16)] as string;
}

/** Chapter 3 has a section for each packet. */
function sectionOf(first: string): string {
	return `3.${parseInt(first.slice(0, 1), 16)}.1`;
}

function size(hex: string): string {
	const length = plain(hex).length / 2;
	return hexOf([length >> 8, length & 255]);
}

function asciiHex(text: string): string {
	return hexOf(new Uint8Array(ArrayBuffer.fromString(text)));
}

/** All codes but these. */
function codesBeside(codes: readonly number[] | undefined): string[] {
	const others: string[] = [];
	for (let code = 0; code < 256; code++) if (!codes?.includes(code)) others.push(hexOf([code]));
	return others;
}

function codesOf(packet: string, hex: (code: string) => string, section: string): One[] {
	return codesBeside(REASONS[packet]).map((code): One => [`${packet} ${code}`, hex(code), section, MQTT_FAULT_REASON, PROTOCOL]);
}

/** Everything that can be wrong with the properties of one kind of packet (§2.2.2). */
function sections(packet: string, give: (row: One) => void): void {
	const [before, behind] = carriers[packet] as readonly [string, string];
	const add = (name: string, hex: string, section: string, fault: number, reason: number) =>
		give([`${packet}: ${name}`, hex, section, fault, reason]);
	// Their length
	const left = behind.length / 2;
	add("properties longer than the packet", `${before} ${lengthHex(left + 1)} ${behind}`, "2.2.2.1", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
	add("properties far longer than the packet", `${before} ffffff7f ${behind}`, "2.2.2.1", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
	add("length of five bytes", `${before} 80808080 00 ${behind}`, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED);
	add("length 0 in two bytes", `${before} 8000 ${behind}`, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED);
	add("length 4 in two bytes", `${before} 8400 1f000172 ${behind}`, VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED);
	if (behind === "") {
		add("a byte behind no properties", `${before} 00 00`, "2.2.2.1", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
		add("a byte behind properties", `${before} 07 26 0001 61 0001 62 00`, "2.2.2.1", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
		add("half a length", `${before} 80`, "2.2.2.1", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
	}
	// Identifiers that there are not, and some that take two bytes
	for (let id = 0; id < 256; id++) {
		if (PROPERTIES.some((property) => property.id === id)) continue;
		const hex = hexOf([id]);
		add(`property ${hex}`, withProperties(packet, `${hex} 00`), "2.2.2.2", MQTT_FAULT_PROPERTY_UNKNOWN, MALFORMED);
	}
	add("property 9f00", withProperties(packet, "9f00 0001 72"), "2.2.2.2", MQTT_FAULT_PROPERTY_UNKNOWN, MALFORMED);
	const user = "26 0001 61 0001 62";
	add("an unknown property behind another", withProperties(packet, `${user} 7f`), "2.2.2.2", MQTT_FAULT_PROPERTY_UNKNOWN, MALFORMED);
	for (const property of PROPERTIES) one(packet, property, user, add);
}

type Add = (name: string, hex: string, section: string, fault: number, reason: number) => void;

/** Everything that can be wrong with one property in one kind of packet. */
function one(packet: string, property: StandardProperty, user: string, add: Add): void {
	const { name, kind, sample, packets, clients, often, least, most } = property;
	const id = hexOf([property.id]);
	if (!packets.includes(packet)) {
		// What a client may send there is another row.
		if (!clients.includes(packet)) add(name, withProperties(packet, `${id} ${sample}`), "2.2.2.2", MQTT_FAULT_PROPERTY_PLACE, MALFORMED);
		return;
	}
	if (!often.includes(packet)) {
		add(`${name} twice`, withProperties(packet, `${id} ${sample} ${id} ${sample}`), "2.2.2.2", MQTT_FAULT_PROPERTY_TWICE, PROTOCOL);
		const apart = withProperties(packet, `${id} ${sample} ${user} ${id} ${sample}`);
		add(`${name} twice, with another between`, apart, "2.2.2.2", MQTT_FAULT_PROPERTY_TWICE, PROTOCOL);
	}
	// Cut off by the section's end, at every byte.
	const whole = plain(`${id} ${sample}`);
	for (let end = 2; end < whole.length; end += 2) {
		add(`${name} cut to ${end / 2} bytes`, withProperties(packet, whole.slice(0, end)), "2.2.2", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
		const behind = withProperties(packet, `${user} ${whole.slice(0, end)}`);
		add(`${name} cut to ${end / 2} bytes behind another`, behind, "2.2.2", MQTT_FAULT_PROPERTY_LENGTH, MALFORMED);
	}
	if (typeof kind === "number") {
		const bad = [least - 1, most + 1, 256 ** kind - 1].filter(
			(value) => value >= 0 && value < 256 ** kind && (value < least || value > most),
		);
		const alias = name === "topicAlias";
		for (const value of bad)
			add(
				`${name} ${value}`,
				withProperties(packet, `${id} ${numberHex(value, kind)}`),
				alias ? "3.3.2.3.4 [MQTT-3.3.2-8]" : "2.2.2.2",
				alias ? MQTT_FAULT_TOPIC_ALIAS : MQTT_FAULT_PROPERTY_VALUE,
				alias ? TOPIC_ALIAS_INVALID : PROTOCOL,
			);
	} else if (kind === "variable") {
		add(`${name} 0`, withProperties(packet, `${id} 00`), "3.3.2.3.8", MQTT_FAULT_PROPERTY_VALUE, PROTOCOL);
		add(`${name} 1 in two bytes`, withProperties(packet, `${id} 8100`), VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED);
		add(`${name} of five bytes`, withProperties(packet, `${id} ff808080 01`), VARIABLE, MQTT_FAULT_LENGTH_FORM, MALFORMED);
	} else if (kind !== "binary") texts(packet, property, add);
	if (name !== "responseTopic") return;
	for (const topic of ["", "+", "#", "a/+", "a/#", "+a"]) {
		const text = asciiHex(topic);
		const section = topic === "" ? "4.7.3 [MQTT-4.7.3-1]" : "3.3.2.3.5 [MQTT-3.3.2-14]";
		add(`${name} "${topic}"`, withProperties(packet, `${id} ${size(text)} ${text}`), section, MQTT_FAULT_RESPONSE_TOPIC, PROTOCOL);
	}
}

/** Text that is none (§1.5.4), in a property of this kind. */
function texts(packet: string, { id, name, kind }: StandardProperty, add: Add): void {
	const hex = hexOf([id]);
	for (const text of [...nulls, ...badText, ...surrogates]) {
		const section = nulls.includes(text) ? "1.5.4 [MQTT-1.5.4-2]" : "1.5.4 [MQTT-1.5.4-1]";
		const value = `${size(text)} ${text}`;
		if (kind === "text") add(`${name} ${text}`, withProperties(packet, `${hex} ${value}`), section, MQTT_FAULT_UTF8, MALFORMED);
		else {
			// [MQTT-1.5.7-1]
			add(`${name}, name ${text}`, withProperties(packet, `${hex} ${value} 0001 76`), section, MQTT_FAULT_UTF8, MALFORMED);
			add(`${name}, value ${text}`, withProperties(packet, `${hex} 0001 6e ${value}`), section, MQTT_FAULT_UTF8, MALFORMED);
		}
	}
}

function numberHex(value: number, size: number): string {
	let text = "";
	for (let i = 0; i < size; i++, value = Math.floor(value / 256)) text = hexOf([value % 256]) + text;
	return text;
}

/** Every first byte that a server must not send (§2.1, in 3.1.1 §2.2). */
function firstByte(byte: number, version: Version): One | undefined {
	const type = TYPES[byte >> 4] as string;
	const flags = byte & 15;
	const name = `first byte ${hexOf([byte])}`;
	const hex = `! ${hexOf([byte])}`;
	const section = version === 4 ? "2.2.2 [MQTT-2.2.2-1]" : "2.1.3 [MQTT-2.1.3-1]";
	if (!(version === 4 ? SERVER_3_1_1 : SERVER_5_0).includes(type))
		return [name, hex, version === 4 ? "2.2.1" : "2.1.2", MQTT_FAULT_TYPE, PROTOCOL];
	if (type === "PUBLISH") {
		if ((flags & 6) === 6) return [name, hex, "3.3.1.2 [MQTT-3.3.1-4]", MQTT_FAULT_QOS, MALFORMED];
		return (flags & 14) === 8 ? [name, hex, "3.3.1.1 [MQTT-3.3.1-2]", MQTT_FAULT_DUP, MALFORMED] : undefined;
	}
	return flags === (type === "PUBREL" ? 2 : 0) ? undefined : [name, hex, section, MQTT_FAULT_FLAGS, MALFORMED];
}

/**
 * Calls back for each vector of this version. `brief`: for some of them, for making all takes minutes where there is a collection at every
 * allocation.
 */
export function forEachVector(version: Version, use: (vector: Vector) => void, brief = false): void {
	const give = ([name, hex, section, fault, reason]: One) => {
		const early = hex[0] === "!";
		const packet = packetHex((early ? hex.slice(2) : hex).replace(/ P/g, version === 5 ? " 00" : ""));
		use({ name, version, hex: packet, section, fault, reason: version === 5 ? reason : 0, connack: packet[0] === "2", early });
	};
	for (let byte = 0; byte < 256; byte += brief ? 31 : 1) {
		const row = firstByte(byte, version);
		if (row) give(row);
	}
	if (brief && version === 5) {
		sections("AUTH", give);
		return;
	}
	for (const [name, hex, section311, section5, fault, reason] of both())
		give([name, hex, version === 4 ? section311 : section5, fault, reason]);
	if (brief) return;
	for (const row of version === 4 ? only311() : only5()) give(row);
	if (version === 5) for (const packet of Object.keys(carriers)) sections(packet, give);
}
