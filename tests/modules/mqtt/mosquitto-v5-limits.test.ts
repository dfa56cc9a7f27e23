/* What 5.0 lets a broker and a client say of themselves and of a session, against mosquitto. */
import {
	EAGAIN,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EINVAL,
	EMSGSIZE,
	ENOTSUP,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBLISH,
	MQTT_REASON_BAD_AUTHENTICATION_METHOD,
	MQTT_REASON_QOS_NOT_SUPPORTED,
	MQTT_REASON_RETAIN_NOT_SUPPORTED,
	MQTT_REASON_SERVER_SHUTTING_DOWN,
	MQTT_REASON_SESSION_TAKEN_OVER,
	MQTT_VERSION_5_0,
	type MqttPublishParam,
	mqttAbort,
	mqttConnect,
	mqttKeepaliveTimeLeft,
	mqttPublish,
	mqttPublishQos1Ack,
	mqttSubscribe,
} from "mqtt";
import { deepEqual, equal, ok, test } from "test";
import { App, lineOf, nameOf, portNameOf, ports, type Way } from "./app";
import { ask } from "./peer";

const ways: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: true, kind: "socket" },
];

for (const way of ways) {
	const name = nameOf(way);
	const root = portNameOf(way);
	const npm = `npm ${name}`;
	const version = { protocolVersion: MQTT_VERSION_5_0 };
	const app = (options: Partial<App["client"]> = {}, shared = true) => new App(way, ports[root], { ...version, ...options }, shared);
	const limited = (options: Partial<App["client"]> = {}) => new App(way, ports[portNameOf(way, "second")], { ...version, ...options });
	const message = (topic: string, qos: number, length: number): MqttPublishParam => ({
		message: { topic: { topic, qos }, payload: { data: new Uint8Array(length) } },
	});
	/** The CONNACK that does not connect: its result and code. */
	const refused = async (device: App) => {
		equal(mqttConnect(device.client), 0, device.client.failure);
		const { result, returnCode } = await device.next(MQTT_EVT_CONNACK);
		equal((await device.next(MQTT_EVT_DISCONNECT)).result, -ECONNREFUSED);
		return `${result} ${returnCode}`;
	};

	/** The end that the broker made, and why it did, if it says so: mosquitto 2.0.11 does not. */
	const ended = async (device: App, reason: number) => {
		const { result, reasonCode } = await device.next(MQTT_EVT_DISCONNECT);
		equal(`${result} ${reasonCode}`, reasonCode ? `-${ECONNABORTED} ${reason}` : `-${ECONNRESET} 0`);
	};

	test(`${name}: a name that the broker gives`, async () => {
		const device = app({ clientId: "" });
		const { prop } = await device.connect();
		ok(prop.assignedClientId && prop.assignedClientId.length > 20, String(prop.assignedClientId));
		await device.disconnect();
		const named = app();
		equal((await named.connect()).prop.assignedClientId, undefined);
		await named.disconnect();
	});

	test(`${name}: how many messages the broker takes at a time`, async () => {
		const device = app({ txBuf: new Uint8Array(4096) });
		const { prop } = await device.connect();
		equal(prop.receiveMaximum, 20);
		const param = message(`${root}/many`, 1, 8);
		const send = () => {
			param.messageId = 0;
			return mqttPublish(device.client, param);
		};
		for (let i = 0; i < 20; i++) equal(send(), 0, device.client.failure);
		equal(send(), -EAGAIN);
		await device.next(MQTT_EVT_PUBACK);
		equal(send(), 0);
		for (let i = 0; i < 20; i++) equal((await device.next(MQTT_EVT_PUBACK)).result, 0);
		await device.disconnect();
	});

	test(`${name}: how many messages the client takes at a time`, async () => {
		// Of more than one, mosquitto 2.0.11 sends more than so many, once messages wait.
		const device = app({ autoAck: false, prop: { receiveMaximum: 1 } });
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/few`, qos: 1 }]), "1");
		for (let i = 0; i < 4; i++) await ask("pub", { port: "tcp", args: ["-t", `${root}/few`, "-q", "1", "-m", String(i)] });
		await ask("pub", { port: "tcp", args: ["-t", `${root}/few`, "-m", "not counted"] });
		let { payload, messageId } = await device.next(MQTT_EVT_PUBLISH);
		equal(payload, "0");
		equal(await device.message(), `${root}/few 0 0 not counted`);
		for (const text of ["1", "2", "3"]) {
			equal(device.waiting(MQTT_EVT_PUBLISH), 0);
			equal(mqttPublishQos1Ack(device.client, { messageId }), 0);
			({ payload, messageId } = await device.next(MQTT_EVT_PUBLISH));
			equal(payload, text);
		}
		equal(mqttPublishQos1Ack(device.client, { messageId }), 0);
		await device.disconnect();
	});

	test(`${name}: how long a packet may be`, async () => {
		const device = app({ prop: { maximumPacketSize: 200 } });
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/size`, qos: 1 }]), "1");
		await device.publish(`${root}/size`, "x".repeat(300), 1);
		await device.publish(`${root}/size`, "short", 1);
		equal(await device.message(), `${root}/size 1 0 short`);
		await device.disconnect();
		const other = limited({ txBuf: new Uint8Array(4096) });
		equal((await other.connect()).prop.maximumPacketSize, 2000);
		equal(mqttPublish(other.client, message("size", 1, 2000)), -EMSGSIZE);
		const list = ["a", "b", "c"].map((letter) => ({ topic: letter.repeat(700) }));
		equal(mqttSubscribe(other.client, { list }), -EMSGSIZE);
		equal(mqttSubscribe(other.client, { list, listCount: 2 }), 0);
		equal(mqttPublish(other.client, message("size", 1, 1980)), 0, other.client.failure);
		equal((await other.next(MQTT_EVT_PUBACK)).result, 0);
		await other.disconnect();
	});

	test(`${name}: what the broker does not have`, async () => {
		const device = limited();
		const { prop } = await device.connect();
		equal(prop.maximumQos, 1);
		equal(prop.retainAvailable, 0);
		equal(prop.topicAliasMaximum, undefined);
		equal(mqttPublish(device.client, message("x", 2, 1)), -ENOTSUP);
		equal(mqttPublish(device.client, { ...message("x", 1, 1), retainFlag: 1 }), -ENOTSUP);
		equal(mqttPublish(device.client, { ...message("x", 1, 1), prop: { topicAlias: 1 } }), -EINVAL);
		equal((await device.publish("x", "y", 1))?.result, 0);
		equal(await device.subscribe([{ topic: "x", qos: 2 }]), "1");
		await device.disconnect();
		const will = { willTopic: { topic: "will", qos: 2 }, willMessage: "x" };
		equal(await refused(limited(will)), `-${ECONNREFUSED} ${MQTT_REASON_QOS_NOT_SUPPORTED}`);
		const kept = { willTopic: { topic: "will", qos: 1 }, willMessage: "x", willRetain: 1 };
		equal(await refused(limited(kept)), `-${ECONNREFUSED} ${MQTT_REASON_RETAIN_NOT_SUPPORTED}`);
	});

	test(`${name}: what was stored before, and the broker turns out not to have`, async () => {
		const device = limited({
			store: new Uint8Array(4096),
			clientId: `stored ${root}`,
			cleanSession: 0,
			prop: { sessionExpiryInterval: 10 },
		});
		equal(mqttConnect(device.client), 0);
		for (const [qos, length, retainFlag] of [
			[2, 1, 0],
			[1, 1, 1],
			[1, 2500, 0],
			[1, 1, 0],
		] as const)
			equal(mqttPublish(device.client, { ...message("x", qos, length), retainFlag }), 0, device.client.failure);
		equal((await device.next(MQTT_EVT_CONNACK)).result, 0);
		const results: number[] = [];
		for (let i = 0; i < 4; i++) results.push((await device.next(MQTT_EVT_PUBACK)).result);
		equal(results.join(), [-ENOTSUP, -ENOTSUP, -ENOTSUP, 0].join());
		await device.disconnect();
	});

	test(`${name}: how often the broker wants to hear of the client`, async () => {
		const device = limited({ keepalive: 60 });
		equal((await device.connect()).prop.serverKeepAlive, 10);
		const left = mqttKeepaliveTimeLeft(device.client);
		ok(left > 5000 && left <= 10_000, `${left} ms`);
		await device.disconnect();
		const quick = app({ keepalive: 30 });
		equal((await quick.connect()).prop.serverKeepAlive, undefined);
		ok(mqttKeepaliveTimeLeft(quick.client) > 20_000);
		await quick.disconnect();
	});

	test(`${name}: another client of the same name takes the session over`, async () => {
		const first = app({ clientId: "twin", cleanSession: 0, prop: { sessionExpiryInterval: 100 } });
		await first.connect();
		equal(await first.subscribe([{ topic: `${root}/twin`, qos: 1 }]), "1");
		const second = app({ clientId: "twin", cleanSession: 0, prop: { sessionExpiryInterval: 0 } }, false);
		equal((await second.connect()).sessionPresent, 1);
		await ended(first, MQTT_REASON_SESSION_TAKEN_OVER);
		await second.publish(`${root}/twin`, "mine now", 1);
		equal(await second.message(), `${root}/twin 1 0 mine now`);
		await second.disconnect();
	});

	test(`${name}: the broker ends`, async () => {
		const device = app({ reconnect: { minMs: 20, maxMs: 100 } });
		await device.connect();
		await ask("restart");
		await ended(device, MQTT_REASON_SERVER_SHUTTING_DOWN);
		equal((await device.next(MQTT_EVT_CONNACK)).result, 0);
		await device.disconnect();
	});

	test(`${name}: how long a session is kept is said at the beginning, and at the end`, async () => {
		const session = { clientId: `session ${root}`, cleanSession: 0 };
		const device = app({ ...session, prop: { sessionExpiryInterval: 1000 } });
		equal((await device.connect()).sessionPresent, 0);
		await device.disconnect();
		equal((await device.connect()).sessionPresent, 1);
		await device.disconnect({ sessionExpiryInterval: 0 });
		equal((await device.connect()).sessionPresent, 0);
		await device.disconnect();
		// Nothing said at the beginning: nothing is kept, and that cannot be changed at the end (§3.14.2.2.2).
		const short = app({ ...session, cleanSession: 1 });
		equal((await short.connect()).sessionPresent, 0);
		await short.disconnect();
		equal((await device.connect()).sessionPresent, 0);
		await device.disconnect({ sessionExpiryInterval: 0 });
		// A session that goes on is kept, though the app does not say for how long.
		const unsaid = app(session);
		equal((await unsaid.connect()).sessionPresent, 0);
		await unsaid.disconnect();
		equal((await unsaid.connect()).sessionPresent, 1);
		await unsaid.disconnect({ sessionExpiryInterval: 0 });
	});

	test(`${name}: a will that waits, for the delay, for the end of the session, or for nothing, if the client is back`, async () => {
		await ask("sub", { name: npm, port: "tcp", args: ["-V", "5", "-t", `${root}/late`, "-q", "2"] });
		const lines = (count: number) => ask("subLines", { name: npm, count });
		const will = { clientId: `will ${root}`, cleanSession: 0, willTopic: { topic: `${root}/late`, qos: 1 } };
		const lose = async (willDelayInterval: number, sessionExpiryInterval: number, willMessage: string) => {
			const device = app({ ...will, willMessage, willProp: { willDelayInterval }, prop: { sessionExpiryInterval } });
			await device.connect();
			const since = Date.now();
			equal(mqttAbort(device.client), 0);
			await device.next(MQTT_EVT_DISCONNECT);
			return since;
		};
		// Its clock has seconds.
		let since = await lose(1, 1000, "delayed");
		deepEqual(await lines(1), [`${root}/late 1 0 delayed`]);
		ok(Date.now() - since >= 900, `after ${Date.now() - since} ms`);
		since = await lose(1000, 1, "session over");
		deepEqual(await lines(1), [`${root}/late 1 0 session over`]);
		ok(Date.now() - since >= 900, `after ${Date.now() - since} ms`);
		await lose(5, 1000, "never seen");
		const back = app({ ...will, willTopic: undefined, prop: { sessionExpiryInterval: 0 } });
		equal((await back.connect()).sessionPresent, 1);
		// Longer than the delay would have been: what another one's will takes.
		await ask("connect", {
			name: `late ${root}`,
			port: "tcp",
			options: {
				protocolVersion: 5,
				properties: { sessionExpiryInterval: 100 },
				will: { topic: `${root}/late`, payload: "another's", qos: 1, properties: { willDelayInterval: 6 } },
			},
		});
		await ask("end", { name: `late ${root}`, force: true });
		deepEqual(await lines(1), [`${root}/late 1 0 another's`]);
		await ask("subEnd", { name: npm });
		await back.disconnect();
	});

	test(`${name}: an authentication that the broker does not know`, async () => {
		const device = app({ prop: { authMethod: "SCRAM-SHA-256", authData: Uint8Array.of(1, 2, 3) } });
		equal(await refused(device), `-${ECONNREFUSED} ${MQTT_REASON_BAD_AUTHENTICATION_METHOD}`);
	});

	test(`${name}: what came while it was away comes with its properties, in order`, async () => {
		const session = { clientId: `away ${root}`, cleanSession: 0, prop: { sessionExpiryInterval: 1000 } };
		const device = app(session);
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/away`, qos: 1 }]), "1");
		await device.disconnect();
		await ask("connect", { name: npm, port: "tcp", options: { protocolVersion: 5 } });
		for (let i = 0; i < 50; i++) {
			const properties = { userProperties: { number: String(i) }, messageExpiryInterval: 1000 };
			await ask("publish", { name: npm, topic: `${root}/away`, payload: "x".repeat(i * 10), options: { qos: 1, properties } });
		}
		await ask("end", { name: npm });
		equal((await device.connect()).sessionPresent, 1);
		for (let i = 0; i < 50; i++) {
			const told = await device.next(MQTT_EVT_PUBLISH);
			equal(lineOf(told), `${root}/away 1 0 ${"x".repeat(i * 10)}`);
			deepEqual(told.prop.userProp, [["number", String(i)]]);
			ok(told.prop.messageExpiryInterval! > 900);
		}
		await device.disconnect({ sessionExpiryInterval: 0 });
	});
}
