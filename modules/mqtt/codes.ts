/*
 * Every number of the protocol and of the API, in one place: packet types, versions, events, reason codes, and the table of what can
 * go wrong. All tables are frozen, so they stay in flash.
 */
import {
	EACCES,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EFAULT,
	EHOSTUNREACH,
	EIO,
	EMSGSIZE,
	ENOMEM,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
} from "errno";

export {
	EACCES,
	EAGAIN,
	EALREADY,
	EBADMSG,
	EBUSY,
	ECANCELED,
	ECONNABORTED,
	ECONNREFUSED,
	ECONNRESET,
	EFAULT,
	EHOSTUNREACH,
	EINVAL,
	EIO,
	EISCONN,
	EMSGSIZE,
	ENOENT,
	ENOMEM,
	ENOTCONN,
	ENOTSUP,
	EPROTO,
	EPROTONOSUPPORT,
	ETIMEDOUT,
} from "errno";

/** A timeout that never comes. */
export const SYS_FOREVER_MS = -1;

/** Protocol levels of CONNECT (3.1.1 and 5.0 §3.1.2.2). */
export const MQTT_VERSION_3_1_0 = 3;
export const MQTT_VERSION_3_1_1 = 4;
export const MQTT_VERSION_5_0 = 5;

/** §4.3. */
export const MQTT_QOS_0_AT_MOST_ONCE = 0;
export const MQTT_QOS_1_AT_LEAST_ONCE = 1;
export const MQTT_QOS_2_EXACTLY_ONCE = 2;

/** Zephyr's `mqtt_transport_type`. */
export const MQTT_TRANSPORT_NON_SECURE = 0;
export const MQTT_TRANSPORT_SECURE = 1;
export const MQTT_TRANSPORT_NON_SECURE_WEBSOCKET = 2;
export const MQTT_TRANSPORT_SECURE_WEBSOCKET = 3;
export const MQTT_TRANSPORT_CUSTOM = 4;

/** Zephyr's `mqtt_evt_type`. */
export const MQTT_EVT_CONNACK = 0;
export const MQTT_EVT_DISCONNECT = 1;
export const MQTT_EVT_PUBLISH = 2;
export const MQTT_EVT_PUBACK = 3;
export const MQTT_EVT_PUBREC = 4;
export const MQTT_EVT_PUBREL = 5;
export const MQTT_EVT_PUBCOMP = 6;
export const MQTT_EVT_SUBACK = 7;
export const MQTT_EVT_UNSUBACK = 8;
export const MQTT_EVT_PINGRESP = 9;
export const MQTT_EVT_AUTH = 10;

/** Return codes of CONNACK in 3.1.1 (§3.2.2.3). */
export const MQTT_CONNECTION_ACCEPTED = 0;
export const MQTT_UNACCEPTABLE_PROTOCOL_VERSION = 1;
export const MQTT_IDENTIFIER_REJECTED = 2;
export const MQTT_SERVER_UNAVAILABLE = 3;
export const MQTT_BAD_USER_NAME_OR_PASSWORD = 4;
export const MQTT_NOT_AUTHORIZED = 5;

/** Return codes of SUBACK in 3.1.1 (§3.9.3); in 5.0 also other reason codes. */
export const MQTT_SUBACK_SUCCESS_QOS_0 = 0x00;
export const MQTT_SUBACK_SUCCESS_QOS_1 = 0x01;
export const MQTT_SUBACK_SUCCESS_QOS_2 = 0x02;
export const MQTT_SUBACK_FAILURE = 0x80;

