/*
 * What the client has to say to the server, and in which order (3.1.1 and 5.0 §4.6): a payload that is under way, acknowledgements, then
 * what waits: subscriptions that have to be made again, and messages of the store, as far as the server's Receive Maximum goes.
 */
import { copy } from "bytes/block";
import { sizeOfVariable } from "bytes/variable-integer";
import { OutboundAliases } from "mqtt/aliases";
import { listLimit } from "mqtt/check";
import type { MqttAckParam, MqttPayloadSource, MqttPublishParam, MqttSubscriptionList } from "mqtt/client";
import { EAGAIN, EALREADY, EINVAL, EMSGSIZE, ENOTCONN, ENOTSUP, MQTT_VERSION_5_0 } from "mqtt/codes";
import { ALIAS_SIZE, writeAck, writePingreq, writePublishHead, writeStoredHead, writeSubscribe, writeUnsubscribe } from "mqtt/encoder";
import type { Output } from "mqtt/output";
import { ID_MAX, PACKET_MAX, PUBLISH, PUBREL } from "mqtt/packet";
import { type MqttPropertyValues, propertiesFault } from "mqtt/properties";
import { Scratch } from "mqtt/scratch";
import type { Server } from "mqtt/server";
import type { Session } from "mqtt/session";
import { RELEASED, SENT, STORE_FULL, STORE_NEVER, type Store } from "mqtt/store";
import type { Missing } from "mqtt/subscriptions";

/** What somebody who was told -EAGAIN waits for: room in txBuf, in the store, or in the server's Receive Maximum. */
const BLOCKED_OUTPUT = 1;
const BLOCKED_STORE = 2;
const BLOCKED_QUOTA = 4;

const BIT_DUP = 8;
const SHIFT_TYPE = 4;
const SHIFT_QOS = 1;

/** Of a record that is frozen. */
export const UNWRITABLE = "messageId: cannot be written to this record, which is frozen: give one, or a record that can be written to";

export class Sender {
	/** Messages of QoS 1 and 2 that the server would take now (5.0 §4.9). */
	quota = 0;
	/** PINGREQ is to go out. */
	ping = false;
	readonly #output: Output;
	readonly #session: Session;
	readonly #server: Server;
	/** Why something was refused, in words. */
	why = "";
	/** The record whose payload is under way. */
	#sending = -1;
	/** The server accepted the connection. */
	#open = false;
	#version = 0;
	#inflight = 0;
	/** Properties that were found right. */
	#checked: MqttPropertyValues | undefined;
	#blocked = 0;
	/** A payload that was lent is the app's again, who was not told. */
	#returned = false;
	readonly #aliases = new OutboundAliases();
	readonly #scratch = new Scratch();

	constructor(output: Output, session: Session, server: Server) {
		this.#output = output;
		this.#session = session;
		this.#server = server;
	}

	/**
	 * A new network connection, which speaks this version. Nothing of the session goes out before open(). `inflight`: how many messages of
	 * QoS 1 and 2 may be unacknowledged where the server does not say.
	 */
	begin(version: number, inflight: number): void {
		this.#version = version;
		this.#inflight = inflight;
		this.#sending = -1;
		this.#session.begin();
		this.ping = this.#open = false;
		this.#aliases.clear(0);
	}

	/** The server accepted the connection, and said what it takes. */
	open(): void {
		this.unblock(BLOCKED_QUOTA);
		this.quota = this.maximum;
		this.#aliases.clear(this.#server.topicAliasMaximum);
	}

	/** Messages of the store go. */
	get started(): boolean {
		return this.#open;
	}

	/** What is in the store may go. */
	start(): void {
		this.#open = true;
		this.#session.cursor = this.#session.store?.first() ?? -1;
	}

	/** The network connection is gone. */
	end(): void {
		this.#sending = this.#session.cursor = -1;
		this.#open = false;
	}

