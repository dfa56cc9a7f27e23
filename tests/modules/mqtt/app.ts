/* An app for the tests: an MQTT client at a broker of this machine, whose events one can wait for. */
import config from "mc/config";
import {
	EAGAIN,
	MQTT_EVT_AUTH,
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBCOMP,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_PUBREC,
	MQTT_EVT_PUBREL,
	MQTT_EVT_SUBACK,
	MQTT_EVT_UNSUBACK,
	MQTT_TRANSPORT_NON_SECURE,
	MQTT_TRANSPORT_NON_SECURE_WEBSOCKET,
	type MqttClient,
	type MqttEvt,
	type MqttProperties,
	type MqttPropertyValues,
	type MqttPublishParam,
	type MqttSubscription,
	mqttAbort,
	mqttConnect,
	mqttDisconnect,
	mqttPublish,
	mqttReadallPublishPayload,
	mqttSubscribe,
	mqttUnsubscribe,
} from "mqtt";
import { equal } from "test";
import Timer from "timer";
import { WebsocketTransport } from "transport/over-websocket";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";

const LIMIT_MS = 30_000;

/** What the peer says of its ports. */
export const ports = config as unknown as Record<string, number>;

/** What MQTT goes over, and what that goes over. */
export interface Way {
	readonly websocket: boolean;
	readonly kind: "tcp" | "socket";
}
export const ways: readonly Way[] = [
	{ websocket: false, kind: "tcp" },
	{ websocket: false, kind: "socket" },
	{ websocket: true, kind: "tcp" },
	{ websocket: true, kind: "socket" },
];
export const nameOf = ({ websocket, kind }: Way) => `${websocket ? "websocket over " : ""}${kind}`;
/** The port of a broker on this way: "tcp" or "websocket", "cutTcp" or "cutWebsocket", and so on. */
export const portNameOf = ({ websocket }: Way, prefix = "") => {
	if (prefix) return prefix + (websocket ? "Websocket" : "Tcp");
	return websocket ? "websocket" : "tcp";
};

/** An event, kept. */
export interface Told {
	type: number;
	result: number;
	returnCode: number;
	sessionPresent: number;
	reasonCode: number;
	messageId: number;
	codes: string;
	topic: string;
	payload: string;
	len: number;
	qos: number;
	retain: number;
	dup: number;
	prop: Kept;
}

const names = [
	"sessionExpiryInterval",
	"receiveMaximum",
	"maximumPacketSize",
	"topicAliasMaximum",
	"payloadFormatIndicator",
	"messageExpiryInterval",
	"contentType",
	"responseTopic",
	"correlationData",
	"assignedClientId",
	"serverKeepAlive",
	"reasonString",
	"topicAlias",
	"maximumQos",
	"retainAvailable",
	"wildcardSubAvailable",
	"subscriptionIdsAvailable",
	"sharedSubAvailable",
	"responseInformation",
	"serverReference",
	"authMethod",
	"authData",
] as const;

/** Properties that an event had. */
export type Kept = Partial<Pick<MqttProperties, (typeof names)[number] | "userProp" | "subscriptionIdentifier">>;

function keep(prop: MqttProperties): Kept {
	const kept: Record<string, unknown> = {};
	for (const name of names) if (prop[name] !== undefined) kept[name] = prop[name];
	if (prop.userProp.length) kept.userProp = prop.userProp;
	if (prop.subscriptionIdentifier.length) kept.subscriptionIdentifier = prop.subscriptionIdentifier;
	return kept;
}

/** Buffers that one app after the other uses. */
const rxBuf = new Uint8Array(512);
const txBuf = new Uint8Array(512);
const tmpBuf = new Uint8Array(512);
const wsTxBuf = new Uint8Array(528);

/** Who has them. */
let alone: App | undefined;

