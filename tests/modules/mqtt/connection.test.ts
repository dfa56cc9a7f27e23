/* How a connection begins and ends, what it is asked, and what of the server's is a fault (3.1.1 and 5.0 §3.1, §3.2, §3.8 to §3.15, §4.12, §4.13). */
import {
	EAGAIN,
	EALREADY,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	MQTT_FAULT_ABORTED,
	MQTT_FAULT_AUTH,
	MQTT_FAULT_CANCELED,
	MQTT_FAULT_CLIENT_ID,
	MQTT_FAULT_CODES_COUNT,
	MQTT_FAULT_ID_UNKNOWN,
	MQTT_FAULT_LOST,
	MQTT_FAULT_ORDER,
	MQTT_FAULT_PACKET_SIZE,
	MQTT_FAULT_REFUSED,
	MQTT_FAULT_SERVER_DISCONNECT,
	MQTT_FAULT_SESSION_PRESENT,
	MQTT_FAULT_SIZE,
	MQTT_FAULT_TYPE,
	MQTT_FAULT_UNASKED,
	MQTT_FAULT_WEBSOCKET,
	MQTT_FAULTS,
	type MqttClient,
} from "mqtt";
import { CLOSED, CLOSING, CONNECTED, CONNECTING } from "mqtt/connection";
import { DISCONNECT, PUBACK, PUBREC } from "mqtt/packet";
import { isClientReason } from "mqtt/reasons";
import { equal, ok, test } from "test";
import { FakeTransport, Side } from "./fake";
import {
	auth,
	bytesOf,
	connack,
	connect,
	disconnect,
	mqtt,
	PINGREQ,
	PINGRESP,
	puback,
	publish,
	pubrec,
	suback,
	subscribe,
	text,
	unsuback,
	unsubscribe,
} from "./wire";

