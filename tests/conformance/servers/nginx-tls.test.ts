/* A conversation with nginx, as a reverse proxy that ends TLS 1.2 and 1.3, over both TLS transports. */
import config from "mc/config";
import { SecureSocketTransport } from "transport/secure-socket";
import { TlsTransport } from "transport/tls";
import { each } from "../../hosts/shared/tls-versions";
import { converse, type Open } from "./conversation";

const { ca, nginx12, nginx13 } = config as unknown as { ca: string; nginx12: number; nginx13: number };
const secure = { certificate: ca };
const address = "127.0.0.1";

for (const [name, port] of each(["TLS 1.2", nginx12] as const, ["TLS 1.3", nginx13] as const)) {
	const ways: Record<string, Open> = {};
	ways[`${name}: tls`] = (port) => new TlsTransport({ address, port, nodelay: true, secure });
	ways[`${name}: secure-socket`] = (port) => new SecureSocketTransport({ address, port, noDelay: true, secure });
	converse(ways, port);
}
