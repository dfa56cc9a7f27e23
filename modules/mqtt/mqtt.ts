/*
 * The door of the room: Zephyr's MQTT client API for TypeScript. Calls are synchronous, return 0 or more or a negative errno, and never
 * throw; waiting is done by the event loop, which calls back `evtCb`. When a call gives an error, `client.failure` says why, where more
 * can be said than the errno says.
 */
import { equal } from "bytes/block";
import { ackFault, bytesOf, clientFault, listFault, listLimit, publishFault, reasonFault } from "mqtt/check";
import type { MqttAckParam, MqttClient, MqttPublishParam, MqttReasonParam, MqttSubscriptionList } from "mqtt/client";
import {
	EAGAIN,
	EALREADY,
	EINVAL,
	EISCONN,
	EMSGSIZE,
	ENOTCONN,
	ENOTSUP,
	MQTT_FAULT_ABORTED,
	MQTT_VERSION_3_1_1,
	MQTT_VERSION_5_0,
} from "mqtt/codes";
import { CONNECTED, CONNECTING, IDLE } from "mqtt/connection";
import { Context } from "mqtt/context";
import { KEEPALIVE_S } from "mqtt/encoder";
import { READ_LOST, READ_NONE } from "mqtt/input";
import { AUTH, DISCONNECT, PUBACK, PUBCOMP, PUBREC, PUBREL } from "mqtt/packet";

export type {
	MqttAckParam,
	MqttAddress,
	MqttBroker,
	MqttClient,
	MqttPayloadSource,
	MqttPublishParam,
	MqttReasonParam,
	MqttReconnect,
	MqttSubscription,
	MqttSubscriptionList,
	MqttTopic,
	MqttTransport,
	MqttWebsocket,
	MqttWebsocketRequest,
} from "mqtt/client";
export * from "mqtt/codes";
export type {
	MqttAckEvent,
	MqttConnackEvent,
	MqttEvt,
	MqttPublishEvent,
	MqttReasonEvent,
	MqttReceivedTopic,
	MqttSubackEvent,
} from "mqtt/event";
export type { MqttProperties, MqttPropertyValues } from "mqtt/properties";
export type { MqttSpan } from "mqtt/span";

/** A client's context, or undefined: mqttConnect was not called. */
const contextOf = (client: MqttClient) => (client?.internal instanceof Context ? client.internal : undefined);

const versionOf = (client: MqttClient) => client.protocolVersion ?? MQTT_VERSION_3_1_1;

/** Remembers why, and gives the errno. */
function refuse(client: MqttClient, failure: string, error = -EINVAL): number {
	client.failure = failure;
	return error;
}

/**
 * Fills in what is missing in a client's record: protocolVersion 3.1.1, keepalive 60 s. What is there stays, so it may be
 * called with a whole record, or, as mqtt_client_init, with an empty one that is filled afterwards. Need not be called.
 */
export function mqttClientInit(client: MqttClient): void {
	if (typeof client !== "object" || client === null || !Object.isExtensible(client)) return;
	client.protocolVersion ??= MQTT_VERSION_3_1_1;
	client.keepalive ??= KEEPALIVE_S;
	client.unackedPing = 0;
	client.failure = "";
}

/**
 * Begins to connect: opens the transport and sends CONNECT. As mqtt_connect, which waits for the transport. MQTT_EVT_CONNACK tells that
 * the broker answered, with a result of 0, or -ECONNREFUSED and its returnCode; MQTT_EVT_DISCONNECT that there is no connection (any more),
 * and why. With `reconnect`, further attempts follow that until mqttDisconnect or mqttAbort. Allocates all that the client needs: `internal`,
 * and for each connection what its transport takes.
 *
 * What was in `store` when the last connection ended is kept, and sent, if the record has the same clientId, broker.host (at any port),
 * rxBuf, txBuf, store, topicAliasBuf, incomingMaximum, prop.receiveMaximum and prop.topicAliasMaximum still. Otherwise it is forgotten, and
 * with it what was subscribed to.
 *
 * @returns 0, or -EINVAL a field is missing or out of range; -EALREADY it is connecting, -EISCONN connected already; -EMSGSIZE CONNECT does
 * not fit into txBuf; -EIO `open` threw or gave no transport that is as `type` wants it. In a callback of the client, `open` is called after
 * that has returned, and its failure told by MQTT_EVT_DISCONNECT.
 */
