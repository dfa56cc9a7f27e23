/* Messages that come (3.1.1 and 5.0 §3.3, §4.3): told once, and acknowledged when the app has them; in whatever pieces they come. */
import config from "mc/config";
import {
	EAGAIN,
	EALREADY,
	EINVAL,
	ENOENT,
	ENOMEM,
	MQTT_FAULT_RECEIVE_MAXIMUM,
	MQTT_FAULT_TOPIC_ALIAS,
	MQTT_FAULT_TOPIC_ALIAS_SIZE,
	MQTT_FAULT_TOPIC_MISSING,
} from "mqtt";
import { CLOSED, CONNECTED } from "mqtt/connection";
import { READ_LOST, READ_NONE } from "mqtt/input";
import { PUBACK, PUBREC } from "mqtt/packet";
import { equal, test } from "test";
import { Side } from "./fake";
import { bytesOf, disconnect, puback, pubcomp, publish, pubrec, pubrel, short } from "./wire";

/** A collection at every allocation takes a hundred times as long: then fewer pieces. */
const brief = /stress|mps2/.test(String(config.variant));

const long = "0123456789".repeat(20);

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";
	const qos1 = publish(v, { topic: "a/b", payload: "one", qos: 1, id: 5 });
	const qos2 = publish(v, { topic: "a/b", payload: "two", qos: 2, id: 6 });

	test(`${name}: each QoS is acknowledged as it has to be`, () => {
		const side = new Side(v).open();
		equal(side.come(publish(v, { topic: "a/b", payload: "zero", retain: true })), "");
		equal(side.come(qos1), puback(5));
		equal(side.come(qos2), pubrec(6));
		equal(side.come(pubrel(6)), pubcomp(6));
		equal(side.heard(), "publish a/b 0 0 retain 4 zero, publish a/b 1 5 3 one, publish a/b 2 6 3 two, pubrel 6");
	});

	test(`${name}: a conversation in pieces of any size is the same`, () => {
		const empty = publish(v, { topic: "e", qos: 1, id: 8 });
		const all = qos1 + publish(v, { topic: "l", payload: long, qos: 2, id: 7 }) + qos2 + empty + pubrel(7) + pubrel(6);
		const bytes = bytesOf(all);
		const sent = puback(5) + pubrec(7) + pubrec(6) + puback(8) + pubcomp(7) + pubcomp(6);
		const words = `publish a/b 1 5 3 one, publish l 2 7 200 ${long}, publish a/b 2 6 3 two, publish e 1 8 0, pubrel 7, pubrel 6`;
		const run = (size: number, give: (side: Side) => void) => {
			const side = new Side(v, { rxBuf: new Uint8Array(size), txBuf: new Uint8Array(32) }).open();
			give(side);
			side.go();
			equal(side.transport.take(), sent);
			equal(side.heard(), words);
		};
		for (const size of brief ? [33] : [32, 33, 47, 128, 512]) {
			run(size, (side) => side.transport.give(bytes));
			run(size, (side) => {
				for (let i = 0; i < bytes.length; i++) {
					side.transport.give(bytes.slice(i, i + 1));
					side.go();
				}
			});
			if (size === 32 || size === 128 || brief)
				for (let i = 1; i < bytes.length; i += brief ? 29 : 1)
					run(size, (side) => {
						side.transport.give(bytes.slice(0, i));
						side.go();
						side.transport.give(bytes.slice(i));
					});
		}
	});

	test(`${name}: QoS 2 that comes again is not told again, however long it is`, () => {
		for (const payload of ["two", long]) {
			const side = new Side(v, { rxBuf: new Uint8Array(64) }).open();
			const message = (dup: boolean) => publish(v, { topic: "a/b", payload, qos: 2, id: 6, dup });
			equal(side.come(message(false)), pubrec(6));
			equal(side.come(message(true)), pubrec(6));
			equal(side.come(message(true) + qos1), pubrec(6) + puback(5));
			equal(side.come(pubrel(6)), pubcomp(6));
			equal(side.come(pubrel(6)), v === 5 ? pubcomp(6, 0x92) : pubcomp(6), "who sends PUBREL again did not get the answer");
			equal(side.come(message(true)), pubrec(6), "DUP or not, it is another message now");
			equal(
				side.heard(),
				`publish a/b 2 6 ${payload.length} ${payload}, publish a/b 1 5 3 one, pubrel 6, publish a/b 2 6 dup ${payload.length} ${payload}`,
			);
		}
	});

	test(`${name}: a long message that comes again in pieces is passed over`, () => {
		const side = new Side(v, { rxBuf: new Uint8Array(64) }).open();
		side.come(publish(v, { topic: "a", payload: long, qos: 2, id: 6 }));
		side.heard();
		const bytes = bytesOf(publish(v, { topic: "a", payload: long, qos: 2, id: 6, dup: true }) + qos1);
		let sent = "";
		for (let i = 0; i < bytes.length; i++) {
			side.transport.give(bytes.slice(i, i + 1));
			side.go();
			sent += side.transport.take();
		}
		equal(sent, pubrec(6) + puback(5));
		equal(side.heard(), "publish a/b 1 5 3 one");
	});

	test(`${name}: QoS 2 over a lost connection`, () => {
		const side = new Side(v, { cleanSession: 0 }).open();
		side.come(qos2);
		side.cut();
		side.heard();
		side.open(1, "", true);
		equal(side.come(publish(v, { topic: "a/b", payload: "two", qos: 2, id: 6, dup: true })), pubrec(6));
		equal(side.heard(), "");
		side.cut();
		side.open(1, "", true);
		equal(side.come(pubrel(6)), pubcomp(6));
		side.cut();
		side.heard();
		side.open(0, "", true);
		equal(side.come(publish(v, { topic: "a/b", payload: "new", qos: 2, id: 6 })), pubrec(6));
		equal(side.heard(), "publish a/b 2 6 3 new", "in a new session it is a new message");
		side.cut();
		side.heard();
		side.open(0, "", true);
		side.come(publish(v, { topic: "a/b", payload: "new", qos: 2, id: 6 }));
		equal(side.heard(), "publish a/b 2 6 3 new", "and in the next, too");
	});

	test(`${name}: the app acknowledges`, () => {
		const side = new Side(v, { autoAck: false }).open();
		const { delivery } = side.connection;
		const sent = () => {
			side.go();
			return side.transport.take();
		};
		equal(side.come(qos1), "");
		equal(side.come(qos2), "");
		equal(side.come(publish(v, { topic: "a/b", payload: "two", qos: 2, id: 6, dup: true })), "", "not confirmed: it is told again");
		equal(side.heard(), "publish a/b 1 5 3 one, publish a/b 2 6 3 two, publish a/b 2 6 dup 3 two");
		equal(delivery.acknowledge(PUBACK, { messageId: 5 }), 0);
		equal(sent(), puback(5));
		equal(delivery.complete({ messageId: 6 }), -ENOENT);
		equal(delivery.acknowledge(PUBREC, { messageId: 6 }), 0);
		equal(sent(), pubrec(6));
		equal(side.come(publish(v, { topic: "a/b", payload: "two", qos: 2, id: 6, dup: true })), pubrec(6));
		equal(side.come(pubrel(6)), "");
		equal(side.heard(), "pubrel 6");
		equal(delivery.complete({ messageId: 6 }), 0);
		equal(delivery.complete({ messageId: 6 }), -ENOENT);
		equal(sent(), pubcomp(6));
		// Not one by one, and not at once.
		for (let id = 10; id < 20; id++) side.come(publish(v, { topic: "t", qos: 1, id }));
		for (let id = 19; id >= 10; id--) equal(delivery.acknowledge(PUBACK, { messageId: id }), 0);
		let all = "";
		for (let id = 19; id >= 10; id--) all += puback(id);
		equal(sent(), all);
	});

	test(`${name}: with automatic acknowledgement the app may be quicker, once`, () => {
		const side = new Side(v).open();
		const { delivery } = side.connection;
		const results: number[] = [];
		side.hear = () => results.push(delivery.acknowledge(PUBACK, { messageId: 5 }), delivery.acknowledge(PUBACK, { messageId: 5 }));
		equal(side.come(qos1), puback(5));
		equal(results.join(), `0,${-EALREADY}`);
		results.length = 0;
		side.hear = () => results.push(delivery.acknowledge(PUBACK, { messageId: 6 }), delivery.acknowledge(PUBREC, { messageId: 6 }));
		equal(side.come(qos2), pubrec(6));
		equal(results.join(), `${-EALREADY},0`);
		side.hear = () => {};
		equal(delivery.acknowledge(PUBACK, { messageId: 5 }), -EALREADY);
		equal(delivery.complete({ messageId: 6 }), -EALREADY);
		equal(side.connection.release({ messageId: 6 }), -EALREADY);
		equal(side.come(pubrel(6)), pubcomp(6));
	});

	test(`${name}: nothing is told, nor acknowledged, before a payload is read`, () => {
		for (const payload of ["short", long]) {
			const side = new Side(v, { rxBuf: new Uint8Array(64) }).open();
			const { delivery } = side.connection;
			side.reads = false;
			equal(side.come(publish(v, { topic: "t", payload, qos: 1, id: 9 }) + qos2), "");
			equal(side.heard(), `publish t 1 9 ${payload.length}`);
			const piece = new Uint8Array(300);
			equal(delivery.read(piece, 0, 3), 3);
			side.go();
			equal(side.transport.take(), "");
			for (let left = payload.length - 3; left > 0; ) left -= delivery.read(piece, 0, 300);
			equal(delivery.read(piece, 0, 300), 0);
			side.go();
			equal(side.transport.take(), puback(9));
			equal(side.heard(), "publish a/b 2 6 3");
		}
	});

	test(`${name}: a payload is read as a whole, when it is there as a whole`, () => {
		const side = new Side(v, { rxBuf: new Uint8Array(64) }).open();
		const { delivery } = side.connection;
		side.reads = false;
		const bytes = bytesOf(publish(v, { topic: "t", payload: long, qos: 1, id: 9 }));
		const into = new Uint8Array(200);
		side.transport.give(bytes.slice(0, 100));
		side.go();
		equal(side.heard(), "publish t 1 9 200");
		equal(delivery.readAll(into, 200), READ_NONE);
		side.transport.give(bytes.slice(100, 199));
		equal(delivery.readAll(into, 200), READ_NONE);
		side.transport.give(bytes.slice(199));
		equal(delivery.readAll(into, 200), 0);
		equal(String.fromArrayBuffer(into.buffer as ArrayBuffer), long);
		side.go();
		equal(side.transport.take(), puback(9));
		equal(delivery.readAll(into, 200), -EINVAL, "there is none");
		side.come(publish(v, { topic: "t", payload: "abc", qos: 1, id: 10 }));
		equal(delivery.readAll(into, 4), -EINVAL);
		equal(delivery.readAll(into, 3), 0);
		side.go();
		equal(side.transport.take(), puback(10));
	});

	test(`${name}: a payload that is lost`, () => {
		const side = new Side(v, { rxBuf: new Uint8Array(64) }).open();
		side.reads = false;
		side.transport.give(bytesOf(publish(v, { topic: "t", payload: long, qos: 1, id: 9 })).slice(0, 80));
		side.go();
		const into = new Uint8Array(200);
		equal(side.connection.delivery.readAll(into, 200), READ_NONE);
		side.transport.broken = -104;
		equal(side.connection.delivery.readAll(into, 200), READ_LOST);
		side.connection.lost();
		equal(side.connection.state, CLOSED);
		equal(side.transport.take(), "");
	});

	test(`${name}: what came before the end is told`, () => {
		const side = new Side(v).open();
		side.transport.give(bytesOf(qos1 + qos2));
		side.cut();
		equal(side.heard(), "publish a/b 1 5 3 one, publish a/b 2 6 3 two");
		equal(side.connection.state, CLOSED);
		equal(side.connection.fault, -38);
	});

	test(`${name}: a flood is acknowledged, all of it, though the server does not read`, () => {
		const side = new Side(v, { rxBuf: new Uint8Array(256), txBuf: new Uint8Array(64) }).open();
		let flood = "";
		let answers = "";
		for (let id = 1; id <= 31; id++) {
			flood += publish(v, { topic: "t", qos: 1, id }) + publish(v, { topic: "t", qos: 2, id: id + 100 }) + pubrel(id + 100);
			answers += puback(id) + pubrec(id + 100) + pubcomp(id + 100);
		}
		side.transport.room = 0;
		equal(side.come(flood), "");
		let sent = "";
		while (sent.length < answers.length) {
			side.transport.room = 5;
			side.go();
			const some = side.transport.take();
			if (some === "") break;
			sent += some;
		}
		equal(sent, answers);
		equal(side.told.length, 93);
		equal(side.connection.state, CONNECTED);
	});

	test(`${name}: more of QoS 2 than there is memory for`, () => {
		const side = new Side(v, { autoAck: false, incomingMaximum: 2, prop: { receiveMaximum: 2 } }).open();
		const { delivery } = side.connection;
		for (const id of [1, 2]) {
			side.come(publish(v, { topic: "t", qos: 2, id }));
			equal(delivery.acknowledge(PUBREC, { messageId: id }), 0);
		}
		equal(delivery.acknowledge(PUBREC, { messageId: 3 }), -ENOMEM);
		equal(side.connection.state, CONNECTED);
		side.go();
		side.transport.take();
		equal(side.come(publish(v, { topic: "t", qos: 2, id: 3 })), v === 5 ? disconnect(0x93) : "");
		equal(side.connection.fault, MQTT_FAULT_RECEIVE_MAXIMUM);
	});

	test(`${name}: messages of an earlier connection take memory, too`, () => {
		const side = new Side(v, { cleanSession: 0, incomingMaximum: 2, prop: { receiveMaximum: 2 } }).open();
		side.come(publish(v, { topic: "t", qos: 2, id: 1 }));
		side.come(publish(v, { topic: "t", qos: 2, id: 2 }));
		side.cut();
		side.open(1, "", true);
		equal(side.come(publish(v, { topic: "t", qos: 1, id: 3 })), puback(3));
		side.come(publish(v, { topic: "t", qos: 2, id: 4 }));
		equal(side.connection.fault, MQTT_FAULT_RECEIVE_MAXIMUM, "to take it in would be to tell it twice, perhaps");
	});
}

