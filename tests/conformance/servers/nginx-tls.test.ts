/* Conversations over TLS 1.2 and 1.3, with nginx as a reverse proxy and with npm's ws, over both TLS transports. */
import config from "mc/config";
import { SecureSocketTransport } from "transport/secure-socket";
import { TlsTransport } from "transport/tls";
import { converse, type Open } from "./conversation";

const { ca, nginx12, nginx13, ws12, ws13 } = config as unknown as Record<"nginx12" | "nginx13" | "ws12" | "ws13", number> & { ca: string };
const secure = { certificate: ca };
const address = "127.0.0.1";

for (const [name, port] of [
	["nginx, TLS 1.2", nginx12],
	["nginx, TLS 1.3", nginx13],
	["ws, TLS 1.2", ws12],
	["ws, TLS 1.3", ws13],
] as const) {
	const ways: Record<string, Open> = {};
	ways[`${name}: tls`] = (port) => new TlsTransport({ address, port, nodelay: true, secure });
	ways[`${name}: secure-socket`] = (port) => new SecureSocketTransport({ address, port, noDelay: true, secure });
	converse(ways, port);
}
