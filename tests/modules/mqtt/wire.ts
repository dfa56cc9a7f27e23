/*
 * Packets as the standards have them, in hexadecimal, and read again: written apart from modules/mqtt, so that a fault there cannot hide
 * itself. `v` is the protocol's level, 4 or 5; `props` are properties without their length, in hexadecimal.
 */

export const hexOf = (bytes: ArrayLike<number>, start = 0, end = bytes.length) => {
	let text = "";
	for (let i = start; i < end; i++) text += ((bytes[i] as number) + 256).toString(16).slice(1);
	return text;
};

/** Bytes of hexadecimal text, in which spaces mean nothing. */
export function bytesOf(hex: string): Uint8Array {
	const text = hex.split(" ").join("");
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}

export const asciiOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));

const byte = (value: number) => (value + 256).toString(16).slice(1);
export const short = (value: number) => byte(value >> 8) + byte(value & 255);
export const long = (value: number) => short(Math.floor(value / 65536)) + short(value % 65536);

/** A number in seven bits a byte. */
export function variable(value: number): string {
	let text = "";
	do {
		const more = value > 127;
		text += byte((value % 128) + (more ? 128 : 0));
		value = Math.floor(value / 128);
	} while (value > 0);
	return text;
}

export const text = (value: string) => short(asciiOf(value).length) + hexOf(asciiOf(value));
export const mqtt = (first: number, body: string) => byte(first) + variable(body.length / 2) + body;
const section = (v: number, props: string) => (v === 5 ? variable(props.length / 2) + props : "");

export const connack = (v: number, session = 0, code = 0, props = "") => mqtt(0x20, byte(session) + byte(code) + section(v, props));

export interface Message {
	topic: string;
	/** In text. */
	payload?: string;
	qos?: number;
	id?: number;
	dup?: boolean;
	retain?: boolean;
	props?: string;
}

export function publish(v: number, { topic, payload = "", qos = 0, id = 0, dup, retain, props = "" }: Message): string {
	const first = 0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
	return mqtt(first, text(topic) + (qos ? short(id) : "") + section(v, props) + hexOf(asciiOf(payload)));
}

const ack = (first: number) => (id: number, reason?: number, props?: string) =>
	mqtt(first, short(id) + (reason === undefined ? "" : byte(reason)) + (props === undefined ? "" : section(5, props)));
export const puback = ack(0x40);
export const pubrec = ack(0x50);
export const pubrel = ack(0x62);
export const pubcomp = ack(0x70);

export const suback = (v: number, id: number, codes: readonly number[], props = "") =>
	mqtt(0x90, short(id) + section(v, props) + hexOf(codes));
export const unsuback = (v: number, id: number, codes: readonly number[] = []) =>
	mqtt(0xb0, short(id) + (v === 5 ? section(v, "") + hexOf(codes) : ""));
export const subscribe = (v: number, id: number, list: readonly (readonly [topic: string, options: number])[], props = "") =>
	mqtt(0x82, short(id) + section(v, props) + list.map(([topic, options]) => text(topic) + byte(options)).join(""));
export const unsubscribe = (v: number, id: number, list: readonly string[], props = "") =>
	mqtt(0xa2, short(id) + section(v, props) + list.map(text).join(""));
export const PINGREQ = "c000";
export const PINGRESP = "d000";
/** In 5.0 with a reason. */
export const disconnect = (reason?: number, props?: string) =>
	mqtt(0xe0, (reason === undefined ? "" : byte(reason)) + (props === undefined ? "" : section(5, props)));
export const auth = (reason: number, props = "") => mqtt(0xf0, byte(reason) + section(5, props));

/** Of a client without anything, as `made` of fake.ts has it, with the receive maximum of 32 that it tells whose app says nothing of it. */
export const connect = (v: number, { flags = 2, keepalive = 60, props = "", id = "c", rest = "" } = {}) =>
	mqtt(0x10, `${text("MQTT") + byte(v) + byte(flags) + short(keepalive) + section(v, `${props}210020`) + text(id)}${rest}`);

