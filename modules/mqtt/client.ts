/* What the app says: about a client, about a message, about what it subscribes to. Zephyr's records, and what JavaScript adds. */
import type { MqttEvt } from "mqtt/event";
import type { MqttPropertyValues } from "mqtt/properties";
import type { Transport } from "transport/transport";

/** Where the broker is. */
export interface MqttBroker {
	/** A name or a numeric address. */
	host: string;
	/** 1 to 65535; missing: 1883, with TLS 8883, over WebSocket 80, with TLS 443. */
	port?: number;
}

/** What `open` is given: the broker, its port filled in. */
export interface MqttAddress {
	readonly host: string;
	readonly port: number;
}

/** What mqtt needs of a WebSocket under it; WebsocketTransport of module transport/over-websocket is one. */
export type MqttWebsocketConstructor = new (socket: Transport, request: MqttWebsocketRequest, timeout: number) => Transport;

/** What the upgrade asks for: fields of module websocket's request, of which host and url may be missing. */
export interface MqttWebsocketRequest {
	host: string;
	url: string;
	tmpBuf: Uint8Array;
	tmpBufLen?: number;
	/** A frame has to fit that holds as much as the client's txBuf, 16 bytes more: then packets that are written together leave in one. */
	txBuf?: Uint8Array;
	subprotocols?: readonly string[];
	optionalHeaders?: readonly string[];
	optionalHeadersCb?: (request: MqttWebsocketRequest, userData: unknown) => readonly string[] | number;
	cb?: (ws: number, request: object, userData: unknown) => number;
	httpCb?: {
		onStatus?: (status: number, reason: string, userData: unknown) => void;
		onHeader?: (name: string, value: string, userData: unknown) => void;
		onHeadersComplete?: (userData: unknown) => void;
	};
	pingInterval?: number;
	pongTimeout?: number;
	closeTimeout?: number;
	maxMessage?: number;
}

/** As Zephyr's `transport.websocket`. */
export interface MqttWebsocket {
	/** WebsocketTransport, of module transport/over-websocket: who does not import that has no WebSocket in the firmware. */
	over: MqttWebsocketConstructor;
	/**
	 * Fields of module websocket's request. Missing: `host` is the broker's, `url` is "/mqtt", `subprotocols` is ["mqtt"]. Its buffers are the
	 * library's from mqttConnect until MQTT_EVT_DISCONNECT, with `reconnect` until mqttDisconnect or mqttAbort.
	 */
	config: Partial<MqttWebsocketRequest> & { tmpBuf: Uint8Array };
	/** How long the upgrade may take, in ms; 10,000 if missing. */
	timeout?: number;
}

/** As Zephyr's `mqtt_transport`. */
export interface MqttTransport {
	/** MQTT_TRANSPORT_NON_SECURE, _SECURE, _NON_SECURE_WEBSOCKET, _SECURE_WEBSOCKET or _CUSTOM. */
	type: number;
	/**
	 * Makes the stream of bytes for one connection: TCP, or TLS for the secure types, which is checked; for the WebSocket types what the
	 * WebSocket goes over; for MQTT_TRANSPORT_CUSTOM anything. Called for each connection. The library closes what it gives.
	 */
	open: (address: MqttAddress) => Transport;
	/** For the WebSocket types. */
	websocket?: MqttWebsocket;
}

/** A topic to publish to, or a filter to subscribe to. Bytes are UTF-8 and not to be changed while the library has them. */
export interface MqttTopic {
	topic: string | Uint8Array;
	/** 0 to 2; missing: 0. */
	qos?: number;
}

/** One of mqttSubscribe's. */
export interface MqttSubscription extends MqttTopic {
	/** 5.0: true: messages that this client publishes do not come back. */
	noLocal?: boolean;
	/** 5.0: true: the retain flag comes as it was published. */
	retainAsPublished?: boolean;
	/** 5.0: kept messages come 0: at each subscription, 1: only at a new one, 2: never. */
	retainHandling?: number;
}

