/* When the app is called back, what it may do then, and how a client begins, ends and begins again. */
import config from "mc/config";
import {
	EAGAIN,
	EALREADY,
	EBUSY,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EFAULT,
	EIO,
	EISCONN,
	ENOTCONN,
	EPROTO,
	type MqttClient,
	type MqttPublishParam,
	mqttAbort,
	mqttConnect,
	mqttDisconnect,
	mqttInput,
	mqttPing,
	mqttPublish,
	mqttPublishQos1Ack,
	mqttReadallPublishPayload,
	mqttReadPublishPayload,
	mqttReconnectTimeLeft,
	mqttSubscribe,
} from "mqtt";
import { equal, ok, test } from "test";
import Timer from "timer";
import { Door, message } from "./door";
import { clientOf, FakeTransport } from "./fake";
import { bytesOf, connack, connect, disconnect, PINGREQ, puback, pubcomp, publish, pubrec, pubrel, suback, subscribe } from "./wire";

/** More than there is room for acknowledgements; a collection at every allocation takes a hundred times as long. */
const MANY = String(config.variant).includes("stress") ? 40 : 100;
/** The loop goes round once. */
const turn = () => new Promise<void>((resolve) => Timer.set(() => resolve()));

const LONG = "0123456789".repeat(30);

for (const v of [4, 5]) {
	const name = v === 4 ? "3.1.1" : "5.0";

	test(`${name}: a life`, async () => {
		const door = new Door(v);
		equal(door.connect(), connect(v));
		door.accept();
		equal(mqttPublish(door.client, message("t", "p", 1)), 0);
		equal(door.turn(), publish(v, { topic: "t", payload: "p", qos: 1, id: 1 }));
		door.come(puback(1));
		equal(mqttDisconnect(door.client), 0);
		equal(door.turn(), disconnect());
		equal(door.heard(), "puback 1, disconnect");
		equal(door.client.failure, "");
		equal(door.transport.closed, true);
		equal(door.transport.events, undefined);
		// And again, with the same record.
		door.open();
		equal(door.transports.length, 2);
		equal(mqttAbort(door.client), 0);
		equal(door.turn(), "");
		equal(door.heard(), `disconnect ${-ECONNABORTED}`);
	});

	test(`${name}: what the app says goes out without being asked for, together`, async () => {
		const door = new Door(v).open();
		let writes = 0;
		const { transport } = door;
		const write = transport.write.bind(transport);
		const all = new Promise<void>((resolve) => {
			transport.write = (from, start, end) => {
				writes++;
				resolve();
				return write(from, start, end);
			};
		});
		equal(mqttPublish(door.client, message("a")), 0);
		equal(mqttPublish(door.client, message("b")), 0);
		equal(mqttPing(door.client), 0);
		await all;
		equal(writes, 1);
		equal(transport.take(), publish(v, { topic: "a" }) + publish(v, { topic: "b" }) + PINGREQ);
		mqttAbort(door.client);
		equal(await door.next(), `disconnect ${-ECONNABORTED}`);
	});

	test(`${name}: what is said in a callback goes out when it returns`, () => {
		const door = new Door(v).begin();
		door.hear = () => {
			door.hear = () => {};
			equal(mqttSubscribe(door.client, { list: [{ topic: "a" }] }), 0);
			equal(mqttPublish(door.client, message("b")), 0);
		};
		equal(door.come(connack(v)), subscribe(v, 1, [["a", 0]]) + publish(v, { topic: "b" }));
		door.come(suback(v, 1, [0]));
		const once = (act: () => number) => {
			door.hear = () => {
				door.hear = () => {};
				equal(act(), 0);
			};
		};
		once(() => mqttDisconnect(door.client));
		equal(door.come(publish(v, { topic: "t", qos: 1, id: 1 }) + publish(v, { topic: "t", qos: 1, id: 2 })), puback(1) + disconnect());
		door.heard();
		door.open();
		once(() => mqttAbort(door.client));
		equal(door.come(publish(v, { topic: "t", qos: 1, id: 1 }) + publish(v, { topic: "t", qos: 1, id: 2 })), "");
	});

	test(`${name}: a flood in one piece is told and acknowledged without another event`, () => {
		for (const polls of [false, true]) {
			const door = new Door(v, { rxBuf: new Uint8Array(64), txBuf: new Uint8Array(64) });
			if (polls) door.client.onReadable = (client) => mqttInput(client);
			door.begin();
			let flood = connack(v);
			let answers = "";
			let words = "connack 0 0";
			for (let id = 1; id <= MANY; id++) {
				flood += publish(v, { topic: "t", qos: 1, id });
				answers += puback(id);
				words += `, publish t 1 ${id} 0`;
			}
			let sent = door.come(flood);
			if (polls)
				// The timer does this.
				for (let i = 0; i < 2 * MANY; i++) {
					door.transport.events?.onReadable();
					sent += door.transport.take();
				}
			equal(sent, answers);
			equal(door.heard(), words);
		}
	});

	test(`${name}: a flood, while there is no room for acknowledgements`, () => {
		const door = new Door(v, { rxBuf: new Uint8Array(64), txBuf: new Uint8Array(32) }).open();
		let flood = "";
		let answers = "";
		for (let id = 1; id <= MANY; id++) {
			flood += publish(v, { topic: "t", qos: 1, id });
			answers += puback(id);
		}
		door.transport.room = 0;
		equal(door.come(flood), "");
		ok(door.told.length < MANY, "somebody has to wait");
		door.transport.room = 1000;
		equal(door.turn(), answers);
		equal(door.told.length, MANY);
	});

	for (const exact of [true, false])
		test(`${name}: an app that takes one packet for each onReadable gets all of them, ${exact ? "" : "not "}at the end of rxBuf`, async () => {
			let packets = "";
			const each = publish(v, { topic: exact ? "t".repeat(v === 5 ? 11 : 12) : "t", qos: 0 });
			if (exact) equal(each.length, 32);
			for (let i = 0; i < 8; i++) packets += each;
			const door = new Door(v, { rxBuf: new Uint8Array(32) });
			door.client.onReadable = (client) => mqttInput(client);
			door.begin();
			door.come(connack(v));
			equal(await door.next(), "connack 0 0");
			door.come(packets);
			for (let i = 0; i < 8; i++) ok((await door.next()).startsWith("publish t"));
			mqttAbort(door.client);
			equal(await door.next(), `disconnect ${-ECONNABORTED}`);
		});

	test(`${name}: an app that polls and reads later`, async () => {
		const door = new Door(v);
		door.client.onReadable = (client) => mqttInput(client);
		door.reads = false;
		door.begin();
		door.come(connack(v));
		door.come(publish(v, { topic: "a", payload: "1", qos: 1, id: 1 }) + publish(v, { topic: "b", payload: "2", qos: 1, id: 2 }));
		equal(door.heard(), "connack 0 0, publish a 1 1 1");
		equal(mqttInput(door.client), -EBUSY);
		const byte = new Uint8Array(1);
		const next = door.next();
		equal(mqttReadPublishPayload(door.client, byte, 1), 1);
		equal(await next, "publish b 1 2 1");
		equal(door.turn(), puback(1));
		equal(mqttReadPublishPayload(door.client, byte, 1), 1);
		equal(door.turn(), puback(2), "nothing more has to come for that");
	});

	test(`${name}: mqttInput in a callback of its own, and what it gives`, () => {
		const door = new Door(v);
		door.client.onReadable = () => {};
		door.begin();
		equal(mqttInput(door.client), 0);
		const results: number[] = [];
		door.hear = () => results.push(mqttInput(door.client));
		door.transport.give(bytesOf(connack(v)));
		equal(mqttInput(door.client), 0);
		equal(results.join(), `${-EBUSY}`);
		door.transport.give(bytesOf(connack(v)));
		equal(mqttInput(door.client), -EPROTO);
		door.turn();
		equal(mqttInput(door.client), -ENOTCONN);
	});

	test(`${name}: what came before the end is told to an app that polls, too`, () => {
		const door = new Door(v);
		door.client.onReadable = () => {};
		door.begin();
		door.transport.give(bytesOf(connack(v) + publish(v, { topic: "a", payload: "1" })));
		door.close();
		equal(door.heard(), `connack 0 0, publish a 0 0 1 1, disconnect ${-ECONNRESET}`);
	});

	test(`${name}: a long payload, in whatever pieces it comes`, async () => {
		const into = new Uint8Array(300);
		let read = 0;
		let calls = 0;
		let ready: (() => void) | undefined;
		const take = (client: MqttClient) => {
			for (;;) {
				const count = mqttReadPublishPayload(client, into.subarray(read), Math.min(7, 300 - read));
				if (count <= 0) {
					equal(count, read === 300 ? 0 : -EAGAIN);
					break;
				}
				read += count;
			}
			if (read === 300) ready?.();
		};
		const door = new Door(v, {
			rxBuf: new Uint8Array(32),
			onPayload: (client) => {
				calls++;
				take(client);
			},
		});
		door.reads = false;
		door.open();
		door.hear = () => take(door.client);
		const bytes = bytesOf(publish(v, { topic: "t", payload: LONG, qos: 1, id: 1 }) + publish(v, { topic: "u", qos: 1, id: 2 }));
		const all = new Promise<void>((resolve) => {
			ready = resolve;
		});
		let sent = "";
		for (let at = 0; at < bytes.length; at += 50) {
			door.transport.give(bytes.slice(at, at + 50));
			door.transport.events?.onReadable();
			sent += door.transport.take();
			door.hear = (evt) => {
				if (evt.param.publish.message.payload.len) take(door.client);
			};
		}
		await all;
		equal(String.fromArrayBuffer(into.buffer as ArrayBuffer), LONG);
		ok(calls >= 5, `${calls}`);
		equal(sent, puback(1) + puback(2));
		equal(door.heard(), "publish t 1 1 300, publish u 1 2 0");
	});

	test(`${name}: a payload that is lost is told`, async () => {
		const door = new Door(v, { rxBuf: new Uint8Array(32) });
		door.reads = false;
		door.open();
		door.come(publish(v, { topic: "t", payload: LONG, qos: 1, id: 1 }).slice(0, 100));
		equal(door.heard(), "publish t 1 1 300");
		const into = new Uint8Array(300);
		equal(mqttReadallPublishPayload(door.client, into, 300), -EAGAIN);
		door.transport.broken = -104;
		equal(mqttReadallPublishPayload(door.client, into, 300), -ENOTCONN);
		equal(await door.next(), `disconnect ${-ECONNRESET}`);
		equal(mqttReadallPublishPayload(door.client, into, 300), -ENOTCONN);
	});

	test(`${name}: a payload that is lent comes back`, () => {
		let writable = 0;
		const door = new Door(v, { txBuf: new Uint8Array(32), onWritable: () => writable++ }).open();
		door.transport.room = 20;
		equal(mqttPublish(door.client, message("t", LONG)), 0);
		equal(mqttPublish(door.client, message("t", "x")), -EAGAIN);
		door.turn();
		equal(writable, 0);
		door.transport.room = 1000;
		door.turn();
		equal(writable, 1);
		door.turn();
		equal(writable, 1);
	});

	test(`${name}: an app that goes on in onWritable`, () => {
		let left = 50;
		let sent = "";
		const door = new Door(v, { txBuf: new Uint8Array(32) });
		door.client.onWritable = () => {
			while (left > 0 && mqttPublish(door.client, message("t", `${left % 10}`, 1)) === 0) left--;
		};
		door.open(0, v === 5 ? "210005" : "");
		door.client.onWritable?.(door.client);
		for (let id = 1; left > 0 || sent.length < 50 * publish(v, { topic: "t", payload: "1", qos: 1, id: 1 }).length; id++) {
			ok(id <= 50);
			sent += door.turn();
			sent += door.come(puback(id));
		}
		ok(sent.startsWith(publish(v, { topic: "t", payload: "0", qos: 1, id: 1 })));
	});

	test(`${name}: a transport that is closed in a callback`, async () => {
		const door = new Door(v).open();
		door.hear = () => {
			door.hear = () => {};
			door.close(-140);
		};
		door.come(publish(v, { topic: "t" }) + publish(v, { topic: "u" }));
		equal(await door.next(), "publish t 0 0 0");
		let words = await door.next();
		if (words.startsWith("publish")) words = await door.next();
		equal(words, "disconnect -140");
	});

	test(`${name}: refused, and connected again in the callback`, async () => {
		const door = new Door(v).begin();
		let again = 0;
		door.hear = (evt) => {
			if (evt.type === 1) again = mqttConnect(door.client);
			else equal(mqttConnect(door.client), -EALREADY);
		};
		door.come(connack(v, 0, v === 5 ? 0x88 : 3));
		equal(again, 0);
		equal(door.heard(), `connack 0 ${v === 5 ? 136 : 3} ${-ECONNREFUSED}, disconnect ${-ECONNREFUSED}`);
		equal(door.transports.length, 1, "there, the stack is deep enough already");
		equal(mqttConnect(door.client), -EALREADY);
		door.hear = () => {};
		while (door.transports.length === 1) await turn();
		equal(door.turn().slice(0, 2), "10");
		door.accept();
		equal(mqttConnect(door.client), -EISCONN);
	});
}

