/*
 * A client that was written for ECMA-419 TCP, in the manner of the SDK's MQTT client: it makes its socket of options.socket.io, writes a
 * packet in pieces with `more`, reads heads byte by byte and payloads as buffers. It runs over TCP and over WebSocket unchanged.
 */
import TCP from "embedded:io/socket/tcp";
import config from "mc/config";
import { equal, test } from "test";
import Timer from "timer";
import { WebsocketIO } from "transport/websocket-io";

const ports = config as unknown as { tcp: number; websocket: number };

type Socket = Pick<TCP, "format" | "read" | "close"> & { write(data: Uint8Array, options?: object): unknown };
interface Options {
	port: number;
	socket: { io: unknown } & Record<string, unknown>;
	onControl: (type: number, rest: Uint8Array) => void;
	onMessage: (topic: string, qos: number, payload: Uint8Array) => void;
	onError: (failure?: string) => void;
}

const more = Object.freeze({ more: true });

function textOf(text: string): Uint8Array {
	const bytes = new Uint8Array(ArrayBuffer.fromString(text));
	const result = new Uint8Array(bytes.length + 2);
	result[0] = bytes.length >> 8;
	result[1] = bytes.length;
	result.set(bytes, 2);
	return result;
}

const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBREL = 6;
const PUBCOMP = 7;
const SUBSCRIBE = 8;
const SUBACK = 9;

const FIRST_PIECE = 500;

class Client {
	readonly #socket: Socket;
	readonly #options: Options;
	#begun = false;
	/** Of the packet that is coming: its first byte, how long the rest is, and what of that is there. */
	#first = -1;
	#length = 0;
	#shift = 0;
	#rest: Uint8Array | undefined;
	#got = 0;
	/** Of a packet that goes in pieces; and what has to wait for its end. */
	#left: Uint8Array | undefined;
	readonly #waiting: (() => void)[] = [];

	constructor(options: Options) {
		this.#options = options;
		const io = options.socket.io as new (options: object) => Socket;
		this.#socket = new io({
			...options.socket,
			address: "127.0.0.1",
			host: "localhost",
			port: options.port,
			onReadable: (count: number) => this.#read(count),
			onWritable: (count: number) => this.#room(count),
			onError: (failure?: string) => options.onError(failure),
		});
	}

	/** A packet in pieces, as its parts are known. */
	send(first: number, ...parts: Uint8Array[]): void {
		const socket = this.#socket;
		let length = 0;
		for (const part of parts) length += part.length;
		const lengths: number[] = [];
		let rest = length;
		do {
			lengths.push((rest & 127) | (rest > 127 ? 128 : 0));
			rest >>= 7;
		} while (rest > 0);
		socket.format = "buffer";
		socket.write(Uint8Array.of(first), { more: true, byteLength: 1 + lengths.length + length });
		socket.write(Uint8Array.from(lengths), more);
		for (let i = 0; i < parts.length; i++) socket.write(parts[i]!, i < parts.length - 1 ? more : undefined);
	}

	/** A packet that may be longer than there is room for: a first piece now, the others when there is room. */
	stream(packet: Uint8Array): void {
		this.#left = packet;
		this.#go(FIRST_PIECE);
	}

	#go(room: number): void {
		const left = this.#left as Uint8Array;
		const count = Math.min(room, left.length);
		this.#left = count < left.length ? left.subarray(count) : undefined;
		this.#socket.format = "buffer";
		this.#socket.write(left.subarray(0, count));
	}

	/** Not in the middle of another packet. */
	#acknowledge(first: number, id: Uint8Array): void {
		if (this.#left === undefined) this.send(first, id);
		else this.#waiting.push(() => this.send(first, id));
	}

	close(): void {
		this.#socket.close();
	}

	#room(count: number): void {
		if (this.#left !== undefined) this.#go(count);
		else if (this.#begun) this.#waiting.shift()?.();
		else {
			this.#begun = true;
			this.send(CONNECT << 4, textOf("MQTT"), Uint8Array.of(4, 2, 0, 60), textOf("io"));
		}
	}

	#read(count: number): void {
		const socket = this.#socket;
		while (count > 0) {
			if (this.#rest !== undefined) {
				const length = Math.min(count, this.#rest.length - this.#got);
				socket.format = "buffer";
				this.#rest.set(new Uint8Array(socket.read(length) as ArrayBuffer), this.#got);
				this.#got += length;
				count -= length;
			} else {
				socket.format = "number";
				const byte = socket.read() as number;
				count--;
				if (this.#first < 0) {
					this.#first = byte;
					this.#length = this.#shift = 0;
					continue;
				}
				this.#length |= (byte & 127) << this.#shift;
				this.#shift += 7;
				if (byte & 128) continue;
				this.#rest = new Uint8Array(this.#length);
				this.#got = 0;
			}
			if (this.#got === this.#length) this.#packet(this.#first, this.#rest);
		}
	}

	#packet(first: number, rest: Uint8Array): void {
		this.#first = -1;
		this.#rest = undefined;
		const type = first >> 4;
		const qos = (first >> 1) & 3;
		if (type !== PUBLISH) {
			if (type === PUBREC) this.#acknowledge((PUBREL << 4) | 2, rest);
			if (type === PUBREL) this.#acknowledge(PUBCOMP << 4, rest);
			this.#options.onControl(type, rest);
			return;
		}
		const end = 2 + (((rest[0] as number) << 8) | (rest[1] as number));
		const at = qos ? end + 2 : end;
		if (qos) this.#acknowledge((qos === 1 ? PUBACK : PUBREC) << 4, rest.slice(end, at));
		this.#options.onMessage(String.fromArrayBuffer(rest.slice(2, end).buffer), qos, rest.subarray(at));
	}
}

