/*
 * What has to come of an input, said as plainly as possible: it has the whole input and reads it from the first byte to the last as MQTT
 * 3.1.1 and 5.0 have it, with tables of its own. What the client's input makes of the same bytes in pieces is compared with it.
 */
import {
	MQTT_FAULT_CODES_MISSING,
	MQTT_FAULT_CONNACK_FLAGS,
	MQTT_FAULT_DUP,
	MQTT_FAULT_FLAGS,
	MQTT_FAULT_ID,
	MQTT_FAULT_LENGTH,
	MQTT_FAULT_LENGTH_FORM,
	MQTT_FAULT_PROPERTY_LENGTH,
	MQTT_FAULT_PROPERTY_PLACE,
	MQTT_FAULT_PROPERTY_SENDER,
	MQTT_FAULT_PROPERTY_TWICE,
	MQTT_FAULT_PROPERTY_UNKNOWN,
	MQTT_FAULT_PROPERTY_VALUE,
	MQTT_FAULT_QOS,
	MQTT_FAULT_REASON,
	MQTT_FAULT_RESPONSE_TOPIC,
	MQTT_FAULT_SESSION_PRESENT,
	MQTT_FAULT_SIZE,
	MQTT_FAULT_TOPIC,
	MQTT_FAULT_TOPIC_ALIAS,
	MQTT_FAULT_TOPIC_MISSING,
	MQTT_FAULT_TYPE,
	MQTT_FAULT_UTF8,
} from "mqtt/codes";
import type { MqttTally } from "./mqtt-tally";

/** "id kind packets [least most]": kinds are bytes of a number, v(ariable), t(ext), b(inary), p(air); packets are types in hexadecimal, "*" all. */
const table = `1 1 3 0 1/2 4 3/3 t 3/8 t 3/9 b 3/b v 3/11 4 2e/12 t 2/13 2 2/15 t 2f/16 b 2f/17 1 -/18 4 -/19 1 -/1a t 2/1c t 2e
/1f t 245679bef/21 2 2 1 65535/22 2 2/23 2 3 1 65535/24 1 2 0 1/25 1 2 0 1/26 p *
/27 4 2 1 4294967295/28 1 2 0 1/29 1 2 0 1/2a 1 2 0 1`;

/** By identifier. */
export const kinds: string[] = [];
export const places: string[] = [];
export const least: number[] = [];
export const most: number[] = [];
for (let id = 0; id < 256; id++) {
	kinds.push("");
	places.push("");
	least.push(0);
	most.push(0xffffffff);
}
for (const row of table.split("\n").join("").split("/")) {
	const [hex = "", kind = "", packets = "", low = "0", high = "4294967295"] = row.split(" ");
	const id = parseInt(hex, 16);
	kinds[id] = kind;
	places[id] = packets === "*" ? "2345679bef" : packets;
	least[id] = Number(low);
	most[id] = Number(high);
}

/** Reason codes that a server of 5.0 sends, by packet type (§2.4: 0x8c with DISCONNECT, too, which §3.14.2.1 leaves out). */
const reasons = [
	...["", "", "00808182838485868788898a8c909597999a9b9c9d9f", "", "001080838790919799", "001080838790919799", "0092", "0092", ""],
	...["0001028083878f91979ea1a2", "", "00118083878f91", "", "", "008081828387898b8c8d8e8f90939495969798999a9b9c9d9e9fa0a1a2", "0018"],
];

/** may[type][code] of 5.0. */
const may: boolean[][] = reasons.map((list) => {
	const codes: boolean[] = [];
	for (let code = 0; code < 256; code++) codes.push(false);
	for (let i = 0; i < list.length; i += 2) codes[parseInt(list.slice(i, i + 2), 16)] = true;
	return codes;
});

export class MqttModel {
	#bytes = new Uint8Array(0) as Uint8Array;
	#length = 0;
	/** Where it is, and where the packet's first byte is. */
	#at = 0;
	#start = 0;
	#five = false;
	/** What the client has room for. */
	#room = 0;
	#tally: MqttTally;
	/** Of the packet's properties: where their values begin, by identifier, and how often they come. */
	readonly #values = new Int32Array(64);
	readonly #counts = new Int32Array(64);

	constructor(tally: MqttTally) {
		this.#tally = tally;
	}

	/** What becomes of bytes[0, length) in a client with `room` bytes of rxBuf. */
	run(bytes: Uint8Array, length: number, five: boolean, room: number): void {
		this.#bytes = bytes;
		this.#length = length;
		this.#at = 0;
		this.#five = five;
		this.#room = room;
		this.#tally.reset();
		while (this.#at < length) {
			this.#start = this.#at;
			const result = this.#packet();
			if (result < 0) this.#tally.fault = result;
			if (result <= 0) return;
		}
	}

