/* Payloads that are longer than every buffer, both ways, over transports that take little, or nothing for a while. */
import { EAGAIN, type MqttPayloadSource, type MqttPublishParam } from "mqtt";
import { CONNECTED } from "mqtt/connection";
import { PUBACK } from "mqtt/packet";
import { equal, ok, test } from "test";
import { Side } from "./fake";
import { asciiOf, bytesOf, connack, hexOf, PINGREQ, puback, pubcomp, publish, pubrec, pubrel, short } from "./wire";

const LENGTH = 1300;
const text = Array.from({ length: LENGTH }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join("");
const data = asciiOf(text);

/** Gives `most` bytes at a time, and keeps what it was asked for. */
function sourceOf(most: number, calls: number[]): MqttPayloadSource {
	return (offset, into, start, end) => {
		calls.push(offset);
		ok(start >= 0 && start < end && end <= into.length && offset < LENGTH, `${offset}: ${start} to ${end}`);
		const count = Math.min(most, end - start);
		ok(offset + count <= LENGTH, "asked for more than there is");
		for (let i = 0; i < count; i++) into[start + i] = data[offset + i] as number;
		return count;
	};
}

/** The transport takes `piece` bytes each time, and nothing every third time, until nothing comes any more. */
function drain(side: Side, piece: number): string {
	let sent = "";
	for (let turn = 0, idle = 0; idle < 4; turn++) {
		side.transport.room = turn % 3 === 2 ? 0 : piece;
		side.go();
		const some = side.transport.take();
		sent += some;
		idle = some === "" ? idle + 1 : 0;
	}
	return sent;
}

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";

	test(`${name}: out, from a buffer and from a source, in a txBuf of 32 bytes`, () => {
		for (const stored of [false, true])
			for (const qos of [0, 1, 2])
				for (const most of [0, 1, 7, 1000]) {
					const store = stored ? { store: new Uint8Array(64) } : {};
					const side = new Side(v, { txBuf: new Uint8Array(32), ...store }).open();
					const { connection } = side;
					side.transport.room = 0;
					const calls: number[] = [];
					const param: MqttPublishParam = {
						message: { topic: { topic: "t", qos }, payload: most ? { data: sourceOf(most, calls), len: LENGTH } : { data } },
					};
					const where = `QoS ${qos}, ${most} at a time, ${stored ? "" : "not "}stored`;
					equal(connection.publish(param), 0, where);
					side.go();
					// What else there is to say waits for its end.
					connection.ping();
					side.come(publish(v, { topic: "u", qos: 1, id: 77 }));
					equal(side.post("w", "x"), -EAGAIN, where);
					const id = qos ? { id: 1 } : {};
					const whole = publish(v, { topic: "t", payload: text, qos, ...id });
					equal(drain(side, most === 1 ? 1 : 13), whole + puback(77) + PINGREQ, where);
					ok(connection.sender.takeReady(), where);
					for (let i = 1; i < calls.length; i++) ok((calls[i] as number) > (calls[i - 1] as number));
					if (qos === 1) side.come(puback(1));
					else if (qos === 2) {
						side.transport.room = 1000;
						equal(side.come(pubrec(1)), pubrel(1));
						side.come(pubcomp(1));
					}
					equal(connection.session.store?.count ?? 0, 0, where);
					equal(connection.state, CONNECTED, where);
				}
	});

	test(`${name}: out, again from its beginning after a loss`, () => {
		for (const most of [0, 50]) {
			const side = new Side(v, { txBuf: new Uint8Array(48), store: new Uint8Array(64), cleanSession: 0 }).open();
			const calls: number[] = [];
			side.transport.room = 1000;
			const payload = most ? { data: sourceOf(most, calls), len: LENGTH } : { data };
			equal(side.connection.publish({ message: { topic: { topic: "t", qos: 2 }, payload } }), 0);
			side.go();
			equal(side.transport.take().length, 2000);
			equal(side.connection.publish({ message: { topic: { topic: "t", qos: 2 }, payload: { data } } }), -EAGAIN, "one at a time");
			side.cut();
			side.begin(true);
			calls.length = 0;
			const again = publish(v, { topic: "t", payload: text, qos: 2, id: 1, dup: true });
			side.transport.room = 100_000;
			equal(side.come(connack(v, 1)), again);
			if (most) equal(calls[0], 0);
			equal(side.come(pubrec(1)), pubrel(1));
			side.cut();
			side.begin(true);
			equal(side.come(connack(v, 1)), pubrel(1), "the payload is the app's again since PUBREC");
			ok(side.connection.sender.takeReady());
			equal(side.connection.publish({ message: { topic: { topic: "t", qos: 2 }, payload: { data } } }), 0);
		}
	});

	test(`${name}: in, through an rxBuf of 32 bytes, in pieces of any size`, () => {
		for (const piece of [1, 5, 31, 32, 33, 100, LENGTH])
			for (const qos of [0, 1, 2]) {
				const side = new Side(v, { rxBuf: new Uint8Array(32) }).open();
				const bytes = bytesOf(publish(v, { topic: "t", payload: text, qos, id: 3 }) + publish(v, { topic: "u", payload: "next", qos: 0 }));
				let sent = "";
				for (let at = 0; at < bytes.length; at += piece) {
					side.transport.give(bytes.slice(at, at + piece));
					side.go();
					sent += side.transport.take();
				}
				equal(sent, qos === 0 ? "" : qos === 1 ? puback(3) : pubrec(3));
				equal(side.heard(), `publish t ${qos} ${qos ? 3 : 0} ${LENGTH} ${text}, publish u 0 0 4 next`);
			}
	});

	test(`${name}: both at a time`, () => {
		const side = new Side(v, { rxBuf: new Uint8Array(32), txBuf: new Uint8Array(32) }).open();
		const incoming = bytesOf(publish(v, { topic: "t", payload: text, qos: 1, id: 3 }));
		side.transport.room = 0;
		equal(side.connection.publish({ message: { topic: { topic: "o" }, payload: { data } } }), 0);
		let sent = "";
		for (let at = 0; at < incoming.length; at += 17) {
			side.transport.give(incoming.slice(at, at + 17));
			side.transport.room = 11;
			side.go();
			sent += side.transport.take();
		}
		sent += drain(side, 50);
		equal(sent, publish(v, { topic: "o", payload: text }) + puback(3));
		equal(side.heard(), `publish t 1 3 ${LENGTH} ${text}`);
	});
}

