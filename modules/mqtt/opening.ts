/* From the client's record to the stream of bytes that a connection goes over, Zephyr's five transports; and what the end of one means. */
import type { MqttClient } from "mqtt/client";
import {
	EACCES,
	EBADMSG,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	EHOSTUNREACH,
	EIO,
	EMSGSIZE,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
	MQTT_FAULT_CANCELED,
	MQTT_FAULT_CONNACK_TIMEOUT,
	MQTT_FAULT_CONNECT,
	MQTT_FAULT_IO,
	MQTT_FAULT_LOST,
	MQTT_FAULT_RESOLVE,
	MQTT_FAULT_SUBPROTOCOL,
	MQTT_FAULT_TLS,
	MQTT_FAULT_UPGRADE,
	MQTT_FAULT_WEBSOCKET,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	MQTT_TRANSPORT_SECURE,
	MQTT_TRANSPORT_SECURE_WEBSOCKET,
} from "mqtt/codes";
import type { Transport } from "transport/transport";

/** By type, from MQTT_TRANSPORT_NON_SECURE on; a custom transport may do without. */
const PORTS: readonly number[] = Object.freeze([1883, 8883, 80, 443, 1883]);
const HTTP = 80;
const HTTPS = 443;
const WEBSOCKET_TIMEOUT_MS = 10_000;
const SUBPROTOCOLS: readonly string[] = Object.freeze(["mqtt"]);

const isSecure = (type: number) => type === MQTT_TRANSPORT_SECURE || type === MQTT_TRANSPORT_SECURE_WEBSOCKET;
const isWebsocket = (type: number) => type === MQTT_TRANSPORT_NON_SECURE_WEBSOCKET || type === MQTT_TRANSPORT_SECURE_WEBSOCKET;

/** Opens what the client's record asks for; or says what is wrong with it. Throws what `open` throws. */
export function openTransport({ broker, transport }: MqttClient): Transport | string {
	const { type, open, websocket } = transport;
	const { host, port = PORTS[type] as number } = broker;
	const stream = open({ host, port });
	if (typeof stream !== "object" || stream === null || typeof stream.start !== "function") return "gave no transport";
	if (isSecure(type) && stream.secure !== true) {
		stream.close();
		return "gave a transport without TLS, for a secure type";
	}
	if (!isWebsocket(type) || websocket === undefined) return stream;
	const { config, over, timeout = WEBSOCKET_TIMEOUT_MS } = websocket;
	const name = host.includes(":") ? `[${host}]` : host;
	const authority = port === (isSecure(type) ? HTTPS : HTTP) ? name : `${name}:${port}`;
	try {
		return new over(stream, { subprotocols: SUBPROTOCOLS, ...config, host: config.host ?? authority, url: config.url ?? "/mqtt" }, timeout);
	} catch (error) {
		stream.close();
		throw error;
	}
}

/** The fault that an errno of TransportEvents.onClosed stands for; `connecting`: before CONNACK. */
export function closedFault(error: number, connecting: boolean): number {
	switch (-error) {
		case EHOSTUNREACH:
			return MQTT_FAULT_RESOLVE;
		case ECONNREFUSED:
			return MQTT_FAULT_CONNECT;
		case EACCES:
			return MQTT_FAULT_TLS;
		case ECONNABORTED:
			return MQTT_FAULT_UPGRADE;
		case EPROTONOSUPPORT:
			return MQTT_FAULT_SUBPROTOCOL;
		case EPROTO:
		case EBADMSG:
		case EMSGSIZE:
			return MQTT_FAULT_WEBSOCKET;
		case ECANCELED:
			return MQTT_FAULT_CANCELED;
		case ETIMEDOUT:
			return connecting ? MQTT_FAULT_CONNACK_TIMEOUT : MQTT_FAULT_LOST;
		case EIO:
			return MQTT_FAULT_IO;
		default:
			return MQTT_FAULT_LOST;
	}
}
