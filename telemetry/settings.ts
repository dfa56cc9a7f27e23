/* What the manifest's "config" and the command line say: all of it strings, checked here. */

/** Of "config" in manifest.json, which has what holds if nobody says otherwise. */
type Config = Record<string, string>;

export interface Settings {
	/** In the topics, and the client's identifier. */
	readonly id: string;
	/** The url, without a user and a password. */
	readonly url: string;
	/** MQTT over WebSocket, or over TCP. */
	readonly websocket: boolean;
	/** Over TLS. */
	readonly secure: boolean;
	/** Of TLS: PEM, or the name of a resource; "" for the firmware's own CAs. */
	readonly ca: string;
	/** A name or a numeric address, IPv6 without its brackets. */
	readonly host: string;
	readonly port: number;
	/** Of a WebSocket. */
	readonly path: string;
	/** Which of the firmware's sockets. */
	readonly transport: string;
	readonly user: string | undefined;
	readonly password: string | undefined;
	/** 0: as fast as the broker takes them. */
	readonly intervalMs: number;
	/** Measurements to stop after, and attempts to connect to give up after; 0: never. */
	readonly count: number;
	readonly attempts: number;
}

/** By scheme. */
const PORTS: Readonly<Record<string, number>> = Object.freeze({ ws: 80, wss: 443, mqtt: 1883, mqtts: 8883 });
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 3_600_000;
const MANY = 1_000_000_000;

/** Throws what to do about whatever is wrong. */
export function readSettings(config: Config): Settings {
	const { id, transport, ca, interval, count, attempts } = config;
	if (!/^[\w.-]{1,64}$/.test(id)) throw new Error("id: 1 to 64 letters, digits, dots, dashes and underscores");
	if (transport !== "tcp" && transport !== "socket") throw new Error(`transport=${transport}: it is tcp or socket`);
	const { login, ...where } = parseUrl(config.url);
	if (login && !where.secure && config.insecurePassword !== "yes")
		throw new Error("url: its password would go unencrypted: use wss:// or mqtts://, or add insecurePassword=yes if that is meant");
	// On a board, where ssid=… names its WiFi, a password without a user is the WiFi's.
	const given = config.ssid && !config.user ? "" : config.password;
	if (login && (config.user || given)) throw new Error("url: a user in there, and user=… or password=…: one of them is too much");
	const [user, password] = login ?? [config.user, given];
	if (password && !user) throw new Error("password: it needs a user, too");
	if (where.secure && transport !== "tcp") throw new Error("transport=socket: TLS goes over transport=tcp");
	if (ca && !where.secure) throw new Error("ca: it is for TLS, so the url begins with wss:// or mqtts://");
	return {
		id,
		...where,
		ca,
		transport,
		user: user || undefined,
		password: password || undefined,
		intervalMs: parseInterval(interval),
		count: wholeNumber("count", count, 0, MANY),
		attempts: wholeNumber("attempts", attempts, 0, MANY),
	};
}

/** In ms; 0: see Settings. */
export function parseInterval(text: string): number {
	if (text === "0") return 0;
	return wholeNumber("interval", text, MIN_INTERVAL_MS, MAX_INTERVAL_MS, ", or 0");
}

function wholeNumber(name: string, text: string, minimum: number, maximum: number, also = ""): number {
	const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
	if (value >= minimum && value <= maximum) return value;
	throw new Error(`${name}: a whole number from ${minimum} to ${maximum}${also}`);
}

/** What a url says: its user and password apart, for logs show the rest. */
type Where = Pick<Settings, "url" | "websocket" | "secure" | "host" | "port" | "path"> & { login?: string[] };

/** ws[s]://[user:password@]host[:port][/path] or mqtt[s]://[user:password@]host[:port]. */
function parseUrl(given: string): Where {
	if (!given) throw new Error("no url: add url=ws://host:port/path or url=mqtt://host:port, or wss:// or mqtts:// for TLS");
	const [, start, userInfo, rest] = /^([^/]*\/\/)([^/]*)@(.*)$/.exec(given) ?? ["", "", "", given];
	const url = `${start}${rest}`;
	const parts = /^(wss?|mqtts?):\/\/(\[[0-9a-fA-F:.]+\]|[^/?#:[\]\s]+)(?::(\d{1,5}))?(\/[^#\s]*)?$/.exec(url);
	const [, scheme = "", host, digits, path] = parts ?? [];
	const websocket = scheme.startsWith("ws");
	const port = Number(digits ?? PORTS[scheme]);
	if (!host || port < 1 || port > 65535 || (path && !websocket))
		// What stands before an "@" may be a password all the same.
		throw new Error(
			`${url.replace(/^.*@/, "…@")}: not a broker's url, it looks like ws://host:port/path or mqtt://host:port, or wss:// or mqtts:// for TLS`,
		);
	const where = { url, websocket, secure: scheme === "wss" || scheme === "mqtts", host, port, path: path ?? "/mqtt" };
	if (host.startsWith("[")) where.host = host.slice(1, -1);
	return userInfo ? { ...where, login: parseLogin(userInfo) } : where;
}

/** Of user:password; what has a meaning in a url is percent-encoded. */
function parseLogin(userInfo: string): string[] {
	const colon = userInfo.indexOf(":");
	const end = colon < 0 ? userInfo.length : colon;
	try {
		return [decodeURIComponent(userInfo.slice(0, end)), decodeURIComponent(userInfo.slice(end + 1))];
	} catch {
		throw new Error("url: its user or password is not percent-encoded as it has to be");
	}
}
