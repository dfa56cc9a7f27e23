/* What is said of a topic filter more than once, and what of it is said again on the next connection (3.1.1 and 5.0 §3.8 to §3.11, §4.1). */
import { equal, test } from "test";
import { Side } from "./fake";
import { connack, suback, subscribe, unsuback, unsubscribe } from "./wire";

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
