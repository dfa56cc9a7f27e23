/* A server that sends back what it gets, and a port that nobody listens on. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

const echo = createServer((socket) => {
	socket.on("error", () => {});
	socket.pipe(socket);
});
const gone = createServer();
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

await Promise.all([echo, gone].map((server) => once(server.listen(0, "127.0.0.1"), "listening")));
const ports = { port: portOf(echo), refused: portOf(gone) };
gone.close(() => console.log(JSON.stringify(ports)));