export function mqttConnect<UserData>(client: MqttClient<UserData>): number {
	return connect(client as MqttClient);
}

function connect(client: MqttClient): number {
	if (typeof client !== "object" || client === null || !Object.isExtensible(client)) return -EINVAL;
	let context = contextOf(client);
	if (context?.active || (context && context.connection.state !== IDLE))
		return context.connection.state === CONNECTED ? -EISCONN : -EALREADY;
	mqttClientInit(client);
	const fault = clientFault(client);
	if (fault) return refuse(client, fault);
	const later = context?.busy === true;
	if (!context?.suits(client)) client.internal = context = new Context(client);
	if (!context.connection.fits) return refuse(client, "txBuf: CONNECT does not fit", -EMSGSIZE);
	return context.connect(later);
}

/** The context of a client that is connected, for calls that need that. */
function connected(client: MqttClient): Context | undefined {
	const context = contextOf(client);
	return context?.connection.state === CONNECTED ? context : undefined;
}

/**
 * Publishes a message (§3.3). As mqtt_publish.
 *
 * With QoS 0, or without `store`, the message is copied into txBuf; a payload that does not fit there is lent, until onWritable. With QoS 1
 * and 2 and a store it is copied into that, and sent until it is acknowledged, over as many connections as it takes; MQTT_EVT_PUBACK or
 * MQTT_EVT_PUBCOMP tells that it is. A payload that is too long for the store, or made by a function, is lent until MQTT_EVT_PUBACK or
 * MQTT_EVT_PUBREC; of these there may be one at a time. While there is no connection, from the first mqttConnect on, the store takes all of
 * them, those of QoS 0, too, unless `offlineQueue` is false. Messages that the broker turns out not to take (its maximum of QoS, retained
 * messages or packet size) end with MQTT_EVT_PUBACK and -ENOTSUP; messages of QoS 2 that it had taken over when it lost the session, with
 * MQTT_EVT_PUBCOMP and -ECONNRESET.
 *
 * Allocates nothing, once a message with as long a topic and properties was published.
 *
 * @returns 0, and with QoS 1 and 2 the identifier in `param.messageId`, which may be used again; or -EINVAL a wrong argument, or a record
 * that is frozen, without messageId; -ENOTCONN not connected, and nothing queues it; -EAGAIN no room in txBuf, in the store, or in what the
 * broker takes unacknowledged: onWritable follows; -EMSGSIZE longer than a buffer or the broker allows for good; -EALREADY the identifier
 * is in use; -ENOTSUP the broker has no such QoS, or does not retain.
 */
export function mqttPublish<UserData>(client: MqttClient<UserData>, param: MqttPublishParam): number {
	const context = contextOf(client as MqttClient);
	if (context === undefined) return -ENOTCONN;
	const version = versionOf(client as MqttClient);
	const fault = publishFault(param, version);
	if (fault) return refuse(client as MqttClient, fault);
	const { connection } = context;
	const result = connection.publish(param);
	if (result < 0 && result !== -EAGAIN) return refuse(client as MqttClient, connection.sender.why, result);
	context.called();
	return result;
}

/**
 * Acknowledges a message of QoS 1 that came, PUBACK (§3.4). As mqtt_publish_qos1_ack. For `autoAck: false`; otherwise only before the
 * callback that told the message has returned and its payload was read.
 *
 * @returns 0, or -EINVAL; -ENOTCONN; -EALREADY the library did; -EAGAIN; -EMSGSIZE the properties do not fit into txBuf, or the broker does not
 * take so much.
 */