/** Reason codes of 5.0 (§2.4). */
export const MQTT_REASON_SUCCESS = 0x00;
export const MQTT_REASON_DISCONNECT_WITH_WILL = 0x04;
export const MQTT_REASON_NO_MATCHING_SUBSCRIBERS = 0x10;
export const MQTT_REASON_NO_SUBSCRIPTION_EXISTED = 0x11;
export const MQTT_REASON_CONTINUE_AUTHENTICATION = 0x18;
export const MQTT_REASON_RE_AUTHENTICATE = 0x19;
export const MQTT_REASON_UNSPECIFIED_ERROR = 0x80;
export const MQTT_REASON_MALFORMED_PACKET = 0x81;
export const MQTT_REASON_PROTOCOL_ERROR = 0x82;
export const MQTT_REASON_IMPLEMENTATION_SPECIFIC_ERROR = 0x83;
export const MQTT_REASON_UNSUPPORTED_PROTOCOL_VERSION = 0x84;
export const MQTT_REASON_CLIENT_IDENTIFIER_NOT_VALID = 0x85;
export const MQTT_REASON_BAD_USER_NAME_OR_PASSWORD = 0x86;
export const MQTT_REASON_NOT_AUTHORIZED = 0x87;
export const MQTT_REASON_SERVER_UNAVAILABLE = 0x88;
export const MQTT_REASON_SERVER_BUSY = 0x89;
export const MQTT_REASON_BANNED = 0x8a;
export const MQTT_REASON_SERVER_SHUTTING_DOWN = 0x8b;
export const MQTT_REASON_BAD_AUTHENTICATION_METHOD = 0x8c;
export const MQTT_REASON_KEEP_ALIVE_TIMEOUT = 0x8d;
export const MQTT_REASON_SESSION_TAKEN_OVER = 0x8e;
export const MQTT_REASON_TOPIC_FILTER_INVALID = 0x8f;
export const MQTT_REASON_TOPIC_NAME_INVALID = 0x90;
export const MQTT_REASON_PACKET_IDENTIFIER_IN_USE = 0x91;
export const MQTT_REASON_PACKET_IDENTIFIER_NOT_FOUND = 0x92;
export const MQTT_REASON_RECEIVE_MAXIMUM_EXCEEDED = 0x93;
export const MQTT_REASON_TOPIC_ALIAS_INVALID = 0x94;
export const MQTT_REASON_PACKET_TOO_LARGE = 0x95;
export const MQTT_REASON_MESSAGE_RATE_TOO_HIGH = 0x96;
export const MQTT_REASON_QUOTA_EXCEEDED = 0x97;
export const MQTT_REASON_ADMINISTRATIVE_ACTION = 0x98;
export const MQTT_REASON_PAYLOAD_FORMAT_INVALID = 0x99;
export const MQTT_REASON_RETAIN_NOT_SUPPORTED = 0x9a;
export const MQTT_REASON_QOS_NOT_SUPPORTED = 0x9b;
export const MQTT_REASON_USE_ANOTHER_SERVER = 0x9c;
export const MQTT_REASON_SERVER_MOVED = 0x9d;
export const MQTT_REASON_SHARED_SUBSCRIPTIONS_NOT_SUPPORTED = 0x9e;
export const MQTT_REASON_CONNECTION_RATE_EXCEEDED = 0x9f;
export const MQTT_REASON_MAXIMUM_CONNECT_TIME = 0xa0;
export const MQTT_REASON_SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED = 0xa1;
export const MQTT_REASON_WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED = 0xa2;

/** One thing that can go wrong. */
export interface MqttFault {
	readonly name: string;
	/** What the app gets, negated. */
	readonly errno: number;
	/** What a server of 5.0 is told in DISCONNECT, or 0 where nobody is told. */
	readonly reason: number;
	/** Of the standards, 3.1.1 and 5.0, or "" if it is not about that one. */
	readonly section311: string;
	readonly section5: string;
	readonly meaning: string;
}

function fault(name: string, errno: number, reason: number, section311: string, section5: string, meaning: string): MqttFault {
	return Object.freeze({ name, errno, reason, section311, section5, meaning });
}

