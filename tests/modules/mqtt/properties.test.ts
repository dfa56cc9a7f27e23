/* Properties that the app sends and those it gets: every one of them, there and back; what is refused; and that none of it allocates. */
import { counters } from "device";
import { AUTH, CONNECT, DISCONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBSCRIBE, UNSUBSCRIBE } from "mqtt/packet";
import {
	checkProperties,
	MqttProperties,
	type MqttPropertyValues,
	PROPERTIES,
	propertiesFault,
	WILL,
	writeProperties,
} from "mqtt/properties";
import { MqttSpan } from "mqtt/span";
import { deepEqual, equal, ok, test } from "test";
import { bytesOf, hexOf } from "./hex";

const bytes = new Uint8Array(400);

/** Length and properties, in hexadecimal. */
function written(values: MqttPropertyValues | undefined, packet: number, skip = 0): string {
	const end = writeProperties(bytes, 3, bytes.length, values, packet, skip);
	return end < 0 ? `${end}` : hexOf(bytes.subarray(3, end));
}

function read(hex: string): MqttProperties {
	const section = bytesOf(hex);
	const properties = new MqttProperties();
	properties.set(section, 0, section.length);
	return properties;
}

/** One of each: where it stands, what the app says, its bytes. */
const sent: [number, MqttPropertyValues, string][] = [
	[CONNECT, { sessionExpiryInterval: 0xffffffff }, "11 ffffffff"],
	[CONNECT, { receiveMaximum: 65_535 }, "21 ffff"],
	[CONNECT, { maximumPacketSize: 1 }, "27 00000001"],
	[CONNECT, { topicAliasMaximum: 0 }, "22 0000"],
	[CONNECT, { requestResponseInfo: 1 }, "19 01"],
	[CONNECT, { requestProblemInfo: 0 }, "17 00"],
	[CONNECT, { authMethod: "m", authData: Uint8Array.of(0, 255) }, "15 0001 6d 16 0002 00ff"],
	[CONNECT, { userProp: [] }, ""],
	[
		CONNECT,
		{
			userProp: [
				["a", "b"],
				["a", ""],
				["", "é"],
			],
		},
		"26 0001 61 0001 62 26 0001 61 0000 26 0000 0002 c3a9",
	],
	[WILL, { willDelayInterval: 0x01020304 }, "18 01020304"],
	[WILL, { payloadFormatIndicator: 1, messageExpiryInterval: 0, contentType: "" }, "01 01 02 00000000 03 0000"],
	[PUBLISH, { payloadFormatIndicator: 0, messageExpiryInterval: 0x80000000 }, "01 00 02 80000000"],
	[PUBLISH, { contentType: "text/plain", responseTopic: "a/b" }, "03 000a 746578742f706c61696e 08 0003 612f62"],
	[PUBLISH, { responseTopic: Uint8Array.of(0x61), correlationData: new Uint8Array(0) }, "08 0001 61 09 0000"],
	[PUBLISH, { topicAlias: 65_535 }, "23 ffff"],
	[SUBSCRIBE, { subscriptionIdentifier: 1 }, "0b 01"],
	[SUBSCRIBE, { subscriptionIdentifier: 268_435_455, userProp: [["a", "b"]] }, "0b ffffff7f 26 0001 61 0001 62"],
	[UNSUBSCRIBE, { userProp: [["", ""]] }, "26 0000 0000"],
	[DISCONNECT, { sessionExpiryInterval: 0, reasonString: "why" }, "11 00000000 1f 0003 776879"],
	[AUTH, { authMethod: Uint8Array.of(0x6d), reasonString: "r" }, "15 0001 6d 1f 0001 72"],
	...[PUBACK, PUBREC, PUBREL, PUBCOMP].map((packet): [number, MqttPropertyValues, string] => [packet, { reasonString: "r" }, "1f 0001 72"]),
];

test("every property that a client sends, in every kind of packet", () => {
	for (const [packet, values, hex] of sent) {
		const section = bytesOf(hex);
		equal(written(values, packet), hexOf([section.length]) + hexOf(section), hex);
		equal(propertiesFault(values, packet), "", hex);
		equal(checkProperties(section, 0, section.length, packet), 0, hex);
	}
	equal(written(undefined, PUBLISH), "00");
	equal(written({}, PUBLISH), "00");
});

