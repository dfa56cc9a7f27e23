/* Packets as a server should send them: every kind, every property, every code, and the longest and shortest forms of each. */
import { hexOf, lengthHex, packetHex } from "./hex";
import { withProperties } from "./hostile-vectors";
import { goodText, PROPERTIES, REASONS, RETURN_CODES } from "./standard";

export interface GoodVector {
	readonly name: string;
	/** 4 is 3.1.1, 5 is 5.0. */
	readonly version: 4 | 5;
	/** Without spaces. */
	readonly hex: string;
	/**
	 * What it says: "CONNACK session code", "PUBLISH q<qos> [dup] [retain] id topic +<bytes of payload>", "PUBACK id code" and its kin, "SUBACK
	 * id codes", "DISCONNECT code", all numbers but codes decimal, and " {name=value,…}" with the properties if there are any.
	 */
	readonly says: string;
}

type Row = readonly [name: string, hex: string, says: string];

/** "P" is the property section of 5.0, empty. */
const both = (): Row[] => [
	["CONNACK", "20|00 00 P", "CONNACK 0 00"],
	["CONNACK with a session", "20|01 00 P", "CONNACK 1 00"],
	["PINGRESP", "d000", "PINGRESP"],
	["PUBLISH without a payload", "30|0001 61 P", "PUBLISH q0 0 61 +0"],
	["PUBLISH with a payload", "30|0003 612f62 P 7061796c6f6164", "PUBLISH q0 0 612f62 +7"],
	["PUBLISH kept", "31|0001 61 P 00", "PUBLISH q0 retain 0 61 +1"],
	["PUBLISH of QoS 1", "32|0001 61 0001 P 70", "PUBLISH q1 1 61 +1"],
	["PUBLISH of QoS 1, again", "3a|0001 61 ffff P", "PUBLISH q1 dup 65535 61 +0"],
	["PUBLISH of QoS 2", "34|0001 61 0100 P", "PUBLISH q2 256 61 +0"],
	["PUBLISH of QoS 2, again, kept", "3d|0001 61 0001 P ff", "PUBLISH q2 dup retain 1 61 +1"],
	["PUBLISH kept and of QoS 1", "33|0001 61 0001 P", "PUBLISH q1 retain 1 61 +0"],
	["a payload that looks like a packet", "30|0001 61 P 20020000", "PUBLISH q0 0 61 +4"],
	["a topic of 200 bytes", "30|00c8 61*200 P 70", `PUBLISH q0 0 ${"61".repeat(200)} +1`],
	["a payload of 200 bytes", "32|0001 61 0007 P 70*200", "PUBLISH q1 7 61 +200"],
	["a payload of 16,384 bytes", "30|0001 61 P 70*16384", "PUBLISH q0 0 61 +16384"],
	["topic $SYS/broker", "30|000b 245359532f62726f6b6572 P", "PUBLISH q0 0 245359532f62726f6b6572 +0"],
	["PUBACK", "40|0001", "PUBACK 1 00"],
	["PUBREC", "50|ffff", "PUBREC 65535 00"],
	["PUBREL", "62|8000", "PUBREL 32768 00"],
	["PUBCOMP", "70|0080", "PUBCOMP 128 00"],
	["SUBACK", "90|0001 P 00", "SUBACK 1 00"],
	["SUBACK for three", "90|0102 P 000102", "SUBACK 258 000102"],
	["SUBACK for 200", "90|0001 P 01*200", `SUBACK 1 ${"01".repeat(200)}`],
	...(RETURN_CODES.SUBACK as number[]).map((code): Row => [`SUBACK ${code}`, `90|0001 P ${hexOf([code])}`, `SUBACK 1 ${hexOf([code])}`]),
	...goodText.map((text): Row => {
		const length = text.length / 2;
		return [`topic ${text}`, `30|${hexOf([length >> 8, length & 255])} ${text} P`, `PUBLISH q0 0 ${text} +0`];
	}),
];

