/* The transport below a client, without TLS; carrier-tls.ts is the one with TLS, which manifest_tls.json puts in its place. */
import type TCP from "embedded:io/socket/tcp";
import { type TcpOptions, TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";

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

/** Throws an Error if it is for TLS, and what new TcpTransport throws. */
export function carrierTo({ host, address, port }: Place, socket: SocketOptions): Carrier {
	if (isSecure(socket)) throw new Error("socket: TLS needs websocket-client/manifest_tls.json in the manifest, in place of manifest.json");
	const where = address === undefined ? { host, port } : { host, address, port };
	return new TcpTransport({ nodelay: true, ...socket, ...where } as TcpOptions);
}

/** Takes over a socket of ECMA-419 that is connected. */
export function carrierFrom(socket: object): Carrier {
	return new TcpTransport({ from: socket as TCP, io: socket.constructor as typeof TCP });
}

/** Whether the options are those of a TLSSocket. */
export const isSecure = (socket: SocketOptions) => socket.TCP !== undefined || socket.secure !== undefined;