// Inside the room a fault is a negative number, -1 - its row in MQTT_FAULTS.
export const MQTT_FAULT_TYPE = -1;
export const MQTT_FAULT_FLAGS = -2;
export const MQTT_FAULT_LENGTH = -3;
export const MQTT_FAULT_LENGTH_FORM = -4;
export const MQTT_FAULT_SIZE = -5;
export const MQTT_FAULT_UTF8 = -6;
export const MQTT_FAULT_ID = -7;
export const MQTT_FAULT_QOS = -8;
export const MQTT_FAULT_DUP = -9;
export const MQTT_FAULT_REASON = -10;
export const MQTT_FAULT_CONNACK_FLAGS = -11;
export const MQTT_FAULT_SESSION_PRESENT = -12;
export const MQTT_FAULT_TOPIC = -13;
export const MQTT_FAULT_TOPIC_MISSING = -14;
export const MQTT_FAULT_RESPONSE_TOPIC = -15;
export const MQTT_FAULT_PROPERTY_UNKNOWN = -16;
export const MQTT_FAULT_PROPERTY_PLACE = -17;
export const MQTT_FAULT_PROPERTY_TWICE = -18;
export const MQTT_FAULT_PROPERTY_VALUE = -19;
export const MQTT_FAULT_PROPERTY_LENGTH = -20;
export const MQTT_FAULT_CODES_MISSING = -21;
export const MQTT_FAULT_ORDER = -22;
export const MQTT_FAULT_ID_UNKNOWN = -23;
export const MQTT_FAULT_CODES_COUNT = -24;
export const MQTT_FAULT_RECEIVE_MAXIMUM = -25;
export const MQTT_FAULT_TOPIC_ALIAS = -26;
export const MQTT_FAULT_TOPIC_ALIAS_SIZE = -27;
export const MQTT_FAULT_PACKET_SIZE = -28;
export const MQTT_FAULT_AUTH = -29;
export const MQTT_FAULT_UNASKED = -30;
export const MQTT_FAULT_REFUSED = -31;
export const MQTT_FAULT_SERVER_DISCONNECT = -32;
export const MQTT_FAULT_RESOLVE = -33;
export const MQTT_FAULT_CONNECT = -34;
export const MQTT_FAULT_TLS = -35;
export const MQTT_FAULT_UPGRADE = -36;
export const MQTT_FAULT_SUBPROTOCOL = -37;
export const MQTT_FAULT_LOST = -38;
export const MQTT_FAULT_IO = -39;
export const MQTT_FAULT_CONNACK_TIMEOUT = -40;
export const MQTT_FAULT_PINGRESP_TIMEOUT = -41;
export const MQTT_FAULT_ABORTED = -42;
export const MQTT_FAULT_CANCELED = -43;
export const MQTT_FAULT_APP = -44;
export const MQTT_FAULT_TRANSPORT = -45;
export const MQTT_FAULT_WEBSOCKET = -46;
export const MQTT_FAULT_PROPERTY_SENDER = -47;
export const MQTT_FAULT_CLIENT_ID = -48;

const MALFORMED = MQTT_REASON_MALFORMED_PACKET;
const PROTOCOL = MQTT_REASON_PROTOCOL_ERROR;

