/* What is wrong with a record of the app, in words that begin with the name of the field; or "". */
import type { MqttAckParam, MqttClient, MqttPublishParam, MqttReasonParam, MqttSubscriptionList, MqttTopic } from "mqtt/client";
import {
	MQTT_TRANSPORT_CUSTOM,
	MQTT_TRANSPORT_NON_SECURE,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	MQTT_TRANSPORT_SECURE_WEBSOCKET,
	MQTT_VERSION_3_1_0,
	MQTT_VERSION_5_0,
	SYS_FOREVER_MS,
} from "mqtt/codes";
import { AUTH, CONNECT, ID_MAX, LENGTH_MAX, SUBSCRIBE, UNSUBSCRIBE } from "mqtt/packet";
import { type MqttPropertyValues, propertiesFault, WILL } from "mqtt/properties";
import { isClientReason } from "mqtt/reasons";
import type { Server } from "mqtt/server";
import { isText as isUtf8 } from "mqtt/text";
import { hasWildcard, isShared, isTopicFilter, isTopicName } from "mqtt/topic";

/** Of rxBuf and txBuf: the smallest packets have to fit. */
export const BUFFER_MIN = 32;

const MS_MAX = 0x3fffffff;
const PORT_MAX = 0xffff;
const FIVE = MQTT_VERSION_5_0;

const isBuffer = (value: unknown): value is Uint8Array => ArrayBuffer.isView(value) && value instanceof Uint8Array;
const isText = (value: unknown) => typeof value === "string" || isBuffer(value);
/** Of texts that go out: UTF-8, without half a surrogate pair and U+0000. Allocates. */
const isSendable = (value: unknown): value is string => {
	if (typeof value !== "string") return false;
	const bytes = bytesOf(value);
	return isUtf8(bytes, 0, bytes.length);
};
const isObject = <T>(value: T): value is T & object => typeof value === "object" && value !== null;
const isWhole = (value: unknown, least: number, most: number) =>
	typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
const isMissing = (value: unknown) => value === undefined;
const isFlag = (value: unknown) => value === undefined || value === 0 || value === 1;
const isSwitch = (value: unknown) => value === undefined || typeof value === "boolean";
const isMs = (value: unknown) => value === undefined || value === SYS_FOREVER_MS || isWhole(value, 0, MS_MAX);
const isCallback = (value: unknown) => value === undefined || typeof value === "function";

const FLAGS = Object.freeze(["cleanSession", "willRetain"] as const);
const SWITCHES = Object.freeze(["offlineQueue", "autoAck", "resubscribe"] as const);
const COUNTS = Object.freeze(["inflightMaximum", "incomingMaximum"] as const);
const TIMES = Object.freeze(["pingrespTimeout", "connackTimeout"] as const);
const CALLBACKS = Object.freeze(["onReadable", "onPayload", "onWritable"] as const);

/** Of mqttConnect. */
export function clientFault(client: MqttClient): string {
	const { protocolVersion: version, rxBuf, txBuf, clientId, userName, password, keepalive, reconnect, prop } = client;
	if (!isMissing(version) && !isWhole(version, MQTT_VERSION_3_1_0, FIVE)) return "protocolVersion: MQTT_VERSION_3_1_1 or MQTT_VERSION_5_0";
	if (!isBuffer(rxBuf) || rxBuf.length < BUFFER_MIN) return `rxBuf: a Uint8Array of ${BUFFER_MIN} bytes at least`;
	if (!isBuffer(txBuf) || txBuf.length < BUFFER_MIN) return `txBuf: a Uint8Array of ${BUFFER_MIN} bytes at least`;
	if (!isSendable(clientId)) return "clientId: a string, of what can be sent as UTF-8";
	if (clientId === "" && version !== FIVE && client.cleanSession === 0) return "clientId: not empty, for cleanSession is 0";
	if (!isMissing(userName) && !isSendable(userName)) return "userName: a string, of what can be sent as UTF-8";
	if (!isMissing(password) && !isBuffer(password) && !isSendable(password))
		return "password: a Uint8Array, or a string of what can be sent as UTF-8";
	if (!isMissing(password) && isMissing(userName) && version !== FIVE) return "password: needs userName before 5.0";
	if (!isMissing(keepalive) && !isWhole(keepalive, 0, ID_MAX)) return "keepalive: seconds, from 0 to 65,535";
	if (typeof client.evtCb !== "function") return "evtCb: a function";
	for (const name of FLAGS) if (!isFlag(client[name])) return `${name}: 0 or 1`;
	for (const name of SWITCHES) if (!isSwitch(client[name])) return `${name}: true or false`;
	for (const name of TIMES) if (!isMs(client[name])) return `${name}: a whole number of ms, or SYS_FOREVER_MS`;
	for (const name of CALLBACKS) if (!isCallback(client[name])) return `${name}: a function`;
	for (const name of COUNTS) if (!isMissing(client[name]) && !isWhole(client[name], 1, ID_MAX)) return `${name}: from 1 to 65,535`;
	if (!isMissing(client.store) && !isBuffer(client.store)) return "store: a Uint8Array";
	if (!isMissing(reconnect) && typeof reconnect !== "boolean") {
		if (!isObject(reconnect)) return "reconnect: true, false, or an object with minMs and maxMs";
		const { minMs = 1, maxMs = MS_MAX } = reconnect;
		if (!isWhole(minMs, 1, MS_MAX) || !isWhole(maxMs, minMs, MS_MAX)) return "reconnect: minMs from 1 on, and maxMs not less";
	}
	return willFault(client) || brokerFault(client) || (prop ? fiveFault(client) : "");
}