test("how a transport ends, and what the app is told", () => {
	for (const [error, connecting, connected] of [
		[0, -ECONNRESET, -ECONNRESET],
		[-118, -118, -118],
		[-111, -111, -111],
		[-13, -13, -13],
		[-113, -113, -113],
		[-123, -123, -123],
		[-71, -71, -71],
		[-77, -71, -71],
		[-122, -71, -71],
		[-140, -140, -140],
		[-116, -116, -ECONNRESET],
		[-5, -5, -5],
		[-9999, -ECONNRESET, -ECONNRESET],
	] as const) {
		const door = new Door(4).begin();
		door.close(error);
		equal(door.heard(), `disconnect ${connecting}`, `${error}`);
		ok(door.client.failure);
		door.open();
		door.close(error);
		equal(door.heard(), `disconnect ${connected}`, `${error}`);
	}
});

test("a transport that says more than an errno", () => {
	const door = new Door(4).begin();
	Object.defineProperty(door.transport, "failure", { value: "a proxy said no" });
	door.close(-113);
	equal(door.client.failure, "a proxy said no");
});

test("transports that are none", () => {
	const cases: [unknown, string][] = [
		[() => undefined, "no transport"],
		[() => null, "no transport"],
		[() => 5, "no transport"],
		[() => ({}), "no transport"],
		[
			() => {
				throw new Error("no socket");
			},
			"no socket",
		],
		[
			() => {
				throw undefined;
			},
			"undefined",
		],
	];
	for (const [open, words] of cases) {
		const door = new Door(4, { transport: { type: 4, open: open as () => FakeTransport } });
		equal(mqttConnect(door.client), -EIO);
		ok(door.client.failure?.includes(words), door.client.failure);
		equal(door.heard(), "", "what mqttConnect gives is not told again");
	}
	const used = new FakeTransport();
	const first = new Door(4, { transport: { type: 4, open: () => used } });
	equal(mqttConnect(first.client), 0);
	const second = new Door(4, { transport: { type: 4, open: () => used } });
	equal(mqttConnect(second.client), -EIO);
	ok(second.client.failure?.includes("in use"));
	const secure = new FakeTransport();
	const third = new Door(4, { transport: { type: 1, open: () => secure } });
	equal(mqttConnect(third.client), -EIO);
	ok(third.client.failure?.includes("TLS"));
	equal(secure.closed, true);
});

