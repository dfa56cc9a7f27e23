/*
 * The door of the room: WebSocket as browsers have it (WHATWG WebSockets §3), and the classes that come with it. A program of a browser
 * needs no other change than the import.
 */
import { copy, text as writeText } from "bytes/block";
import { WEBSOCKET_OPCODE_DATA_BINARY, WEBSOCKET_OPCODE_DATA_TEXT } from "websocket";
import { addressOf } from "websocket-web/address";
import { Blob, blobs } from "websocket-web/blob";
import { closeBody } from "websocket-web/close";
import { DOMException } from "websocket-web/dom-exception";
import { CloseEvent, ErrorEvent, Event, MessageEvent, SharedInit } from "websocket-web/event";
import { EventTarget, targets } from "websocket-web/event-target";
import type { Incoming } from "websocket-web/incoming";
import { asInterface } from "websocket-web/interface";
import { settingsOf, type WebSocketOptions } from "websocket-web/options";
import { type Ending, Session } from "websocket-web/session";
import { shared } from "websocket-web/shared";

export { Blob, type BlobPart, type BlobPropertyBag } from "websocket-web/blob";
export { DOMException } from "websocket-web/dom-exception";
export {
	CloseEvent,
	type CloseEventInit,
	ErrorEvent,
	type ErrorEventInit,
	Event,
	type EventInit,
	MessageEvent,
	type MessageEventInit,
} from "websocket-web/event";
export { type EventListener, type EventListenerObject, EventTarget, type ListenerOptions, type Signal } from "websocket-web/event-target";
export type { WebSocketDestination, WebSocketOptions } from "websocket-web/options";

export type BinaryType = "blob" | "arraybuffer";

/** The events of a WebSocket, by type. */
export interface WebSocketEventMap {
	open: Event;
	message: MessageEvent;
	error: ErrorEvent;
	close: CloseEvent;
}

type Handler<Type extends keyof WebSocketEventMap> = ((this: WebSocket, event: WebSocketEventMap[Type]) => unknown) | null;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

class WebSocket extends EventTarget<WebSocketEventMap> {
	declare static readonly CONNECTING: 0;
	declare static readonly OPEN: 1;
	declare static readonly CLOSING: 2;
	declare static readonly CLOSED: 3;
	declare readonly CONNECTING: 0;
	declare readonly OPEN: 1;
	declare readonly CLOSING: 2;
	declare readonly CLOSED: 3;

	static {
		asInterface(WebSocket, { CONNECTING, OPEN, CLOSING, CLOSED });
	}

	#state = CONNECTING;
	readonly #session: Session;
	#binaryType: BinaryType = "blob";
	#protocol = "";
	readonly #url: string;

