/*
 * A conversation with a broker, cut at every byte of it, and at others after that: in the end each message of QoS 1 has arrived, and each
 * of QoS 2 has arrived once, in both directions, and everybody knows.
 */
import config from "mc/config";
import { MQTT_EVT_PUBLISH, MQTT_EVT_PUBREC, MQTT_EVT_PUBREL, type MqttClient, type MqttEvt, type MqttPayloadSource } from "mqtt";
import { CLOSED } from "mqtt/connection";
import { PUBACK, PUBREC } from "mqtt/packet";
import { equal, ok, test } from "test";
import { Side } from "./fake";
import { Broker, Wire } from "./model";
import { asciiOf } from "./wire";

/** A collection at every allocation takes a hundred times as long, the sanitizers three times, an emulated board thirty: then not every byte. */
const variant = String(config.variant);
const rarely = variant.includes("stress") ? 331 : variant.startsWith("mps2") ? 61 : variant.includes("sanitize") ? 11 : 0;

const NEVER = 1e9;

/** What is published, in order: topics that say who, QoS, number and length. */
const APPS = ["a.1.0.5", "a.2.1.0", "a.0.2.9", "a.2.3.90", "a.1.4.70", "a.2.5.3", "a.0.6.80", "a.1.7.1"];
const BROKERS = ["b.2.0.0", "b.1.1.6", "b.0.2.8", "b.1.3.85", "b.2.4.60", "b.2.5.2", "b.1.6.0", "b.2.7.75"];
const qosOf = (topic: string) => Number(topic.split(".")[1]);
const payloadOf = (topic: string) => {
	const length = Number(topic.split(".")[3]);
	let text = "";
	for (let i = 0; i < length; i++) text += String.fromCharCode(97 + ((i + topic.charCodeAt(4)) % 26));
	return text;
};

interface Plan {
	readonly v: number;
	readonly rx: number;
	readonly tx: number;
	/** Of the transport, at a time. */
	readonly piece: number;
	/** The app acknowledges. */
	readonly manual?: boolean;
	/** What it publishes is made while it is sent. */
	readonly source?: boolean;
	/** The session is lost with the connection. */
	readonly forgets?: boolean;
	readonly store?: number;
	/** Messages that may be in flight. */
	readonly inflight?: number;
}

/** One conversation, with connections that are cut after so many bytes, and one that is not. */
class Run {
	readonly broker: Broker;
	readonly side: Side;
	readonly told = new Map<string, number>();
	readonly order: string[] = [];
	/** Of messages that the app published, by identifier: the topic; and which are done with, and how. */
	readonly done = new Map<string, string>();
	readonly #ids = new Map<number, string>();
	readonly #plan: Plan;
	#wire!: Wire;
	#posted = 0;
	#subscribed = false;
	/** Bytes of the first connection. */
	passed = 0;

	constructor(plan: Plan) {
		const { v, rx, tx, manual, store = 2000, inflight = 20 } = plan;
		this.#plan = plan;
		this.broker = new Broker(v, payloadOf, v === 5 ? `21${(inflight + 65536).toString(16).slice(1)}` : "");
		const options: Partial<MqttClient> = {
			rxBuf: new Uint8Array(rx),
			txBuf: new Uint8Array(tx),
			store: new Uint8Array(store),
			cleanSession: 0,
			autoAck: !manual,
			inflightMaximum: inflight,
		};
		if (v === 5) options.prop = { sessionExpiryInterval: 100 };
		this.side = new Side(v, options);
		if (manual) this.side.hear = (evt) => this.#answer(evt);
		for (const topic of BROKERS) this.broker.post(topic, qosOf(topic));
	}

