/*
 * A telemetry device: joins an MQTT broker, publishes what it measures and how its memory does, and obeys commands. Here it is put
 * together; what it does is in telemetry/telemetry.ts. Run it with `npm start`, or on a board:
 * mcconfig -m -p esp32 url=ws://host:port/mqtt id=kitchen
 * With TLS, wss:// or mqtts://, the manifest is manifest_tls.json.
 */
import config from "mc/config";
import {
	MQTT_TRANSPORT_NON_SECURE,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	MQTT_TRANSPORT_SECURE,
	MQTT_TRANSPORT_SECURE_WEBSOCKET,
	type MqttAddress,
	type MqttTransport,
} from "mqtt";
import { WebsocketTransport } from "transport/over-websocket";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { openSecure } from "./telemetry/secure";
import { readSettings, type Settings } from "./telemetry/settings";
import { Telemetry } from "./telemetry/telemetry";

/** What MQTT goes over: a WebSocket or not, TLS or not, and one of the firmware's two kinds of sockets. */
function transportOf({ websocket, secure, ca, path, transport }: Settings): MqttTransport {
	let open = (to: MqttAddress): Transport => new TcpTransport({ ...to, nodelay: true });
	if (secure) open = openSecure(ca);
	else if (transport === "socket") open = (to) => new SocketTransport({ ...to, noDelay: true });
	if (!websocket) return { type: secure ? MQTT_TRANSPORT_SECURE : MQTT_TRANSPORT_NON_SECURE, open };
	const type = secure ? MQTT_TRANSPORT_SECURE_WEBSOCKET : MQTT_TRANSPORT_NON_SECURE_WEBSOCKET;
	const request = { url: path, tmpBuf: new Uint8Array(512), txBuf: new Uint8Array(384) };
	return { type, open, websocket: { over: WebsocketTransport, config: request } };
}

export default function main(): void {
	const settings = readSettings(config);
	const { id, host, port, user, password } = settings;
	const telemetry = new Telemetry(
		{
			broker: { host, port },
			transport: transportOf(settings),
			clientId: id,
			userName: user,
			password,
			// The broker remembers who this is, and the device what is not acknowledged: some 30 measurements.
			cleanSession: 0,
			store: new Uint8Array(4096),
			reconnect: { minMs: 250, maxMs: 10_000 },
			keepalive: 30,
			rxBuf: new Uint8Array(192),
			txBuf: new Uint8Array(384),
		},
		settings,
	);
	trace(`connecting to ${settings.url} as ${id}\n`);
	telemetry.start();
}
