/* Sends back what it gets, over TLS. */
import { Authority } from "../../hosts/shared/certificates.peer.ts";
import { echo, serveTls } from "../../hosts/shared/tls-servers.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost" });
console.log(JSON.stringify({ port: await serveTls({ cert, key }, echo), ca: authority.own.cert }));
