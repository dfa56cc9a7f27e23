/*
 * What goes out: packets are put together in txBuf, and leave it together. A payload that does not fit there is taken from where it lies,
 * piece by piece; nothing else goes out before it is through. Acknowledgements have a queue of their own for that long.
 */
import { copy } from "bytes/block";
import type { MqttPayloadSource } from "mqtt/client";
import { MQTT_FAULT_APP, MQTT_FAULT_IO } from "mqtt/codes";
import { writeAck } from "mqtt/encoder";
import type { Transport } from "transport/transport";

const ACKS = 32;
const SHIFT_TYPE = 24;
const SHIFT_REASON = 16;

export class Output {
	/** Packets that wait for the transport are in `bytes`, up to here. */
	used = 0;
	readonly bytes: Uint8Array;
	readonly size: number;
	/** A payload or acknowledgements wait for somebody to go on with them. */
	pending = false;
	/** Something was handed to the transport since somebody looked. */
	wrote = false;
	/** A payload is not through that came from the app, who has to be told when it is. */
	lent = false;
	/** What failed: the payload's source, or the transport, which said */
	fault = 0;
	/** this. */
	error = 0;
	#transport: Transport | undefined;
	#data: Uint8Array | undefined;
	#source: MqttPayloadSource | undefined;
	/** Where in `data` the payload begins. */
	#start = 0;
	#offset = 0;
	#length = 0;
	readonly #acks = new Uint32Array(ACKS);
	#firstAck = 0;
	#ackCount = 0;

	/** `bytes` is the library's as long as this. */
	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
		this.size = bytes.length;
	}

	begin(transport: Transport): void {
		this.#transport = transport;
		this.fault = 0;
	}

	/** Forgets all that did not go out. */
	end(): void {
		this.#transport = this.#data = this.#source = undefined;
		this.used = this.#offset = this.#length = this.#ackCount = 0;
		this.wrote = this.lent = this.pending = false;
	}

	/** A payload is on its way into `bytes`. */
	get sending(): boolean {
		return this.#offset < this.#length;
	}

	get empty(): boolean {
		return this.used === 0 && this.#offset === this.#length && this.#ackCount === 0;
	}

	/** There is room for one acknowledgement more, or none: nothing should be taken in that wants one, nor from the app. */
	get full(): boolean {
		return this.#ackCount >= ACKS - 1;
	}

	/** A packet ends at `end` of `bytes`, if that is not negative. */
	add(end: number): boolean {
		if (end < 0) return false;
		this.used = end;
		return true;
	}

	/** Hands to the transport what is there: true if there is more room afterwards. */
	flush(): boolean {
		const { bytes, used } = this;
		while (this.used > 0 && this.fault === 0) {
			const count = this.#transport?.write(bytes, 0, this.used) ?? 0;
			if (count <= 0) {
				if (count < 0) {
					this.fault = MQTT_FAULT_IO;
					this.error = count;
				}
				break;
			}
			this.wrote = true;
			if (count < this.used) copy(bytes, 0, bytes, count, this.used - count);
			this.used -= count;
		}
		return this.used < used;
	}

	/** The payload of the packet whose head was just added: `length` bytes from `start` of `data` on. True if it is through already. */
	send(data: Uint8Array | MqttPayloadSource | undefined, start: number, length: number): boolean {
		const { used } = this;
		if (length <= this.size - used && typeof data === "object") {
			if (length > 0) copy(this.bytes, used, data, start, length);
			this.used = used + length;
			return true;
		}
		if (typeof data === "function") this.#source = data;
		else this.#data = data;
		this.#start = start;
		this.#offset = 0;
		this.#length = length;
		this.pending = true;
		return this.fill();
	}

	/** Goes on with the payload: true if none is on its way any more. */
	fill(): boolean {
		while (this.#offset < this.#length) {
			if (this.fault) return false;
			const { bytes, used } = this;
			let count = this.size - used;
			if (count === 0) {
				if (!this.flush()) return false;
				continue;
			}
			if (count > this.#length - this.#offset) count = this.#length - this.#offset;
			if (this.#data !== undefined) copy(bytes, used, this.#data, this.#start + this.#offset, count);
			else count = this.pull(used, used + count);
			if (count <= 0) {
				this.fault = MQTT_FAULT_APP;
				return false;
			}
			this.used += count;
			this.#offset += count;
		}
		this.#data = this.#source = undefined;
		return true;
	}

	/** Remembers an acknowledgement. There has to be room: one at the least while this is not `full`, and one more. */
	acknowledge(type: number, id: number, reason: number): void {
		this.pending = true;
		let at = this.#firstAck + this.#ackCount++;
		if (at >= ACKS) at -= ACKS;
		this.#acks[at] = (type << SHIFT_TYPE) | (reason << SHIFT_REASON) | id;
	}

	/** Puts the acknowledgements out: true if all of them are. */
	acks(version: number): boolean {
		while (this.#ackCount > 0) {
			const ack = this.#acks[this.#firstAck] as number;
			const type = ack >> SHIFT_TYPE;
			if (!this.add(writeAck(this.bytes, this.used, this.size, version, type, ack & 0xffff, (ack >> SHIFT_REASON) & 0xff))) {
				if (this.flush()) continue;
				return false;
			}
			this.#ackCount--;
			if (++this.#firstAck === ACKS) this.#firstAck = 0;
		}
		return true;
	}

	/** What the app's source gives; 0 if that is not what it has to be. */
	private pull(start: number, end: number): number {
		try {
			const count = this.#source?.(this.#offset, this.bytes, start, end) ?? 0;
			return count === (count | 0) && count <= end - start ? count : 0;
		} catch {
			return 0;
		}
	}
}