const EXPIRY = "1100000010";
const HOUR = "1100000e10";
const MANY = 0xffffffff;

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";

	test(`${name}: CONNECT, CONNACK, DISCONNECT`, () => {
		const side = new Side(v);
		equal(side.begin(), connect(v));
		equal(side.connection.state, CONNECTING);
		side.come(connack(v));
		equal(side.heard(), "connack 0 0");
		equal(side.connection.state, CONNECTED);
		side.connection.disconnect(undefined);
		equal(side.connection.state, CLOSING);
		side.go();
		equal(side.transport.take(), disconnect());
		equal(side.connection.state, CLOSED);
		equal(side.connection.fault, 0);
	});

	test(`${name}: CONNECT goes out in whatever pieces there is room for`, () => {
		const side = new Side(v, {
			userName: "user",
			password: "password",
			willTopic: { topic: "w", qos: 1 },
			willMessage: "m",
			willRetain: 1,
		});
		const whole = side.begin();
		const will = (v === 5 ? "00" : "") + text("w") + text("m");
		equal(whole, connect(v, { flags: 0xee, rest: will + text("user") + text("password") }));
		const piece = new Side(v, side.client);
		piece.transport.room = 0;
		piece.connection.begin(piece.transport, false);
		let sent = "";
		while (sent !== whole) {
			piece.transport.room = 1;
			piece.go();
			const byte = piece.transport.take();
			equal(byte.length, 2);
			sent += byte;
		}
	});

	test(`${name}: a session that goes on`, () => {
		const side = new Side(v, { cleanSession: 0 });
		// In 5.0 without an expiry interval, no session outlives its connection.
		equal(side.begin(), connect(v, { flags: 0, props: v === 5 ? HOUR : "" }));
		side.come(connack(v, 1));
		equal(side.heard(), "connack 1 0");
		const clean = new Side(v);
		clean.begin();
		clean.come(connack(v, 1));
		equal(clean.connection.fault, MQTT_FAULT_SESSION_PRESENT);
		equal(clean.heard(), "");
	});

	test(`${name}: the server refuses`, () => {
		for (const code of v === 4 ? [1, 2, 3, 4, 5] : [0x80, 0x84, 0x86, 0x9f]) {
			const side = new Side(v);
			side.begin();
			equal(side.come(connack(v, 0, code)), "");
			equal(side.heard(), `connack 0 ${code} -111`);
			equal(side.connection.state, CLOSED);
			equal(side.connection.fault, MQTT_FAULT_REFUSED);
		}
	});

	test(`${name}: out of order`, () => {
		for (const packet of [PINGRESP, puback(1), publish(v, { topic: "t" }), suback(v, 1, [0]), v === 5 ? disconnect(0x8b) : PINGRESP]) {
			const side = new Side(v);
			side.begin();
			equal(side.come(packet), v === 5 ? disconnect(0x82) : "", packet);
			equal(side.connection.state, CLOSED);
			equal(side.connection.fault, MQTT_FAULT_ORDER);
		}
		const side = new Side(v).open();
		equal(side.come(connack(v)), v === 5 ? disconnect(0x82) : "");
		equal(side.connection.fault, MQTT_FAULT_ORDER);
	});

	test(`${name}: what comes behind a fault is nobody's business`, () => {
		const side = new Side(v).open();
		side.come(publish(v, { topic: "a" }) + connack(v) + publish(v, { topic: "b" }));
		equal(side.heard(), "publish a 0 0 0");
	});

	test(`${name}: the answers are out before DISCONNECT, and nothing goes out behind it`, () => {
		const side = new Side(v).open();
		side.transport.room = 0;
		side.come(publish(v, { topic: "t", qos: 1, id: 3 }));
		side.connection.ping();
		side.connection.disconnect(undefined);
		equal(side.post("t", "", 0), -ENOTCONN);
		equal(side.connection.subscribe({ list: [{ topic: "t" }] }, 1, true), -ENOTCONN);
		side.go();
		equal(side.connection.state, CLOSING);
		side.come(publish(v, { topic: "t", qos: 1, id: 4 }));
		for (let i = 0; i < 20; i++) {
			side.transport.room = 1;
			side.go();
		}
		equal(side.transport.take(), puback(3) + disconnect());
		equal(side.connection.state, CLOSED);
	});

	test(`${name}: DISCONNECT waits for a payload that is on its way`, () => {
		const side = new Side(v, { txBuf: new Uint8Array(32) }).open();
		side.transport.room = 10;
		equal(side.post("t", "x".repeat(50), 0), 0);
		side.connection.disconnect(undefined);
		side.go();
		equal(side.connection.state, CLOSING);
		side.transport.room = MANY;
		side.go();
		equal(side.transport.take(), publish(v, { topic: "t", payload: "x".repeat(50) }) + disconnect());
	});

	test(`${name}: a fault in the middle of a payload that is on its way ends it without a word`, () => {
		const side = new Side(v, { txBuf: new Uint8Array(32) }).open();
		side.transport.room = 10;
		equal(side.post("t", "x".repeat(50), 0), 0);
		equal(side.come(connack(v)).length, 20);
		equal(side.connection.state, CLOSED);
		equal(side.connection.fault, MQTT_FAULT_ORDER);
	});

	test(`${name}: ends that nobody announced`, () => {
		for (const state of [CONNECTING, CONNECTED]) {
			const side = new Side(v);
			if (state === CONNECTED) side.open();
			else side.begin();
			side.cut();
			equal(side.connection.state, CLOSED);
			equal(side.connection.fault, MQTT_FAULT_LOST);
			const writing = new Side(v);
			if (state === CONNECTED) writing.open();
			else writing.begin();
			writing.transport.broken = -5;
			writing.connection.ping();
			writing.connection.advance();
			equal(writing.connection.state, state === CONNECTED ? CLOSED : CONNECTING);
		}
		const side = new Side(v).open();
		side.connection.abort(MQTT_FAULT_ABORTED);
		side.go();
		equal(side.transport.take(), "");
		equal(side.connection.fault, MQTT_FAULT_ABORTED);
	});

	test(`${name}: ping`, () => {
		const side = new Side(v).open();
		side.connection.ping();
		side.go();
		equal(side.transport.take(), PINGREQ);
		equal(side.connection.pings, 1);
		side.come(PINGRESP);
		equal(side.heard(), "pingresp");
		equal(side.connection.pings, 0);
	});

	test(`${name}: subscriptions, and what the server makes of them`, () => {
		const side = new Side(v).open();
		const list = [{ topic: "a", qos: 1 }, { topic: "b/#" }, { topic: "c", qos: 2 }];
		const options: [string, number][] = [
			["a", 1],
			["b/#", 0],
			["c", 2],
		];
		equal(side.subscribe(list), subscribe(v, 1, options));
		side.come(suback(v, 1, [1, 0x80, 0]));
		equal(side.heard(), "suback 1 018000");
		equal(side.subscribe([{ topic: "c" }, { topic: "d" }], false), unsubscribe(v, 2, ["c", "d"]));
		side.come(unsuback(v, 2, [0, 0x11]));
		equal(side.heard(), v === 5 ? "unsuback 2 0011" : "unsuback 2 ");
		// What was granted, and that only, is asked for again.
		side.cut();
		side.begin(true);
		equal(side.come(connack(v)), subscribe(v, 3, [["a", 1]]));
		side.come(suback(v, 3, [1]));
		equal(side.heard(), "connack 0 0, suback 3 01");
	});

	test(`${name}: a session that goes on needs no subscription, but for those that the server did not answer`, () => {
		for (const [resubscribe, present] of [
			[true, 1],
			[true, 0],
			[false, 1],
			[false, 0],
		] as const) {
			const side = new Side(v, { cleanSession: 0, resubscribe }).open();
			side.subscribe([{ topic: "a" }]);
			side.come(suback(v, 1, [0]));
			side.subscribe([{ topic: "b" }]);
			side.cut();
			side.begin(true);
			let expected = "";
			if (resubscribe) expected = present ? subscribe(v, 3, [["b", 0]]) : subscribe(v, 3, [["a", 0]]) + subscribe(v, 4, [["b", 0]]);
			equal(side.come(connack(v, present)), expected, `${resubscribe} ${present}`);
		}
	});

	test(`${name}: what was unsubscribed from stays so`, () => {
		const side = new Side(v, { cleanSession: 0 }).open();
		side.subscribe([{ topic: "a" }, { topic: "ä" }]);
		side.come(suback(v, 1, [0, 0]));
		side.subscribe([{ topic: bytesOf("c3a4") as unknown as string }], false);
		side.cut();
		side.begin(true);
		equal(side.come(connack(v)), subscribe(v, 3, [["a", 0]]));
	});

	test(`${name}: the last word on a topic goes`, () => {
		const side = new Side(v, { cleanSession: 0 }).open();
		side.subscribe([{ topic: "a", qos: 0 }]);
		side.subscribe([{ topic: "a", qos: 1 }]);
		side.come(suback(v, 1, [0]) + suback(v, 2, [1]));
		side.cut();
		side.begin(true);
		equal(side.come(connack(v)), subscribe(v, 3, [["a", 1]]));
	});

	test(`${name}: subscriptions go before messages that wait`, () => {
		const side = new Side(v, { cleanSession: 0, store: new Uint8Array(100) }).open();
		side.subscribe([{ topic: "a" }]);
		side.cut();
		side.post("t", "", 1);
		side.begin(true);
		equal(side.come(connack(v)), subscribe(v, 3, [["a", 0]]) + publish(v, { topic: "t", qos: 1, id: 2 }));
	});

	test(`${name}: identifiers of subscriptions`, () => {
		const side = new Side(v, { store: new Uint8Array(100) }).open();
		const { connection } = side;
		equal(connection.subscribe({ list: [{ topic: "a" }], messageId: 7 }, 1, true), 0);
		equal(connection.subscribe({ list: [{ topic: "a" }], messageId: 7 }, 1, true), -EALREADY);
		equal(side.post("t", "", 1, { messageId: 7 }), -EALREADY);
		equal(side.post("t", "", 1, { messageId: 8 }), 0);
		equal(connection.subscribe({ list: [{ topic: "a" }], messageId: 8 }, 1, false), -EALREADY);
		side.go();
		side.come(suback(v, 7, [0]));
		equal(connection.subscribe({ list: [{ topic: "a" }], messageId: 7 }, 1, false), 0);
	});

	test(`${name}: no room for SUBSCRIBE, now or ever`, () => {
		const side = new Side(v, { txBuf: new Uint8Array(64) }).open();
		const { connection } = side;
		side.transport.room = 0;
		const list = [{ topic: "x".repeat(30) }];
		equal(connection.subscribe({ list }, 1, true), 0);
		equal(connection.subscribe({ list }, 1, true), -EAGAIN);
		equal(connection.subscribe({ list: [{ topic: "x".repeat(70) }] }, 1, false), -EAGAIN);
		side.transport.room = MANY;
		side.go();
		ok(connection.sender.takeReady());
		equal(connection.subscribe({ list }, 1, true), 0);
		equal(connection.subscribe({ list: [{ topic: "x".repeat(70) }] }, 1, true), -EMSGSIZE);
		ok(connection.sender.why !== "");
	});

	test(`${name}: answers that are none`, () => {
		const cases: [string, number][] = [
			[suback(v, 2, [0]), MQTT_FAULT_ID_UNKNOWN],
			[unsuback(v, 1, [0]), MQTT_FAULT_ID_UNKNOWN],
			[suback(v, 1, [0, 0]), MQTT_FAULT_CODES_COUNT],
			[suback(v, 1, [0]) + suback(v, 1, [0]), MQTT_FAULT_ID_UNKNOWN],
		];
		for (const [packets, fault] of cases) {
			const side = new Side(v).open();
			side.subscribe([{ topic: "a" }]);
			equal(side.come(packets), v === 5 ? disconnect(0x82) : "", packets);
			equal(side.connection.fault, fault, packets);
		}
	});

	test(`${name}: a packet that does not fit into rxBuf`, () => {
		const side = new Side(v, { rxBuf: new Uint8Array(32) }).open();
		equal(side.come(publish(v, { topic: "x".repeat(40) })), v === 5 ? disconnect(0x95) : "");
		equal(side.connection.fault, MQTT_FAULT_SIZE);
	});

	test(`${name}: one transport after the other, and nothing of the last one is left`, () => {
		const side = new Side(v).open();
		side.transport.room = 0;
		side.post("t", "x".repeat(200), 0);
		side.connection.ping();
		side.transport.give(bytesOf("3010"));
		side.go();
		side.cut();
		equal(side.begin(true), connect(v));
		equal(side.come(connack(v)), "");
		equal(side.come(publish(v, { topic: "t" })), "");
		equal(side.heard(), "connack 0 0, publish t 0 0 0");
		equal(side.connection.pings, 0);
	});
}

