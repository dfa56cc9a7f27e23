/* What manifest.json makes of SecureSocket: a socket like any other, so that a firmware that needs no TLS has none. */
import type { Carrier } from "websocket-classic/carrier";
import type { ClientOptions } from "websocket-classic/options";

export function secureCarrier(_options: ClientOptions, _class: unknown): Carrier | undefined {
	return undefined;
}
