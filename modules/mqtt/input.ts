/*
 * What comes in: bytes of the transport, up to the next packet, and the payload of a message, which is read piece by piece. Packets lie
 * in rxBuf until the next one is asked for; a payload that does not fit there goes from the transport to the app.
 */
import { copy } from "bytes/block";
import { MQTT_FAULT_IO, MQTT_FAULT_SIZE } from "mqtt/codes";
import { Decoder } from "mqtt/decoder";
import type { Transport } from "transport/transport";

/** read() has nothing now, or never again. */
export const READ_NONE = -1;
export const READ_LOST = -2;

export class Input {
	readonly bytes: Uint8Array;
	decoder: Decoder;
	/** What the transport said when it gave no more bytes. */
	error = 0;
	/** Bytes came since somebody looked. */
	came = false;
	/** Bytes of the message's payload that were not read yet. */
	left = 0;
	#transport: Transport | undefined;
	/** The packet that was found last, and what follows it, is from here on; */
	#head = 0;
	/** so many bytes of it are done with. */
	#size = 0;
	/** Behind what was read. */
	#tail = 0;
	#version: number;

	/** `bytes` is the library's as long as this. */
	constructor(bytes: Uint8Array, version: number) {
		this.bytes = bytes;
		this.#version = version;
		this.decoder = new Decoder(version);
	}

	/** From now on, what comes is from `transport`. */
	begin(transport: Transport, version: number): void {
		this.#transport = transport;
		this.#head = this.#size = this.#tail = this.left = 0;
		if (version === this.#version) return;
		this.#version = version;
		this.decoder = new Decoder(version);
	}

	end(): void {
		this.#transport = undefined;
		this.left = 0;
	}

	/**
	 * Finds the next packet, once the last one's payload has been read. Above 0: there is one, in `decoder`, and what the decoder says of
	 * places in `bytes` is true until this is called again; a payload that fits is there, too. 0: not yet. Negative: a fault.
	 */
	next(): number {
		const { bytes, decoder } = this;
		this.#head += this.#size;
		this.#size = 0;
		for (;;) {
			let need = 1;
			if (this.#head < this.#tail) {
				const size = decoder.head(bytes, this.#head, this.#tail);
				if (size < 0) return size;
				need = size === 0 ? decoder.need : size + decoder.payload;
				// A message that cannot be here as a whole goes on as soon as its head is.
				if (size > 0 && (need > bytes.length || need <= this.#tail - this.#head)) {
					this.left = decoder.payload;
					this.#size = size;
					return size;
				}
				if (need > bytes.length) return MQTT_FAULT_SIZE;
			} else this.#head = this.#tail = 0;
			if (this.#head + need > bytes.length) this.compact();
			const count = this.#transport?.read(bytes, this.#tail, bytes.length) ?? 0;
			if (count < 0) {
				this.error = count;
				return MQTT_FAULT_IO;
			}
			if (count === 0) return 0;
			this.#tail += count;
			this.came = true;
		}
	}

	/** How long the packet is that was found last, all of it. */
	get packetLength(): number {
		return this.#size + this.decoder.payload;
	}

	/** Puts up to `length` bytes of the payload to the front of `into`: how many; 0 at its end; or READ_NONE, READ_LOST. */
	read(into: Uint8Array, at: number, length: number): number {
		const want = length < this.left ? length : this.left;
		if (want === 0) return 0;
		const start = this.#head + this.#size;
		let count = this.#tail - start;
		if (count > 0) {
			if (count > want) count = want;
			copy(into, at, this.bytes, start, count);
			this.#size += count;
		} else {
			count = this.#transport?.read(into, at, at + want) ?? -1;
			if (count <= 0) {
				this.error = count;
				return count === 0 ? READ_NONE : READ_LOST;
			}
			this.came = true;
		}
		this.left -= count;
		return count;
	}

	/** Passes over what is left of the payload: true if all of that was there. The packet's places are no longer true. */
	skip(): boolean {
		while (this.left > 0) {
			const start = this.#head + this.#size;
			let count = this.#tail - start;
			if (count > 0) {
				if (count > this.left) count = this.left;
				this.#size += count;
			} else {
				this.#head = this.#size = this.#tail = 0;
				count = this.#transport?.read(this.bytes, 0, Math.min(this.bytes.length, this.left)) ?? 0;
				if (count <= 0) return false;
				this.came = true;
			}
			this.left -= count;
		}
		return true;
	}

	/** Throws away all that came, whatever it is. Returns whether something was there that had not been read. */
	discard(): boolean {
		let found = false;
		this.#head = this.#size = this.#tail = this.left = 0;
		while ((this.#transport?.read(this.bytes, 0, this.bytes.length) ?? 0) > 0) found = true;
		return found;
	}

	private compact(): void {
		copy(this.bytes, 0, this.bytes, this.#head, this.#tail - this.#head);
		this.#tail -= this.#head;
		this.#head = 0;
	}
}
