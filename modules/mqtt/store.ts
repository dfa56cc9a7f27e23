/*
 * Messages that have to outlive a connection: those of QoS 1 and 2 until they are acknowledged (MQTT 3.1.1 and 5.0 §4.1, §4.4), and
 * those that wait for a connection. They lie in memory of the app, each in one piece, in the order they were published, which is the
 * order they are sent again in (§4.6). The memory is a ring: a record that does not fit behind the newest one begins at its front.
 *
 * A record never moves. Memory comes back from the oldest record on, and from the newest one; what was finished between two that still
 * wait stays taken until the older ones are finished, too. A record is named by its place in the memory. Nothing here allocates.
 */
import { TEXT_MAX } from "mqtt/text";

/** Never handed to a connection. */
export const QUEUED = 0;
/** Sent, in this connection or an earlier one: awaits PUBACK or PUBREC, or, of QoS 0, its last byte. */
export const SENT = 1;
/** PUBREC came: awaits PUBCOMP, and what is sent again is PUBREL. */
export const RELEASED = 2;
/** Acknowledged, or given up. */
export const DONE = 3;

/** What add() gives instead of a record. */
export const STORE_FULL = -1;
export const STORE_NEVER = -2;

/** Bytes that a record takes beside topic, properties and payload. */
export const STORE_OVERHEAD = 15;

// Where in a record: flags, then big-endian numbers. The length of the properties is what the others leave of the record's.
const ID = 1;
const ALIAS = 3;
const TOPIC_LENGTH = 5;
const LENGTH = 7;
const PAYLOAD_LENGTH = 11;

// The flags: the state, the QoS, and
const BITS_STATE = 0x03;
const SHIFT_QOS = 2;
const BITS_QOS = 0x0c;
const BIT_RETAIN = 0x10;
const BIT_EXTERNAL = 0x20;

/** How long a record is. Lengths are below 2^28 in MQTT, and a memory is below 2^31. */
function lengthOf(memory: Uint8Array, record: number): number {
	return get32(memory, record + LENGTH);
}

function get32(memory: Uint8Array, at: number): number {
	return (
		((memory[at] as number) << 24) | ((memory[at + 1] as number) << 16) | ((memory[at + 2] as number) << 8) | (memory[at + 3] as number)
	);
}

export class Store {
	/** The app's, with all records. Where in it topic, properties and payload of one are, the methods say. */
	readonly memory: Uint8Array;
	/** Records that are not DONE. */
	count = 0;
	/** Where the oldest record is, if `count` is not 0. It is never DONE. */
	#head = 0;
	/** The place behind the newest one. */
	#tail = 0;
	/** The newest records are before the oldest one, which with those behind it ends at `#top`. */
	#wrapped = false;
	#top = 0;

	/** Borrows `memory` for good: STORE_OVERHEAD and what a message has, for each of them. What is in it does not matter. */
	constructor(memory: Uint8Array) {
		this.memory = memory;
	}

	/** Bytes there are. */
	get size(): number {
		return this.memory.length;
	}

	/** Bytes that are taken, by records and by the end of the memory that a record did not fit into. */
	get used(): number {
		return this.#wrapped ? this.memory.length - this.#head + this.#tail : this.#tail - this.#head;
	}

	/** Forgets everything. */
	clear(): void {
		this.#head = this.#tail = this.#top = 0;
		this.#wrapped = false;
		this.count = 0;
	}

