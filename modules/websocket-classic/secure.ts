/* What manifest_tls.json makes of SecureSocket: the transport that knows its manners, and tells why it fails. */
import { type SecureSocketOptions, SecureSocketTransport } from "transport/secure-socket";
import type { Carrier } from "websocket-classic/carrier";
import { type ClientOptions, portOf } from "websocket-classic/options";

/** Throws what SecureSocketTransport throws: a CA or key that is none. */
export function secureCarrier(options: ClientOptions, tls: unknown): Carrier | undefined {
	const { host, address, noDelay = true, keepalive, secure } = options;
	const port = portOf(options);
	const where = address === undefined ? { host, port } : { address, port };
	// The name that the certificate is for, where the address is given, too.
	const settings = { ...(address !== undefined && host !== undefined && { serverName: host }), ...secure };
	return new SecureSocketTransport({ ...where, noDelay, ...(keepalive && { keepalive }), secure: settings, tls } as SecureSocketOptions);
}
