/*
 * One handle: what ties a connection to the event loop and to the app. The clock and the timer come in here, and only here the app is
 * called back.
 *
 * Whatever happens, happens in one of two ways. The loop comes, with an event of the transport or the timer: the connection goes on,
 * and the app is told. Or the app comes, with a call of the door: then nobody is called back, but the timer is set to come soon.
 */
import { Deadlines } from "deadlines";
import Time from "time";
import Timer from "timer";
import type { Transport, TransportEvents } from "transport/transport";
import {
	EAGAIN,
	ECANCELED,
	EEXIST,
	FAULT_APP,
	FAULT_HANDSHAKE_LOST,
	FAULT_RESOLVE,
	FAULT_STATUS,
	FAULT_TLS_PROTOCOL,
	faultOf,
	POLLHUP,
	POLLIN,
	POLLOUT,
} from "websocket/codes";
import { CLOSED, CONNECTING, type Connection, OPEN, TIMEOUT_KEEP } from "websocket/connection";
import { Handshake } from "websocket/handshake";
import { INPUT_DATA, INPUT_NONE, READY_NEW, READY_TOLD } from "websocket/input";
import { deaf, type Listening, listener } from "websocket/listener";
import { LOG_ERR, LOG_INF, log, logs } from "websocket/log";
import { leave, pool } from "websocket/pool";
import type { WebsocketOptions, WebsocketRegistration } from "websocket/request";
import type { Upgrade } from "websocket/upgrade";

/** A timer that does not repeat is gone when it fired; this one is to be used again, and never gets to its repeat: about 12 days. */
const NEVER_MS = 0x3fffffff;
/** What a server's app refuses a client with, if it does not say. */
const STATUS_FORBIDDEN = 403;

/** What is waited for. */
const WAIT_CONNECTION = 0;
const WAIT_KEEPALIVE = 1;
const WAIT_RECEIVE = 2;
const WAITS = 3;

/** Soon: before the loop asks the network again. What that says next may be the end of the connection, and then no answer goes out any more. */
const WAKE_MS = 0;
/** Soon after what is told just now. */
const WAKE_AGAIN_MS = 1;

/** A handle is a generation above an index, so that one of an ended connection fits no later one. */
export const INDEX_BITS = 6;
const GENERATION_MASK = 0xffffff;

/** Somebody who waits for one of `events`. */
export interface Waiter {
	readonly events: number;
	readonly resolve: (events: number) => void;
}

/** How a context begins. */
export interface Beginning {
	readonly transport: Transport;
	readonly options: WebsocketOptions;
	readonly userData: unknown;
	/** Whether the app owns the handle already: then onClose tells a failure, otherwise `resolve` does. */
	readonly resolve: ((result: number) => void) | undefined;
	/** For the handshake. */
	readonly timeoutMs: number;
}

export class Context implements TransportEvents, Listening {
	// What every message needs comes first, for the engine looks for a field from the first one on.
	/** The short way, while there is a connection. */
	onReadable: (this: Listening) => void = deaf;
	userData: unknown;
	#options: WebsocketOptions | undefined;
	/** Of the connection, also after its end, until the context is used again; -1 before the first one. */
	handle = -1;
	/** A receive deadline is running. */
	#waiting = false;
	connection: Connection | undefined;
	transport: Transport | undefined;
	/** The transport is closed when the connection has ended. */
	ownSock = false;
	/** The app was not told yet what became of the handshake. */
	#pending = false;
	/** What cb gave, if it did not want the connection. */
	#refused = 0;
	#resolve: ((result: number) => void) | undefined;
	#timer: Timer | undefined;
	/** It is set to come soon. Events that come more often than that must not put it off. */
	#waking = false;
	/** Its callback runs. */
	#firing = false;
	readonly #index: number;
	#generation = 0;
	readonly #deadlines = new Deadlines(WAITS);
	#waiters: Waiter[] | undefined;
	/** One function for the life of the context. */
	readonly #fire = () => this.onTimer();

	constructor(index: number) {
		this.#index = index;
	}

	get free(): boolean {
		return this.#options === undefined;
	}

