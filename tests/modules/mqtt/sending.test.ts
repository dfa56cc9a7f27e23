/* What a client publishes (3.1.1 and 5.0 §3.3, §4.3, §4.4): byte for byte, and again after the connection was lost. */
import { EAGAIN, EALREADY, EINVAL, EMSGSIZE, ENOTCONN, ENOTSUP, type MqttPropertyValues, type MqttPublishParam } from "mqtt";
import { CLOSED, CONNECTED } from "mqtt/connection";
import { deepEqual, equal, ok, test } from "test";
import { Side } from "./fake";
import { asciiOf, bytesOf, connack, disconnect, hexOf, puback, pubcomp, publish, pubrec, pubrel, short } from "./wire";

const stored = () => ({ store: new Uint8Array(400) });
const MAXIMUM_QOS = "24";
const RECEIVE_MAXIMUM = "21";
const ALIAS_MAXIMUM = "22";
const PACKET_MAXIMUM = "27";
const RETAIN_AVAILABLE = "25";

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";

	test(`${name}: QoS 0`, () => {
		const side = new Side(v).open();
		equal(side.publish("a/b", "hello"), publish(v, { topic: "a/b", payload: "hello" }));
		equal(side.publish("a/b", ""), publish(v, { topic: "a/b" }));
		equal(side.publish("a/b", "x", 0, { retainFlag: 1, dupFlag: 1 }), publish(v, { topic: "a/b", payload: "x", retain: true }));
		equal(side.heard(), "");
	});

	test(`${name}: QoS 1 and 2 without a store`, () => {
		const side = new Side(v).open();
		equal(side.publish("t", "p", 1), publish(v, { topic: "t", payload: "p", qos: 1, id: 1 }));
		equal(side.come(puback(1)), "");
		equal(side.heard(), "puback 1");
		equal(side.publish("t", "p", 2, { dupFlag: 1 }), publish(v, { topic: "t", payload: "p", qos: 2, id: 2, dup: true }));
		equal(side.come(pubrec(2)), pubrel(2));
		equal(side.come(pubcomp(2)), "");
		equal(side.heard(), "pubrec 2, pubcomp 2");
	});

	test(`${name}: an app that releases itself`, () => {
		for (const options of [{}, stored()]) {
			const side = new Side(v, { autoAck: false, ...options }).open();
			side.publish("t", "p", 2);
			equal(side.connection.release({ messageId: 1 }), "store" in options ? -2 : 0);
			side.go();
			side.transport.take();
			equal(side.come(pubrec(1)), "");
			equal(side.connection.release({ messageId: 1 }), 0);
			side.go();
			equal(side.transport.take(), pubrel(1));
			side.come(pubcomp(1));
			equal(side.heard(), "pubrec 1, pubcomp 1");
		}
	});

	test(`${name}: identifiers of the app, and those in use`, () => {
		const side = new Side(v, stored()).open();
		equal(side.publish("t", "", 1, { messageId: 2 }), publish(v, { topic: "t", qos: 1, id: 2 }));
		equal(side.post("t", "", 1, { messageId: 2 }), -EALREADY);
		ok(side.connection.sender.why.includes("messageId"));
		equal(side.publish("t", "", 1), publish(v, { topic: "t", qos: 1, id: 1 }));
		equal(side.publish("t", "", 1), publish(v, { topic: "t", qos: 1, id: 3 }));
		side.come(puback(2));
		equal(side.publish("t", "", 2, { messageId: 2 }), publish(v, { topic: "t", qos: 2, id: 2 }));
		// QoS 0 has none.
		equal(side.publish("t", "", 0, { messageId: 2 }), publish(v, { topic: "t" }));
	});

	test(`${name}: the last identifier is followed by the first`, () => {
		const side = new Side(v, stored()).open();
		side.publish("t", "", 1, { messageId: 65535 });
		for (let i = 1; i < 65535; i++) side.connection.session.nextId();
		equal(side.publish("t", "", 1), publish(v, { topic: "t", qos: 1, id: 1 }));
	});

	test(`${name}: after a loss, the session goes on in order, with DUP and PUBREL; or begins anew`, () => {
		for (const present of [1, 0]) {
			const side = new Side(v, { ...stored(), cleanSession: 0 }).open();
			for (const [payload, qos] of [
				["1", 1],
				["2", 2],
				["3", 2],
				["4", 1],
			] as const)
				side.publish("t", payload, qos);
			equal(side.come(pubrec(2)), pubrel(2));
			side.cut();
			side.heard();
			equal(side.post("t", "0", 0), 0);
			equal(side.post("t", "5", 1), 0);
			side.begin(true);
			const again = present === 1;
			const sent = side.come(connack(v, present));
			const one = publish(v, { topic: "t", payload: "1", qos: 1, id: 1, dup: again });
			const three = publish(v, { topic: "t", payload: "3", qos: 2, id: 3, dup: again });
			const four = publish(v, { topic: "t", payload: "4", qos: 1, id: 4, dup: again });
			const rest = publish(v, { topic: "t", payload: "0" }) + publish(v, { topic: "t", payload: "5", qos: 1, id: 5 });
			equal(sent, one + (again ? pubrel(2) : "") + three + four + rest);
			equal(side.heard(), again ? "connack 1 0" : "connack 0 0, pubcomp 2 -104");
			equal(side.come(puback(1) + pubrec(3) + puback(4) + puback(5)), pubrel(3));
			if (again) side.come(pubcomp(2));
			side.come(pubcomp(3));
			equal(side.connection.session.store?.count, 0);
		}
	});

	test(`${name}: half a message that was lost is sent again from its beginning`, () => {
		const side = new Side(v, { ...stored(), cleanSession: 0 }).open();
		side.transport.room = 6;
		side.publish("topic", "payload", 1);
		side.cut();
		side.begin(true);
		side.transport.take();
		equal(side.come(connack(v, 1)), publish(v, { topic: "topic", payload: "payload", qos: 1, id: 1, dup: true }));
	});

	test(`${name}: receipts for what was not sent, or otherwise, are faults`, () => {
		const cases: [number, string][] = [
			[1, pubrec(1)],
			[1, pubcomp(1)],
			[2, puback(1)],
			[2, pubcomp(1)],
			[1, puback(9)],
			[1, puback(1) + puback(1)],
		];
		for (const [qos, receipt] of cases) {
			const side = new Side(v, stored()).open();
			side.publish("t", "p", qos);
			equal(side.come(receipt), v === 5 ? disconnect(0x82) : "", receipt);
			equal(side.connection.state, CLOSED);
			equal(side.connection.fault, -23);
		}
	});

	test(`${name}: receipts for what cannot have been sent are faults without a store, too`, () => {
		const cases: [number[], string][] = [
			[[], puback(7)],
			[[2], puback(1)],
			[[1], puback(1) + puback(1)],
			[[1, 2], puback(1) + puback(2)],
		];
		for (const [qoss, receipts] of cases) {
			const side = new Side(v).open();
			for (const qos of qoss) side.publish("t", "p", qos);
			equal(side.come(receipts), v === 5 ? disconnect(0x82) : "", receipts);
			equal(side.connection.state, CLOSED);
			equal(side.connection.fault, -23);
		}
		// What was sent on an earlier connection is not acknowledged on this one.
		const side = new Side(v, { cleanSession: 0 }).open();
		side.publish("t", "p", 1);
		side.cut();
		side.open(1, "", true);
		side.come(puback(1));
		equal(side.connection.fault, -23);
	});

	test(`${name}: receipts that nobody waits for are of no use without a store, either`, () => {
		for (const autoAck of [true, false]) {
			const side = new Side(v, { autoAck }).open();
			side.publish("t", "p", 1);
			equal(side.come(pubcomp(1)), "");
			equal(side.come(pubrec(1)), v === 5 ? pubrel(1, 0x92) : pubrel(1));
			equal(side.come(pubcomp(1)), "");
			equal(side.heard(), "");
			equal(side.come(puback(1)), "");
			equal(side.heard(), "puback 1");
		}
	});

	test(`${name}: an app without a store that sends PUBREL again on another connection`, () => {
		const side = new Side(v, { autoAck: false, cleanSession: 0 }).open();
		side.publish("t", "p", 2);
		side.come(pubrec(1));
		side.cut();
		side.open(1, "", true);
		side.publish("t", "p", 1);
		equal(side.connection.release({ messageId: 1 }), 0);
		side.go();
		equal(side.transport.take(), pubrel(1));
		side.come(pubcomp(1) + puback(2));
		equal(side.heard(), "pubcomp 1, puback 2");
		equal(side.connection.state, CONNECTED);
	});

	test(`${name}: a record that the library cannot write the identifier to`, () => {
		for (const options of [{}, stored()]) {
			const side = new Side(v, options).open();
			const message = { topic: { topic: "t", qos: 1 }, payload: { data: asciiOf("p") } };
			const send = (param: MqttPublishParam) => {
				const result = side.connection.publish(Object.freeze(param));
				side.go();
				return result;
			};
			equal(send({ message }), -EINVAL);
			ok(side.connection.sender.why.startsWith("messageId"), side.connection.sender.why);
			equal(send({ message, messageId: 3, assignedId: 3 }), -EINVAL, "a new one is due");
			equal(side.transport.take(), "");
			equal(side.connection.session.store?.count ?? 0, 0);
			equal(send({ message, messageId: 7 }), 0);
			equal(side.transport.take(), publish(v, { topic: "t", payload: "p", qos: 1, id: 7 }));
			equal(send({ message: { ...message, topic: Object.freeze({ topic: "t" }) } }), 0, "QoS 0 has none");
			equal(side.transport.take(), publish(v, { topic: "t", payload: "p" }));
			equal(side.publish("t", "p", 1), publish(v, { topic: "t", payload: "p", qos: 1, id: 1 }), "none was lost");
		}
	});

	test(`${name}: receipts that nobody waits for are of no use to anybody`, () => {
		const side = new Side(v, stored()).open();
		equal(side.come(pubcomp(9)), "");
		equal(side.come(pubrec(9)), v === 5 ? pubrel(9, 0x92) : pubrel(9));
		equal(side.heard(), "");
		equal(side.connection.state, CONNECTED);
		// PUBREC twice: PUBREL twice.
		side.publish("t", "p", 2);
		equal(side.come(pubrec(1)), pubrel(1));
		equal(side.come(pubrec(1)), pubrel(1));
	});

	test(`${name}: a receipt for a message that is not out yet`, () => {
		const side = new Side(v, stored()).open();
		side.transport.room = 8;
		side.publish("t", "x".repeat(150), 1);
		side.come(puback(1));
		equal(side.connection.fault, -23);
	});

	test(`${name}: without a connection`, () => {
		for (const [options, qos0, qos1] of [
			[{}, -ENOTCONN, -ENOTCONN],
			[stored(), 0, 0],
			[{ ...stored(), offlineQueue: false }, -ENOTCONN, -ENOTCONN],
		] as const) {
			const side = new Side(v, options);
			equal(side.post("t", "", 0), qos0);
			equal(side.post("t", "", 1), qos1);
			side.begin();
			equal(side.post("t", "", 0), qos0);
			equal(side.post("t", "", 2), qos1);
		}
	});

	test(`${name}: what does not fit at all`, () => {
		const side = new Side(v, { txBuf: new Uint8Array(32) }).open();
		equal(side.post("t".repeat(40), "", 0), -EMSGSIZE);
		equal(side.post("t".repeat(40), "", 1), -EMSGSIZE);
		ok(side.connection.sender.why.includes("txBuf"));
		// Nor can it wait in a store: nothing would ever go out again.
		const large = new Side(v, { txBuf: new Uint8Array(32), store: new Uint8Array(400) });
		equal(large.post("t".repeat(40), "", 1), -EMSGSIZE);
		ok(large.connection.sender.why.includes("txBuf"));
		let least = 0;
		while (large.post("t".repeat(least + 1), "x".repeat(200), 1) === 0) {
			least++;
			large.open();
			large.transport.take();
			large.come(puback(least));
			equal(large.connection.session.store?.count, 0, `${least}`);
			large.cut();
		}
		equal(least, v === 5 ? 24 : 25);
		const small = new Side(v, { store: new Uint8Array(20) }).open();
		equal(small.post("topic/long", "", 1), -EMSGSIZE);
		ok(small.connection.sender.why.includes("store"));
	});

	test(`${name}: topics that cannot be`, () => {
		const side = new Side(v).open();
		for (const topic of ["", "a/+", "#", "a\0b", "\ud800", "x".repeat(65536)]) {
			equal(side.post(topic, "", 0), -EINVAL, topic.slice(0, 9));
			ok(side.connection.sender.why.startsWith("topic"));
		}
		equal(side.connection.publish({ message: { topic: { topic: bytesOf("ff") }, payload: { data: bytesOf("") } } }), -EINVAL);
		equal(side.connection.publish({ message: { topic: { topic: bytesOf("") }, payload: { data: bytesOf("") } } }), -EINVAL);
		equal(side.connection.publish({ message: { topic: { topic: asciiOf("ä") }, payload: { data: bytesOf("01") } } }), 0);
		side.go();
		equal(side.transport.take(), publish(v, { topic: "ä", payload: "\x01" }));
	});

	test(`${name}: what waits in txBuf leaves together, and an app that finds no room is told when there is some`, () => {
		const side = new Side(v).open();
		const { sender } = side.connection;
		side.transport.room = 0;
		let posted = 0;
		while (side.post("t", "0123456789", 0) === 0) posted++;
		equal(posted, Math.floor(128 / (v === 5 ? 16 : 15)), "what fits into txBuf is taken as a whole or not at all");
		side.go();
		equal(sender.takeReady(), false);
		side.transport.room = 1000;
		side.go();
		equal(side.transport.take(), publish(v, { topic: "t", payload: "0123456789" }).repeat(posted));
		equal(sender.takeReady(), true);
		equal(sender.takeReady(), false);
	});

	test(`${name}: no more in flight than the server takes, and then the app is told`, () => {
		for (const options of [{}, stored()]) {
			const side = new Side(v, { inflightMaximum: 2, ...options }).open(0, v === 5 ? `${RECEIVE_MAXIMUM}0002` : "");
			const { sender } = side.connection;
			side.publish("t", "1", 1);
			side.publish("t", "2", 2);
			if ("store" in options) {
				equal(side.publish("t", "3", 1), "", "it waits in the store");
				equal(side.publish("t", "4", 0), "", "in order");
				equal(side.come(puback(1)), publish(v, { topic: "t", payload: "3", qos: 1, id: 3 }) + publish(v, { topic: "t", payload: "4" }));
				equal(side.publish("t", "5", 1), "");
				equal(side.come(pubrec(2)), pubrel(2), "a message of QoS 2 is in flight until PUBCOMP");
				equal(side.come(pubcomp(2)), publish(v, { topic: "t", payload: "5", qos: 1, id: 4 }));
				continue;
			}
			equal(side.post("t", "3", 1), -EAGAIN);
			equal(side.post("t", "3", 0), 0);
			side.go();
			side.come(pubrec(2));
			equal(sender.takeReady(), false);
			side.come(puback(1));
			equal(sender.takeReady(), true);
			equal(sender.takeReady(), false);
			equal(side.post("t", "3", 1), 0);
			equal(side.post("t", "4", 1), -EAGAIN);
			side.go();
			side.come(pubcomp(2));
			equal(sender.takeReady(), true);
		}
	});

	test(`${name}: a store that is full, and then has room`, () => {
		const side = new Side(v, { store: new Uint8Array(80) }).open();
		const { sender } = side.connection;
		side.publish("t", "1".repeat(20), 1);
		side.publish("t", "2".repeat(20), 1);
		equal(side.post("t", "3".repeat(20), 1), -EAGAIN);
		side.go();
		equal(sender.takeReady(), false);
		side.come(puback(1));
		equal(sender.takeReady(), true);
		equal(sender.takeReady(), false);
		equal(side.post("t", "3".repeat(20), 1), 0);
	});

	test(`${name}: a store that was full while there was no connection`, () => {
		const side = new Side(v, { store: new Uint8Array(80) });
		const { sender } = side.connection;
		equal(side.post("t", "1".repeat(20), 1), 0);
		equal(side.post("t", "2".repeat(20), 0), 0);
		equal(side.post("t", "3".repeat(20), 1), -EAGAIN);
		equal(sender.takeReady(), false);
		side.open();
		equal(sender.takeReady(), true, "the newest is through");
		equal(side.post("t", "3".repeat(20), 1), 0);
		equal(side.post("t", "4".repeat(20), 1), -EAGAIN);
		side.go();
		side.come(puback(2));
		equal(sender.takeReady(), true);
	});

	test(`${name}: who waits for room is told when messages were given up, too`, () => {
		const side = new Side(5, { store: new Uint8Array(60) });
		equal(side.post("t", "1".repeat(20), 2), 0);
		equal(side.post("t", "2".repeat(20), 2), -EAGAIN);
		side.open(0, `${MAXIMUM_QOS}01`);
		equal(side.connection.session.store?.count, 0);
		equal(side.connection.sender.takeReady(), true);
	});

	test(`${name}: the maximum in flight is as small after a loss, and what is acknowledged makes room`, () => {
		const side = new Side(v, { inflightMaximum: 2, cleanSession: 0, ...stored() }).open(0, v === 5 ? `${RECEIVE_MAXIMUM}0002` : "");
		for (let i = 1; i <= 4; i++) side.publish("t", `${i}`, 1);
		side.cut();
		side.begin(true);
		const dup = (id: number, again: boolean) => publish(v, { topic: "t", payload: `${id}`, qos: 1, id, dup: again });
		equal(side.come(connack(v, 1, 0, v === 5 ? `${RECEIVE_MAXIMUM}0001` : "")), v === 5 ? dup(1, true) : dup(1, true) + dup(2, true));
		equal(side.come(puback(1)), v === 5 ? dup(2, true) : dup(3, false));
		equal(side.come(puback(2)), v === 5 ? dup(3, false) : dup(4, false));
	});
}