test("a source of a payload that gives too much, too little, or throws, ends the connection and nothing else", () => {
	const wrong: [string, () => number][] = [
		["nothing", () => 0],
		["less", () => -1],
		["too much", () => 1000],
		["no number", () => NaN],
		["half a byte", () => 0.5],
		["no number at all", () => "1" as unknown as number],
		[
			"an exception",
			() => {
				throw new Error("no sensor");
			},
		],
	];
	for (const [name, source] of wrong)
		for (const at of [0, 20])
			for (const store of [undefined, new Uint8Array(100)]) {
				const door = new Door(5, { store, txBuf: new Uint8Array(32) }).open();
				const data = (offset: number, into: Uint8Array, start: number, end: number) => {
					if (offset >= at) return source();
					const count = Math.min(at - offset, end - start);
					into.fill(0x61, start, start + count);
					return count;
				};
				equal(mqttPublish(door.client, { message: { topic: { topic: "t", qos: 1 }, payload: { data, len: 40 } } }), 0, name);
				door.turn();
				equal(door.heard(), `disconnect ${-EFAULT}`, name);
			}
});

test("5.0: why the server ended it is told once, and not again with the next end", () => {
	const door = new Door(5).open();
	door.come(disconnect(0x8b, "1f0001" + "61"));
	equal(door.heard(), "disconnect reason 139 -113");
	door.begin();
	let reason: string | undefined = "?";
	door.hear = ({ param }) => {
		reason = param.disconnect.prop.reasonString;
	};
	door.close();
	equal(door.heard(), `disconnect ${-ECONNRESET}`);
	equal(reason, undefined);
});

