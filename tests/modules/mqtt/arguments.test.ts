/* Arguments that cannot be: every function of the door gives a negative errno with words, changes nothing, and never throws. */
import {
	EALREADY,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	ENOTSUP,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	MQTT_TRANSPORT_SECURE,
	type MqttAckParam,
	type MqttClient,
	type MqttPublishParam,
	type MqttReasonParam,
	type MqttSubscriptionList,
	mqttAbort,
	mqttAuth,
	mqttClientInit,
	mqttConnect,
	mqttDisconnect,
	mqttInput,
	mqttKeepaliveTimeLeft,
	mqttLive,
	mqttPing,
	mqttPublish,
	mqttPublishQos1Ack,
	mqttPublishQos2Complete,
	mqttPublishQos2Receive,
	mqttPublishQos2Release,
	mqttReadallPublishPayload,
	mqttReadPublishPayload,
	mqttReconnectTimeLeft,
	mqttSubscribe,
	mqttUnsubscribe,
} from "mqtt";
import { equal, ok, test } from "test";
import { Door, message } from "./door";
import { clientOf } from "./fake";
import { asciiOf, bytesOf, text } from "./wire";

const big = 2 ** 32;
const nothings: unknown[] = [undefined, null];
const numbers: unknown[] = [NaN, -1, big, Infinity, 0.5, -0.5];
const others: unknown[] = ["", "x", true, Symbol("s"), 1n, [], [undefined], {}, () => 0];
const views: unknown[] = [
	new ArrayBuffer(40),
	new Int8Array(40),
	new Uint16Array(40),
	new DataView(new ArrayBuffer(40)),
	new Uint8ClampedArray(40),
];
const junk = [...nothings, ...numbers, ...others, ...views];

const words = (value: unknown) => (typeof value === "symbol" || typeof value === "bigint" ? typeof value : String(value));

/** Changes what is at a path of an object, for the length of a call. */
function withValue<T>(record: object, path: string, value: unknown, call: () => T): T {
	const names = path.split(".");
	let at = record as Record<string, unknown>;
	for (let i = 0; i < names.length - 1; i++) at = at[names[i] as string] as Record<string, unknown>;
	const name = names[names.length - 1] as string;
	const had = name in at;
	const before = at[name];
	at[name] = value;
	const result = call();
	if (had) at[name] = before;
	else delete at[name];
	return result;
}

const calls: [string, (client: MqttClient) => number][] = [
	["mqttConnect", mqttConnect],
	["mqttPublish", (client) => mqttPublish(client, message("t"))],
	["mqttPublishQos1Ack", (client) => mqttPublishQos1Ack(client, { messageId: 1 })],
	["mqttPublishQos2Receive", (client) => mqttPublishQos2Receive(client, { messageId: 1 })],
	["mqttPublishQos2Release", (client) => mqttPublishQos2Release(client, { messageId: 1 })],
	["mqttPublishQos2Complete", (client) => mqttPublishQos2Complete(client, { messageId: 1 })],
	["mqttSubscribe", (client) => mqttSubscribe(client, { list: [{ topic: "t" }] })],
	["mqttUnsubscribe", (client) => mqttUnsubscribe(client, { list: [{ topic: "t" }] })],
	["mqttPing", mqttPing],
	["mqttDisconnect", (client) => mqttDisconnect(client)],
	["mqttAuth", (client) => mqttAuth(client, { reasonCode: 0x19 })],
	["mqttAbort", mqttAbort],
	["mqttLive", mqttLive],
	["mqttKeepaliveTimeLeft", mqttKeepaliveTimeLeft],
	["mqttReconnectTimeLeft", mqttReconnectTimeLeft],
	["mqttInput", mqttInput],
	["mqttReadPublishPayload", (client) => mqttReadPublishPayload(client, new Uint8Array(1), 1)],
	["mqttReadallPublishPayload", (client) => mqttReadallPublishPayload(client, new Uint8Array(1), 1)],
];

for (const [name, call] of calls)
	test(`${name} of no client`, () => {
		for (const value of [...junk, Object.freeze({}), Object.preventExtensions({})]) ok(call(value as MqttClient) < 0, words(value));
		for (const internal of [{}, { connection: {} }, 5, "x", []]) {
			const result = call({ ...clientOf(4), internal, clientId: undefined } as unknown as MqttClient);
			ok(result < 0, words(internal));
		}
	});

