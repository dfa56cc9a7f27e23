/*
 * The same packets as another encoder makes them, npm's mqtt-packet: each with the function of mqtt/encoder that has to make it, and its
 * arguments. Properties stand in the order of their identifiers, in which ours writes them.
 */
import { createRequire } from "node:module";

interface Generator {
	generate(packet: object, options: { protocolVersion: number }): Buffer;
}

// It is not ours, but comes with npm's mqtt, so it is looked for from there.
const require = createRequire(createRequire(import.meta.url).resolve("mqtt"));
const { generate } = require("mqtt-packet") as Generator;

/** Of a long packet, as much of either end is compared. */
const END = 400;

/** Text of this length, which the test makes for itself. */
const long = (count: number) => ({ repeat: count });
const grown = (count: number) => "x".repeat(count);
const binary = (...bytes: number[]) => ({ hex: Buffer.from(bytes).toString("hex") });

/** By `call`; each as text: a literal is more source than a board has memory to parse. */
const vectors: Record<string, string[]> = {};

/** `args` are those between `end` and what the packet's version adds. */
function vector(name: string, call: string, args: unknown[], packet: object, version: number, payload = 0): void {
	const bytes = generate(packet, { protocolVersion: version });
	const head = bytes.subarray(0, bytes.length - payload);
	const hex = head.length > 2 * END ? undefined : head.toString("hex");
	const ends = hex === undefined ? [head.subarray(0, END).toString("hex"), head.subarray(-END).toString("hex")] : undefined;
	vectors[call] ??= [];
	vectors[call].push(JSON.stringify({ name: `${name}, version ${version}`, args, length: head.length, hex, ends }));
}

const allUserProp = [
	["a", "1"],
	["b", ""],
	["ключ", "值 😀"],
];
const theirUserProp = { a: "1", b: "", ключ: "值 😀" };

// CONNECT

const names = { 3: "MQIsdp", 4: "MQTT", 5: "MQTT" } as const;

function connect(name: string, version: 3 | 4 | 5, ours: object, theirs: object): void {
	vector(
		`CONNECT, ${name}`,
		"connect",
		[{ protocolVersion: version, keepalive: 60, ...ours }],
		{ cmd: "connect", protocolId: names[version], protocolVersion: version, clean: true, keepalive: 60, ...theirs },
		version,
	);
}

for (const version of [3, 4, 5] as const) {
	connect("the least", version, { clientId: "c" }, { clientId: "c" });
	connect("a session that goes on", version, { clientId: "c", cleanSession: 0 }, { clientId: "c", clean: false });
	connect("a clean session that is asked for", version, { clientId: "c", cleanSession: 1 }, { clientId: "c" });
	for (const keepalive of [0, 1, 255, 256, 65_535])
		connect(`keepalive of ${keepalive}`, version, { clientId: "c", keepalive }, { clientId: "c", keepalive });
	connect("user name", version, { clientId: "c", userName: "u" }, { clientId: "c", username: "u" });
	connect("empty user name", version, { clientId: "c", userName: "" }, { clientId: "c", username: "" });
	connect(
		"user name and password",
		version,
		{ clientId: "c", userName: "u", password: "pässword" },
		{ clientId: "c", username: "u", password: "pässword" },
	);
	connect(
		"password of bytes",
		version,
		{ clientId: "c", userName: "u", password: binary(0, 255, 0xd8) },
		{ clientId: "c", username: "u", password: Buffer.of(0, 255, 0xd8) },
	);
	for (const qos of [0, 1, 2])
		for (const retain of [0, 1])
			connect(
				`will of QoS ${qos}, retain ${retain}`,
				version,
				{ clientId: "c", willTopic: { topic: "w/t", qos }, willMessage: "gone", willRetain: retain },
				{ clientId: "c", will: { topic: "w/t", payload: "gone", qos, retain: retain === 1 } },
			);
	connect(
		"will without a message",
		version,
		{ clientId: "c", willTopic: { topic: "w" } },
		{ clientId: "c", will: { topic: "w", payload: "", qos: 0, retain: false } },
	);
	connect(
		"everything",
		version,
		{
			clientId: "sensor-7",
			cleanSession: 0,
			userName: "ü",
			password: "p",
			willTopic: { topic: "w", qos: 1 },
			willMessage: binary(1, 0, 2),
			willRetain: 1,
		},
		{
			clientId: "sensor-7",
			clean: false,
			username: "ü",
			password: "p",
			will: { topic: "w", payload: Buffer.of(1, 0, 2), qos: 1, retain: true },
		},
	);
	// Remaining lengths of one, two and three bytes: the name, level, flags, keepalive, properties and the length of the text are the rest.
	const rest = (version === 3 ? 8 : 6) + 4 + (version === 5 ? 1 : 0) + 2;
	for (const length of [127, 128, 16_383, 16_384])
		connect(`of ${length} bytes`, version, { clientId: long(length - rest) }, { clientId: grown(length - rest) });
	connect("the longest client identifier", version, { clientId: long(65_535) }, { clientId: grown(65_535) });
}
connect("no client identifier", 4, { clientId: "" }, { clientId: "" });
connect("no client identifier", 5, { clientId: "" }, { clientId: "" });

