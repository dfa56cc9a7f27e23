/*
 * What ties a client to the event loop and to the app: the clock, the timer, the transport and randomness come in here, and only here the
 * app is called back. A lost connection is made again from here.
 *
 * Whatever happens, happens in one of two ways. The loop comes, with an event of the transport or the timer: packets are read and told,
 * and what came of it goes out together. Or the app comes, with a call of the door: then the timer is set to come soon, so that what
 * the app says in one go goes out together, too.
 */
import { Deadlines } from "deadlines";
import { Backoff } from "mqtt/backoff";
import { clientFault } from "mqtt/check";
import type { MqttClient, MqttReconnect } from "mqtt/client";
import {
	EBUSY,
	ECANCELED,
	EINVAL,
	MQTT_EVT_DISCONNECT,
	MQTT_FAULT_APP,
	MQTT_FAULT_CONNACK_TIMEOUT,
	MQTT_FAULT_IO,
	MQTT_FAULT_PINGRESP_TIMEOUT,
	MQTT_FAULT_TRANSPORT,
	mqttFaultOf,
	SYS_FOREVER_MS,
} from "mqtt/codes";
import { CLOSED, CLOSING, CONNECTED, CONNECTING, Connection, EVENT_NONE, IDLE } from "mqtt/connection";
import { closedFault, openTransport } from "mqtt/opening";
import { fillRandom } from "random";
import Time from "time";
import Timer from "timer";
import type { Transport, TransportEvents } from "transport/transport";

/** A timer that does not repeat is gone when it fired; this one is to be used again, and never gets to its repeat: about 12 days. */
const NEVER_MS = 0x3fffffff;
/** Soon, from the event loop. */
const WAKE_MS = 1;
const CLOSE_TIMEOUT_MS = 3000;
/** A server has to end the connection at once after DISCONNECT. */
const LINGER_MS = 1000;
const CONNACK_TIMEOUT_MS = 10_000;
const PINGRESP_TIMEOUT_MS = 10_000;
const RECONNECT_MIN_MS = 1000;
const RECONNECT_MAX_MS = 60_000;
const MS_PER_S = 1000;

const NOTHING: MqttReconnect = Object.freeze({});

/** What is waited for. */
const WAIT_CONNECTION = 0;
const WAIT_KEEPALIVE = 1;
const WAIT_PINGRESP = 2;
const WAIT_RECONNECT = 3;
const WAITS = 4;

/** 0 to 65,535. Allocates. */
function random16(): number {
	const random = new Uint8Array(2);
	fillRandom(random, 0, 2);
	return ((random[0] as number) << 8) | (random[1] as number);
}

export class Context implements TransportEvents {
	/** evtCb is under way; */
	telling = false;
	/** or another callback of the app. */
	#calling = false;
	/** An app that polls may not have taken all that came. */
	unread = false;
	readonly connection: Connection;
	readonly #client: MqttClient;
	#transport: Transport | undefined;
	#timer: Timer | undefined;
	/** It is set to come soon. */
	#waking = false;
	/** Something went out since PINGRESP is waited for. */
	#wrote = false;
	/** It may have to come sooner than it is set to. */
	#sooner = false;
	/** The app wants to be connected. */
	#wanted = false;
	/** Since the app asked, there was a connection. */
	#wasConnected = false;
	/** The app was told that a payload has no more bytes yet. */
	starved = false;
	readonly #deadlines = new Deadlines(WAITS);
	#backoff: Backoff | undefined;
	/** For how long the connection is being ended: the state that its deadline was set for. */
	#state = IDLE;
	readonly #fire = () => this.onTimer();
	readonly #topicAliasBuf: Uint8Array | undefined;
	readonly #topicAliasMaximum: number | undefined;
	readonly #receiveMaximum: number | undefined;
	readonly #incomingMaximum: number | undefined;
	/** Whose session it is. */
	readonly #clientId: string;
	readonly #host: string;

	/** `client` was checked. Allocates all that it needs from here on, but for transports. */
	constructor(client: MqttClient) {
		this.#client = client;
		this.#topicAliasBuf = client.topicAliasBuf;
		this.#topicAliasMaximum = client.prop?.topicAliasMaximum;
		this.#receiveMaximum = client.prop?.receiveMaximum;
		this.#incomingMaximum = client.incomingMaximum;
		this.#clientId = client.clientId;
		this.#host = client.broker.host;
		this.connection = new Connection(client);
		this.connection.session.startBehind(random16());
	}

	/** The app asked for a connection, and it was not given up. */
	get active(): boolean {
		return this.#wanted;
	}

	/** A callback of the app is under way: what it brings about is seen to when it returns. */
	get busy(): boolean {
		return this.telling || this.#calling;
	}

