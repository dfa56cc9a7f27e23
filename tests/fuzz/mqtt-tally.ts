/* What came of an input of packets: all they say, mixed into a number. Made once, and used again: allocates nothing. */
export class MqttTally {
	/** Packets that were found. */
	packets = 0;
	/** Bytes of payload that were read. */
	payload = 0;
	/** A number of mqtt/codes, or 0. */
	fault = 0;
	#hash = 0;

	reset(): void {
		this.packets = this.payload = this.fault = this.#hash = 0;
	}

	mix(value: number): void {
		this.#hash = Math.imul(this.#hash ^ (value | 0), 0x01000193) ^ (this.#hash >>> 13);
	}

	mixBytes(bytes: Uint8Array, start: number, end: number): void {
		this.mix(end - start);
		let hash = this.#hash;
		for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193) ^ (hash >>> 13);
		this.#hash = hash;
	}

	/** A piece of a payload; how it is cut makes no difference. */
	mixPayload(bytes: Uint8Array, start: number, end: number): void {
		this.payload += end - start;
		let hash = this.#hash;
		for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193) ^ (hash >>> 13);
		this.#hash = hash;
	}

	/** The first thing that differs from another one, or "". */
	difference(other: MqttTally): string {
		if (this.fault !== other.fault) return "fault";
		if (this.packets !== other.packets) return "number of packets";
		if (this.payload !== other.payload) return "bytes of payload";
		return this.#hash === other.#hash ? "" : "what the packets say";
	}
}
