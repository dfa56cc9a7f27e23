/*
 * The device's job: joins the broker, publishes what it measures, obeys commands, says goodbye. A class in a module that is preloaded, so
 * that all of it stays in flash; its fields are what it takes of RAM.
 *
 *   xs/<id>/status       "online", or "offline"; the broker keeps it, and says "offline" itself, as the will, when it loses the device
 *   xs/<id>/measurement  QoS 1: waits in the client's store while there is no broker
 *   xs/<id>/memory       QoS 0: how it was a while ago is of no use
 *   xs/<id>/command      what to do: commands.ts
 *   xs/<id>/reply        what came of it
 */
import {
	MQTT_EVT_CONNACK,
	MQTT_EVT_DISCONNECT,
	MQTT_EVT_PUBACK,
	MQTT_EVT_PUBLISH,
	MQTT_EVT_SUBACK,
	MQTT_QOS_0_AT_MOST_ONCE,
	MQTT_QOS_1_AT_LEAST_ONCE,
	MQTT_SUBACK_FAILURE,
	type MqttClient,
	type MqttEvt,
	type MqttPublishParam,
	mqttAbort,
	mqttConnect,
	mqttDisconnect,
	mqttPublish,
	mqttReconnectTimeLeft,
	mqttSubscribe,
} from "mqtt";
import Time from "time";
import Timer from "timer";
import { Commands } from "./commands";
import { Measurements } from "./measurements";
import type { Settings } from "./settings";

const QOS_0 = MQTT_QOS_0_AT_MOST_ONCE;
const QOS_1 = MQTT_QOS_1_AT_LEAST_ONCE;

/** Return codes of CONNACK in 3.1.1 (§3.2.2.3) that will be the same at the next attempt. */
const REFUSALS: readonly string[] = Object.freeze([
	"",
	"it does not speak MQTT 3.1.1",
	"it does not take this id",
	"",
	"wrong user or password",
	"not authorized",
]);

const say = (text: string) => trace(`${text}\n`);