export const MQTT_FAULTS: readonly MqttFault[] = Object.freeze([
	fault("TYPE", EPROTO, PROTOCOL, "2.2.1", "2.1.2", "a packet that a server must not send"),
	fault("FLAGS", EPROTO, MALFORMED, "2.2.2", "2.1.3", "reserved flags of a packet are not as they have to be"),
	fault("LENGTH", EPROTO, MALFORMED, "2.2.3", "1.5.5", "remaining length that a packet of this type cannot have"),
	fault("LENGTH_FORM", EPROTO, MALFORMED, "2.2.3", "1.5.5", "length of more than four bytes, or not in its shortest form"),
	fault("SIZE", EMSGSIZE, MQTT_REASON_PACKET_TOO_LARGE, "", "3.1.2.11.4", "a packet, without its payload, does not fit into rxBuf"),
	fault("UTF8", EPROTO, MALFORMED, "1.5.3", "1.5.4", "a string that is not UTF-8, or holds U+0000"),
	fault("ID", EPROTO, PROTOCOL, "2.3.1", "2.2.1", "packet identifier 0"),
	fault("QOS", EPROTO, MALFORMED, "3.3.1.2", "3.3.1.2", "a message of QoS 3"),
	fault("DUP", EPROTO, MALFORMED, "3.3.1.1", "3.3.1.1", "DUP on a message of QoS 0"),
	fault("REASON", EPROTO, PROTOCOL, "3.2.2.3", "2.4", "a return or reason code that this packet does not have"),
	fault("CONNACK_FLAGS", EPROTO, MALFORMED, "3.2.2.1", "3.2.2.1", "reserved bits of CONNACK's flags are set"),
	fault("SESSION_PRESENT", EPROTO, PROTOCOL, "3.2.2.2", "3.2.2.1.1", "session present where there can be none"),
	fault("TOPIC", EPROTO, MALFORMED, "3.3.2.1", "3.3.2.1", "topic name with a wildcard"),
	fault("TOPIC_MISSING", EPROTO, PROTOCOL, "4.7.3", "3.3.2.1, 3.3.4", "message without a topic, or whose alias stands for none"),
	fault("RESPONSE_TOPIC", EPROTO, PROTOCOL, "", "3.3.2.3.5", "response topic with a wildcard"),
	fault("PROPERTY_UNKNOWN", EPROTO, MALFORMED, "", "2.2.2.2", "a property that there is not"),
	fault("PROPERTY_PLACE", EPROTO, MALFORMED, "", "2.2.2.2", "a property that this packet cannot have"),
	fault("PROPERTY_TWICE", EPROTO, PROTOCOL, "", "2.2.2.2", "a property twice that may be there once"),
	fault("PROPERTY_VALUE", EPROTO, PROTOCOL, "", "2.2.2.2", "a property whose value is out of its range"),
	fault("PROPERTY_LENGTH", EPROTO, MALFORMED, "", "2.2.2.1", "properties that do not end where they have to"),
	fault("CODES_MISSING", EPROTO, PROTOCOL, "3.9.3", "3.9.3", "SUBACK or UNSUBACK without a code"),
	fault("ORDER", EPROTO, PROTOCOL, "3.2", "3.2", "anything before CONNACK, or a second CONNACK"),
	fault("ID_UNKNOWN", EPROTO, PROTOCOL, "2.3.1", "2.2.1", "acknowledgement of something else than was sent with this identifier"),
	fault("CODES_COUNT", EPROTO, PROTOCOL, "3.9.3", "3.9.3", "another number of codes than of topics"),
	fault("RECEIVE_MAXIMUM", EPROTO, MQTT_REASON_RECEIVE_MAXIMUM_EXCEEDED, "", "3.3.4", "more unacknowledged messages than were allowed"),
	fault("TOPIC_ALIAS", EPROTO, MQTT_REASON_TOPIC_ALIAS_INVALID, "", "3.3.2.3.4", "a topic alias that was not allowed"),
	fault(
		"TOPIC_ALIAS_SIZE",
		ENOMEM,
		MQTT_REASON_IMPLEMENTATION_SPECIFIC_ERROR,
		"",
		"3.3.2.3.4",
		"a topic that is too long for topicAliasBuf",
	),
	fault("PACKET_SIZE", EPROTO, MQTT_REASON_PACKET_TOO_LARGE, "", "3.1.2.11.4", "a packet longer than maximumPacketSize"),
	fault("AUTH", EPROTO, PROTOCOL, "", "4.12", "authentication that was not begun, or by another method"),
	fault("UNASKED", EPROTO, PROTOCOL, "", "3.1.2.11.6, 3.1.2.11.7", "response or problem information that was not asked for"),
	fault("REFUSED", ECONNREFUSED, 0, "3.2.2.3", "3.2.2.2", "the server refused the connection, see returnCode"),
	fault("SERVER_DISCONNECT", ECONNABORTED, 0, "", "3.14", "the server sent DISCONNECT, see reasonCode"),
	fault("RESOLVE", EHOSTUNREACH, 0, "", "", "no TCP connection: the broker's name does not resolve"),
	fault("CONNECT", ECONNREFUSED, 0, "", "", "no TCP connection: refused or unreachable"),
	fault("TLS", EACCES, 0, "", "", "no TLS connection: the server did not prove who it is"),
	fault("UPGRADE", ECONNABORTED, 0, "6", "6", "no WebSocket: the server refused the upgrade"),
	fault("SUBPROTOCOL", EPROTONOSUPPORT, 0, "6", "6", "no WebSocket: the server did not choose the subprotocol"),
	fault("LOST", ECONNRESET, 0, "4.8", "4.8", "the network connection ended without DISCONNECT"),
	fault("IO", EIO, 0, "", "", "the network connection could not be made or used"),
	fault("CONNACK_TIMEOUT", ETIMEDOUT, 0, "3.2", "3.2", "no network connection and CONNACK in time"),
	fault("PINGRESP_TIMEOUT", ETIMEDOUT, 0, "3.1.2.10", "3.1.2.10", "no answer to PINGREQ in time: the connection is dead"),
	fault("ABORTED", ECONNABORTED, 0, "", "", "mqttAbort"),
	fault("CANCELED", ECANCELED, 0, "", "", "the app closed the transport"),
	fault("APP", EFAULT, MQTT_REASON_UNSPECIFIED_ERROR, "", "", "a callback of the app threw, or gave no payload"),
	fault("TRANSPORT", EIO, 0, "", "", "open gave no transport, or threw"),
	fault("WEBSOCKET", EPROTO, 0, "6", "6", "the server broke the WebSocket protocol, or sent text; or TLS failed"),
	fault("PROPERTY_SENDER", EPROTO, PROTOCOL, "", "3.14.2.2.2", "a property that only a client may send with this packet"),
	fault("CLIENT_ID", EPROTO, PROTOCOL, "", "3.2.2.3.7", "no client identifier assigned to a client without one"),
]);

/** The row of a fault. */
export function mqttFaultOf(code: number): MqttFault {
	return MQTT_FAULTS[-1 - code] as MqttFault;
}
