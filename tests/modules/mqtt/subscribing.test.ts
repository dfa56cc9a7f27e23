/* What is said of a topic filter more than once, and what of it is said again on the next connection (3.1.1 and 5.0 §3.8 to §3.11, §4.1). */
import { EMSGSIZE, ENOTSUP, mqttAbort, mqttInput, mqttSubscribe } from "mqtt";
import { equal, test } from "test";
import { Door } from "./door";
import { Side } from "./fake";
import { connack, puback, publish, suback, subscribe, unsuback, unsubscribe } from "./wire";

const list = (topic: string, qos = 0) => [{ topic, qos }];

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";
	const lost = (side: Side, session: number) => {
		side.cut();
		side.begin(true);
		return side.come(connack(v, session));
	};

	test(`${name}: UNSUBSCRIBE that was not answered goes out again, if the session goes on`, () => {
		for (const session of [1, 0]) {
			const side = new Side(v, { cleanSession: 0 }).open();
			side.subscribe([...list("a"), ...list("b")]);
			side.come(suback(v, 1, [0, 0]));
			equal(side.subscribe(list("a"), false), unsubscribe(v, 2, ["a"]));
			equal(lost(side, session), session ? unsubscribe(v, 3, ["a"]) : subscribe(v, 3, [["b", 0]]));
			side.heard();
			side.come(session ? unsuback(v, 3, [0]) : suback(v, 3, [0]));
			equal(side.heard(), session ? (v === 5 ? "unsuback 3 00" : "unsuback 3 ") : "suback 3 00");
			equal(lost(side, 1), "", "it was answered");
			equal(lost(side, 0), subscribe(v, 4, [["b", 0]]));
		}
	});

	test(`${name}: an app that sees to subscriptions itself sees to UNSUBSCRIBE, too`, () => {
		const side = new Side(v, { cleanSession: 0, resubscribe: false }).open();
		side.subscribe(list("a"), false);
		equal(lost(side, 1), "");
	});

	test(`${name}: of SUBSCRIBE and UNSUBSCRIBE without an answer, the last counts`, () => {
		const side = new Side(v, { cleanSession: 0 }).open();
		side.subscribe(list("a"));
		side.subscribe(list("a"), false);
		equal(lost(side, 1), unsubscribe(v, 3, ["a"]));
		side.subscribe(list("a", 1));
		equal(lost(side, 1), subscribe(v, 5, [["a", 1]]));
		// It was refused, and nobody knows whether the server has unsubscribed.
		equal(side.come(suback(v, 5, [0x80])), unsubscribe(v, 6, ["a"]));
		side.come(unsuback(v, 6, [0]));
		equal(lost(side, 0), "");
	});

	test(`${name}: what was granted stays, if something else for the same topic is refused`, () => {
		const side = new Side(v, { cleanSession: 0 }).open();
		side.subscribe(list("a"));
		side.come(suback(v, 1, [0]));
		side.subscribe(list("a", 2));
		side.come(suback(v, 2, [0x80]));
		equal(lost(side, 1), "");
		equal(lost(side, 0), subscribe(v, 3, [["a", 0]]));
		side.come(suback(v, 3, [0]));
		// Refused after a loss.
		side.subscribe(list("a", 1));
		equal(lost(side, 1), subscribe(v, 5, [["a", 1]]));
		equal(side.come(suback(v, 5, [0x80])), "");
		equal(lost(side, 0), subscribe(v, 6, [["a", 0]]));
		side.come(suback(v, 6, [0]));
		// The server has neither, and takes the old one only.
		side.subscribe(list("a", 1));
		equal(lost(side, 0), subscribe(v, 8, [["a", 1]]));
		equal(lost(side, 1), subscribe(v, 9, [["a", 1]]));
		equal(side.come(suback(v, 9, [0x80])), subscribe(v, 10, [["a", 0]]));
		// What is refused for good is not asked for again.
		equal(side.come(suback(v, 10, [0x80])), "");
		equal(lost(side, 0), "");
	});

	test(`${name}: answers in another order`, () => {
		const side = new Side(v, { cleanSession: 0 }).open();
		side.subscribe(list("a", 0));
		side.subscribe(list("a", 1));
		side.subscribe(list("a", 2));
		side.come(suback(v, 2, [0x80]) + suback(v, 3, [0x80]) + suback(v, 1, [0]));
		equal(lost(side, 0), subscribe(v, 4, [["a", 0]]));
		side.come(suback(v, 4, [0]));
		side.subscribe(list("a", 1));
		side.subscribe(list("a", 2));
		side.come(suback(v, 6, [2]) + suback(v, 5, [0x80]));
		equal(lost(side, 0), subscribe(v, 7, [["a", 2]]));
	});
}

const NO_WILDCARDS = "2800";
const NO_IDENTIFIERS = "2900";
const NO_SHARED = "2a00";
const PACKET_MAXIMUM = "270000000f";