test("3.1.1: the server's DISCONNECT and AUTH are none", () => {
	for (const packet of ["e000", "f000"]) {
		const side = new Side(4).open();
		equal(side.come(packet), "");
		equal(side.connection.fault, -1);
	}
});

test("5.0: the server ends it", () => {
	for (const [packet, words] of [
		[disconnect(), "disconnect -113"],
		[disconnect(0x8b), "disconnect reason 139 -113"],
		[disconnect(0x9d, `1c${text("other")}1f${text("why")}`), "disconnect reason 157 -113"],
	] as const) {
		const side = new Side(5).open();
		let reference: string | undefined;
		side.hear = ({ param }) => {
			reference = param.disconnect.prop.serverReference;
		};
		equal(side.come(`${packet}d000`), "", "nothing is answered");
		equal(side.heard(), words);
		equal(side.connection.state, CLOSED);
		equal(side.connection.fault, MQTT_FAULT_SERVER_DISCONNECT);
		equal(side.connection.told, true);
		equal(reference, packet.includes("1c00") ? "other" : undefined);
	}
});

for (const v of [4, 5])
	test(`${v}: after DISCONNECT the server ends the network connection, and what comes until then is no loss`, () => {
		const side = new Side(v, { store: new Uint8Array(200) }).open();
		side.ends = false;
		side.post("t", "1", 1);
		side.post("t", "2", 2);
		side.post("t", "0", 0);
		side.connection.disconnect(undefined);
		side.go();
		const sent = [publish(v, { topic: "t", payload: "1", qos: 1, id: 1 }), publish(v, { topic: "t", payload: "2", qos: 2, id: 2 })];
		equal(
			side.transport.take(),
			sent.join("") + publish(v, { topic: "t", payload: "0" }) + disconnect(),
			"what was published goes out before",
		);
		equal(side.connection.state, CLOSING);
		equal(side.come(publish(v, { topic: "t", payload: "long", qos: 1, id: 7 }) + puback(1) + pubrec(2)), "", "and nothing behind it");
		equal(side.transport.left, 0, "all is read, so that closing is no reset");
		equal(side.heard(), "puback 1, pubrec 2");
		equal(side.connection.state, CLOSING);
		side.cut();
		equal(side.connection.state, CLOSED);
		equal(side.connection.fault, 0);
		equal(side.connection.session.store?.count, 1, "PUBREL is for the next connection");
	});

