/*
 * A TCP server on Node whose connections do what their first line says:
 *
 *     echo          sends back what comes
 *     send n        sends n bytes, 0 1 2 … 255 0 1 …, and ends
 *     reset n       sends n bytes, and resets the connection when another byte comes
 *     count         counts what comes, and whether it is 0 1 2 … 255 0 1 …
 *     hold          the same, but reads nothing until another connection says `release`
 *     release       see hold; answers with a byte
 *     result        answers with the oldest result of `count` or `hold` not asked for yet, such as "300 true"; waits for it
 */
import { createServer, type Socket } from "node:net";

const held = new Set<Socket>();
const results: string[] = [];
const asking: Socket[] = [];

/** Listens on a free port and prints it as the runner wants. */
export function serve(): void {
	const server = createServer({ allowHalfOpen: true }, (socket) => {
		socket.on("error", () => {});
		let line = "";
		const begin = () => {
			for (let byte: Buffer | null = socket.read(1); byte; byte = socket.read(1)) {
				if (byte[0] !== 10) {
					line += byte.toString();
					continue;
				}
				socket.off("readable", begin);
				perform(socket, line.split(" "));
				return;
			}
		};
		socket.on("readable", begin);
	});
	server.listen(0, "127.0.0.1", () => {
		const address = server.address();
		console.log(JSON.stringify({ port: typeof address === "object" && address?.port }));
	});
}

function perform(socket: Socket, [command, size]: string[]): void {
	const bytes = Buffer.alloc(Number(size ?? 0), Buffer.from(Array.from({ length: 256 }, (_, index) => index)));
	switch (command) {
		case "echo":
			socket.pipe(socket);
			break;
		case "send":
			socket.end(bytes);
			break;
		case "reset":
			socket.write(bytes, () => socket.once("data", () => socket.resetAndDestroy()));
			break;
		case "hold":
			held.add(socket);
			break;
		case "release":
			for (const each of held) count(each);
			held.clear();
			socket.end("!");
			break;
		case "count":
			count(socket);
			break;
		case "result":
			asking.push(socket);
			answer();
			break;
		default:
			socket.destroy();
	}
}

function count(socket: Socket): void {
	let bytes = 0;
	let right = true;
	socket.on("data", (data: Buffer) => {
		for (const byte of data) right = right && byte === (bytes++ & 255);
	});
	socket.on("close", () => {
		results.push(`${bytes} ${right}`);
		answer();
	});
	socket.on("end", () => socket.end());
}

function answer(): void {
	while (results.length && asking.length) asking.shift()?.end(results.shift() ?? "");
}