test("5.0: what a server does not have any more is not subscribed to again, and that is told before anything goes out", () => {
	for (const [limit, told, topics] of [
		[NO_WILDCARDS, `a/+ ${-ENOTSUP}`, ["a", "b", "$share/g/a"]],
		[NO_IDENTIFIERS, `b ${-ENOTSUP}`, ["a", "a/+", "$share/g/a"]],
		[NO_SHARED, `$share/g/a ${-ENOTSUP}`, ["a", "a/+", "b"]],
		[PACKET_MAXIMUM, `$share/g/a ${-EMSGSIZE}`, ["a", "a/+", "b"]],
		[NO_WILDCARDS + NO_SHARED, `a/+ ${-ENOTSUP}, $share/g/a ${-ENOTSUP}`, ["a", "b"]],
	] as const) {
		const side = new Side(5, { cleanSession: 0, store: new Uint8Array(200) }).open();
		const prop = { subscriptionIdentifier: 7 };
		side.subscribe([...list("a"), ...list("a/+")]);
		equal(side.connection.subscribe({ list: list("b"), prop }, 1, true), 0);
		side.go();
		side.subscribe(list("$share/g/a"));
		side.come(suback(5, 1, [0, 0]) + suback(5, 2, [0]) + suback(5, 3, [0]));
		side.cut();
		side.post("t", "", 1);
		side.heard();
		const words: string[] = [];
		side.hear = ({ type, result, param }) => {
			if (type !== 7) return;
			equal(`${param.suback.messageId} ${param.suback.returnCodes.length}`, "0 0");
			words.push(`${side.client.failure?.split(":")[0]} ${result}`);
			equal(side.transport.take(), "");
		};
		side.begin(true);
		const sent = side.come(connack(5, 0, 0, limit));
		let id = 4;
		const again = topics.map((topic) => subscribe(5, ++id, [[topic, 0]], topic === "b" ? "0b07" : ""));
		equal(sent, again.join("") + publish(5, { topic: "t", qos: 1, id: 4 }));
		equal(words.join(", "), told);
		equal(side.come(puback(4)), "");
		// Another server, or the same one in better days.
		side.hear = () => {};
		side.cut();
		side.begin(true);
		equal(side.come(connack(5)).match(/82/g)?.length, 4);
	}
});

test("5.0: UNSUBSCRIBE that the server's maximum does not allow any more", () => {
	const side = new Side(5, { cleanSession: 0 }).open();
	side.subscribe(list("0123456789"), false);
	side.cut();
	side.begin(true);
	side.heard();
	equal(side.come(connack(5, 1, 0, PACKET_MAXIMUM)), "");
	equal(side.heard(), `connack 1 0, unsuback 0  ${-EMSGSIZE}`);
	side.cut();
	side.begin(true);
	equal(side.come(connack(5, 1)), unsubscribe(5, 2, ["0123456789"]));
});

test("5.0: what was granted once, goes again when something else is refused, and the server does not have", () => {
	const side = new Side(5, { cleanSession: 0, store: new Uint8Array(100) }).open();
	equal(side.connection.subscribe({ list: list("a"), prop: { subscriptionIdentifier: 7 } }, 1, true), 0);
	side.go();
	side.come(suback(5, 1, [0]));
	side.subscribe(list("a", 1));
	side.cut();
	side.post("t", "", 1);
	side.begin(true);
	side.heard();
	equal(side.come(connack(5, 0, 0, NO_IDENTIFIERS)), subscribe(5, 4, [["a", 1]]) + publish(5, { topic: "t", qos: 1, id: 3 }));
	equal(side.come(suback(5, 4, [0x80])), "", "the message is not sent again");
	equal(side.heard(), `connack 0 0, suback 4 80, suback 0  ${-ENOTSUP}`);
});

for (const polls of [false, true])
	test(`5.0: a subscription that is given up, ${polls ? "and an app that polls" : "at the door"}`, async () => {
		const door = new Door(5, { cleanSession: 0 });
		if (polls) door.client.onReadable = (client) => mqttInput(client);
		door.begin();
		door.come(connack(5));
		equal(await door.next(), "connack 0 0");
		equal(mqttSubscribe(door.client, { list: list("a/#") }), 0);
		door.turn();
		door.come(suback(5, 1, [0]));
		equal(await door.next(), "suback 1 00");
		door.close();
		equal((await door.next()).slice(0, 10), "disconnect");
		door.begin();
		door.come(connack(5, 0, 0, NO_WILDCARDS));
		equal(await door.next(), "connack 0 0");
		equal(await door.next(), `suback 0  ${-ENOTSUP}`);
		equal(door.client.failure, "a/#: the server has no wildcards");
		equal(door.turn(), "");
		mqttAbort(door.client);
		await door.next();
	});