/** How to open the transport of a client. Clients that live at the same time need buffers of their own. */
export function transportOf({ websocket, kind }: Way, shared = true): MqttClient["transport"] {
	return {
		type: websocket ? MQTT_TRANSPORT_NON_SECURE_WEBSOCKET : MQTT_TRANSPORT_NON_SECURE,
		open: ({ host, port }) =>
			kind === "tcp" ? new TcpTransport({ host, port, nodelay: true }) : new SocketTransport({ host, port, noDelay: true }),
		...(websocket && {
			websocket: {
				over: WebsocketTransport,
				config: shared ? { tmpBuf, txBuf: wsTxBuf } : { tmpBuf: new Uint8Array(512), txBuf: new Uint8Array(528) },
			},
		}),
	};
}

export class App {
	readonly client: MqttClient;
	readonly #told: Told[] = [];
	#tell = () => {};
	#room = () => {};
	/** The payload that is being read, and the event that it belongs to. */
	#payload: Uint8Array | undefined;
	#message: Told | undefined;

	/** With `shared: false`, it has buffers of its own. */
	constructor(way: Way, port: number | undefined, options: Partial<MqttClient> = {}, shared = true) {
		if (shared) {
			// Of a test that failed, perhaps.
			if (alone) mqttAbort(alone.client);
			alone = this;
		}
		this.client = {
			broker: { host: "127.0.0.1", port },
			transport: transportOf(way, shared),
			clientId: "device",
			rxBuf: shared ? rxBuf : new Uint8Array(512),
			txBuf: shared ? txBuf : new Uint8Array(512),
			evtCb: (_, evt) => this.#hear(evt),
			onPayload: () => this.#read(),
			onWritable: () => this.#room(),
			...options,
		};
	}