test("5.0: receipts with reasons", () => {
	for (const options of [{}, stored()]) {
		const side = new Side(5, options).open(0, `${RECEIVE_MAXIMUM}0002`);
		side.publish("t", "", 1);
		equal(side.come(puback(1, 0x10)), "");
		side.publish("t", "", 1);
		equal(side.come(puback(2, 0x87, "1f000161")), "");
		side.publish("t", "", 2);
		equal(side.come(pubrec(3, 0x97)), "", "no PUBREL for what was refused");
		side.publish("t", "", 2);
		equal(side.come(pubrec(4, 0x10)), pubrel(4));
		equal(side.come(pubcomp(4, 0x92)), "");
		equal(side.heard(), "puback 1 reason 16, puback 2 reason 135, pubrec 3 reason 151, pubrec 4 reason 16, pubcomp 4 reason 146");
		side.publish("t", "", 1);
		side.publish("t", "", 1);
		equal(side.connection.sender.quota, 0, "all of them gave back their place");
		side.come(puback(5) + puback(6));
		equal(side.connection.sender.quota, 2);
		side.come(puback(6));
		equal(side.connection.sender.quota, 2);
	}
});

test("5.0: properties go out, and stay with a message in the store", () => {
	const prop: MqttPropertyValues = {
		payloadFormatIndicator: 1,
		messageExpiryInterval: 7,
		contentType: "c",
		responseTopic: "r",
		correlationData: bytesOf("0102"),
		userProp: [["n", "v"]],
	};
	const props = "0101 02 00000007 03 000163 08 000172 09 00020102 26 00016e 000176";
	for (const qos of [0, 1]) {
		const side = new Side(5, { ...stored(), cleanSession: 0 }).open();
		const sent = bytesOf(side.publish("t", "p", qos, { prop }));
		const head = hexOf(
			bytesOf(
				qos ? `00017400 01 ${hexOf([props.split(" ").join("").length / 2])}` : `000174 ${hexOf([props.split(" ").join("").length / 2])}`,
			),
		);
		ok(hexOf(sent).slice(4).startsWith(head), `${hexOf(sent)} ${head}`);
		deepEqual([...propsOf(hexOf(sent).slice(4 + head.length, -2))].sort(), [...propsOf(props.split(" ").join(""))].sort());
		if (qos === 0) continue;
		side.cut();
		side.begin(true);
		equal(side.come(connack(5, 1)), hexOf(sent).replace("32", "3a"));
	}
});

