/*
 * Every number of the protocol and of the API, in one place: opcodes, message flags, close codes, errno values, and the table of
 * what can go wrong. All tables are frozen, so they stay in flash.
 */

import {
	EACCES,
	EBADMSG,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EFAULT,
	EHOSTUNREACH,
	EMSGSIZE,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
} from "errno";

/** RFC 6455 §5.2, with Zephyr's names. */
export const WEBSOCKET_OPCODE_CONTINUE = 0x0;
export const WEBSOCKET_OPCODE_DATA_TEXT = 0x1;
export const WEBSOCKET_OPCODE_DATA_BINARY = 0x2;
export const WEBSOCKET_OPCODE_CLOSE = 0x8;
export const WEBSOCKET_OPCODE_PING = 0x9;
export const WEBSOCKET_OPCODE_PONG = 0xa;

/** Zephyr's bits of `messageType`. A continuation frame has no bit for a type: 0, or FINAL alone. */
export const WEBSOCKET_FLAG_FINAL = 0x01;
export const WEBSOCKET_FLAG_TEXT = 0x02;
export const WEBSOCKET_FLAG_BINARY = 0x04;
export const WEBSOCKET_FLAG_CLOSE = 0x08;
export const WEBSOCKET_FLAG_PING = 0x10;
export const WEBSOCKET_FLAG_PONG = 0x20;

/** Zephyr's bits for poll: something to receive, room to send, the end. */
export const POLLIN = 0x01;
export const POLLOUT = 0x04;
export const POLLHUP = 0x10;

/** Zephyr's flags of send and recv. */
export const MSG_DONTWAIT = 0x40;

/** RFC 6455 §7.4.1. The second group is never on the wire: it tells the app how a connection ended. */
export const CLOSE_NORMAL = 1000;
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_PROTOCOL_ERROR = 1002;
export const CLOSE_UNSUPPORTED = 1003;
export const CLOSE_INVALID_PAYLOAD = 1007;
export const CLOSE_POLICY = 1008;
export const CLOSE_TOO_BIG = 1009;
export const CLOSE_EXTENSION = 1010;
export const CLOSE_INTERNAL = 1011;

export const CLOSE_NO_STATUS = 1005;
export const CLOSE_ABNORMAL = 1006;

/** Zephyr's values, which the API returns negated. */
export {
	EACCES,
	EAGAIN,
	EALREADY,
	EBADF,
	EBADMSG,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EEXIST,
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	EIO,
	EMSGSIZE,
	ENOENT,
	ENOMEM,
	ENOSPC,
	ENOTCONN,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
} from "errno";

/** A timeout that never comes. */
export const SYS_FOREVER_MS = -1;

/** One thing that can go wrong. */
export interface Fault {
	readonly name: string;
	/** What the app gets, negated. */
	readonly errno: number;
	/** What the peer is told, or 0 where nobody is told. */
	readonly close: number;
	/** Of RFC 6455, or "" if it is not about the protocol. */
	readonly section: string;
	readonly meaning: string;
}

function fault(name: string, errno: number, close: number, section: string, meaning: string): Fault {
	return Object.freeze({ name, errno, close, section, meaning });
}

// Inside the room a fault is a negative number, -1 - its row in FAULTS.
export const FAULT_RSV = -1;
export const FAULT_OPCODE = -2;
export const FAULT_MASKED = -3;
export const FAULT_UNMASKED = -4;
export const FAULT_CONTROL_SIZE = -5;
export const FAULT_CONTROL_FRAGMENT = -6;
export const FAULT_LENGTH_FORM = -7;
export const FAULT_LENGTH_SIGN = -8;
export const FAULT_LENGTH_RANGE = -9;
export const FAULT_MESSAGE_SIZE = -10;
export const FAULT_CONTINUATION = -11;
export const FAULT_INTERRUPTED = -12;
export const FAULT_UTF8 = -13;
export const FAULT_CLOSE_SIZE = -14;
export const FAULT_CLOSE_CODE = -15;
export const FAULT_CLOSE_UTF8 = -16;
export const FAULT_APP = -17;
export const FAULT_NOT_HTTP = -18;
export const FAULT_STATUS = -19;
export const FAULT_HEADER = -20;
export const FAULT_HEADER_SIZE = -21;
export const FAULT_UPGRADE = -22;
export const FAULT_CONNECTION = -23;
export const FAULT_ACCEPT = -24;
export const FAULT_SUBPROTOCOL = -25;
export const FAULT_EXTENSION = -26;
export const FAULT_REQUEST = -27;
export const FAULT_NO_UPGRADE = -28;
export const FAULT_VERSION = -29;
export const FAULT_REQUEST_SIZE = -30;
export const FAULT_REJECTED = -31;
export const FAULT_RESOLVE = -32;
export const FAULT_CONNECT = -33;
export const FAULT_TLS = -34;
export const FAULT_LOST = -35;
export const FAULT_HANDSHAKE_LOST = -36;
export const FAULT_HANDSHAKE_TIMEOUT = -37;
export const FAULT_SEND_TIMEOUT = -38;
export const FAULT_PONG_TIMEOUT = -39;
export const FAULT_CLOSE_TIMEOUT = -40;
export const FAULT_CANCELED = -41;
export const FAULT_TLS_PROTOCOL = -42;

