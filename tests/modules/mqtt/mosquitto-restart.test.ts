/*
 * The broker goes and comes back, or the way to it does, in the middle of 1,000 messages of QoS 1 and 1,000 of QoS 2: none is lost, none of
 * QoS 2 comes twice. The device sends them, or it receives them; on the other side is npm's mqtt.
 */

import { MQTT_VERSION_3_1_1, MQTT_VERSION_5_0 } from "mqtt";
import { equal, ok, test } from "test";
import { nameOf, portNameOf, ports } from "./app";
import { carriers, Device, variant } from "./loyal";
import { ask } from "./peer";

const COUNT = variant.includes("stress") ? 60 : variant.includes("mps2") ? 100 : variant.includes("sanitize") ? 300 : 1000;

/**
 * How it is interrupted, how often, and by which ways the device and the other one come. Of reset connections the other one has none: the
 * device makes the next cut as soon as it is back itself, and that would often be while the other one is not. mosquitto 2.0.11 sends a
 * message of QoS 2 again, as a whole, that it had released, if the connection breaks between its CONNECT and the PUBREL that is then sent
 * again: so the other one would have from mosquitto twice what the device sent once.
 */
const interruptions = [
	{ name: "the broker ended and started again", command: "restart", times: 3, prefix: "", otherPrefix: "" },
	{ name: "the broker killed and started again", command: "kill", times: 3, prefix: "cut", otherPrefix: "cut" },
	{ name: "connections reset", command: "cut", times: 10, prefix: "cut", otherPrefix: "" },
] as const;

for (const way of carriers)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0])
		for (const { name, command, times, prefix, otherPrefix } of interruptions) {
			const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}, ${name}`;
			const port = portNameOf(way, prefix);
			const other = { name: title, port: portNameOf(carriers[0]!, otherPrefix), options: { protocolVersion: version }, count: COUNT };

			/** Each time that so and so many more went through, until all did. */
			const interrupt = async (device: Device, through: () => number) => {
				for (let i = 1; i <= times; i++) {
					await device.until(() => through() >= (2 * COUNT * i) / (times + 1));
					const { connections } = device;
					await ask(command);
					await device.until(() => device.connections > connections);
				}
				await device.until(() => through() >= 2 * COUNT);
				equal(device.error, "");
			};

			test(`${title}: what the device sends`, async () => {
				await ask("receiveNumbers", other);
				const device = new Device(COUNT, way, ports[port], version, `${title}, sends`);
				await device.during(async () => {
					await device.connect();
					await device.subscribe([{ topic: "up/progress", qos: 1 }]);
					device.publish();
					await interrupt(device, () => device.acknowledged);
					await device.disconnect();
				});
				const { different, twice } = await ask("numbersDone", other);
				equal(different, 2 * COUNT);
				equal(twice.join(), "");
			});

			test(`${title}: what the device receives`, async () => {
				const device = new Device(COUNT, way, ports[port], version, `${title}, receives`);
				await device.during(async () => {
					await device.connect();
					await device.subscribe([
						{ topic: "down/1", qos: 1 },
						{ topic: "down/2", qos: 2 },
					]);
					await ask("sendNumbers", other);
					await interrupt(device, () => device.received);
					await ask("numbersDone", other);
					await device.disconnect();
				});
				equal(device.twice, 0, "messages of QoS 2 that came again");
			});
		}

for (const way of carriers)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0]) {
		const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}`;

		for (const [size, words] of [
			[2 * COUNT * 40, "all of it is queued"],
			[4 * COUNT, "some of it is queued, and the rest when there is room again"],
		] as const)
			test(`${title}: what the device publishes while there is no broker: ${words}`, async () => {
				const other = { name: title, port: portNameOf(carriers[0]!), options: { protocolVersion: version }, count: COUNT };
				await ask("receiveNumbers", other);
				const device = new Device(COUNT, way, ports[portNameOf(way)], version, `${title}, queues`, new Uint8Array(size));
				await device.during(async () => {
					await device.connect();
					await ask("stop");
					await device.until(() => device.failures.length > 0);
					device.publish(true);
					const { published, acknowledged } = device;
					await ask("start");
					equal(acknowledged, 0);
					if (size < 10 * COUNT) ok(published > 5 && published < 2 * COUNT, `${published} queued`);
					else equal(published, 2 * COUNT);
					await device.until(() => device.acknowledged >= 2 * COUNT);
					equal(device.error, "");
					await device.disconnect();
				});
				const { different, twice } = await ask("numbersDone", other);
				equal(different, 2 * COUNT);
				equal(twice.join(), "");
			});
	}
