/*
 * One client's part of the protocol: what a packet that came means, and what follows from it. The one place where input and output meet.
 * Pure: bytes of a transport in and out; whoever has it calls back the app with `event`, and sees to time.
 */
import { Authentication } from "mqtt/authentication";
import type { MqttAckParam, MqttClient, MqttPublishParam, MqttReasonParam, MqttSubscriptionList } from "mqtt/client";
import {
	EALREADY,
	ECONNABORTED,
	ECONNREFUSED,
	EINVAL,
	EIO,
	EMSGSIZE,
	ENOENT,
	ENOTCONN,
	MQTT_EVT_AUTH,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PINGRESP,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBCOMP,
	MQTT_EVT_PUBREC,
	MQTT_EVT_SUBACK,
	MQTT_EVT_UNSUBACK,
	MQTT_FAULT_AUTH,
	MQTT_FAULT_CLIENT_ID,
	MQTT_FAULT_CODES_COUNT,
	MQTT_FAULT_ID_UNKNOWN,
	MQTT_FAULT_IO,
	MQTT_FAULT_LOST,
	MQTT_FAULT_ORDER,
	MQTT_FAULT_PACKET_SIZE,
	MQTT_FAULT_REFUSED,
	MQTT_FAULT_SERVER_DISCONNECT,
	MQTT_FAULT_SESSION_PRESENT,
	MQTT_FAULT_UNASKED,
	MQTT_REASON_PACKET_IDENTIFIER_NOT_FOUND,
	MQTT_REASON_UNSPECIFIED_ERROR,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
	mqttFaultOf,
} from "mqtt/codes";
import type { Decoder } from "mqtt/decoder";
import { Delivery, NO_EVENT } from "mqtt/delivery";
import { Dropping } from "mqtt/dropping";
import { KEEPALIVE_S, writeAuth, writeConnect, writeDisconnect } from "mqtt/encoder";
import { Event } from "mqtt/event";
import { Input } from "mqtt/input";
import { closedFault } from "mqtt/opening";
import { Output } from "mqtt/output";
import {
	AUTH,
	CONNACK,
	DISCONNECT,
	ID_MAX,
	PACKET_MAX,
	PINGRESP,
	PUBACK,
	PUBCOMP,
	PUBLISH,
	PUBREC,
	PUBREL,
	SUBACK,
	UNSUBACK,
} from "mqtt/packet";
import type { MqttPropertyValues } from "mqtt/properties";
import { REASON_STRING, RESPONSE_INFORMATION, USER_PROP } from "mqtt/property";
import { Sender, UNWRITABLE } from "mqtt/sender";
import { Server } from "mqtt/server";
import { ACK_KNOWN, Session } from "mqtt/session";
import { RELEASED } from "mqtt/store";
import type { Transport } from "transport/transport";

/** Where a connection is. */
export const IDLE = 0;
/** CONNECT is on its way, or CONNACK. */
export const CONNECTING = 1;
export const CONNECTED = 2;
/** DISCONNECT is on its way. */
export const CLOSING = 3;
export const CLOSED = 4;

/** next() has no event. */
export const EVENT_NONE = -1;

/** Mosquitto's max_inflight_messages, beyond which it ends a connection. */
const INFLIGHT_MAXIMUM = 20;
/** With which it does not comply where it has messages in store: then it sends more of QoS 2. */
const INCOMING_MAXIMUM = 128;
/** An hour: for a session whose app does not say how long it is to be kept, so that a broker does not keep it for ever. */
const SESSION_EXPIRY_S = 3600;
/** What a server of 5.0 is told at most, if the app does not say. */
const RECEIVE_MAXIMUM = 32;

const NOTHING = Object.freeze({}) as MqttReasonParam;

export class Connection {
	state = IDLE;
	/** Why it ended; 0: the app disconnected. */
	fault = 0;
	readonly event = new Event();
	readonly input: Input;
	readonly output: Output;
	readonly sender: Sender;
	readonly session: Session;
	readonly server = new Server();
	readonly delivery: Delivery;
	/** The app was told the end, in words of the server. */
	told = false;
	/** next() stopped because acknowledgements have no room: it has to be called again when they have. */
	held = false;
	/** PINGREQs without an answer. */
	pings = 0;
	readonly #client: MqttClient;
	#version = MQTT_VERSION_3_1_1;
	#maximumPacketSize = 0;
	/** CONNECT asked for a new session. */
	#clean = true;
	/** Why the network connection ended; what came before is still to be seen. */
	#lost = 0;
	/** DISCONNECT's, once it has to go out; and whether it did. */
	#goodbye: MqttReasonParam | undefined;
	#said = false;
	/** The app disconnects: what it published goes out before, and what is acknowledged until the server ends the connection counts. */
	#leaving = false;
	readonly #authentication = new Authentication();
	readonly #dropped: Dropping;