test("a property that is to be left out, and those that have no place here", () => {
	equal(written({ topicAlias: 3, contentType: "a" }, PUBLISH, 0x23), "04030001" + "61");
	equal(written({ willDelayInterval: 3 }, PUBLISH), "00");
	equal(written({ subscriptionIdentifier: 3 }, PUBLISH), "00");
});

test("a length of two bytes moves what was written", () => {
	for (const count of [124, 125, 126, 300]) {
		const correlationData = new Uint8Array(count).fill(7);
		const length = count + 3;
		const head = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
		equal(written({ correlationData }, PUBLISH), hexOf([...head, 9, count >> 8, count & 255, ...correlationData]));
	}
});

test("nothing is written behind the end, and what does not fit is refused", () => {
	for (const [packet, values, hex] of sent) {
		const size = bytesOf(hex).length + 1;
		for (let end = 0; end < size; end++) {
			const target = new Uint8Array(end);
			equal(writeProperties(target, 0, end, values, packet), -1, `${hex} in ${end}`);
		}
		equal(writeProperties(new Uint8Array(size), 0, size, values, packet), size, hex);
	}
	// The properties alone would fit, their length has two bytes.
	const correlationData = new Uint8Array(125);
	equal(writeProperties(new Uint8Array(129), 0, 129, { correlationData }, PUBLISH), -1);
	equal(writeProperties(new Uint8Array(130), 0, 130, { correlationData }, PUBLISH), 130);
	const target = new Uint8Array(8).fill(0xee);
	equal(writeProperties(target, 0, 4, { correlationData: new Uint8Array(4) }, PUBLISH), -1);
	equal(hexOf(target.subarray(4)), "eeeeeeee");
});

