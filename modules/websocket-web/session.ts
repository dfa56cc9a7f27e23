/*
 * A WebSocket between the door of RFC 6455 and the event loop: one event a turn, so that what a program awaits after one is done before
 * the next comes, as in a browser; messages whole; what is sent in order; and the close frame behind it.
 */
import Timer from "timer";
import { restStage } from "transport/stage";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import {
	ECONNREFUSED,
	EINVAL,
	WEBSOCKET_OPCODE_CLOSE,
	WEBSOCKET_OPCODE_DATA_TEXT,
	type WebsocketRequest,
	websocketConnectStart,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";
import type { Address } from "websocket-web/address";
import { Incoming } from "websocket-web/incoming";
import { inWordsOfApp, type Settings } from "websocket-web/options";
import { Outgoing } from "websocket-web/outgoing";
import { secureTransport } from "websocket-web/secure";
import { shared } from "websocket-web/shared";

/** How it ended. */
export interface Ending {
	/** It failed: there is an error to tell of, in words. */
	readonly failed: boolean;
	readonly failure: string;
	readonly code: number;
	readonly reason: string;
	readonly clean: boolean;
}

/** Who is told what happens: from the event loop, one thing a turn. */
export interface SessionEvents {
	/** It is open; the server chose `protocol`, or "". */
	onOpen(protocol: string): void;
	/** A message came: it is to be had from `incoming` now. */
	onMessage(incoming: Incoming): void;
	/** It is over. Said once, and last. */
	onEnd(ending: Ending): void;
}

/** A timer that does not repeat is gone when it fired; this one is to be used again, and never gets to its repeat: about 12 days. */
const NEVER_MS = 0x3fffffff;
/** What a frame takes of the transmit buffer beside its payload. */
const FRAME_EXTRA = 16;
/** What a request takes beside what the app says in it. */
const REQUEST_SIZE = 256;
const CLOSE_ABNORMAL = 1006;
/**
 * How many turns an event has for itself. On the SDK's boards each runs the promises that are due, but not those that these make due; a
 * program that awaits the next message takes two or three, and has to be done before that comes.
 */
const STEPS = 6;

const CONNECTING = 0;
const OPEN = 1;
/** The app has closed it, or it failed. */
const CLOSING = 2;
const OVER = 3;

export class Session {
	/** An event was told in this turn. */
	#told = false;
	#waking = false;
	/** Turns that it still has for itself. */
	#steps = 0;
	#state = CONNECTING;
	#ws = -1;
	readonly #events: SessionEvents;
	readonly #incoming: Incoming;
	readonly #outgoing: Outgoing;
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	/** Missing if there is nothing to connect to. */
	readonly #transport: Transport | undefined;
	/** What brings the next turn. Two in turn, for in the SDK's simulator a timer that is set by its own callback is never gone. */
	#timer: Timer;
	#other: Timer;
	/** Ends a close that the server does not let happen. */
	#limit: Timer | undefined;
	readonly #closeTimeout: number;
	/** The body of the close frame that is to go out behind all the rest. */
	#body: Uint8Array | undefined;
	/** Why it fails, if it is this side that cannot go on. */
	#failure = "";
	/** close() came before it was open. */
	#canceled = false;
	/** To be told. */
	#ending: Ending | undefined;

	/**
	 * Begins to connect. Throws what the transport's constructor throws, and a TypeError for options that no request can have; whatever
	 * else goes wrong is told by onEnd. Allocates all that the connection needs.
	 */
	constructor(address: Address, settings: Settings, events: SessionEvents) {
		const { url, target, authority, authorization, nowhere } = address;
		const { headers, protocols, sendBufferSize } = settings;
		const optionalHeaders = authorization && !headers.some(isAuthorization) ? [...headers, `Authorization: ${authorization}`] : headers;
		const words = [url, authority, ...protocols, ...optionalHeaders];
		const size = words.reduce((sum, word) => sum + word.length + 2, REQUEST_SIZE);
		const txBuf = new Uint8Array(Math.max(sendBufferSize, size));
		const transport = nowhere ? undefined : open(address, settings);
		this.#events = events;
		this.#transport = transport;
		this.#closeTimeout = settings.closeTimeout;
		this.#incoming = new Incoming(settings.maxMessageSize);
		this.#outgoing = new Outgoing(txBuf.length - FRAME_EXTRA, settings.maxBufferedAmount);
		const turn = () => this.turn();
		this.#timer = Timer.set(turn, NEVER_MS, NEVER_MS);
		this.#other = Timer.set(turn, NEVER_MS, NEVER_MS);
		const request: WebsocketRequest = {
			host: authority,
			url: target,
			subprotocols: protocols,
			optionalHeaders,
			tmpBuf: new Uint8Array(settings.receiveBufferSize),
			txBuf,
			ownSock: true,
			maxMessage: settings.maxMessageSize,
			closeTimeout: settings.closeTimeout,
			pingInterval: settings.pingInterval,
			pongTimeout: settings.pongTimeout,
			cb: (ws, { subprotocol = "" }) => this.opened(ws, subprotocol, protocols.length > 0),
			onReadable: () => this.receive(),
			onWritable: () => this.writable(),
			onClose: (_, error, { code, reason, clean }) => {
				const failure = this.#failure || (error ? transport?.failure || inWordsOfApp(request.failure ?? "") : "");
				this.ended(error, failure, code, reason, clean);
			},
		};
		if (nowhere) {
			this.ended(-ECONNREFUSED, nowhere, CLOSE_ABNORMAL, "", false);
			return;
		}
		const ws = websocketConnectStart(transport as Transport, request, settings.connectTimeout);
		if (ws === -EINVAL) {
			this.stop();
			throw new TypeError(inWordsOfApp(request.failure ?? ""));
		}
		this.#ws = ws;
		if (ws < 0) this.ended(ws, request.failure ?? "", CLOSE_ABNORMAL, "", false);
	}

	/** One of both sides is closing it, or it is over. */
	get closing(): boolean {
		return this.#state >= CLOSING;
	}

	/** What was sent and has not left; see Outgoing. */
	get amount(): number {
		return this.#outgoing.amount;
	}

	/**
	 * Sends a message, or keeps it until there is room. What cannot be kept fails the connection. With `given` nobody changes its bytes
	 * any more. Once it is closing, only counts the bytes.
	 */
	send(bytes: Uint8Array, length: number, opcode: number, given: boolean): boolean {
		const outgoing = this.#outgoing;
		if (this.#state !== OPEN) {
			outgoing.amount += length;
			return true;
		}
		const sent = outgoing.send(bytes, length, opcode, given);
		// The app goes on, and makes garbage.
		restStage();
		if (!sent) this.fail(`no room for ${length} bytes more: ${outgoing.kept} wait to be sent, and maxBufferedAmount is the limit`);
		// What has left counts to the end of the turn.
		this.wake();
		return sent;
	}

	/** The same with text. false: it failed. */
	sendText(text: string): boolean {
		const bytes = shared.encode(text);
		return this.send(bytes, bytes.length, WEBSOCKET_OPCODE_DATA_TEXT, true);
	}

	/** Closes it with a close frame of this body, or empty, behind what was sent. Before it is open: gives it up, which is a failure. */
	close(body: Uint8Array): void {
		if (this.#state === CONNECTING) {
			this.#canceled = true;
			this.#failure = "closed before it was open";
			websocketDisconnect(this.#ws);
		} else if (this.#state === OPEN) {
			this.#body = body;
			this.sayGoodbye();
			this.limit();
		}
		this.#state = CLOSING;
	}

	/** Nothing that is sent or received can be trusted to be whole any more: ends it, from the loop. */
	private fail(failure: string): void {
		this.#failure = failure;
		this.#state = CLOSING;
		this.wake();
	}

	private sayGoodbye(): void {
		const body = this.#body;
		if (body === undefined || !this.#outgoing.empty) return;
		this.#body = undefined;
		websocketSendMsg(this.#ws, body, body.length, WEBSOCKET_OPCODE_CLOSE, true, true, 0);
	}

	/** While something is before the close frame, the server has to take some of it now and then. */
	private limit(): void {
		if (this.#body === undefined) return;
		let amount = this.#outgoing.amount;
		this.#limit = Timer.repeat(() => {
			if (this.#body === undefined || this.#outgoing.amount < amount) amount = this.#outgoing.amount;
			else this.#transport?.close();
		}, this.#closeTimeout);
	}

	private opened(ws: number, protocol: string, offered: boolean): number {
		if (this.#canceled) return 0;
		// WebSockets §2.2: who asks for a subprotocol gets one.
		if (offered && !protocol) {
			this.#failure = "the server chose none of the subprotocols";
			return -EINVAL;
		}
		this.#outgoing.ws = ws;
		this.#state = OPEN;
		this.tell();
		this.#events.onOpen(protocol);
		return 0;
	}

	private receive(): void {
		const bytes = shared.scratch();
		const info = this.#info;
		while (!this.#told) {
			const count = websocketRecvMsg(this.#ws, bytes, bytes.length, info, 0);
			if (count < 0) return;
			// What is made of it is garbage soon, and would be in the way of the stage when that grows.
			restStage();
			// §3.2: what comes once it is closing is dropped.
			if (!this.#incoming.take(bytes, count, info)) continue;
			if (this.#state !== OPEN) this.#incoming.drop();
			else {
				this.tell();
				this.#events.onMessage(this.#incoming);
			}
		}
	}

	private writable(): void {
		this.#outgoing.writable();
		this.sayGoodbye();
	}

	/** An event is about to be told: the next one has to wait for the next turn. */
	private tell(): void {
		this.#told = true;
		this.#steps = STEPS;
		this.wake();
	}

	private wake(): void {
		if (this.#waking) return;
		this.#waking = true;
		Timer.schedule(this.#timer, 0, NEVER_MS);
	}

	/** The next turn of the loop. */
	private turn(): void {
		const timer = this.#timer;
		this.#timer = this.#other;
		this.#other = timer;
		this.#waking = false;
		if (this.#steps > 0) {
			this.#steps--;
			this.wake();
			return;
		}
		this.#told = false;
		this.#outgoing.turn();
		if (this.#ending) this.end(this.#ending);
		else if (this.#failure && !this.#canceled) this.#transport?.close();
		else this.receive();
	}

	private ended(error: number, failure: string, code: number, reason: string, clean: boolean): void {
		const abnormal = error !== 0 || this.#canceled;
		this.#ending = {
			// Once this side is closing, a server that goes without a word, or says none, is no failure.
			failed: abnormal && (this.#state !== CLOSING || this.#failure !== ""),
			failure,
			// What the server was told, and did not say, is not the code of its close frame (RFC 6455 §7.1.5).
			code: abnormal ? CLOSE_ABNORMAL : code,
			reason: abnormal ? "" : reason,
			clean: clean && !abnormal,
		};
		this.#state = CLOSING;
		this.wake();
	}

	private end(ending: Ending): void {
		if (this.#state === OVER) return;
		this.#state = OVER;
		this.stop();
		this.#outgoing.drop();
		this.#incoming.drop();
		this.#events.onEnd(ending);
	}

	private stop(): void {
		Timer.clear(this.#timer);
		Timer.clear(this.#other);
		if (this.#limit) Timer.clear(this.#limit);
	}
}

const isAuthorization = (header: string) => header.toLowerCase().startsWith("authorization:");

function open({ host, port, secure }: Address, { transport, secure: options }: Settings): Transport {
	const to = { host, port, secure };
	if (transport) return transport(to);
	return secure ? secureTransport(to, options) : new TcpTransport({ host, port, nodelay: true });
}
