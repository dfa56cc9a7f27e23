/* The transport below a client. */
import type TCP from "embedded:io/socket/tcp";
import { type TcpOptions, TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";
import { secureCarrier } from "websocket-client/secure";

/** A transport that tells how many bytes write() takes now. */
export interface Carrier extends Transport {
	readonly room: number;
}

/** Where to: an address, or a name that the firmware resolves. */
export interface Place {
	readonly host: string;
	readonly address: string | undefined;
	readonly port: number;
}

/** ECMA-419's way to say what a socket is made of: its class, and more options of it. */
export type SocketOptions = { io?: unknown; TCP?: SocketOptions; secure?: object } & Record<string, unknown>;

/** Throws what the transport throws, and an Error if this firmware has none for TLS. */
export function carrierTo(place: Place, socket: SocketOptions): Carrier {
	if (isSecure(socket)) return secureCarrier(place, socket);
	const { host, address, port } = place;
	const where = address === undefined ? { host, port } : { host, address, port };
	return new TcpTransport({ nodelay: true, ...socket, ...where } as TcpOptions);
}

/** Takes over a socket of ECMA-419 that is connected. */
export function carrierFrom(socket: object): Carrier {
	return new TcpTransport({ from: socket as TCP, io: socket.constructor as typeof TCP });
}

/** Whether the options are those of a TLSSocket. */
export const isSecure = (socket: SocketOptions) => socket.TCP !== undefined || socket.secure !== undefined;
