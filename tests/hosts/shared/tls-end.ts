/* A TLS connection that records what it is told. */
import TCP from "embedded:io/socket/tcp";
import TLSSocket, { type Options, type Secure } from "embedded:io/socket/tcp/tls";
import { Queue } from "./queue";

/** Events: "writable 11552", "readable 5", "end", "WRONG_HOST: the certificate is for …". */
export class TlsEnd extends TLSSocket {
	events!: Queue<string>;

	constructor(options: { port: number; host?: string; secure?: Secure } & Partial<Options>) {
		const events = new Queue<string>();
		super({
			host: "localhost",
			address: "127.0.0.1",
			TCP: { io: TCP },
			...options,
			onReadable(bytes) {
				events.push(`readable ${bytes}`);
			},
			onWritable(bytes) {
				events.push(`writable ${bytes}`);
			},
			onError(error) {
				events.push(error ? `${error.name}: ${error.message}` : "end");
			},
		});
		this.events = events;
	}

	/** What it may write, once it is told; it may be told twice at a time. */
	async room(): Promise<number> {
		let event: string;
		do event = await this.until("writable");
		while (this.events.length);
		return Number(event.slice("writable ".length));
	}

	/** The next event that begins so; those before it are dropped. */
	async until(start: string): Promise<string> {
		for (;;) {
			const event = await this.events.next();
			if (event.startsWith(start)) return event;
			if (!/^(readable|writable) /.test(event)) throw new Error(`${event} instead of ${start}`);
		}
	}
}