export const FAULTS: readonly Fault[] = Object.freeze([
	fault("RSV", EPROTO, CLOSE_PROTOCOL_ERROR, "5.2", "reserved bit set, but no extension was negotiated"),
	fault("OPCODE", EPROTO, CLOSE_PROTOCOL_ERROR, "5.2", "reserved opcode"),
	fault("MASKED", EPROTO, CLOSE_PROTOCOL_ERROR, "5.1", "the server masked a frame"),
	fault("UNMASKED", EPROTO, CLOSE_PROTOCOL_ERROR, "5.1", "the client did not mask a frame"),
	fault("CONTROL_SIZE", EPROTO, CLOSE_PROTOCOL_ERROR, "5.5", "control frame of more than 125 bytes"),
	fault("CONTROL_FRAGMENT", EPROTO, CLOSE_PROTOCOL_ERROR, "5.5", "fragmented control frame"),
	fault("LENGTH_FORM", EPROTO, CLOSE_PROTOCOL_ERROR, "5.2", "length not in its shortest form"),
	fault("LENGTH_SIGN", EPROTO, CLOSE_PROTOCOL_ERROR, "5.2", "64-bit length with the highest bit set"),
	fault("LENGTH_RANGE", EMSGSIZE, CLOSE_TOO_BIG, "7.4.1", "frame of 2^53 bytes or more"),
	fault("MESSAGE_SIZE", EMSGSIZE, CLOSE_TOO_BIG, "7.4.1", "message longer than maxMessage"),
	fault("CONTINUATION", EPROTO, CLOSE_PROTOCOL_ERROR, "5.4", "continuation without a message to continue"),
	fault("INTERRUPTED", EPROTO, CLOSE_PROTOCOL_ERROR, "5.4", "new message before the last one ended"),
	fault("UTF8", EPROTO, CLOSE_INVALID_PAYLOAD, "8.1", "text that is not UTF-8"),
	fault("CLOSE_SIZE", EPROTO, CLOSE_PROTOCOL_ERROR, "5.5.1", "close frame with one byte"),
	fault("CLOSE_CODE", EPROTO, CLOSE_PROTOCOL_ERROR, "7.4", "close code that must not be sent"),
	fault("CLOSE_UTF8", EPROTO, CLOSE_INVALID_PAYLOAD, "5.5.1", "close reason that is not UTF-8"),
	fault("APP", EFAULT, CLOSE_INTERNAL, "7.4.1", "a callback of the app threw"),
	fault("NOT_HTTP", EPROTO, 0, "4.1", "the answer is not HTTP/1.1 or later"),
	fault("STATUS", ECONNABORTED, 0, "4.1", "the server refused the upgrade"),
	fault("HEADER", EPROTO, 0, "4.1", "malformed header in the answer"),
	fault("HEADER_SIZE", EMSGSIZE, 0, "4.1", "the headers of the answer do not fit into tmpBuf"),
	fault("UPGRADE", EPROTO, 0, "4.1", "the answer lacks Upgrade: websocket"),
	fault("CONNECTION", EPROTO, 0, "4.1", "the answer lacks Connection: Upgrade"),
	fault("ACCEPT", EBADMSG, 0, "4.1", "missing or wrong Sec-WebSocket-Accept: this is no WebSocket server, or a cache answered"),
	fault("SUBPROTOCOL", EPROTONOSUPPORT, 0, "4.1", "the server chose a subprotocol that was not offered"),
	fault("EXTENSION", EPROTONOSUPPORT, 0, "4.1", "the server chose an extension that was not offered"),
	fault("REQUEST", EPROTO, 0, "4.2.1", "the client's request is no WebSocket handshake; answered with 400"),
	fault("NO_UPGRADE", EPROTO, 0, "4.2.2", "the client asks for no WebSocket; answered with 426"),
	fault("VERSION", EPROTONOSUPPORT, 0, "4.2.2", "the client speaks another version of WebSocket than 13; answered with 426"),
	fault("REQUEST_SIZE", EMSGSIZE, 0, "4.2.1", "the headers of the request do not fit into recvBuf; answered with 431"),
	fault("REJECTED", ECONNABORTED, 0, "4.2.2", "the app refused the client"),
	fault("RESOLVE", EHOSTUNREACH, 0, "", "no TCP connection: the host's name does not resolve"),
	fault("CONNECT", ECONNREFUSED, 0, "", "no TCP connection: refused or unreachable"),
	fault("TLS", EACCES, 0, "", "no TLS connection: the server did not prove who it is"),
	fault("LOST", ECONNRESET, 0, "7.1.5", "the TCP connection ended without a close handshake"),
	fault("HANDSHAKE_LOST", ECONNRESET, 0, "4.1", "the TCP connection ended during the opening handshake"),
	fault("HANDSHAKE_TIMEOUT", ETIMEDOUT, 0, "4.1", "the opening handshake did not end in time"),
	fault("SEND_TIMEOUT", ETIMEDOUT, 0, "", "the peer did not take a frame in time"),
	fault("PONG_TIMEOUT", ETIMEDOUT, 0, "5.5.2", "no answer to a ping in time"),
	fault("CLOSE_TIMEOUT", ETIMEDOUT, 0, "7.1.1", "no answer to the close frame in time"),
	fault("CANCELED", ECANCELED, 0, "", "the app closed the transport, or gave up before the connection was open"),
	fault("TLS_PROTOCOL", EPROTO, 0, "", "TLS failed: the peer speaks none, or none that both know, or what it sent was changed on the way"),
]);

/** The row of a fault. */
export function faultOf(code: number): Fault {
	return FAULTS[-1 - code] as Fault;
}

/** Whether a close frame may carry `code`: the defined ones, IANA's later ones, and the ranges for libraries and apps (§7.4.2). */
export function isCloseCode(code: number): boolean {
	if (code < 1000 || code > 4999 || code !== (code | 0)) return false;
	if (code < 1015) return code < 1004 || code > 1006;
	return code >= 3000;
}
