/*
 * Topic and properties of a message that is published, as bytes: what goes into the store is measured first. Most apps publish to the
 * same topics again, so a topic that was there last time is not looked at again.
 */
import { text } from "bytes/block";
import { readVariable, sizeOfVariable } from "bytes/variable-integer";
import { PUBLISH } from "mqtt/packet";
import { type MqttPropertyValues, propertiesFault, writeProperties } from "mqtt/properties";
import { TOPIC_ALIAS } from "mqtt/property";
import { TEXT_MAX } from "mqtt/text";
import { isTopicName } from "mqtt/topic";

const INITIAL = 64;
/** Of UTF-8, for one of UTF-16, at most. */
const BYTES_PER_UNIT = 3;
/** Two of the longest properties and some. */
const MOST = 0x40000;

export class Scratch {
	bytes = new Uint8Array(INITIAL);
	/** The topic is in `bytes` up to here. */
	topicEnd = 0;
	/** The properties, without their length and a topic alias. */
	propStart = 0;
	propEnd = 0;
	#topic: string | undefined;

	/** Takes a topic: whether it is a topic name (§4.7), or empty. Allocates if it is longer than any before. */
	topic(topic: string | Uint8Array): boolean {
		if (topic === this.#topic) return true;
		this.#topic = undefined;
		if (typeof topic !== "string") {
			if (topic.length > TEXT_MAX) return false;
			if (topic.length > this.bytes.length) this.bytes = new Uint8Array(topic.length);
			this.bytes.set(topic);
			this.topicEnd = topic.length;
			return this.topicEnd === 0 || isTopicName(this.bytes, 0, this.topicEnd);
		}
		for (;;) {
			const end = text(this.bytes, 0, topic);
			if (end >= 0) {
				this.topicEnd = end;
				break;
			}
			// No text at all, or too long.
			if (this.bytes.length >= topic.length * BYTES_PER_UNIT || this.bytes.length > TEXT_MAX) return false;
			this.bytes = new Uint8Array(this.bytes.length * 2);
		}
		if (this.topicEnd > TEXT_MAX || (this.topicEnd > 0 && !isTopicName(this.bytes, 0, this.topicEnd))) return false;
		this.#topic = topic;
		return true;
	}

	/** Takes the properties, behind the topic: false if they are none, or longer than any packet. Allocates if they need more room than any before. */
	properties(values: MqttPropertyValues | undefined): boolean {
		this.propStart = this.propEnd = this.topicEnd;
		if (values === undefined) return true;
		for (;;) {
			const end = writeProperties(this.bytes, this.topicEnd, this.bytes.length, values, PUBLISH, TOPIC_ALIAS);
			if (end >= 0) {
				this.propStart = this.topicEnd + sizeOfVariable(readVariable(this.bytes, this.topicEnd, end));
				this.propEnd = end;
				return true;
			}
			if (this.bytes.length > MOST || propertiesFault(values, PUBLISH)) return false;
			const longer = new Uint8Array(this.bytes.length * 2);
			longer.set(this.bytes);
			this.bytes = longer;
		}
	}
}