	/** What is fixed for a client: its buffers. `client` was checked. */
	constructor(client: MqttClient) {
		const { rxBuf, txBuf, store, prop } = client;
		this.#client = client;
		this.input = new Input(rxBuf, client.protocolVersion ?? MQTT_VERSION_3_1_1);
		this.output = new Output(txBuf);
		this.session = new Session(store, Math.max(client.incomingMaximum ?? INCOMING_MAXIMUM, prop?.receiveMaximum ?? 0));
		this.sender = new Sender(this.output, this.session, this.server);
		this.#dropped = new Dropping(client, this.session, this.sender, this.event);
		this.delivery = new Delivery(client, this.input, this.sender, this.session, this.event);
	}

	/** Whether CONNECT fits into txBuf. */
	get fits(): boolean {
		return writeConnect(this.output.bytes, 0, this.output.size, this.#client, true, this.prop) >= 0;
	}

	/** A session is wanted that outlives the connection: the app says so, or has a store and does not say. */
	private get persistent(): boolean {
		const { cleanSession, store, clientId } = this.#client;
		return cleanSession === undefined ? store !== undefined && clientId !== "" : cleanSession === 0;
	}

	/** Of CONNECT. Without a limit the server might send 65,535 messages at a time; without an expiry interval no session outlives anything. */
	private get prop(): MqttPropertyValues {
		const { incomingMaximum = INCOMING_MAXIMUM, prop } = this.#client;
		// No more than there is memory for.
		const { receiveMaximum = Math.min(RECEIVE_MAXIMUM, incomingMaximum), sessionExpiryInterval } = prop ?? {};
		const values: MqttPropertyValues = { ...prop, receiveMaximum };
		if (sessionExpiryInterval === undefined && this.persistent) values.sessionExpiryInterval = SESSION_EXPIRY_S;
		return values;
	}

	/** In 5.0, how long the session outlives the connection, in s. */
	get sessionExpiry(): number {
		return this.prop.sessionExpiryInterval ?? 0;
	}

	/**
	 * A new network connection, which may not be open yet. `again`: it replaces one that was lost. A session of 5.0 that is to outlive its
	 * connection then goes on, although it began with a clean start.
	 */
	begin(transport: Transport, again: boolean): void {
		const client = this.#client;
		this.#version = client.protocolVersion ?? MQTT_VERSION_3_1_1;
		const goesOn = again && this.#version === MQTT_VERSION_5_0 && this.sessionExpiry > 0;
		this.#clean = !this.persistent && !goesOn;
		this.#maximumPacketSize = client.prop?.maximumPacketSize ?? 0;
		this.input.begin(transport, this.#version);
		this.output.begin(transport);
		this.sender.begin(this.#version, client.inflightMaximum ?? (this.#version === MQTT_VERSION_5_0 ? ID_MAX : INFLIGHT_MAXIMUM));
		this.delivery.begin(client);
		this.fault = this.#lost = this.pings = 0;
		this.#dropped.clear();
		this.told = this.#said = this.#leaving = false;
		this.#authentication.begin(client.prop);
		this.#goodbye = undefined;
		this.state = CONNECTING;
		this.output.add(writeConnect(this.output.bytes, 0, this.output.size, client, this.#clean, this.prop));
	}

	/** Lets go of the transport, after CLOSED. */
	end(): void {
		this.state = IDLE;
		this.input.end();
		this.output.end();
		this.sender.end();
	}

	/** The server's wish, or the app's: in seconds, 0: none. */
	get keepalive(): number {
		const wish = this.server.keepAlive;
		return wish >= 0 ? wish : (this.#client.keepalive ?? KEEPALIVE_S);
	}

	/** There is more to tell without another packet: a record that was given up. */
	get dropping(): boolean {
		return this.#dropped.pending;
	}

	/** The network connection ended. What came before is still told. */
	transportClosed(fault: number): void {
		this.#lost = fault;
	}

	/** The network connection turned out to be gone. */
	lost(): void {
		this.abort(this.why(this.input.error));
	}

	/** Ends it, and tells the server why, if it may be told. */
	fail(fault: number): void {
		if (this.state !== CONNECTING && this.state !== CONNECTED) return;
		this.fault = fault;
		const { reason } = mqttFaultOf(fault);
		if (this.#version === MQTT_VERSION_5_0 && reason !== 0 && !this.output.sending) {
			this.#goodbye = { reasonCode: reason };
			this.state = CLOSING;
		} else this.state = CLOSED;
	}

	/** Ends it at once. */
	abort(fault: number): void {
		if (this.state === IDLE || this.state === CLOSED) return;
		this.fault ||= fault;
		this.state = CLOSED;
	}

	/** mqttDisconnect: while it is connected or not yet; otherwise it is ending, or there is nothing to end. */
	disconnect(param: MqttReasonParam | undefined): void {
		// Behind CONNECT, if that is out: the server may have taken the client in already, and publish its will.
		if (this.state === CONNECTING && (!this.output.empty || this.#authentication.underWay)) this.state = CLOSED;
		if (this.state !== CONNECTED && this.state !== CONNECTING) return;
		this.#goodbye = param ?? NOTHING;
		this.#leaving = this.state === CONNECTED;
		this.sender.ping = false;
		this.delivery.cancel();
		this.state = CLOSING;
	}

	/**
	 * Goes on with what is to be sent. After DISCONNECT the server ends the network connection (§3.14.4): to do that here at once, with bytes
	 * unread, would be a reset, which can overtake DISCONNECT and all that went out before it.
	 */
	advance(): void {
		if (this.state === IDLE || this.state === CLOSED) return;
		const { output } = this;
		// The app may have read the last of a payload since.
		this.delivery.settle();
		const through = this.sender.advance(this.state === CONNECTED || (this.#leaving && !this.#said));
		if (through && this.#goodbye !== undefined && !this.#said) this.say(this.#goodbye);
		output.flush();
		if (output.fault) this.gone(output.fault === MQTT_FAULT_IO ? this.why(output.error) : output.fault);
		// Of a server that broke the rules nothing is awaited: it is left as soon as it is silent.
		else if (this.said && !this.#leaving && !this.input.discard()) this.state = CLOSED;
	}

	/** DISCONNECT is out. */
	get said(): boolean {
		return this.state === CLOSING && this.#said && this.output.empty;
	}

	/** Why the network connection is of no use, where the transport says no more than this errno. */
	private why(error: number): number {
		return this.#lost || (error === -EIO ? MQTT_FAULT_LOST : closedFault(error, this.state === CONNECTING));
	}

	/** The network connection is of no use any more, or not waited for; after DISCONNECT that is how it has to be. */
	gone(fault: number): void {
		if (this.said) this.state = CLOSED;
		else this.abort(fault);
	}

	/** The next thing that the app has to be told: its MQTT_EVT_ number, with `event` filled; or EVENT_NONE, and then it may have ended. */
	next(): number {
		this.held = false;
		while (this.state === CONNECTING || this.state === CONNECTED || this.#leaving) {
			if (this.state === CLOSED) break;
			if (this.dropping) {
				const type = this.#dropped.drop();
				if (type === EVENT_NONE) continue;
				return type;
			}
			if (!this.delivery.pass()) break;
			this.delivery.settle();
			// What is here can wait, and the server with it, until acknowledgements have room.
			if (this.output.full) {
				this.held = true;
				return EVENT_NONE;
			}
			const size = this.input.next();
			if (size === 0) break;
			if (size === MQTT_FAULT_IO) {
				this.gone(this.why(this.input.error));
				break;
			}
			if (size < 0) {
				this.fail(size);
				break;
			}
			const type = this.take();
			if (type < 0) this.fail(type);
			else if (type !== NO_EVENT) {
				this.event.type = type;
				return type;
			}
		}
		if (this.#lost) this.gone(this.#lost);
		return EVENT_NONE;
	}

	/** mqttPublish. */
	publish(param: MqttPublishParam): number {
		return this.sender.publish(param, this.state === CONNECTED, this.#client.offlineQueue !== false);
	}

	/** mqttSubscribe and mqttUnsubscribe. */
	subscribe(param: MqttSubscriptionList, count: number, subscribe: boolean): number {
		if (this.state !== CONNECTED) return -ENOTCONN;
		const { session } = this;
		const chosen = session.chosenId(param);
		if (chosen !== 0 && session.uses(chosen)) {
			this.sender.why = "messageId: in use";
			return -EALREADY;
		}
		if (chosen === 0 && !Object.isExtensible(param)) return this.sender.refuse(-EINVAL, UNWRITABLE);
		const id = chosen || session.nextId();
		const result = this.sender.subscribe(param, count, id, subscribe);
		if (result < 0) return result;
		if (chosen === 0) param.messageId = param.assignedId = id;
		session.subscriptions.requested(param, count, id, subscribe);
		return 0;
	}

	/** mqttPublishQos2Release. */
	release(param: MqttAckParam): number {
		if (!this.delivery.manual) return -EALREADY;
		const { store } = this.session;
		if (store !== undefined) {
			const record = store.find(param.messageId);
			if (record < 0 || store.state(record) !== RELEASED) return -ENOENT;
		}
		const result = this.sender.acknowledge(PUBREL, param);
		if (result === 0) this.session.released();
		return result;
	}

	/** mqttAuth (5.0 §4.12): 0, -ENOTCONN, -EALREADY, -EINVAL, -EAGAIN, or -EMSGSIZE. */
	authenticate({ reasonCode = 0, prop }: MqttReasonParam): number {
		const { output, sender } = this;
		if (this.state !== CONNECTING && this.state !== CONNECTED) return -ENOTCONN;
		const error = this.#authentication.mayFollow(reasonCode);
		if (error) return sender.refuse(error, this.#authentication.why);
		if (output.sending) return sender.wait();
		// Before CONNACK nobody knows what the server takes.
		const most = this.state === CONNECTED ? this.server.maximumPacketSize : PACKET_MAX;
		do {
			const { bytes, used, size } = output;
			const end = writeAuth(bytes, used, size, reasonCode, prop);
			if (end - used > most) return sender.refuse(-EMSGSIZE, "longer than the server takes");
			if (!output.add(end)) continue;
			this.#authentication.sent();
			return 0;
		} while (output.flush());
		return output.used === 0 ? sender.refuse(-EMSGSIZE, "prop: does not fit into txBuf") : sender.wait();
	}

	/** mqttPing. One that waits to go out is enough. */
	ping(): void {
		if (this.sender.ping) return;
		this.sender.ping = true;
		this.pings++;
	}

	/** What the packet is that came, and what follows from it: an MQTT_EVT_ number, NO_EVENT, or a fault. */
	private take(): number {
		const { decoder } = this.input;
		const { event } = this;
		if (this.#maximumPacketSize > 0 && this.input.packetLength > this.#maximumPacketSize) return MQTT_FAULT_PACKET_SIZE;
		const { type, id, reason } = decoder;
		if (this.state === CLOSING && type !== PUBACK && type !== PUBREC && type !== PUBCOMP) {
			this.delivery.ignore();
			return NO_EVENT;
		}
		event.result = 0;
		event.prop.set(this.input.bytes, decoder.propStart, decoder.propEnd);
		if (this.state === CONNECTING && type !== CONNACK && type !== AUTH) return MQTT_FAULT_ORDER;
		switch (type) {
			case PUBLISH:
				return this.delivery.publish(decoder);
			case CONNACK:
				return this.connack(decoder);
			case PUBACK:
			case PUBREC:
			case PUBREL:
			case PUBCOMP:
				event.ack.messageId = id;
				event.ack.reasonCode = reason;
				if (this.unasked()) return MQTT_FAULT_UNASKED;
				return type === PUBREL ? this.delivery.pubrel(id) : this.acknowledged(type, id, reason);
			case SUBACK:
			case UNSUBACK:
				return this.unasked() ? MQTT_FAULT_UNASKED : this.suback(decoder);
			case PINGRESP:
				this.pings = 0;
				return MQTT_EVT_PINGRESP;
			case DISCONNECT:
				event.reason.reasonCode = reason;
				event.result = -ECONNABORTED;
				this.fault = MQTT_FAULT_SERVER_DISCONNECT;
				this.state = CLOSED;
				this.told = true;
				return MQTT_EVT_DISCONNECT;
			default:
				return this.unasked() ? MQTT_FAULT_UNASKED : this.auth(reason);
		}
	}

	/** CONNACK (§3.2): the event has its result. */
	private connack({ reason, sessionPresent }: Decoder): number {
		const { event, session } = this;
		const { prop } = event;
		const client = this.#client;
		if (this.state !== CONNECTING) return MQTT_FAULT_ORDER;
		event.connack.returnCode = reason;
		event.connack.sessionPresentFlag = sessionPresent ? 1 : 0;
		if (reason !== 0) {
			event.result = -ECONNREFUSED;
			this.fault = MQTT_FAULT_REFUSED;
			this.state = CLOSED;
			return MQTT_EVT_CONNACK;
		}
		if (sessionPresent && this.#clean) return MQTT_FAULT_SESSION_PRESENT;
		if (!this.#authentication.accepts(prop)) return MQTT_FAULT_AUTH;
		if (prop.has(RESPONSE_INFORMATION) && !client.prop?.requestResponseInfo) return MQTT_FAULT_UNASKED;
		if (client.clientId === "" && this.#version === MQTT_VERSION_5_0) {
			// So that it is the same client that comes again (5.0 §3.1.3.1). [MQTT-3.2.2-16]
			const assigned = prop.assignedClientId;
			if (!assigned) return MQTT_FAULT_CLIENT_ID;
			client.clientId = assigned;
		}
		this.server.learn(prop);
		if (!sessionPresent) session.restart();
		session.subscriptions.begin(sessionPresent, client.resubscribe !== false);
		this.state = CONNECTED;
		this.sender.open();
		this.#dropped.begin(sessionPresent);
		return MQTT_EVT_CONNACK;
	}

	/** PUBACK, PUBREC and PUBCOMP (§3.4, §3.5, §3.7). */
	private acknowledged(type: number, id: number, reason: number): number {
		const { session, sender, event } = this;
		if (!sender.sent(id)) return MQTT_FAULT_ID_UNKNOWN;
		const refused = reason >= MQTT_REASON_UNSPECIFIED_ERROR;
		const { lentRecord } = session;
		const result = type === PUBACK ? session.puback(id) : type === PUBREC ? session.pubrec(id, refused) : session.pubcomp(id);
		if (session.lentRecord !== lentRecord) sender.freed();
		if (result < 0) return result;
		if (type === PUBREC && !refused && (result !== ACK_KNOWN || !this.delivery.manual)) {
			const unknown = result !== ACK_KNOWN && this.#version === MQTT_VERSION_5_0;
			// Behind DISCONNECT nothing may go out; the next connection says it.
			if (!this.#said) sender.answer(PUBREL, id, unknown ? MQTT_REASON_PACKET_IDENTIFIER_NOT_FOUND : 0);
			if (result === ACK_KNOWN) session.released();
		} else if (result === ACK_KNOWN && (type !== PUBREC || refused)) sender.credit();
		// A second PUBCOMP follows from a second PUBREC, but a second PUBACK from nothing (5.0 [MQTT-2.2.1-5], 3.1.1 [MQTT-2.3.1-6]).
		if (result !== ACK_KNOWN) return type === PUBACK ? MQTT_FAULT_ID_UNKNOWN : NO_EVENT;
		event.ack.messageId = id;
		return type === PUBACK ? MQTT_EVT_PUBACK : type === PUBREC ? MQTT_EVT_PUBREC : MQTT_EVT_PUBCOMP;
	}

	/** SUBACK and UNSUBACK (§3.9, §3.11). */
	private suback({ type, id, codesStart, codesEnd }: Decoder): number {
		const { event } = this;
		const { subscriptions } = this.session;
		const topics = subscriptions.topics(id, type === SUBACK);
		if (topics < 0) return MQTT_FAULT_ID_UNKNOWN;
		if (codesEnd - codesStart !== topics && (type === SUBACK || this.#version === MQTT_VERSION_5_0)) return MQTT_FAULT_CODES_COUNT;
		subscriptions.answered(id, this.input.bytes, codesStart);
		this.#dropped.limit();
		event.suback.messageId = id;
		event.suback.returnCodes.set(this.input.bytes, codesStart, codesEnd);
		return type === SUBACK ? MQTT_EVT_SUBACK : MQTT_EVT_UNSUBACK;
	}

	/** AUTH (5.0 §3.15): only what the client began, and by its method. */
	private auth(reason: number): number {
		if (!this.#authentication.takes(reason, this.event.prop, this.state === CONNECTING)) return MQTT_FAULT_AUTH;
		this.event.reason.reasonCode = reason;
		return MQTT_EVT_AUTH;
	}

	/** The server says why, though it was asked not to (5.0 §3.1.2.11.7). */
	private unasked(): boolean {
		const { prop } = this.event;
		const wish = this.#client.prop?.requestProblemInfo;
		if (wish === undefined || Number(wish) === 1) return false;
		return prop.has(REASON_STRING) || prop.has(USER_PROP);
	}

	/** Writes DISCONNECT, once there is room. */
	private say({ reasonCode = 0, prop }: MqttReasonParam): void {
		const { output } = this;
		do {
			const { bytes, used, size } = output;
			const end = writeDisconnect(bytes, used, size, this.#version, reasonCode, prop);
			const tooLong = end - used > this.server.maximumPacketSize;
			this.#said = !tooLong && output.add(end);
			// What never fits is left out: without DISCONNECT, the server would publish the will.
			if (tooLong || (end < 0 && used === 0)) this.#said = output.add(writeDisconnect(bytes, used, size, this.#version, reasonCode));
		} while (!this.#said && output.flush());
	}
}
