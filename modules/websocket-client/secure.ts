/* What manifest_tls.json makes of a TLSSocket: a stream of TLS over TCP. */
import { type TlsOptions, TlsTransport } from "transport/tls";
import type { Carrier, Place, SocketOptions } from "websocket-client/carrier";

/** Throws what TlsTransport throws: a CA or key that is none. */
export function secureCarrier({ host, address, port }: Place, socket: SocketOptions): Carrier {
	const { io: tls, TCP: below, ...options } = socket;
	const where = address === undefined ? { host, port } : { host, address, port };
	return new TlsTransport({ nodelay: true, ...options, ...where, io: below?.io, tls } as TlsOptions);
}
