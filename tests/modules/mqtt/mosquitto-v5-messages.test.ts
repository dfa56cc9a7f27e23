/* What 5.0 lets messages and subscriptions carry, against mosquitto, with other people's clients on the other side. */
import {
	EINVAL,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_REASON_NO_MATCHING_SUBSCRIBERS,
	MQTT_REASON_NO_SUBSCRIPTION_EXISTED,
	MQTT_VERSION_5_0,
	type MqttPublishParam,
	mqttAbort,
	mqttPublish,
} from "mqtt";
import { deepEqual, equal, ok, test } from "test";
import { App, nameOf, portNameOf, ports, type Way } from "./app";
import { ask } from "./peer";

const bytes = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

/** §3.3.2.3.3: what a message has left, in a broker whose clock has seconds. */
const expiring = (left: number | undefined, sent: number) =>
	ok(left !== undefined && left <= sent && left > sent - 8, `${left} of ${sent}`);

const ways: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: true, kind: "socket" },
];

for (const way of ways) {
	const name = nameOf(way);
	const port = ports[portNameOf(way)];
	const root = portNameOf(way);
	const npm = `npm ${name}`;
	const connectNpm = (properties = {}) => ask("connect", { name: npm, port: "tcp", options: { protocolVersion: 5, properties } });
	const app = (options: Partial<App["client"]> = {}) => new App(way, port, { protocolVersion: MQTT_VERSION_5_0, ...options });

	test(`${name}: properties of a message, to npm's mqtt and back`, async () => {
		const device = app();
		await device.connect();
		await connectNpm();
		await ask("subscribe", { name: npm, topic: `${root}/up` });
		const prop = {
			payloadFormatIndicator: 1,
			messageExpiryInterval: 1000,
			contentType: "text/plain",
			responseTopic: "somewhere/else",
			correlationData: Uint8Array.of(0, 1, 0x80, 0xff),
			userProp: [
				["unit", "K"],
				["", "no name"],
				["unit", "°C"],
			],
		} as const;
		for (const qos of [0, 1, 2]) {
			await device.publish(`${root}/up`, "21", qos, { prop });
			const [{ properties, payload }] = await ask("messages", { name: npm, count: 1 });
			equal(payload, "21");
			equal(properties.payloadFormatIndicator, true);
			expiring(properties.messageExpiryInterval, 1000);
			equal(properties.contentType, "text/plain");
			equal(properties.responseTopic, "somewhere/else");
			equal(properties.correlationData, "\u0000\u0001\u0080\u00ff");
			deepEqual(properties.userProperties, { unit: ["K", "°C"], "": "no name" });
		}
		equal(await device.subscribe([{ topic: `${root}/down`, qos: 2 }]), "2");
		for (const qos of [0, 1, 2]) {
			const properties = {
				payloadFormatIndicator: true,
				messageExpiryInterval: 1000,
				contentType: "text/plain",
				responseTopic: "back",
				userProperties: { unit: ["K", "°C"], "": "no name" },
			};
			await ask("publish", { name: npm, topic: `${root}/down`, payload: "22", options: { qos, properties } });
			const { payload, prop: got } = await device.next(MQTT_EVT_PUBLISH);
			equal(payload, "22");
			equal(got.payloadFormatIndicator, 1);
			expiring(got.messageExpiryInterval, 1000);
			equal(got.contentType, "text/plain");
			equal(got.responseTopic, "back");
			deepEqual(got.userProp, [
				["unit", "K"],
				["unit", "°C"],
				["", "no name"],
			]);
		}
		await ask("end", { name: npm });
		await device.disconnect();
	});

	test(`${name}: properties of a message, from mosquitto_pub`, async () => {
		const device = app();
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/pub`, qos: 2 }]), "2");
		const properties = [
			["content-type", "image/png"],
			["correlation-data", "xyz"],
			["message-expiry-interval", "77"],
			["user-property", "a", "b"],
			["user-property", "a", "c"],
		].flatMap((property) => ["-D", "publish", ...property]);
		const { status, said } = await ask("pub", { port: "tcp", args: ["-V", "5", "-t", `${root}/pub`, "-q", "1", "-m", "x", ...properties] });
		equal(status, 0, said);
		const { prop } = await device.next(MQTT_EVT_PUBLISH);
		equal(prop.contentType, "image/png");
		deepEqual(prop.correlationData, bytes("xyz"));
		expiring(prop.messageExpiryInterval, 77);
		deepEqual(prop.userProp, [
			["a", "b"],
			["a", "c"],
		]);
		await device.disconnect();
	});

	test(`${name}: requests and responses, both ways`, async () => {
		const device = app();
		await device.connect();
		equal(
			await device.subscribe([
				{ topic: `${root}/request`, qos: 1 },
				{ topic: `${root}/answers`, qos: 1 },
			]),
			"1,1",
		);
		// mosquitto_rr asks.
		const correlation = ["-D", "publish", "correlation-data", "number 1"];
		const request = ["-V", "5", "-q", "1", "-t", `${root}/request`, "-e", `${root}/response`, "-m", "time?", ...correlation];
		const asked = ask("pub", { program: "mosquitto_rr", port: "tcp", args: request });
		const { payload, prop } = await device.next(MQTT_EVT_PUBLISH);
		equal(payload, "time?");
		deepEqual(prop.correlationData, bytes("number 1"));
		await device.publish(String(prop.responseTopic), "noon", 1, { prop: { correlationData: prop.correlationData } });
		const { status, said } = await asked;
		equal(status, 0, said);
		equal(said, "noon");
		// The device asks.
		await connectNpm();
		await ask("subscribe", { name: npm, topic: `request/${root}` });
		const correlationData = Uint8Array.of(1, 2, 0, 255);
		await device.publish(`request/${root}`, "why?", 1, { prop: { responseTopic: `${root}/answers`, correlationData } });
		const answer = await device.next(MQTT_EVT_PUBLISH);
		equal(answer.payload, "answer to why?");
		deepEqual(answer.prop.correlationData, correlationData);
		await ask("end", { name: npm });
		await device.disconnect();
	});

	test(`${name}: topic aliases to the broker`, async () => {
		const device = app({ store: new Uint8Array(1024) });
		const { prop } = await device.connect();
		equal(prop.topicAliasMaximum, 10);
		await ask("sub", { name: root, port: "tcp", args: ["-V", "5", "-t", `${root}/alias/#`, "-q", "2"] });
		const expected: string[] = [];
		const publish = async (topic: string, topicAlias: number, qos: number, text: string) => {
			await device.publish(topic, text, qos, { prop: { topicAlias } });
			expected.push(`${topic || `${root}/alias/a`} ${qos} 0 ${text}`);
		};
		for (const qos of [0, 1, 2])
			for (let i = 0; i < 3; i++) {
				await publish(`${root}/alias/a`, 1, qos, `a ${i}`);
				await publish(`${root}/alias/b`, 10, qos, `b ${i}`);
			}
		// A stored message keeps its topic, for other connections.
		await publish("", 1, 0, "by its alias alone");
		// It can be given to another topic, and back.
		await publish(`${root}/alias/c`, 1, 1, "now c");
		await publish(`${root}/alias/c`, 1, 1, "c again");
		await publish(`${root}/alias/a`, 1, 1, "a again");
		deepEqual((await ask("subLines", { name: root, count: expected.length })).sort(), expected.sort());
		const above: MqttPublishParam = { message: { topic: { topic: "x" }, payload: { data: bytes("x") } }, prop: { topicAlias: 11 } };
		equal(mqttPublish(device.client, above), -EINVAL);
		ok(device.client.failure?.startsWith("topicAlias"), device.client.failure);
		// What an alias stands for goes with the connection.
		await device.disconnect();
		await device.connect();
		await device.publish(`${root}/alias/a`, "anew", 1, { prop: { topicAlias: 1 } });
		await device.publish(`${root}/alias/a`, "and by alias", 1, { prop: { topicAlias: 1 } });
		deepEqual(await ask("subLines", { name: root, count: 2 }), [`${root}/alias/a 1 0 anew`, `${root}/alias/a 1 0 and by alias`]);
		await ask("subEnd", { name: root });
		await device.disconnect();
	});

	test(`${name}: subscription identifiers`, async () => {
		const device = app();
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/id/+`, qos: 1 }], { subscriptionIdentifier: 7 }), "1");
		equal(await device.subscribe([{ topic: `${root}/id/#`, qos: 1 }], { subscriptionIdentifier: 268_435_455 }), "1");
		equal(await device.subscribe([{ topic: `${root}/none`, qos: 1 }]), "1");
		await device.publish(`${root}/id/x/y`, "one", 1);
		deepEqual((await device.next(MQTT_EVT_PUBLISH)).prop.subscriptionIdentifier, [268_435_455]);
		await device.publish(`${root}/none`, "none", 1);
		equal((await device.next(MQTT_EVT_PUBLISH)).prop.subscriptionIdentifier, undefined);
		// A message that matches twice comes once with both, or twice: that is the broker's choice (§3.3.4).
		await device.publish(`${root}/id/x`, "two", 1);
		await device.publish(`${root}/none`, "end", 1);
		const ids: number[] = [];
		for (;;) {
			const { payload, prop } = await device.next(MQTT_EVT_PUBLISH);
			if (payload === "end") break;
			ids.push(...(prop.subscriptionIdentifier ?? []));
		}
		deepEqual(
			ids.sort((a, b) => a - b),
			[7, 268_435_455],
		);
		await device.disconnect();
	});

	test(`${name}: what a subscription says of one's own messages and of kept ones`, async () => {
		const device = app();
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/local`, qos: 1, noLocal: true }]), "1");
		equal(await device.subscribe([{ topic: `${root}/both`, qos: 1 }]), "1");
		await device.publish(`${root}/local`, "own", 1);
		await device.publish(`${root}/both`, "own", 1);
		equal(await device.message(), `${root}/both 1 0 own`);
		await ask("pub", { port: "tcp", args: ["-t", `${root}/local`, "-m", "other's", "-q", "1"] });
		equal(await device.message(), `${root}/local 1 0 other's`);

		await device.publish(`${root}/kept`, "kept", 1, { retainFlag: 1 });
		const kept = { topic: `${root}/kept`, qos: 1 };
		const again = async (retainHandling: number) => {
			equal(await device.subscribe([{ ...kept, retainHandling }]), "1");
			await device.publish(`${root}/both`, "behind", 1);
			return device.message();
		};
		equal(await again(2), `${root}/both 1 0 behind`);
		// The subscription is there, though it got nothing.
		equal(await again(1), `${root}/both 1 0 behind`);
		equal(await again(0), `${root}/kept 1 1 kept`);
		equal(await device.message(), `${root}/both 1 0 behind`);
		equal(await device.unsubscribe(`${root}/kept`), "0");
		equal(await again(1), `${root}/kept 1 1 kept`);
		equal(await device.message(), `${root}/both 1 0 behind`);

		await device.publish(`${root}/kept`, "new", 1, { retainFlag: 1 });
		equal(await device.message(), `${root}/kept 1 0 new`);
		// mosquitto 2.0.11 changes this of a new subscription only.
		equal(await device.unsubscribe(`${root}/kept`), "0");
		equal(await device.subscribe([{ ...kept, retainAsPublished: true, retainHandling: 2 }]), "1");
		await device.publish(`${root}/kept`, "newer", 1, { retainFlag: 1 });
		equal(await device.message(), `${root}/kept 1 1 newer`);
		await device.publish(`${root}/kept`, "", 1, { retainFlag: 1 });
		equal(await device.message(), `${root}/kept 1 1 `);
		await device.disconnect();
	});

	test(`${name}: shared subscriptions`, async () => {
		const device = app();
		await device.connect();
		await connectNpm();
		equal(await device.subscribe([{ topic: `$share/group/${root}/work`, qos: 1 }]), "1");
		await ask("subscribe", { name: npm, topic: `$share/group/${root}/work` });
		await ask("sub", { name: root, port: "tcp", args: ["-V", "5", "-t", `${root}/work`, "-q", "2"] });
		for (let i = 0; i < 10; i++) await device.publish(`${root}/work`, String(i), 1);
		equal((await ask("subLines", { name: root, count: 10 })).length, 10);
		const mine: string[] = [];
		for (let i = 0; i < 5; i++) mine.push((await device.next(MQTT_EVT_PUBLISH)).payload);
		const others = (await ask("messages", { name: npm, count: 5 })).map(({ payload }: { payload: string }) => payload);
		equal([...mine, ...others].sort().join(""), "0123456789");
		await ask("subEnd", { name: root });
		await ask("end", { name: npm });
		await device.disconnect();
	});

	test(`${name}: reasons that are no failures`, async () => {
		const device = app();
		await device.connect();
		for (const qos of [1, 2])
			equal((await device.publish(`${root}/nobody`, "x", qos))?.reasonCode, qos === 1 ? MQTT_REASON_NO_MATCHING_SUBSCRIBERS : 0);
		equal(await device.unsubscribe(`${root}/never`), String(MQTT_REASON_NO_SUBSCRIPTION_EXISTED));
		await device.disconnect();
	});

	test(`${name}: a will with properties`, async () => {
		await connectNpm();
		await ask("subscribe", { name: npm, topic: `${root}/will` });
		const device = app({
			willTopic: { topic: `${root}/will`, qos: 2 },
			willMessage: Uint8Array.of(0x62, 0x79, 0x65),
			willProp: { contentType: "text/plain", messageExpiryInterval: 9, userProp: [["battery", "0"]], correlationData: Uint8Array.of(7) },
		});
		await device.connect();
		mqttAbort(device.client);
		await device.next(MQTT_EVT_DISCONNECT);
		const [{ payload, qos, properties }] = await ask("messages", { name: npm, count: 1 });
		equal(`${payload} ${qos}`, "bye 2");
		equal(properties.contentType, "text/plain");
		expiring(properties.messageExpiryInterval, 9);
		equal(properties.correlationData, "\u0007");
		deepEqual(properties.userProperties, { battery: "0" });
		await ask("end", { name: npm });
	});
}
