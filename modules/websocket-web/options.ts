/*
 * What an app may say in the second argument beside the subprotocols. A browser's program says nothing of it: then the defaults hold,
 * or those in "webSocket" of the manifest's "config".
 */
import config from "mc/config";
import type { Transport } from "transport/transport";
import { DOMException } from "websocket-web/dom-exception";

/** Where a connection goes to. */
export interface WebSocketDestination {
	/** A name or a numeric address. */
	readonly host: string;
	readonly port: number;
	/** wss: the stream has to be TLS. */
	readonly secure: boolean;
}

export interface WebSocketOptions {
	/** As the second argument of a browser's: offered to the server, which has to choose one of them. */
	protocols?: string | Iterable<string>;
	/** More headers of the request: an object, a Map, or pairs. */
	headers?: Record<string, string> | Iterable<readonly [string, string]>;
	/** true: a password in a ws: url is sent, for anybody on the way to read. Otherwise that is a SecurityError. */
	allowInsecurePassword?: boolean;
	/** Of TLS, for wss: CA, client certificate and so on, as transport/tls takes it. */
	secure?: Record<string, unknown>;
	/** A message received may have so many bytes; a longer one fails the connection (the server is told 1009). 16,384 if missing. */
	maxMessageSize?: number;
	/** So many bytes may wait to be sent; what finds no room fails the connection. 32,768 if missing. */
	maxBufferedAmount?: number;
	/** Takes what arrives, and the headers of the server's answer, which have to fit. 1,024 bytes if missing. */
	receiveBufferSize?: number;
	/** A message that is 16 bytes shorter leaves at once and is not kept, if there is room. 528 bytes if missing; more if the request needs it. */
	sendBufferSize?: number;
	/** For the connection and the handshake, in ms. 30,000 if missing. */
	connectTimeout?: number;
	/** For the close handshake, and for the server to take each message that was sent before it, in ms. 3,000 if missing. */
	closeTimeout?: number;
	/** After so many ms without a byte from the server it is pinged; it has `pongTimeout` ms to answer. 0, never, if missing. */
	pingInterval?: number;
	pongTimeout?: number;
	/** Makes the stream below, instead of TCP and TLS. */
	transport?: (to: WebSocketDestination) => Transport;
}

/** The same with everything decided. */
export type Settings = Required<Omit<WebSocketOptions, "transport" | "protocols" | "headers" | "secure">> & {
	readonly protocols: readonly string[];
	/** "Name: value" each. */
	readonly headers: readonly string[];
	readonly secure: Record<string, unknown>;
	readonly transport: ((to: WebSocketDestination) => Transport) | undefined;
};

const DEFAULTS = Object.freeze({
	allowInsecurePassword: false,
	maxMessageSize: 16_384,
	maxBufferedAmount: 32_768,
	receiveBufferSize: 1024,
	sendBufferSize: 528,
	connectTimeout: 30_000,
	closeTimeout: 3000,
	pingInterval: 0,
	pongTimeout: 10_000,
});

/** The least that each number may be; all are whole. */
const LEAST: Readonly<Record<string, number>> = Object.freeze({
	maxMessageSize: 1,
	maxBufferedAmount: 0,
	receiveBufferSize: 128,
	sendBufferSize: 64,
	connectTimeout: 1,
	closeTimeout: 1,
	pingInterval: 0,
	pongTimeout: 1,
});

const MOST = 0x3fffffff;

/** What the options are called at the door of RFC 6455, whose words for a failure name them. */
const AT_THE_DOOR: Readonly<Record<string, string>> = Object.freeze({
	tmpBuf: "receiveBufferSize",
	maxMessage: "maxMessageSize",
	optionalHeaders: "headers",
});

/** The words of the door, with the options as an app knows them. */
export function inWordsOfApp(failure: string): string {
	return Object.entries(AT_THE_DOOR).reduce((words, [theirs, ours]) => words.replace(theirs, ours), failure);
}

/**
 * The second argument of the constructor: subprotocols, options, or nothing. Throws a SyntaxError (DOMException) for a subprotocol that
 * is none or comes twice, a TypeError or RangeError for an option that cannot be.
 */
export function settingsOf(argument: unknown): Settings {
	const options: WebSocketOptions =
		typeof argument === "object" && argument !== null && !(Symbol.iterator in argument)
			? (argument as WebSocketOptions)
			: { protocols: argument as string | undefined };
	const defaults = { ...DEFAULTS, ...(config.webSocket as WebSocketOptions | undefined) };
	const settings: Record<string, unknown> = { ...defaults, transport: undefined };
	for (const [name, value] of Object.entries(options)) if (value !== undefined) settings[name] = value;
	for (const name of Object.keys(LEAST)) {
		const value = settings[name] as number;
		const least = LEAST[name] as number;
		if (!Number.isInteger(value) || value < least || value > MOST) throw new RangeError(`${name}: a whole number, ${least} or more`);
	}
	const { transport, secure } = settings;
	if (transport !== undefined && typeof transport !== "function") throw new TypeError("transport: a function");
	if (secure !== undefined && (typeof secure !== "object" || secure === null)) throw new TypeError("secure: an object");
	return {
		...settings,
		secure: { ...defaults.secure, ...options.secure },
		protocols: protocolsOf(settings.protocols),
		headers: headersOf(settings.headers),
	} as unknown as Settings;
}

/** RFC 9110 §5.6.2: letters, digits, and what separates nothing. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function protocolsOf(value: unknown): string[] {
	if (value === undefined) return [];
	const list =
		typeof value === "object" && value !== null && Symbol.iterator in value
			? Array.from(value as Iterable<unknown>, String)
			: [String(value)];
	const seen = new Set<string>();
	for (const protocol of list) {
		if (!TOKEN.test(protocol)) throw new DOMException(`"${protocol}" is no subprotocol: letters, digits and -._ are`, "SyntaxError");
		if (seen.has(protocol)) throw new DOMException(`the subprotocol "${protocol}" is there twice`, "SyntaxError");
		seen.add(protocol);
	}
	return list;
}

function headersOf(value: unknown): string[] {
	if (value === undefined || value === null) return [];
	if (typeof value !== "object") throw new TypeError("headers: an object, a Map, or pairs of name and value");
	const pairs = Symbol.iterator in value ? (value as Iterable<readonly [string, string]>) : Object.entries(value);
	return Array.from(pairs, ([name, text]) => `${name}: ${text}`);
}
