/* Every function of the door, wherever a client is: the errno that its docstring says, and no exception. */
import {
	EAGAIN,
	EALREADY,
	EBUSY,
	ECONNABORTED,
	EINVAL,
	EISCONN,
	ENOENT,
	ENOTCONN,
	type MqttClient,
	mqttAbort,
	mqttAuth,
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
import Timer from "timer";
import { Door, message } from "./door";
import { bytesOf, connack, disconnect, publish, text } from "./wire";

const METHOD = `15${text("M")}`;
const prop = { authMethod: "M" };
const buffer = new Uint8Array(4);
const list = [{ topic: "t" }];

/** Where a client can be. */
const STATES = ["new", "connecting", "connected", "telling", "reading", "closing", "failing", "waiting", "ended", "ending"] as const;
type State = (typeof STATES)[number];

/** The loop goes round, and what ended is let go of. */
const turn = () => new Promise<void>((resolve) => Timer.set(() => resolve(), 1));

/** Brings a client there, calls something once, and leaves. */
async function at(state: State, options: Partial<MqttClient>, call: (client: MqttClient) => number): Promise<number> {
	const door = new Door(5, { prop, reconnect: state === "waiting" ? { minMs: 60_000 } : false, ...options });
	const { client } = door;
	let result = 1;
	const inside = () => {
		door.hear = () => {};
		result = call(client);
	};
	const accepted = connack(5, 0, 0, METHOD);
	if (state === "new") {
		const outcome = call(client);
		mqttAbort(client);
		await turn();
		return outcome;
	}
	if (state === "ended") {
		door.begin();
		door.come(accepted);
		mqttDisconnect(client);
		door.turn();
		door.heard();
		const outcome = call(client);
		mqttAbort(client);
		await turn();
		return outcome;
	}
	door.begin();
	if (state === "telling") {
		door.hear = inside;
		door.come(accepted);
	} else if (state !== "connecting") door.come(accepted);
	if (state === "reading") {
		door.reads = false;
		door.come(publish(5, { topic: "t", payload: "abcdefgh" }));
	} else if (state === "closing" || state === "failing") {
		door.transport.room = 0;
		if (state === "closing") equal(mqttDisconnect(client), 0);
		else door.come(accepted);
		door.turn();
	} else if (state === "waiting") door.close();
	else if (state === "ending") {
		door.hear = inside;
		door.close();
	}
	door.heard();
	if (result === 1) result = call(client);
	mqttAbort(client);
	door.transport.room = 1000;
	door.turn();
	equal(mqttDisconnect(client), -ENOTCONN);
	await turn();
	return result;
}

/** What a function gives, by state; "else" for all others. */
type Row = Partial<Record<State | "else", number>>;

const connected = (given: number): Row => ({ connected: given, telling: given, reading: given, else: -ENOTCONN });
const active: Row = { new: -ENOTCONN, closing: -ENOTCONN, ended: -ENOTCONN, ending: -ENOTCONN, else: 0 };
const store = () => ({ store: new Uint8Array(200) });

const rows: [string, Partial<MqttClient>, (client: MqttClient) => number, Row][] = [
	[
		"mqttConnect",
		{},
		mqttConnect,
		{ new: 0, ended: 0, ending: 0, connected: -EISCONN, telling: -EISCONN, reading: -EISCONN, else: -EALREADY },
	],
	["mqttPublish, QoS 0", {}, (client) => mqttPublish(client, message("t")), connected(0)],
	["mqttPublish, QoS 1", {}, (client) => mqttPublish(client, message("t", "", 1)), connected(0)],
	["mqttPublish, QoS 0, with a store", store(), (client) => mqttPublish(client, message("t")), { new: -ENOTCONN, else: 0 }],
	["mqttPublish, QoS 2, with a store", store(), (client) => mqttPublish(client, message("t", "", 2)), { new: -ENOTCONN, else: 0 }],
	[
		"mqttPublish, QoS 2, with a store but no queue",
		{ ...store(), offlineQueue: false },
		(client) => mqttPublish(client, message("t", "", 2)),
		connected(0),
	],
	["mqttPublishQos1Ack", {}, (client) => mqttPublishQos1Ack(client, { messageId: 1 }), connected(-EALREADY)],
	["mqttPublishQos1Ack, manual", { autoAck: false }, (client) => mqttPublishQos1Ack(client, { messageId: 1 }), connected(0)],
	["mqttPublishQos2Receive", {}, (client) => mqttPublishQos2Receive(client, { messageId: 1 }), connected(-EALREADY)],
	["mqttPublishQos2Receive, manual", { autoAck: false }, (client) => mqttPublishQos2Receive(client, { messageId: 1 }), connected(0)],
	["mqttPublishQos2Release", {}, (client) => mqttPublishQos2Release(client, { messageId: 1 }), connected(-EALREADY)],
	[
		"mqttPublishQos2Release, manual, with a store",
		{ autoAck: false, ...store() },
		(client) => mqttPublishQos2Release(client, { messageId: 1 }),
		connected(-ENOENT),
	],
	["mqttPublishQos2Release, manual", { autoAck: false }, (client) => mqttPublishQos2Release(client, { messageId: 1 }), connected(0)],
	["mqttPublishQos2Complete", {}, (client) => mqttPublishQos2Complete(client, { messageId: 1 }), connected(-EALREADY)],
	[
		"mqttPublishQos2Complete, manual",
		{ autoAck: false },
		(client) => mqttPublishQos2Complete(client, { messageId: 1 }),
		connected(-ENOENT),
	],
	["mqttSubscribe", {}, (client) => mqttSubscribe(client, { list }), connected(0)],
	["mqttUnsubscribe", {}, (client) => mqttUnsubscribe(client, { list }), connected(0)],
	["mqttPing", {}, mqttPing, connected(0)],
	["mqttDisconnect", {}, (client) => mqttDisconnect(client), active],
	["mqttAbort", {}, mqttAbort, { ...active, closing: 0 }],
	["mqttAuth", {}, (client) => mqttAuth(client, { reasonCode: 0x19, prop }), { connecting: -EALREADY, ...connected(0) }],
	["mqttLive", {}, mqttLive, connected(-EAGAIN)],
	["mqttKeepaliveTimeLeft", {}, (client) => Math.sign(mqttKeepaliveTimeLeft(client)), { ...connected(1), else: -1 }],
	["mqttReconnectTimeLeft", {}, (client) => Math.sign(mqttReconnectTimeLeft(client)), { waiting: 1, else: -1 }],
	[
		"mqttInput",
		{},
		mqttInput,
		{ new: -ENOTCONN, ended: -ENOTCONN, waiting: -ENOTCONN, ending: -ENOTCONN, telling: -EBUSY, reading: -EBUSY, failing: -71, else: 0 },
	],
	[
		"mqttReadPublishPayload",
		{},
		(client) => mqttReadPublishPayload(client, buffer, 3),
		{ new: -ENOTCONN, ended: -ENOTCONN, waiting: -ENOTCONN, ending: -ENOTCONN, reading: 3, else: 0 },
	],
	[
		"mqttReadallPublishPayload",
		{},
		(client) => mqttReadallPublishPayload(client, buffer, 3),
		{ new: -ENOTCONN, ended: -ENOTCONN, waiting: -ENOTCONN, ending: -ENOTCONN, reading: 0, else: -EINVAL },
	],
];

for (const [name, options, call, row] of rows)
	test(name, async () => {
		for (const state of STATES) equal(await at(state, options, call), row[state] ?? row.else ?? 0, state);
	});

test("mqttAbort ends a DISCONNECT that does not get out, and tells what it did", () => {
	const door = new Door(4).open();
	door.transport.room = 0;
	equal(mqttDisconnect(door.client), 0);
	door.turn();
	equal(mqttAbort(door.client), 0);
	door.turn();
	equal(door.heard(), `disconnect ${-ECONNABORTED}`);
});

test("a DISCONNECT of a fault that does not get out, and mqttDisconnect: the fault is told", () => {
	const door = new Door(5, { reconnect: true }).open();
	door.transport.room = 0;
	door.come(connack(5));
	equal(mqttDisconnect(door.client), 0);
	door.transport.room = 1000;
	equal(door.turn(), disconnect(0x82));
	equal(door.heard(), "disconnect -71");
	equal(mqttDisconnect(door.client), -ENOTCONN);
	equal(door.transports.length, 1);
});

test("the app reads a payload that was told before the connection was found lost", async () => {
	const door = new Door(4);
	door.reads = false;
	door.open();
	door.transport.give(bytesOf(publish(4, { topic: "t", payload: "abc" })));
	door.hear = () => {
		door.hear = () => {};
		equal(mqttReadallPublishPayload(door.client, buffer, 3), 0);
		door.told.push(String.fromArrayBuffer(buffer.slice(0, 3).buffer as ArrayBuffer));
	};
	door.close();
	ok(door.heard().startsWith("abc, publish t 0 0 3, disconnect"));
});