test("5.0: a server that is told why it is left is read to the end, too", () => {
	const side = new Side(5).open();
	side.ends = false;
	side.transport.give(bytesOf(publish(5, { topic: "t", payload: "more" })));
	equal(side.come(`0000${publish(5, { topic: "t", payload: "behind" })}`), disconnect(0x82));
	equal(side.transport.left, 0);
	equal(side.heard(), "publish t 0 0 4 more");
	side.go();
	equal(side.connection.state, CLOSED);
	equal(side.connection.fault, MQTT_FAULT_TYPE);
});

test("5.0: a clean start is for mqttConnect, not for what follows", () => {
	const side = new Side(5, { prop: { sessionExpiryInterval: 16 }, store: new Uint8Array(100) });
	equal(side.begin(), connect(5, { props: EXPIRY }));
	side.come(connack(5));
	side.publish("t", "", 1);
	side.cut();
	equal(side.begin(true), connect(5, { flags: 0, props: EXPIRY }));
	equal(side.come(connack(5, 1)), publish(5, { topic: "t", qos: 1, id: 1, dup: true }));
	const short = new Side(5).open();
	short.cut();
	equal(short.begin(true), connect(5));
});

test("5.0: how long a session is kept whose app does not say", () => {
	const store = new Uint8Array(100);
	for (const [options, expected] of [
		[{ cleanSession: 0 }, { flags: 0, props: HOUR }],
		[
			{ cleanSession: 0, store },
			{ flags: 0, props: HOUR },
		],
		[
			{ cleanSession: undefined, store },
			{ flags: 0, props: HOUR },
		],
		[
			{ cleanSession: 0, prop: { sessionExpiryInterval: 16 } },
			{ flags: 0, props: EXPIRY },
		],
		[
			{ cleanSession: 0, prop: { sessionExpiryInterval: 0 } },
			{ flags: 0, props: "1100000000" },
		],
		[{ cleanSession: undefined }, {}],
		[{ cleanSession: 1, store }, {}],
	] as const)
		equal(new Side(5, options).begin(), connect(5, expected));
});

