/* What a packet is, to both directions: its type, and the limits of its numbers. */

/** Control packet types, the upper half of a packet's first byte (§2.1.2, in 3.1.1 §2.2.1). */
export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const PUBREC = 5;
export const PUBREL = 6;
export const PUBCOMP = 7;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;
export const AUTH = 15;

/** The longest remaining length: four bytes of seven bits (§1.5.5, in 3.1.1 §2.2.3). */
export const LENGTH_MAX = 268_435_455;
/** The longest packet: a byte, four of its length, and that. */
export const PACKET_MAX = LENGTH_MAX + 5;
export const ID_MAX = 0xffff;
