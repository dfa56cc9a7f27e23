/* The properties of a packet of 5.0 that was received (§2.2.2), read where they lie. */
import { readUint16 } from "bytes/big-endian";
import {
	ASSIGNED_CLIENT_ID,
	AUTH_DATA,
	AUTH_METHOD,
	BYTE,
	CONTENT_TYPE,
	CORRELATION_DATA,
	findProperty,
	MAXIMUM_PACKET_SIZE,
	MAXIMUM_QOS,
	MESSAGE_EXPIRY_INTERVAL,
	numberAt,
	PAIR,
	PAYLOAD_FORMAT_INDICATOR,
	propertyOf,
	REASON_STRING,
	RECEIVE_MAXIMUM,
	REQUEST_PROBLEM_INFO,
	REQUEST_RESPONSE_INFO,
	RESPONSE_INFORMATION,
	RESPONSE_TOPIC,
	RETAIN_AVAILABLE,
	SERVER_KEEP_ALIVE,
	SERVER_REFERENCE,
	SESSION_EXPIRY_INTERVAL,
	SHARED_SUB_AVAILABLE,
	SUBSCRIPTION_IDENTIFIER,
	SUBSCRIPTION_IDS_AVAILABLE,
	TEXT,
	TOPIC_ALIAS,
	TOPIC_ALIAS_MAXIMUM,
	USER_PROP,
	VARIABLE,
	WILDCARD_SUB_AVAILABLE,
	WILL_DELAY_INTERVAL,
} from "mqtt/property";
import { MqttSpan, NO_BYTES, textOf } from "mqtt/span";

export { checkProperties, PROPERTIES, WILL } from "mqtt/property";
export { type MqttPropertyValues, propertiesFault, writeProperties } from "mqtt/property-values";

/**
 * The properties of the packet that was received last, where they lie in the buffer: what they are goes for as long as the packet does. Fields
 * that the packet does not have are undefined. Getters of text, bytes and lists make new ones each time.
 */
export class MqttProperties {
	#bytes = NO_BYTES;
	#start = 0;
	#end = 0;

	/** Points it to a section that checkProperties() found right. */
	set(bytes: Uint8Array, start: number, end: number): void {
		this.#bytes = bytes;
		this.#start = start;
		this.#end = end;
	}

	clear(): void {
		this.#start = this.#end = 0;
	}

	/** Whether there is a property with this identifier. Allocates nothing. */
	has(id: number): boolean {
		return this.at(id, 0) >= 0;
	}

