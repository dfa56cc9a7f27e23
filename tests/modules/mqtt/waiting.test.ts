/* What comes with time: PINGREQ and its answer, CONNACK that does not come, and the next attempt. Times are short, and nothing is asked of the clock. */
import {
	EAGAIN,
	ECONNREFUSED,
	ECONNRESET,
	EIO,
	ENOTCONN,
	EPROTO,
	ETIMEDOUT,
	type MqttClient,
	mqttAbort,
	mqttConnect,
	mqttDisconnect,
	mqttKeepaliveTimeLeft,
	mqttLive,
	mqttPing,
	mqttPublish,
	mqttReadPublishPayload,
	mqttReconnectTimeLeft,
	mqttSubscribe,
	SYS_FOREVER_MS,
} from "mqtt";
import { equal, ok, test } from "test";
import Timer from "timer";
import { Door, message } from "./door";
import { FakeTransport } from "./fake";
import { asciiOf, connack, hexOf, PINGREQ, PINGRESP, puback, publish, suback, subscribe } from "./wire";

/** Waits until the client writes something, and gives it. */
function written({ transport }: Door): Promise<string> {
	const write = transport.write.bind(transport);
	return new Promise((resolve) => {
		transport.write = (from, start, end) => {
			const count = write(from, start, end);
			transport.write = write;
			// Together with what else goes out now.
			Promise.resolve().then(() => resolve(transport.take()));
			return count;
		};
	});
}

/** The loop goes round once. */
const turn = () => new Promise<void>((resolve) => Timer.set(() => resolve()));

async function gone(door: Door, words: string): Promise<void> {
	equal(await door.next(), words, door.client.failure);
}

test("who says nothing for as long as keepalive is, pings; and gives up without an answer", async () => {
	const order: string[] = [];
	const one = async (name: string, options: Partial<MqttClient>, v: number, props = "") => {
		const door = new Door(v, { keepalive: 1, ...options }).open(0, props);
		const left = mqttKeepaliveTimeLeft(door.client);
		ok(left > 0 && left <= 1000, `${left}`);
		equal(mqttLive(door.client), -EAGAIN);
		equal(await written(door), PINGREQ);
		order.push(name);
		equal(door.client.unackedPing, 1);
		return door;
	};
	const silent = async () => {
		const door = await one("silent", { pingrespTimeout: 20 }, 5);
		await gone(door, `disconnect ${-ETIMEDOUT}`);
		equal(door.transport.take(), "", "a dead connection is told nothing");
		equal(door.transport.closed, true);
	};
	const answered = async () => {
		const door = await one("answered", { pingrespTimeout: 500 }, 4);
		equal(door.come(PINGRESP), "");
		equal(door.heard(), "pingresp");
		equal(door.client.unackedPing, 0);
		equal(await written(door), PINGREQ);
		order.push("answered again");
		mqttAbort(door.client);
		await door.next();
	};
	const wished = async () => {
		const door = await one("wished", { keepalive: 100, pingrespTimeout: SYS_FOREVER_MS }, 5, "130001");
		mqttAbort(door.client);
		await door.next();
	};
	await Promise.all([silent(), answered(), wished()]);
	equal(order[order.length - 1], "answered again");
});

test("0 seconds, in CONNECT or by the server's wish: never", async () => {
	for (const [keepalive, props] of [
		[0, ""],
		[1, "130000"],
	] as const) {
		const door = new Door(5, { keepalive }).open(0, props);
		equal(mqttKeepaliveTimeLeft(door.client), -1);
		equal(mqttLive(door.client), -EAGAIN);
	}
});

test("mqttLive, when it is time", async () => {
	const door = new Door(4, { keepalive: 1 }).open();
	// Nothing else happens meanwhile.
	while (mqttLive(door.client) === -EAGAIN);
	equal(door.client.unackedPing, 1);
	equal(await written(door), PINGREQ);
	equal(door.client.unackedPing, 1);
	mqttAbort(door.client);
	await door.next();
});

test("mqttPing, and an answer that does not come", async () => {
	for (const v of [4, 5]) {
		const patient = new Door(v, { pingrespTimeout: SYS_FOREVER_MS }).open();
		const door = new Door(v, { pingrespTimeout: 5 }).open();
		for (const { client } of [patient, door]) {
			equal(mqttPing(client), 0);
			equal(client.unackedPing, 1);
		}
		equal(patient.turn(), PINGREQ, "one for both");
		equal(mqttPing(patient.client), 0);
		equal(patient.turn(), PINGREQ);
		equal(patient.client.unackedPing, 2);
		await gone(door, `disconnect ${-ETIMEDOUT}`);
		equal(patient.heard(), "");
		equal(patient.turn(), "");
		equal(patient.come(PINGRESP), "");
		equal(patient.client.unackedPing, 0);
		mqttAbort(patient.client);
		await patient.next();
	}
});