test("QoS 2, both ways, with manual acknowledgement at the door", () => {
	const door = new Door(4, { autoAck: false, store: new Uint8Array(100) }).open();
	door.come(publish(4, { topic: "t", qos: 1, id: 1 }));
	equal(mqttPublishQos1Ack(door.client, { messageId: 1 }), 0);
	equal(door.turn(), puback(1));
	equal(mqttPublish(door.client, message("t", "", 2)), 0);
	door.turn();
	equal(door.come(pubrec(1)), "");
	door.close(-5);
	equal(door.heard(), "publish t 1 1 0, pubrec 1, disconnect -5");
	door.client.cleanSession = 0;
	door.begin();
	equal(door.come(connack(4, 1)), pubrel(1));
	door.come(pubcomp(1));
	equal(door.heard(), "connack 1 0, pubcomp 1");
});

test("a record whose buffers changed is another client", () => {
	const door = new Door(4, { store: new Uint8Array(100) }).open();
	equal(mqttPublish(door.client, message("t", "", 1)), 0);
	door.turn();
	door.close();
	door.client.cleanSession = 0;
	door.begin();
	equal(door.come(connack(4, 1)), publish(4, { topic: "t", qos: 1, id: 1, dup: true }));
	door.close();
	// Another port of the broker is another way to it.
	door.client.broker = { ...door.client.broker, port: 443 };
	door.begin();
	equal(door.come(connack(4, 1)), publish(4, { topic: "t", qos: 1, id: 1, dup: true }));
	door.close();
	door.heard();
	door.client.store = new Uint8Array(100);
	door.begin();
	equal(door.come(connack(4, 1)), "");
	equal(door.heard(), "connack 1 0");
});