/** What the app got wrong, and how it is told. */
const wrong: [number, object, string][] = [
	[CONNECT, { receiveMaximum: 0 }, "receiveMaximum: this is no whole number from 1 to 65535"],
	[CONNECT, { receiveMaximum: 65_536 }, "receiveMaximum: this is no whole number from 1 to 65535"],
	[CONNECT, { receiveMaximum: 1.5 }, "receiveMaximum: this is no whole number from 1 to 65535"],
	[CONNECT, { receiveMaximum: Number.NaN }, "receiveMaximum: this is no whole number from 1 to 65535"],
	[CONNECT, { receiveMaximum: "7" }, "receiveMaximum: this is no whole number from 1 to 65535"],
	[CONNECT, { maximumPacketSize: 0 }, "maximumPacketSize: this is no whole number from 1 to 4294967295"],
	[CONNECT, { sessionExpiryInterval: -1 }, "sessionExpiryInterval: this is no whole number from 0 to 4294967295"],
	[CONNECT, { sessionExpiryInterval: 2 ** 32 }, "sessionExpiryInterval: this is no whole number from 0 to 4294967295"],
	[CONNECT, { requestProblemInfo: 2 }, "requestProblemInfo: this is no whole number from 0 to 1"],
	[CONNECT, { requestProblemInfo: true }, "requestProblemInfo: this is no whole number from 0 to 1"],
	[CONNECT, { authMethod: "a\0" }, "authMethod: text that cannot be sent"],
	[CONNECT, { authMethod: "\ud800" }, "authMethod: text that cannot be sent"],
	[CONNECT, { authMethod: Uint8Array.of(0xff) }, "authMethod: text that cannot be sent"],
	[CONNECT, { authMethod: 5 }, "authMethod: this is no text"],
	[CONNECT, { authMethod: "m", authData: "text" }, "authData: this is no Uint8Array"],
	[CONNECT, { authMethod: "m", authData: new Uint8Array(65_536) }, "authData: more than 65,535 bytes"],
	[CONNECT, { userProp: [["a"]] }, "userProp: this is no array of pairs"],
	[CONNECT, { userProp: [["a", "b", "c"]] }, "userProp: this is no array of pairs"],
	[CONNECT, { userProp: { a: "b" } }, "userProp: this is no array of pairs"],
	[
		CONNECT,
		{
			userProp: [
				["a", "b"],
				["\0", "b"],
			],
		},
		"userProp: text that cannot be sent",
	],
	[CONNECT, { userProp: [["a", 5]] }, "userProp: this is no text"],
	[WILL, { responseTopic: "a/+" }, "responseTopic: this is no topic name"],
	[PUBLISH, { responseTopic: "" }, "responseTopic: this is no topic name"],
	[PUBLISH, { responseTopic: Uint8Array.of(0x23) }, "responseTopic: this is no topic name"],
	[PUBLISH, { topicAlias: 0 }, "topicAlias: this is no whole number from 1 to 65535"],
	[PUBLISH, { payloadFormatIndicator: 2 }, "payloadFormatIndicator: this is no whole number from 0 to 1"],
	[PUBLISH, { contentType: new Uint8Array(65_536).fill(0x61) }, "contentType: more than 65,535 bytes"],
	[SUBSCRIBE, { subscriptionIdentifier: 0 }, "subscriptionIdentifier: this is no whole number from 1 to 268435455"],
	[SUBSCRIBE, { subscriptionIdentifier: 268_435_456 }, "subscriptionIdentifier: this is no whole number from 1 to 268435455"],
];
/** What writing leaves out, but the app should know. */
const outOfPlace: [number, object, string][] = [
	[CONNECT, { recieveMaximum: 5 }, "recieveMaximum: there is no such property"],
	[CONNECT, { authData: Uint8Array.of(1) }, "authData: not without authMethod"],
	[CONNECT, { willDelayInterval: 5 }, "willDelayInterval: a client cannot send it with CONNECT"],
	[WILL, { sessionExpiryInterval: 5 }, "sessionExpiryInterval: a client cannot send it with a will"],
	[PUBLISH, { subscriptionIdentifier: 5 }, "subscriptionIdentifier: a client cannot send it with PUBLISH"],
	[DISCONNECT, { serverReference: "x" }, "serverReference: a client cannot send it with DISCONNECT"],
	[CONNECT, { serverKeepAlive: 5 }, "serverKeepAlive: a client cannot send it with CONNECT"],
	[SUBSCRIBE, { reasonString: "x" }, "reasonString: a client cannot send it with SUBSCRIBE"],
];

test("what the app got wrong is named, and not written", () => {
	for (const [packet, values, words] of [...wrong, ...outOfPlace]) {
		const told = propertiesFault(values as MqttPropertyValues, packet);
		ok(told.startsWith(words), `${JSON.stringify(told)} is not ${JSON.stringify(words)}`);
	}
	const large = new Uint8Array(70_000);
	for (const [packet, values, words] of wrong)
		equal(writeProperties(large, 0, large.length, values as MqttPropertyValues, packet), -1, words);
	equal(propertiesFault(undefined, CONNECT), "");
	equal(propertiesFault({ topicAlias: undefined, contentType: "a" } as MqttPropertyValues, PUBLISH), "");
	ok(propertiesFault(null as unknown as MqttPropertyValues, CONNECT) !== "");
});

test("every property that is received has a getter, undefined where it is not there", () => {
	const none = new MqttProperties();
	const names = new Set<string>();
	for (const { name, id } of PROPERTIES) {
		names.add(name);
		const value = (none as unknown as Record<string, unknown>)[name];
		if (name === "userProp" || name === "subscriptionIdentifier") deepEqual(value, []);
		else equal(value, undefined, name);
		equal(none.has(id), false);
		equal(none.number(id), -1);
	}
	equal(names.size, 27);
});

