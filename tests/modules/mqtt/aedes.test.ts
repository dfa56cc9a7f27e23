/* The basics at a second broker, npm's aedes, which knows 3.1.1, with npm's mqtt on the other side. */
import {
	ECONNREFUSED,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_SUBACK,
	MQTT_NOT_AUTHORIZED,
	MQTT_REASON_UNSUPPORTED_PROTOCOL_VERSION,
	MQTT_VERSION_5_0,
	mqttAbort,
	mqttConnect,
} from "mqtt";
import { equal, ok, test } from "test";
import { App, nameOf, portNameOf, ports, ways } from "./app";
import { ask } from "./peer";

const text = "Grüße, 汉字 😀!";
const long = "0123456789".repeat(200);

for (const way of ways) {
	const name = nameOf(way);
	const root = `${portNameOf(way)}/${way.kind}`;
	const npm = `npm ${root}`;
	const app = (options: Partial<App["client"]> = {}) => new App(way, ports[portNameOf(way)], options);

	test(`${name}: QoS 0, 1 and 2, to and from npm's mqtt`, async () => {
		const device = app();
		await device.connect();
		await ask("connect", { name: npm, port: way.websocket ? "tcp" : "websocket" });
		await ask("subscribe", { name: npm, topic: `${root}/to/#` });
		equal(await device.subscribe([{ topic: `${root}/from/+`, qos: 2 }]), "2");
		for (const qos of [0, 1, 2])
			for (const payload of [text, "", long]) {
				await device.publish(`${root}/to/npm`, payload, qos);
				const [message] = await ask("messages", { name: npm, count: 1 });
				equal(`${message.topic} ${message.qos} ${message.payload}`, `${root}/to/npm ${qos} ${payload}`);
				await ask("publish", { name: npm, topic: `${root}/from/npm`, payload, options: { qos } });
				equal(await device.message(), `${root}/from/npm ${qos} 0 ${payload}`);
			}
		equal(await device.unsubscribe(`${root}/from/+`), "");
		await ask("end", { name: npm });
		await device.disconnect();
	});

	test(`${name}: kept messages, a will, and a session`, async () => {
		await ask("connect", { name: npm, port: "tcp" });
		await ask("subscribe", { name: npm, topic: `${root}/status` });
		const device = app({
			clientId: root,
			cleanSession: 0,
			willTopic: { topic: `${root}/status`, qos: 1 },
			willMessage: "lost",
			willRetain: 1,
		});
		equal((await device.connect()).sessionPresent, 0);
		await device.publish(`${root}/status`, "born", 1, { retainFlag: 1 });
		equal((await ask("messages", { name: npm, count: 1 }))[0].payload, "born");
		equal(await device.subscribe([{ topic: `${root}/mail`, qos: 2 }]), "2");
		mqttAbort(device.client);
		await device.next(MQTT_EVT_DISCONNECT);
		equal((await ask("messages", { name: npm, count: 1 }))[0].payload, "lost");
		for (const qos of [1, 2]) await ask("publish", { name: npm, topic: `${root}/mail`, payload: `letter ${qos}`, options: { qos } });
		equal((await device.connect()).sessionPresent, 1);
		equal(await device.message(), `${root}/mail 1 0 letter 1`);
		equal(await device.message(), `${root}/mail 2 0 letter 2`);
		equal(await device.subscribe([{ topic: `${root}/status`, qos: 1 }]), "1");
		equal(await device.message(), `${root}/status 1 1 lost`);
		await ask("end", { name: npm });
		await device.disconnect();
	});

	test(`${name}: a broker that comes back and remembers nothing`, async () => {
		const device = app({ clientId: `${root} loyal`, cleanSession: 0, reconnect: { minMs: 20, maxMs: 100 }, store: new Uint8Array(1024) });
		await device.connect();
		equal(await device.subscribe([{ topic: `${root}/still/+`, qos: 1 }]), "1");
		await ask("restart");
		ok((await device.next(MQTT_EVT_DISCONNECT)).result < 0);
		equal((await device.next(MQTT_EVT_CONNACK)).sessionPresent, 0);
		equal((await device.next(MQTT_EVT_SUBACK)).codes, "1");
		await device.publish(`${root}/still/here`, "yes", 1);
		equal(await device.message(), `${root}/still/here 1 0 yes`);
		await device.disconnect();
	});

	test(`${name}: a password, and a version that the broker does not have`, async () => {
		const second = ports[portNameOf(way, "second")];
		const wrong = new App(way, second, { userName: "sensor", password: "wrong" });
		equal(mqttConnect(wrong.client), 0);
		const { result, returnCode } = await wrong.next(MQTT_EVT_CONNACK);
		equal(`${result} ${returnCode}`, `-${ECONNREFUSED} ${MQTT_NOT_AUTHORIZED}`);
		await wrong.next(MQTT_EVT_DISCONNECT);
		const right = new App(way, second, { userName: "sensor", password: "secret" });
		await right.connect();
		await right.disconnect();
		const newer = app({ protocolVersion: MQTT_VERSION_5_0 });
		equal(mqttConnect(newer.client), 0);
		const told = await newer.next(MQTT_EVT_CONNACK);
		equal(`${told.result} ${told.returnCode}`, `-${ECONNREFUSED} ${MQTT_REASON_UNSUPPORTED_PROTOCOL_VERSION}`);
		await newer.next(MQTT_EVT_DISCONNECT);
	});
}