	/**
	 * Begins: 0, or a negative errno, with `failure` in words. `later`: in a callback, so the transport is opened from the loop, for the stack
	 * is deep enough already.
	 */
	connect(later: boolean): number {
		const { reconnect } = this.#client;
		if (!reconnect) this.#backoff = undefined;
		else {
			const { minMs, maxMs } = typeof reconnect === "object" ? reconnect : NOTHING;
			const least = minMs ?? Math.min(RECONNECT_MIN_MS, maxMs ?? RECONNECT_MIN_MS);
			this.#backoff = new Backoff(least, maxMs ?? Math.max(RECONNECT_MAX_MS, least));
		}
		this.#timer ??= Timer.set(this.#fire, NEVER_MS, NEVER_MS);
		this.#deadlines.clear();
		this.#wasConnected = false;
		const fault = later ? 0 : this.open();
		if (fault === 0) {
			this.#wanted = true;
			if (later) {
				this.#deadlines.set(WAIT_RECONNECT, Time.ticks, 0);
				this.wake();
			}
			return 0;
		}
		this.stopTimer();
		return -mqttFaultOf(fault).errno;
	}

	/** The app gives up: no further attempt. What the connection does is the caller's. The end is told from the loop. */
	leave(): void {
		this.#wanted = false;
		this.#deadlines.set(WAIT_RECONNECT, 0, -1);
	}