	#hear({ type, result, param }: MqttEvt): void {
		const { connack, publish, puback, suback, disconnect } = param;
		const told: Told = {
			type,
			result,
			returnCode: type === MQTT_EVT_CONNACK ? connack.returnCode : 0,
			sessionPresent: type === MQTT_EVT_CONNACK ? connack.sessionPresentFlag : 0,
			reasonCode: type === MQTT_EVT_DISCONNECT || type === MQTT_EVT_AUTH ? disconnect.reasonCode : isAck(type) ? puback.reasonCode : 0,
			messageId: 0,
			codes: "",
			topic: "",
			payload: "",
			len: 0,
			qos: 0,
			retain: 0,
			dup: 0,
			prop: keep(disconnect.prop),
		};
		if (isAck(type)) told.messageId = puback.messageId;
		if (type === MQTT_EVT_SUBACK || type === MQTT_EVT_UNSUBACK) {
			const { bytes, start, end } = suback.returnCodes;
			told.codes = bytes.slice(start, end).join();
			told.messageId = suback.messageId;
		}
		if (type === MQTT_EVT_PUBLISH) {
			const { topic, payload } = publish.message;
			told.topic = topic.topic.toString();
			told.qos = topic.qos;
			told.len = payload.len;
			told.messageId = publish.messageId;
			told.retain = publish.retainFlag;
			told.dup = publish.dupFlag;
			this.#payload = new Uint8Array(payload.len);
			this.#message = told;
			this.#read();
		} else this.#push(told);
	}

	#read(): void {
		const payload = this.#payload;
		const told = this.#message;
		if (!payload || !told || mqttReadallPublishPayload(this.client, payload, payload.length) === -EAGAIN) return;
		this.#payload = undefined;
		told.payload = payload.length ? String.fromArrayBuffer(payload.buffer as ArrayBuffer) : "";
		this.#push(told);
	}

	#push(told: Told): void {
		this.#told.push(told);
		this.#tell();
	}

	/** The next event of a type, or of one of two; others stay. */
	async next(type: number, or = type): Promise<Told> {
		for (;;) {
			for (let i = 0; i < this.#told.length; i++) {
				const told = this.#told[i]!;
				if (told.type !== type && told.type !== or) continue;
				this.#told.splice(i, 1);
				return told;
			}
			await new Promise<void>((resolve, reject) => {
				const late = Timer.set(() => {
					const others = this.#told.map(({ type, result }) => `${type}: ${result}`).join();
					reject(new Error(`no event ${type} in ${LIMIT_MS} ms; others: ${others}; ${this.client.failure}`));
				}, LIMIT_MS);
				this.#tell = () => {
					Timer.clear(late);
					this.#tell = () => {};
					resolve();
				};
			});
		}
	}

	/** How many events of a type nobody took. */
	waiting(type: number): number {
		return this.#told.filter((told) => told.type === type).length;
	}

	/** Begins to connect. */
	start(): void {
		equal(mqttConnect(this.client), 0, this.client.failure);
	}

	async connect(): Promise<Told> {
		this.start();
		const told = await this.next(MQTT_EVT_CONNACK, MQTT_EVT_DISCONNECT);
		equal(told.type, MQTT_EVT_CONNACK, this.client.failure);
		return told;
	}

	/** Publishes, and gives the acknowledgement that it ends with, or undefined with QoS 0. */
	async publish(topic: string, text: string, qos: number, more: Partial<MqttPublishParam> = {}): Promise<Told | undefined> {
		const data = text ? new Uint8Array(ArrayBuffer.fromString(text)) : new Uint8Array(0);
		const param: MqttPublishParam = { message: { topic: { topic, qos }, payload: { data, len: data.length } }, ...more };
		for (;;) {
			const result = mqttPublish(this.client, param);
			if (result === 0) break;
			equal(result, -EAGAIN, this.client.failure);
			await new Promise<void>((resolve) => {
				this.#room = resolve;
			});
		}
		if (qos === 0) return undefined;
		let told: Told;
		do told = await this.next(qos === 1 ? MQTT_EVT_PUBACK : MQTT_EVT_PUBCOMP, MQTT_EVT_PUBREC);
		while (told.type === MQTT_EVT_PUBREC && told.reasonCode < 0x80);
		equal(told.messageId, param.messageId);
		return told;
	}

	/** Gives the broker's codes, with commas. */
	async subscribe(list: readonly MqttSubscription[], prop?: MqttPropertyValues): Promise<string> {
		equal(mqttSubscribe(this.client, { list, prop }), 0, this.client.failure);
		return (await this.next(MQTT_EVT_SUBACK)).codes;
	}

	async unsubscribe(topic: string): Promise<string> {
		equal(mqttUnsubscribe(this.client, { list: [{ topic }] }), 0, this.client.failure);
		return (await this.next(MQTT_EVT_UNSUBACK)).codes;
	}

	/** The next message, as mosquitto_sub of the peer has it: topic, QoS, retain flag, payload. */
	async message(): Promise<string> {
		return lineOf(await this.next(MQTT_EVT_PUBLISH));
	}

	/** Ends with DISCONNECT, for apps that have an evtCb of their own. */
	leave(): void {
		equal(mqttDisconnect(this.client), 0, this.client.failure);
	}

	/** Ends with DISCONNECT. */
	async disconnect(prop?: MqttPropertyValues, reasonCode?: number): Promise<void> {
		// Attempts that failed before this one are of no interest any more.
		while (this.waiting(MQTT_EVT_DISCONNECT)) await this.next(MQTT_EVT_DISCONNECT);
		equal(mqttDisconnect(this.client, prop || reasonCode ? { prop, reasonCode } : undefined), 0, this.client.failure);
		equal((await this.next(MQTT_EVT_DISCONNECT)).result, 0, this.client.failure);
	}
}

const isAck = (type: number) =>
	type === MQTT_EVT_PUBACK || type === MQTT_EVT_PUBREC || type === MQTT_EVT_PUBREL || type === MQTT_EVT_PUBCOMP;

export const lineOf = ({ topic, qos, retain, payload }: Told) => `${topic} ${qos} ${retain} ${payload}`;