const connectValues: [string, unknown, string, unknown][] = [
	["sessionExpiryInterval", 0xffffffff, "sessionExpiryInterval", 0xffffffff],
	["authMethod", "SCRAM-SHA-1", "authenticationMethod", "SCRAM-SHA-1"],
	["authData", binary(0, 1, 2), "authenticationData", Buffer.of(0, 1, 2)],
	["requestProblemInfo", 0, "requestProblemInformation", false],
	["requestResponseInfo", 1, "requestResponseInformation", true],
	["receiveMaximum", 65_535, "receiveMaximum", 65_535],
	["topicAliasMaximum", 10, "topicAliasMaximum", 10],
	["userProp", allUserProp, "userProperties", theirUserProp],
	["maximumPacketSize", 268_435_460, "maximumPacketSize", 268_435_460],
];
const willValues: [string, unknown, string, unknown][] = [
	["payloadFormatIndicator", 1, "payloadFormatIndicator", true],
	["messageExpiryInterval", 0x01020304, "messageExpiryInterval", 0x01020304],
	["contentType", "text/plain", "contentType", "text/plain"],
	["responseTopic", "answers/7", "responseTopic", "answers/7"],
	["correlationData", binary(9, 0, 9), "correlationData", Buffer.of(9, 0, 9)],
	["willDelayInterval", 5, "willDelayInterval", 5],
	["userProp", allUserProp, "userProperties", theirUserProp],
];
const publishValues: [string, unknown, string, unknown][] = [
	...willValues.slice(0, 5),
	["topicAlias", 0x0102, "topicAlias", 0x0102],
	["userProp", allUserProp, "userProperties", theirUserProp],
];
const subscribeValues: [string, unknown, string, unknown][] = [
	["subscriptionIdentifier", 268_435_455, "subscriptionIdentifier", 268_435_455],
	["userProp", allUserProp, "userProperties", theirUserProp],
];
const reasonValues: [string, unknown, string, unknown][] = [
	["reasonString", "because", "reasonString", "because"],
	["userProp", allUserProp, "userProperties", theirUserProp],
];
const disconnectValues: [string, unknown, string, unknown][] = [["sessionExpiryInterval", 1, "sessionExpiryInterval", 1], ...reasonValues];
const authValues: [string, unknown, string, unknown][] = [
	["authMethod", "SCRAM-SHA-1", "authenticationMethod", "SCRAM-SHA-1"],
	["authData", binary(0, 1, 2), "authenticationData", Buffer.of(0, 1, 2)],
	...reasonValues,
];

/** Calls back with each property alone, then with all; ours in the opposite order, which must not matter. */
function forEachValues(values: [string, unknown, string, unknown][], use: (name: string, ours: object, theirs: object) => void): void {
	for (const [ours, value, theirs, their] of values) use(ours, { [ours]: value }, { [theirs]: their });
	use(
		"all properties",
		Object.fromEntries([...values].reverse().map(([name, value]) => [name, value])),
		Object.fromEntries(values.map(([, , name, value]) => [name, value])),
	);
}

