/* An echo over TLS. */
import { Authority } from "./certificates.peer.ts";
import { echo, serveTls } from "./tls-servers.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost" });

console.log(
	JSON.stringify({
		ca: authority.own.cert,
		echo12: await serveTls({ cert, key, maxVersion: "TLSv1.2" }, echo),
		echo13: await serveTls({ cert, key, minVersion: "TLSv1.3" }, echo),
	}),
);
