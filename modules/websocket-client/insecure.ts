/* What manifest.json makes of a TLSSocket: nothing, so that a firmware that needs no TLS has none. */
import type { Carrier, Place, SocketOptions } from "websocket-client/carrier";

/** Throws an Error that says which manifest has TLS. */
export function secureCarrier(_to: Place, _socket: SocketOptions): Carrier {
	throw new Error("TLS is not in this firmware: include modules/websocket-client/manifest_tls.json");
}
