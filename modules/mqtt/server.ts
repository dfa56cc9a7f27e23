/* What the server can and wants, as its CONNACK says (5.0 §3.2.2.3); a server of 3.1.1 says nothing, and can everything. */

import { PACKET_MAX } from "mqtt/packet";
import type { MqttProperties } from "mqtt/properties";
import {
	MAXIMUM_PACKET_SIZE,
	MAXIMUM_QOS,
	RECEIVE_MAXIMUM,
	RETAIN_AVAILABLE,
	SERVER_KEEP_ALIVE,
	SHARED_SUB_AVAILABLE,
	SUBSCRIPTION_IDS_AVAILABLE,
	TOPIC_ALIAS_MAXIMUM,
	WILDCARD_SUB_AVAILABLE,
} from "mqtt/property";

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
		this.wildcards = prop.number(WILDCARD_SUB_AVAILABLE) !== 0;
		this.identifiers = prop.number(SUBSCRIPTION_IDS_AVAILABLE) !== 0;
		this.shared = prop.number(SHARED_SUB_AVAILABLE) !== 0;
		this.keepAlive = prop.number(SERVER_KEEP_ALIVE);
		this.limited = this.maximumQos < 2 || !this.retainAvailable || this.maximumPacketSize < PACKET_MAX;
	}

	/** Whether a message may be sent. */
	takes(qos: number, retain: boolean): boolean {
		return qos <= this.maximumQos && (this.retainAvailable || !retain);
	}
}

const or = (value: number, missing: number) => (value < 0 ? missing : value);