	/**
	 * Makes room for a message whose parts have these lengths in bytes, behind all others: QUEUED, QoS 0, without identifier, alias and
	 * retain. The caller writes the parts. STORE_FULL: not now; STORE_NEVER: not even if nothing else were there.
	 */
	add(topicLength: number, propsLength: number, payloadLength: number): number {
		const { memory } = this;
		const length = STORE_OVERHEAD + topicLength + propsLength + payloadLength;
		if (length > memory.length || topicLength > TEXT_MAX) return STORE_NEVER;
		let at = this.#tail;
		if (this.#wrapped) {
			if (length > this.#head - at) return STORE_FULL;
		} else if (length > memory.length - at) {
			if (length > this.#head) return STORE_FULL;
			this.#top = at;
			this.#wrapped = true;
			at = 0;
		}
		this.#tail = at + length;
		this.count++;
		memory[at] = QUEUED;
		this.set16(at + ID, 0);
		this.set16(at + ALIAS, 0);
		this.set16(at + TOPIC_LENGTH, topicLength);
		this.set32(at + LENGTH, length);
		this.set32(at + PAYLOAD_LENGTH, payloadLength);
		return at;
	}

	/** The oldest record, or -1. */
	first(): number {
		return this.count === 0 ? -1 : this.#head;
	}

	/** The record that came after this one, or -1. Ask before this one is finished. */
	next(record: number): number {
		const { memory } = this;
		const tail = this.#tail;
		const top = this.#wrapped ? this.#top : -1;
		do {
			record += lengthOf(memory, record);
			if (record === tail) return -1;
			if (record === top) record = 0;
		} while (((memory[record] as number) & BITS_STATE) === DONE);
		return record;
	}

	/** The oldest record with this packet identifier, or -1. */
	find(id: number): number {
		if (this.count === 0) return -1;
		const { memory } = this;
		const tail = this.#tail;
		const top = this.#wrapped ? this.#top : -1;
		const high = id >> 8;
		const low = id & 0xff;
		let record = this.#head;
		while (memory[record + ID + 1] !== low || memory[record + ID] !== high || ((memory[record] as number) & BITS_STATE) === DONE) {
			record += lengthOf(memory, record);
			if (record === tail) return -1;
			if (record === top) record = 0;
		}
		return record;
	}

	/** Nothing is left to do for it: it is DONE, and must not be used any more. */
	finish(record: number): void {
		const { memory } = this;
		if (--this.count === 0) {
			this.clear();
			return;
		}
		memory[record] = ((memory[record] as number) & ~BITS_STATE) | DONE;
		if (record + lengthOf(memory, record) === this.#tail) {
			this.#tail = record;
			if (record === 0 && this.#wrapped) {
				this.#tail = this.#top;
				this.#wrapped = false;
			}
		}
		// Not all are DONE, so this ends.
		while (((memory[this.#head] as number) & BITS_STATE) === DONE) {
			this.#head += lengthOf(memory, this.#head);
			if (this.#wrapped && this.#head === this.#top) {
				this.#wrapped = false;
				this.#head = 0;
			}
		}
	}

	/** QUEUED, SENT or RELEASED. */
	state(record: number): number {
		return (this.memory[record] as number) & BITS_STATE;
	}

	/** Not to DONE: that is finish(). */
	setState(record: number, state: number): void {
		this.memory[record] = ((this.memory[record] as number) & ~BITS_STATE) | state;
	}

	qos(record: number): number {
		return ((this.memory[record] as number) & BITS_QOS) >> SHIFT_QOS;
	}

	setQos(record: number, qos: number): void {
		this.memory[record] = ((this.memory[record] as number) & ~BITS_QOS) | (qos << SHIFT_QOS);
	}

	retain(record: number): boolean {
		return ((this.memory[record] as number) & BIT_RETAIN) !== 0;
	}

	setRetain(record: number, retain: boolean): void {
		this.memory[record] = ((this.memory[record] as number) & ~BIT_RETAIN) | (retain ? BIT_RETAIN : 0);
	}

	/** The packet identifier; 0: none yet. */
	id(record: number): number {
		return this.get16(record + ID);
	}

	setId(record: number, id: number): void {
		this.set16(record + ID, id);
	}

	/** The topic alias that the app wants (5.0 §3.3.2.3.4); 0: none. */
	alias(record: number): number {
		return this.get16(record + ALIAS);
	}

	setAlias(record: number, alias: number): void {
		this.set16(record + ALIAS, alias);
	}

	/** The payload is not here, it stays with the app. */
	external(record: number): boolean {
		return ((this.memory[record] as number) & BIT_EXTERNAL) !== 0;
	}

	/** The payload stays with the app and has this length. The record was added with none. */
	setExternal(record: number, payloadLength: number): void {
		this.memory[record] = (this.memory[record] as number) | BIT_EXTERNAL;
		this.set32(record + PAYLOAD_LENGTH, payloadLength);
	}

	topicStart(record: number): number {
		return record + STORE_OVERHEAD;
	}

	topicEnd(record: number): number {
		return record + STORE_OVERHEAD + this.get16(record + TOPIC_LENGTH);
	}

	/** Properties as they are on the wire (5.0 §2.2.2), without the length before them and without a topic alias. */
	propStart(record: number): number {
		return record + STORE_OVERHEAD + this.get16(record + TOPIC_LENGTH);
	}

	propEnd(record: number): number {
		const end = record + lengthOf(this.memory, record);
		return this.external(record) ? end : end - get32(this.memory, record + PAYLOAD_LENGTH);
	}

	/** Where the payload is, unless it is external. */
	payloadStart(record: number): number {
		return this.propEnd(record);
	}

	payloadLength(record: number): number {
		return get32(this.memory, record + PAYLOAD_LENGTH);
	}

	private get16(at: number): number {
		const { memory } = this;
		return ((memory[at] as number) << 8) | (memory[at + 1] as number);
	}

	private set16(at: number, value: number): void {
		const { memory } = this;
		memory[at] = value >> 8;
		memory[at + 1] = value;
	}

	private set32(at: number, value: number): void {
		const { memory } = this;
		memory[at] = value >> 24;
		memory[at + 1] = value >> 16;
		memory[at + 2] = value >> 8;
		memory[at + 3] = value;
	}
}
