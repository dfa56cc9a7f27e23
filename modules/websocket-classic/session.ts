/*
 * What a Client does, the server's clients included, kept apart from the class, whose instances are the apps': they put there what they
 * like, under any name.
 */
import type { Socket } from "socket";
import Timer from "timer";
import {
	type WebsocketClose,
	type WebsocketOptions,
	type WebsocketRegistration,
	websocketConnectStart,
	websocketDisconnect,
	websocketRegister,
} from "websocket";
import { type Carried, carry, carryConnected } from "websocket-classic/carrier";
import { Inbox } from "websocket-classic/inbox";
import {
	type ClientOptions,
	inWordsOfApp,
	queueOf,
	requestOf,
	type ServerOptions,
	type Settings,
	settingsOf,
	TIMEOUT_MS,
} from "websocket-classic/options";
import { type Message, Outbox } from "websocket-classic/outbox";
import { Plug } from "websocket-classic/plug";

/** What a callback is told first. */
export const CONNECT = 1;
export const HANDSHAKE = 2;
export const RECEIVE = 3;
export const DISCONNECT = 4;
export const SUBPROTOCOL = 5;

/** Whose callback is called, as its method. */
export interface Owner {
	callback?: ((message: number, value?: unknown) => unknown) | undefined;
}

/** After close(): how long what was written before may take to leave, in ms. */
const LINGER_MS = 10_000;
/** What a transmit buffer holds beside payload. */
const FRAME_EXTRA = 24;

export class Session {
	readonly #owner: Owner;
	readonly #plug: Plug;
	readonly #socket: Socket | undefined;
	readonly #outbox: Outbox;
	readonly #inbox = new Inbox();
	readonly #request: WebsocketOptions;
	#ws = -1;
	/** The app has to hear of it: until close(), detach() or the end. */
	#told = true;
	/** What the client offers, as it came. */
	#offered: string[] | undefined;
	/** See linger(). */
	#linger: Timer | undefined;
	/** The server's answer has not gone out yet. */
	#asked = false;
	/** Server: what the app hears first. */
	#greeting: (() => void) | undefined;