test("mqttClientInit of anything", () => {
	for (const value of [...junk, Object.freeze({})]) mqttClientInit(value as MqttClient);
	const client = {} as MqttClient;
	mqttClientInit(client);
	equal(client.protocolVersion, 4);
	equal(client.keepalive, 60);
	equal(client.failure, "");
});

/** By the field of a client: what is refused, and after which change of the record. */
const whole = (least: number, most: number) => [...numbers, ...others, least - 1, most + 1, null];
const fields: [string, unknown[], Partial<MqttClient>?][] = [
	["protocolVersion", [...whole(3, 5), 0].filter((value) => value !== null)],
	["rxBuf", [...junk, new Uint8Array(31)]],
	["txBuf", [...junk, new Uint8Array(31)]],
	["clientId", [...nothings, ...numbers, true, [], {}, ...views, "\ud800", "a\0"]],
	["userName", [null, ...numbers, true, [], {}, ...views, "\udfff", "a\0"]],
	["password", [null, ...numbers, true, [], {}, ...views, "\ud800", "a\0"], { userName: "u" }],
	["keepalive", whole(0, 65535).filter((value) => value !== null)],
	["cleanSession", whole(0, 1).filter((value) => value !== null)],
	["willRetain", whole(0, 1)],
	["evtCb", junk.filter((value) => typeof value !== "function")],
	["onReadable", junk.filter((value) => typeof value !== "function" && value !== undefined)],
	["onWritable", junk.filter((value) => typeof value !== "function" && value !== undefined)],
	["onPayload", junk.filter((value) => typeof value !== "function" && value !== undefined)],
	["inflightMaximum", whole(1, 65535)],
	["incomingMaximum", whole(1, 65535)],
	["autoAck", [null, ...numbers, "x", [], {}]],
	["offlineQueue", [null, ...numbers, "x", [], {}]],
	["resubscribe", [null, ...numbers, "x", [], {}]],
	["reconnect", [null, ...numbers, "x", () => 0, { minMs: 0 }, { minMs: 5, maxMs: 4 }, { maxMs: big }, { minMs: NaN }, { minMs: null }]],
	["pingrespTimeout", [null, NaN, -2, big, 0.5, "1", {}]],
	["connackTimeout", [null, NaN, -2, big, 0.5, "1", {}]],
	["inflightMaximum", whole(1, 65535)],
	["store", [null, ...numbers, ...others, ...views]],
	["willTopic", [null, ...numbers, ...others, ...views, { topic: 5 }, { topic: "t", qos: 3 }, { topic: "t", qos: "1" }]],
	["willTopic", ["", "a/+", "#", "a\0", "\ud800", bytesOf("ff")].map((topic) => ({ topic }))],
	["willMessage", [null, ...numbers, {}, ...views, "\ud800"], { willTopic: { topic: "t" } }],
	["willMessage", ["x"]],
	["broker", [...junk, { host: "" }, { host: 5 }, { host: "h", port: 0 }, { host: "h", port: 65536 }, { host: "h", port: "80" }]],
	[
		"transport",
		[...junk, { type: 4 }, { type: 5, open: () => 0 }, { type: -1, open: () => 0 }, { type: "4", open: () => 0 }, { type: 4, open: {} }],
	],
	[
		"transport",
		[undefined, null, {}, { over: 5 }, { over: class {} }, { over: class {}, config: {} }].map((websocket) => ({
			type: MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
			open: () => 0,
			websocket,
		})),
	],
	[
		"transport",
		[
			{
				type: MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
				open: () => 0,
				websocket: { over: class {}, config: { tmpBuf: new Uint8Array(9) }, timeout: NaN },
			},
		],
	],
	["prop", [{}, { receiveMaximum: 1 }]],
];
const five: [string, unknown[], Partial<MqttClient>?][] = [
	["prop", ["x", 5, true, { receiveMaximum: 0 }, { sessionExpiryInterval: -1 }, { nothing: 1 }, { reasonString: "x" }, { topicAlias: 1 }]],
	[
		"prop",
		[
			{ authData: bytesOf("01") },
			{ userProp: [["a"]] },
			{ userProp: "ab" },
			{ authMethod: 5 },
			{ maximumPacketSize: NaN },
			{ userProp: [["a", "\ud800"]] },
		],
	],
	["topicAliasBuf", [...junk, new Uint8Array(5)], { prop: { topicAliasMaximum: 2 } }],
	["willProp", [null, "x", 5, { receiveMaximum: 1 }, { responseTopic: "#" }, { willDelayInterval: -1 }], { willTopic: { topic: "t" } }],
];