export function mqttPublishQos1Ack<UserData>(client: MqttClient<UserData>, param: MqttAckParam): number {
	return acknowledge(client as MqttClient, PUBACK, param);
}

/**
 * Confirms a message of QoS 2 that came, PUBREC (§3.5). As mqtt_publish_qos2_receive. From now on it is not told again. Otherwise as
 * mqttPublishQos1Ack; -ENOMEM more of them than the client has memory for, see incomingMaximum.
 */
export function mqttPublishQos2Receive<UserData>(client: MqttClient<UserData>, param: MqttAckParam): number {
	return acknowledge(client as MqttClient, PUBREC, param);
}

/**
 * Releases a message of QoS 2 that was published, PUBREL (§3.6), after MQTT_EVT_PUBREC. As mqtt_publish_qos2_release. For
 * `autoAck: false`; otherwise -EALREADY. -ENOENT: there is no such message, which is known with a store only.
 */
export function mqttPublishQos2Release<UserData>(client: MqttClient<UserData>, param: MqttAckParam): number {
	return acknowledge(client as MqttClient, PUBREL, param);
}

/**
 * Completes a message of QoS 2 that came, PUBCOMP (§3.7), after MQTT_EVT_PUBREL. As mqtt_publish_qos2_complete. For `autoAck: false`;
 * otherwise -EALREADY. -ENOENT: there is no such message.
 */
export function mqttPublishQos2Complete<UserData>(client: MqttClient<UserData>, param: MqttAckParam): number {
	return acknowledge(client as MqttClient, PUBCOMP, param);
}

function acknowledge(client: MqttClient, type: number, param: MqttAckParam): number {
	const context = connected(client);
	if (context === undefined) return -ENOTCONN;
	const fault = ackFault(param, versionOf(client), type);
	if (fault) return refuse(client, fault);
	const { delivery } = context.connection;
	let result: number;
	if (type === PUBREL) result = context.connection.release(param);
	else if (type === PUBCOMP) result = delivery.complete(param);
	else result = delivery.acknowledge(type, param);
	if (result === -EMSGSIZE) return refuse(client, context.connection.sender.why, result);
	context.called();
	return result;
}

/**
 * Subscribes to topic filters (§3.8). As mqtt_subscribe. MQTT_EVT_SUBACK tells what the broker makes of each. The topics are kept, to be
 * subscribed to again when the broker has lost the session, unless `resubscribe` is false; MQTT_EVT_SUBACK with -ENOTSUP or -EMSGSIZE then
 * tells of what the broker does not take any more, and `failure` of which. Allocates.
 *
 * @returns 0, and the identifier in `param.messageId`; or -EINVAL, as mqttPublish; -ENOTCONN; -EALREADY the identifier is in use; -EAGAIN
 * no room now: onWritable follows; -EMSGSIZE does not fit into txBuf; -ENOTSUP the broker has no wildcards, identifiers or shared
 * subscriptions.
 */
export function mqttSubscribe<UserData>(client: MqttClient<UserData>, param: MqttSubscriptionList): number {
	return subscribe(client as MqttClient, param, true);
}

/**
 * Ends subscriptions (§3.10), told by MQTT_EVT_UNSUBACK. As mqtt_unsubscribe, and otherwise as mqttSubscribe. If the connection is lost before
 * that, and the broker still has the session, UNSUBSCRIBE is sent again on the next one, unless `resubscribe` is false.
 */
export function mqttUnsubscribe<UserData>(client: MqttClient<UserData>, param: MqttSubscriptionList): number {
	return subscribe(client as MqttClient, param, false);
}

function subscribe(client: MqttClient, param: MqttSubscriptionList, make: boolean): number {
	const context = contextOf(client);
	if (context === undefined) return -ENOTCONN;
	const fault = listFault(param, versionOf(client), make);
	if (fault) return refuse(client, fault);
	const { connection } = context;
	if (connection.state !== CONNECTED) return -ENOTCONN;
	const limit = make ? listLimit(param, connection.server) : "";
	if (limit) return refuse(client, limit, -ENOTSUP);
	const result = connection.subscribe(param, param.listCount ?? param.list.length, make);
	if (result < 0 && result !== -EAGAIN) return refuse(client, connection.sender.why, result);
	context.called();
	return result;
}