test("5.0: no more is allowed to come than can be remembered", () => {
	for (const [options, maximum] of [
		[{ incomingMaximum: 4 }, "210004"],
		[{ incomingMaximum: 1000 }, "210020"],
		[{ incomingMaximum: 4, prop: { receiveMaximum: 7 } }, "210007"],
	] as const)
		equal(new Side(5, options).begin(), connect(5).replace("210020", maximum));
});

test("5.0: what the app says with DISCONNECT", () => {
	const side = new Side(5).open();
	side.connection.disconnect({ reasonCode: 4, prop: { reasonString: "bye" } });
	side.go();
	equal(side.transport.take(), disconnect(4, `1f${text("bye")}`));
	// More than there is room for: then without words, but not without DISCONNECT, or the will would be published.
	const small = new Side(5, { txBuf: new Uint8Array(32) }).open();
	small.connection.disconnect({ prop: { reasonString: "x".repeat(40) } });
	small.go();
	equal(small.transport.take(), disconnect());
	equal(small.connection.state, CLOSED);
});

test("5.0: the server's keepalive", () => {
	const side = new Side(5).open(0, "130007");
	equal(side.connection.keepalive, 7);
	side.cut();
	side.open(0, "", true);
	equal(side.connection.keepalive, 60);
	const other = new Side(5, { keepalive: undefined });
	equal(other.begin(), connect(5), "CONNECT has what counts");
	equal(other.connection.keepalive, 60);
});

test("5.0: packets longer than the client wants", () => {
	for (const payload of ["0123456789", "x".repeat(300)]) {
		const length = publish(5, { topic: "t", payload }).length / 2;
		for (const [maximum, fault] of [
			[length, 0],
			[length - 1, MQTT_FAULT_PACKET_SIZE],
		] as const) {
			const side = new Side(5, { prop: { maximumPacketSize: maximum } }).open();
			equal(side.come(publish(5, { topic: "t", payload })), fault ? disconnect(0x95) : "");
			equal(side.connection.fault, fault);
		}
	}
});

test("5.0: subscriptions that the server's maximum does not allow", () => {
	const side = new Side(5, { cleanSession: 0, store: new Uint8Array(100) }).open();
	side.subscribe([{ topic: "0123456789" }]);
	side.subscribe([{ topic: "a" }]);
	side.come(suback(5, 1, [0]) + suback(5, 2, [0]));
	side.cut();
	side.post("t", "", 1);
	side.begin(true);
	equal(
		side.come(connack(5, 0, 0, "270000000f")),
		subscribe(5, 4, [["a", 0]]) + publish(5, { topic: "t", qos: 1, id: 3 }),
		"it stops nothing else",
	);
	equal(side.connection.subscribe({ list: [{ topic: "0123456789" }] }, 1, true), -EMSGSIZE);
	equal(side.connection.subscribe({ list: [{ topic: "01234567" }] }, 1, false), 0);
});