test("5.0: properties and an alias go before a long payload, and count", () => {
	const side = new Side(5, { txBuf: new Uint8Array(32) }).open(0, "220001");
	const prop = { topicAlias: 1, payloadFormatIndicator: 1 };
	for (const topic of ["topic", ""]) {
		side.transport.room = 100_000;
		equal(side.connection.publish({ message: { topic: { topic: "topic" }, payload: { data } }, prop }), 0);
		side.go();
		const sent = side.transport.take();
		const right = [`0101${`23${short(1)}`}`, `23${short(1)}0101`].map((props) => publish(5, { topic, payload: text, props }));
		ok(right.includes(sent), sent.slice(0, 60));
	}
	equal(hexOf(data).length, LENGTH * 2);
});

test("5.0: an acknowledgement with properties waits for a payload that is on its way, wherever that is", () => {
	const side = new Side(5, { txBuf: new Uint8Array(32), autoAck: false }).open();
	const { transport, connection } = side;
	side.come(publish(5, { topic: "u", qos: 1, id: 77 }));
	// It has room each second time it is asked.
	let asked = 0;
	const write = transport.write.bind(transport);
	transport.write = (from, start, end) => (asked++ % 2 ? write(from, start, end) : 0);
	equal(connection.publish({ message: { topic: { topic: "t" }, payload: { data } } }), 0);
	const param = { messageId: 77, prop: { reasonString: "r" } };
	for (let turns = 0; connection.delivery.acknowledge(PUBACK, param) !== 0; turns++) {
		equal(connection.output.sending || connection.output.used > 0, true);
		equal(connection.delivery.acknowledge(PUBACK, param), -EAGAIN);
		side.go();
		ok(turns < 2 * LENGTH);
	}
	for (let i = 0; i < 4; i++) side.go();
	equal(transport.take(), publish(5, { topic: "t", payload: text }) + puback(77, 0, "1f000172"));
});