/** Sorted bytes: which order properties have, the sender chooses. */
const propsOf = (hex: string) => hex.split("");

test("5.0: what the server said that it does not take", () => {
	const side = new Side(5).open(0, `${MAXIMUM_QOS}01${RETAIN_AVAILABLE}00${PACKET_MAXIMUM}00000010`);
	equal(side.post("t", "", 2), -ENOTSUP);
	ok(side.connection.sender.why.startsWith("qos"));
	equal(side.post("t", "", 0, { retainFlag: 1 }), -ENOTSUP);
	ok(side.connection.sender.why.startsWith("retainFlag"));
	// 16 bytes: 2, topic 3, properties 1, payload 10.
	equal(side.post("t", "0123456789", 0), 0);
	equal(side.post("t", "01234567890", 0), -EMSGSIZE);
	equal(side.post("t", "01234567", 1), 0);
	equal(side.post("t", "012345678", 1), -EMSGSIZE);
	equal(side.post("t", "", 0, { prop: { topicAlias: 1 } }), -EINVAL);
});

test("what was published before the server said what it takes", () => {
	const side = new Side(5, { store: new Uint8Array(400) });
	side.post("t", "a", 2, { messageId: 10 });
	side.post("t", "b", 1, { messageId: 11, retainFlag: 1 });
	side.post("t", "c".repeat(30), 0);
	side.post("t", "d".repeat(30), 1, { messageId: 12 });
	side.post("t", "e", 1, { messageId: 13 });
	side.begin();
	equal(
		side.come(connack(5, 0, 0, `${MAXIMUM_QOS}01${RETAIN_AVAILABLE}00${PACKET_MAXIMUM}00000014`)),
		publish(5, { topic: "t", payload: "e", qos: 1, id: 13 }),
	);
	equal(side.heard(), "connack 0 0, puback 10 -134, puback 11 -134, puback 0 -134, puback 12 -134");
	equal(side.connection.session.store?.count, 1);
});

