/* Both ends of an ECMA-419 connection inside the device. */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { Queue } from "./queue";

/** A TCP that records what it is told: "readable 5", "writable 11680", "error". */
export class End extends TCP {
	events!: Queue<string>;

	constructor(options: { address: string; port: number } | { from: TCP }, more: { format?: "number" | "buffer"; nodelay?: boolean } = {}) {
		const events = new Queue<string>();
		super({
			...options,
			...more,
			onReadable(bytes) {
				events.push(`readable ${bytes}`);
			},
			onWritable(bytes) {
				events.push(`writable ${bytes}`);
			},
			onError() {
				events.push("error");
			},
		});
		this.events = events;
	}
}

/** A client and the server's end of the same connection, both connected. */
export async function connect(): Promise<[End, End]> {
	const incoming = new Queue<TCP>();
	const listener = new Listener({
		onReadable() {
			for (let tcp = this.read(); tcp; tcp = this.read()) incoming.push(tcp);
		},
	});
	const client = new End({ address: "127.0.0.1", port: listener.port });
	const server = new End({ from: await incoming.next() });
	await client.events.next();
	await server.events.next();
	listener.close();
	return [client, server];
}

export const bytes = (text: string): ArrayBuffer => ArrayBuffer.fromString(text);
export const text = (buffer: unknown): string => String.fromArrayBuffer(buffer as ArrayBuffer);