test("an answer that cannot have come yet is waited for", async () => {
	const options = { pingrespTimeout: 5, rxBuf: new Uint8Array(32), txBuf: new Uint8Array(32) };
	// It is behind a payload that the app reads slowly.
	const reading = new Door(4, { ...options }).open();
	reading.reads = false;
	const long = "x".repeat(40);
	reading.come(publish(4, { topic: "t", payload: long }) + PINGRESP);
	equal(mqttPing(reading.client), 0);
	// Long enough for it.
	const other = new Door(4, { pingrespTimeout: 30 }).open();
	mqttPing(other.client);
	await gone(other, `disconnect ${-ETIMEDOUT}`);
	equal(reading.heard(), "publish t 0 0 40");
	const piece = new Uint8Array(40);
	while (mqttReadPublishPayload(reading.client, piece, 40) > 0);
	equal(await reading.next(), "pingresp");
	mqttAbort(reading.client);
	await reading.next();
});

test("a peer that is silent in the middle of a payload is no peer, in either direction", async () => {
	const options = () => ({ pingrespTimeout: 5, rxBuf: new Uint8Array(32), txBuf: new Uint8Array(32) });
	const long = "x".repeat(40);
	const sending = new Door(4, options()).open();
	sending.transport.room = 0;
	equal(mqttPublish(sending.client, message("t", long)), 0);
	equal(mqttPing(sending.client), 0);
	await gone(sending, `disconnect ${-ETIMEDOUT}`);
	const reading = new Door(4, options()).open();
	reading.reads = false;
	reading.come(publish(4, { topic: "t", payload: long }).slice(0, -10));
	equal(reading.heard(), "publish t 0 0 40");
	const piece = new Uint8Array(40);
	while (mqttReadPublishPayload(reading.client, piece, 40) > 0);
	equal(mqttReadPublishPayload(reading.client, piece, 40), -EAGAIN);
	equal(mqttPing(reading.client), 0);
	await gone(reading, `disconnect ${-ETIMEDOUT}`);
	equal(mqttReadPublishPayload(reading.client, piece, 40), -ENOTCONN);
});

test("a payload that moves is proof of the peer", async () => {
	const door = new Door(4, { pingrespTimeout: 1500, txBuf: new Uint8Array(32) }).open();
	door.transport.room = 0;
	equal(mqttPublish(door.client, message("t", "x".repeat(400))), 0);
	equal(mqttPing(door.client), 0);
	// Each byte that goes out is another wait; the clock is somebody else's, whose three waits are longer than the one, and one a lot shorter.
	for (let i = 0; i < 3; i++) {
		const clock = new Door(4, { pingrespTimeout: 600 }).open();
		mqttPing(clock.client);
		await gone(clock, `disconnect ${-ETIMEDOUT}`);
		door.transport.room = 1;
		door.turn();
	}
	equal(door.heard(), "");
	door.transport.room = 1000;
	ok(door.turn().endsWith(PINGREQ));
	await gone(door, `disconnect ${-ETIMEDOUT}`);
});

test("CONNACK that does not come", async () => {
	const door = new Door(5, { connackTimeout: 5 }).begin();
	await gone(door, `disconnect ${-ETIMEDOUT}`);
	equal(door.transport.closed, true);
	equal(door.transport.take(), "");
	// Nor a network connection.
	const slow = new Door(4, { connackTimeout: 5 });
	slow.client.transport.open = () => {
		const transport = new FakeTransport();
		transport.room = 0;
		slow.transports.push(transport);
		return transport;
	};
	equal(mqttConnect(slow.client), 0);
	await gone(slow, `disconnect ${-ETIMEDOUT}`);
});

test("who waits, sleeps", async () => {
	const counts: (() => number)[] = [];
	const counted = (door: Door) => {
		const { transport } = door;
		let writes = 0;
		const write = transport.write.bind(transport);
		transport.write = (from, start, end) => {
			writes++;
			return write(from, start, end);
		};
		counts.push(() => writes + transport.reads);
	};
	// CONNECT went out late, and CONNACK does not come before keepalive is over.
	const connecting = new Door(4, { keepalive: 1, connackTimeout: 1500 });
	connecting.client.transport.open = () => {
		const transport = new FakeTransport();
		transport.room = 0;
		connecting.transports.push(transport);
		return transport;
	};
	equal(mqttConnect(connecting.client), 0);
	connecting.turn();
	connecting.transport.room = 1000;
	connecting.turn();
	counted(connecting);
	// DISCONNECT does not get out.
	const closing = new Door(4, { keepalive: 1 }).open();
	closing.transport.room = 0;
	equal(mqttDisconnect(closing.client), 0);
	closing.turn();
	counted(closing);
	// A flood whose acknowledgements do not get out.
	const flooded = new Door(4, { keepalive: 2 }).open();
	flooded.transport.room = 0;
	let flood = "";
	for (let id = 1; id < 60; id++) flood += publish(4, { topic: "t", qos: 1, id });
	flooded.come(flood);
	flooded.heard();
	counted(flooded);
	await gone(connecting, `disconnect ${-ETIMEDOUT}`);
	await gone(closing, `disconnect ${-EIO}`);
	for (const count of counts) ok(count() < 40, `called ${count()} times`);
	mqttAbort(flooded.client);
	await flooded.next();
});

