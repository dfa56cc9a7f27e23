/*
 * What the app subscribed to, so that it can be subscribed to again when the server has forgotten it, and what it waits for an answer to.
 * Subscribing is rare, so this allocates; messages never come here.
 */
import type { MqttSubscription, MqttSubscriptionList } from "mqtt/client";
import type { MqttPropertyValues } from "mqtt/properties";

/** The app is to be told, or was, that the server does not take it. */
const REFUSED = -1;
const GIVEN_UP = -2;

/** One topic filter that the server has, or is to have, or is to forget. */
interface Entry {
	readonly subscription: MqttSubscription;
	readonly prop: MqttPropertyValues | undefined;
	/** false: UNSUBSCRIBE was sent for it. */
	readonly subscribe: boolean;
	/** Of the packet that was sent for it on this connection and not answered yet; 0: none; REFUSED, GIVEN_UP: none can be. */
	id: number;
	/** The server said yes, in this session. */
	granted: boolean;
	/** What was said of this filter before: it stays so if the server says no. */
	before: Entry | undefined;
}

/** What the server has to be told. */
export type Missing = Pick<Entry, "subscription" | "prop" | "subscribe">;

/** A SUBSCRIBE or UNSUBSCRIBE that was sent on this connection. */
interface Request {
	readonly id: number;
	readonly subscribe: boolean;
	/** In the order of the packet. */
	readonly entries: readonly Entry[];
}

/** Of a topic in UTF-8, too. */
export const textOf = (topic: string | Uint8Array) => (typeof topic === "string" ? topic : String.fromArrayBuffer(topic.slice().buffer));
const sameTopic = (a: string | Uint8Array, b: string | Uint8Array) => a === b || textOf(a) === textOf(b);

export class Subscriptions {
	#entries: Entry[] = [];
	#requests: Request[] = [];
	/** There may be some that the server has to be told of. */
	wanting = false;
	/** It is to be told of them. */
	#again = false;

	/** No answer is awaited. */
	get idle(): boolean {
		return this.#requests.length === 0;
	}

	/** Whether an answer with this identifier is awaited. */
	uses(id: number): boolean {
		for (let i = 0; i < this.#requests.length; i++) if ((this.#requests[i] as Request).id === id) return true;
		return false;
	}

	/** SUBSCRIBE, or UNSUBSCRIBE, was sent for the first `count` of the list. */
	requested({ list, prop }: MqttSubscriptionList, count: number, id: number, subscribe: boolean): void {
		const entries: Entry[] = [];
		for (let i = 0; i < count; i++) {
			const subscription = { ...(list[i] as MqttSubscription) };
			const same = (entry: Entry) => sameTopic(entry.subscription.topic, subscription.topic);
			// What is unsubscribed from is not to be subscribed to again, whatever the server says.
			const before = subscribe ? this.#entries.find(same) : undefined;
			this.#entries = this.#entries.filter((entry) => !same(entry));
			entries.push({ subscription, prop: prop && { ...prop }, subscribe, id, granted: false, before });
		}
		this.#entries.push(...entries);
		this.#requests.push({ id, subscribe, entries });
	}

	/** How many topics the SUBSCRIBE or UNSUBSCRIBE with this identifier had; -1: there was none. */
	topics(id: number, subscribe: boolean): number {
		for (const request of this.#requests) if (request.id === id && request.subscribe === subscribe) return request.entries.length;
		return -1;
	}

	/** It was answered; `codes` from `start` on are those of a SUBACK. */
	answered(id: number, codes: Uint8Array, start: number): void {
		const request = this.#requests.find((one) => one.id === id);
		if (!request) return;
		this.#requests = this.#requests.filter((one) => one !== request);
		for (let i = 0; i < request.entries.length; i++) {
			const entry = request.entries[i] as Entry;
			entry.id = 0;
			entry.granted = request.subscribe && (codes[start + i] as number) < 0x80;
			if (entry.granted) entry.before = undefined;
			else this.remove(entry);
		}
	}

	/** What was said before goes again; it may have been said otherwise since. */
	private remove(entry: Entry): void {
		const at = this.#entries.indexOf(entry);
		if (at >= 0) {
			if (entry.before) {
				this.#entries[at] = entry.before;
				this.wanting = this.#again;
			} else this.#entries.splice(at, 1);
			return;
		}
		for (let one of this.#entries)
			for (; one.before; one = one.before)
				if (one.before === entry) {
					one.before = entry.before;
					return;
				}
	}

	/** A new connection: nothing is awaited on it. The server has `session`, or has to be told everything again, if that is wanted. */
	begin(session: boolean, again: boolean): void {
		this.#requests = [];
		if (!session) this.#entries = again ? this.#entries.filter((entry) => entry.subscribe) : [];
		for (const entry of this.#entries) {
			entry.id = 0;
			entry.granted &&= session;
			// Of what was not answered, the last counts.
			let { before } = entry;
			while (before?.subscribe && before.id > 0) before = before.before;
			if (before) {
				before.id = 0;
				before.granted &&= session;
			}
			entry.before = session || before?.subscribe ? before : undefined;
		}
		this.wanting = this.#again = again;
	}

	/** The next one that the server has to be told of, or undefined. */
	nextMissing(): Missing | undefined {
		for (let i = 0; i < this.#entries.length; i++) {
			const entry = this.#entries[i] as Entry;
			if (!entry.granted && entry.id === 0) return entry;
		}
		this.wanting = false;
		return undefined;
	}

	/** SUBSCRIBE, or UNSUBSCRIBE, was sent for the one that was missing. */
	sent(id: number): void {
		const entry = this.nextMissing() as Entry | undefined;
		if (!entry) return;
		entry.id = id;
		this.#requests.push({ id, subscribe: entry.subscribe, entries: [entry] });
	}

	/** The one that was missing cannot be sent on this connection. */
	giveUp(): void {
		const entry = this.nextMissing() as Entry | undefined;
		if (entry) entry.id = GIVEN_UP;
	}

	/** Finds those that are missing and cannot be sent on this connection, as `limit` says with a negative number: whether there are any. */
	refuse(limit: (missing: Missing) => number): boolean {
		if (!this.wanting) return false;
		let any = false;
		for (const entry of this.#entries) {
			if (entry.granted || entry.id !== 0 || limit(entry) >= 0) continue;
			entry.id = REFUSED;
			any = true;
		}
		return any;
	}

	/** The next of these, each once, or undefined. */
	nextRefused(): Missing | undefined {
		const entry = this.#entries.find(({ id }) => id === REFUSED);
		if (entry) entry.id = GIVEN_UP;
		return entry;
	}
}