/** As Zephyr's `mqtt_subscription_list`, for mqttSubscribe and mqttUnsubscribe. */
export interface MqttSubscriptionList {
	list: readonly MqttSubscription[];
	/** How many of them; all if missing. */
	listCount?: number;
	/** 0 or missing: the library chooses one and writes it here. */
	messageId?: number;
	/** Set by the library: what it wrote to messageId. As long as both are the same, the next call with this record gets a new one. */
	assignedId?: number;
	/** 5.0: userProp, and for mqttSubscribe subscriptionIdentifier. */
	prop?: MqttPropertyValues;
}

/**
 * A payload that is made while it is sent: puts at least 1 byte and at most `end - start` into `into` from `start` on, the payload's bytes
 * from `offset` on, and returns how many. Called from 0 on again when the message has to be sent again. 0 or less ends the connection,
 * for half a message cannot be taken back.
 */
export type MqttPayloadSource = (offset: number, into: Uint8Array, start: number, end: number) => number;

/** As Zephyr's `mqtt_publish_param`. */
export interface MqttPublishParam {
	message: {
		topic: MqttTopic;
		/** `len` bytes of `data`; all of a Uint8Array if missing. */
		payload: { data: Uint8Array | MqttPayloadSource; len?: number };
	};
	/** With QoS 1 and 2: 0 or missing: the library chooses one and writes it here. */
	messageId?: number;
	/**
	 * Set by the library: what it wrote to messageId. As long as both are the same, the next mqttPublish with this record gets a new one,
	 * so that a record can be used again; unless dupFlag is 1.
	 */
	assignedId?: number;
	/** 1: the app sends it again, with its messageId. */
	dupFlag?: number;
	/** 1: the server keeps it for later subscribers. */
	retainFlag?: number;
	/**
	 * 5.0. With `topicAlias`, give the topic each time, too: the library leaves it out where the server knows the alias. An empty topic is
	 * for an alias that is known.
	 */
	prop?: MqttPropertyValues;
}

/** As Zephyr's `mqtt_puback_param`, `mqtt_pubrec_param`, `mqtt_pubrel_param` and `mqtt_pubcomp_param`. */
export interface MqttAckParam {
	messageId: number;
	/** 5.0; 0 if missing. */
	reasonCode?: number;
	/** 5.0: reasonString, userProp. */
	prop?: MqttPropertyValues;
}

/** As Zephyr's `mqtt_disconnect_param` and `mqtt_auth_param`. */
export interface MqttReasonParam {
	/** 0 if missing. */
	reasonCode?: number;
	prop?: MqttPropertyValues;
}

/** Between two attempts to connect, in ms. */
export interface MqttReconnect {
	/** After the first failure; each further one doubles it. The wait is between half of it and all of it. 1,000 if missing. */
	minMs?: number;
	/** 60,000 if missing. */
	maxMs?: number;
}