test("5.0: options and properties of subscriptions, also again", () => {
	const side = new Side(5).open();
	const prop = { subscriptionIdentifier: 200, userProp: [["a", "b"]] as [string, string][] };
	const list = [{ topic: "a", qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 }];
	equal(side.connection.subscribe({ list, prop }, 1, true), 0);
	prop.subscriptionIdentifier = 1;
	side.go();
	const sent = side.transport.take();
	ok(sent.includes("0bc801") && sent.includes("2600016100" + "0162") && sent.endsWith(`${text("a")}2e`), sent);
	side.come(suback(5, 1, [2]));
	side.cut();
	side.begin(true);
	equal(side.come(connack(5)), sent.replace(/^82(..)0001/, "82$10002"));
});

test("5.0: AUTH", () => {
	const METHOD = `15${text("M")}`;
	const prop = { authMethod: "M" };
	const options: Partial<MqttClient> = { prop };
	const side = new Side(5, options);
	equal(side.begin(), connect(5, { props: METHOD }));
	side.come(auth(0x18, `${METHOD}16000101`));
	equal(side.heard(), "auth reason 24");
	equal(side.connection.authenticate({ reasonCode: 0x18, prop: { authMethod: "M", authData: bytesOf("02") } }), 0);
	side.go();
	equal(side.transport.take(), auth(0x18, `${METHOD}16000102`));
	side.come(connack(5, 0, 0, METHOD));
	equal(side.heard(), "connack 0 0");
	// Again, while connected.
	equal(side.connection.authenticate({ reasonCode: 0x19, prop }), 0);
	side.go();
	equal(side.transport.take(), auth(0x19, METHOD));
	side.come(auth(0x18, METHOD));
	equal(side.connection.authenticate({ reasonCode: 0x18, prop }), 0);
	side.go();
	equal(side.transport.take(), auth(0x18, METHOD));
	side.come(auth(0, METHOD));
	equal(side.heard(), "auth reason 24, auth");
	equal(side.come(auth(0x18, METHOD)), disconnect(0x82), "nobody began");
	equal(side.connection.fault, MQTT_FAULT_AUTH);
	const faults: [Partial<MqttClient>, string][] = [
		[{}, auth(0x18, METHOD)],
		[{}, connack(5, 0, 0, METHOD)],
		[{}, connack(5, 0, 0, `${METHOD}16000101`)],
		[options, auth(0x18, `15${text("N")}`)],
		[options, auth(0x18)],
		[options, auth(0, METHOD)],
		[options, connack(5)],
		[options, connack(5, 0, 0, `15${text("N")}`)],
	];
	for (const [record, packet] of faults) {
		const other = new Side(5, record);
		other.begin();
		equal(other.come(packet), disconnect(0x82), packet);
		equal(other.connection.fault, MQTT_FAULT_AUTH, packet);
		equal(other.heard(), "");
	}
});

test("5.0: a method in bytes is a method", () => {
	const side = new Side(5, { prop: { authMethod: bytesOf("4d") } });
	side.begin();
	side.come(auth(0x18, `15${text("M")}`));
	equal(side.heard(), "auth reason 24");
});

test("5.0: AUTH, one after the other", () => {
	const METHOD = `15${text("M")}`;
	const prop = { authMethod: "M" };
	const side = new Side(5, { prop });
	side.begin();
	const says = (reasonCode: number) => side.connection.authenticate({ reasonCode, prop });
	const sent = (reasonCode: number) => {
		equal(says(reasonCode), 0, side.connection.sender.why);
		side.go();
		equal(side.transport.take(), auth(reasonCode, METHOD));
	};
	const refused = (answer: number, again: number) => {
		side.connection.sender.why = "";
		equal(says(0x18), answer);
		ok(side.connection.sender.why.startsWith("reasonCode"));
		equal(says(0x19), again);
		ok(side.connection.sender.why.startsWith("reasonCode"));
		side.go();
		equal(side.transport.take(), "");
	};
	// CONNECT began.
	refused(-EALREADY, -EALREADY);
	side.come(auth(0x18, METHOD));
	equal(says(0x19), -EALREADY);
	sent(0x18);
	refused(-EALREADY, -EALREADY);
	side.come(connack(5, 0, 0, METHOD));
	equal(says(0x18), -EINVAL);
	sent(0x19);
	refused(-EALREADY, -EALREADY);
	side.come(auth(0x18, METHOD));
	equal(says(0x19), -EALREADY);
	sent(0x18);
	side.come(auth(0, METHOD));
	equal(says(0x18), -EINVAL);
	sent(0x19);
});