test("attempts to connect, further and further apart", async () => {
	const waits: number[] = [];
	const door = new Door(4, { reconnect: { minMs: 2, maxMs: 7 } });
	door.begin();
	const refused = connack(4, 0, 3);
	door.close(-111);
	for (let i = 0; i < 4; i++) {
		equal(await door.next(), `disconnect ${-ECONNREFUSED}`);
		const left = mqttReconnectTimeLeft(door.client);
		ok(left >= 0, `${left}`);
		waits.push(left);
		const count = door.transports.length;
		// CONNECT of the next attempt.
		while (door.transports.length === count) await turn();
		door.turn();
		if (i % 2) door.close(-111);
		else {
			door.come(refused);
			equal(await door.next(), `connack 0 3 ${-ECONNREFUSED}`);
		}
	}
	equal(await door.next(), `disconnect ${-ECONNREFUSED}`);
	waits.push(mqttReconnectTimeLeft(door.client));
	for (let i = 0; i < waits.length; i++) ok((waits[i] as number) <= Math.min(7, 2 << i), waits.join());
	mqttDisconnect(door.client);
	equal(await door.next(), "disconnect");
	equal(mqttReconnectTimeLeft(door.client), -1);
});

test("who answers CONNECT with something else is no connection, and asked less and less often", async () => {
	const door = new Door(5, { rxBuf: new Uint8Array(128), reconnect: { minMs: 4, maxMs: 10_000 } });
	let left = 0;
	door.hear = () => {
		left = mqttReconnectTimeLeft(door.client);
	};
	door.begin();
	for (let i = 0; i < 7; i++) {
		const count = door.transports.length;
		equal(door.come(hexOf(asciiOf(`HTTP/1.1 400 Bad Request\r\n${"x".repeat(300)}`))).slice(0, 2), "e0");
		equal(await door.next(), `disconnect ${-EPROTO}`);
		while (i < 6 && door.transports.length === count) await turn();
		door.turn();
	}
	ok(left > 4, `${left} ms, of 128 to 256`);
	mqttAbort(door.client);
	await door.next();
});

test("an attempt for which there is no transport is followed by others", async () => {
	const door = new Door(5, { reconnect: { minMs: 1, maxMs: 2 } }).open();
	const { open } = door.client.transport;
	let attempts = 0;
	door.client.transport.open = (address) => {
		if (++attempts < 4) throw new Error("no socket");
		return open(address);
	};
	const words: string[] = [];
	door.hear = ({ type, param }) => {
		if (type === 1) words.push(`${param.disconnect.reasonCode} ${door.client.failure}`);
	};
	door.come("e0018b");
	equal(await door.next(), "disconnect reason 139 -113");
	for (let i = 0; i < 3; i++) equal(await door.next(), `disconnect ${-EIO}`);
	while (door.transports.length < 2) await turn();
	door.turn();
	door.accept();
	equal(attempts, 4);
	ok(
		words.slice(1).every((each) => each === "0 open: Error: no socket"),
		words.join(),
	);
	mqttAbort(door.client);
	await door.next();
});

test("after a loss: subscriptions, what was in flight, and what was published meanwhile", async () => {
	for (const v of [4, 5]) {
		const door = new Door(v, { reconnect: { minMs: 1, maxMs: 1 }, store: new Uint8Array(300) }).open();
		equal(mqttSubscribe(door.client, { list: [{ topic: "a" }] }), 0);
		equal(mqttPublish(door.client, message("t", "1", 1)), 0);
		door.turn();
		door.come(suback(v, 1, [0]));
		door.close();
		equal(door.heard(), `suback 1 00, disconnect ${-ECONNRESET}`);
		equal(mqttPublish(door.client, message("t", "2", 1)), 0);
		equal(mqttPublish(door.client, message("t", "3")), 0);
		equal(mqttSubscribe(door.client, { list: [{ topic: "b" }] }), -ENOTCONN);
		while (door.transports.length < 2) await turn();
		door.turn();
		equal(
			door.come(connack(v)),
			subscribe(v, 4, [["a", 0]]) +
				publish(v, { topic: "t", payload: "1", qos: 1, id: 2 }) +
				publish(v, { topic: "t", payload: "2", qos: 1, id: 3 }) +
				publish(v, { topic: "t", payload: "3" }),
		);
		door.come(suback(v, 4, [0]) + puback(2) + puback(3));
		equal(door.heard(), "connack 0 0, suback 4 00, puback 2, puback 3");
		mqttAbort(door.client);
		await door.next();
	}
});

test("reconnect with one of its times only", async () => {
	const fast = new Door(4, { reconnect: { maxMs: 50 } }).open();
	fast.close();
	ok(mqttReconnectTimeLeft(fast.client) <= 50);
	const slow = new Door(4, { reconnect: { minMs: 100_000 } }).open();
	slow.close();
	ok(mqttReconnectTimeLeft(slow.client) > 30_000);
	for (const door of [fast, slow]) {
		door.heard();
		mqttDisconnect(door.client);
		equal(await door.next(), "disconnect");
	}
});
