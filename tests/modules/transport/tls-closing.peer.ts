/* Sends back what it gets, over TLS; and at another port, somebody who says nothing. */
import { Authority } from "../../hosts/shared/certificates.peer.ts";
import { echo, serve, serveTls } from "../../hosts/shared/tls-servers.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost" });
const silent = await serve((socket) => void socket.resume());
console.log(JSON.stringify({ port: await serveTls({ cert, key }, echo), silent, ca: authority.own.cert }));
