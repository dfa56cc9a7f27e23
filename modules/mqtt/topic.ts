/*
 * What a topic name and a topic filter may be (§4.7, the same in both standards; shared subscriptions: 5.0 §4.8.2). On bytes, which is how
 * they come and go; nothing here allocates.
 */
import { find, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import { isText, TEXT_MAX } from "mqtt/text";

const PLUS = 0x2b;
const HASH = 0x23;
const SLASH = 0x2f;
/** "$share/" */
const SHARE = Object.freeze([0x24, 0x73, 0x68, 0x61, 0x72, 0x65, 0x2f]);

/** Whether there is a wildcard, + or #, from `start` to `end`. */
export function hasWildcard(bytes: Uint8Array, start: number, end: number): boolean {
	return find(bytes, start, end, PLUS, HASH, HASH) >= 0;
}

/** Whether the bytes from `start` to `end` are text without wildcards, or none at all: in one go, for each message that comes has one. */
export function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
	return find(bytes, start, end, 0, PLUS, HASH) < 0 && utf8Check(UTF8_ACCEPT, bytes, start, end) === UTF8_ACCEPT;
}

/**
 * Whether the bytes from `start` to `end` are a topic name, that one can publish to: at least one character, at most 65,535 bytes, text, and
 * no wildcard [MQTT-4.7.3-1 to 3, MQTT-3.3.2-2].
 */
export function isTopicName(bytes: Uint8Array, start: number, end: number): boolean {
	return start < end && end - start <= TEXT_MAX && isPlain(bytes, start, end);
}

/**
 * Whether the bytes from `start` to `end` are a topic filter, that one can subscribe to: as a topic name, but # may be its last level and +
 * any level, if they are all of that level [MQTT-4.7.1-1, MQTT-4.7.1-2]. What begins with $share/ is a filter only if a share name follows,
 * of one character at least and without wildcards, and a filter behind it [MQTT-4.8.2-1, MQTT-4.8.2-2].
 */
export function isTopicFilter(bytes: Uint8Array, start: number, end: number): boolean {
	if (end - start > TEXT_MAX || !isText(bytes, start, end)) return false;
	let at = start;
	if (isShared(bytes, start, end)) {
		const share = start + SHARE.length;
		for (at = share; at < end && bytes[at] !== SLASH; at++);
		if (at === share || at === end || hasWildcard(bytes, share, at)) return false;
		at++;
	}
	if (at === end) return false;
	for (let level = at; at < end; at++) {
		const byte = bytes[at];
		if (byte === SLASH) level = at + 1;
		else if (byte === PLUS || byte === HASH) {
			if (at !== level) return false;
			if (at + 1 < end && (byte === HASH || bytes[at + 1] !== SLASH)) return false;
		}
	}
	return true;
}

/** Whether a filter begins with $share/: in 5.0 several clients share what matches it, and get each message once. */
export function isShared(bytes: Uint8Array, start: number, end: number): boolean {
	if (end - start < SHARE.length) return false;
	for (let i = 0; i < SHARE.length; i++) if (bytes[start + i] !== SHARE[i]) return false;
	return true;
}
