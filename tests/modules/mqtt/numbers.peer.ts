/*
 * npm's mqtt at one end of a long row of numbered messages, QoS 1 and 2 in turns, the device at the other end. Who receives tells who sends
 * how far it is, and that one keeps WINDOW messages on their way: mosquitto 2.0.11 sends more than it should where many wait for a receiver,
 * and forgets of more than 20 at a restart which it had released, so they would come twice.
 */
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { PortOf } from "./clients.peer.ts";
import type { Commands } from "./control.peer.ts";

const LIMIT_MS = 60_000;
const WINDOW = 16;
/** How often who receives tells how far it is. */
const EVERY = 4;

interface Row {
	client: MqttClient;
	/** Of each message that came, how often. */
	times: Map<string, number>;
	/** All was sent and acknowledged; or as many came as there should be. */
	done: Promise<unknown>;
}

/** Resolves when `ready` does, or rejects when that takes too long. */
const inTime = (ready: Promise<unknown>, words: () => string) => {
	let late: NodeJS.Timeout;
	return Promise.race([
		ready,
		new Promise((_, reject) => {
			late = setTimeout(() => reject(new Error(words())), LIMIT_MS);
		}),
	]).finally(() => clearTimeout(late));
};

/** Publishes until it is acknowledged. Lost again while it sends what was open before, this client forgets what it has not sent yet. */
async function deliver(client: MqttClient, topic: string, payload: string, qos: 1 | 2): Promise<void> {
	for (;;)
		try {
			await client.publishAsync(topic, payload, { qos });
			return;
		} catch (error) {
			if ((error as Error).message !== "Connection closed") throw error;
			await new Promise((resolve) => client.once("connect", resolve));
		}
}

export function numberCommands(portOf: PortOf): Commands {
	const rows = new Map<string, Row>();

	const connect = async (name: string, port: string, options: IClientOptions): Promise<Row> => {
		const client = mqtt.connect(`mqtt://127.0.0.1:${portOf(port)}`, {
			clientId: name,
			clean: false,
			properties: { sessionExpiryInterval: 1000 },
			reconnectPeriod: 20,
			connectTimeout: LIMIT_MS,
			...options,
		});
		// It is told of lost connections here, too; those it mends.
		client.on("error", () => {});
		const row: Row = { client, times: new Map(), done: Promise.resolve() };
		rows.set(name, row);
		await new Promise((resolve) => client.once("connect", resolve));
		return row;
	};

	return {
		/** Subscribes to up/1 and up/2, where `count` each will come. */
		receiveNumbers: async ({ name, port, options, count }: Numbers) => {
			const { client, times, ...row } = await connect(name, port, options);
			let told = 0;
			row.done = new Promise<void>((resolve) => {
				client.on("message", (topic, payload) => {
					const key = `${topic} ${payload}`;
					times.set(key, (times.get(key) ?? 0) + 1);
					if (times.size === 2 * count) resolve();
					if (times.size % EVERY || times.size === told) return;
					told = times.size;
					void deliver(client, "up/progress", String(told), 1);
				});
			});
			rows.set(name, { client, times, ...row });
			await client.subscribeAsync({ "up/1": { qos: 1 }, "up/2": { qos: 2 } });
		},

		/** Sends `count` messages each to down/1 and down/2. Gives nothing before the last one is acknowledged: see "numbersDone". */
		sendNumbers: async ({ name, port, options, count }: Numbers) => {
			const row = await connect(name, port, options);
			const { client } = row;
			let confirmed = 0;
			let sent = 0;
			const open: Promise<unknown>[] = [];
			row.done = new Promise((resolve, reject) => {
				const more = () => {
					for (; sent < 2 * count && sent < confirmed + WINDOW; sent++) {
						const qos = sent % 2 ? 2 : 1;
						open.push(deliver(client, `down/${qos}`, String(sent >> 1), qos));
					}
					if (sent === 2 * count) Promise.all(open).then(resolve, reject);
				};
				client.on("message", (_, payload) => {
					confirmed = Math.max(confirmed, Number(payload));
					more();
				});
				client.subscribeAsync("down/progress", { qos: 1 }).then(more, reject);
			});
			row.done.catch(() => {});
		},

		/** Waits until the row is through, and for what may come behind it; gives how many came, how many different ones, and which came twice. */
		numbersDone: async ({ name }: { name: string }) => {
			const { client, times, done } = rows.get(name)!;
			await inTime(done, () => `${times.size} different messages came`);
			if (times.size) {
				const last = new Promise<void>((resolve) => {
					client.on("message", (topic) => topic === `end/${name}` && resolve());
				});
				await client.subscribeAsync(`end/${name}`, { qos: 2 });
				await client.publishAsync(`end/${name}`, "", { qos: 2 });
				await inTime(last, () => "the message behind the last one did not come");
				times.delete(`end/${name} `);
			}
			await client.endAsync();
			rows.delete(name);
			const twice = [...times].filter(([, count]) => count > 1).map(([key]) => key);
			return { different: times.size, twice: twice.filter((key) => key.startsWith("up/2")).slice(0, 10) };
		},
	};
}

interface Numbers {
	name: string;
	port: string;
	options: IClientOptions;
	count: number;
}
