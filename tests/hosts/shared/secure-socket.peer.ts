/* Servers for secure-socket.test.ts. */
import type { Socket } from "node:net";
import { Authority } from "./certificates.peer.ts";
import { echo, isEcho, recordProxy, serve, serveTls } from "./tls-servers.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost" });
const other = authority.issue({ names: "DNS:other.example" });

const echo12 = await serveTls({ cert, key, maxVersion: "TLSv1.2", ALPNProtocols: ["mqtt"] }, echo);
const echo13 = await serveTls({ cert, key, minVersion: "TLSv1.3", ALPNProtocols: ["mqtt"] }, echo);

const either = await serveTls({ cert, key }, echo);

/** Says words, then the goodbye. */
const say = (words: string | Buffer) => serveTls({ cert, key }, (socket) => setImmediate(() => socket.end(words)));
/** Ends the connection as told where the echo of a byte would come. */
const broken = (end: (client: Socket) => void) =>
	recordProxy(either, (record, client) => (isEcho(record) ? end(client) : client.write(record)));

console.log(
	JSON.stringify({
		...{ ca: authority.own.cert, echo12, echo13 },
		polite: await say("first line\nsecond"),
		long: await say(Buffer.alloc(5000, "z")),
		wrong: await serveTls(other, echo),
		plain: await serve((socket) => socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"))),
		cut: await broken((client) => client.end()),
		reset: await broken((client) => client.resetAndDestroy()),
	}),
);
