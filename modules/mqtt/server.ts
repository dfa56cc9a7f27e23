/* What the server can and wants, as its CONNACK says (5.0 §3.2.2.3); a server of 3.1.1 says nothing, and can everything. */

import { PACKET_MAX } from "mqtt/packet";
import type { MqttProperties } from "mqtt/properties";

const RECEIVE_MAXIMUM = 0x21;
const TOPIC_ALIAS_MAXIMUM = 0x22;
const SERVER_KEEP_ALIVE = 0x13;
const MAXIMUM_QOS = 0x24;
const RETAIN_AVAILABLE = 0x25;
const MAXIMUM_PACKET_SIZE = 0x27;
const WILDCARD_AVAILABLE = 0x28;
const IDENTIFIERS_AVAILABLE = 0x29;
const SHARED_AVAILABLE = 0x2a;

const ANY = 0xffff;

export class Server {
	/** Messages of QoS 1 and 2 that it takes unacknowledged. */
	receiveMaximum = ANY;
	/** Of a packet, in bytes. */
	maximumPacketSize = PACKET_MAX;
	maximumQos = 2;
	topicAliasMaximum = 0;
	retainAvailable = true;
	wildcards = true;
	identifiers = true;
	shared = true;
	/** In seconds; -1: the client's own. */
	keepAlive = -1;
	/** Not every message may be sent. */
	limited = false;

	/** Takes what a CONNACK says; one without properties is that of a server that can everything. */
	learn(prop: MqttProperties): void {
		this.receiveMaximum = or(prop.number(RECEIVE_MAXIMUM), ANY);
		this.maximumPacketSize = or(prop.number(MAXIMUM_PACKET_SIZE), PACKET_MAX);
		this.maximumQos = or(prop.number(MAXIMUM_QOS), 2);
		this.topicAliasMaximum = or(prop.number(TOPIC_ALIAS_MAXIMUM), 0);
		this.retainAvailable = prop.number(RETAIN_AVAILABLE) !== 0;
		this.wildcards = prop.number(WILDCARD_AVAILABLE) !== 0;
		this.identifiers = prop.number(IDENTIFIERS_AVAILABLE) !== 0;
		this.shared = prop.number(SHARED_AVAILABLE) !== 0;
		this.keepAlive = prop.number(SERVER_KEEP_ALIVE);
		this.limited = this.maximumQos < 2 || !this.retainAvailable || this.maximumPacketSize < PACKET_MAX;
	}

	/** Whether a message may be sent. */
	takes(qos: number, retain: boolean): boolean {
		return qos <= this.maximumQos && (this.retainAvailable || !retain);
	}
}

const or = (value: number, missing: number) => (value < 0 ? missing : value);