function willFault({ willTopic, willMessage, willProp, protocolVersion }: MqttClient): string {
	if (isMissing(willTopic)) return isMissing(willMessage) ? "" : "willMessage: needs willTopic";
	if (!isObject(willTopic) || !isText(willTopic.topic)) return "willTopic: an object with topic and qos";
	if (!isQos(willTopic)) return "willTopic: qos is 0, 1 or 2";
	const topic = bytesOf(willTopic.topic);
	if (!isTopicName(topic, 0, topic.length)) return "willTopic: no topic name, see §4.7 of the standard";
	if (!isMissing(willMessage) && !isBuffer(willMessage) && !isSendable(willMessage))
		return "willMessage: a Uint8Array, or a string of what can be sent as UTF-8";
	if (isMissing(willProp)) return "";
	if (protocolVersion !== FIVE) return "willProp: needs MQTT_VERSION_5_0";
	const fault = propertiesFault(willProp, WILL);
	return fault && `willProp.${fault}`;
}

function brokerFault({ broker, transport }: MqttClient): string {
	if (!isObject(broker) || typeof broker.host !== "string" || broker.host === "")
		return "broker: an object with host, a name or an address";
	if (!isMissing(broker.port) && !isWhole(broker.port, 1, PORT_MAX)) return "broker: port is from 1 to 65535";
	if (!isObject(transport) || !isWhole(transport.type, MQTT_TRANSPORT_NON_SECURE, MQTT_TRANSPORT_CUSTOM))
		return "transport: an object whose type is one of MQTT_TRANSPORT_…";
	const { type, open, websocket } = transport;
	if (typeof open !== "function") return "transport: open is a function that gives a Transport";
	if (type !== MQTT_TRANSPORT_NON_SECURE_WEBSOCKET && type !== MQTT_TRANSPORT_SECURE_WEBSOCKET) return "";
	if (!isObject(websocket) || typeof websocket.over !== "function")
		return "transport: a WebSocket needs websocket, with over: WebsocketTransport of module transport/over-websocket";
	if (!isObject(websocket.config) || !isBuffer(websocket.config.tmpBuf)) return "transport: websocket.config.tmpBuf is a Uint8Array";
	return isMs(websocket.timeout) ? "" : "transport: websocket.timeout is a whole number of ms";
}

function fiveFault({ prop, protocolVersion, topicAliasBuf }: MqttClient): string {
	if (protocolVersion !== FIVE) return "prop: needs MQTT_VERSION_5_0";
	const fault = propertiesFault(prop, CONNECT);
	if (fault) return `prop.${fault}`;
	if (prop?.topicAliasMaximum && (!isBuffer(topicAliasBuf) || topicAliasBuf.length < prop.topicAliasMaximum * 3))
		return "topicAliasBuf: a Uint8Array with a share for each of prop.topicAliasMaximum topics";
	return "";
}

const isQos = ({ qos }: MqttTopic) => qos === undefined || qos === 0 || qos === 1 || qos === 2;

/** What most payloads are, found out without the price of `instanceof`. */
const Bytes = Uint8Array;

/** Of mqttPublish. For what is right, allocates nothing; what nearly every message is, is found right in one go. */
export function publishFault(param: MqttPublishParam, version: number): string {
	const message = param?.message;
	const topic = message?.topic;
	const payload = message?.payload;
	const data = payload?.data;
	if (typeof topic?.topic === "string" && data?.constructor === Bytes && param.prop === undefined) {
		const { qos = 0 } = topic;
		const { messageId = 0, dupFlag = 0, retainFlag = 0 } = param;
		const most = (data as Uint8Array).length;
		const { len = most } = payload;
		if (
			(qos === 0 || qos === 1 || qos === 2) &&
			(messageId === 0 || isId(messageId)) &&
			typeof len === "number" &&
			len === (len | 0) &&
			len >= 0 &&
			len <= most &&
			(dupFlag === 0 || dupFlag === 1) &&
			(retainFlag === 0 || retainFlag === 1)
		)
			return "";
	}
	return publishWords(param, version);
}