test("5.0: receive maximum", () => {
	const side = new Side(5, { autoAck: false, prop: { receiveMaximum: 2 } }).open();
	const { delivery } = side.connection;
	side.come(publish(5, { topic: "t", qos: 1, id: 1 }));
	side.come(publish(5, { topic: "t", qos: 2, id: 2 }));
	side.come(publish(5, { topic: "t" }));
	equal(delivery.acknowledge(PUBACK, { messageId: 1 }), 0);
	side.come(publish(5, { topic: "t", qos: 1, id: 3 }));
	equal(delivery.acknowledge(PUBREC, { messageId: 2, reasonCode: 0x97 }), 0);
	side.come(publish(5, { topic: "t", qos: 1, id: 4 }));
	equal(side.connection.state, CONNECTED);
	side.transport.take();
	equal(side.come(publish(5, { topic: "t", qos: 1, id: 5 })), disconnect(0x93));
	equal(side.connection.fault, MQTT_FAULT_RECEIVE_MAXIMUM);
});

test("5.0: the receive maximum that the server is told if the app does not say is not enforced: mosquitto does not keep to it", () => {
	const side = new Side(5, { autoAck: false, incomingMaximum: 4 }).open();
	for (let id = 1; id <= 40; id++) side.come(publish(5, { topic: "t", qos: 1, id }));
	equal(side.connection.state, CONNECTED);
	equal(side.told.length, 40);
});

