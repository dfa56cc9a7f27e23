/* What manifest.json makes of wss: nothing, so that a firmware that needs no TLS has none. */
import type { Transport } from "transport/transport";
import { DOMException } from "websocket-web/dom-exception";
import type { WebSocketDestination } from "websocket-web/options";

/** Throws a NotSupportedError that says which manifest has TLS. */
export function secureTransport(_to: WebSocketDestination, _secure: Record<string, unknown>): Transport {
	throw new DOMException("wss: is not in this firmware: include modules/websocket-web/manifest_tls.json", "NotSupportedError");
}
