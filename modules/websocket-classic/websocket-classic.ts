/*
 * Client and Server of the SDK's classic module `websocket`: the same methods and callback numbers, on the WebSocket of this project. RFC 6455
 * is the business of the door `websocket`.
 */
import { Listener, Socket } from "socket";
import Timer from "timer";
import { type ClientOptions, type ServerOptions, settingsOf } from "websocket-classic/options";
import type { Message } from "websocket-classic/outbox";
import { CONNECT, DISCONNECT, HANDSHAKE, type Owner, RECEIVE, Session, SUBPROTOCOL } from "websocket-classic/session";

export type { ClientOptions, CommonOptions, ServerOptions } from "websocket-classic/options";
export type { Message } from "websocket-classic/outbox";

/** What attach() gets has lost its first line already. */
const REQUEST_LINE = "GET / HTTP/1.1\r\n";

/** How a server makes its clients. */
class Accepted {
	readonly socket: Socket;
	readonly options: ServerOptions;
	readonly greet: () => void;
	readonly before: Uint8Array | undefined;
	/** What became of it. */
	session: Session | undefined;

	constructor(socket: Socket, options: ServerOptions, greet: () => void, before?: Uint8Array) {
		this.socket = socket;
		this.options = options;
		this.greet = greet;
		this.before = before;
	}
}

export class Client {
	/** There is a TCP connection. */
	static readonly connect = CONNECT;
	/** The WebSocket is open. `value`: the subprotocol, if the server chose one. */
	static readonly handshake = HANDSHAKE;
	/** A message came: `value` is a string or an ArrayBuffer. */
	static readonly receive = RECEIVE;
	/** It is over, or came to nothing; the last one. `value`: why, in words, if there is something to say. */
	static readonly disconnect = DISCONNECT;

	/**
	 * `message` is one of the numbers of the class. Set it at once, or have it as a method of a subclass; it is called from the event loop, never
	 * from inside of a method.
	 */
	callback?(this: Client, message: number, value?: unknown): unknown;
	readonly #session: Session;

	/**
	 * Begins to connect. Allocates all that the connection needs. Throws a TypeError or RangeError for an option that cannot be; an Error if
	 * no request can be made of them, or WEBSOCKET_MAX_CONTEXTS connections are in use; and what the class of the socket throws.
	 */
	constructor(options: ClientOptions) {
		const accepted: unknown = options;
		if (accepted instanceof Accepted) {
			this.#session = Session.accept(this as Owner, accepted.socket, accepted.options, accepted.greet, accepted.before);
			accepted.session = this.#session;
		} else this.#session = Session.connect(this as Owner, options);
	}

	/**
	 * Sends a message: a string as text, an ArrayBuffer or a view of one as binary, anything else as the text of it. What the socket does not
	 * take at once is copied, and goes later. Throws an Error, and takes nothing, after the end, or if more than `maxQueue` bytes wait already.
	 */
	write(message: Message): void {
		this.#session.write(message);
	}

	/** Ends the connection: what was written leaves first, then a close frame. No callback follows. */
	close(): void {
		this.#session.close();
	}

	/**
	 * Gives up the WebSocket, without a word to the peer, and gives its socket to the app, connected and without a callback: the one that came
	 * in the options, or of their class, or that a server accepted; otherwise it is closed, and this gives undefined.
	 */
	detach(): Socket | undefined {
		return this.#session.detach();
	}
}

export class Server {
	static readonly connect = CONNECT;
	/** `value`: path and query that were asked for. */
	static readonly handshake = HANDSHAKE;
	static readonly receive = RECEIVE;
	static readonly disconnect = DISCONNECT;
	/** `value`: the subprotocols that the client offers, in lower case; the callback's result is chosen, if it is one of them. */
	static readonly subprotocol = SUBPROTOCOL;

	/** Becomes that of the clients that come, so `this` is the client. What it gives for Server.subprotocol is chosen, if it is one of `value`. */
	callback?(this: Client, message: number, value?: unknown): unknown;
	readonly #options: ServerOptions;
	#listener: Listener | undefined;

	/**
	 * Listens at `port`, 80 if missing; with null, connections come by attach() only. Throws what `new Listener` throws, and a RangeError for
	 * a size that cannot be.
	 */
	constructor(options: ServerOptions = {}) {
		this.#options = options;
		settingsOf(options);
		const { port = 80, address } = options;
		if (port === null) return;
		const listener = new Listener(address === undefined ? { port } : { port, address });
		this.#listener = listener;
		listener.callback = () => {
			let session: Session | undefined;
			try {
				session = this.#accept(new Socket({ listener, noDelay: true }));
			} catch {
				// One that came while there is no room for another is gone again.
			}
			session?.greet();
		};
	}

	/** Listens no more. Clients that are there stay. */
	close(): void {
		// The SDK's typings do not know of it.
		(this.#listener as { close(): void } | undefined)?.close();
		this.#listener = undefined;
	}

	/**
	 * Makes a client of a socket whose HTTP request has been read as far as its first line, as the SDK's HTTP server gives it with detach().
	 * The headers are read here, and answered. Throws an Error, and closes the socket, if there is no room for another connection.
	 */
	attach(socket: Socket): void {
		const session = this.#accept(socket, new Uint8Array(ArrayBuffer.fromString(REQUEST_LINE)));
		Timer.set(() => session.greet());
	}

	/** Makes a client, whose app has not been told yet. */
	#accept(socket: Socket, before?: Uint8Array): Session {
		let client: Client | undefined;
		const accepted = new Accepted(socket, this.#options, () => client?.callback?.(CONNECT, this), before);
		client = new Client(accepted as object);
		client.callback = this.callback;
		return accepted.session as Session;
	}
}

export default Object.freeze({ Client, Server });