test("a message that was confirmed stays so, though there is no room to confirm it again", () => {
	const side = new Side(5, { autoAck: false, txBuf: new Uint8Array(32) }).open();
	const { delivery } = side.connection;
	const message = publish(5, { topic: "t", qos: 2, id: 6 });
	side.come(message);
	equal(delivery.acknowledge(PUBREC, { messageId: 6 }), 0);
	side.go();
	side.transport.take();
	side.heard();
	side.transport.room = 0;
	const prop = { reasonString: "0123456789" };
	equal(delivery.acknowledge(PUBREC, { messageId: 7, prop }), 0);
	side.go();
	equal(delivery.acknowledge(PUBREC, { messageId: 6, prop }), -EAGAIN);
	equal(delivery.acknowledge(PUBREC, { messageId: 8, prop }), -EAGAIN);
	side.transport.room = 1000;
	side.go();
	side.transport.take();
	equal(side.come(message), pubrec(6));
	equal(side.heard(), "");
	equal(delivery.complete({ messageId: 6 }), 0);
	equal(delivery.complete({ messageId: 8 }), -ENOENT);
});

test("5.0: what the app refuses, and says of it", () => {
	const side = new Side(5, { autoAck: false }).open();
	const { delivery } = side.connection;
	side.come(publish(5, { topic: "t", qos: 2, id: 2 }));
	equal(delivery.acknowledge(PUBREC, { messageId: 2, reasonCode: 0x87, prop: { reasonString: "no" } }), 0);
	side.go();
	equal(side.transport.take(), pubrec(2, 0x87, "1f00026e6f"));
	side.heard();
	side.come(publish(5, { topic: "t", qos: 2, id: 2 }));
	equal(side.heard(), "publish t 2 2 0", "it was not taken, so this is another one");
	equal(delivery.acknowledge(PUBREC, { messageId: 2, reasonCode: 0x10 }), 0);
	side.go();
	equal(side.transport.take(), pubrec(2, 0x10));
	side.come(pubrel(2, 0x92));
	equal(side.heard(), "pubrel 2 reason 146");
	equal(delivery.complete({ messageId: 2, reasonCode: 0x92, prop: { userProp: [["a", "b"]] } }), 0);
	side.go();
	equal(side.transport.take(), pubcomp(2, 0x92, "2600016100" + "0162"));
	side.come(publish(5, { topic: "t", qos: 1, id: 3 }));
	equal(delivery.acknowledge(PUBACK, { messageId: 3, prop: { reasonString: "x".repeat(200) } }), -122);
	equal(delivery.acknowledge(PUBACK, { messageId: 3 }), 0);
});

