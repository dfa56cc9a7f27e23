/* An app of the class whose events one can wait for, in the words of a log. */
import TCP from "embedded:io/socket/tcp";
import Resolver from "embedded:network/dns/resolver/udp";
import config from "mc/config";
import WebSocketClient, { type ReadableOptions, type WebSocketClientOptions } from "websocket-client";

export const ports = config as unknown as { echo: number; hostile: number; refused: number };

type Options = WebSocketClientOptions<WebSocketClient>;

export const bufferOf = (text: string) => ArrayBuffer.fromString(text);
export const textOf = (buffer: ArrayBuffer) => String.fromArrayBuffer(buffer);

/** Reads everything at once, and keeps a log: "text hello", "binary 3", "… he" for a part, "ping x", "close 1000 bye", "closed", "error: why". */
export class App {
	readonly ws: WebSocketClient;
	readonly path: string;
	readonly log: string[] = [];
	/** Called in onWritable, with the room. */
	writable: (count: number) => void = () => {};
	/** Instead of reading. */
	readable: ((count: number, options: ReadableOptions) => void) | undefined;
	/** The first onWritable: how much can be written. */
	readonly opened: Promise<number>;
	/** The last entry of the log. */
	readonly ended: Promise<string>;
	#opened: (count: number) => void = () => {};
	#ended: (text: string) => void = () => {};
	#watchers: (() => void)[] = [];
	#wrong = 0;

	constructor(path: string, options: Options = {}, port = ports.echo) {
		const app = this;
		this.path = path;
		this.opened = new Promise((resolve) => {
			this.#opened = resolve;
		});
		this.ended = new Promise((resolve) => {
			this.#ended = resolve;
		});
		this.ws = new WebSocketClient({
			host: "localhost",
			port,
			path,
			dns: { io: Resolver },
			socket: { io: TCP },
			onReadable(count, options) {
				if (this !== app.ws) app.#wrong++;
				if (app.readable) app.readable(count, options);
				else app.note(`${options.more ? "… " : options.binary ? "binary " : "text "}${textOf(this.read(count) as ArrayBuffer)}`);
			},
			onWritable(count) {
				if (this !== app.ws) app.#wrong++;
				app.#opened(count);
				app.writable(count);
			},
			onControl(opcode, data) {
				if (this !== app.ws) app.#wrong++;
				if (opcode !== WebSocketClient.close) app.note(`${opcode === WebSocketClient.ping ? "ping" : "pong"} ${textOf(data)}`);
				else if (data.byteLength === 0) app.note("close");
				else app.note(`close ${new DataView(data).getUint16(0)} ${textOf(data.slice(2))}`);
			},
			onClose() {
				if (this !== app.ws) app.#wrong++;
				app.end("closed");
			},
			onError(reason) {
				if (this !== app.ws) app.#wrong++;
				app.end(`error: ${reason}`);
			},
			...options,
		});
	}

	note(text: string): void {
		this.log.push(text);
		for (const watcher of this.#watchers.splice(0)) watcher();
	}

	end(text: string): void {
		this.note(text);
		this.#ended(text);
	}

	/** The log, once it has so many entries; and whether `this` was ever somebody else. */
	async logged(count: number): Promise<string[]> {
		while (this.log.length < count && this.log.at(-1) !== "closed" && !this.log.at(-1)?.startsWith("error"))
			await new Promise<void>((resolve) => {
				this.#watchers.push(resolve);
			});
		return this.#wrong ? [`${this.#wrong} times not with this`] : this.log.slice(0, count);
	}
}

/** What the hostile server read of the connection of an app that is over. */
export async function verdict({ path }: App): Promise<string> {
	const app = new App(`/verdict${path}`, {}, ports.hostile);
	const [text = ""] = await app.logged(1);
	await app.ended;
	return text.slice("text ".length);
}
