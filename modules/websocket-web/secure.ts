/* What manifest_tls.json makes of wss: a stream of TLS over TCP. */
import { TlsTransport } from "transport/tls";
import type { Transport } from "transport/transport";
import type { WebSocketDestination } from "websocket-web/options";

/** A transport for wss:. Throws what TlsTransport throws: a CA or key that is none. */
export function secureTransport({ host, port }: WebSocketDestination, secure: Record<string, unknown>): Transport {
	return new TlsTransport({ host, port, nodelay: true, secure });
}