	/** Whether `client` still is who this was made for, with these buffers: an empty clientId may have become what the broker assigned. */
	suits({ rxBuf, txBuf, store, topicAliasBuf, prop, incomingMaximum, clientId, broker }: MqttClient): boolean {
		const { input, output, session } = this.connection;
		return (
			(clientId === this.#clientId || this.#clientId === "") &&
			broker.host === this.#host &&
			rxBuf === input.bytes &&
			txBuf === output.bytes &&
			store === session.store?.memory &&
			topicAliasBuf === this.#topicAliasBuf &&
			incomingMaximum === this.#incomingMaximum &&
			prop?.topicAliasMaximum === this.#topicAliasMaximum &&
			prop?.receiveMaximum === this.#receiveMaximum
		);
	}

	/** The payload that is being read cannot be read to its end. */
	lost(): void {
		this.connection.lost();
		this.called();
	}

	/** In ms, until there is to be PINGREQ; -1: never. */
	get keepaliveLeft(): number {
		return this.connection.state === CONNECTED ? this.#deadlines.left(WAIT_KEEPALIVE, Time.ticks) : -1;
	}

	/** In ms, until the next attempt to connect; -1: none is waited for. */
	get reconnectLeft(): number {
		return this.#deadlines.left(WAIT_RECONNECT, Time.ticks);
	}

	/** The app called, and something may have come of it. */
	called(): void {
		if (!this.telling && !this.#calling) this.wake();
	}

	/** mqttInput: one packet. 0, or what ended the connection. */
	input(): number {
		const { connection } = this;
		if (this.telling || connection.delivery.reading) return -EBUSY;
		const type = connection.next();
		if (type !== EVENT_NONE) {
			this.tell(type);
			// There may be more, here or in the transport, and nobody else would tell of it.
			this.unread = true;
			this.wake();
		}
		const { fault, held } = connection;
		this.settle();
		if (held && !connection.output.full) {
			this.unread = true;
			this.wake();
		}
		return fault === 0 ? 0 : -mqttFaultOf(fault).errno;
	}

	/** PINGREQ goes out, and PINGRESP is waited for. */
	ping(): void {
		this.connection.ping();
		this.#client.unackedPing = this.connection.pings;
		if (this.#deadlines.left(WAIT_PINGRESP, Time.ticks) < 0) this.awaitPingresp();
	}

	onReadable(): void {
		this.enter();
		if (this.connection.state === CLOSING) {
			this.deliver();
			return;
		}
		const { onReadable, onPayload } = this.#client;
		this.#calling = true;
		this.unread = false;
		if (this.starved && this.connection.delivery.reading && onPayload) {
			this.starved = false;
			onPayload(this.#client);
		} else onReadable?.(this.#client);
		this.#calling = false;
		if (onReadable) this.settle();
		else this.deliver();
	}

	onWritable(): void {
		this.enter();
		const { held } = this.connection;
		this.settle();
		// What could not be read because acknowledgements had no room, nobody will tell of again.
		if (!held || this.connection.output.full) return;
		if (this.#client.onReadable) this.onReadable();
		else this.deliver();
	}

	onClosed(error: number): void {
		// The app's own doing, and perhaps in a callback: then what is under way goes on from there.
		const nested = error === -ECANCELED && (this.telling || this.#calling);
		if (!nested) this.enter();
		this.connection.transportClosed(closedFault(error, this.connection.state === CONNECTING));
		if (!nested) this.deliver();
	}

	/** A callback of the app threw, and the engine went on: nobody knows what the app has seen. */
	private enter(): void {
		if (!this.telling && !this.#calling) return;
		this.telling = this.#calling = false;
		this.connection.fail(MQTT_FAULT_APP);
	}

	/** Tells the app all that came, as long as it takes it. */
	private deliver(): void {
		const { connection } = this;
		do {
			for (;;) {
				const type = connection.next();
				if (type === EVENT_NONE) break;
				this.tell(type);
			}
			this.settle();
		} while (connection.held && !connection.output.full);
	}

	/** Tells the app of a packet. Of the last one, when all is over: the app may connect again. */
	private tell(type: number): void {
		if (type === MQTT_EVT_DISCONNECT) return;
		const { connection } = this;
		const client = this.#client;
		if (connection.pings !== client.unackedPing) {
			client.unackedPing = connection.pings;
			if (connection.pings === 0) this.#deadlines.set(WAIT_PINGRESP, 0, -1);
		}
		if (connection.state === CONNECTED && this.#state !== CONNECTED) this.entered(CONNECTED, Time.ticks);
		this.telling = true;
		client.evtCb(client, connection.event);
		this.telling = false;
		connection.delivery.settle();
	}

	/** Sends what there is to send, and sees to what comes next. */
	private settle(): void {
		const { connection } = this;
		for (;;) {
			connection.advance();
			if (connection.state === CLOSED) {
				this.end();
				return;
			}
			if (!connection.sender.takeReady()) break;
			const { onWritable } = this.#client;
			if (!onWritable) break;
			this.#calling = true;
			onWritable(this.#client);
			this.#calling = false;
		}
		this.schedule();
	}

	private onTimer(): void {
		const { connection } = this;
		const deadlines = this.#deadlines;
		const now = Time.ticks;
		this.#waking = false;
		this.#sooner = true;
		this.enter();
		if (deadlines.over(WAIT_RECONNECT, now) && this.#wanted) this.again();
		if (!this.#wanted && connection.state === IDLE) {
			this.#client.failure = "";
			connection.event.clear();
			this.finish(0);
			return;
		}
		if (deadlines.over(WAIT_CONNECTION, now)) {
			if (connection.state === CONNECTING) connection.abort(MQTT_FAULT_CONNACK_TIMEOUT);
			else if (connection.state === CLOSING && this.#wrote) this.awaitClose(now);
			else if (connection.state === CLOSING) connection.gone(MQTT_FAULT_IO);
		}
		if (deadlines.over(WAIT_PINGRESP, now)) this.pingresp();
		if (connection.state === CONNECTED && deadlines.over(WAIT_KEEPALIVE, now)) this.ping();
		if (!this.#client.onReadable || connection.state === CLOSING) this.deliver();
		else if (this.unread || connection.dropping || connection.held) this.onReadable();
		else this.settle();
	}

	/** PINGRESP did not come in time. */
	private pingresp(): void {
		const { connection } = this;
		// It may be here, behind a payload that the app just read.
		if (!this.#client.onReadable) this.deliver();
		if (connection.state !== CONNECTED || connection.pings === 0) return;
		const { reading } = connection.delivery;
		// The answer cannot come past a payload that the app does not read. It may be behind one that is on its way, in either direction: as
		// long as that moves, the peer is there.
		const held = this.unread || (reading && !this.starved);
		const moves = (this.#wrote && connection.sender.ping) || (connection.input.came && reading);
		if (held || moves) this.awaitPingresp();
		else connection.fail(MQTT_FAULT_PINGRESP_TIMEOUT);
	}

	private awaitPingresp(): void {
		const { pingrespTimeout = PINGRESP_TIMEOUT_MS } = this.#client;
		if (pingrespTimeout === SYS_FOREVER_MS) return;
		this.#wrote = this.connection.input.came = false;
		this.#deadlines.set(WAIT_PINGRESP, Time.ticks, pingrespTimeout);
		this.#sooner = true;
	}

	/** Makes a transport, and a connection on it: 0, or a fault. */
	private open(): number {
		const client = this.#client;
		client.failure = "";
		if (client.fault) client.fault = "";
		client.unackedPing = 0;
		let transport: Transport | string;
		try {
			transport = openTransport(client);
		} catch (error) {
			transport = String(error);
		}
		if (typeof transport === "string") {
			client.failure = `open: ${transport}`;
			return MQTT_FAULT_TRANSPORT;
		}
		if (!transport.start(this)) {
			client.failure = "open: gave a transport that is in use";
			return MQTT_FAULT_TRANSPORT;
		}
		this.#transport = transport;
		this.connection.begin(transport, this.#wasConnected);
		this.wake();
		return 0;
	}

	/** The next attempt. */
	private again(): void {
		const client = this.#client;
		// The app may have changed it: a new password, say.
		const words = clientFault(client) || (this.connection.fits ? "" : "txBuf: CONNECT does not fit");
		if (words) {
			client.failure = words;
			this.connection.event.clear();
			this.failed(-EINVAL);
			return;
		}
		const fault = this.open();
		if (fault === 0) return;
		this.connection.event.clear();
		this.failed(-mqttFaultOf(fault).errno);
	}

	/** There is no network connection: whether there will be another attempt. */
	private failed(error: number): void {
		if (this.#wanted && this.#backoff) this.retry(error);
		else this.finish(error);
	}

	/** The network connection is over. */
	private end(): void {
		const { connection } = this;
		const transport = this.#transport;
		const { fault, told } = connection;
		const failure = transport?.failure;
		const reason = transport?.fault;
		this.#transport = undefined;
		transport?.stop();
		transport?.close();
		connection.end();
		this.starved = this.unread = false;
		this.#state = IDLE;
		this.#deadlines.clear();
		const client = this.#client;
		client.failure = fault === 0 ? "" : failure || mqttFaultOf(fault).meaning;
		if (fault !== 0 && reason) client.fault = reason;
		const error = fault === 0 ? 0 : -mqttFaultOf(fault).errno;
		if (!told) connection.event.clear();
		connection.event.result = error;
		this.failed(error);
	}

	/** Tells a failure, and waits for the next attempt. */
	private retry(error: number): void {
		const ms = this.#backoff?.next(random16()) ?? 0;
		this.#deadlines.set(WAIT_RECONNECT, Time.ticks, ms);
		this.#sooner = true;
		this.schedule();
		this.tellEnd(error);
	}

	/** There is no connection, and there will be none. */
	private finish(error: number): void {
		this.#wanted = false;
		this.stopTimer();
		this.tellEnd(error);
	}

	private tellEnd(error: number): void {
		const { event } = this.connection;
		const client = this.#client;
		event.type = MQTT_EVT_DISCONNECT;
		event.result = error;
		this.telling = true;
		client.evtCb(client, event);
		this.telling = false;
		// In the callback the app may have connected, or given up.
		if (this.#wanted) this.schedule();
		else this.wake();
	}

	private stopTimer(): void {
		if (this.#timer) Timer.clear(this.#timer);
		this.#timer = undefined;
		this.#waking = false;
	}

	private wake(): void {
		if (this.#waking || !this.#timer) return;
		this.#waking = true;
		Timer.schedule(this.#timer, WAKE_MS, WAKE_MS);
	}

	/** Sets the timer to what comes first. */
	private schedule(): void {
		const { connection } = this;
		const { state, output } = connection;
		if (state === this.#state && !output.wrote && !this.#sooner) return;
		const deadlines = this.#deadlines;
		const now = Time.ticks;
		if (output.wrote) {
			this.#wrote = true;
			if (state === this.#state && state === CONNECTED && connection.keepalive > 0)
				deadlines.set(WAIT_KEEPALIVE, now, connection.keepalive * MS_PER_S);
		}
		output.wrote = false;
		if (state !== this.#state) this.entered(state, now);
		// A deadline that was put off is looked at when the timer comes, which is early enough.
		if (!this.#sooner || this.#waking || !this.#timer) return;
		this.#sooner = false;
		const next = deadlines.next(now);
		// Both times are the same, and none is 0: the SDK's simulator forgets what is set otherwise in the timer's own callback, and calls it when
		// the timer is gone. A second time does not come, for each callback ends here.
		if (next >= 0) Timer.schedule(this.#timer, next || WAKE_MS, next || WAKE_MS);
		else Timer.schedule(this.#timer);
	}

	/** How long DISCONNECT, and what goes out before it, may take without a byte, and then the server's end of the connection. */
	private awaitClose(now: number): void {
		this.#wrote = false;
		this.#sooner = true;
		this.#deadlines.set(WAIT_CONNECTION, now, this.connection.said ? LINGER_MS : CLOSE_TIMEOUT_MS);
	}

	/** The connection came into another state: how long it may be in it. */
	private entered(state: number, now: number): void {
		const deadlines = this.#deadlines;
		this.#state = state;
		this.#sooner = true;
		const { connackTimeout = CONNACK_TIMEOUT_MS } = this.#client;
		if (state === CONNECTING) deadlines.set(WAIT_CONNECTION, now, connackTimeout);
		else if (state === CLOSING) {
			deadlines.clear();
			this.awaitClose(now);
		} else if (state === CONNECTED) {
			const { keepalive } = this.connection;
			deadlines.set(WAIT_CONNECTION, now, -1);
			deadlines.set(WAIT_KEEPALIVE, now, keepalive > 0 ? keepalive * MS_PER_S : -1);
			this.#wasConnected = true;
			this.#backoff?.reset();
		}
	}
}
