/* MQTT over TLS, and over wss, with Debian's mosquitto: every QoS, and the broker ends and comes back. */
import config from "mc/config";
import {
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBCOMP,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	mqttPublish,
} from "mqtt";
import { equal, ok, test } from "test";
import { App } from "./app";
import { ask } from "./peer";
import { secureName, secureTransport, secureWays } from "./secure";

const { tcp, websocket, ca } = config as unknown as { tcp: number; websocket: number; ca: string };
const host = "localhost";
const long = "0123456789abcdef".repeat(128);

for (const way of secureWays) {
	const port = way.websocket ? websocket : tcp;
	for (const protocolVersion of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0])
		test(`${secureName(way)}, ${protocolVersion === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}: QoS 0, 1 and 2, short and long`, async () => {
			const transport = secureTransport(way, { certificate: ca });
			const app = new App({ websocket: false, kind: "tcp" }, port, { broker: { host, port }, transport, protocolVersion });
			await app.connect();
			equal(await app.subscribe([{ topic: "tls/#", qos: 2 }]), "2");
			for (const text of ["", "short", long])
				for (const qos of [0, 1, 2]) {
					await app.publish("tls/it", text, qos);
					equal(await app.message(), `tls/it ${qos} 0 ${text}`);
				}
			await app.disconnect();
			equal(app.client.fault ?? "", "");
		});

	test(`${secureName(way)}: the broker ends, and comes back: what was published meanwhile arrives`, async () => {
		const transport = secureTransport(way, { certificate: ca });
		const app = new App({ websocket: false, kind: "tcp" }, port, {
			broker: { host, port },
			transport,
			clientId: `back-${secureName(way).replaceAll(" ", "-")}`,
			cleanSession: 0,
			store: new Uint8Array(1024),
			reconnect: { minMs: 20, maxMs: 100 },
		});
		await app.connect();
		equal(await app.subscribe([{ topic: "back/#", qos: 2 }]), "2");
		const restarted = ask("restart");
		const lost = await app.next(MQTT_EVT_DISCONNECT);
		ok(lost.result < 0, app.client.failure);
		for (const qos of [1, 2])
			equal(
				mqttPublish(app.client, { message: { topic: { topic: `back/${qos}`, qos }, payload: { data: new Uint8Array([0x30 + qos]) } } }),
				0,
			);
		await restarted;
		const again = await app.next(MQTT_EVT_CONNACK);
		equal(again.sessionPresent, 1);
		equal((await app.next(MQTT_EVT_PUBACK)).result, 0);
		equal((await app.next(MQTT_EVT_PUBCOMP)).result, 0);
		const messages = [await app.message(), await app.message()].sort();
		equal(messages.join(), "back/1 1 0 1,back/2 2 0 2");
		await app.disconnect();
	});
}