test("identifiers do not begin with the same one in each life of a device", () => {
	const first = () => {
		const client = clientOf(4, { store: new Uint8Array(100) });
		equal(mqttConnect(client), 0);
		const param: MqttPublishParam = message("t", "", 2);
		equal(mqttPublish(client, param), 0);
		mqttAbort(client);
		return param.messageId as number;
	};
	const ids = [first(), first(), first(), first()];
	for (const id of ids) ok(id >= 1 && id <= 65_535, `${id}`);
	ok(new Set(ids).size > 1, ids.join());
});

test("waiting to connect again, and giving up", async () => {
	for (const give of [mqttDisconnect, mqttAbort])
		for (const later of [true, false]) {
			const door = new Door(4, { reconnect: { minMs: 50_000 } }).open();
			let result = 1;
			if (!later)
				door.hear = () => {
					door.hear = () => {};
					result = give(door.client);
				};
			door.close();
			equal(await door.next(), `disconnect ${-ECONNRESET}`);
			if (later) {
				const left = mqttReconnectTimeLeft(door.client);
				ok(left > 20_000 && left <= 50_000, `${left}`);
				equal(mqttConnect(door.client), -EALREADY);
				result = give(door.client);
			}
			equal(result, 0);
			equal(mqttReconnectTimeLeft(door.client), -1);
			equal(give(door.client), -ENOTCONN);
			equal(await door.next(), "disconnect", "the app wanted that");
			equal(door.client.failure, "");
			equal(mqttConnect(door.client), 0);
			equal(door.transports.length, 2);
			mqttAbort(door.client);
			equal(await door.next(), `disconnect ${-ECONNABORTED}`);
		}
});
