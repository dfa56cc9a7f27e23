/*
 * A broker as the standards describe one, with a session that outlives its connections, for one client; and a wire to it that can be cut
 * at any byte. Nothing of modules/mqtt is in it.
 */
import { FakeTransport } from "./fake";
import {
	bytesOf,
	connack,
	disconnect,
	PINGRESP,
	puback,
	pubcomp,
	publish,
	pubrec,
	pubrel,
	Reader,
	type Sent,
	suback,
	unsuback,
} from "./wire";

/** A message that the broker has for the client. */
interface Outgoing {
	readonly topic: string;
	readonly payload: string;
	readonly qos: number;
	/** 0: not sent yet. */
	id: number;
	/** PUBREC came. */
	released: boolean;
	/** Sent on this connection. */
	sent: boolean;
	/** Sent at all. */
	dup: boolean;
}

/** Packets are the same again and again. */
const spelled = new Map<string, Uint8Array>();

/** Most that the broker has unacknowledged, so that the client's limits are never in the way. */
const WINDOW = 3;

export class Broker {
	/** Which subscriptions it does not take. */
	refuses: (filter: string, qos: number) => boolean = () => false;
	/** Of the session: filters and their QoS. */
	subscribed: string[] = [];
	outgoing: Outgoing[] = [];
	#known = false;
	#received: number[] = [];
	/** Identifiers of QoS 2 that there were in this session. */
	#ever: number[] = [];
	#id = 0;
	/** What the client published, by topic: how often it was taken in. */
	readonly taken = new Map<string, number>();
	/** The first time of each, in order. */
	readonly order: string[] = [];
	/** What the client did wrong. */
	fault = "";
	/** Of the connection: packets on their way to the client, and where in the first one that is. */
	#output: Uint8Array[] = [];
	#at = 0;
	disconnected = false;
	readonly #v: number;
	#reader: Reader;
	#connected = false;
	/** The session began with this connection. */
	#fresh = false;
	/** 5.0: what CONNACK says. */
	readonly #props: string;
	/** What must be the payload of a topic. */
	readonly #payloadOf: (topic: string) => string;

	constructor(v: number, payloadOf: (topic: string) => string, props = "") {
		this.#v = v;
		this.#reader = new Reader(v);
		this.#payloadOf = payloadOf;
		this.#props = props;
	}

	/** The session is forgotten. */
	forget(): void {
		this.subscribed = [];
		this.#received = [];
		this.#ever = [];
		this.#known = false;
		this.#id = 0;
		for (const message of this.outgoing) {
			message.id = 0;
			message.released = message.sent = message.dup = false;
		}
	}

	/** A new network connection. */
	accept(): void {
		this.#reader = new Reader(this.#v);
		this.#connected = this.disconnected = false;
		this.#output.length = this.#at = 0;
	}