test("5.0: AUTH of the server out of its turn", () => {
	const METHOD = `15${text("M")}`;
	const prop = { authMethod: "M" };
	const connecting = new Side(5, { prop });
	connecting.begin();
	equal(connecting.come(auth(0x18, METHOD) + auth(0x18, METHOD)), disconnect(0x82));
	equal(connecting.connection.fault, MQTT_FAULT_AUTH);
	equal(connecting.heard(), "auth reason 24");
	for (const second of [0x18, 0]) {
		const side = new Side(5, { prop }).open(0, METHOD);
		equal(side.connection.authenticate({ reasonCode: 0x19, prop }), 0);
		side.go();
		side.transport.take();
		equal(side.come(auth(0x18, METHOD) + auth(second, METHOD)), disconnect(0x82), `${second}`);
		equal(side.connection.fault, MQTT_FAULT_AUTH);
		equal(side.heard(), "auth reason 24");
	}
});

test("5.0: AUTH has no room, or never has, or comes too late", () => {
	const METHOD = `15${text("M")}`;
	const side = new Side(5, { txBuf: new Uint8Array(64), prop: { authMethod: "M" } }).open(0, METHOD);
	const prop = { authMethod: "M", authData: new Uint8Array(30) };
	equal(side.connection.authenticate({ reasonCode: 0x19, prop: { authMethod: "M", authData: new Uint8Array(70) } }), -EMSGSIZE);
	side.transport.room = 0;
	side.publish("t", "x".repeat(30));
	equal(side.connection.authenticate({ reasonCode: 0x19, prop }), -EAGAIN);
	side.transport.room = MANY;
	side.go();
	ok(side.connection.sender.takeReady());
	equal(side.connection.authenticate({ reasonCode: 0x19, prop }), 0);
	side.go();
	side.come(auth(0x18, METHOD));
	side.connection.disconnect(undefined);
	equal(side.connection.authenticate({ reasonCode: 0x18, prop }), -ENOTCONN);
});

test("5.0: what has properties is no longer than the server takes", () => {
	const prop = { reasonString: "x".repeat(8) };
	const METHOD = `15${text("M")}`;
	for (const enough of [true, false]) {
		// PUBACK: 2 bytes, the identifier, the reason, and 12 of the property.
		const side = new Side(5, { autoAck: false, prop: { authMethod: "M" } }).open(0, `${METHOD}27000000${enough ? "11" : "10"}`);
		side.come(publish(5, { topic: "t", qos: 1, id: 1 }) + publish(5, { topic: "t", qos: 2, id: 2 }));
		for (const [type, messageId] of [
			[PUBACK, 1],
			[PUBREC, 2],
		] as const)
			equal(side.connection.delivery.acknowledge(type, { messageId, reasonCode: 0x80, prop }), enough ? 0 : -EMSGSIZE);
		if (!enough) ok(side.connection.sender.why.startsWith("prop"));
		// AUTH: 2 bytes, the reason, the length of the properties, 4 and 3 of them, and the data.
		const authenticate = { reasonCode: 0x19, prop: { authMethod: "M", authData: new Uint8Array(6) } };
		equal(side.connection.authenticate(authenticate), enough ? 0 : -EMSGSIZE);
		side.go();
		const why = `1f${text(prop.reasonString)}`;
		equal(
			side.transport.take(),
			enough ? puback(1, 0x80, why) + pubrec(2, 0x80, why) + auth(0x19, `${METHOD}16${"0006"}${"00".repeat(6)}`) : "",
		);
		// DISCONNECT is a byte shorter for want of an identifier, and the property two longer.
		side.connection.disconnect({ reasonCode: 4, prop: { reasonString: "x".repeat(10) } });
		side.go();
		equal(side.transport.take(), disconnect(4, enough ? `1f${text("x".repeat(10))}` : undefined));
	}
	// Before CONNACK, the maximum of an earlier connection means nothing.
	const side = new Side(5, { prop: { authMethod: "M" } }).open(0, `${METHOD}2700000010`);
	side.cut();
	side.begin(true);
	side.come(auth(0x18, METHOD));
	equal(side.connection.authenticate({ reasonCode: 0x18, prop: { authMethod: "M", authData: new Uint8Array(20) } }), 0);
});