/** Sends PINGREQ (§3.12); MQTT_EVT_PINGRESP follows. As mqtt_ping. 0, or -ENOTCONN. The library does so by itself after `keepalive`. */
export function mqttPing<UserData>(client: MqttClient<UserData>): number {
	const context = connected(client as MqttClient);
	if (context === undefined) return -ENOTCONN;
	context.ping();
	context.called();
	return 0;
}

/**
 * Sends DISCONNECT (§3.14), after what was published, and ends the connection; or gives up connecting. As mqtt_disconnect. The broker does
 * not publish the will, unless the reason code is MQTT_REASON_DISCONNECT_WITH_WILL. MQTT_EVT_DISCONNECT follows. What is in the store stays
 * there, for the next mqttConnect.
 *
 * @returns 0, or -EINVAL a wrong argument, or a session expiry where CONNECT had none (5.0 §3.14.2.2.2); -ENOTCONN there is nothing to end.
 */
export function mqttDisconnect<UserData>(client: MqttClient<UserData>, param?: MqttReasonParam): number {
	const context = contextOf(client as MqttClient);
	if (!context?.active) return -ENOTCONN;
	const record = client as MqttClient;
	const fault = reasonFault(param, versionOf(record), DISCONNECT);
	if (fault) return refuse(record, fault);
	if (param?.prop?.sessionExpiryInterval && context.connection.sessionExpiry === 0)
		return refuse(record, "prop.sessionExpiryInterval: CONNECT had none, or 0");
	context.leave();
	context.connection.disconnect(param);
	context.called();
	return 0;
}

/**
 * Goes on with authentication (MQTT_REASON_CONTINUE_AUTHENTICATION), after MQTT_EVT_AUTH that asks for it, or begins it again while connected
 * (MQTT_REASON_RE_AUTHENTICATE), 5.0 §4.12. As mqtt_auth.
 *
 * @returns 0, or -EINVAL a wrong argument, or an answer to what the broker did not ask; -EALREADY it is under way, and it is the broker's turn,
 * or the time for the other code; -ENOTCONN; -ENOTSUP before 5.0; -EAGAIN; -EMSGSIZE longer than txBuf or what the broker takes.
 */
export function mqttAuth<UserData>(client: MqttClient<UserData>, param: MqttReasonParam): number {
	const record = client as MqttClient;
	const context = contextOf(record);
	const state = context?.connection.state;
	if (!context || (state !== CONNECTING && state !== CONNECTED)) return -ENOTCONN;
	if (versionOf(record) !== MQTT_VERSION_5_0) return -ENOTSUP;
	const fault = reasonFault(param, MQTT_VERSION_5_0, AUTH);
	if (fault) return refuse(record, fault);
	if (!sameText(param.prop?.authMethod, record.prop?.authMethod)) return refuse(record, "prop.authMethod: that of the client's prop");
	const result = context.connection.authenticate(param);
	if (result < 0 && result !== -EAGAIN) return refuse(record, context.connection.sender.why, result);
	context.called();
	return result;
}

/** Whether two texts, or their UTF-8, are there and the same. */
function sameText(one: string | Uint8Array | undefined, other: string | Uint8Array | undefined): boolean {
	if (one === undefined || other === undefined) return false;
	const a = bytesOf(one);
	const b = bytesOf(other);
	return a.length === b.length && equal(a, 0, a.length, b, 0);
}

/**
 * Ends the connection without DISCONNECT, or without waiting for it to go out, so that the broker publishes the will; no attempt follows. As
 * mqtt_abort. 0, or -ENOTCONN. MQTT_EVT_DISCONNECT follows.
 */
