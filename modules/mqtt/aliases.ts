/*
 * Topic aliases (MQTT 5.0 §3.3.2.3.4): numbers that stand for topics, in each direction others, from a message that had both until the
 * network connection ends.
 */
import { copy, equal } from "bytes/block";
import { MQTT_FAULT_TOPIC_ALIAS, MQTT_FAULT_TOPIC_ALIAS_SIZE, MQTT_FAULT_TOPIC_MISSING } from "mqtt/codes";
import type { MqttSpan } from "mqtt/span";

/** Before each topic its length, 0 where there is none. */
const LENGTH_SIZE = 2;

/** What the server's aliases stand for, in memory of the app. Nothing here allocates. */
export class InboundAliases {
	readonly #memory: Uint8Array;
	readonly #maximum: number;
	/** What each alias has of the memory, in bytes. */
	readonly #share: number;

	/**
	 * Borrows `memory` for good. `maximum`, from 1 on, is what the server was told as topicAliasMaximum; each alias has an equal share of the
	 * memory, for a topic of 2 bytes less.
	 */
	constructor(memory: Uint8Array, maximum: number) {
		this.#memory = memory;
		this.#maximum = maximum;
		this.#share = Math.floor(memory.length / maximum);
		this.clear();
	}

	/** A new network connection: no alias stands for anything. */
	clear(): void {
		const memory = this.#memory;
		const share = this.#share;
		if (share < LENGTH_SIZE) return;
		for (let i = 0; i < this.#maximum; i++) memory[i * share] = memory[i * share + 1] = 0;
	}

	/** From now on `alias` stands for the topic at bytes[start, end), which is not empty: 0, MQTT_FAULT_TOPIC_ALIAS or MQTT_FAULT_TOPIC_ALIAS_SIZE. */
	set(alias: number, bytes: Uint8Array, start: number, end: number): number {
		if (alias < 1 || alias > this.#maximum) return MQTT_FAULT_TOPIC_ALIAS;
		const length = end - start;
		if (LENGTH_SIZE + length > this.#share) return MQTT_FAULT_TOPIC_ALIAS_SIZE;
		const memory = this.#memory;
		const at = (alias - 1) * this.#share;
		memory[at] = length >> 8;
		memory[at + 1] = length;
		copy(memory, at + LENGTH_SIZE, bytes, start, length);
		return 0;
	}

	/**
	 * Points `span` to the topic that `alias` stands for, until it is set again: 0; MQTT_FAULT_TOPIC_ALIAS, if there may be no such alias;
	 * MQTT_FAULT_TOPIC_MISSING, if it stands for nothing (§3.3.4).
	 */
	find(alias: number, span: MqttSpan): number {
		if (alias < 1 || alias > this.#maximum) return MQTT_FAULT_TOPIC_ALIAS;
		if (this.#share < LENGTH_SIZE) return MQTT_FAULT_TOPIC_MISSING;
		const memory = this.#memory;
		const at = (alias - 1) * this.#share;
		const length = ((memory[at] as number) << 8) | (memory[at + 1] as number);
		if (length === 0) return MQTT_FAULT_TOPIC_MISSING;
		span.set(memory, at + LENGTH_SIZE, at + LENGTH_SIZE + length);
		return 0;
	}
}

/** What one alias of the client stands for. */
class Alias {
	/** The number of the connection on which the server was told. */
	connection = 0;
	bytes = new Uint8Array(0);
	length = 0;
}

/** What the server knows of the client's aliases. */
export class OutboundAliases {
	readonly #aliases = new Map<number, Alias>();
	/** What the server takes: its topicAliasMaximum. */
	#maximum = 0;
	#connection = 0;

	/** A new network connection: the server knows none, and takes those from 1 to `maximum`. Allocates nothing. */
	clear(maximum: number): void {
		this.#maximum = maximum;
		this.#connection++;
	}

	/** Whether the server knows a topic for it. Allocates nothing. */
	knows(alias: number): boolean {
		return this.known(alias) !== undefined;
	}

	/** Whether the server knows this topic for it, the one at bytes[start, end). Allocates nothing. */
	is(alias: number, bytes: Uint8Array, start: number, end: number): boolean {
		const known = this.known(alias);
		return known !== undefined && known.length === end - start && equal(bytes, start, end, known.bytes, 0);
	}

	/** A message went out with this alias and this topic, of which a copy is kept. Allocates if the alias had no topic as long as this before. */
	remember(alias: number, bytes: Uint8Array, start: number, end: number): void {
		if (alias < 1 || alias > this.#maximum) return;
		let entry = this.#aliases.get(alias);
		if (entry === undefined) {
			entry = new Alias();
			this.#aliases.set(alias, entry);
		}
		const length = end - start;
		if (entry.bytes.length < length) entry.bytes = new Uint8Array(length);
		copy(entry.bytes, 0, bytes, start, length);
		entry.length = length;
		entry.connection = this.#connection;
	}

	private known(alias: number): Alias | undefined {
		if (alias > this.#maximum) return undefined;
		const entry = this.#aliases.get(alias);
		return entry !== undefined && entry.connection === this.#connection ? entry : undefined;
	}
}
