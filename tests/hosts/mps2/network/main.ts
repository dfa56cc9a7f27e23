/* Stays connected to the broker at `port`, over a WebSocket; with `once`, a connection that is lost is the end. */
import config from "mc/config";
import { MQTT_EVT_CONNACK, MQTT_EVT_DISCONNECT, MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, type MqttClient, mqttConnect } from "mqtt";
import Timer from "timer";
import { WebsocketTransport } from "transport/over-websocket";
import { TcpTransport } from "transport/tcp";

const client: MqttClient = {
	broker: { host: "127.0.0.1", port: Number(config.port) },
	transport: {
		type: MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
		open: (to) => new TcpTransport(to),
		websocket: { over: WebsocketTransport, config: { url: "/mqtt", tmpBuf: new Uint8Array(512), txBuf: new Uint8Array(256) } },
	},
	clientId: "board",
	// A broker gives up after half as much again, and one in a test's process may not have been asked for a while.
	keepalive: 3,
	reconnect: { minMs: 100, maxMs: 1000 },
	rxBuf: new Uint8Array(128),
	txBuf: new Uint8Array(128),
	evtCb(_, { type, result }) {
		if (type === MQTT_EVT_CONNACK && result === 0) trace("connected\n");
		if (type !== MQTT_EVT_DISCONNECT) return;
		trace(`lost: ${client.failure}\n`);
		if (config.once)
			Timer.set(() => {
				throw new Error(client.failure);
			});
	},
};

if (mqttConnect(client) < 0) throw new Error(client.failure);