	/**
	 * Connects to `url`: ws: and wss:, or http: and https: for the same. `protocols`: the subprotocols, one or more, of which the server has
	 * to choose one; or WebSocketOptions. Events tell the rest. Allocates all that the connection needs but what messages take.
	 *
	 * Throws a DOMException: SyntaxError for a url that is none or has a fragment, and for subprotocols that are none or come twice;
	 * SecurityError for a password in a ws: url, unless `allowInsecurePassword`; NotSupportedError for wss: in a firmware without TLS. Throws
	 * a TypeError or RangeError for options that cannot be, and what transport/tls says of a CA or key that is none.
	 */
	constructor(url: string | { toString(): string }, protocols?: string | Iterable<string> | WebSocketOptions) {
		super();
		// biome-ignore lint/complexity/noArguments: what is undefined is a url that is none; only without one is it a TypeError (Web IDL).
		if (arguments.length === 0) throw new TypeError("a WebSocket needs a url");
		const address = addressOf(String(url));
		const settings = settingsOf(protocols);
		if (address.authorization && !address.secure && !settings.allowInsecurePassword)
			throw new DOMException("a password in a ws: url is sent unencrypted: use wss:, or allowInsecurePassword", "SecurityError");
		this.#url = address.url;
		const init = new SharedInit(address.origin);
		this.#session = new Session(address, settings, {
			onOpen: (protocol: string) => {
				this.#state = OPEN;
				this.#protocol = protocol;
				targets.fire(this, new Event("open"));
			},
			onMessage: (incoming: Incoming) => {
				if (incoming.text) init.data = incoming.toText();
				else if (this.#binaryType === "blob") init.data = blobs.of(incoming.toBuffer());
				else init.data = incoming.toBuffer();
				const event = new MessageEvent("message", init);
				init.data = undefined;
				targets.fire(this, event);
			},
			onEnd: ({ failed, failure, code, reason, clean }: Ending) => {
				this.#state = CLOSED;
				if (failed) targets.fire(this, new ErrorEvent("error", { message: failure }));
				targets.fire(this, new CloseEvent("close", { code, reason, wasClean: clean }));
			},
		});
	}

	/** Where it is connected to, as the URL standard writes it. */
	get url(): string {
		return this.#url;
	}

	/** CONNECTING, OPEN, CLOSING or CLOSED. */
	get readyState(): number {
		return this.#state === OPEN && this.#session.closing ? CLOSING : this.#state;
	}

	/** The subprotocol that the server chose, or "". */
	get protocol(): string {
		return this.#protocol;
	}

	/** None are there to be negotiated. */
	get extensions(): string {
		return "";
	}

	/** What binary messages are received as. Assigning anything else than the two has no effect. */
	get binaryType(): BinaryType {
		return this.#binaryType;
	}

	set binaryType(type: BinaryType) {
		if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
	}

	/**
	 * Bytes of messages that send() was given and that have not left for the network, and those of this turn of the loop; without what frames
	 * add. What could not be sent before the end stays in it, and what is sent after that is added.
	 */
	get bufferedAmount(): number {
		return this.#session.amount;
	}

	/**
	 * Sends a message: text as UTF-8, in which half of a surrogate pair becomes U+FFFD; or bytes, which are the app's again at once. What the
	 * connection has no room for is kept, and sent in its order; if more than maxBufferedAmount would be, the connection fails. Does nothing
	 * but count the bytes once it is closing. Throws an InvalidStateError (DOMException) while it is connecting.
	 */
	send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
		const binary = data instanceof ArrayBuffer || ArrayBuffer.isView(data) || data instanceof Blob;
		const text = binary ? "" : typeof data === "string" ? data : `${data as unknown}`;
		if (this.#state === CONNECTING) throw new DOMException('it is not open yet: wait for "open"', "InvalidStateError");
		const sent = binary ? sendBinary(this.#session, data) : sendText(this.#session, text);
		if (!sent) this.#state = CLOSING;
	}

	/**
	 * Closes the connection, behind what was sent: with a code, 1000 or from 3000 to 4999, and a reason of at most 123 bytes of UTF-8. The
	 * event "close" tells when it is done. What comes until then is dropped. While it is connecting, gives it up: "error" and "close" follow.
	 * Throws an InvalidAccessError for another code, a SyntaxError for a longer reason (both DOMException).
	 */
	close(code?: number, reason?: string): void {
		const body = closeBody(code, reason);
		if (this.#state >= CLOSING) return;
		this.#state = CLOSING;
		this.#session.close(body);
	}

	override get [Symbol.toStringTag](): string {
		return "WebSocket";
	}

	get onopen(): Handler<"open"> {
		return targets.handler(this, "open") as Handler<"open">;
	}

	set onopen(handler: Handler<"open">) {
		targets.setHandler(this, "open", handler);
	}

	get onmessage(): Handler<"message"> {
		return targets.handler(this, "message") as Handler<"message">;
	}

	set onmessage(handler: Handler<"message">) {
		targets.setHandler(this, "message", handler);
	}

	get onerror(): Handler<"error"> {
		return targets.handler(this, "error") as Handler<"error">;
	}

	set onerror(handler: Handler<"error">) {
		targets.setHandler(this, "error", handler);
	}

	get onclose(): Handler<"close"> {
		return targets.handler(this, "close") as Handler<"close">;
	}

	set onclose(handler: Handler<"close">) {
		targets.setHandler(this, "close", handler);
	}
}

function sendText(session: Session, text: string): boolean {
	const scratch = shared.scratch();
	const length = writeText(scratch, 0, text);
	// Too long, or with what UTF-8 has not, or a NUL.
	return length < 0 ? session.sendText(text) : session.send(scratch, length, WEBSOCKET_OPCODE_DATA_TEXT, false);
}

function sendBinary(session: Session, data: ArrayBuffer | ArrayBufferView | Blob): boolean {
	if (data instanceof Uint8Array) return session.send(data, data.length, WEBSOCKET_OPCODE_DATA_BINARY, false);
	if (data instanceof Blob) {
		const bytes = blobs.bytes(data);
		return session.send(bytes, bytes.length, WEBSOCKET_OPCODE_DATA_BINARY, true);
	}
	const length = data.byteLength;
	const scratch = shared.scratch();
	if (data instanceof ArrayBuffer && length <= scratch.length) {
		// A view would be garbage.
		copy(scratch, 0, data, 0, length);
		return session.send(scratch, length, WEBSOCKET_OPCODE_DATA_BINARY, false);
	}
	const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, length);
	return session.send(bytes, length, WEBSOCKET_OPCODE_DATA_BINARY, false);
}

export { WebSocket };
export default WebSocket;
