/*
 * Enhanced authentication (5.0 §4.12): who says the next AUTH, and by which method. CONNECT begins it, and later, a client's AUTH with 0x19;
 * then it is one after the other.
 */
import { equal } from "bytes/block";
import { EALREADY, EINVAL, MQTT_REASON_CONTINUE_AUTHENTICATION } from "mqtt/codes";
import type { MqttProperties, MqttPropertyValues } from "mqtt/properties";
import { AUTH_DATA, AUTH_METHOD } from "mqtt/property";
import { MqttSpan } from "mqtt/span";

/** No exchange is under way, or somebody is to say the next of it. */
const TURN_NONE = 0;
const TURN_SERVER = 1;
const TURN_CLIENT = 2;

export class Authentication {
	/** Why mayFollow() gave an errno, in words. */
	why = "";
	#turn = TURN_NONE;
	#method: MqttPropertyValues["authMethod"];

	/** A new connection, whose CONNECT has these properties. */
	begin(prop: MqttPropertyValues | undefined): void {
		this.#method = prop?.authMethod;
		this.#turn = this.#method === undefined ? TURN_NONE : TURN_SERVER;
	}

	/** An exchange is under way. */
	get underWay(): boolean {
		return this.#turn !== TURN_NONE;
	}

	/** CONNACK ends the first exchange: whether its properties are right [MQTT-4.12.0-5, MQTT-4.12.0-6]. */
	accepts(prop: MqttProperties): boolean {
		this.#turn = TURN_NONE;
		return this.#method === undefined ? !prop.has(AUTH_METHOD) && !prop.has(AUTH_DATA) : this.sameMethod(prop);
	}

	/** The server's AUTH: whether it may come now; `connecting`: before CONNACK, which is then the end of the exchange. */
	takes(reason: number, prop: MqttProperties, connecting: boolean): boolean {
		if (this.#turn !== TURN_SERVER || !this.sameMethod(prop)) return false;
		const goesOn = reason === MQTT_REASON_CONTINUE_AUTHENTICATION;
		if (!goesOn && (reason !== 0 || connecting)) return false;
		this.#turn = goesOn ? TURN_CLIENT : TURN_NONE;
		return true;
	}

	/** The client's AUTH: 0, or -EINVAL, -EALREADY [MQTT-4.12.0-3]. */
	mayFollow(reason: number): number {
		const answers = reason === MQTT_REASON_CONTINUE_AUTHENTICATION;
		if (answers && this.#turn === TURN_NONE) {
			this.why = "reasonCode: the server has asked nothing";
			return -EINVAL;
		}
		this.why = "reasonCode: authentication is under way";
		return this.#turn === (answers ? TURN_CLIENT : TURN_NONE) ? 0 : -EALREADY;
	}

	/** The client's AUTH is on its way. */
	sent(): void {
		this.#turn = TURN_SERVER;
	}

	/** [MQTT-4.12.0-5] */
	private sameMethod(prop: MqttProperties): boolean {
		const method = this.#method;
		const span = new MqttSpan();
		if (method === undefined || !prop.find(AUTH_METHOD, span)) return false;
		if (typeof method === "string") return span.equals(method);
		return span.length === method.length && equal(span.bytes, span.start, span.end, method, 0);
	}
}