for (const [v, table] of [
	[4, fields],
	[5, [...fields.filter(([name]) => name !== "prop"), ...five]],
] as const)
	for (const [name, values, more] of table)
		test(`${v === 4 ? "3.1.1" : "5.0"}: a client's ${name}`, () => {
			let opened = 0;
			const client = clientOf(v, more);
			client.transport.open = () => {
				opened++;
				throw new Error("no");
			};
			for (const value of values) {
				const result = withValue(client, name, value, () => mqttConnect(client));
				equal(result, -EINVAL, words(value));
				ok(client.failure?.startsWith(name), `${words(value)}: ${client.failure}`);
			}
			equal(opened, 0);
		});

test("CONNECT that does not fit", () => {
	const client = clientOf(4, { clientId: "x".repeat(200) });
	equal(mqttConnect(client), -EMSGSIZE);
	ok(client.failure?.startsWith("txBuf"));
	client.clientId = "x".repeat(70000);
	equal(mqttConnect(client), -EMSGSIZE);
	equal(mqttConnect(clientOf(4, { clientId: "", cleanSession: 0 })), -EINVAL);
	equal(mqttConnect(clientOf(4, { password: "p" })), -EINVAL);
	equal(mqttConnect(clientOf(4, { transport: { type: MQTT_TRANSPORT_SECURE, open: () => undefined as never } })), -5);
});

