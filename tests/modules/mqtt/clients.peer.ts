/* Other people's clients: mosquitto_pub, mosquitto_sub, and npm's mqtt. */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import mqtt, {
	type IClientOptions,
	type IClientPublishOptions,
	type IClientSubscribeOptions,
	type IPublishPacket,
	type MqttClient,
} from "mqtt";
import { launch } from "../../conformance/servers/child.peer.ts";
import type { Commands } from "./control.peer.ts";

/** How long a client may take for what it was told. */
const LIMIT_MS = 60_000;

/** `name` of the ports that the test's configuration has. */
export type PortOf = (name: string) => number;

interface Message {
	topic: string;
	payload: string;
	qos: number;
	retain: boolean;
	dup: boolean;
	properties?: IPublishPacket["properties"];
}

/** Things that come, and who waits for them. */
class Queue<Item> {
	readonly #items: Item[] = [];
	#wanted = 0;
	#tell = () => {};

	push(item: Item): void {
		this.#items.push(item);
		if (this.#items.length >= this.#wanted) this.#tell();
	}

	/** `count` of them, as soon as they are there. */
	async take(count: number): Promise<Item[]> {
		if (this.#items.length < count)
			await new Promise<void>((resolve, reject) => {
				const late = setTimeout(() => reject(new Error(`only ${this.#items.length} of ${count} came`)), LIMIT_MS);
				this.#wanted = count;
				this.#tell = () => {
					clearTimeout(late);
					resolve();
				};
			});
		return this.#items.splice(0, count);
	}

	/** What is there now. */
	get items(): readonly Item[] {
		return this.#items;
	}
}

/** mosquitto_pub and mosquitto_sub with arguments as on a command line, but for the port's, which is named. */
function commandLine(portOf: PortOf): Commands {
	const subscribers = new Map<string, { child: ChildProcess; lines: Queue<string>; ended: Promise<unknown> }>();
	const own = (port: string) => ["-h", "127.0.0.1", "-p", String(portOf(port))];
	return {
		/** mosquitto_pub, or mosquitto_rr: gives its status once it has ended, and what it said. */
		pub: ({ port, args, program = "mosquitto_pub" }: { port: string; args: string[]; program?: string }) =>
			new Promise((resolve, reject) => {
				let said = "";
				const child = launch([program, ...own(port), ...args], (line) => {
					said += line;
				});
				child.on("error", reject);
				child.on("close", (status) => resolve({ status, said }));
			}),

		/** Resolves once it has subscribed. Lines have topic, QoS, retain flag and payload. */
		sub: ({ name, port, args }: { name: string; port: string; args: string[] }) =>
			new Promise<void>((resolve, reject) => {
				const lines = new Queue<string>();
				// Line by line although it writes to a pipe, and -d has it say when it has subscribed.
				const command = ["stdbuf", "-oL", "mosquitto_sub", ...own(port), "-d", "-F", "> %t %q %r %p", ...args];
				const child = launch(command, (line) => {
					if (line.startsWith("Subscribed")) resolve();
					if (line.startsWith("> ")) lines.push(line.slice(2));
				});
				const ended = new Promise((done) => child.on("close", done));
				child.on("error", reject);
				ended.then((status) => reject(new Error(`mosquitto_sub ended with status ${status}`)));
				subscribers.set(name, { child, lines, ended });
			}),

		subLines: async ({ name, count }: { name: string; count: number }) => subscribers.get(name)!.lines.take(count),

		subEnd: async ({ name }: { name: string }) => {
			const { child, ended } = subscribers.get(name)!;
			// At SIGTERM, its handler sends DISCONNECT; if that comes while it sends something else, it waits for itself for ever.
			child.kill("SIGKILL");
			await ended;
			subscribers.delete(name);
		},
	};
}

interface Npm {
	client: MqttClient;
	messages: Queue<Message>;
}

const digest = (payload: Buffer) => `${payload.length} ${createHash("sha256").update(payload).digest("hex")}`;

/** A payload that any length of it tells apart from any other; the device makes the same. */
export function counting(length: number): Buffer {
	const bytes = Buffer.alloc(length);
	for (let i = 0; i < length; i++) bytes[i] = i * 7 + (i >> 8);
	return bytes;
}

interface Flood {
	name: string;
	start: string;
	topic: string;
	count: number;
	length: number;
	qos: 0 | 1 | 2;
}

/** npm's mqtt; each client has a name. It connects again by itself, at once. */
function npm(portOf: PortOf): Commands {
	const clients = new Map<string, Npm>();
	const of = (name: string) => {
		const found = clients.get(name);
		if (!found) throw new Error(`there is no client ${name}`);
		return found;
	};
	return {
		/** Gives its CONNACK. */
		connect: ({ name, port, options }: { name: string; port: string; options?: IClientOptions }) => {
			const url = port.toLowerCase().includes("websocket") ? `ws://127.0.0.1:${portOf(port)}/mqtt` : `mqtt://127.0.0.1:${portOf(port)}`;
			const client = mqtt.connect(url, { clientId: name, reconnectPeriod: 50, connectTimeout: LIMIT_MS, ...options });
			const own: Npm = { client, messages: new Queue() };
			clients.set(name, own);
			// It is told of lost connections here, too; those it mends.
			client.on("error", () => {});
			client.on("message", (topic, payload, { qos, retain, dup, properties }) => {
				if (topic.startsWith("digest/")) own.messages.push({ topic, payload: digest(payload), qos, retain, dup, properties });
				else if (topic.startsWith("request/") && properties?.responseTopic) {
					const { responseTopic, correlationData } = properties;
					client.publish(responseTopic, `answer to ${payload}`, { qos, properties: correlationData && { correlationData } });
				} else own.messages.push({ topic, payload: payload.toString(), qos, retain, dup, properties });
			});
			return new Promise((resolve, reject) => {
				client.once("connect", resolve);
				client.once("error", reject);
			});
		},

		subscribe: ({ name, topic, options }: { name: string; topic: string; options?: IClientSubscribeOptions }) =>
			of(name).client.subscribeAsync(topic, { qos: 2, ...options }),

		publish: async ({
			name,
			topic,
			payload,
			options,
		}: {
			name: string;
			topic: string;
			payload: string;
			options?: IClientPublishOptions;
		}) => {
			await of(name).client.publishAsync(topic, payload, options);
		},

		/** A payload of `length` bytes by counting(). */
		publishCounting: async ({ name, topic, length, qos }: { name: string; topic: string; length: number; qos: 0 | 1 | 2 }) => {
			await of(name).client.publishAsync(topic, counting(length), { qos });
		},

		digest: ({ length }: { length: number }) => digest(counting(length)),

		/** The next `count` messages. */
		messages: ({ name, count }: { name: string; count: number }) => of(name).messages.take(count),

		/** How many there are that nobody took. */
		waiting: ({ name }: { name: string }) => of(name).messages.items.length,

		/** Publishes numbers, to topic/1 with QoS 1 and to topic/2 with QoS 2; 10 at a time, for the broker allows 20. */
		fill: async ({ port, topic, count }: { port: string; topic: string; count: number }) => {
			const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${portOf(port)}`);
			for (let i = 0; i < count; i += 5) {
				const some: Promise<unknown>[] = [];
				for (let k = i; k < i + 5 && k < count; k++)
					for (const qos of [1, 2] as const) some.push(client.publishAsync(`${topic}/${qos}`, String(k), { qos }));
				await Promise.all(some);
			}
			await client.endAsync();
		},

		/**
		 * When anything comes to `start`: `count` messages of `length` bytes to `topic`, as fast as the broker takes them. Nothing is said
		 * to the device but that.
		 */
		flood: async ({ name, start, topic, count, length, qos }: Flood) => {
			const { client } = of(name);
			await client.subscribeAsync(start, { qos: 1 });
			client.on("message", async (at) => {
				if (at !== start) return;
				const payload = counting(length);
				const AT_A_TIME = 50;
				for (let sent = 0; sent < count; ) {
					const some: Promise<unknown>[] = [];
					for (; some.length < AT_A_TIME && sent < count; sent++) some.push(client.publishAsync(topic, payload, { qos }));
					await Promise.all(some);
				}
			});
		},

		/** With `force`: without DISCONNECT, so its will is published. */
		end: async ({ name, force }: { name: string; force?: boolean }) => {
			const { client } = of(name);
			clients.delete(name);
			if (force) {
				client.options.reconnectPeriod = 0;
				const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
				client.stream.destroy();
				await closed;
			}
			await client.endAsync(force);
		},
	};
}

export const clientCommands = (portOf: PortOf): Commands => ({ ...commandLine(portOf), ...npm(portOf) });