	private constructor(owner: Owner, { carrier, socket }: Carried, settings: Settings, server: boolean, limit: number, before?: Uint8Array) {
		this.#owner = owner;
		this.#socket = socket;
		this.#outbox = new Outbox(!server, limit, settings.txBuf.length - FRAME_EXTRA);
		this.#request = {
			...settings,
			onReadable: () => this.readable(),
			onWritable: () => this.writable(),
			onClose: (_: number, error: number, close: WebsocketClose) => this.ended(error, close),
		};
		this.#plug = new Plug(carrier, before, server ? undefined : () => this.tell(CONNECT));
	}

	/** See the constructor of Client. */
	static connect(owner: Owner, options: ClientOptions): Session {
		const settings = requestOf(options);
		const session = new Session(owner, carry(options), settings, false, queueOf(options));
		const request = session.#request as WebsocketOptions & typeof settings;
		request.cb = () => {
			session.tell(HANDSHAKE, request.subprotocol || undefined);
			return 0;
		};
		return session.begun(websocketConnectStart(session.#plug, request, options.timeout ?? TIMEOUT_MS));
	}

	/**
	 * A server's client, on a socket that is connected; `before` was read of it. `greet` tells the app of it, before anything else does.
	 * Throws an Error, and closes the socket, if there is no room for another connection.
	 */
	static accept(owner: Owner, socket: Socket, options: ServerOptions, greet: () => void, before?: Uint8Array): Session {
		const settings = settingsOf(options);
		const session = new Session(owner, carryConnected(socket), settings, true, queueOf(options), before);
		const request: WebsocketRegistration = session.#request;
		session.#greeting = greet;
		request.handshakeTimeout = options.timeout ?? TIMEOUT_MS;
		request.cb = () => session.ask(request);
		request.httpCb = { onHeader: (name, value) => session.header(name, value) };
		return session.begun(websocketRegister(session.#plug, settings.tmpBuf, settings.tmpBuf.length, request));
	}

	/** Tells the app that this is there, if it has not been told. */
	greet(): void {
		const greeting = this.#greeting;
		this.#greeting = undefined;
		greeting?.();
	}

	/** See Client.write. */
	write(message: Message): void {
		if (!this.#told) throw new Error("not connected");
		this.#outbox.write(this.#ws, message, this.#plug.room);
	}

	/** See Client.close. */
	close(): void {
		if (!this.#told) return;
		this.#told = false;
		this.#inbox.forget();
		// What was asked for is answered when the app returns.
		if (this.#asked) return;
		if (this.#outbox.empty) this.goodbye();
		else this.linger();
	}

	/** See Client.detach. */
	detach(): Socket | undefined {
		const socket = this.#socket;
		this.#told = false;
		this.forget();
		if (socket === undefined) {
			this.#plug.close();
			return undefined;
		}
		this.#plug.pull();
		delete (socket as { callback?: unknown }).callback;
		return socket;
	}

	private begun(ws: number): Session {
		if (ws < 0) throw new Error(inWordsOfApp(this.#request.failure ?? "") || `no WebSocket: error ${ws}`);
		this.#ws = ws;
		return this;
	}

	/** Calls the app, if it wants to be called still. */
	private tell(message: number, value?: unknown): unknown {
		this.greet();
		return this.#told ? this.#owner.callback?.(message, value) : undefined;
	}

	/** close() waits: for what was written before to leave, but not for ever; otherwise for the answer to the request, which is about to. */
	private linger(): void {
		const { empty } = this.#outbox;
		const over = () => {
			this.#linger = undefined;
			if (empty) this.goodbye();
			else this.#plug.close();
		};
		this.#linger = Timer.set(over, empty ? 0 : LINGER_MS);
	}

	/** Begins the close handshake; one that has no connection yet is given up. */
	private goodbye(): void {
		if (websocketDisconnect(this.#ws) < 0) this.#plug.close();
	}

	private readable(): void {
		while (this.#told) {
			const message = this.#inbox.next(this.#ws);
			if (message === undefined) return;
			this.tell(RECEIVE, message);
		}
	}

	private writable(): void {
		this.#outbox.flush(this.#ws);
		if (!this.#told && this.#outbox.empty) this.goodbye();
	}

	private header(name: string, value: string): void {
		if (name.toLowerCase() !== "sec-websocket-protocol") return;
		this.#offered ??= [];
		for (const one of value.split(",")) this.#offered.push(one.trim());
	}

	/** Server: the client's request came and is right. */
	private ask(request: WebsocketRegistration): number {
		const offered = this.#offered;
		this.#offered = undefined;
		this.#asked = true;
		this.greet();
		if (offered) {
			// In lower case, as the SDK's class tells them.
			const names = offered.map((name) => name.toLowerCase());
			const chosen = this.tell(SUBPROTOCOL, names);
			const index = typeof chosen === "string" ? names.indexOf(chosen.trim().toLowerCase()) : -1;
			request.subprotocols = index < 0 ? [] : [offered[index] as string];
		}
		const wanted = this.#told;
		// What the app writes now waits for the answer to go out, and so does close().
		this.tell(HANDSHAKE, request.url);
		this.#asked = false;
		if (!wanted) return -1;
		if (!this.#told) this.linger();
		return 0;
	}

	private ended(error: number, { reason }: WebsocketClose): void {
		const failure = error === 0 ? reason || undefined : this.#plug.failure || inWordsOfApp(this.#request.failure ?? "") || `error ${error}`;
		this.forget();
		const told = this.#told;
		this.#told = false;
		if (told) this.#owner.callback?.(DISCONNECT, failure);
	}

	private forget(): void {
		if (this.#linger) Timer.clear(this.#linger);
		this.#linger = undefined;
		this.#outbox.clear();
		this.#inbox.forget();
	}
}