/** A client that is connected, to which wrong arguments do nothing. */
function connected(
	v: number,
	options: Partial<MqttClient> = {},
): { client: MqttClient; wrong: (call: () => number, name: string, word: string, error?: number) => void } {
	const door = new Door(v, options).open();
	const { client } = door;
	return {
		client,
		wrong: (call, name, word, error = -EINVAL) => {
			client.failure = "";
			equal(call(), error, `${name}: ${client.failure}`);
			ok(client.failure?.includes(word), `${name}: ${client.failure}`);
			equal(door.turn(), "", name);
			equal(door.heard(), "", name);
		},
	};
}

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";

	test(`${name}: mqttPublish`, () => {
		for (const options of [{}, { store: new Uint8Array(100) }]) {
			const { client, wrong } = connected(v, options);
			const param: MqttPublishParam = { message: { topic: { topic: "t", qos: 1 }, payload: { data: asciiOf("p"), len: 1 } } };
			const refuse = (path: string, values: unknown[], word: string) => {
				for (const value of values)
					wrong(() => withValue(param, path, value, () => mqttPublish(client, param)), `${path} ${words(value)}`, word);
			};
			for (const value of junk) wrong(() => mqttPublish(client, value as MqttPublishParam), words(value), "param");
			refuse(
				"message",
				junk.filter((value) => typeof value !== "object" || value === null),
				"param",
			);
			refuse("message.topic", junk, "topic");
			refuse(
				"message.topic.topic",
				[...nothings, ...numbers, true, [], {}, ...views, "", "+", "a/#", "\0", "\ud800", bytesOf("ff")],
				"topic",
			);
			refuse("message.topic.qos", [null, ...numbers, 3, "1"], "qos");
			refuse("message.payload", junk, "payload");
			refuse(
				"message.payload.data",
				junk.filter((value) => typeof value !== "function"),
				"payload",
			);
			refuse("message.payload.len", [...numbers, 2, "1", {}, 10n, Symbol()], "payload");
			refuse("messageId", [null, ...numbers, 65536, "1", {}, 10n], "messageId");
			refuse("dupFlag", [null, ...numbers, 2, "1", true], "dupFlag");
			refuse("retainFlag", [null, ...numbers, 2, "1", true], "retainFlag");
			refuse(
				"prop",
				[null, 5, "x", v === 5 ? { nothing: 1 } : {}, { sessionExpiryInterval: 1 }, { topicAlias: 0 }, { responseTopic: "+" }],
				"prop",
			);
			param.message.payload = { data: () => 1 };
			wrong(() => mqttPublish(client, param), "a function without a length", "payload");
			for (const len of [268_435_456, -1, NaN]) {
				param.message.payload.len = len;
				wrong(() => mqttPublish(client, param), "a length of no packet", "payload");
			}
			param.message.payload.len = 268_435_455;
			ok(mqttPublish(client, param) < 0, "there is no room for topic and identifier in such a packet");
		}
	});

	test(`${name}: mqttSubscribe and mqttUnsubscribe`, () => {
		for (const call of [mqttSubscribe, mqttUnsubscribe]) {
			const { client, wrong } = connected(v);
			const param: MqttSubscriptionList = { list: [{ topic: "t", qos: 1 }, { topic: "u" }], listCount: 2 };
			const refuse = (path: string, values: unknown[], word: string) => {
				for (const value of values) wrong(() => withValue(param, path, value, () => call(client, param)), `${path} ${words(value)}`, word);
			};
			for (const value of junk) wrong(() => call(client, value as MqttSubscriptionList), words(value), "param");
			refuse(
				"list",
				junk.filter((value) => !Array.isArray(value)),
				"param",
			);
			refuse("list", [[], new Array(3)], "list");
			refuse("listCount", [null, ...numbers, 0, 3, "1"], "listCount");
			refuse("messageId", [null, ...numbers, 65536, "1"], "messageId");
			refuse("list.1", junk, "list[1]");
			refuse(
				"list.0.topic",
				[
					...nothings,
					...numbers,
					true,
					[],
					{},
					...views,
					"",
					"a#",
					"#/a",
					"a+/b",
					"\0",
					"\ud800",
					bytesOf("ff"),
					"$share/",
					"$share/a",
					"$share//a",
					"$share/+/a",
				],
				"list[0]",
			);
			if (call === mqttSubscribe) {
				refuse("list.0.qos", [null, ...numbers, 3, "1"], "qos");
				refuse("list.0.noLocal", v === 5 ? [null, 0, 1, "x"] : [true, false, 1], "noLocal");
				refuse("list.0.retainAsPublished", v === 5 ? [null, 0, 1, "x"] : [true, false, 1], "retainAsPublished");
				refuse("list.0.retainHandling", v === 5 ? [null, ...numbers, 3, "1"] : [0, 1], "retainHandling");
				if (v === 5) refuse("list.0", [{ topic: "$share/a/b", noLocal: true }], "noLocal");
			}
			refuse("prop", [null, 5, "x", v === 5 ? { nothing: 1 } : {}, { subscriptionIdentifier: 0 }, { receiveMaximum: 1 }], "prop");
			wrong(() => call(client, { list: [{ topic: "x".repeat(65536) }] }), "a long topic", "topic");
			wrong(() => call(client, { list: [{ topic: "x".repeat(200) }] }), "a topic longer than txBuf", "txBuf", -EMSGSIZE);
		}
	});

	test(`${name}: acknowledgements`, () => {
		for (const call of [mqttPublishQos1Ack, mqttPublishQos2Receive, mqttPublishQos2Release, mqttPublishQos2Complete]) {
			const { client, wrong } = connected(v, { autoAck: false });
			const param: MqttAckParam = { messageId: 1 };
			const refuse = (path: string, values: unknown[], word: string) => {
				for (const value of values) wrong(() => withValue(param, path, value, () => call(client, param)), `${path} ${words(value)}`, word);
			};
			for (const value of junk) wrong(() => call(client, value as MqttAckParam), words(value), "messageId");
			refuse("messageId", [...junk, 0, 65536], "messageId");
			refuse("reasonCode", [null, ...numbers, "x", {}, 1, 0x81, 0x8d, 255], "reasonCode");
			refuse("prop", [null, 5, "x", v === 5 ? { nothing: 1 } : {}, { topicAlias: 1 }, { reasonString: 5 }], "prop");
			// Only a server knows that nobody has subscribed (5.0 §3.4.2.1, §3.5.2.1).
			refuse("reasonCode", v === 4 ? [0x10, 0x92] : [0x10], "reasonCode");
		}
	});

	test(`${name}: mqttDisconnect and mqttAuth`, () => {
		const { client, wrong } = connected(v);
		const disconnect = (param: unknown) => () => mqttDisconnect(client, param as MqttReasonParam);
		for (const value of junk.filter((one) => one !== undefined && (typeof one !== "object" || one === null)))
			wrong(disconnect(value), words(value), "param");
		for (const reasonCode of [null, ...numbers, "x", 1, 0x8d, 0x87, 256])
			wrong(disconnect({ reasonCode }), words(reasonCode), "reasonCode");
		if (v === 4) wrong(disconnect({ reasonCode: 4 }), "4", "reasonCode");
		for (const prop of [
			null,
			5,
			"x",
			v === 5 ? { nothing: 1 } : {},
			{ topicAlias: 1 },
			{ serverReference: "x" },
			{ sessionExpiryInterval: 5 },
		])
			wrong(disconnect({ prop }), words(prop), "prop");
		const auth = (param: unknown) => () => mqttAuth(client, param as MqttReasonParam);
		if (v === 4) {
			equal(auth({ reasonCode: 0x19 })(), -ENOTSUP);
			return;
		}
		for (const value of junk.filter((one) => typeof one !== "object" || one === null)) wrong(auth(value), words(value), "param");
		for (const reasonCode of [...nothings, ...numbers, "x", 0, 1, 0x8d]) wrong(auth({ reasonCode }), words(reasonCode), "reasonCode");
		for (const prop of [...nothings, 5, "x", { nothing: 1 }, { authData: bytesOf("01") }, { authMethod: "N" }])
			wrong(auth({ reasonCode: 0x19, prop }), words(prop), "prop");
	});

	test(`${name}: reading a payload`, () => {
		const { client } = connected(v);
		for (const call of [mqttReadPublishPayload, mqttReadallPublishPayload]) {
			for (const value of junk) equal(call(client, value as Uint8Array, 1), -EINVAL, words(value));
			for (const value of [...junk, 5]) equal(call(client, new Uint8Array(4), value as number), -EINVAL, words(value));
		}
	});
}