const LENGTHS = [0, 1, 127, 128, 1000, 5000, 20_000];

for (const [name, port, socket] of [
	["TCP", ports.tcp, { io: TCP, nodelay: true }],
	["WebSocket", ports.websocket, { io: WebsocketIO, socket: { io: TCP }, path: "/mqtt" }],
] as const)
	test(`over ${name}: messages of every QoS, of no byte to 20,000, out and back`, async () => {
		let sent = new Uint8Array(0);
		let next = 0;
		let received = 0;
		let opened: Client | undefined;
		const errors: string[] = [];
		const acknowledged = [0, 0, 0];
		await new Promise<void>((resolve) => {
			// The last message may come before its last acknowledgement.
			const finish = () => {
				if (acknowledged[2] === LENGTHS.length && received === 3 * LENGTHS.length) resolve();
			};
			const publish = () => {
				const qos = Math.floor(next / LENGTHS.length);
				if (qos > 2) {
					finish();
					return;
				}
				sent = new Uint8Array(LENGTHS[next % LENGTHS.length]!);
				const id = ++next;
				for (let i = 0; i < sent.length; i++) sent[i] = i * 7 + id;
				const begin = [...textOf(`io/${id}`), ...(qos ? [0, id] : [])];
				const head = [(PUBLISH << 4) | (qos << 1)];
				for (let length = begin.length + sent.length; length > 0; length >>= 7) head.push((length & 127) | (length > 127 ? 128 : 0));
				head.push(...begin);
				const packet = new Uint8Array(head.length + sent.length);
				packet.set(head);
				packet.set(sent, head.length);
				client.stream(packet);
			};
			const client = new Client({
				port,
				socket,
				onControl: (type, rest) => {
					if (type === CONNACK && rest[1] === 0) client.send((SUBSCRIBE << 4) | 2, Uint8Array.of(0, 99), textOf("io/#"), Uint8Array.of(2));
					else if (type === SUBACK) publish();
					else if (type === PUBACK) acknowledged[1]!++;
					else if (type === PUBCOMP) {
						acknowledged[2]!++;
						finish();
					}
				},
				onMessage: (topic, qos, payload) => {
					if (topic !== `io/${next}` || qos !== Math.floor((next - 1) / LENGTHS.length)) errors.push(`${topic}, QoS ${qos}`);
					if (payload.length !== sent.length) errors.push(`${topic}: ${payload.length} bytes`);
					for (let i = 0; i < payload.length; i++)
						if (payload[i] !== sent[i]) {
							errors.push(`${topic}: byte ${i}`);
							break;
						}
					received++;
					Timer.set(publish);
				},
				onError: (failure) => {
					errors.push(`ended: ${failure}`);
					resolve();
				},
			});
			opened = client;
		});
		opened?.close();
		equal(errors.join(), "");
		equal(received, 3 * LENGTHS.length);
		equal(acknowledged.join(), `0,${LENGTHS.length},${LENGTHS.length}`);
	});
