/* From a client's record to its transport: ports, names, what the WebSocket is asked for, and what is closed when that goes wrong. */
import {
	EIO,
	MQTT_TRANSPORT_CUSTOM,
	MQTT_TRANSPORT_NON_SECURE,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	MQTT_TRANSPORT_SECURE,
	MQTT_TRANSPORT_SECURE_WEBSOCKET,
	type MqttWebsocketRequest,
	mqttConnect,
} from "mqtt";
import { deepEqual, equal, ok, test } from "test";
import type { Transport } from "transport/transport";
import { clientOf, FakeTransport } from "./fake";

class Secure extends FakeTransport {
	readonly secure = true;
}

/** What the WebSocket was made with, last. */
const made: { socket?: Transport; request?: MqttWebsocketRequest; timeout?: number } = {};

class Over extends FakeTransport {
	constructor(socket: Transport, request: MqttWebsocketRequest, timeout: number) {
		super();
		made.socket = socket;
		made.request = request;
		made.timeout = timeout;
	}
}

const tmpBuf = new Uint8Array(64);

/** Connects, and gives what `open` was asked for. */
function opened(type: number, broker: { host: string; port?: number }, config = {}, timeout?: number): string {
	let asked = "";
	const client = clientOf(4, {
		broker,
		transport: {
			type,
			open: (address) => {
				asked = `${address.host} ${address.port}`;
				return new Secure();
			},
			websocket: { over: Over, config: { tmpBuf, ...config }, timeout },
		},
	});
	equal(mqttConnect(client), 0, client.failure);
	return asked;
}

test("ports", () => {
	for (const [type, port] of [
		[MQTT_TRANSPORT_NON_SECURE, 1883],
		[MQTT_TRANSPORT_SECURE, 8883],
		[MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, 80],
		[MQTT_TRANSPORT_SECURE_WEBSOCKET, 443],
		[MQTT_TRANSPORT_CUSTOM, 1883],
	] as const) {
		equal(opened(type, { host: "h" }), `h ${port}`);
		equal(opened(type, { host: "h", port: 65535 }), "h 65535");
	}
});

test("what the WebSocket is asked for", () => {
	for (const [type, host, port, name] of [
		[MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, "h", 80, "h"],
		[MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, "h", 443, "h:443"],
		[MQTT_TRANSPORT_SECURE_WEBSOCKET, "h", 443, "h"],
		[MQTT_TRANSPORT_SECURE_WEBSOCKET, "h", 80, "h:80"],
		[MQTT_TRANSPORT_SECURE_WEBSOCKET, "fe80::1", 443, "[fe80::1]"],
		[MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, "::1", 8080, "[::1]:8080"],
	] as const) {
		opened(type, { host, port });
		deepEqual(made.request, { host: name, url: "/mqtt", subprotocols: ["mqtt"], tmpBuf });
		equal(made.timeout, 10_000);
		ok(made.socket instanceof Secure);
	}
	const own = { host: "other", url: "/x", subprotocols: ["mqttv3.1"], optionalHeaders: ["A: b\r\n"], txBuf: new Uint8Array(9) };
	opened(MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, { host: "h" }, own, 5);
	deepEqual(made.request, { ...own, tmpBuf });
	equal(made.timeout, 5);
});

test("a stream that comes to nothing is closed", () => {
	class Throws extends FakeTransport {
		constructor() {
			super();
			throw new Error("no memory");
		}
	}
	const plain = new FakeTransport();
	for (const [type, stream, over, words] of [
		[MQTT_TRANSPORT_SECURE, plain, Over, "TLS"],
		[MQTT_TRANSPORT_SECURE_WEBSOCKET, new FakeTransport(), Over, "TLS"],
		[MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, new FakeTransport(), Throws, "no memory"],
		[MQTT_TRANSPORT_NON_SECURE_WEBSOCKET, new FakeTransport(), () => 0, ""],
	] as const) {
		const client = clientOf(4, {
			transport: { type, open: () => stream, websocket: { over: over as unknown as typeof Over, config: { tmpBuf } } },
		});
		equal(mqttConnect(client), -EIO);
		ok(client.failure?.startsWith("open: ") && client.failure.includes(words), client.failure);
		equal(stream.closed, true, words);
	}
});
