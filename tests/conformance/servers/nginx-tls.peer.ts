/* nginx, which speaks TLS 1.2 at one port and 1.3 at another, and passes WebSockets on to npm's ws. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Authority } from "../../hosts/shared/certificates.peer.ts";
import { startEchoServer } from "./echo-server.peer.ts";
import { folder, startNginx } from "./nginx-proxy.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "IP:127.0.0.1" });
writeFileSync(join(folder, "cert.pem"), cert);
writeFileSync(join(folder, "key.pem"), key);
const tls = (version: string) => [
	`ssl_certificate ${join(folder, "cert.pem")}`,
	`ssl_certificate_key ${join(folder, "key.pem")}`,
	`ssl_protocols ${version}`,
];
const upstream = await startEchoServer();
console.log(
	JSON.stringify({
		ca: authority.own.cert,
		nginx12: await startNginx(upstream, tls("TLSv1.2")),
		nginx13: await startNginx(upstream, tls("TLSv1.3")),
	}),
);
authority.close();
