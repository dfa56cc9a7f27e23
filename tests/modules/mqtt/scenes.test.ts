/* What 5.0 lets a server say that no broker at hand says, in packets that somebody else's encoder made. */
import {
	ECONNABORTED,
	ECONNREFUSED,
	ENOTSUP,
	EPROTO,
	ETIMEDOUT,
	MQTT_EVT_AUTH,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
	MQTT_EVT_UNSUBACK,
	MQTT_REASON_CONTINUE_AUTHENTICATION,
	MQTT_REASON_NOT_AUTHORIZED,
	MQTT_REASON_RE_AUTHENTICATE,
	MQTT_REASON_SESSION_TAKEN_OVER,
	MQTT_REASON_USE_ANOTHER_SERVER,
	MQTT_VERSION_5_0,
	mqttAuth,
	mqttKeepaliveTimeLeft,
	mqttPublish,
	mqttSubscribe,
	mqttUnsubscribe,
} from "mqtt";
import { deepEqual, equal, ok, test } from "test";
import { App, nameOf, portNameOf, ports, ways } from "./app";

const bytes = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));
const text = (data: Uint8Array | undefined) => (data ? String.fromArrayBuffer(data.slice().buffer) : "");

for (const way of ways) {
	const name = nameOf(way);
	const app = (clientId: string, options: Partial<App["client"]> = {}) =>
		new App(way, ports[portNameOf(way)], { clientId, protocolVersion: MQTT_VERSION_5_0, ...options });

	test(`${name}: topic aliases from the server`, async () => {
		const device = app("aliases", { prop: { topicAliasMaximum: 3 }, topicAliasBuf: new Uint8Array(3 * 32) });
		await device.connect();
		equal(await device.subscribe([{ topic: "#", qos: 1 }]), "1");
		const got: string[] = [];
		for (let i = 0; i < 8; i++) got.push(await device.message());
		deepEqual(got, [
			"a/topic/of/some/length 1 0 1",
			"a/topic/of/some/length 0 0 2",
			"another/one 1 0 3",
			"a/topic/of/some/length 1 0 4",
			"another/one 2 0 5",
			"instead 0 0 6",
			"instead 1 0 7",
			"without 1 0 8",
		]);
		await device.disconnect();
		// What they stood for is gone with the connection.
		await device.connect();
		await device.disconnect();
	});

	test(`${name}: a topic alias that stands for nothing, and one that was not allowed`, async () => {
		for (const options of [{ prop: { topicAliasMaximum: 3 }, topicAliasBuf: new Uint8Array(96) }, {}]) {
			const device = app("wrongAlias", options);
			await device.connect();
			equal(mqttSubscribe(device.client, { list: [{ topic: "#", qos: 1 }] }), 0);
			const { result } = await device.next(MQTT_EVT_DISCONNECT);
			equal(result, -EPROTO, device.client.failure);
			equal(device.waiting(MQTT_EVT_PUBLISH), 0);
		}
	});

	test(`${name}: the server ends it, and says why`, async () => {
		const device = app("takenOver");
		await device.connect();
		const { result, reasonCode, prop } = await device.next(MQTT_EVT_DISCONNECT);
		equal(`${result} ${reasonCode}`, `-${ECONNABORTED} ${MQTT_REASON_SESSION_TAKEN_OVER}`);
		equal(prop.reasonString, "there is another one");
		deepEqual(prop.userProp, [["by", "twin"]]);
	});

	test(`${name}: the server refuses, and says where to go`, async () => {
		const device = app("moved");
		device.start();
		const { result, returnCode, prop } = await device.next(MQTT_EVT_CONNACK);
		equal(`${result} ${returnCode}`, `-${ECONNREFUSED} ${MQTT_REASON_USE_ANOTHER_SERVER}`);
		equal(prop.serverReference, "other.example:1883");
		equal(prop.reasonString, "full");
		deepEqual(prop.userProp, [["try", "there"]]);
		equal((await device.next(MQTT_EVT_DISCONNECT)).result, -ECONNREFUSED);
	});

	test(`${name}: everything that CONNACK can say`, async () => {
		const device = app("everything", { prop: { requestResponseInfo: 1, sessionExpiryInterval: 1000 } });
		const { prop } = await device.connect();
		deepEqual(
			{ ...prop, userProp: undefined },
			{
				sessionExpiryInterval: 5,
				receiveMaximum: 6,
				maximumQos: 1,
				retainAvailable: 0,
				maximumPacketSize: 1000,
				assignedClientId: "you",
				topicAliasMaximum: 7,
				reasonString: "welcome",
				userProp: undefined,
				wildcardSubAvailable: 0,
				subscriptionIdsAvailable: 0,
				sharedSubAvailable: 0,
				serverKeepAlive: 77,
				responseInformation: "answers/you/",
				serverReference: "here",
			},
		);
		deepEqual(prop.userProp, [
			["a", "1"],
			["a", "2"],
		]);
		equal(Math.ceil(mqttKeepaliveTimeLeft(device.client) / 1000), 77);
		equal(mqttSubscribe(device.client, { list: [{ topic: "a/#" }] }), -ENOTSUP);
		equal(mqttSubscribe(device.client, { list: [{ topic: "$share/a/b" }] }), -ENOTSUP);
		equal(mqttSubscribe(device.client, { list: [{ topic: "a" }], prop: { subscriptionIdentifier: 1 } }), -ENOTSUP);
		const message = { topic: { topic: "a", qos: 2 }, payload: { data: bytes("x") } };
		equal(mqttPublish(device.client, { message }), -ENOTSUP);
		await device.disconnect();
	});

	test(`${name}: authentication in steps, and again`, async () => {
		const device = app("steps", { prop: { authMethod: "steps", authData: bytes("device") } });
		device.start();
		const asked = await device.next(MQTT_EVT_AUTH);
		equal(asked.reasonCode, MQTT_REASON_CONTINUE_AUTHENTICATION);
		equal(text(asked.prop.authData), "challenge to device");
		const answer = (reasonCode: number, data: string) =>
			equal(mqttAuth(device.client, { reasonCode, prop: { authMethod: "steps", authData: bytes(data) } }), 0, device.client.failure);
		answer(MQTT_REASON_CONTINUE_AUTHENTICATION, "response");
		const { result, prop } = await device.next(MQTT_EVT_CONNACK);
		equal(result, 0);
		equal(`${prop.authMethod} ${text(prop.authData)}`, "steps final");
		answer(MQTT_REASON_RE_AUTHENTICATE, "me");
		equal(text((await device.next(MQTT_EVT_AUTH)).prop.authData), "again");
		answer(MQTT_REASON_CONTINUE_AUTHENTICATION, "again and again");
		const done = await device.next(MQTT_EVT_AUTH);
		equal(`${done.reasonCode} ${text(done.prop.authData)}`, "0 still you");
		await device.disconnect();
	});

	test(`${name}: authentication that fails`, async () => {
		const device = app("steps", { prop: { authMethod: "steps", authData: bytes("device") } });
		device.start();
		await device.next(MQTT_EVT_AUTH);
		const prop = { authMethod: "steps", authData: bytes("nonsense") };
		equal(mqttAuth(device.client, { reasonCode: MQTT_REASON_CONTINUE_AUTHENTICATION, prop }), 0);
		const told = await device.next(MQTT_EVT_CONNACK);
		equal(`${told.result} ${told.returnCode} ${told.prop.reasonString}`, `-${ECONNREFUSED} ${MQTT_REASON_NOT_AUTHORIZED} not nonsense`);
		await device.next(MQTT_EVT_DISCONNECT);
	});

	test(`${name}: reasons for everything`, async () => {
		const device = app("reasons", { store: new Uint8Array(512) });
		await device.connect();
		const because = { reasonString: "because", userProp: [["why", "this"] as [string, string], ["why", "that"] as [string, string]] };
		const list = ["a", "b", "c", "d"].map((topic) => ({ topic }));
		equal(mqttSubscribe(device.client, { list }), 0);
		const subscribed = await device.next(MQTT_EVT_SUBACK);
		equal(subscribed.codes, "0,143,158,151");
		deepEqual(subscribed.prop, because);
		equal(mqttUnsubscribe(device.client, { list, listCount: 3 }), 0);
		const unsubscribed = await device.next(MQTT_EVT_UNSUBACK);
		equal(unsubscribed.codes, "0,17,135");
		deepEqual(unsubscribed.prop, because);
		// A message that is refused is done with: the store has room for the next one.
		for (let i = 0; i < 20; i++)
			for (const qos of [1, 2]) {
				const told = await device.publish("a", "x".repeat(100), qos);
				equal(told?.reasonCode, qos === 1 ? 0x97 : 0x83);
				deepEqual(told?.prop, because);
			}
		await device.disconnect();
	});

	test(`${name}: a server that falls silent`, async () => {
		const device = app("silent", { keepalive: 1, pingrespTimeout: 100 });
		const since = Date.now();
		await device.connect();
		equal((await device.next(MQTT_EVT_DISCONNECT)).result, -ETIMEDOUT);
		const after = Date.now() - since;
		ok(after >= 1000, `after ${after} ms`);
	});
}
