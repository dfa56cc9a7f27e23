/* The person's side of the telemetry device: sees all that it publishes, and sends it commands, through the same broker. */
import { randomBytes } from "node:crypto";
import { connect, type MqttClient } from "mqtt";
import type { Access } from "./access.ts";

export interface Operator {
	/** Sends a command. */
	send(command: string): void;
	/** The device said that it is online, and the broker can be reached. */
	readonly online: boolean;
	/** When the broker tells about the device, or will not soon. */
	readonly ready: Promise<void>;
	/** When the device is known to be offline, or that is not told soon. */
	farewell(): Promise<void>;
	close(): Promise<void>;
}

/** What is on its way from a device that ended. */
const FAREWELL_MS = 500;
/** The first attempt to reach the broker; the device is not kept waiting for longer. */
const PATIENCE_MS = 2000;

/**
 * Joins the broker, and again whenever it is lost. `topics` is what all topics of the device begin with; `seen` gets what is published
 * there, and whether the broker had kept it. undefined if the url is none that can be connected to: the device says what is wrong with it.
 */
export function operate(
	{ url, user, password, ca }: Access,
	topics: string,
	seen: (topic: string, text: string, kept: boolean) => void,
): Operator | undefined {
	let client: MqttClient;
	try {
		client = connect(url, {
			clientId: `operator-${randomBytes(4).toString("hex")}`,
			username: user || undefined,
			password: password || undefined,
			...(ca ? { ca } : {}),
			reconnectPeriod: 250,
			resubscribe: false,
		});
	} catch {
		return undefined;
	}
	let watching = false;
	let online = false;
	let offline: (() => void) | undefined;
	const ready = new Promise<void>((resolve) => {
		const late = setTimeout(resolve, PATIENCE_MS);
		const settle = () => {
			clearTimeout(late);
			resolve();
		};
		// What is wrong with the broker is told by the device, which has the same trouble.
		client.on("error", settle);
		client.on("close", settle);
		client.on("connect", () => {
			client.subscribe(`${topics}/#`, { qos: 1 }, (error) => {
				if (!error) watching = true;
				settle();
			});
		});
	});
	client.on("close", () => {
		watching = online = false;
		offline?.();
	});
	client.on("message", (topic, payload, { retain }) => {
		const text = payload.toString();
		if (topic === `${topics}/status`) online = text === "online";
		seen(topic, text, retain);
		if (!online) offline?.();
	});
	return {
		send(command) {
			client.publish(`${topics}/command`, command, { qos: 1 });
		},
		get online() {
			return watching && online;
		},
		ready,
		farewell: () =>
			new Promise((resolve) => {
				if (!online) return resolve();
				const late = setTimeout(resolve, FAREWELL_MS);
				offline = () => {
					clearTimeout(late);
					resolve();
				};
			}),
		close: () => client.endAsync(true),
	};
}
