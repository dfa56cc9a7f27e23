/* A client of the classic class whose events one can wait for, in the words of a log. */
import config from "mc/config";
import { Client, type ClientOptions } from "websocket-classic";

export const ports = config as unknown as { echo: number; hostile: number; refused: number };

const names = ["", "connect", "handshake", "receive", "disconnect", "subprotocol"];

/** "connect", "handshake", "receive hello", "receive <3>" for so many bytes, "disconnect", "disconnect: why". */
export class Log {
	readonly entries: string[] = [];
	readonly ended: Promise<string>;
	#end: (text: string) => void = () => {};
	#watchers: (() => void)[] = [];

	constructor() {
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	note(message: number, value?: unknown): void {
		const bytes = value instanceof ArrayBuffer ? `<${value.byteLength}>` : undefined;
		const name = names[message] ?? `${message}`;
		let text = value === undefined ? name : `${name} ${bytes ?? value}`;
		if (message === Client.disconnect) text = value === undefined ? name : `${name}: ${value}`;
		this.entries.push(text);
		for (const watcher of this.#watchers.splice(0)) watcher();
		if (message === Client.disconnect) this.#end(text);
	}

	/** The entries, once there are so many, or it is over. */
	async first(count: number): Promise<string[]> {
		while (this.entries.length < count && !this.entries.at(-1)?.startsWith("disconnect"))
			await new Promise<void>((resolve) => {
				this.#watchers.push(resolve);
			});
		return this.entries.slice(0, count);
	}
}

export class App extends Log {
	readonly ws: Client;
	readonly path: string;
	/** Called before a message is noted. */
	on: (this: Client, message: number, value?: unknown) => void = () => {};

	constructor(path: string, options: ClientOptions = {}, port = ports.echo) {
		super();
		const app = this;
		this.path = path;
		this.ws = new Client({ host: "localhost", port, path, ...options });
		this.ws.callback = function (message, value) {
			if (this !== app.ws) throw new Error("another this");
			app.on.call(this, message, value);
			app.note(message, value);
		};
	}

	/** Until the WebSocket is open. */
	async opened(): Promise<Client> {
		await this.first(2);
		return this.ws;
	}
}

/** What the hostile server read of the connection of an app that is over. */
export async function verdict({ path }: App): Promise<string> {
	const app = new App(`/verdict${path}`, {}, ports.hostile);
	const [, , text = ""] = await app.first(3);
	await app.ended;
	return text.slice("receive ".length);
}
