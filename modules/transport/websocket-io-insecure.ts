/* What manifest_websocket_io.json makes of a TLSSocket: nothing, so that a firmware that needs no TLS has none. */
import type { Transport } from "transport/transport";
import type { BelowOptions } from "transport/websocket-io";

/** Throws an Error that says which manifest has TLS. */
export function secureBelow(_options: BelowOptions): Transport {
	throw new Error("TLS is not in this firmware: include modules/transport/manifest_websocket_io_tls.json");
}