export function mqttAbort<UserData>(client: MqttClient<UserData>): number {
	const context = contextOf(client as MqttClient);
	if (!context || (!context.active && context.connection.state === IDLE)) return -ENOTCONN;
	context.leave();
	context.connection.abort(MQTT_FAULT_ABORTED);
	context.called();
	return 0;
}

/** Sends PINGREQ if `keepalive` is over. As mqtt_live; the library does that by itself. 0 if it did, -EAGAIN if not, -ENOTCONN. */
export function mqttLive<UserData>(client: MqttClient<UserData>): number {
	const context = connected(client as MqttClient);
	if (context === undefined) return -ENOTCONN;
	return context.keepaliveLeft === 0 ? mqttPing(client) : -EAGAIN;
}

/** In ms, until PINGREQ has to go out; -1: not connected, or `keepalive` is 0. As mqtt_keepalive_time_left. */
export function mqttKeepaliveTimeLeft<UserData>(client: MqttClient<UserData>): number {
	return contextOf(client as MqttClient)?.keepaliveLeft ?? -1;
}

/** In ms, until the next attempt to connect begins; -1: none is waited for. */
export function mqttReconnectTimeLeft<UserData>(client: MqttClient<UserData>): number {
	return contextOf(client as MqttClient)?.reconnectLeft ?? -1;
}

/**
 * Takes one packet that came, and tells it with evtCb before it returns. As mqtt_input; for clients with `onReadable`, for others the library
 * does that. Never waits.
 *
 * @returns 0, also if there was nothing; or -EBUSY a payload was not read to its end, or this is called by evtCb; -ENOTCONN; or what ended
 * the connection.
 */
export function mqttInput<UserData>(client: MqttClient<UserData>): number {
	const context = contextOf(client as MqttClient);
	if (!context || context.connection.state === IDLE) return -ENOTCONN;
	return context.input();
}

/**
 * Reads payload of the message that MQTT_EVT_PUBLISH told, up to `length` bytes into `buffer`, whose owner is the caller. As
 * mqtt_read_publish_payload. In the callback, or later: until it has been read to its end, nothing else is told, and with automatic
 * acknowledgement the broker does not know that it arrived. A message that fits into rxBuf is told once all of it is there.
 *
 * @returns the number of bytes; 0 the payload is at its end; -EAGAIN no more is there yet: onPayload follows; -EINVAL; -ENOTCONN it is lost.
 */
export function mqttReadPublishPayload<UserData>(client: MqttClient<UserData>, buffer: Uint8Array, length: number): number {
	const context = contextOf(client as MqttClient);
	if (!isPart(buffer, length)) return -EINVAL;
	if (!context || context.connection.state === IDLE) return -ENOTCONN;
	return read(context, context.connection.delivery.read(buffer, 0, length));
}

/**
 * Reads exactly `length` bytes of payload. As mqtt_readall_publish_payload, which waits for them. After -EAGAIN, call it with the same buffer
 * and length again: what came is there already.
 *
 * @returns 0; -EAGAIN not all of it is there yet: onPayload follows; -EINVAL the payload has less; -ENOTCONN it is lost.
 */
export function mqttReadallPublishPayload<UserData>(client: MqttClient<UserData>, buffer: Uint8Array, length: number): number {
	const context = contextOf(client as MqttClient);
	if (!isPart(buffer, length)) return -EINVAL;
	if (!context || context.connection.state === IDLE) return -ENOTCONN;
	return read(context, context.connection.delivery.readAll(buffer, length));
}

function read(context: Context, result: number): number {
	if (result === READ_NONE) {
		context.starved = true;
		return -EAGAIN;
	}
	if (result === READ_LOST) {
		context.lost();
		return -ENOTCONN;
	}
	// Later than in the callback, what comes next has to be seen to.
	context.starved = false;
	if (!context.connection.delivery.reading) context.unread = true;
	context.called();
	return result;
}

const isPart = (buffer: Uint8Array, length: number) =>
	buffer instanceof Uint8Array && typeof length === "number" && length === (length | 0) && length >= 0 && length <= buffer.length;