test("5.0: mqttAuth wants the method that the client began with", () => {
	const door = new Door(5, { prop: { authMethod: "M" } });
	door.begin();
	door.accept(0, `15${text("M")}`);
	equal(mqttAuth(door.client, { reasonCode: 0x19, prop: { authMethod: "N" } }), -EINVAL);
	ok(door.client.failure?.includes("authMethod"));
	equal(mqttAuth(door.client, { reasonCode: 0x19, prop: { authMethod: "M", authData: new Uint8Array(200) } }), -EMSGSIZE);
	ok(door.client.failure?.includes("txBuf"));
	equal(mqttAuth(door.client, { reasonCode: 0x18, prop: { authMethod: "M" } }), -EINVAL);
	ok(door.client.failure?.startsWith("reasonCode"));
	equal(mqttAuth(door.client, { reasonCode: 0x19, prop: { authMethod: asciiOf("M") } }), 0);
	equal(mqttAuth(door.client, { reasonCode: 0x19, prop: { authMethod: "M" } }), -EALREADY);
	ok(door.client.failure?.startsWith("reasonCode"));
});

test("5.0: what the server does not have", () => {
	const door = new Door(5).open(0, "280029002a00");
	const subscribe = (topic: string, prop = {}) => mqttSubscribe(door.client, { list: [{ topic }], prop });
	equal(subscribe("a/+"), -ENOTSUP);
	equal(subscribe("$share/a/b"), -ENOTSUP);
	equal(subscribe("a", { subscriptionIdentifier: 1 }), -ENOTSUP);
	ok(door.client.failure);
	equal(subscribe("a"), 0);
	equal(mqttUnsubscribe(door.client, { list: [{ topic: "a/+" }] }), 0);
});

test("words of an earlier failure are not those of the next one", () => {
	const door = new Door(4).open();
	equal(mqttPublish(door.client, message("+")), -EINVAL);
	ok(door.client.failure?.startsWith("topic"));
	mqttDisconnect(door.client);
	door.turn();
	equal(mqttPublish(door.client, message("t")), -ENOTCONN);
	ok(!door.client.failure?.startsWith("topic"), door.client.failure);
});
