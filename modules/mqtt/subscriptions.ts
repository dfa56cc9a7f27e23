/*
 * What the app subscribed to, so that it can be subscribed to again when the server has forgotten it, and what it waits for an answer to.
 * Subscribing is rare, so this allocates; messages never come here.
 */
import type { MqttSubscription, MqttSubscriptionList } from "mqtt/client";
import type { MqttPropertyValues } from "mqtt/properties";

/** One topic filter that the server has, or is to have. */
interface Entry {
	readonly subscription: MqttSubscription;
	readonly prop: MqttPropertyValues | undefined;
	/** Of the SUBSCRIBE that was sent for it on this connection and not answered yet; 0: none; -1: none can be. */
	id: number;
	/** The server said yes, in this session. */
	granted: boolean;
}

/** A SUBSCRIBE or UNSUBSCRIBE that was sent on this connection. */
interface Request {
	readonly id: number;
	readonly subscribe: boolean;
	/** In the order of the packet. */
	readonly entries: readonly Entry[];
}

const textOf = (topic: string | Uint8Array) => (typeof topic === "string" ? topic : String.fromArrayBuffer(topic.slice().buffer));
const sameTopic = (a: string | Uint8Array, b: string | Uint8Array) => a === b || textOf(a) === textOf(b);

export class Subscriptions {
	#entries: Entry[] = [];
	#requests: Request[] = [];
	/** There may be some that the server has to be told of. */
	wanting = false;

	/** No answer is awaited. */
	get idle(): boolean {
		return this.#requests.length === 0;
	}

	/** Whether an answer with this identifier is awaited. */
	uses(id: number): boolean {
		for (let i = 0; i < this.#requests.length; i++) if ((this.#requests[i] as Request).id === id) return true;
		return false;
	}

	/** SUBSCRIBE was sent for the first `count` of the list. */
	subscribed({ list, prop }: MqttSubscriptionList, count: number, id: number): void {
		const entries: Entry[] = [];
		for (let i = 0; i < count; i++) {
			const subscription = { ...(list[i] as MqttSubscription) };
			this.#entries = this.#entries.filter((entry) => !sameTopic(entry.subscription.topic, subscription.topic));
			entries.push({ subscription, prop: prop && { ...prop }, id, granted: false });
		}
		this.#entries.push(...entries);
		this.#requests.push({ id, subscribe: true, entries });
	}

	/** UNSUBSCRIBE was sent for the first `count` of the list. */
	unsubscribed({ list }: MqttSubscriptionList, count: number, id: number): void {
		const entries: Entry[] = [];
		for (let i = 0; i < count; i++)
			entries.push({ subscription: { ...(list[i] as MqttSubscription) }, prop: undefined, id, granted: false });
		// At once: it is not to be subscribed to again, whatever the server says.
		this.#entries = this.#entries.filter(
			(entry) => !entries.some((other) => sameTopic(entry.subscription.topic, other.subscription.topic)),
		);
		this.#requests.push({ id, subscribe: false, entries });
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
		if (!request.subscribe) return;
		for (let i = 0; i < request.entries.length; i++) {
			const entry = request.entries[i] as Entry;
			entry.id = 0;
			entry.granted = (codes[start + i] as number) < 0x80;
			if (!entry.granted) this.#entries = this.#entries.filter((other) => other !== entry);
		}
	}

	/** A new connection: nothing is awaited on it. The server has `session`, or has to be told everything again, if that is wanted. */
	begin(session: boolean, again: boolean): void {
		this.#requests = [];
		if (!again && !session) this.#entries = [];
		for (const entry of this.#entries) {
			entry.id = 0;
			entry.granted &&= session;
		}
		this.wanting = again;
	}

	/** The next one that the server has to be told of, or undefined. */
	nextMissing(): { readonly subscription: MqttSubscription; readonly prop: MqttPropertyValues | undefined } | undefined {
		for (let i = 0; i < this.#entries.length; i++) {
			const entry = this.#entries[i] as Entry;
			if (!entry.granted && entry.id === 0) return entry;
		}
		this.wanting = false;
		return undefined;
	}

	/** SUBSCRIBE was sent for the one that was missing. */
	sent(id: number): void {
		const entry = this.nextMissing() as Entry | undefined;
		if (!entry) return;
		entry.id = id;
		this.#requests.push({ id, subscribe: true, entries: [entry] });
	}

	/** The one that was missing cannot be subscribed to, on this connection: the server, or txBuf, is too small for it. */
	giveUp(): void {
		const entry = this.nextMissing() as Entry | undefined;
		if (entry) entry.id = -1;
	}

	/** A client that ends has none. */
	clear(): void {
		this.#entries = [];
		this.#requests = [];
	}
}