export class Telemetry {
	readonly #client: MqttClient;
	readonly #settings: Settings;
	readonly #measurements = new Measurements();
	readonly #commands = new Commands({
		setInterval: (ms) => this.pace(ms),
		setLed: (state) => {
			this.#measurements.led = state;
		},
		stop: () => this.leave(),
	});
	/** Used again for every message. */
	readonly #param: MqttPublishParam = { message: { topic: { topic: "", qos: 0 }, payload: { data: new Uint8Array(0) } } };
	/** None if the broker's answers decide when. */
	#timer: Timer | undefined;
	#connected = false;
	#subscribed = false;
	/** Attempts in a row that failed, and what the broker said to the last one. */
	#failed = 0;
	#refused = 0;
	/** Identifiers of the last measurement and of the goodbye, and when the former was sent. */
	#measuredId = 0;
	#measuredAt = 0;
	#goodbyeId = 0;

	/** `client` lacks what this adds: the will and the callbacks. */
	constructor(client: Omit<MqttClient, "evtCb">, settings: Settings) {
		this.#settings = settings;
		this.#client = {
			...client,
			willTopic: { topic: this.topic("status"), qos: QOS_1 },
			willMessage: "offline",
			willRetain: 1,
			evtCb: (_, evt) => this.hear(evt),
			onPayload: () => this.command(),
		};
	}

	/** Begins; throws what is wrong with the client. */
	start(): void {
		const client = this.#client;
		const result = mqttConnect(client);
		if (result < 0) throw new Error(`${client.failure} (error ${result})`);
		this.pace(this.#settings.intervalMs);
	}

	/** A measurement every so many ms; with 0, one whenever the broker has the last one. */
	private pace(ms: number): void {
		if (this.#timer) Timer.clear(this.#timer);
		this.#timer = ms > 0 ? Timer.repeat(() => this.measure(), ms) : undefined;
		if (this.#connected) this.hurry();
	}

	/** The broker is ready for another one. */
	private hurry(): void {
		if (!this.#timer && !this.#goodbyeId) this.measure();
	}

	private hear({ type, result, param }: MqttEvt): void {
		switch (type) {
			case MQTT_EVT_CONNACK:
				this.#refused = param.connack.returnCode;
				if (result === 0) this.join(param.connack.sessionPresentFlag === 1);
				break;
			case MQTT_EVT_DISCONNECT:
				this.#connected = false;
				if (result === 0) say("disconnected");
				else this.lost();
				break;
			case MQTT_EVT_SUBACK:
				if ((param.suback.returnCodes.bytes[param.suback.returnCodes.start] as number) >= MQTT_SUBACK_FAILURE)
					say("the broker allows no commands");
				break;
			case MQTT_EVT_PUBACK:
				if (param.puback.messageId === this.#measuredId) {
					this.#measurements.roundTripMs = Time.ticks - this.#measuredAt;
					this.hurry();
				}
				// The broker has acknowledged the goodbye, and before that, what was published before it.
				if (param.puback.messageId === this.#goodbyeId) mqttDisconnect(this.#client);
				break;
			case MQTT_EVT_PUBLISH:
				this.#commands.begin(param.publish);
				this.command();
				break;
		}
	}

	private join(known: boolean): void {
		this.#connected = true;
		this.#failed = 0;
		say(known ? "connected, the broker knew this device" : "connected");
		// Once: the library subscribes again when the broker has forgotten it. QoS 0, for a command is for now, not for a device that is away.
		if (!this.#subscribed) this.#subscribed = mqttSubscribe(this.#client, { list: [{ topic: this.topic("command"), qos: QOS_0 }] }) === 0;
		if (!this.#goodbyeId) this.publish("status", "online", QOS_1, 1);
		this.hurry();
	}

	private measure(): void {
		const measurements = this.#measurements;
		this.#measuredAt = Time.ticks;
		this.#measuredId = this.publish("measurement", measurements.take(), QOS_1);
		const dropped = this.#measuredId < 0;
		if (dropped) measurements.dropped++;
		if (this.#connected) this.publish("memory", measurements.memory(), QOS_0);
		else say(`measurement ${measurements.count} ${dropped ? "is dropped: the store is full" : "waits for the broker"}`);
		if (measurements.count === this.#settings.count) this.leave();
	}

	private command(): void {
		const reply = this.#commands.read(this.#client);
		if (!reply) return;
		say(reply.done ?? `command ${JSON.stringify(reply.command)}: ${reply.error}`);
		this.publish("reply", JSON.stringify(reply), QOS_0);
	}

	/** No further measurement; the connection ends when the broker has everything. */
	private leave(): void {
		if (this.#goodbyeId) return;
		if (this.#timer) Timer.clear(this.#timer);
		this.#goodbyeId = this.publish("status", "offline", QOS_1, 1);
		// Without room for it, the broker is left to publish the will.
		if (this.#goodbyeId < 0) mqttAbort(this.#client);
	}

	private lost(): void {
		const refusal = REFUSALS[this.#refused];
		const why = refusal ? `the broker refused the connection: ${refusal}` : this.#client.failure;
		if (++this.#failed === this.#settings.attempts) this.fail(`${why}; gave up after ${this.#failed} attempts`);
		else if (refusal) this.fail(`${why}`);
		else say(`${why}; next attempt in ${mqttReconnectTimeLeft(this.#client)} ms`);
	}

	/** Stops the firmware; from the loop, because what a callback throws is the library's. */
	private fail(why: string): void {
		Timer.set(() => {
			throw new Error(why);
		});
	}

	/** The identifier, 0 with QoS 0, or a negative errno. */
	private publish(name: string, text: string, qos: number, retain = 0): number {
		const param = this.#param;
		param.message.topic.topic = this.topic(name);
		param.message.topic.qos = qos;
		param.message.payload.data = new Uint8Array(ArrayBuffer.fromString(text));
		param.messageId = 0;
		param.retainFlag = retain;
		const result = mqttPublish(this.#client, param);
		return result < 0 ? result : (param.messageId ?? 0);
	}

	private topic(name: string): string {
		return `xs/${this.#settings.id}/${name}`;
	}
}
