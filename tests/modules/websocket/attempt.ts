/* An app for the tests that connects without a Promise, and writes down what it is told. */
import { equal } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { CLOSE_ABNORMAL, type WebsocketRequest, websocketConnectStart } from "websocket";
import { asciiOf, type Kind, transportTo } from "./client";
import { pair } from "./pair";

const TEXT = 1;

/** A connection of its own there and back: whatever the loop had to tell about others is told. */
export async function settled(): Promise<void> {
	const both = await pair("tcp");
	await both.client.send(asciiOf("x"), TEXT);
	equal(await both.server.receiveText(), "x");
	both.close();
}

/** Starts to connect, and writes down what is told. */
export class Attempt {
	readonly events: string[] = [];
	readonly request: WebsocketRequest<string>;
	readonly transport: Transport;
	ws: number;
	/** "open" or "close …", what came first. */
	readonly outcome: Promise<string>;
	readonly ended: Promise<string>;

	constructor(transport: Transport, host: string, url: string, options: Partial<WebsocketRequest<string>> = {}, timeout = 20_000) {
		let decide: (event: string) => void;
		let end: (event: string) => void;
		this.outcome = new Promise((resolve) => {
			decide = resolve;
		});
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		const tell = (event: string) => {
			this.events.push(event);
			decide(event);
		};
		this.transport = transport;
		const request: WebsocketRequest<string> = {
			host,
			url,
			tmpBuf: new Uint8Array(512),
			txBuf: new Uint8Array(512),
			onClose: (ws, error, { code, reason, clean }, userData) => {
				const event = `close ${error} ${code} ${reason} ${clean}${ws === this.ws && userData === "mine" ? "" : " not mine"}`;
				tell(event);
				end(event);
			},
			...options,
			cb: (ws, seen, userData) => {
				tell(`open${ws === this.ws && (seen as object) === request && userData === "mine" ? "" : " not mine"}`);
				return options.cb?.(ws, seen, userData) ?? 0;
			},
		};
		this.request = request;
		this.ws = -1;
		this.ws = websocketConnectStart(transport, request, timeout, "mine");
	}
}

export const attempt = (kind: Kind, port: number, url: string, options: Partial<WebsocketRequest<string>> = {}, timeout = 20_000) =>
	new Attempt(transportTo(kind, port), `127.0.0.1:${port}`, url, options, timeout);

export const toHost = (kind: Kind, host: string, port: number): Transport =>
	kind === "tcp" ? new TcpTransport({ host, port }) : new SocketTransport({ host, port });

export const lost = (error: number) => `close ${error} ${CLOSE_ABNORMAL}  false`;
