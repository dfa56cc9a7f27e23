/* What everybody does with a broker, against mosquitto, with other people's clients on the other side: each way, each version. */
import {
	ECONNABORTED,
	ECONNREFUSED,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_NOT_AUTHORIZED,
	MQTT_REASON_DISCONNECT_WITH_WILL,
	MQTT_REASON_NOT_AUTHORIZED,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	mqttAbort,
	mqttConnect,
} from "mqtt";
import { deepEqual, equal, test } from "test";
import { App, nameOf, portNameOf, ports, ways } from "./app";
import { ask } from "./peer";

const text = "Grüße, 汉字 😀!";
const long = "0123456789".repeat(100);

for (const way of ways)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0]) {
		const name = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}`;
		const five = version === MQTT_VERSION_5_0;
		const port = portNameOf(way);
		const command = ["-V", five ? "mqttv5" : "mqttv311"];
		const app = (options: Partial<App["client"]> = {}) => new App(way, ports[port], { protocolVersion: version, ...options });
		/** Topics of a combination of its own: what one leaves behind, another one does not see. */
		const root = `${port}/${way.kind}/${version}`;

		test(`${name}: to mosquitto_sub at QoS 0, 1 and 2`, async () => {
			const device = app();
			const { result, returnCode, sessionPresent } = await device.connect();
			equal(`${result} ${returnCode} ${sessionPresent}`, "0 0 0");
			await ask("sub", { name: root, port: "tcp", args: ["-t", `${root}/up/#`, "-q", "2", ...command] });
			for (const qos of [0, 1, 2]) {
				await device.publish(`${root}/up/${qos}`, text, qos);
				await device.publish(`${root}/up/empty`, "", qos);
				await device.publish(`${root}/up/long`, long, qos);
			}
			const expected = [0, 1, 2].flatMap((qos) => [
				`${root}/up/${qos} ${qos} 0 ${text}`,
				`${root}/up/empty ${qos} 0 `,
				`${root}/up/long ${qos} 0 ${long}`,
			]);
			// The order is kept among messages of one QoS.
			deepEqual((await ask("subLines", { name: root, count: 9 })).sort(), expected.sort());
			await ask("subEnd", { name: root });
			await device.disconnect();
		});

		test(`${name}: from mosquitto_pub at QoS 0, 1 and 2`, async () => {
			const device = app();
			await device.connect();
			equal(
				await device.subscribe([
					{ topic: `${root}/down/0`, qos: 0 },
					{ topic: `${root}/down/1`, qos: 1 },
					{ topic: `${root}/+/2`, qos: 2 },
				]),
				"0,1,2",
			);
			for (const granted of [0, 1, 2])
				for (const qos of [0, 1, 2]) {
					const { status, said } = await ask("pub", {
						port: "tcp",
						args: ["-t", `${root}/down/${granted}`, "-q", `${qos}`, "-m", qos === 1 ? long : text, ...command],
					});
					equal(status, 0, said);
					equal(await device.message(), `${root}/down/${granted} ${Math.min(qos, granted)} 0 ${qos === 1 ? long : text}`);
				}
			equal(await device.unsubscribe(`${root}/+/2`), five ? "0" : "");
			await ask("pub", { port: "tcp", args: ["-t", `${root}/down/2`, "-m", "nobody"] });
			await ask("pub", { port: "tcp", args: ["-t", `${root}/down/1`, "-n"] });
			equal(await device.message(), `${root}/down/1 0 0 `);
			await device.disconnect();
		});

		test(`${name}: to and from npm's mqtt, on the other kind of connection`, async () => {
			const device = app();
			await device.connect();
			const other = `npm ${root}`;
			await ask("connect", { name: other, port: way.websocket ? "tcp" : "websocket", options: { protocolVersion: version } });
			await ask("subscribe", { name: other, topic: `${root}/to/#` });
			equal(await device.subscribe([{ topic: `${root}/from/#`, qos: 2 }]), "2");
			for (const qos of [0, 1, 2]) {
				await device.publish(`${root}/to/npm`, text, qos);
				const [message] = await ask("messages", { name: other, count: 1 });
				equal(`${message.topic} ${message.qos} ${message.retain} ${message.payload}`, `${root}/to/npm ${qos} false ${text}`);
				await ask("publish", { name: other, topic: `${root}/from/npm`, payload: text, options: { qos } });
				equal(await device.message(), `${root}/from/npm ${qos} 0 ${text}`);
			}
			await ask("end", { name: other });
			await device.disconnect();
		});

		test(`${name}: retained messages`, async () => {
			const device = app();
			await device.connect();
			await device.publish(`${root}/kept`, "born", 1, { retainFlag: 1 });
			await ask("sub", { name: root, port: "tcp", args: ["-t", `${root}/kept`, "-q", "2", ...command] });
			deepEqual(await ask("subLines", { name: root, count: 1 }), [`${root}/kept 1 1 born`]);
			equal(await device.subscribe([{ topic: `${root}/kept`, qos: 2 }]), "2");
			equal(await device.message(), `${root}/kept 1 1 born`);
			// To those who have subscribed already it comes as any other.
			await device.publish(`${root}/kept`, "grown", 2, { retainFlag: 1 });
			equal(await device.message(), `${root}/kept 2 0 grown`);
			deepEqual(await ask("subLines", { name: root, count: 1 }), [`${root}/kept 2 0 grown`]);
			await device.publish(`${root}/kept`, "", 0, { retainFlag: 1 });
			equal(await device.message(), `${root}/kept 0 0 `);
			equal(await device.subscribe([{ topic: `${root}/kept`, qos: 1 }]), "1");
			await device.publish(`${root}/kept`, "not kept", 1);
			equal(await device.message(), `${root}/kept 1 0 not kept`);
			await ask("subEnd", { name: root });
			await device.disconnect();
		});

		test(`${name}: wills`, async () => {
			const will = { willTopic: { topic: `${root}/will`, qos: 1 }, willMessage: "lost", willRetain: 1 };
			await ask("sub", { name: root, port: "tcp", args: ["-t", `${root}/will`, "-q", "2", ...command] });
			const device = app(will);
			await device.connect();
			equal(mqttAbort(device.client), 0);
			equal((await device.next(MQTT_EVT_DISCONNECT)).result, -ECONNABORTED);
			deepEqual(await ask("subLines", { name: root, count: 1 }), [`${root}/will 1 0 lost`]);
			// After DISCONNECT there is none; the broker had kept the first one.
			const again = app(will);
			await again.connect();
			equal(await again.subscribe([{ topic: `${root}/will`, qos: 0 }]), "0");
			equal(await again.message(), `${root}/will 0 1 lost`);
			await again.publish(`${root}/will`, "", 1, { retainFlag: 1 });
			deepEqual(await ask("subLines", { name: root, count: 1 }), [`${root}/will 1 0 `]);
			await again.disconnect();
			if (five) {
				// But with this reason there is.
				const leaving = app(will);
				await leaving.connect();
				await leaving.disconnect(undefined, MQTT_REASON_DISCONNECT_WITH_WILL);
				deepEqual(await ask("subLines", { name: root, count: 1 }), [`${root}/will 1 0 lost`]);
			}
			const last = app();
			await last.connect();
			await last.publish(`${root}/will`, "over", 1, { retainFlag: 1 });
			deepEqual(await ask("subLines", { name: root, count: 1 }), [`${root}/will 1 0 over`]);
			// And of others.
			const options = { protocolVersion: version, will: { topic: `${root}/others`, payload: "gone", qos: 2 } };
			equal(await last.subscribe([{ topic: `${root}/others`, qos: 2 }]), "2");
			await ask("connect", { name: `npm ${root}`, port, options });
			await ask("end", { name: `npm ${root}`, force: true });
			equal(await last.message(), `${root}/others 2 0 gone`);
			await ask("subEnd", { name: root });
			await last.disconnect();
		});

		test(`${name}: a session that outlives its connection`, async () => {
			const session = { clientId: root, cleanSession: 0, prop: five ? { sessionExpiryInterval: 1000 } : undefined };
			const device = app(session);
			equal((await device.connect()).sessionPresent, 0);
			equal(await device.subscribe([{ topic: `${root}/mail`, qos: 2 }]), "2");
			await device.disconnect();
			for (const qos of ["0", "1", "2"])
				await ask("pub", { port: "tcp", args: ["-t", `${root}/mail`, "-q", qos, "-m", `at ${qos}`, ...command] });
			// Another device with the same name, as after a reset: it remembers nothing, the broker does.
			const again = app(session);
			equal((await again.connect()).sessionPresent, 1);
			equal(await again.message(), `${root}/mail 1 0 at 1`);
			equal(await again.message(), `${root}/mail 2 0 at 2`);
			await again.disconnect();
			const clean = app({ ...session, cleanSession: 1, prop: undefined });
			equal((await clean.connect()).sessionPresent, 0);
			await clean.publish(`${root}/mail`, "nobody", 1);
			equal(await clean.subscribe([{ topic: `${root}/mail`, qos: 2 }]), "2");
			equal(clean.waiting(MQTT_EVT_PUBLISH), 0);
			await clean.disconnect();
			// In 3.1.1 a clean session ends with its connection; in 5.0 one that does not say how long it is to be kept.
			const last = app(session);
			equal((await last.connect()).sessionPresent, 0);
			await last.disconnect(five ? { sessionExpiryInterval: 0 } : undefined);
		});

		test(`${name}: a name and a password, and without`, async () => {
			const closed = ports[portNameOf(way, "second")];
			const code = five ? MQTT_REASON_NOT_AUTHORIZED : MQTT_NOT_AUTHORIZED;
			for (const options of [
				{},
				{ userName: "sensor", password: "secre" },
				{ userName: "senso", password: "secret" },
				{ userName: "sensor" },
			]) {
				const device = new App(way, closed, { protocolVersion: version, ...options });
				equal(mqttConnect(device.client), 0);
				const { result, returnCode } = await device.next(MQTT_EVT_CONNACK);
				equal(`${result} ${returnCode}`, `-${ECONNREFUSED} ${code}`);
				equal((await device.next(MQTT_EVT_DISCONNECT)).result, -ECONNREFUSED);
			}
			for (const password of ["secret", new Uint8Array(ArrayBuffer.fromString("secret"))]) {
				const device = new App(way, closed, { protocolVersion: version, userName: "sensor", password });
				equal((await device.connect()).result, 0);
				// What the broker refuses, 5.0 says.
				equal((await device.publish("forbidden/fruit", "x", 1))?.reasonCode, five ? MQTT_REASON_NOT_AUTHORIZED : 0);
				equal((await device.publish("forbidden/fruit", "x", 2))?.reasonCode, five ? MQTT_REASON_NOT_AUTHORIZED : 0);
				equal((await device.publish("nobody", "x", 1))?.reasonCode, five ? 0x10 : 0);
				await device.disconnect();
			}
		});
	}
