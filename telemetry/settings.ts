/* What the manifest's "config" and the command line say: all of it strings, checked here. */

/** Of "config" in manifest.json, which has what holds if nobody says otherwise. */
type Config = Record<string, string>;

export interface Settings {
	/** In the topics, and the client's identifier. */
	readonly id: string;
	/** MQTT over WebSocket, or over TCP. */
	readonly websocket: boolean;
	/** A name or a numeric address, IPv6 without its brackets. */
	readonly host: string;
	readonly port: number;
	/** Of a WebSocket. */
	readonly path: string;
	/** Which of the firmware's sockets. */
	readonly transport: string;
	readonly user: string | undefined;
	readonly password: string | undefined;
	readonly intervalMs: number;
	/** Measurements to stop after, and attempts to connect to give up after; 0: never. */
	readonly count: number;
	readonly attempts: number;
}

const HTTP_PORT = 80;
const MQTT_PORT = 1883;
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 3_600_000;
const MANY = 1_000_000_000;

/** Throws what to do about whatever is wrong. */
export function readSettings({ id, url, transport, user, password, interval, count, attempts }: Config): Settings {
	if (!/^[\w.-]{1,64}$/.test(id)) throw new Error("id: 1 to 64 letters, digits, dots, dashes and underscores");
	if (transport !== "tcp" && transport !== "socket") throw new Error(`transport=${transport}: it is tcp or socket`);
	if (password && !user) throw new Error("password: it needs a user, too");
	return {
		id,
		...parseUrl(url),
		transport,
		user: user || undefined,
		password: password || undefined,
		intervalMs: parseInterval(interval),
		count: wholeNumber("count", count, 0, MANY),
		attempts: wholeNumber("attempts", attempts, 0, MANY),
	};
}

/** In ms. */
export function parseInterval(text: string): number {
	return wholeNumber("interval", text, MIN_INTERVAL_MS, MAX_INTERVAL_MS);
}

function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
	const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
	if (value >= minimum && value <= maximum) return value;
	throw new Error(`${name}: a whole number from ${minimum} to ${maximum}`);
}

/** ws://host[:port][/path] or mqtt://host[:port]. */
function parseUrl(url: string): Pick<Settings, "websocket" | "host" | "port" | "path"> {
	if (!url) throw new Error("no url: add url=ws://host:port/path or url=mqtt://host:port");
	if (/^[^/]*\/\/[^/]*@/.test(url)) throw new Error("url: no user and password in there, where logs show them, but user=… password=…");
	if (/^(wss|mqtts):/i.test(url)) throw new Error(`${url}: TLS is not supported yet, use ws:// or mqtt://`);
	const parts = /^(ws|mqtt):\/\/(\[[0-9a-fA-F:.]+\]|[^/?#:[\]\s]+)(?::(\d{1,5}))?(\/[^#\s]*)?$/.exec(url);
	const websocket = parts?.[1] === "ws";
	const host = parts?.[2];
	const port = Number(parts?.[3] ?? (websocket ? HTTP_PORT : MQTT_PORT));
	const path = parts?.[4];
	if (!host || port < 1 || port > 65535 || (path && !websocket))
		throw new Error(`${url}: not a broker's url, it looks like ws://host:port/path or mqtt://host:port`);
	return { websocket, host: host.startsWith("[") ? host.slice(1, -1) : host, port, path: path ?? "/mqtt" };
}
