/*
 * A network that does not hold for long: every few packets the connection is reset, somewhere in the middle of one. Of the messages of QoS 1
 * and 2 that go to mosquitto and come from there, none is lost, and none of QoS 2 comes twice.
 */
import { MQTT_VERSION_3_1_1, MQTT_VERSION_5_0 } from "mqtt";
import { equal, ok, test } from "test";
import { nameOf, portNameOf, ports } from "./app";
import { carriers, Device, variant } from "./loyal";
import { ask } from "./peer";

const COUNT = /stress|mps2/.test(variant) ? 60 : 400;

for (const way of carriers)
	for (const version of [MQTT_VERSION_3_1_1, MQTT_VERSION_5_0]) {
		const title = `${nameOf(way)}, ${version === MQTT_VERSION_5_0 ? "5.0" : "3.1.1"}`;
		const port = ports[portNameOf(way, "cut")];
		const other = { name: title, port: portNameOf(carriers[0]!), options: { protocolVersion: version }, count: COUNT };
		// An upgrade takes 400 of them.
		const bytes = way.websocket ? 2000 : 1000;

		const shredded = async (device: Device, through: () => number) => {
			await device.until(() => through() > 0);
			await ask("shred", { bytes });
			await device.until(() => through() >= 2 * COUNT);
			await ask("shred", { bytes: 0 });
			equal(device.error, "");
			ok(device.connections > COUNT / 20, `${device.connections} connections`);
		};

		test(`${title}: what the device sends`, async () => {
			await ask("receiveNumbers", other);
			const device = new Device(COUNT, way, port, version, `${title}, sends`);
			await device.during(async () => {
				await device.connect();
				await device.subscribe([{ topic: "up/progress", qos: 1 }]);
				device.publish();
				await shredded(device, () => device.acknowledged);
				await device.disconnect();
			});
			const { different, twice } = await ask("numbersDone", other);
			equal(different, 2 * COUNT);
			equal(twice.join(), "");
		});

		test(`${title}: what the device receives`, async () => {
			const device = new Device(COUNT, way, port, version, `${title}, receives`);
			await device.during(async () => {
				await device.connect();
				await device.subscribe([
					{ topic: "down/1", qos: 1 },
					{ topic: "down/2", qos: 2 },
				]);
				await ask("sendNumbers", other);
				await shredded(device, () => device.received);
				await ask("numbersDone", other);
				await device.disconnect();
			});
			equal(device.twice, 0, "messages of QoS 2 that came again");
		});
	}