	private get maximum(): number {
		return Math.min(this.#server.receiveMaximum, this.#inflight);
	}

	/** A message of QoS 1 or 2 was acknowledged to the end. */
	credit(): void {
		if (this.quota < this.maximum) this.quota++;
		this.unblock(BLOCKED_QUOTA | BLOCKED_STORE);
	}

	/** A message of the store was given up. */
	freed(): void {
		this.unblock(BLOCKED_STORE);
	}

	/** Whether the message with this identifier has gone out as a whole: nobody can acknowledge it before. */
	sent(id: number): boolean {
		return this.#sending < 0 || this.#session.store?.id(this.#sending) !== id;
	}

	/** Somebody was told -EAGAIN, and that is over. Told once. */
	takeReady(): boolean {
		const blocked = this.#blocked;
		if (blocked === 0 && !this.#returned) return false;
		if (!this.#open || this.#output.sending || this.#output.used > 0) return false;
		if (!this.#returned && (blocked & BLOCKED_OUTPUT) === 0) return false;
		this.#blocked = blocked & ~BLOCKED_OUTPUT;
		this.#returned = false;
		return true;
	}

	/** mqttPublish: 0, or a negative errno; `why` says it in words. */
	publish(param: MqttPublishParam, online: boolean, queueing: boolean): number {
		const { message, prop } = param;
		const { topic, payload } = message;
		const qos = topic.qos ?? 0;
		const { data } = payload;
		const length = payload.len ?? (data as Uint8Array).length;
		const alias = prop?.topicAlias ?? 0;
		if (!this.#scratch.topic(topic.topic))
			return this.refuse(-EINVAL, "topic: a topic name, without + and #, of at most 65,535 bytes of UTF-8");
		const session = this.#session;
		const stored = session.store !== undefined && (qos > 0 || (queueing && (!online || session.cursor >= 0)));
		if (!online && (!stored || !queueing)) return this.refuse(-ENOTCONN, "not connected");
		const id = qos > 0 ? session.chosenId(param) : 0;
		if (id !== 0 && session.uses(id)) return this.refuse(-EALREADY, "messageId: in use");
		if (qos > 0 && id === 0 && !Object.isExtensible(param)) return this.refuse(-EINVAL, UNWRITABLE);
		if (prop !== undefined && prop !== this.#checked) {
			const fault = propertiesFault(prop, PUBLISH);
			if (fault) return this.refuse(-EINVAL, `prop.${fault}`);
			this.#checked = prop;
		}
		// The app may have changed them since: writing finds that out of all others.
		if (prop === undefined) this.#scratch.propEnd = this.#scratch.propStart = this.#scratch.topicEnd;
		else if (alias !== (alias | 0) || (prop?.topicAlias !== undefined && alias <= 0) || !this.#scratch.properties(prop)) {
			const fault = propertiesFault(prop, PUBLISH);
			return fault ? this.refuse(-EINVAL, `prop.${fault}`) : this.refuse(-EMSGSIZE, "prop: longer than any packet");
		}
		if (online && (this.#server.limited || alias > 0)) {
			const error = this.limits(qos, param.retainFlag === 1, alias, length);
			if (error) return error;
		}
		if (this.#scratch.topicEnd === 0 && (alias === 0 || stored || !this.#aliases.knows(alias)))
			return this.refuse(-EINVAL, "topic: empty, and there is no alias that stands for it");
		if (stored) return this.keep(param, qos, id, alias, data, length);
		return this.direct(param, qos, id, alias, data, length);
	}

	/** mqttSubscribe and mqttUnsubscribe: writes the packet, which has this identifier. 0, -EAGAIN, or -EMSGSIZE. */
	subscribe(param: MqttSubscriptionList, count: number, id: number, subscribe: boolean): number {
		const output = this.#output;
		if (output.sending) return this.waitFor(BLOCKED_OUTPUT);
		do {
			const end = this.writeList(param, count, id, subscribe);
			if (end - output.used > this.#server.maximumPacketSize) return this.refuse(-EMSGSIZE, "longer than the server takes");
			if (output.add(end)) return 0;
		} while (output.flush());
		return output.used === 0 ? this.refuse(-EMSGSIZE, "does not fit into txBuf") : this.waitFor(BLOCKED_OUTPUT);
	}

	/** An acknowledgement that the library sends. There is room for it, see Output.full. */
	answer(type: number, id: number, reason: number): void {
		this.#output.acknowledge(type, id, reason);
	}

	/** An acknowledgement that the app sends itself: 0, -EAGAIN, or -EMSGSIZE. */
	acknowledge(type: number, param: MqttAckParam): number {
		const output = this.#output;
		if (output.full) return this.waitFor(BLOCKED_OUTPUT);
		if (param.prop === undefined || this.#version !== MQTT_VERSION_5_0) {
			output.acknowledge(type, param.messageId, param.reasonCode ?? 0);
			return 0;
		}
		if (!output.sending && output.acks(this.#version))
			do {
				const { bytes, used, size } = output;
				const end = writeAck(bytes, used, size, this.#version, type, param.messageId, param.reasonCode ?? 0, param.prop);
				if (end - used > this.#server.maximumPacketSize) return this.refuse(-EMSGSIZE, "prop: longer than the server takes");
				if (output.add(end)) return 0;
			} while (output.flush());
		return output.used === 0 && !output.sending ? this.refuse(-EMSGSIZE, "does not fit into txBuf") : this.waitFor(BLOCKED_OUTPUT);
	}

	/** Puts out what there is, as far as there is room: true if nothing is left but what waits for the server. */
	advance(open: boolean): boolean {
		const output = this.#output;
		const session = this.#session;
		if (!output.pending && session.cursor < 0 && !this.ping && !session.subscriptions.wanting) return true;
		for (;;) {
			if (!output.fill()) return false;
			if (this.#sending >= 0) this.through();
			if (output.lent) {
				output.lent = false;
				this.#returned = true;
			}
			if (!output.acks(this.#version)) return false;
			output.pending = false;
			if (!open) return true;
			if (this.ping) {
				if (output.add(writePingreq(output.bytes, output.used, output.size))) this.ping = false;
				else if (!output.flush()) return false;
				continue;
			}
			if (!this.next()) return true;
		}
	}

	/** Puts out the next thing that waits: whether there was one. */
	private next(): boolean {
		const session = this.#session;
		if (session.subscriptions.wanting) {
			const missing = session.subscriptions.nextMissing();
			if (missing !== undefined) return this.resubscribe(missing);
		}
		const { store, cursor } = session;
		if (store === undefined || cursor < 0) return false;
		const released = store.state(cursor) === RELEASED;
		if (released) {
			if (!this.write(cursor, true, 0)) return false;
		} else {
			const qos = store.qos(cursor);
			if (qos > 0 && this.quota === 0) return false;
			if (!this.write(cursor, false, this.aliasOf(cursor))) return false;
			if (qos > 0) {
				this.quota--;
				store.setState(cursor, SENT);
			}
			this.#sending = cursor;
			const external = store.external(cursor);
			this.#output.send(external ? session.lent : store.memory, external ? 0 : store.payloadStart(cursor), store.payloadLength(cursor));
		}
		session.cursor = store.next(cursor);
		return true;
	}

	/** Into the store, from where it goes out in its turn. */
	private keep(
		param: MqttPublishParam,
		qos: number,
		id: number,
		alias: number,
		data: Uint8Array | MqttPayloadSource,
		length: number,
	): number {
		const session = this.#session;
		const store = session.store;
		if (store === undefined) return -EINVAL;
		const { bytes, topicEnd, propStart, propEnd } = this.#scratch;
		// Nothing behind it would ever go out.
		const size = this.lengthOf(topicEnd, propEnd - propStart, qos, alias, length);
		if (size > PACKET_MAX) return this.refuse(-EMSGSIZE, "longer than any packet");
		if (size - length > this.#output.size) return this.refuse(-EMSGSIZE, "topic and properties do not fit into txBuf");
		// There is an identifier for each.
		if (store.count === ID_MAX) return this.waitFor(BLOCKED_STORE);
		let external = typeof data === "function";
		let record = external ? STORE_NEVER : store.add(topicEnd, propEnd - propStart, length);
		if (record === STORE_NEVER) {
			// Too large for it: it holds all but the payload, of one message at a time.
			external = true;
			if (session.lentRecord >= 0) return this.waitFor(BLOCKED_STORE);
			record = store.add(topicEnd, propEnd - propStart, 0);
		}
		if (record === STORE_FULL) return this.waitFor(BLOCKED_STORE);
		if (record < 0) return this.refuse(-EMSGSIZE, "topic and properties do not fit into store");
		if (external) {
			store.setExternal(record, length);
			session.lent = data;
			session.lentRecord = record;
		} else copy(store.memory, store.payloadStart(record), data as Uint8Array, 0, length);
		copy(store.memory, store.topicStart(record), bytes, 0, topicEnd);
		if (propEnd > propStart) copy(store.memory, store.propStart(record), bytes, propStart, propEnd - propStart);
		store.setQos(record, qos);
		// The app sends it again: then it goes out with DUP.
		if (qos > 0 && param.dupFlag === 1) store.setState(record, SENT);
		store.setRetain(record, param.retainFlag === 1);
		store.setAlias(record, alias);
		if (qos > 0) store.setId(record, id || this.assign(param, session.nextId()));
		if (session.cursor < 0 && this.#open) session.cursor = record;
		return 0;
	}

	/** Straight into txBuf. */
	private direct(
		param: MqttPublishParam,
		qos: number,
		chosen: number,
		alias: number,
		data: Uint8Array | MqttPayloadSource,
		length: number,
	): number {
		const output = this.#output;
		const { bytes: topic, topicEnd } = this.#scratch;
		if (output.sending) return this.waitFor(BLOCKED_OUTPUT);
		if (qos > 0 && this.quota === 0) return this.waitFor(BLOCKED_QUOTA);
		const id = qos > 0 ? chosen || this.#session.nextId() : 0;
		const first =
			(PUBLISH << SHIFT_TYPE) | (param.dupFlag === 1 && qos > 0 ? BIT_DUP : 0) | (qos << SHIFT_QOS) | (param.retainFlag === 1 ? 1 : 0);
		const known = alias > 0 && topicEnd > 0 && this.#aliases.is(alias, topic, 0, topicEnd);
		do {
			const { bytes, used, size } = output;
			const end = writePublishHead(bytes, used, size, this.#version, first, topic, 0, known ? 0 : topicEnd, id, alias, param.prop, length);
			const total = end - used + length;
			// What fits is taken as a whole or not at all; only what never will is lent.
			if (end < 0 || (total <= size && used + total > size)) continue;
			output.used = end;
			if (alias > 0 && topicEnd > 0 && !known) this.#aliases.remember(alias, topic, 0, topicEnd);
			if (qos > 0) {
				this.quota--;
				this.#session.sent(qos);
				if (chosen === 0) this.assign(param, id);
			}
			const through = output.send(data, 0, length);
			// The app cannot know how much the transport took at once: it is told in any case.
			if (!through || total > size) output.lent = output.pending = true;
			return 0;
		} while (output.flush());
		return output.used === 0 ? this.refuse(-EMSGSIZE, "topic and properties do not fit into txBuf") : this.waitFor(BLOCKED_OUTPUT);
	}

	/** Tells the app which identifier a message got. */
	private assign(param: MqttPublishParam, id: number): number {
		param.messageId = param.assignedId = id;
		return id;
	}

	/** What the server has said that it does not take. */
	private limits(qos: number, retain: boolean, alias: number, length: number): number {
		const server = this.#server;
		if (qos > server.maximumQos) return this.refuse(-ENOTSUP, "qos: more than the server has");
		if (retain && !server.retainAvailable) return this.refuse(-ENOTSUP, "retainFlag: the server keeps no messages");
		if (alias > server.topicAliasMaximum) return this.refuse(-EINVAL, "topicAlias: above the server's maximum");
		const { topicEnd, propStart, propEnd } = this.#scratch;
		if (this.lengthOf(topicEnd, propEnd - propStart, qos, alias, length) > server.maximumPacketSize)
			return this.refuse(-EMSGSIZE, "longer than the server takes");
		return 0;
	}

	/** How long a message is as a packet. */
	private lengthOf(topic: number, props: number, qos: number, alias: number, payload: number): number {
		let length = 2 + topic + (qos > 0 ? 2 : 0) + payload;
		if (this.#version === MQTT_VERSION_5_0) {
			const all = props + (alias > 0 ? ALIAS_SIZE : 0);
			length += sizeOfVariable(all) + all;
		}
		return 1 + sizeOfVariable(length) + length;
	}

	/** Whether the server takes a record that was made before it said what it takes. */
	takes(record: number): boolean {
		const { store } = this.#session;
		if (store === undefined) return true;
		const fits = this.recordLength(store, record, 0) <= this.#server.maximumPacketSize;
		return fits && this.#server.takes(store.qos(record), store.retain(record));
	}

	private recordLength(store: Store, record: number, alias: number): number {
		const topic = store.topicEnd(record) - store.topicStart(record);
		const props = store.propEnd(record) - store.propStart(record);
		return this.lengthOf(topic, props, store.qos(record), alias, store.payloadLength(record));
	}

	/** Writes PUBREL, or the head of a message, of a record: whether there was room. */
	private write(record: number, released: boolean, alias: number): boolean {
		const output = this.#output;
		const store = this.#session.store;
		if (store === undefined) return false;
		const version = this.#version;
		const { memory } = store;
		const start = store.topicStart(record);
		const end = store.topicEnd(record);
		const known = alias > 0 && this.#aliases.is(alias, memory, start, end);
		do {
			const { bytes, used, size } = output;
			const after = released
				? writeAck(bytes, used, size, version, PUBREL, store.id(record), 0)
				: writeStoredHead(bytes, used, size, version, store, record, store.state(record) === SENT, alias, !known);
			if (!output.add(after)) continue;
			if (alias > 0 && !known) this.#aliases.remember(alias, memory, start, end);
			return true;
		} while (output.flush());
		return false;
	}

	/** The alias that a record may go with on this connection; 0: none. */
	private aliasOf(record: number): number {
		const { store } = this.#session;
		const alias = store?.alias(record) ?? 0;
		if (store === undefined || alias === 0 || alias > this.#server.topicAliasMaximum) return 0;
		return this.recordLength(store, record, alias) > this.#server.maximumPacketSize ? 0 : alias;
	}

	/** The payload of a record is through: with QoS 0 that was all. */
	private through(): void {
		const session = this.#session;
		const record = this.#sending;
		this.#sending = -1;
		if (session.store?.qos(record) !== 0) return;
		if (record === session.lentRecord) this.#output.lent = true;
		session.finish(record);
		this.unblock(BLOCKED_STORE);
	}

	private writeList({ list, prop }: MqttSubscriptionList, count: number, id: number, subscribe: boolean): number {
		const { bytes, used, size } = this.#output;
		const version = this.#version;
		return subscribe
			? writeSubscribe(bytes, used, size, version, id, list, count, prop)
			: writeUnsubscribe(bytes, used, size, version, id, list, count, prop);
	}

	/** Whether the server takes SUBSCRIBE or UNSUBSCRIBE again: 0, -ENOTSUP or -EMSGSIZE, with `why` in words. */
	limit({ subscription, prop, subscribe }: Missing): number {
		const param = { list: [subscription], prop };
		const words = subscribe ? listLimit(param, this.#server) : "";
		if (words) return this.refuse(-ENOTSUP, words.slice(words.indexOf(":") + 2));
		if (this.writeList(param, 1, 0, subscribe) - this.#output.used <= this.#server.maximumPacketSize) return 0;
		return this.refuse(-EMSGSIZE, "longer than the server takes");
	}

	private resubscribe({ subscription, prop, subscribe }: Missing): boolean {
		const id = this.#session.nextId();
		const result = this.subscribe({ list: [subscription], prop }, 1, id, subscribe);
		if (result === -EAGAIN) return false;
		if (result < 0) this.#session.subscriptions.giveUp();
		else this.#session.subscriptions.sent(id);
		return true;
	}

	/** Somebody else has to wait for room in txBuf. */
	wait(): number {
		return this.waitFor(BLOCKED_OUTPUT);
	}

	/** There is room of this kind: who waits for it is told, once there is room in txBuf, too. */
	private unblock(what: number): void {
		if ((this.#blocked & what) !== 0) this.#blocked = (this.#blocked & ~what) | BLOCKED_OUTPUT;
	}

	private waitFor(what: number): number {
		this.#blocked |= what;
		return -EAGAIN;
	}

	/** Gives the errno, and remembers what it means. */
	refuse(error: number, why: string): number {
		this.why = why;
		return error;
	}
}
