/* What the standards' tables say of packets that a server sends, written down from there a second time, for vectors and models. */

export const TYPES = [
	...["reserved", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK"],
	...["UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"],
];

/** A server sends these (3.1.1 table 2.1, 5.0 table 2-1). */
export const SERVER_3_1_1 = ["CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK", "PINGRESP"];
export const SERVER_5_0 = [...SERVER_3_1_1, "DISCONNECT", "AUTH"];

/** 5.0 table 2-6, without what only clients send (tables 3-4, 3-10, 3-11). */
export const REASONS: Record<string, readonly number[]> = {
	CONNACK: [
		...[0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c],
		...[0x9d, 0x9f],
	],
	PUBACK: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
	PUBREC: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
	PUBREL: [0x00, 0x92],
	PUBCOMP: [0x00, 0x92],
	SUBACK: [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
	UNSUBACK: [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
	DISCONNECT: [
		...[0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a],
		...[0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2],
	],
	AUTH: [0x00, 0x18],
};

/** 3.1.1 table 3.1 and §3.9.3. */
export const RETURN_CODES: Record<string, readonly number[]> = { CONNACK: [0, 1, 2, 3, 4, 5], SUBACK: [0, 1, 2, 0x80] };

export interface StandardProperty {
	readonly id: number;
	/** Zephyr's name in camelCase. */
	readonly name: string;
	/** Bytes of a number, or what else it is. */
	readonly kind: 1 | 2 | 4 | "variable" | "text" | "binary" | "pair";
	/** Where a server may send it. */
	readonly packets: readonly string[];
	/** The packets of table 2-4 where it stands, but only from a client. */
	readonly clients: readonly string[];
	/** Of a number. */
	readonly least: number;
	readonly most: number;
	/** Where it may stand more than once. */
	readonly often: readonly string[];
	/** A value that is right, in hexadecimal, and what it is. */
	readonly sample: string;
	readonly value: string;
}

type Row = [
	id: number,
	name: string,
	kind: StandardProperty["kind"],
	packets: string,
	sample: string,
	value: string,
	range?: [number, number],
];

const EVERYWHERE = "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH";

/** 5.0 table 2-4, and from each packet's section the range. A packet in brackets: only a client sends it there. */
const rows: Row[] = [
	[0x01, "payloadFormatIndicator", 1, "PUBLISH", "01", "1", [0, 1]],
	[0x02, "messageExpiryInterval", 4, "PUBLISH", "00000e10", "3600"],
	[0x03, "contentType", "text", "PUBLISH", "0003 612f62", "a/b"],
	[0x08, "responseTopic", "text", "PUBLISH", "0003 722f74", "r/t"],
	[0x09, "correlationData", "binary", "PUBLISH", "0003 00ff80", "00ff80"],
	[0x0b, "subscriptionIdentifier", "variable", "PUBLISH", "8001", "128", [1, 268_435_455]],
	[0x11, "sessionExpiryInterval", 4, "CONNACK [DISCONNECT]", "ffffffff", "4294967295"],
	[0x12, "assignedClientId", "text", "CONNACK", "0002 6964", "id"],
	[0x13, "serverKeepAlive", 2, "CONNACK", "003c", "60"],
	[0x15, "authMethod", "text", "CONNACK AUTH", "0001 6d", "m"],
	[0x16, "authData", "binary", "CONNACK AUTH", "0002 00ff", "00ff"],
	[0x17, "requestProblemInfo", 1, "", "01", "1", [0, 1]],
	[0x18, "willDelayInterval", 4, "", "00000001", "1"],
	[0x19, "requestResponseInfo", 1, "", "01", "1", [0, 1]],
	[0x1a, "responseInformation", "text", "CONNACK", "0001 72", "r"],
	[0x1c, "serverReference", "text", "CONNACK DISCONNECT", "0001 73", "s"],
	[0x1f, "reasonString", "text", EVERYWHERE, "0003 776879", "why"],
	[0x21, "receiveMaximum", 2, "CONNACK", "0014", "20", [1, 65_535]],
	[0x22, "topicAliasMaximum", 2, "CONNACK", "000a", "10"],
	[0x23, "topicAlias", 2, "PUBLISH", "0001", "1", [1, 65_535]],
	[0x24, "maximumQos", 1, "CONNACK", "01", "1", [0, 1]],
	[0x25, "retainAvailable", 1, "CONNACK", "00", "0", [0, 1]],
	[0x26, "userProp", "pair", `${EVERYWHERE} PUBLISH`, "0001 6b 0002 7676", "k=vv"],
	[0x27, "maximumPacketSize", 4, "CONNACK", "00010000", "65536", [1, 4_294_967_295]],
	[0x28, "wildcardSubAvailable", 1, "CONNACK", "01", "1", [0, 1]],
	[0x29, "subscriptionIdsAvailable", 1, "CONNACK", "00", "0", [0, 1]],
	[0x2a, "sharedSubAvailable", 1, "CONNACK", "01", "1", [0, 1]],
];

export const PROPERTIES: readonly StandardProperty[] = rows.map(([id, name, kind, packets, sample, value, range]) => ({
	id,
	name,
	kind,
	packets: packets.split(" ").filter((packet) => packet !== "" && packet[0] !== "["),
	clients: packets
		.split(" ")
		.filter((packet) => packet[0] === "[")
		.map((packet) => packet.slice(1, -1)),
	least: range?.[0] ?? 0,
	most: range?.[1] ?? (typeof kind === "number" ? 256 ** kind - 1 : 0),
	often: kind === "pair" ? packets.split(" ") : kind === "variable" ? ["PUBLISH"] : [],
	sample,
	value,
}));

/** Right UTF-8, at the borders (RFC 3629 §4); U+FEFF is a character as any [MQTT-1.5.4-3]. */
export const goodText = [
	"01",
	"7f",
	"c280",
	"dfbf",
	"e0a080",
	"ed9fbf",
	"ee8080",
	"efbfbf",
	"efbbbf61",
	"f0908080",
	"f48fbfbf",
	"ceba2fceb5",
];
/** Wrong, or the beginning of a character. */
export const badText = [
	...["80", "bf", "c0", "c1", "f5", "f8", "fc", "fe", "ff", "c080", "c0af", "e080af", "f08080af"],
	...["c200", "c27f", "c2c0", "dfc2", "e080", "e09f", "e000", "eda0", "edbf", "e241", "efc0", "f080", "f08f", "f490", "f4bf"],
	...["e28228", "e282e2", "f0907f", "f09f41", "f48fc0", "f0908020", "f09f98c0", "f48fbf7f", "f4908080", "f7bfbfbf"],
	...["c2", "df", "e0", "e0a0", "e2", "e282", "ed9f", "efbf", "f0", "f090", "f09080", "f48f", "f48fbf"],
];
/** Code points U+D800 to U+DFFF. */
export const surrogates = ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbfbf", "eda081edb080"];
export const nulls = ["00", "0061", "6100", "610062"];