	/** Takes over the transport for a connection whose handshake is prepared, or needs none: 0, or -EEXIST if it is in use. */
	begin(connection: Connection, beginning: Beginning): number {
		const { transport, options } = beginning;
		if (!transport.start(this)) return -EEXIST;
		this.#generation = (this.#generation + 1) & GENERATION_MASK;
		this.handle = (this.#generation << INDEX_BITS) | this.#index;
		connection.name(this.handle);
		this.connection = pool.connections[this.#index] = connection;
		this.onReadable = listener(connection.input, options);
		this.transport = transport;
		this.#options = options;
		this.userData = beginning.userData;
		this.#resolve = beginning.resolve;
		this.ownSock = options.ownSock === true;
		this.#waiting = this.#waking = this.#firing = false;
		this.#refused = 0;
		this.#deadlines.clear();
		this.#pending = connection.state === CONNECTING;
		if (this.#pending) connection.timeoutMs = beginning.timeoutMs;
		this.#timer = Timer.set(this.#fire, NEVER_MS, NEVER_MS);
		// The socket may be open already, and then nothing else would begin.
		this.schedule(connection, true);
		return 0;
	}

	/** The long way: looks at all that may be, and reads. */
	come(): void {
		const connection = this.connection;
		if (connection === undefined) return;
		if (connection.watched) this.recover(connection);
		if (connection.open) this.tellReadable(connection);
		else {
			connection.readable();
			if (connection.input.ready === READY_NEW) connection.changed = true;
		}
		// Whatever is not as usual sets this.
		if (connection.changed) this.deliver(connection);
		else connection.rest();
	}

	onWritable(): void {
		const connection = this.connection;
		if (connection === undefined) return;
		if (connection.watched) this.recover(connection);
		// Nothing waits for room: so it is after nearly every message.
		if (connection.data.quick === connection.handle && !connection.changed && !connection.blocked) return;
		connection.writable();
		this.deliver(connection);
	}

	onClosed(error: number): void {
		const connection = this.connection;
		if (connection === undefined) return;
		if (error !== -ECANCELED) {
			if (connection.watched) this.recover(connection);
			connection.transportClosed(error);
			this.deliver(connection);
		} else {
			// The app's own doing, and perhaps in a callback. At once, so that the context is free when close() returns.
			connection.cancel();
			if (!connection.watched) this.deliver(connection);
		}
	}

	/** The app called, and something may have come of it. */
	called(connection: Connection): void {
		// It will be looked at when the callback is over.
		if (connection.watched) connection.input.settle();
		else if (connection.changed) this.schedule(connection, true);
	}

	/** The app called websocketRecvMsg, and this was the result. */
	received(connection: Connection, result: number, timeoutMs: number): void {
		if (result === -EAGAIN && timeoutMs > 0) {
			this.#waiting = connection.changed = true;
			connection.input.settle();
			this.#deadlines.set(WAIT_RECEIVE, Time.ticks, timeoutMs);
		} else if (this.#waiting) this.stopWaiting(connection);
		if (connection.watched) return;
		// What is left in the buffer, or in the socket, would not be told about again: a message, a ping, a close, the end.
		if (result >= 0 || connection.changed) this.schedule(connection, true);
	}

	/** What poll would say now. */
	get events(): number {
		const connection = this.connection;
		if (connection === undefined) return POLLIN | POLLHUP;
		if (this.#pending) return 0;
		return (connection.input.ready ? POLLIN : 0) | (connection.sendable ? POLLOUT : 0);
	}

	/** Asks to be told when one of its events is there. */
	wait(waiter: Waiter): void {
		this.#waiters ??= [];
		this.#waiters.push(waiter);
		const connection = this.connection;
		if (connection === undefined) return;
		connection.changed = true;
		connection.input.settle();
	}

	/** Reads what the transport has, if there is room. */
	look(): void {
		const connection = this.connection;
		if (connection === undefined) return;
		connection.pump();
		this.called(connection);
	}

	/** It has waited enough. */
	forget(waiter: Waiter): void {
		const left = this.#waiters?.filter((other) => other !== waiter);
		this.#waiters = left?.length ? left : undefined;
	}

	private onTimer(): void {
		const connection = this.connection as Connection;
		const deadlines = this.#deadlines;
		const now = Time.ticks;
		this.#waking = false;
		this.#firing = true;
		connection.changed = true;
		if (connection.watched) this.recover(connection);
		if (deadlines.over(WAIT_CONNECTION, now)) connection.expire();
		if (deadlines.over(WAIT_KEEPALIVE, now)) connection.keep();
		connection.advance();
		if (deadlines.over(WAIT_RECEIVE, now)) {
			this.#waiting = false;
			if (connection.state <= OPEN && !connection.input.ready) this.tellTimeout(connection);
		}
		this.deliver(connection);
		this.#firing = false;
	}

	/** A callback of the app threw, and the engine went on: nobody knows what the app has seen. */
	private recover(connection: Connection): void {
		const resolve = this.#resolve;
		connection.telling = this.#pending = false;
		connection.input.told();
		this.#resolve = undefined;
		if (connection.state !== CLOSED) connection.fail(FAULT_APP);
		if (!resolve) return;
		// The app has no handle: nobody waits for the peer's answer.
		connection.expire();
		resolve(this.fail(connection));
	}

	/** From the loop: tells the app what there is to tell, then sees to what comes next. */
	private deliver(connection: Connection): void {
		if (this.#pending) this.tellOutcome(connection);
		else this.tell(connection);
		if (this.#waiters !== undefined) this.tellWaiters();
		if (connection.changed) this.settle(connection);
		connection.rest();
	}

	private settle(connection: Connection): void {
		// Already ended by what was told.
		if (this.connection !== connection) return;
		connection.advance();
		if (connection.state === CLOSED) {
			this.end(connection);
			return;
		}
		const untold = connection.input.ready === READY_NEW;
		this.schedule(connection, (this.#pending ? connection.asked : untold) || (connection.blocked && connection.sendable));
	}

	/** Reads, and calls until the app took all there is, or took nothing: then it knows, and will come when it wants more. */
	private tellReadable(connection: Connection): void {
		const input = connection.input;
		do {
			const found = input.next();
			if (found === INPUT_NONE) return;
			if (found !== INPUT_DATA) connection.act(found);
			if (input.ready !== READY_NEW) return;
			if (this.#waiting) this.stopWaiting(connection);
			connection.telling = true;
			input.ready = READY_TOLD;
			this.#options?.onReadable?.(this.handle, this.userData);
			connection.telling = false;
		} while (connection.state !== CLOSED);
	}

	/** Tells that there is something to receive, or room to send. */
	private tell(connection: Connection): void {
		for (;;) {
			if (connection.input.ready === READY_NEW) this.tellReadable(connection);
			if (!connection.blocked || !connection.sendable) break;
			connection.blocked = false;
			connection.telling = true;
			this.#options?.onWritable?.(this.handle, this.userData);
			connection.telling = false;
			connection.advance();
		}
	}

	/** Something came: nobody waits for it any more. */
	private stopWaiting(connection: Connection): void {
		this.#waiting = false;
		this.#deadlines.set(WAIT_RECEIVE, 0, -1);
		connection.changed = true;
	}

	private tellTimeout(connection: Connection): void {
		connection.telling = true;
		this.#options?.onTimeout?.(this.handle, this.userData);
		connection.telling = false;
	}

	private tellWaiters(): void {
		const events = this.events;
		for (const waiter of this.#waiters ?? []) {
			if ((events & waiter.events) === 0) continue;
			this.forget(waiter);
			waiter.resolve(events & waiter.events);
		}
	}

	/** Tells what became of the handshake, if that is decided. */
	private tellOutcome(connection: Connection): void {
		connection.telling = true;
		if (connection.asked) this.ask(connection);
		const refused = connection.state === CONNECTING ? 0 : this.tellAnswer(connection);
		connection.telling = false;
		if (connection.state !== CONNECTING) this.decide(connection, refused);
	}

	/** Client: what the server said, and whether the app likes it. */
	private tellAnswer(connection: Connection): number {
		const options = this.#options as WebsocketOptions;
		const handshake = connection.handshake;
		if (!(handshake instanceof Handshake)) return 0;
		options.status = handshake.status;
		options.subprotocol = handshake.subprotocol;
		if (handshake.status) this.tellHeaders(options, handshake);
		// They may have closed it.
		return connection.state === OPEN ? (options.cb?.(this.handle, options, this.userData) ?? 0) : 0;
	}

	/** The app gets the handle, or hears why not. */
	private decide(connection: Connection, refused: number): void {
		const options = this.#options as WebsocketOptions;
		const resolve = this.#resolve;
		this.#pending = false;
		this.#resolve = undefined;
		connection.forgetHandshake();
		if (refused < 0) {
			connection.abandon();
			this.#refused = refused;
		}
		if (resolve && connection.state === CLOSED && connection.fault) resolve(this.fail(connection));
		else if (connection.state === CLOSED) {
			// The app has a handle, from websocketConnectStart or in cb: onClose tells it.
			resolve?.(this.handle);
		} else {
			options.failure = "";
			if (logs(LOG_INF)) log(options, `open as ${this.handle}`);
			// Frames may have come with the answer: the app gets them once it has the handle.
			connection.changed = true;
			if (resolve) resolve(this.handle);
			else this.tell(connection);
		}
	}

	/** Shows the client's request to the app, and answers it. */
	private ask(connection: Connection): void {
		const options = this.#options as WebsocketRegistration;
		const upgrade = connection.handshake as Upgrade;
		options.url = upgrade.url;
		options.host = upgrade.host;
		options.status = 0;
		this.tellHeaders(options, upgrade);
		const verdict = options.cb?.(this.handle, options, this.userData) ?? 0;
		// It may have closed it meanwhile.
		if (!connection.asked || connection.state !== CONNECTING) return;
		if (verdict < 0) connection.reject(options.status || STATUS_FORBIDDEN, options.optionalHeaders ?? []);
		else options.subprotocol = connection.accept(options.subprotocols ?? [], options.optionalHeaders ?? []);
	}

	private tellHeaders(options: WebsocketOptions, handshake: Handshake | Upgrade): void {
		const httpCb = options.httpCb;
		if (!httpCb) return;
		if (handshake instanceof Handshake) httpCb.onStatus?.(handshake.status, handshake.reason, this.userData);
		const headers = handshake.headers ?? [];
		for (let i = 0; i + 1 < headers.length; i += 2) httpCb.onHeader?.(headers[i] as string, headers[i + 1] as string, this.userData);
		httpCb.onHeadersComplete?.(this.userData);
	}

	/** Says in `failure` why it ended before the app had a handle, and gives the errno. */
	private fail(connection: Connection): number {
		const options = this.#options as WebsocketOptions;
		const error = this.judge(connection);
		this.release();
		if (logs(LOG_ERR)) log(options, `no connection: ${options.failure}`);
		return error;
	}

	/** Says in `failure` how it ended, and gives the errno. */
	private judge(connection: Connection): number {
		const options = this.#options as WebsocketOptions;
		const code = connection.fault;
		const refused = this.#refused;
		if (code === 0) options.failure = "";
		else options.failure = refused ? "cb refused the connection" : failureOf(code, options.status ?? 0, this.transport?.failure);
		return refused || (code === 0 ? 0 : -faultOf(code).errno);
	}

	/** The connection ended, and the app has not been told. */
	private end(connection: Connection): void {
		const options = this.#options as WebsocketOptions;
		const userData = this.userData;
		const error = this.judge(connection);
		this.release();
		const { closeCode, closeReason, clean } = connection;
		if (logs(error ? LOG_ERR : LOG_INF))
			log(options, `closed: ${closeCode} ${closeReason}${error ? ` (${error}: ${options.failure})` : ""}`);
		options.onClose?.(this.handle, error, { code: closeCode, reason: closeReason, clean }, userData);
	}

	/** Lets go of all that is the app's. The handle stays, to say -ENOTCONN, until the context is used again. */
	private release(): void {
		const transport = this.transport;
		if (this.#timer) Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#options = undefined;
		this.userData = undefined;
		this.transport = undefined;
		if (this.connection) leave(this.connection);
		this.connection = pool.connections[this.#index] = undefined;
		this.onReadable = deaf;
		if (this.ownSock) transport?.close();
		if (this.#waiters !== undefined) this.tellWaiters();
	}

	/** Sets the timer to what comes first; with `wake`, that is soon. */
	private schedule(connection: Connection, wake: boolean): void {
		const timer = this.#timer;
		if (timer === undefined) return;
		const deadlines = this.#deadlines;
		const now = Time.ticks;
		// While somebody waits, everything is looked at.
		connection.changed = this.#waiting || this.#waiters !== undefined;
		if (connection.timeoutMs !== TIMEOUT_KEEP) deadlines.set(WAIT_CONNECTION, now, connection.timeoutMs);
		if (connection.keepMs !== TIMEOUT_KEEP) deadlines.set(WAIT_KEEPALIVE, now, connection.keepMs);
		connection.timeoutMs = connection.keepMs = TIMEOUT_KEEP;
		if (this.#waking) return;
		this.#waking = wake;
		const soon = this.#firing ? WAKE_AGAIN_MS : WAKE_MS;
		const next = wake ? soon : deadlines.next(now);
		if (next < 0) Timer.schedule(timer);
		else {
			// It has a repeat, and never gets to that, for each time it fires comes back here. In its own callback both have to be the same, or it
			// is never gone in the SDK's simulator.
			const ms = Math.max(next, soon);
			Timer.schedule(timer, ms, ms || 1);
		}
	}
}

/** `below`: what the transport says of its end, which is more than is known here. */
function failureOf(fault: number, status: number, below: string | undefined): string {
	const ofTransport = (fault <= FAULT_RESOLVE && fault >= FAULT_HANDSHAKE_LOST) || fault === FAULT_TLS_PROTOCOL;
	if (ofTransport && below) return below;
	const { meaning } = faultOf(fault);
	return fault === FAULT_STATUS ? `${meaning} (HTTP status ${status})` : meaning;
}
