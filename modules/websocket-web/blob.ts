/*
 * A Blob (File API §3) of bytes in memory, as there is no disk to keep them on. Nothing of it changes, so slices share the bytes of the
 * whole, and a WebSocket sends them from where they are.
 */
import { copy } from "bytes/block";
import { asInterface } from "websocket-web/interface";
import { shared } from "websocket-web/shared";

export type BlobPart = string | ArrayBuffer | ArrayBufferView | Blob;

export interface BlobPropertyBag {
	type?: string;
}

/** How the other classes of this room make and read one without a copy. */
export interface Blobs {
	/** One whose bytes are `buffer`, which nobody else may keep. */
	of(buffer: ArrayBuffer): Blob;
	/** Its bytes. They must not be changed. Allocates a view. */
	bytes(blob: Blob): Uint8Array;
}

export const blobs = {} as Blobs;

/** Printable ASCII: other types are none. */
const TYPE = /^[\x20-\x7e]*$/;
const typeOf = (type: unknown) => {
	const text = String(type);
	return TYPE.test(text) ? text.toLowerCase() : "";
};

export class Blob {
	/** An empty one has none. */
	#buffer: ArrayBuffer | undefined;
	#start = 0;
	#end = 0;
	#type = "";

	static {
		asInterface(Blob);
		blobs.of = (buffer) => {
			const blob = new Blob();
			blob.#buffer = buffer;
			blob.#end = buffer.byteLength;
			return blob;
		};
		blobs.bytes = (blob) => new Uint8Array(blob.#buffer ?? new ArrayBuffer(0), blob.#start, blob.#end - blob.#start);
	}

	/** Copies its parts, one behind the other; strings as UTF-8. */
	constructor(parts?: Iterable<BlobPart>, options?: BlobPropertyBag) {
		if (options?.type !== undefined) this.#type = typeOf(options.type);
		if (parts === undefined) return;
		if (typeof parts !== "object" || parts === null) throw new TypeError("a Blob is made of an array of parts");
		const pieces: Uint8Array[] = [];
		let size = 0;
		for (const part of parts) {
			const piece = bytesOf(part);
			pieces.push(piece);
			size += piece.length;
		}
		const buffer = new ArrayBuffer(size);
		let at = 0;
		for (const piece of pieces) {
			copy(buffer, at, piece, 0, piece.length);
			at += piece.length;
		}
		this.#buffer = buffer;
		this.#end = size;
	}

	/** In bytes. */
	get size(): number {
		return this.#end - this.#start;
	}

	get type(): string {
		return this.#type;
	}

	/** The bytes from `start` to before `end`, negative ones counted from the end. They are not copied. */
	slice(start = 0, end = this.size, type = ""): Blob {
		const size = this.size;
		const part = new Blob();
		const from = placeIn(size, start);
		part.#buffer = this.#buffer;
		part.#start = this.#start + from;
		part.#end = this.#start + Math.max(from, placeIn(size, end));
		if (type) part.#type = typeOf(type);
		return part;
	}

	get [Symbol.toStringTag](): string {
		return "Blob";
	}

	async arrayBuffer(): Promise<ArrayBuffer> {
		return (this.#buffer ?? new ArrayBuffer(0)).slice(this.#start, this.#end);
	}

	async bytes(): Promise<Uint8Array> {
		return new Uint8Array(await this.arrayBuffer());
	}

	/** As UTF-8; what is none becomes U+FFFD, and a byte order mark is left out. */
	async text(): Promise<string> {
		const bytes = blobs.bytes(this);
		const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
		return shared.decode(mark ? bytes.subarray(3) : bytes);
	}
}

Object.freeze(blobs);

function placeIn(size: number, place: number): number {
	const whole = Math.trunc(Number(place)) || 0;
	return whole < 0 ? Math.max(size + whole, 0) : Math.min(whole, size);
}

function bytesOf(part: unknown): Uint8Array {
	if (part instanceof Blob) return blobs.bytes(part);
	if (part instanceof ArrayBuffer) return new Uint8Array(part);
	if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
	return shared.encode(String(part));
}