test("5.0: acknowledgements with properties stay in order, and wait for room", () => {
	const side = new Side(5, { autoAck: false, txBuf: new Uint8Array(32) }).open();
	const { delivery, sender } = side.connection;
	for (let id = 1; id <= 4; id++) side.come(publish(5, { topic: "t", qos: 1, id }));
	side.transport.room = 0;
	const prop = { reasonString: "0123456789" };
	const props = "1f000a30313233343536373839";
	equal(delivery.acknowledge(PUBACK, { messageId: 1 }), 0);
	equal(delivery.acknowledge(PUBACK, { messageId: 2, prop }), 0);
	equal(delivery.acknowledge(PUBACK, { messageId: 3, prop }), -11);
	equal(delivery.acknowledge(PUBACK, { messageId: 4 }), 0);
	side.go();
	equal(sender.takeReady(), false);
	side.transport.room = 1000;
	side.go();
	equal(side.transport.take(), puback(1) + puback(2, 0, props) + puback(4));
	equal(sender.takeReady(), true);
	equal(delivery.acknowledge(PUBACK, { messageId: 3, prop }), 0);
});

test("5.0: topic aliases of the server", () => {
	const side = new Side(5, { prop: { topicAliasMaximum: 2 }, topicAliasBuf: new Uint8Array(20) }).open();
	const message = (topic: string, alias: number, more = {}) => publish(5, { topic, props: `23${short(alias)}`, ...more });
	side.come(
		message("one", 1) + message("two", 2, { qos: 1, id: 1 }) + message("", 1) + message("", 2) + message("new", 1) + message("", 1),
	);
	equal(side.heard(), "publish one 0 0 0, publish two 1 1 0, publish one 0 0 0, publish two 0 0 0, publish new 0 0 0, publish new 0 0 0");
	side.transport.take();
	// A message that is not told again gives the alias a topic all the same.
	side.come(publish(5, { topic: "t", qos: 2, id: 7 }));
	side.come(message("dup", 2, { qos: 2, id: 7, dup: true }) + message("", 2));
	equal(side.heard(), "publish t 2 7 0, publish dup 0 0 0");
	side.cut();
	side.open(0, "", true);
	equal(side.come(message("", 1)), disconnect(0x82), "a new connection knows none");
	equal(side.connection.fault, MQTT_FAULT_TOPIC_MISSING);
	for (const [packet, reason, fault] of [
		[message("t", 3), 0x94, MQTT_FAULT_TOPIC_ALIAS],
		[message("t", 0), 0x94, MQTT_FAULT_TOPIC_ALIAS],
		[message("123456789", 1), 0x83, MQTT_FAULT_TOPIC_ALIAS_SIZE],
	] as const) {
		const other = new Side(5, { prop: { topicAliasMaximum: 2 }, topicAliasBuf: new Uint8Array(20) }).open();
		equal(other.come(packet), disconnect(reason), packet);
		equal(other.connection.fault, fault);
	}
	const without = new Side(5).open();
	equal(without.come(message("t", 1)), disconnect(0x94));
});