const only311 = (): Row[] => [
	["UNSUBACK", "b0|0001", "UNSUBACK 1 "],
	["PINGRESP with a length in two bytes", "d0 8000", "PINGRESP"],
	["CONNACK with a length in four bytes", "20 82808000 0000", "CONNACK 0 00"],
	["PUBLISH with a length in three bytes", "30 848000 0001 61 70", "PUBLISH q0 0 61 +1"],
	...(RETURN_CODES.CONNACK as number[]).map((code): Row => [`CONNACK ${code}`, `20|00 ${hexOf([code])}`, `CONNACK 0 ${hexOf([code])}`]),
];

const codes = (packet: string, hex: (code: string) => string, says: (code: string) => string): Row[] =>
	(REASONS[packet] as number[]).map((code): Row => [`${packet} ${hexOf([code])}`, hex(hexOf([code])), says(hexOf([code]))]);

/** What stands before the properties in withProperties(). */
const carried: Record<string, string> = {
	CONNACK: "CONNACK 0 00",
	PUBLISH: "PUBLISH q1 1 61 +1",
	PUBACK: "PUBACK 1 00",
	PUBREC: "PUBREC 1 00",
	PUBREL: "PUBREL 1 00",
	PUBCOMP: "PUBCOMP 1 00",
	SUBACK: "SUBACK 1 00",
	UNSUBACK: "UNSUBACK 1 00",
	DISCONNECT: "DISCONNECT 00",
	AUTH: "AUTH 18",
};