	#answer({ type, param }: MqttEvt): void {
		const { delivery } = this.side.connection;
		const { messageId } = type === MQTT_EVT_PUBLISH ? param.publish : param.puback;
		if (type === MQTT_EVT_PUBREC) equal(this.side.connection.release({ messageId }), 0);
		else if (type === MQTT_EVT_PUBREL) equal(delivery.complete({ messageId }), 0);
	}

	run(limits: readonly number[]): void {
		for (let i = 0; i < limits.length; i++) {
			this.side.make = () => {
				this.#wire = new Wire(this.broker, limits[i] as number, this.#plan.piece);
				return this.#wire;
			};
			this.side.begin(i > 0);
			for (let idle = 0; idle < 4 && !this.#wire.cut; ) {
				const before = this.#wire.passed;
				this.#act();
				this.side.go();
				this.#see();
				equal(this.side.connection.fault, 0, `fault ${this.side.connection.fault} ${this.broker.fault}`);
				if (this.#wire.passed === before) idle++;
				else idle = 0;
			}
			if (i === 0) this.passed = this.#wire.passed;
			if (!this.#wire.cut) break;
			this.side.cut();
			this.#see();
			equal(this.side.connection.state, CLOSED);
			if (this.#plan.forgets) this.broker.forget();
		}
		equal(this.broker.fault, "");
	}

	/** What the app does as soon as it can. */
	#act(): void {
		const { connection } = this.side;
		if (!this.#subscribed && connection.subscribe({ list: [{ topic: "b/#", qos: 2 }] }, 1, true) === 0) this.#subscribed = true;
		while (this.#posted < APPS.length) {
			const topic = APPS[this.#posted] as string;
			const payload = asciiOf(payloadOf(topic));
			const source: MqttPayloadSource = (offset, into, start, end) => {
				const count = Math.min(end - start, payload.length - offset);
				for (let i = 0; i < count; i++) into[start + i] = payload[offset + i] as number;
				return count;
			};
			const data = this.#plan.source && qosOf(topic) > 0 ? source : payload;
			const param = { message: { topic: { topic, qos: qosOf(topic) }, payload: { data, len: payload.length } }, messageId: 0 };
			if (connection.publish(param) !== 0) return;
			this.#posted++;
			if (param.messageId) this.#ids.set(param.messageId, topic);
		}
	}

	/** What the app was told. */
	#see(): void {
		for (const words of this.side.told) {
			const [what, first = "", qos = "", id = ""] = words.split(" ");
			if (what === "publish") {
				const topic = first;
				// Half of one comes again.
				if (Number(topic.split(".")[3]) > 0 && !words.endsWith(` ${payloadOf(topic)}`)) continue;
				const times = this.told.get(topic) ?? 0;
				if (times === 0) this.order.push(topic);
				this.told.set(topic, times + 1);
				if (!this.#plan.manual) continue;
				const type = qos === "1" ? PUBACK : PUBREC;
				if (qos !== "0") equal(this.side.connection.delivery.acknowledge(type, { messageId: Number(id) }), 0);
			} else if (what === "puback" || what === "pubcomp") {
				const topic = this.#ids.get(Number(first));
				ok(topic !== undefined, words);
				ok(!this.done.has(topic), `${topic} is done twice`);
				this.done.set(topic, words);
			}
		}
		this.side.told.length = 0;
	}

	/** Everything is as it has to be. */
	check(words: string): void {
		const { broker } = this;
		equal(this.#posted, APPS.length, words);
		for (const topic of APPS) {
			const times = broker.taken.get(topic) ?? 0;
			const qos = qosOf(topic);
			const name = `${words}: ${topic} was taken ${times} times`;
			if (qos === 0) ok(times <= 1, name);
			else if (qos === 1 || this.#plan.forgets) ok(times >= 1, name);
			else equal(times, 1, name);
			equal(this.done.has(topic), qos > 0, `${words}: ${topic} is done`);
			const ending = this.done.get(topic) ?? "";
			if (!this.#plan.forgets) ok(!ending.includes("-"), ending);
		}
		for (const topic of BROKERS) {
			const times = this.told.get(topic) ?? 0;
			const qos = qosOf(topic);
			const name = `${words}: ${topic} was told ${times} times`;
			if (qos === 0) ok(times <= 1, name);
			else if (qos === 1 || this.#plan.forgets) ok(times >= 1, name);
			else equal(times, 1, name);
		}
		equal(broker.outgoing.length, 0, words);
		equal(broker.subscribed.join(), "b/# 2", words);
		const { store, received } = this.side.connection.session;
		equal(store?.count, 0, words);
		equal(received.count, 0, words);
		if (this.#plan.forgets) return;
		equal(inOrder(broker.order, APPS), "", words);
		equal(inOrder(this.order, BROKERS), "", words);
	}
}

/** "" if what came first came in order, of each QoS (§4.6). */
function inOrder(came: readonly string[], sent: readonly string[]): string {
	for (const qos of [1, 2]) {
		const a = came.filter((topic) => qosOf(topic) === qos).join();
		const b = sent.filter((topic) => qosOf(topic) === qos).join();
		if (a !== b) return a;
	}
	return "";
}

const plans: [string, Omit<Plan, "v">][] = [
	["as a whole", { rx: 256, tx: 256, piece: NEVER }],
	["byte by byte, in the smallest buffers", { rx: 32, tx: 32, piece: 1 }],
	["a few bytes at a time, in buffers that are not the same", { rx: 40, tx: 64, piece: 13 }],
	["few in flight, and a store that is soon full", { rx: 64, tx: 48, piece: 29, store: 190, inflight: 2 }],
	["payloads that are made while they are sent", { rx: 64, tx: 40, piece: 17, source: true }],
	["with an app that acknowledges itself", { rx: 64, tx: 64, piece: NEVER, manual: true }],
	["with a broker that forgets", { rx: 64, tx: 64, piece: 31, forgets: true }],
];

/** Declares the tests of a version. The first plan is cut at every byte, the others at every seventh. */
export function declare(v: number): void {
	for (let index = 0; index < plans.length; index++) {
		const [name, plan] = plans[index] as (typeof plans)[number];
		test(name, () => {
			const whole = new Run({ v, ...plan });
			whole.run([NEVER]);
			whole.check("not cut");
			const { passed } = whole;
			ok(passed > 700, `${passed} bytes`);
			const step = rarely || (index === 0 ? 1 : 7);
			for (let cut = index % step; cut < passed; cut += step) {
				const run = new Run({ v, ...plan });
				// Sometimes the next connections do not live long, either.
				const next = (cut * 7919) % (passed + 1);
				const limits = cut % 3 === 0 ? [cut, NEVER] : cut % 3 === 1 ? [cut, next, NEVER] : [cut, next % 40, next, next >> 1, NEVER];
				run.run(limits);
				run.check(`cut at ${limits.slice(0, -1).join()}`);
			}
		});
	}
}