test("5.0: what was not asked for", () => {
	const side = new Side(5, { prop: { requestProblemInfo: 0 } }).open();
	const props = `1f${text("why")}`;
	side.publish("t", "", 1);
	equal(side.come(publish(5, { topic: "t", props: `26${text("a")}${text("b")}` })), "", "there it may");
	equal(side.come(puback(1, 0x87, props)), disconnect(0x82));
	equal(side.connection.fault, MQTT_FAULT_UNASKED);
	for (const info of [undefined, 0]) {
		const other = new Side(5, { prop: { requestResponseInfo: info } });
		other.begin();
		other.come(connack(5, 0, 0, `1a${text("r")}`));
		equal(other.connection.fault, MQTT_FAULT_UNASKED);
	}
	new Side(5, { prop: { requestResponseInfo: 1 } }).open(0, `1a${text("r")}`);
	const asked = new Side(5, { prop: { requestProblemInfo: 1 } }).open();
	asked.publish("t", "", 2);
	asked.come(pubrec(1, 0x87, props));
	equal(asked.heard(), "pubrec 1 reason 135");
});

test("no fault is told the server with a reason that only a server has", () => {
	for (const { name, reason } of MQTT_FAULTS) ok(isClientReason(reason, DISCONNECT), name);
});

test("a long packet of any other kind", () => {
	const side = new Side(5, { rxBuf: new Uint8Array(64) }).open();
	side.publish("t", "", 1);
	equal(side.come(mqtt(0x40, `000100${"35"}1f${text("x".repeat(50))}`)), "");
	equal(side.heard(), "puback 1");
	side.publish("t", "", 1);
	equal(side.come(mqtt(0x40, `000200${"45"}1f${text("x".repeat(66))}`)), disconnect(0x95));
});

test("5.0: the identifier that the server assigned is the client's, when it comes again, too", () => {
	const side = new Side(5, { clientId: "", prop: { sessionExpiryInterval: 16 } });
	equal(side.begin(), connect(5, { props: EXPIRY, id: "" }));
	side.come(connack(5, 0, 0, `12${text("made up")}`));
	equal(side.client.clientId, "made up");
	side.cut();
	equal(side.begin(true), connect(5, { flags: 0, props: EXPIRY, id: "made up" }));
});

test("5.0: a server that assigns no identifier where the client has none", () => {
	for (const props of ["", `12${text("")}`]) {
		const side = new Side(5, { clientId: "" });
		side.begin();
		equal(side.come(connack(5, 0, 0, props)), disconnect(0x82));
		equal(side.connection.fault, MQTT_FAULT_CLIENT_ID);
		equal(side.heard(), "");
	}
	const older = new Side(4, { clientId: "" });
	older.begin();
	older.come(connack(4));
	equal(older.heard(), "connack 0 0", "3.1.1 cannot say it");
});

test("a list that the library cannot write the identifier to", () => {
	const side = new Side(4).open();
	const list = [{ topic: "a" }];
	const frozen = Object.freeze({ list });
	for (const make of [true, false]) {
		equal(side.connection.subscribe(frozen, 1, make), -EINVAL);
		ok(side.connection.sender.why.startsWith("messageId"), side.connection.sender.why);
	}
	side.go();
	equal(side.transport.take(), "");
	equal(side.connection.subscribe(Object.freeze({ list, messageId: 7 }), 1, true), 0);
	side.go();
	equal(side.transport.take(), subscribe(4, 7, [["a", 0]]));
	equal(side.subscribe([{ topic: "b" }]), subscribe(4, 1, [["b", 0]]), "none was lost");
});

for (const v of [4, 5])
	test(`${v}: giving up behind CONNECT is said to the server, which may have taken the client in`, () => {
		const side = new Side(v, { store: new Uint8Array(100) });
		side.post("t", "later", 1);
		side.begin();
		side.connection.disconnect(undefined);
		side.go();
		equal(side.transport.take(), disconnect());
		equal(side.connection.state, CLOSED);
		equal(side.connection.fault, 0);
		// CONNECT is not out yet.
		const early = new Side(v);
		early.make = () => {
			const transport = new FakeTransport();
			transport.room = 0;
			return transport;
		};
		early.begin();
		early.connection.disconnect(undefined);
		equal(early.connection.state, CLOSED);
	});

test("what the transport says when it is read is why the connection ended", () => {
	for (const [error, fault] of [
		[-71, MQTT_FAULT_WEBSOCKET],
		[-5, MQTT_FAULT_LOST],
		[-104, MQTT_FAULT_LOST],
		[-140, MQTT_FAULT_CANCELED],
	] as const) {
		const side = new Side(4).open();
		side.transport.broken = error;
		side.go();
		equal(side.connection.fault, fault);
	}
});