const only5 = (): Row[] => [
	["the answer of a server of 3.1.1", "20 02 00 01", "CONNACK 0 84"],
	["UNSUBACK", "b0|0001 00 00", "UNSUBACK 1 00"],
	["UNSUBACK for three", "b0|0001 00 001187", "UNSUBACK 1 001187"],
	["DISCONNECT without a code", "e000", "DISCONNECT 00"],
	["DISCONNECT with a code", "e0018b", "DISCONNECT 8b"],
	["DISCONNECT with a code and no properties", "e0028b00", "DISCONNECT 8b"],
	["AUTH without a code", "f000", "AUTH 00"],
	["AUTH with a code and no properties", "f0021800", "AUTH 18"],
	["PUBACK with a code", "40|0001 10", "PUBACK 1 10"],
	["PUBACK with a code and no properties", "40|0001 10 00", "PUBACK 1 10"],
	["no topic, but an alias", "30|0000 03 23 0001 70", "PUBLISH q0 0  +1 {topicAlias=1}"],
	["a topic and the highest alias", "32|0001 61 0001 03 23 ffff", "PUBLISH q1 1 61 +0 {topicAlias=65535}"],
	["two subscription identifiers", "30|0001 61 07 0b 01 0b ffffff7f", "PUBLISH q0 0 61 +0 {subscriptionIdentifier=1,268435455}"],
	["the same subscription identifier twice", "30|0001 61 04 0b 05 0b 05", "PUBLISH q0 0 61 +0 {subscriptionIdentifier=5,5}"],
	["the same user property twice", "40|0001 00 0e 26 0001 61 0001 62 26 0001 61 0001 62", "PUBACK 1 00 {userProp=a=b,a=b}"],
	["an empty user property", "e0|00 05 26 0000 0000", "DISCONNECT 00 {userProp==}"],
	["properties of 128 bytes", `40|0001 00 8001 1f 007d ${"72".repeat(125)}`, `PUBACK 1 00 {reasonString=${"r".repeat(125)}}`],
	["properties before codes", "90|0001 04 1f 0001 72 0102", "SUBACK 1 0102 {reasonString=r}"],
	["correlation data that is no text", "30|0001 61 05 09 0002 00ff", "PUBLISH q0 0 61 +0 {correlationData=00ff}"],
	["empty correlation data and content type", "30|0001 61 06 09 0000 03 0000", "PUBLISH q0 0 61 +0 {contentType=,correlationData=}"],
	["a receive maximum of 1", "20|00 00 03 21 0001", "CONNACK 0 00 {receiveMaximum=1}"],
	["maximum QoS 0", "20|00 00 02 24 00", "CONNACK 0 00 {maximumQos=0}"],
	["the longest session", "20|00 00 05 11 ffffffff", "CONNACK 0 00 {sessionExpiryInterval=4294967295}"],
	["a maximum packet size of 1", "20|00 00 05 27 00000001", "CONNACK 0 00 {maximumPacketSize=1}"],
	...codes(
		"CONNACK",
		(code) => `20|00 ${code} 00`,
		(code) => `CONNACK 0 ${code}`,
	),
	...[
		["PUBACK", "40"],
		["PUBREC", "50"],
		["PUBREL", "62"],
		["PUBCOMP", "70"],
	].flatMap(([packet = "", first = ""]) =>
		codes(
			packet,
			(code) => `${first}|0001 ${code}`,
			(code) => `${packet} 1 ${code}`,
		),
	),
	...codes(
		"SUBACK",
		(code) => `90|0001 00 ${code}`,
		(code) => `SUBACK 1 ${code}`,
	),
	...codes(
		"UNSUBACK",
		(code) => `b0|0001 00 ${code}`,
		(code) => `UNSUBACK 1 ${code}`,
	),
	...codes(
		"DISCONNECT",
		(code) => `e0|${code}`,
		(code) => `DISCONNECT ${code}`,
	),
	...codes(
		"AUTH",
		(code) => `f0|${code} 00`,
		(code) => `AUTH ${code}`,
	),
	...Object.keys(carried).flatMap((packet) => {
		const own = PROPERTIES.filter((property) => property.packets.includes(packet));
		const hex = (list: typeof own) => list.map((property) => `${hexOf([property.id])} ${property.sample}`).join(" ");
		const says = (list: typeof own) => `${carried[packet]} {${list.map((property) => `${property.name}=${property.value}`).join(",")}}`;
		return [
			...own.map((each): Row => [`${packet} with ${each.name}`, withProperties(packet, hex([each])), says([each])]),
			[`${packet} with all properties`, withProperties(packet, hex(own)), says(own)] as Row,
			[`${packet} with all properties, backwards`, withProperties(packet, hex([...own].reverse())), says(own)] as Row,
		];
	}),
	...PROPERTIES.flatMap(({ id, name, kind, packets, least, most }) => {
		if (typeof kind !== "number" || packets.length === 0) return [];
		const packet = packets[0] as string;
		return [least, most].map((value): Row => {
			let bytes = "";
			for (let i = 0, rest = value; i < kind; i++, rest = Math.floor(rest / 256)) bytes = hexOf([rest % 256]) + bytes;
			return [`${name} ${value}`, withProperties(packet, `${hexOf([id])} ${bytes}`), `${carried[packet]} {${name}=${value}}`];
		});
	}),
	...goodText.map((text): Row => {
		const value = `${lengthHex(0)}${lengthHex(text.length / 2)}${text}`;
		const string = String.fromArrayBuffer(bytesOfText(text));
		return [`reason ${text}`, withProperties("PUBACK", `1f ${value}`), `PUBACK 1 00 {reasonString=${string}}`];
	}),
];

function bytesOfText(hex: string): ArrayBuffer {
	const bytes = new Uint8Array(hex.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(hex.slice(2 * i, 2 * i + 2), 16);
	return bytes.buffer;
}

/** Calls back for each vector of this version. */
export function forEachGoodVector(version: 4 | 5, use: (vector: GoodVector) => void): void {
	const give = ([name, hex, says]: Row) => use({ name, version, hex: packetHex(hex.replace(/ P/g, version === 5 ? " 00" : "")), says });
	for (const row of both()) give(row);
	for (const row of version === 4 ? only311() : only5()) give(row);
}