/** A packet that a client sent. */
export interface Sent {
	type: number;
	first: number;
	/** Where there is one, else 0. */
	id: number;
	reason: number;
	topic: string;
	/** In hexadecimal. */
	props: string;
	payload: string;
	/** SUBSCRIBE and UNSUBSCRIBE. */
	topics: string[];
	qoss: number[];
}

/** Puts together what a client sends, in whatever pieces it comes. Throws at what no client may send. */
export class Reader {
	#bytes: number[] = [];
	readonly #v: number;
	constructor(v: number) {
		this.#v = v;
	}

	/** Bytes of a packet that is not complete. */
	get rest(): number {
		return this.#bytes.length;
	}

	push(bytes: ArrayLike<number>, start: number, end: number): void {
		for (let i = start; i < end; i++) this.#bytes.push(bytes[i] as number);
	}

	next(): Sent | undefined {
		const bytes = this.#bytes;
		let length = 0;
		let at = 1;
		for (let scale = 1; ; scale *= 128) {
			if (at >= bytes.length) return undefined;
			const each = bytes[at++] as number;
			length += (each & 127) * scale;
			if (each < 128) break;
			if (at > 4) throw new Error("a length of more than four bytes");
		}
		if (bytes.length < at + length) return undefined;
		const body = bytes.slice(at, at + length);
		const first = bytes[0] as number;
		this.#bytes = bytes.slice(at + length);
		return this.#read(first, body);
	}

	#read(first: number, body: number[]): Sent {
		const v5 = this.#v === 5;
		const sent: Sent = { type: first >> 4, first, id: 0, reason: 0, topic: "", props: "", payload: "", topics: [], qoss: [] };
		let at = 0;
		const one = () => {
			if (at >= body.length) throw new Error(`a packet that is too short: ${byte(first)} ${hexOf(body)}`);
			return body[at++] as number;
		};
		const two = () => one() * 256 + one();
		const string = () => {
			const length = two();
			at += length;
			if (at > body.length) throw new Error("a string that is too long");
			return length === 0 ? "" : String.fromArrayBuffer(Uint8Array.from(body.slice(at - length, at)).buffer);
		};
		const props = () => {
			let length = 0;
			for (let scale = 1; ; scale *= 128) {
				const each = one();
				length += (each & 127) * scale;
				if (each < 128) break;
			}
			at += length;
			if (at > body.length) throw new Error("properties that are too long");
			sent.props = hexOf(body, at - length, at);
		};
		switch (sent.type) {
			case 3: {
				const qos = (first >> 1) & 3;
				if (qos === 3 || (qos === 0 && first & 8)) throw new Error(`a message with flags ${byte(first)}`);
				sent.topic = string();
				if (qos) sent.id = two();
				if (v5) props();
				sent.payload = hexOf(body, at);
				break;
			}
			case 4:
			case 5:
			case 6:
			case 7:
				sent.id = two();
				if (v5 && at < body.length) sent.reason = one();
				if (v5 && at < body.length) props();
				break;
			case 8:
			case 10:
				sent.id = two();
				if (v5) props();
				while (at < body.length) {
					sent.topics.push(string());
					if (sent.type === 8) sent.qoss.push(one() & 3);
				}
				break;
			case 14:
			case 15:
				if (v5 && at < body.length) sent.reason = one();
				if (v5 && at < body.length) props();
				break;
			case 1:
				if (string() !== "MQTT" || one() !== this.#v) throw new Error("another protocol");
				// The flags.
				sent.reason = one();
				two();
				if (v5) props();
				sent.topic = string();
				break;
			case 12:
				break;
			default:
				throw new Error(`a packet of type ${sent.type}`);
		}
		const flags = first & 15;
		if (sent.type !== 3 && flags !== (sent.type === 6 || sent.type === 8 || sent.type === 10 ? 2 : 0))
			throw new Error(`flags ${flags} of a packet of type ${sent.type}`);
		if (sent.id === 0 && ((sent.type === 3 && first & 6) || (sent.type > 3 && sent.type < 12 && sent.type !== 12)))
			throw new Error("packet identifier 0");
		if (sent.type !== 3 && sent.type !== 1 && at !== body.length) throw new Error(`more behind a packet of type ${sent.type}`);
		return sent;
	}
}