	/** Whether the bytes to `end` are there: 1, 0, or a fault if the client has no room for them. */
	#there(end: number): number {
		if (end <= this.#length && end - this.#start <= this.#room) return 1;
		return end - this.#start > this.#room ? MQTT_FAULT_SIZE : 0;
	}

	#two(at: number): number {
		return (this.#bytes[at] as number) * 256 + (this.#bytes[at + 1] as number);
	}

	/** 1: a packet that is whole, 0: one that is not, or a fault. */
	#packet(): number {
		const bytes = this.#bytes;
		const first = bytes[this.#at++] as number;
		const type = first >> 4;
		const flags = first & 15;
		const five = this.#five;
		if (type < 2 || type === 8 || type === 10 || type === 12 || (type > 13 && !five)) return MQTT_FAULT_TYPE;
		if (type === 3) {
			if ((flags & 6) === 6) return MQTT_FAULT_QOS;
			if (flags >= 8 && (flags & 6) === 0) return MQTT_FAULT_DUP;
		} else if (flags !== (type === 6 ? 2 : 0)) return MQTT_FAULT_FLAGS;
		let length = 0;
		let scale = 1;
		for (let count = 1; ; count++) {
			if (this.#at >= this.#length) return 0;
			const byte = bytes[this.#at++] as number;
			length += (byte % 128) * scale;
			scale *= 128;
			if (byte < 128) {
				if (five && byte === 0 && count > 1) return MQTT_FAULT_LENGTH_FORM;
				break;
			}
			if (count === 4) return MQTT_FAULT_LENGTH_FORM;
		}
		return type === 3 ? this.#publish(flags, length) : this.#other(type, length);
	}

	#publish(flags: number, length: number): number {
		const bytes = this.#bytes;
		const tally = this.#tally;
		const five = this.#five;
		const last = this.#at + length;
		const qos = (flags >> 1) & 3;
		const rest = (qos > 0 ? 2 : 0) + (five ? 1 : 0);
		if (length < 2 + rest) return MQTT_FAULT_LENGTH;
		let there = this.#there(this.#at + 2);
		if (there <= 0) return there;
		const topic = this.#at + 2;
		const size = this.#two(this.#at);
		if (topic + size + rest > last) return MQTT_FAULT_LENGTH;
		if (size === 0 && !five) return MQTT_FAULT_TOPIC_MISSING;
		let at = topic + size + (qos > 0 ? 2 : 0);
		let end = at;
		if (five) {
			let props = 0;
			let scale = 1;
			for (let count = 1; ; count++) {
				if (at >= last) return MQTT_FAULT_PROPERTY_LENGTH;
				there = this.#there(at + 1);
				if (there <= 0) return there;
				const byte = bytes[at++] as number;
				props += (byte % 128) * scale;
				scale *= 128;
				if (byte < 128) {
					if (byte === 0 && count > 1) return MQTT_FAULT_LENGTH_FORM;
					break;
				}
				if (count === 4) return MQTT_FAULT_LENGTH_FORM;
			}
			end = at + props;
			if (end > last) return MQTT_FAULT_PROPERTY_LENGTH;
		}
		there = this.#there(end);
		if (there <= 0) return there;
		if (!this.#text(topic, topic + size)) return MQTT_FAULT_UTF8;
		if (this.#wild(topic, topic + size)) return MQTT_FAULT_TOPIC;
		const id = qos > 0 ? this.#two(topic + size) : 0;
		if (qos > 0 && id === 0) return MQTT_FAULT_ID;
		const fault = this.#properties(at, end, 3);
		if (fault) return fault;
		if (size === 0 && this.#counts[0x23] === 0) return MQTT_FAULT_TOPIC_MISSING;
		// The client waits for a payload that it has room for.
		if (last > this.#length && last - this.#start <= this.#room) return 0;
		tally.packets++;
		tally.mix(3 * 16 + flags);
		tally.mix(id);
		tally.mixBytes(bytes, topic, topic + size);
		this.#tell(at, end);
		tally.mix(last - end);
		// Every eighth is passed over.
		const there2 = last < this.#length ? last : this.#length;
		if ((tally.packets & 7) !== 0) tally.mixPayload(bytes, end, there2);
		this.#at = last;
		return last > this.#length ? 0 : 1;
	}

	/** All other packets: those that have to be there as a whole. */
	#other(type: number, length: number): number {
		const five = this.#five;
		let right = length >= 2;
		if (type === 13) right = length === 0;
		else if (five && (type === 9 || type === 11)) right = length >= 3;
		else if (type === 14) right = true;
		else if (type === 15) right = length !== 1;
		else if (!five && type !== 9) right = length === 2;
		if (!right) return MQTT_FAULT_LENGTH;
		const at = this.#at;
		const last = at + length;
		const there = this.#there(last);
		if (there <= 0) return there;
		this.#at = last;
		const fault = this.#body(type, at, last);
		if (fault) return fault;
		return 1;
	}

	#body(type: number, at: number, last: number): number {
		const bytes = this.#bytes;
		const tally = this.#tally;
		const five = this.#five;
		let id = 0;
		let reason = 0;
		let session = 0;
		let codes = last;
		let start = last;
		let end = last;
		if (type === 2) {
			session = bytes[at] as number;
			reason = bytes[at + 1] as number;
			if (session > 1) return MQTT_FAULT_CONNACK_FLAGS;
			if (five && last - at === 2) {
				// Of a server that knows 3.1.1 only, and says so.
				if (session !== 0 || reason !== 1) return MQTT_FAULT_LENGTH;
				reason = 0x84;
				at = last;
			} else {
				if (five ? !may[2]?.[reason] : reason > 5) return MQTT_FAULT_REASON;
				if (session === 1 && reason !== 0) return MQTT_FAULT_SESSION_PRESENT;
				at += 2;
			}
		} else if (type !== 13) {
			if (type < 14) {
				id = this.#two(at);
				if (id === 0) return MQTT_FAULT_ID;
				at += 2;
			}
			if (type !== 9 && type !== 11 && at < last) {
				reason = bytes[at++] as number;
				if (!may[type]?.[reason]) return MQTT_FAULT_REASON;
			}
		}
		if (five && at < last) {
			let size = 0;
			let scale = 1;
			for (let count = 1; ; count++) {
				if (at >= last) return MQTT_FAULT_PROPERTY_LENGTH;
				const byte = bytes[at++] as number;
				size += (byte % 128) * scale;
				scale *= 128;
				if (byte < 128) {
					if (byte === 0 && count > 1) return MQTT_FAULT_LENGTH_FORM;
					break;
				}
				if (count === 4) return MQTT_FAULT_LENGTH_FORM;
			}
			start = at;
			end = at + size;
			const list = type === 9 || type === 11;
			if (end > last || (end < last && !list)) return MQTT_FAULT_PROPERTY_LENGTH;
			const fault = this.#properties(start, end, type);
			if (fault) return fault;
			if (type === 14 && (this.#counts[0x11] as number) > 0) return MQTT_FAULT_PROPERTY_SENDER;
			at = end;
		}
		if (type === 9 || (type === 11 && five)) {
			codes = at;
			if (codes === last) return MQTT_FAULT_CODES_MISSING;
			for (; at < last; at++) {
				const code = bytes[at] as number;
				if (five ? !may[type]?.[code] : code > 2 && code !== 0x80) return MQTT_FAULT_REASON;
			}
		}
		tally.packets++;
		tally.mix(type);
		tally.mix(id);
		tally.mix(reason);
		tally.mix(session);
		tally.mixBytes(bytes, codes, last);
		if (start < end) this.#tell(start, end);
		return 0;
	}

	/** Reads properties into #values and #counts. */
	#properties(at: number, end: number, type: number): number {
		const bytes = this.#bytes;
		const counts = this.#counts;
		counts.fill(0);
		const place = type < 10 ? 48 + type : 87 + type;
		while (at < end) {
			const id = bytes[at++] as number;
			const kind = kinds[id] as string;
			if (kind === "") return MQTT_FAULT_PROPERTY_UNKNOWN;
			if (!stands(id, place)) return MQTT_FAULT_PROPERTY_PLACE;
			if ((counts[id] as number) > 0 && id !== 0x26 && id !== 0x0b) return MQTT_FAULT_PROPERTY_TWICE;
			if (counts[id] === 0) this.#values[id] = at;
			counts[id] = (counts[id] as number) + 1;
			const size = this.#size(at, end, kind);
			if (size < 0) return size;
			const fault = this.#value(at, at + size, kind, id);
			if (fault) return fault;
			at += size;
		}
		return 0;
	}

	#size(at: number, end: number, kind: string): number {
		let size = 0;
		if (kind === "1") size = 1;
		else if (kind === "2") size = 2;
		else if (kind === "4") size = 4;
		else if (kind === "v") {
			for (;;) {
				if (at + size >= end) return MQTT_FAULT_PROPERTY_LENGTH;
				const byte = this.#bytes[at + size++] as number;
				if (byte < 128) return byte === 0 && size > 1 ? MQTT_FAULT_LENGTH_FORM : size;
				if (size === 4) return MQTT_FAULT_LENGTH_FORM;
			}
		} else
			for (let parts = kind === "p" ? 2 : 1; parts > 0; parts--) {
				if (at + size + 2 > end) return MQTT_FAULT_PROPERTY_LENGTH;
				size += 2 + this.#two(at + size);
			}
		return at + size > end ? MQTT_FAULT_PROPERTY_LENGTH : size;
	}

	#value(at: number, end: number, kind: string, id: number): number {
		if (kind === "b") return 0;
		if (kind === "t") {
			if (!this.#text(at + 2, end)) return MQTT_FAULT_UTF8;
			return id === 0x08 && (end === at + 2 || this.#wild(at + 2, end)) ? MQTT_FAULT_RESPONSE_TOPIC : 0;
		}
		if (kind === "p") {
			const middle = at + 2 + this.#two(at);
			return this.#text(at + 2, middle) && this.#text(middle + 2, end) ? 0 : MQTT_FAULT_UTF8;
		}
		const value = this.#number(at, kind);
		if (id === 0x0b ? value !== 0 : value >= (least[id] as number) && value <= (most[id] as number)) return 0;
		return id === 0x23 ? MQTT_FAULT_TOPIC_ALIAS : MQTT_FAULT_PROPERTY_VALUE;
	}

	#number(at: number, kind: string): number {
		const bytes = this.#bytes;
		if (kind === "1") return bytes[at] as number;
		if (kind === "2") return this.#two(at);
		if (kind === "4") return this.#two(at) * 65536 + this.#two(at + 2);
		let value = 0;
		for (let scale = 1; ; scale *= 128) {
			const byte = bytes[at++] as number;
			value += (byte % 128) * scale;
			if (byte < 128) return value;
		}
	}

	/** All that the properties say: by identifier, and in their order where there are several. */
	#tell(start: number, end: number): void {
		if (start === end) return;
		const tally = this.#tally;
		for (let id = 1; id < 0x2b; id++) {
			const count = this.#counts[id] as number;
			if (count === 0) continue;
			const kind = kinds[id] as string;
			let at = this.#values[id] as number;
			for (let i = 0; i < count; i++) {
				tally.mix(id);
				if (kind === "t" || kind === "b") tally.mixBytes(this.#bytes, at + 2, at + 2 + this.#two(at));
				else if (kind === "p") {
					const middle = at + 2 + this.#two(at);
					tally.mixBytes(this.#bytes, at + 2, middle);
					tally.mixBytes(this.#bytes, middle + 2, middle + 2 + this.#two(middle));
				} else tally.mix(this.#number(at, kind));
				// To the next one of the same kind.
				if (i + 1 < count) {
					at += this.#size(at, end, kind);
					while (this.#bytes[at] !== id) at += 1 + this.#size(at + 1, end, kinds[this.#bytes[at] as number] as string);
					at++;
				}
			}
		}
	}

	#wild(start: number, end: number): boolean {
		for (let at = start; at < end; at++) if (this.#bytes[at] === 0x2b || this.#bytes[at] === 0x23) return true;
		return false;
	}

	/** RFC 3629 §4, a character at a time, without U+0000. */
	#text(at: number, end: number): boolean {
		const bytes = this.#bytes;
		while (at < end) {
			const byte = bytes[at++] as number;
			if (byte === 0) return false;
			if (byte < 0x80) continue;
			const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
			let point = byte & (0x3f >> more);
			if (byte < 0xc0 || byte > 0xf7 || at + more > end) return false;
			for (let i = 0; i < more; i++) {
				const next = bytes[at++] as number;
				if ((next & 0xc0) !== 0x80) return false;
				point = point * 64 + (next & 0x3f);
			}
			if (point < (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000) || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
				return false;
		}
		return true;
	}
}

/** Whether a property may stand in a packet, whose type is this digit's character code. */
export function stands(id: number, digit: number): boolean {
	return allowed[id * 128 + digit] === 1;
}

const allowed = new Uint8Array(256 * 128);
for (let id = 0; id < 256; id++) {
	const list = places[id] as string;
	for (let i = 0; i < list.length; i++) if (list !== "-") allowed[id * 128 + list.charCodeAt(i)] = 1;
}