test("5.0: topic aliases", () => {
	const side = new Side(5).open(0, `${ALIAS_MAXIMUM}0002`);
	const prop = { topicAlias: 1 };
	const alias = (topic: string, number = 1) => publish(5, { topic, props: `23${short(number)}` });
	equal(side.post("", "", 0, { prop }), -EINVAL);
	equal(side.publish("a", "", 0, { prop }), alias("a"));
	equal(side.publish("a", "", 0, { prop }), alias(""));
	equal(side.publish("", "", 0, { prop }), alias(""));
	equal(side.publish("b", "", 0, { prop }), alias("b"), "now it stands for another one");
	equal(side.publish("a", "", 0, { prop }), alias("a"));
	equal(side.publish("a", "", 0, { prop: { topicAlias: 2 } }), alias("a", 2));
	equal(side.post("a", "", 0, { prop: { topicAlias: 3 } }), -EINVAL);
	equal(side.post("a", "", 0, { prop: { topicAlias: 0 } }), -EINVAL);
	side.cut();
	side.open(0, `${ALIAS_MAXIMUM}0001`, true);
	equal(side.post("", "", 0, { prop }), -EINVAL, "a new connection knows none");
	equal(side.publish("a", "", 0, { prop }), alias("a"));
});

test("5.0: aliases of messages in the store", () => {
	const side = new Side(5, { ...stored(), cleanSession: 0 }).open(0, `${ALIAS_MAXIMUM}0001`);
	const prop = { topicAlias: 1 };
	const message = (topic: string, id: number, dup = false, props = "230001") => publish(5, { topic, qos: 1, id, dup, props });
	equal(side.publish("a", "", 1, { prop }), message("a", 1));
	equal(side.publish("a", "", 1, { prop }), message("", 2));
	equal(side.post("", "", 1, { prop }), -EINVAL, "it may have to go out on another connection");
	side.cut();
	side.begin(true);
	equal(side.come(connack(5, 1, 0, `${ALIAS_MAXIMUM}0001`)), message("a", 1, true) + message("", 2, true));
	side.cut();
	side.begin(true);
	equal(side.come(connack(5, 1)), message("a", 1, true, "") + message("a", 2, true, ""), "without aliases");
});

