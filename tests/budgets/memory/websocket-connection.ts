/*
 * What a connection takes of the machine's memory, for tools/memory.ts, which has the peer: `role` client connects to `port` as often
 * as it measures, `role` server says which port it listens on. Live counts are those behind a collection. The buffers and the request
 * are the app's, and made before.
 */
import TCPListener from "embedded:io/socket/listener";
import type TCP from "embedded:io/socket/tcp";
import { exit } from "device";
import config from "mc/config";
import { Listener, Socket } from "socket";
import Timer from "timer";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import {
	WEBSOCKET_OPCODE_DATA_BINARY,
	type WebsocketRequest,
	websocketConnectStart,
	websocketDisconnect,
	websocketInit,
	websocketRecvMsg,
	websocketRegister,
	websocketSendMsg,
} from "websocket";
import { ever, live, nothing, peak, settled } from "./span";

const client = config.role === "client";
const classic = config.transport === "socket";
const RECEIVE = Number(config.tmpBuf);
const TRANSMIT = Number(config.txBuf);
const MESSAGES = Number(config.messages);
/** The first connection makes what all of them share; the last two have to cost the same. */
const CONNECTIONS = 3;

/** All that the app has for one connection, and what it costs. */
class One {
	readonly spans = { transport: live(), handshake: ever(), peak: peak(), open: live(), traffic: live() };
	transport: Transport | undefined;
	ws = -1;
	readonly buffers = { tmpBuf: new Uint8Array(RECEIVE), txBuf: new Uint8Array(TRANSMIT) };
	readonly #bytes = new Uint8Array(RECEIVE);
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	readonly request: WebsocketRequest;
	/** What to do when a message is there; made before, for what is measured in between. */
	message = nothing;
	closed = nothing;

	constructor() {
		this.request = {
			host: "example.com",
			url: "/memory",
			...this.buffers,
			onReadable: (ws) => {
				this.ws = ws;
				while (websocketRecvMsg(ws, this.#bytes, this.#bytes.length, this.#info, 0) >= 0) this.message();
			},
			onClose: () => this.closed(),
		};
	}

	send(length: number): void {
		const result = websocketSendMsg(this.ws, this.buffers.tmpBuf, length, WEBSOCKET_OPCODE_DATA_BINARY, client, true, 0);
		if (result !== length) throw new Error(`sending gave ${result}`);
	}

	/** What the library wrote into the request goes, too. */
	forget(): void {
		const { request } = this;
		delete request.status;
		delete request.subprotocol;
		delete request.failure;
		request.host = request.url = "";
	}

	connect(): void {
		const transport = this.transport as Transport;
		if (client) this.ws = websocketConnectStart(transport, this.request, 10_000);
		else this.ws = websocketRegister(transport, this.buffers.tmpBuf, RECEIVE, this.request);
		if (this.ws < 0) throw new Error(`connecting gave ${this.ws}`);
	}
}

/** Where the server's transports come from: who waits is taken when it is to be measured. */
class Acceptor {
	#waiting = 0;
	#came: () => void = () => {};
	readonly #take: () => Transport;

	constructor() {
		const come = () => {
			this.#waiting++;
			this.#came();
		};
		if (classic) {
			// The classic Listener cannot tell which port it got.
			const finder = new TCPListener({});
			const { port } = finder;
			finder.close();
			const listener = new Listener({ port });
			listener.callback = come;
			this.#take = () => new SocketTransport(new Socket({ listener, noDelay: true }), true);
			trace(`@port ${port}\n`);
		} else {
			const listener = new TCPListener({ onReadable: come });
			this.#take = () => new TcpTransport({ from: listener.read() as TCP, nodelay: true });
			trace(`@port ${listener.port}\n`);
		}
	}

	/** Until somebody waits, as the peer does when it is asked. */
	async waiting(): Promise<void> {
		trace("@connect\n");
		if (this.#waiting === 0)
			await new Promise<void>((resolve) => {
				this.#came = resolve;
			});
		this.#waiting--;
	}

	take(): Transport {
		return this.#take();
	}
}

const acceptor = client ? undefined : new Acceptor();

function makeTransport(): Transport {
	if (acceptor) return acceptor.take();
	const peer = { address: "127.0.0.1", port: Number(config.port) };
	return classic ? new SocketTransport({ ...peer, noDelay: true }) : new TcpTransport({ ...peer, nodelay: true });
}

async function measure(one: One): Promise<void> {
	const { spans } = one;
	await settled();
	spans.transport.begin();
	one.transport = makeTransport();
	await settled();
	spans.transport.end();
	spans.open.begin();
	await new Promise<void>((resolve) => {
		one.message = () => {
			spans.handshake.end();
			spans.peak.end();
			resolve();
		};
		// From callback to callback, for an await in between would be counted.
		Timer.set(() => {
			spans.peak.begin();
			spans.handshake.begin();
			one.connect();
		});
	});
	one.message = nothing;
	await settled();
	spans.open.end();
	spans.traffic.begin();
	for (let length = 1; length <= MESSAGES; length++)
		await new Promise<void>((resolve) => {
			one.message = resolve;
			one.send(length);
		});
	one.message = nothing;
	await settled();
	spans.traffic.end();
}

async function finish(one: One): Promise<void> {
	await new Promise<void>((resolve) => {
		one.closed = resolve;
		websocketDisconnect(one.ws);
	});
	one.closed = nothing;
	one.forget();
	one.transport?.close();
	one.transport = undefined;
}

async function run(): Promise<void> {
	const init = live();
	const buffers = live();
	const held: unknown[] = [undefined, undefined];
	await settled();
	buffers.begin();
	held[0] = new Uint8Array(RECEIVE);
	held[1] = new Uint8Array(TRANSMIT);
	await settled();
	buffers.end();
	const left = live();
	const all: One[] = [];
	for (let i = 0; i < CONNECTIONS; i++) all.push(new One());
	await settled();
	init.begin();
	websocketInit();
	await settled();
	init.end();
	for (const one of all) {
		await acceptor?.waiting();
		await measure(one);
	}
	// Whether the memory of a connection comes back: all but the first, which has made what is shared.
	await finish(all[0] as One);
	await settled();
	left.begin();
	for (const one of all.slice(1)) await finish(one);
	await settled();
	left.end();
	const connections = all.map(({ spans: { transport, handshake, peak, open, traffic } }) => ({
		transport: transport.result(),
		handshake: handshake.result(),
		peak: peak.result(),
		open: open.result(),
		traffic: traffic.result(),
	}));
	trace(`@memory ${JSON.stringify({ init: init.result(), buffers: buffers.result(), returned: left.result(), connections })}\n`);
	exit(0);
}

run().catch((error) => {
	Timer.set(() => {
		throw error;
	});
});
