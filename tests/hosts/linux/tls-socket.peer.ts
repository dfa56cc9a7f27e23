/* Servers for tls-socket.test.ts. */
import { Authority } from "./certificates.peer.ts";
import { closeAll, echo, proxy, serveTls } from "./tls-servers.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost,IP:127.0.0.1" });

const echo12 = await serveTls({ cert, key, maxVersion: "TLSv1.2" }, echo);
const echo13 = await serveTls({ cert, key, minVersion: "TLSv1.3" }, echo);

/** A byte at a time, each in a segment of its own as far as the client's reads are concerned. */
const slow = await proxy(echo13, (part, client) => {
	client.setNoDelay(true);
	for (const byte of part) client.write(Buffer.of(byte));
});

/** Says something, then the goodbye, and the end. */
const polite = await serveTls({ cert, key }, (socket) => socket.end("bye"));

console.log(JSON.stringify({ ca: authority.own.cert, caDer: authority.own.der.toString("base64"), echo12, echo13, slow, polite }));

process.on("SIGTERM", () => {
	closeAll();
	authority.close();
	process.exit();
});
