/* Where a url leads, by the rules of the WHATWG standards for URLs and WebSockets. */
import { writeBase64 } from "bytes/base64";
import { URL } from "url";
import { DOMException } from "websocket-web/dom-exception";
import { shared } from "websocket-web/shared";

export interface Address {
	/** As the standard writes it: what `url` of a WebSocket says. */
	readonly url: string;
	/** Scheme, host and port: `origin` of its messages. */
	readonly origin: string;
	/** A name or a numeric address, IPv6 without brackets. */
	readonly host: string;
	/** For the Host header: with brackets, and with the port if that is not the scheme's. */
	readonly authority: string;
	readonly port: number;
	/** Why nobody can be there, although it is a url, so that connecting fails; or "". */
	readonly nowhere: string;
	/** wss: */
	readonly secure: boolean;
	/** Path and query, for the request. */
	readonly target: string;
	/** What `user:password@` makes of the header Authorization, or "". */
	readonly authorization: string;
}

const PERCENT = 0x25;
/** What the URL standard lets be in a host, and RFC 3986 (§3.2.2) and so the header Host do not. */
const NO_NAME = /["`{}]/;

/** Throws a SyntaxError (DOMException) for what is no url, has a fragment, or another scheme than ws, wss, http and https. */
export function addressOf(text: string): Address {
	const parsed = parse(text);
	const [scheme] = parsed.protocol.split(":") as [string];
	// A page's own address, with another scheme in front, is where its server usually is.
	const websocketScheme = scheme === "http" ? "ws" : scheme === "https" ? "wss" : scheme;
	if (websocketScheme !== "ws" && websocketScheme !== "wss")
		throw new DOMException(`the url has the scheme "${scheme}": it has to be ws, wss, http or https`, "SyntaxError");
	const url = websocketScheme + parsed.href.slice(scheme.length);
	// Also an empty one, which `hash` does not show; elsewhere in a url this character is escaped.
	if (url.includes("#")) throw new DOMException("the url has a fragment (#), which is not sent: leave it out", "SyntaxError");
	const { hostname, port, username, password } = parsed;
	const secure = websocketScheme === "wss";
	return {
		url,
		origin: `${websocketScheme}://${parsed.host}`,
		host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
		authority: parsed.host,
		port: port ? Number(port) : secure ? 443 : 80,
		// Fetch §2.9 has more of the first kind, for the sake of who shares a network with a browser.
		nowhere: port === "0" ? "nobody can listen at port 0" : NO_NAME.test(hostname) ? `no host is called ${hostname}` : "",
		secure,
		target: url.slice(url.indexOf("/", websocketScheme.length + 3)),
		authorization: username || password ? basic(username, password) : "",
	};
}

function parse(text: string): URL {
	try {
		return new URL(text);
	} catch (error) {
		const { message } = error as Error;
		if (message.includes("punycode"))
			throw new DOMException(`the host of "${text}" has to be written in punycode (xn--…) on this device`, "SyntaxError");
		throw new DOMException(`"${text}" is no absolute url, as ws://host/path is`, "SyntaxError");
	}
}

/** RFC 7617 §2. In a url both are percent-encoded. */
function basic(username: string, password: string): string {
	const bytes = percentDecoded(shared.encode(`${username}:${password}`));
	const encoded = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
	writeBase64(bytes, encoded, 0);
	return `Basic ${shared.decode(encoded)}`;
}

function percentDecoded(bytes: Uint8Array): Uint8Array {
	let length = 0;
	for (let i = 0; i < bytes.length; i++) {
		const value = bytes[i] === PERCENT ? digitAt(bytes, i + 1) * 16 + digitAt(bytes, i + 2) : Number.NaN;
		if (value >= 0) i += 2;
		bytes[length++] = value >= 0 ? value : (bytes[i] as number);
	}
	return bytes.slice(0, length);
}

/** The value of a hexadecimal digit, or NaN. */
function digitAt(bytes: Uint8Array, at: number): number {
	const byte = (bytes[at] ?? 0) | 0x20;
	if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
	return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : Number.NaN;
}
