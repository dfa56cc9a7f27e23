/* The transport below a client, over any class with the methods of Socket. */
import type { Socket } from "socket";
import { type ClassicSocket, SocketTransport } from "transport/socket";
import type { Transport } from "transport/transport";
import { type ClientOptions, portOf } from "websocket-classic/options";
import { secureCarrier } from "websocket-classic/secure";

/** A transport that may tell how many bytes write() takes now. */
export interface Carrier extends Transport {
	readonly room?: number;
}

/** A client's socket, and the transport over it. */
export interface Carried {
	readonly carrier: Carrier;
	/** For detach(): undefined if the transport made it. */
	readonly socket: Socket | undefined;
}

/** Throws a TypeError for a class that is none or is missing, a RangeError for a port, and what `new SocketTransport` and the class throw. */
export function carry(options: ClientOptions): Carried {
	const { host, address, noDelay = true, keepalive, secure, Socket: SocketClass } = options;
	const port = portOf(options);
	let { socket } = options;
	if (SocketClass && typeof SocketClass !== "function") throw new TypeError("Socket: the class of the socket");
	// It would go unencrypted.
	if (secure && !SocketClass && !socket) throw new TypeError("secure: Socket is missing, the class for TLS: Socket: SecureSocket");
	if (SocketClass && secure && !socket) {
		const carrier = secureCarrier(options, SocketClass);
		if (carrier) return { carrier, socket };
	}
	if (SocketClass && !socket) socket = new SocketClass({ ...SocketClass, ...options, port });
	if (socket) return { carrier: new SocketTransport(socket as ClassicSocket), socket };
	const where = address === undefined ? { host: host as string, port } : { address, port };
	return { carrier: new SocketTransport({ ...where, noDelay, ...(keepalive && { keepalive }) }), socket: undefined };
}

/** Takes over a socket that is connected. */
export function carryConnected(socket: Socket): Carried {
	return { carrier: new SocketTransport(socket, true), socket };
}