test("what was received is read", () => {
	const connack = read(
		"11 fffffffe 21 0102 24 01 25 00 27 80000001 12 0002 6964 22 0003 1f 0000 26 0001 61 0001 62 28 01 29 00 2a 01 13 ffff 1a 0001 72 1c 0002 c3a9 15 0001 6d 16 0003 0000ff 26 0001 61 0000",
	);
	equal(connack.sessionExpiryInterval, 0xfffffffe);
	equal(connack.receiveMaximum, 0x102);
	equal(connack.maximumQos, 1);
	equal(connack.retainAvailable, 0);
	equal(connack.maximumPacketSize, 0x80000001);
	equal(connack.assignedClientId, "id");
	equal(connack.topicAliasMaximum, 3);
	equal(connack.reasonString, "");
	deepEqual(connack.userProp, [
		["a", "b"],
		["a", ""],
	]);
	equal(connack.wildcardSubAvailable, 1);
	equal(connack.subscriptionIdsAvailable, 0);
	equal(connack.sharedSubAvailable, 1);
	equal(connack.serverKeepAlive, 65_535);
	equal(connack.responseInformation, "r");
	equal(connack.serverReference, "é");
	equal(connack.authMethod, "m");
	deepEqual(connack.authData, Uint8Array.of(0, 0, 255));
	equal(connack.topicAlias, undefined);

	const publish = read("01 01 02 00000005 03 0001 74 08 0001 72 09 0002 ff00 0b 01 0b ffffff7f 0b 8001 23 0001");
	equal(publish.payloadFormatIndicator, 1);
	equal(publish.messageExpiryInterval, 5);
	equal(publish.contentType, "t");
	equal(publish.responseTopic, "r");
	deepEqual(publish.correlationData, Uint8Array.of(255, 0));
	deepEqual(publish.subscriptionIdentifier, [1, 268_435_455, 128]);
	equal(publish.topicAlias, 1);
	equal(publish.number(0x0b, 2), 128);
	equal(publish.number(0x0b, 3), -1);
	equal(publish.number(0x03), -1);

	const connect = read("17 00 19 01 18 00000007");
	equal(connect.requestProblemInfo, 0);
	equal(connect.requestResponseInfo, 1);
	equal(connect.willDelayInterval, 7);
	connect.clear();
	equal(connect.has(0x17), false);
});

test("text, bytes and pairs are found where they lie", () => {
	const properties = read("26 0001 61 0001 62 03 0002 7478 26 0002 6363 0000 09 0001 00");
	const span = new MqttSpan();
	const value = new MqttSpan();
	equal(properties.find(0x03, span), true);
	equal(span.toString(), "tx");
	equal(span.equals("tx"), true);
	equal(span.equals("t"), false);
	equal(span.length, 2);
	equal(properties.find(0x09, span), true);
	equal(hexOf(span.bytes.subarray(span.start, span.end)), "00");
	equal(properties.find(0x26, span, 1, value), true);
	equal(`${span}=${value}`, "cc=");
	equal(properties.find(0x26, span), true);
	equal(span.toString(), "a");
	equal(properties.find(0x26, span, 2, value), false);
	equal(properties.find(0x08, span), false);
});

test("writing, checking and looking allocate nothing", () => {
	const values: MqttPropertyValues = {
		payloadFormatIndicator: 1,
		messageExpiryInterval: 0xffffffff,
		contentType: "text/plain",
		responseTopic: Uint8Array.of(0x61),
		correlationData: new Uint8Array(130),
		userProp: [
			["a", "b"],
			["c", "d"],
		],
		topicAlias: 7,
	};
	const properties = new MqttProperties();
	const span = new MqttSpan();
	const value = new MqttSpan();
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let right = 0;
	for (let i = 0; i < 50; i++) {
		if (i === 10) counters(before);
		const end = writeProperties(bytes, 0, bytes.length, values, PUBLISH);
		right += checkProperties(bytes, 2, end, PUBLISH);
		properties.set(bytes, 2, end);
		right += properties.number(0x02) === 0xffffffff ? 0 : 1;
		right += properties.find(0x26, span, 1, value) && span.equals("c") && value.equals("d") && properties.has(0x23) ? 0 : 1;
		right += withoutAlias(values);
	}
	counters(after);
	equal(right, 0);
	equal((after[0] as number) - (before[0] as number), 0, "slots");
	equal((after[1] as number) - (before[1] as number), 0, "bytes of chunks");
});

/** The same without the alias, as the store keeps it. */
function withoutAlias(values: MqttPropertyValues): number {
	return writeProperties(bytes, 0, bytes.length, values, PUBLISH, 0x23) > 0 ? 0 : 1;
}
