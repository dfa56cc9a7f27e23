/*
 * What outlives a network connection (3.1.1 and 5.0 §4.1): messages that are not acknowledged, identifiers of messages that came with
 * QoS 2, and subscriptions; and which acknowledgement may follow which (§4.3).
 */
import type { MqttPayloadSource } from "mqtt/client";
import { MQTT_FAULT_ID_UNKNOWN } from "mqtt/codes";
import { ID_MAX } from "mqtt/packet";
import { Received } from "mqtt/received";
import { QUEUED, RELEASED, SENT, Store } from "mqtt/store";
import { Subscriptions } from "mqtt/subscriptions";

/** What an acknowledgement came to: it is right, and there was a message; or there is none with this identifier. */
export const ACK_KNOWN = 1;
export const ACK_UNKNOWN = 0;

/** One less is as much. */
const CHOSEN = -Infinity;

/** Without a store, how many acknowledgements of each kind may come on this connection. Of which messages, nobody keeps. */
class Due {
	pubacks = 0;
	pubrecs = 0;
	pubcomps = 0;
}

export class Session {
	readonly store: Store | undefined;
	readonly received: Received;
	readonly subscriptions = new Subscriptions();
	/** The payload of the one record that is too large for the store. */
	lent: Uint8Array | MqttPayloadSource | undefined;
	lentRecord = -1;
	/** The oldest record that was not sent on this connection yet; -1: there is none. */
	cursor = -1;
	#id = 0;
	/** So many can be handed out before one could be in use still; CHOSEN for good once the app has chosen one, too. */
	#fresh = ID_MAX;
	/** Without a store. */
	readonly #due: Due | undefined;

	/** `memory` for the store, the library's as long as this. `capacity`: of identifiers received with QoS 2. */
	constructor(memory: Uint8Array | undefined, capacity: number) {
		if (memory === undefined) this.#due = new Due();
		else this.store = new Store(memory);
		this.received = new Received(capacity);
	}

	/** Another network connection, or none: nothing was sent on it. */
	begin(): void {
		this.cursor = -1;
		const due = this.#due;
		if (due !== undefined) due.pubacks = due.pubrecs = due.pubcomps = 0;
	}

	/** A message of QoS 1 or 2 that is not in the store is on its way. */
	sent(qos: number): void {
		const due = this.#due;
		if (due === undefined) return;
		if (qos === 1) due.pubacks++;
		else due.pubrecs++;
	}

	/** PUBREL is on its way, for a message that there was. */
	released(): void {
		const due = this.#due;
		if (due !== undefined) due.pubcomps++;
	}

	/**
	 * The identifier behind `last`, 0 to 65,535, is the first one, for a broker may still have some of an earlier life of the device: a message
	 * of QoS 2 with one of these would be taken for the old one that comes again.
	 */
	startBehind(last: number): void {
		this.#id = last;
	}

	/** An identifier that is not in use. They are handed out in turn, so most of the time there is no need to look. */
	nextId(): number {
		if (this.#fresh !== CHOSEN && (this.store === undefined || this.store.count === 0) && this.subscriptions.idle) this.#fresh = ID_MAX;
		do this.#id = this.#id === ID_MAX ? 1 : this.#id + 1;
		while (--this.#fresh < 0 && this.uses(this.#id));
		return this.#id;
	}

	/**
	 * The identifier that the app chose for what it sends, or 0: the library is to choose. What the library chose last time for the same
	 * record is no choice of the app, unless it sends that again.
	 */
	chosenId({ messageId = 0, assignedId, dupFlag }: { messageId?: number; assignedId?: number; dupFlag?: number }): number {
		if (messageId === 0 || (messageId === assignedId && dupFlag !== 1)) return 0;
		this.#fresh = CHOSEN;
		return messageId;
	}

	/** Whether something is on its way with this identifier. Of messages without a store, nobody knows. */
	uses(id: number): boolean {
		const { store } = this;
		return (store !== undefined && store.count > 0 && store.find(id) >= 0) || this.subscriptions.uses(id);
	}

	/** PUBACK came: QoS 1 is done with (§4.3.2). */
	puback(id: number): number {
		const due = this.#due;
		if (due === undefined) return this.acknowledged(id, 1, SENT, true);
		if (due.pubacks === 0) return ACK_UNKNOWN;
		due.pubacks--;
		return ACK_KNOWN;
	}

	/** PUBREC came (§4.3.3): the server has the message, or, with `refused`, does not want it (5.0). */
	pubrec(id: number, refused: boolean): number {
		const { store } = this;
		const due = this.#due;
		if (due !== undefined) {
			if (due.pubrecs === 0) return ACK_UNKNOWN;
			due.pubrecs--;
			return ACK_KNOWN;
		}
		const record = store?.find(id) ?? -1;
		if (store === undefined || record < 0) return ACK_UNKNOWN;
		if (store.state(record) === RELEASED && !refused) return ACK_KNOWN;
		const result = this.acknowledged(id, 2, SENT, refused);
		if (result === ACK_KNOWN && !refused) {
			store.setState(record, RELEASED);
			if (record === this.lentRecord) this.giveBack();
		}
		return result;
	}

	/** PUBCOMP came: QoS 2 is done with. */
	pubcomp(id: number): number {
		const due = this.#due;
		if (due === undefined) return this.acknowledged(id, 2, RELEASED, true);
		if (due.pubcomps === 0) return ACK_UNKNOWN;
		due.pubcomps--;
		return ACK_KNOWN;
	}

	/** A message is done with, or given up. */
	finish(record: number): void {
		const { store } = this;
		if (store === undefined) return;
		if (record === this.cursor) this.cursor = store.next(record);
		store.finish(record);
		if (record === this.lentRecord) this.giveBack();
	}

	/** The server has no session: what it was sent is to be sent as new; what it took over (PUBREC) is the server's loss, and `lost` finds it. */
	restart(): void {
		const { store } = this;
		this.received.clear();
		if (store === undefined) return;
		for (let record = store.first(); record >= 0; record = store.next(record))
			if (store.state(record) === SENT) store.setState(record, QUEUED);
	}

	private acknowledged(id: number, qos: number, state: number, last: boolean): number {
		const { store } = this;
		if (store === undefined) return ACK_UNKNOWN;
		const record = store.find(id);
		if (record < 0) return ACK_UNKNOWN;
		if (store.qos(record) !== qos || store.state(record) !== state) return MQTT_FAULT_ID_UNKNOWN;
		if (last) this.finish(record);
		return ACK_KNOWN;
	}

	private giveBack(): void {
		this.lent = undefined;
		this.lentRecord = -1;
	}
}