/** As Zephyr's `mqtt_client`. The buffers are the library's from mqttConnect on, until mqttDisconnect, mqttAbort or, without `reconnect`, MQTT_EVT_DISCONNECT. */
export interface MqttClient<UserData = unknown> {
	broker: MqttBroker;
	transport: MqttTransport;
	/**
	 * Unique at the broker; may be empty with cleanSession 1: the broker chooses one then. In 5.0 it tells which, and the library writes that
	 * here, so that a connection that is made again is the same client's.
	 */
	clientId: string;
	userName?: string;
	/** A string, or any bytes. */
	password?: string | Uint8Array;
	/** MQTT_VERSION_3_1_1 if missing, as in Zephyr. */
	protocolVersion?: number;
	/** In seconds, 0 to 65,535; 60 if missing. After so long without a packet sent, PINGREQ goes out. 0: never. */
	keepalive?: number;
	/**
	 * 1: the broker forgets what was before; 0: it goes on with the session, and keeps it. Missing: 1, but 0 with a store, for else what is in
	 * the store when the connection is lost may be lost, too. In 5.0, 0 goes with prop.sessionExpiryInterval 3600, if that is missing. In 5.0
	 * "clean start", of mqttConnect: when a lost connection is made again, a session with an expiry interval goes on.
	 */
	cleanSession?: number;
	/** What the broker publishes when this client is lost. */
	willTopic?: MqttTopic;
	willMessage?: string | Uint8Array;
	/** 1: and keeps. */
	willRetain?: number;
	willProp?: MqttPropertyValues;
	/** 5.0: of CONNECT. */
	prop?: MqttPropertyValues;
	/** Told everything, from the event loop only. */
	evtCb: (client: MqttClient<UserData>, evt: MqttEvt) => void;
	/** A packet received has to fit, without its payload: 128 bytes will do for most. */
	rxBuf: Uint8Array;
	/** A packet to send has to fit, without its payload. What is published in one go and fits leaves together. */
	txBuf: Uint8Array;
	userData?: UserData;

	/**
	 * Memory for messages of QoS 1 and 2, which are copied into it until they are acknowledged: a message, its topic and some 20 bytes each.
	 * Then they survive a lost connection. Missing: off, and the app sends again what was not acknowledged.
	 */
	store?: Uint8Array;
	/** With a store: messages, of QoS 0, too, may be published while there is no connection. true if missing. */
	offlineQueue?: boolean;
	/** Messages of QoS 1 and 2 that are sent unacknowledged, at most; in 5.0 no more than the broker says. 20 if missing before 5.0,
	 * for mosquitto allows no more. */
	inflightMaximum?: number;
	/**
	 * Messages of QoS 2 on their way in whose identifiers can be remembered, in two bytes of memory each; 128 if missing: mosquitto sends more
	 * of them than it is told to. In 5.0 the broker is told prop.receiveMaximum; if that is missing 32, or this, where it is less.
	 */
	incomingMaximum?: number;
	/** PUBACK, PUBREC, PUBREL and PUBCOMP are sent by the library. true if missing; false: by the app, as in Zephyr. */
	autoAck?: boolean;
	/** A lost connection, or one that could not be made, is made again. false if missing, as in Zephyr. */
	reconnect?: boolean | MqttReconnect;
	/**
	 * When the broker has lost the session, subscriptions are made again; SUBSCRIBE and UNSUBSCRIBE that it has not answered go out again in
	 * any case. true if missing.
	 */
	resubscribe?: boolean;
	/** How long the answer to PINGREQ may take, in ms; 10,000 if missing. Then the connection is given up. SYS_FOREVER_MS: never. */
	pingrespTimeout?: number;
	/** How long connecting may take, CONNACK included, in ms; 10,000 if missing. SYS_FOREVER_MS: for ever. */
	connackTimeout?: number;
	/** 5.0: memory for prop.topicAliasMaximum topics that the broker gives aliases, each a share of it less 2 bytes. */
	topicAliasBuf?: Uint8Array;
	/** Something came: with this, the app calls mqttInput itself, as after Zephyr's poll. Missing: the library does. */
	onReadable?: (client: MqttClient<UserData>) => void;
	/** More of a payload came, after mqttReadPublishPayload or mqttReadallPublishPayload gave -EAGAIN: call it again. */
	onPayload?: (client: MqttClient<UserData>) => void;
	/** There is room again after -EAGAIN, and a payload that was lent without a store is the app's again. */
	onWritable?: (client: MqttClient<UserData>) => void;

	/** The library's; made by mqttConnect. */
	internal?: object;
	/** Set by the library: PINGREQs without an answer. */
	unackedPing?: number;
	/** Set by the library: what went wrong, in words, or "". */
	failure?: string;
	/** Set by the library: why TLS failed, the name of a row of TLS_FAULTS in transport/tls-faults; missing or "": it did not. */
	fault?: string;
}