	/** The value of a property that is a number; -1 if it is not there. `index` counts where there may be several. Allocates nothing. */
	number(id: number, index = 0): number {
		const at = this.at(id, index);
		const type = propertyOf(id)?.type ?? PAIR;
		return at < 0 || type > VARIABLE ? -1 : numberAt(this.#bytes, at, type);
	}

	/**
	 * Points `span` to the value of a property that is text or bytes: false if it is not there. Of a user property, number `index`, it is the
	 * name, and `value` is pointed to the value. Allocates nothing.
	 */
	find(id: number, span: MqttSpan, index = 0, value?: MqttSpan): boolean {
		const at = this.at(id, index);
		const type = propertyOf(id)?.type ?? BYTE;
		if (at < 0 || type < TEXT) return false;
		const end = this.point(span, at);
		if (type === PAIR && value !== undefined) this.point(value, end);
		return true;
	}

	/** In s; 0xffffffff: for ever. */
	get sessionExpiryInterval(): number | undefined {
		return this.numberOrNone(SESSION_EXPIRY_INTERVAL);
	}
	get receiveMaximum(): number | undefined {
		return this.numberOrNone(RECEIVE_MAXIMUM);
	}
	get maximumPacketSize(): number | undefined {
		return this.numberOrNone(MAXIMUM_PACKET_SIZE);
	}
	get topicAliasMaximum(): number | undefined {
		return this.numberOrNone(TOPIC_ALIAS_MAXIMUM);
	}
	get requestResponseInfo(): number | undefined {
		return this.numberOrNone(REQUEST_RESPONSE_INFO);
	}
	get requestProblemInfo(): number | undefined {
		return this.numberOrNone(REQUEST_PROBLEM_INFO);
	}
	get userProp(): [name: string, value: string][] {
		const list: [string, string][] = [];
		const name = new MqttSpan();
		const value = new MqttSpan();
		for (let index = 0; this.find(USER_PROP, name, index, value); index++) list.push([name.toString(), value.toString()]);
		return list;
	}
	get authMethod(): string | undefined {
		return this.text(AUTH_METHOD);
	}
	get authData(): Uint8Array | undefined {
		return this.binary(AUTH_DATA);
	}
	get willDelayInterval(): number | undefined {
		return this.numberOrNone(WILL_DELAY_INTERVAL);
	}
	get payloadFormatIndicator(): number | undefined {
		return this.numberOrNone(PAYLOAD_FORMAT_INDICATOR);
	}
	/** In s. */
	get messageExpiryInterval(): number | undefined {
		return this.numberOrNone(MESSAGE_EXPIRY_INTERVAL);
	}
	get contentType(): string | undefined {
		return this.text(CONTENT_TYPE);
	}
	get responseTopic(): string | undefined {
		return this.text(RESPONSE_TOPIC);
	}
	get correlationData(): Uint8Array | undefined {
		return this.binary(CORRELATION_DATA);
	}
	/** Of all subscriptions that matched and have one. */
	get subscriptionIdentifier(): number[] {
		const list: number[] = [];
		for (let index = 0; ; index++) {
			const id = this.number(SUBSCRIPTION_IDENTIFIER, index);
			if (id < 0) return list;
			list.push(id);
		}
	}
	get assignedClientId(): string | undefined {
		return this.text(ASSIGNED_CLIENT_ID);
	}
	/** In s. */
	get serverKeepAlive(): number | undefined {
		return this.numberOrNone(SERVER_KEEP_ALIVE);
	}
	get responseInformation(): string | undefined {
		return this.text(RESPONSE_INFORMATION);
	}
	get serverReference(): string | undefined {
		return this.text(SERVER_REFERENCE);
	}
	get reasonString(): string | undefined {
		return this.text(REASON_STRING);
	}
	get topicAlias(): number | undefined {
		return this.numberOrNone(TOPIC_ALIAS);
	}
	get maximumQos(): number | undefined {
		return this.numberOrNone(MAXIMUM_QOS);
	}
	get retainAvailable(): number | undefined {
		return this.numberOrNone(RETAIN_AVAILABLE);
	}
	get wildcardSubAvailable(): number | undefined {
		return this.numberOrNone(WILDCARD_SUB_AVAILABLE);
	}
	get subscriptionIdsAvailable(): number | undefined {
		return this.numberOrNone(SUBSCRIPTION_IDS_AVAILABLE);
	}
	get sharedSubAvailable(): number | undefined {
		return this.numberOrNone(SHARED_SUB_AVAILABLE);
	}

	/** Where the value of a property begins, or -1. */
	private at(id: number, index: number): number {
		return findProperty(this.#bytes, this.#start, this.#end, id, index);
	}

	/** Points a span to what has its length before it, at `at`. Returns where that ends. */
	private point(span: MqttSpan, at: number): number {
		const end = at + 2 + readUint16(this.#bytes, at);
		span.set(this.#bytes, at + 2, end);
		return end;
	}

	private numberOrNone(id: number): number | undefined {
		const value = this.number(id);
		return value < 0 ? undefined : value;
	}

	private text(id: number): string | undefined {
		const at = this.at(id, 0);
		return at < 0 ? undefined : textOf(this.#bytes, at + 2, at + 2 + readUint16(this.#bytes, at));
	}

	private binary(id: number): Uint8Array | undefined {
		const at = this.at(id, 0);
		return at < 0 ? undefined : this.#bytes.slice(at + 2, at + 2 + readUint16(this.#bytes, at));
	}
}
