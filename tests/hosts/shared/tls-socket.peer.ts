/* Servers for tls-socket.test.ts and what they saw. */
import type { Socket } from "node:net";
import { Authority } from "./certificates.peer.ts";
import { echo, proxy, recordProxy, serve, serveTls } from "./tls-servers.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost,IP:127.0.0.1" });

/** What servers saw, a line each; a connection to `seen` takes the next one, and waits for it. */
const lines: string[] = [];
const waiting: ((line: string) => void)[] = [];
const saw = (line: string) => {
	const next = waiting.shift();
	if (next) next(line);
	else lines.push(line);
};
const seen = await serve((socket) => {
	const line = lines.shift();
	if (line !== undefined) socket.end(line);
	else waiting.push((text) => socket.end(text));
});

const echo12 = await serveTls({ cert, key, maxVersion: "TLSv1.2" }, echo);
const echo13 = await serveTls({ cert, key, minVersion: "TLSv1.3" }, echo);

/** So many bytes, 0 1 2 … 255 0 1 …, as asked for in a line. */
const flood = (version: "TLSv1.2" | "TLSv1.3") =>
	serveTls({ cert, key, minVersion: version, maxVersion: version }, (socket) => {
		socket.once("data", (line) => socket.end(Buffer.from(Array.from({ length: Number(line) }, (_, index) => index & 255))));
	});

/** Counts what it is sent until the goodbye. */
const sink = await serveTls({ cert, key }, (socket) => {
	let count = 0;
	let right = true;
	socket.on("data", (part) => {
		for (const byte of part) right = byte === (count++ & 255) && right;
	});
	socket.on("end", () => saw(`${count} ${right} end`));
	socket.on("error", (error) => saw(`${count} ${right} ${error.message}`));
});

/** Something, then the goodbye, and the end. Node forgets the goodbye if that is asked for while it does the handshake. */
const end = (socket: Socket, words: string) => setImmediate(() => socket.end(words));
const polite = await serveTls({ cert, key }, (socket) => end(socket, "bye"));
/** The goodbye, without the end of the connection below; and then whether ours came. */
const goodbye = await serveTls({ cert, key, allowHalfOpen: true }, (socket) => {
	socket.on("end", () => saw("the client said goodbye"));
	socket.resume();
	end(socket, "bye");
});
const half = await recordProxy(goodbye, (record, client) => client.write(record), false);

/** Wants to renegotiate, and says what came of it. */
const again = await serveTls({ cert, key, maxVersion: "TLSv1.2" }, (socket) => {
	socket.once("data", () => {
		socket.renegotiate({}, (error) => saw(error ? `no: ${error.message}` : "renegotiated"));
		echo(socket);
	});
	socket.on("error", (error) => saw(`no: ${error.message}`));
});

/** Every byte of the server in a segment of its own. */
const bytewise = (port: number) =>
	proxy(port, (part, client) => {
		client.setNoDelay(true);
		for (const byte of part) client.write(Buffer.of(byte));
	});

/** What the ClientHello said, and whether the client gave up. */
const named = await serveTls({ cert, key, ALPNProtocols: ["mqtt"] }, (socket) => {
	end(socket, JSON.stringify({ name: socket.servername, alpn: socket.alpnProtocol }));
});
const other = authority.issue({ names: "DNS:other.example" });
const wrong = await serveTls(other, echo, (error) => saw((error as NodeJS.ErrnoException).code ?? error.message));

console.log(
	JSON.stringify({
		...{ ca: authority.own.cert, seen, echo12, echo13, sink, polite, half, again, named, wrong },
		flood12: await flood("TLSv1.2"),
		flood13: await flood("TLSv1.3"),
		slow12: await bytewise(echo12),
		slow13: await bytewise(echo13),
	}),
);
