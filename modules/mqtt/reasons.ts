/* Which return and reason codes may come and go with which packet (3.1.1 §3.2.2.3, §3.9.3; 5.0 §2.4 and each packet's). */
import { MQTT_NOT_AUTHORIZED, MQTT_SUBACK_FAILURE } from "mqtt/codes";
import { AUTH, CONNACK, DISCONNECT, PUBACK, PUBCOMP, PUBREC, PUBREL, SUBACK, UNSUBACK } from "mqtt/packet";

const NONE: readonly number[] = Object.freeze([]);
const OF_PUBLISH = Object.freeze([0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);
const OF_RELEASE = Object.freeze([0x92]);

/** In 5.0, by packet type: what a server sends, beside 0, */
const SERVERS: readonly (readonly number[])[] = Object.freeze(servers());
/** and what a client does. */
const CLIENTS: readonly (readonly number[])[] = Object.freeze(clients());

function servers(): (readonly number[])[] {
	const lists = new Array<readonly number[]>(16).fill(NONE);
	lists[CONNACK] = Object.freeze([
		...[0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c],
		...[0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f],
	]);
	// Only a server knows that nobody has subscribed.
	lists[PUBACK] = lists[PUBREC] = Object.freeze([0x10, ...OF_PUBLISH]);
	lists[PUBREL] = lists[PUBCOMP] = OF_RELEASE;
	lists[SUBACK] = Object.freeze([0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2]);
	lists[UNSUBACK] = Object.freeze([0x11, 0x80, 0x83, 0x87, 0x8f, 0x91]);
	// Not 0x04: only a client has a will.
	lists[DISCONNECT] = Object.freeze([
		...[0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97],
		...[0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2],
	]);
	// Not 0x19: only a client begins again (§4.12.1).
	lists[AUTH] = Object.freeze([0x18]);
	return lists;
}

function clients(): (readonly number[])[] {
	const lists = new Array<readonly number[]>(16).fill(NONE);
	lists[PUBACK] = lists[PUBREC] = OF_PUBLISH;
	lists[PUBREL] = lists[PUBCOMP] = OF_RELEASE;
	lists[DISCONNECT] = Object.freeze([0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99]);
	lists[AUTH] = Object.freeze([0x18, 0x19]);
	return lists;
}

function has(list: readonly number[], code: number): boolean {
	for (let i = 0; i < list.length; i++) if (list[i] === code) return true;
	return false;
}

/** Whether a server of 5.0 may send `code` with this type of packet. Allocates nothing. */
export function isReason(code: number, type: number): boolean {
	return code === 0 || has(SERVERS[type] as readonly number[], code);
}

/** Whether a client of 5.0 may send `code` with this type of packet: in AUTH not 0, which says that all is well (§3.15.2.1). */
export function isClientReason(code: number, type: number): boolean {
	return (code === 0 && type !== AUTH) || has(CLIENTS[type] as readonly number[], code);
}

/** Whether a server of 3.1.1 may send `code` with CONNACK or SUBACK. */
export function isReturnCode(code: number, type: number): boolean {
	return type === CONNACK ? code <= MQTT_NOT_AUTHORIZED : code <= 2 || code === MQTT_SUBACK_FAILURE;
}