	/** A message for the client, once it has subscribed. */
	post(topic: string, qos: number): void {
		this.outgoing.push({ topic, payload: this.#payloadOf(topic), qos, id: 0, released: false, sent: false, dup: false });
		this.#send();
	}

	hear(bytes: ArrayLike<number>, start: number, end: number): void {
		this.#reader.push(bytes, start, end);
		for (;;) {
			const packet = this.#reader.next();
			if (packet === undefined) return;
			this.#take(packet);
			this.#send();
		}
	}

	#say(hex: string): void {
		let bytes = spelled.get(hex);
		if (bytes === undefined) {
			bytes = bytesOf(hex);
			spelled.set(hex, bytes);
		}
		this.#output.push(bytes);
	}

	/** What is on its way to the client arrives, at most `most` bytes of it: how many. */
	give(into: Uint8Array, start: number, most: number): number {
		let count = 0;
		while (count < most) {
			const packet = this.#output[0];
			if (packet === undefined) break;
			const piece = Math.min(most - count, packet.length - this.#at);
			into.set(packet.subarray(this.#at, this.#at + piece), start + count);
			count += piece;
			this.#at += piece;
			if (this.#at < packet.length) continue;
			this.#output.shift();
			this.#at = 0;
		}
		return count;
	}

	/** What is answered: 0x80 to those that it does not take. */
	#grant(filter: string, qos: number): number {
		if (this.refuses(filter, qos)) return 0x80;
		this.subscribed = this.subscribed.filter((other) => other.split(" ")[0] !== filter);
		this.subscribed.push(`${filter} ${qos}`);
		return qos;
	}

	#fail(words: string): void {
		if (this.fault === "") this.fault = words;
	}

	#take(packet: Sent): void {
		const { type, id, topic } = packet;
		if (this.disconnected) this.#fail("something behind DISCONNECT");
		if (this.#connected === (type === 1)) this.#fail(`packet ${type} where it may not be`);
		switch (type) {
			case 1: {
				if (packet.reason & 2) this.forget();
				this.#connected = true;
				const present = this.#known;
				this.#fresh = !present;
				this.#known = true;
				for (const message of this.outgoing) message.sent = false;
				this.#say(connack(this.#v, present ? 1 : 0, 0, this.#props));
				return;
			}
			case 3:
				this.#publish(packet);
				return;
			case 6:
				// PUBCOMP may have been lost; but there was a message.
				if (!this.#ever.includes(id)) this.#fail(`PUBREL of ${id}, which nobody has`);
				this.#received = this.#received.filter((other) => other !== id);
				this.#say(pubcomp(id));
				return;
			case 8:
				this.#say(
					suback(
						this.#v,
						id,
						packet.topics.map((filter, i) => this.#grant(filter, packet.qoss[i] as number)),
					),
				);
				return;
			case 10:
				this.subscribed = this.subscribed.filter((filter) => !packet.topics.includes(filter.split(" ")[0] as string));
				this.#say(unsuback(this.#v, id, new Array(packet.topics.length).fill(0)));
				return;
			case 12:
				this.#say(PINGRESP);
				return;
			case 14:
				if (packet.reason >= 0x80) this.#fail(`DISCONNECT with ${packet.reason}: ${disconnect(packet.reason)}`);
				this.disconnected = true;
				return;
			default:
				this.#receipt(type, id, topic);
		}
	}

	#publish({ first, id, topic, payload }: Sent): void {
		const qos = (first >> 1) & 3;
		let text = "";
		for (const byte of bytesOf(payload)) text += String.fromCharCode(byte);
		if (text !== this.#payloadOf(topic)) this.#fail(`${topic} has another payload`);
		if (first & 8 && this.#fresh) this.#fail(`DUP for ${topic}, in a session that is new`);
		if (qos === 2) {
			this.#say(pubrec(id));
			if (this.#received.includes(id)) {
				if (!(first & 8)) this.#fail(`${topic} again without DUP`);
				return;
			}
			this.#received.push(id);
			this.#ever.push(id);
		}
		const times = this.taken.get(topic) ?? 0;
		this.taken.set(topic, times + 1);
		if (times === 0) this.order.push(topic);
		if (qos === 1) this.#say(puback(id));
	}

	#receipt(type: number, id: number, _topic: string): void {
		const message = this.outgoing.find((one) => one.id === id);
		// Of an earlier connection, when there was another session.
		if (message === undefined) {
			this.#fail(`receipt ${type} for ${id}, which was not sent`);
			return;
		}
		const done = () => {
			this.outgoing = this.outgoing.filter((other) => other !== message);
		};
		if (type === 4 && message.qos === 1) done();
		else if (type === 5 && message.qos === 2) {
			message.released = true;
			this.#say(pubrel(id));
		} else if (type === 7 && message.qos === 2 && message.released) done();
		else this.#fail(`receipt ${type} for ${id}, which has QoS ${message.qos}`);
	}

	/** Sends what may go, in order. */
	#send(): void {
		if (!this.#connected || this.disconnected || this.subscribed.length === 0) return;
		let window = 0;
		for (const message of this.outgoing) {
			if (message.qos > 0 && window++ >= WINDOW) return;
			if (message.sent) continue;
			message.sent = true;
			const { topic, payload, qos } = message;
			if (qos === 0) {
				this.outgoing = this.outgoing.filter((other) => other !== message);
				this.#say(publish(this.#v, { topic, payload }));
			} else if (message.released) this.#say(pubrel(message.id));
			else {
				message.id ||= ++this.#id;
				this.#say(publish(this.#v, { topic, payload, qos, id: message.id, dup: message.dup }));
				message.dup = true;
			}
		}
	}
}

/** The client's end of a wire, which is cut after so many bytes, of both directions. */
export class Wire extends FakeTransport {
	/** Bytes that arrived, of both directions. */
	passed = 0;
	readonly #broker: Broker;
	readonly #limit: number;
	/** So many at a time. */
	readonly #piece: number;
	#asked = 0;

	constructor(broker: Broker, limit: number, piece: number) {
		super();
		this.#broker = broker;
		this.#limit = limit;
		this.#piece = piece;
		broker.accept();
	}

	get cut(): boolean {
		return this.passed >= this.#limit;
	}

	override write(from: Uint8Array, start: number, end: number): number {
		if (this.broken) return this.broken;
		// Now and then there is no room.
		if (++this.#asked % 3 === 0) return 0;
		const count = Math.min(end - start, this.#piece);
		const arrive = Math.min(count, this.#limit - this.passed);
		this.passed += arrive;
		if (arrive > 0) this.#broker.hear(from, start, start + arrive);
		// What does not arrive was taken all the same: so it is with TCP.
		return count;
	}

	override read(into: Uint8Array, start: number, end: number): number {
		const count = this.#broker.give(into, start, Math.min(end - start, this.#piece, this.#limit - this.passed));
		if (count <= 0) return this.broken;
		this.passed += count;
		return count;
	}
}
