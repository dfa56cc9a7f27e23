/*
 * What an MQTT client takes of the machine's memory, for tools/memory.ts, which has the broker: `transport` tcp or websocket, `version`,
 * `store` in bytes, 0 for none. Live counts are those behind a collection. The buffers and the records are the app's, and made before.
 */
import { exit } from "device";
import config from "mc/config";
import {
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
	MQTT_TRANSPORT_NON_SECURE,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	type MqttClient,
	type MqttPublishParam,
	type MqttSubscriptionList,
	mqttConnect,
	mqttDisconnect,
	mqttPublish,
	mqttReadPublishPayload,
	mqttSubscribe,
} from "mqtt";
import Timer from "timer";
import { WebsocketTransport } from "transport/over-websocket";
import { TcpTransport } from "transport/tcp";
import { websocketInit } from "websocket";
import { ever, live, nothing, peak, settled } from "./span";

const OVER_WEBSOCKET = config.transport === "websocket";
const RX_BUF = Number(config.rxBuf);
const TX_BUF = Number(config.txBuf);
const STORE = Number(config.store);
const WEBSOCKET_TMP_BUF = Number(config.websocketTmpBuf);
const WEBSOCKET_TX_BUF = Number(config.websocketTxBuf);
const MESSAGES = Number(config.messages);
/** The first client makes what all of them share; the last two have to cost the same. */
const CLIENTS = 3;

const buffers = () => ({
	rxBuf: new Uint8Array(RX_BUF),
	txBuf: new Uint8Array(TX_BUF),
	store: STORE ? new Uint8Array(STORE) : undefined,
	tmpBuf: OVER_WEBSOCKET ? new Uint8Array(WEBSOCKET_TMP_BUF) : undefined,
	websocketTxBuf: OVER_WEBSOCKET ? new Uint8Array(WEBSOCKET_TX_BUF) : undefined,
});

const subscriptionTo = (topic: string): MqttSubscriptionList => ({ list: [{ topic, qos: 1 }], messageId: 0, assignedId: 0 });

/** All that the app has for one client, and what it costs. */
class One {
	readonly spans = { handshake: ever(), peak: peak(), open: live(), used: live(), subscription: live() };
	readonly client: MqttClient;
	readonly payload = new Uint8Array(MESSAGES);
	readonly publication: MqttPublishParam = {
		message: { topic: { topic: "memory", qos: 1 }, payload: { data: this.payload, len: 0 } },
		messageId: 0,
		assignedId: 0,
	};
	readonly subscriptions = [subscriptionTo("memory"), subscriptionTo("memory/more")] as const;
	/** What to do at an event; made before, for what is measured in between. */
	connected = nothing;
	subscribed = nothing;
	message = nothing;
	ended = nothing;

	constructor() {
		const { rxBuf, txBuf, store, tmpBuf, websocketTxBuf } = buffers();
		this.client = {
			broker: { host: "127.0.0.1", port: Number(config.port) },
			transport: {
				type: OVER_WEBSOCKET ? MQTT_TRANSPORT_NON_SECURE_WEBSOCKET : MQTT_TRANSPORT_NON_SECURE,
				open: ({ host, port }) => new TcpTransport({ host, port, nodelay: true }),
				websocket: tmpBuf && { over: WebsocketTransport, config: { tmpBuf, txBuf: websocketTxBuf } },
			},
			clientId: "memory",
			protocolVersion: Number(config.version),
			prop: undefined,
			rxBuf,
			txBuf,
			store,
			evtCb: (client, { type, result, param }) => {
				if (result !== 0) throw new Error(`event ${type}: ${result} ${client.failure}`);
				if (type === MQTT_EVT_CONNACK) this.connected();
				else if (type === MQTT_EVT_SUBACK) this.subscribed();
				else if (type === MQTT_EVT_DISCONNECT) this.ended();
				else if (type === MQTT_EVT_PUBLISH) {
					const { len } = param.publish.message.payload;
					if (mqttReadPublishPayload(client, this.payload, this.payload.length) !== len) throw new Error("half a message");
					this.message();
				}
			},
		};
	}

	publish(length: number): void {
		this.publication.message.payload.len = length;
		right(mqttPublish(this.client, this.publication), this.client);
	}

	/** What the library wrote into the record goes, too. */
	forget(): void {
		const { client } = this;
		delete client.internal;
		delete client.cleanSession;
		delete client.keepalive;
		delete client.unackedPing;
		delete client.failure;
		client.prop = undefined;
	}
}

function right(result: number, { failure }: MqttClient): void {
	if (result !== 0) throw new Error(`${result} ${failure}`);
}

async function measure(one: One): Promise<void> {
	const { spans, client } = one;
	await settled();
	spans.open.begin();
	await new Promise<void>((resolve) => {
		one.connected = () => {
			spans.handshake.end();
			spans.peak.end();
			resolve();
		};
		// From callback to callback, for an await in between would be counted.
		Timer.set(() => {
			spans.peak.begin();
			spans.handshake.begin();
			right(mqttConnect(client), client);
		});
	});
	one.connected = nothing;
	await settled();
	spans.open.end();
	spans.used.begin();
	await subscribe(one, 0);
	for (let length = 1; length <= MESSAGES; length++)
		await new Promise<void>((resolve) => {
			one.message = resolve;
			one.publish(length);
		});
	one.message = nothing;
	await settled();
	spans.used.end();
	spans.subscription.begin();
	await subscribe(one, 1);
	await settled();
	spans.subscription.end();
}

async function subscribe(one: One, index: 0 | 1): Promise<void> {
	await new Promise<void>((resolve) => {
		one.subscribed = resolve;
		right(mqttSubscribe(one.client, one.subscriptions[index]), one.client);
	});
	one.subscribed = nothing;
}

async function finish(one: One): Promise<void> {
	await new Promise<void>((resolve) => {
		one.ended = resolve;
		right(mqttDisconnect(one.client), one.client);
	});
	one.ended = nothing;
	one.forget();
}

async function run(): Promise<void> {
	const cost = live();
	const held: unknown[] = [undefined, undefined, undefined, undefined, undefined];
	const made = buffers;
	await settled();
	cost.begin();
	{
		const { rxBuf, txBuf, store, tmpBuf, websocketTxBuf } = made();
		held[0] = rxBuf;
		held[1] = txBuf;
		held[2] = store;
		held[3] = tmpBuf;
		held[4] = websocketTxBuf;
	}
	await settled();
	cost.end();
	const left = live();
	const all: One[] = [];
	for (let i = 0; i < CLIENTS; i++) all.push(new One());
	// What the pool of contexts takes is measured with WebSocket, and stays.
	if (OVER_WEBSOCKET) websocketInit();
	for (const one of all) await measure(one);
	// Whether the memory of a client comes back: all but the first, which has made what is shared.
	await finish(all[0] as One);
	await settled();
	left.begin();
	for (const one of all.slice(1)) await finish(one);
	await settled();
	left.end();
	const connections = all.map(({ spans: { handshake, peak, open, used, subscription } }) => ({
		handshake: handshake.result(),
		peak: peak.result(),
		open: open.result(),
		used: used.result(),
		subscription: subscription.result(),
	}));
	trace(`@memory ${JSON.stringify({ buffers: cost.result(), returned: left.result(), connections })}\n`);
	exit(0);
}

run().catch((error) => {
	Timer.set(() => {
		throw error;
	});
});