forEachValues(connectValues, (name, ours, theirs) =>
	connect(name, 5, { clientId: "c", prop: ours }, { clientId: "c", properties: theirs }),
);
forEachValues(willValues, (name, ours, theirs) =>
	connect(
		`will with ${name}`,
		5,
		{ clientId: "c", willTopic: { topic: "w", qos: 1 }, willMessage: "gone", willProp: ours },
		{ clientId: "c", will: { topic: "w", payload: "gone", qos: 1, retain: false, properties: theirs } },
	),
);
for (const count of [0, 100, 120, 127, 128, 16_000, 16_383, 16_384, 65_535])
	connect(
		`a property of ${count} bytes`,
		5,
		{ clientId: "c", prop: { userProp: [["n", long(count)]] } },
		{ clientId: "c", properties: { userProperties: { n: grown(count) } } },
	);

// PUBLISH: what is before the payload.

interface Message {
	qos?: number;
	dup?: boolean;
	retain?: boolean;
	topic?: string;
	id?: number;
	payload?: number;
	ours?: object;
	theirs?: object;
}

function publish(name: string, version: number, message: Message): void {
	const { qos = 0, dup = false, retain = false, topic = "a/b", id = 0, payload = 3, ours, theirs } = message;
	const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
	const alias = (ours as { topicAlias?: number } | undefined)?.topicAlias ?? 0;
	vector(
		`PUBLISH, ${name}`,
		"publish",
		[version, first, topic.length > 1000 ? { fill: topic.length } : { hex: Buffer.from(topic).toString("hex") }, id, alias, ours, payload],
		{ cmd: "publish", qos, dup, retain, topic, messageId: id, payload: Buffer.alloc(payload), properties: theirs },
		version,
		payload,
	);
}