test("properties that the app changed after they were found right", () => {
	const side = new Side(5).open(0, `${ALIAS_MAXIMUM}0002`);
	const prop: Record<string, unknown> = { contentType: "c", topicAlias: 1 };
	const change = (name: string, value: unknown) => {
		const before = prop[name];
		prop[name] = value;
		const result = side.post("t", "p", 0, { prop });
		prop[name] = before;
		return result;
	};
	equal(side.post("t", "p", 0, { prop }), 0);
	for (const value of [1, "\ud800", null, "x".repeat(65536)]) {
		equal(change("contentType", value), -EINVAL, String(value).slice(0, 9));
		ok(side.connection.sender.why.startsWith("prop.contentType"), side.connection.sender.why);
	}
	for (const value of [0, -1, 1.5, NaN, "1", 65536, null, 3]) equal(change("topicAlias", value), -EINVAL, String(value));
	equal(side.post("t", "p", 0, { prop }), 0);
});

test("5.0: as many in flight as the app wants, if that is less than the server takes", () => {
	const side = new Side(5, { inflightMaximum: 2, store: new Uint8Array(200) }).open(0, `${RECEIVE_MAXIMUM}0014`);
	for (let i = 1; i <= 3; i++) side.post("t", "", 1);
	side.go();
	equal(side.transport.take(), [1, 2].map((id) => publish(5, { topic: "t", qos: 1, id })).join(""));
	equal(side.come(puback(1)), publish(5, { topic: "t", qos: 1, id: 3 }));
});

test("who waits for txBuf is told, whatever others wait for", () => {
	const side = new Side(4, { store: new Uint8Array(24) }).open();
	equal(side.post("t", "1", 1), 0);
	equal(side.post("t", "22222222", 1), -EAGAIN, "the store is full");
	side.transport.room = 0;
	side.go();
	while (side.connection.subscribe({ list: [{ topic: "0123456789".repeat(3) }] }, 1, true) === 0);
	side.transport.room = 1000;
	side.go();
	equal(side.connection.sender.takeReady(), true, "for the subscription");
	equal(side.connection.sender.takeReady(), false);
	side.come(puback(1));
	equal(side.connection.sender.takeReady(), true, "for the message");
});

test("a message that the app sends again goes into the store as one that was sent", () => {
	const side = new Side(4, { store: new Uint8Array(100) }).open();
	equal(side.publish("t", "", 1, { messageId: 9, dupFlag: 1 }), publish(4, { topic: "t", qos: 1, id: 9, dup: true }));
});
