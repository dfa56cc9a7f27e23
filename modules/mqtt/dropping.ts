/*
 * What is given up when a server says, in CONNACK, what it has and takes (5.0 §3.2.2.3): subscriptions that were to be made again, messages
 * of the store that it does not take, and those of QoS 2 that it had taken over and has lost with the session. Each is told; then the
 * others may go out.
 */
import type { MqttClient } from "mqtt/client";
import { ECONNRESET, EMSGSIZE, ENOTSUP, MQTT_EVT_PUBACK, MQTT_EVT_PUBCOMP, MQTT_EVT_SUBACK, MQTT_EVT_UNSUBACK } from "mqtt/codes";
import type { Event } from "mqtt/event";
import type { Sender } from "mqtt/sender";
import type { Session } from "mqtt/session";
import { RELEASED, type Store } from "mqtt/store";
import { textOf } from "mqtt/subscriptions";

/** Nothing has to be told. */
const NOTHING = -1;
/** Before records, subscriptions are given up; the offset of no record. */
const SUBSCRIPTIONS = 0x7fffffff;

const NO_CODES = new Uint8Array(0);

export class Dropping {
	/** The record that is the next one to be given up, or one of the above. */
	#next = NOTHING;
	#sessionPresent = false;
	readonly #client: MqttClient;
	readonly #session: Session;
	readonly #sender: Sender;
	readonly #event: Event;

	constructor(client: MqttClient, session: Session, sender: Sender, event: Event) {
		this.#client = client;
		this.#session = session;
		this.#sender = sender;
		this.#event = event;
	}

	/** A new network connection: nothing is known yet. */
	clear(): void {
		this.#next = NOTHING;
	}

	/** The server accepted the connection, and said what it has. */
	begin(sessionPresent: boolean): void {
		this.#sessionPresent = sessionPresent;
		this.limit();
		if (!this.pending) this.seek(this.#session.store?.first() ?? NOTHING);
	}

	/** There is something to tell. */
	get pending(): boolean {
		return this.#next !== NOTHING;
	}

	/** Subscriptions that were to be made again, and that the server does not take. Also after a SUBACK: what it refused may have replaced another. */
	limit(): void {
		if (this.#session.subscriptions.refuse((missing) => this.#sender.limit(missing))) this.#next = SUBSCRIPTIONS;
	}

	/** Gives the next one up: the event that tells it; negative: it was the last subscription. A subscription's topic and reason are in `client.failure`. */
	drop(): number {
		if (this.#next === SUBSCRIPTIONS) return this.dropSubscription();
		const event = this.#event;
		const session = this.#session;
		const record = this.#next;
		const store = session.store as Store;
		const released = store.state(record) === RELEASED;
		event.prop.clear();
		event.ack.messageId = store.id(record);
		event.ack.reasonCode = 0;
		event.result = released ? -ECONNRESET : -ENOTSUP;
		event.type = released ? MQTT_EVT_PUBCOMP : MQTT_EVT_PUBACK;
		this.seek(store.next(record));
		session.finish(record);
		this.#sender.freed();
		return event.type;
	}

	private dropSubscription(): number {
		const event = this.#event;
		const session = this.#session;
		const sender = this.#sender;
		const refused = session.subscriptions.nextRefused();
		if (refused === undefined) {
			this.#next = NOTHING;
			if (!sender.started) this.seek(session.store?.first() ?? NOTHING);
			return NOTHING;
		}
		event.prop.clear();
		event.suback.messageId = 0;
		event.suback.returnCodes.set(NO_CODES, 0, 0);
		// With something else in txBuf it cannot be measured again.
		event.result = sender.limit(refused) || sender.refuse(-EMSGSIZE, "longer than the server takes");
		this.#client.failure = `${textOf(refused.subscription.topic)}: ${sender.why}`;
		event.type = refused.subscribe ? MQTT_EVT_SUBACK : MQTT_EVT_UNSUBACK;
		return event.type;
	}

	/** Goes on to the next record that is given up. If there is none, the store may go out. */
	private seek(record: number): void {
		const { store } = this.#session;
		while (store !== undefined && record >= 0) {
			if (store.state(record) === RELEASED ? !this.#sessionPresent : !this.#sender.takes(record)) break;
			record = store.next(record);
		}
		this.#next = record < 0 ? NOTHING : record;
		if (record < 0) this.#sender.start();
	}
}
