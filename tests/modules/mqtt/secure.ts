/* MQTT's transports with TLS, for the tests. */
import { MQTT_TRANSPORT_SECURE, MQTT_TRANSPORT_SECURE_WEBSOCKET, type MqttTransport } from "mqtt";
import { WebsocketTransport } from "transport/over-websocket";
import { SecureSocketTransport } from "transport/secure-socket";
import { TlsTransport } from "transport/tls";
import type { SecureOptions } from "transport/tls-adapter";

export interface SecureWay {
	readonly websocket: boolean;
	readonly kind: "tls" | "secure-socket";
}
export const secureWays: readonly SecureWay[] = [
	{ websocket: false, kind: "tls" },
	{ websocket: false, kind: "secure-socket" },
	{ websocket: true, kind: "tls" },
	{ websocket: true, kind: "secure-socket" },
];
export const secureName = ({ websocket, kind }: SecureWay) => `${websocket ? "websocket over " : ""}${kind}`;

export function secureTransport({ websocket, kind }: SecureWay, secure: SecureOptions): MqttTransport {
	return {
		type: websocket ? MQTT_TRANSPORT_SECURE_WEBSOCKET : MQTT_TRANSPORT_SECURE,
		open: (to) =>
			kind === "tls" ? new TlsTransport({ ...to, nodelay: true, secure }) : new SecureSocketTransport({ ...to, noDelay: true, secure }),
		...(websocket && {
			websocket: { over: WebsocketTransport, config: { tmpBuf: new Uint8Array(512), txBuf: new Uint8Array(528) } },
		}),
	};
}