function publishWords(param: MqttPublishParam, version: number): string {
	if (!isObject(param) || !isObject(param.message)) return "param: an object with message";
	const { topic, payload } = param.message;
	if (!isObject(topic) || (typeof topic.topic !== "string" && !isBuffer(topic.topic))) return "topic: an object with topic and qos";
	if (!isQos(topic)) return "qos: 0, 1 or 2";
	if (!isObject(payload)) return "payload: an object with data and len";
	const { data, len } = payload;
	if (typeof data === "function" ? !isLength(len, LENGTH_MAX) : !isBuffer(data) || !isLength(len ?? data.length, data.length))
		return "payload: data is a Uint8Array, of which len bytes are sent, or a function, with len";
	if (!isId(param.messageId)) return "messageId: from 0 to 65,535";
	if (!isFlag(param.dupFlag) || !isFlag(param.retainFlag)) return "dupFlag, retainFlag: 0 or 1";
	return param.prop === undefined || version === FIVE ? "" : "prop: needs MQTT_VERSION_5_0";
}

const isLength = (value: number | undefined, most: number) =>
	typeof value === "number" && value >= 0 && value <= most && value === (value | 0);
const isId = (value: number | undefined) => value === undefined || isLength(value, ID_MAX);

/** The bytes of a topic, as they go out. Allocates. */
export const bytesOf = (topic: string | Uint8Array) => (typeof topic === "string" ? new Uint8Array(ArrayBuffer.fromString(topic)) : topic);

/** Of mqttSubscribe and mqttUnsubscribe. */
export function listFault(param: MqttSubscriptionList, version: number, subscribe: boolean): string {
	if (!isObject(param) || !Array.isArray(param.list)) return "param: an object with list, an array of topics";
	const { list, listCount = list.length, prop } = param;
	if (!isWhole(listCount, 1, list.length)) return "listCount: from 1 to the length of list";
	if (!isId(param.messageId)) return "messageId: from 0 to 65,535";
	for (let i = 0; i < listCount; i++) {
		const one = list[i];
		if (!isObject(one) || !isText(one.topic)) return `list[${i}]: an object with topic`;
		const bytes = bytesOf(one.topic);
		if (!isTopicFilter(bytes, 0, bytes.length)) return `list[${i}].topic: no topic filter, see §4.7 of the standard`;
		if (!subscribe) continue;
		if (!isQos(one)) return `list[${i}].qos: 0, 1 or 2`;
		const { noLocal, retainAsPublished, retainHandling } = one;
		if (version !== FIVE && !(isMissing(noLocal) && isMissing(retainAsPublished) && isMissing(retainHandling)))
			return `list[${i}]: noLocal, retainAsPublished and retainHandling need MQTT_VERSION_5_0`;
		if (!isSwitch(noLocal) || !isSwitch(retainAsPublished)) return `list[${i}]: noLocal, retainAsPublished are true or false`;
		if (!isMissing(retainHandling) && !isWhole(retainHandling, 0, 2)) return `list[${i}].retainHandling: 0, 1 or 2`;
		if (noLocal && isShared(bytes, 0, bytes.length)) return `list[${i}].noLocal: not with a shared subscription`;
	}
	return propFault(prop, version, subscribe ? SUBSCRIBE : UNSUBSCRIBE);
}

/** What of a list the server has said that it does not have; or "". */
export function listLimit({ list, listCount = list.length, prop }: MqttSubscriptionList, server: Server): string {
	if (!server.identifiers && !isMissing(prop?.subscriptionIdentifier)) return "prop.subscriptionIdentifier: the server has none";
	for (let i = 0; i < listCount; i++) {
		const bytes = bytesOf((list[i] as MqttTopic).topic);
		if (!server.wildcards && hasWildcard(bytes, 0, bytes.length)) return `list[${i}].topic: the server has no wildcards`;
		if (!server.shared && isShared(bytes, 0, bytes.length)) return `list[${i}].topic: the server has no shared subscriptions`;
	}
	return "";
}

/** Of properties that may be missing. */
export function propFault(prop: MqttPropertyValues | undefined, version: number, packet: number): string {
	if (isMissing(prop)) return "";
	if (version !== FIVE) return "prop: needs MQTT_VERSION_5_0";
	const fault = propertiesFault(prop, packet);
	return fault && `prop.${fault}`;
}

/** Of acknowledgements. For what is right, and without properties, allocates nothing. */
export function ackFault(param: MqttAckParam, version: number, packet: number): string {
	if (!isObject(param) || !isLength(param.messageId, ID_MAX) || param.messageId === 0) return "messageId: from 1 to 65,535";
	if (!isOwnReason(param.reasonCode, version, packet)) return "reasonCode: none of this packet";
	return propFault(param.prop, version, packet);
}

/** Of mqttDisconnect and mqttAuth. */
export function reasonFault(param: MqttReasonParam | undefined, version: number, packet: number): string {
	if (isMissing(param) && packet !== AUTH) return "";
	if (!isObject(param)) return "param: an object with reasonCode";
	if (!isOwnReason(param.reasonCode, version, packet)) return "reasonCode: none of this packet";
	return propFault(param.prop, version, packet);
}

/** Missing, where 0 can be, or 0; in 5.0, one that a client may send in this packet. */
function isOwnReason(reason: number | undefined, version: number, packet: number): boolean {
	if (reason === undefined) return packet !== AUTH;
	return version === FIVE ? isClientReason(reason, packet) : reason === 0;
}
