/*
 * A device was away, and many messages wait for it. mosquitto 2.0.11 sends more of them at a time than it was told to: 20 more with each
 * PUBCOMP. All of them arrive all the same, and each of QoS 2 once.
 */
import config from "mc/config";
import {
	EAGAIN,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	mqttPublishQos1Ack,
	mqttReadallPublishPayload,
} from "mqtt";
import { equal, test } from "test";
import Timer from "timer";
import { App, nameOf, portNameOf, ports, type Way } from "./app";
import { ask } from "./peer";

const variant = String((config as { variant?: string }).variant);
const COUNT = /stress|mps2/.test(variant) ? 150 : 500;

const ways: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: true, kind: "tcp" },
];

for (const way of ways)
	for (const [version, incomingMaximum] of [
		[MQTT_VERSION_3_1_1, COUNT],
		[MQTT_VERSION_3_1_1, undefined],
		[MQTT_VERSION_5_0, COUNT],
		[MQTT_VERSION_5_0, undefined],
	] as const) {
		const room = incomingMaximum ? "with room for all" : "with room for some, so it may have to connect again";
		const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}, ${room}`;

		test(`${title}: ${COUNT} messages of QoS 1 and ${COUNT} of QoS 2 that waited`, async () => {
			const session = {
				clientId: title,
				protocolVersion: version,
				cleanSession: 0,
				prop: version === MQTT_VERSION_5_0 ? { sessionExpiryInterval: 1000 } : undefined,
			};
			const before = new App(way, ports[portNameOf(way)], session);
			await before.connect();
			equal(
				await before.subscribe([
					{ topic: "waiting/1", qos: 1 },
					{ topic: "waiting/2", qos: 2 },
				]),
				"1,2",
			);
			await before.disconnect();
			await ask("fill", { port: "tcp", topic: "waiting", count: COUNT });

			const counts = [new Uint8Array(COUNT), new Uint8Array(COUNT)] as const;
			const payload = new Uint8Array(8);
			let different = 0;
			let twice = 0;
			let last = "";
			let done = () => {};
			let ended = () => {};
			const whole = new Promise<void>((resolve) => {
				done = resolve;
			});
			const device = new App(way, ports[portNameOf(way)], {
				...session,
				incomingMaximum,
				reconnect: { minMs: 20, maxMs: 100 },
				evtCb: (client, { type, result, param }) => {
					if (type === MQTT_EVT_DISCONNECT && result === 0) ended();
					else if (type === MQTT_EVT_DISCONNECT) last = `${result} ${client.failure}`;
					if (type !== MQTT_EVT_PUBLISH) return;
					const { topic, payload: length } = param.publish.message;
					equal(mqttReadallPublishPayload(client, payload, length.len), 0);
					let number = 0;
					for (let i = 0; i < length.len; i++) number = number * 10 + payload[i]! - 0x30;
					const of = counts[topic.qos === 1 ? 0 : 1];
					if (of[number]! === 0) different++;
					else if (topic.qos === 2) twice++;
					of[number]!++;
					if (different === 2 * COUNT) done();
				},
			});
			device.start();
			await whole;
			const end = new Promise<void>((resolve) => {
				ended = resolve;
			});
			device.leave();
			await end;
			equal(twice, 0);
			if (incomingMaximum) equal(last, "", "it had to connect again");
		});
	}

for (const way of ways)
	test(`${nameOf(way)}: ${COUNT} messages of QoS 1 that waited, and an app that acknowledges late`, async () => {
		const session = { clientId: `slow ${nameOf(way)}`, protocolVersion: MQTT_VERSION_5_0, cleanSession: 0 };
		const before = new App(way, ports[portNameOf(way)], session);
		await before.connect();
		equal(await before.subscribe([{ topic: "waiting/1", qos: 1 }]), "1");
		await before.disconnect();
		await ask("fill", { port: "tcp", topic: "waiting", count: COUNT });
		const payload = new Uint8Array(8);
		const unacknowledged: number[] = [];
		let acknowledged = 0;
		let last = "";
		let done = () => {};
		const whole = new Promise<void>((resolve) => {
			done = resolve;
		});
		const device = new App(way, ports[portNameOf(way)], {
			...session,
			autoAck: false,
			evtCb: (client, { type, result, param }) => {
				if (type === MQTT_EVT_DISCONNECT) {
					last = `${result} ${client.failure}`;
					done();
				}
				if (type !== MQTT_EVT_PUBLISH) return;
				const { messageId, message } = param.publish;
				equal(mqttReadallPublishPayload(client, payload, message.payload.len), 0);
				unacknowledged.push(messageId);
			},
		});
		const timer = Timer.repeat(() => {
			for (let i = 0; i < 20 && unacknowledged.length > 0; i++, acknowledged++) {
				const result = mqttPublishQos1Ack(device.client, { messageId: unacknowledged[0] as number });
				if (result === -EAGAIN) break;
				equal(result, 0);
				unacknowledged.shift();
			}
			if (acknowledged === COUNT) done();
		}, 20);
		device.start();
		await whole;
		Timer.clear(timer);
		equal(last, "");
		const end = new Promise<void>((resolve) => {
			done = resolve;
		});
		device.leave();
		await end;
	});