for (const version of [3, 4, 5]) {
	for (const qos of [0, 1, 2])
		for (const retain of [false, true])
			for (const dup of qos > 0 ? [false, true] : [false])
				publish(`QoS ${qos}${dup ? ", DUP" : ""}${retain ? ", retain" : ""}`, version, { qos, retain, dup, id: 0x1234 });
	publish("empty payload", version, { payload: 0 });
	publish("topic of several bytes each", version, { topic: "температура/комната 😀/値", qos: 1, id: 65_535 });
	publish("the longest topic", version, { topic: grown(65_535) });
	const rest = 2 + 3 + (version === 5 ? 1 : 0);
	for (const length of [127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
		publish(`of ${length} bytes`, version, { payload: length - rest });
		publish(`of ${length} bytes, QoS 1`, version, { payload: length - rest - 2, qos: 1, id: 7 });
		publish(`of ${length} bytes, all but 7 of them topic`, version, { topic: grown(Math.min(length, 60_000) - rest + 3 - 7), payload: 7 });
	}
}
forEachValues(publishValues, (name, ours, theirs) => {
	publish(name, 5, { ours, theirs });
	publish(name, 5, { ours, theirs, qos: 1, id: 1 });
});
publish("no topic, but an alias", 5, { topic: "", ours: { topicAlias: 65_535 }, theirs: { topicAlias: 65_535 } });
// The length of the properties, and with it the remaining length, takes another byte more.
for (let count = 100; count < 135; count++)
	for (const payload of [0, 30])
		publish(`a property of ${count} bytes, payload of ${payload}`, 5, {
			payload,
			ours: { userProp: [["n", long(count)]] },
			theirs: { userProperties: { n: grown(count) } },
		});

// Acknowledgements

const acks = { puback: 4, pubrec: 5, pubrel: 6, pubcomp: 7 } as const;
for (const [cmd, type] of Object.entries(acks)) {
	for (const version of [3, 4, 5])
		for (const messageId of [1, 0xff, 0x100, 0xffff])
			vector(`${cmd.toUpperCase()} of ${messageId}`, "ack", [version, type, messageId, 0], { cmd, messageId, reasonCode: 0 }, version);
	forEachValues(reasonValues, (name, ours, theirs) => {
		for (const reasonCode of [0, 0x10, 0x92])
			vector(
				`${cmd.toUpperCase()}, ${reasonCode} with ${name}`,
				"ack",
				[5, type, 7, reasonCode, ours],
				{ cmd, messageId: 7, reasonCode, properties: theirs },
				5,
			);
	});
}

// SUBSCRIBE and UNSUBSCRIBE

for (const version of [3, 4, 5]) {
	const topics = ["#", "a/+/c", "$share/g/температура"];
	vector(
		"SUBSCRIBE",
		"subscribe",
		[version, 10, topics.map((topic, qos) => ({ topic, qos })), 3],
		{ cmd: "subscribe", messageId: 10, subscriptions: topics.map((topic, qos) => ({ topic, qos })) },
		version,
	);
	vector(
		"SUBSCRIBE, some of a list",
		"subscribe",
		[version, 65_535, topics.map((topic) => ({ topic })), 2],
		{ cmd: "subscribe", messageId: 65_535, subscriptions: topics.slice(0, 2).map((topic) => ({ topic, qos: 0 })) },
		version,
	);
	vector(
		"UNSUBSCRIBE",
		"unsubscribe",
		[version, 10, topics.map((topic) => ({ topic })), 3],
		{ cmd: "unsubscribe", messageId: 10, unsubscriptions: topics },
		version,
	);
	vector(
		"UNSUBSCRIBE of bytes",
		"unsubscribe",
		[version, 10, [{ topic: { hex: Buffer.from("x/ß").toString("hex") } }], 1],
		{ cmd: "unsubscribe", messageId: 10, unsubscriptions: ["x/ß"] },
		version,
	);
	const rest = 2 + (version === 5 ? 1 : 0) + 2;
	for (const length of [127, 128, 16_383, 16_384]) {
		vector(
			`SUBSCRIBE of ${length} bytes`,
			"subscribe",
			[version, 1, [{ topic: long(length - rest - 1), qos: 2 }], 1],
			{ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: grown(length - rest - 1), qos: 2 }] },
			version,
		);
		vector(
			`UNSUBSCRIBE of ${length} bytes`,
			"unsubscribe",
			[version, 1, [{ topic: long(length - rest) }], 1],
			{ cmd: "unsubscribe", messageId: 1, unsubscriptions: [grown(length - rest)] },
			version,
		);
	}
	// The options of 5.0 have no place in the other versions.
	for (const noLocal of [false, true])
		for (const retainAsPublished of [false, true])
			for (const retainHandling of [0, 1, 2])
				vector(
					`SUBSCRIBE, options ${noLocal} ${retainAsPublished} ${retainHandling}`,
					"subscribe",
					[version, 1, [{ topic: "t", qos: 1, noLocal, retainAsPublished, retainHandling }], 1],
					{
						cmd: "subscribe",
						messageId: 1,
						subscriptions: [{ topic: "t", qos: 1, nl: noLocal, rap: retainAsPublished, rh: retainHandling }],
					},
					version,
				);
}
forEachValues(subscribeValues, (name, ours, theirs) =>
	vector(
		`SUBSCRIBE with ${name}`,
		"subscribe",
		[5, 1, [{ topic: "t" }], 1, ours],
		{ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "t", qos: 0 }], properties: theirs },
		5,
	),
);
vector(
	"UNSUBSCRIBE with userProp",
	"unsubscribe",
	[5, 1, [{ topic: "t" }], 1, { userProp: allUserProp }],
	{ cmd: "unsubscribe", messageId: 1, unsubscriptions: ["t"], properties: { userProperties: theirUserProp } },
	5,
);

// The rest

vector("PINGREQ", "pingreq", [], { cmd: "pingreq" }, 4);
for (const version of [3, 4]) vector("DISCONNECT", "disconnect", [version, 0], { cmd: "disconnect" }, version);
forEachValues(disconnectValues, (name, ours, theirs) => {
	for (const reasonCode of [0, 4, 0x82])
		vector(
			`DISCONNECT, ${reasonCode} with ${name}`,
			"disconnect",
			[5, reasonCode, ours],
			{ cmd: "disconnect", reasonCode, properties: theirs },
			5,
		);
});
for (const reasonCode of [0x18, 0x19]) vector(`AUTH, ${reasonCode}`, "auth", [reasonCode], { cmd: "auth", reasonCode }, 5);
forEachValues(authValues, (name, ours, theirs) => {
	for (const reasonCode of [0, 0x18, 0x19])
		vector(`AUTH, ${reasonCode} with ${name}`, "auth", [reasonCode, ours], { cmd: "auth", reasonCode, properties: theirs }, 5);
});

process.stdout.write(`${JSON.stringify({ vectors })}\n`);
