/* What manifest_websocket_io_tls.json makes of a TLSSocket below a WebsocketIO: a stream of TLS over TCP. */
import { type TlsOptions, TlsTransport } from "transport/tls";
import type { Transport } from "transport/transport";
import type { BelowOptions } from "transport/websocket-io";

/** Throws what TlsTransport throws: a CA or key that is none. */
export function secureBelow({ io: tls, TCP: below, ...options }: BelowOptions): Transport {
	return new TlsTransport({ ...options, io: below?.io, tls } as unknown as TlsOptions);
}
