/* An echo server that keeps the TCP connection when a WebSocket on it has ended, and takes another upgrade there. */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";

/** The upgrades and frames that came, in order: "upgrade/path" and "opcode:length". */
let log: string[] = [];

function frame(opcode: number, payload: Buffer): Buffer {
	const head = payload.length < 126 ? [0x80 | opcode, payload.length] : [0x80 | opcode, 126, payload.length >> 8, payload.length & 255];
	return Buffer.concat([Buffer.from(head), payload]);
}

/** The bytes that are left of `data` when the upgrade or the frame in front was done with, or undefined if it is not whole. */
function step(socket: Socket, data: Buffer, state: { open: boolean }): Buffer | undefined {
	if (!state.open) {
		const end = data.indexOf("\r\n\r\n");
		if (end < 0) return undefined;
		const request = data.subarray(0, end).toString("latin1");
		const [, path] = request.split(" ");
		if (path === "/log") {
			const text = log.join(" ");
			log = [];
			socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${text.length}\r\nX-Log: ${text}\r\n\r\n${text}`);
			return Buffer.alloc(0);
		}
		const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
		const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
		log.push(`upgrade${path}`);
		socket.write(
			`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
		);
		state.open = true;
		return data.subarray(end + 4);
	}
	if (data.length < 2) return undefined;
	let length = (data[1] as number) & 127;
	let at = 2;
	if (length === 126) {
		if (data.length < 4) return undefined;
		length = data.readUInt16BE(2);
		at = 4;
	}
	if (data.length < at + 4 + length) return undefined;
	const key = data.subarray(at, at + 4);
	const payload = Buffer.from(data.subarray(at + 4, at + 4 + length));
	for (let i = 0; i < length; i++) payload[i] = (payload[i] as number) ^ (key[i & 3] as number);
	const opcode = (data[0] as number) & 15;
	log.push(`${opcode}:${length}`);
	if (opcode === 9) socket.write(frame(10, payload));
	else socket.write(frame(opcode, payload));
	// §7.1.1 has the server close TCP now; Zephyr's page uses the socket again.
	if (opcode === 8) state.open = false;
	return data.subarray(at + 4 + length);
}

const server = createServer((socket) => {
	const state = { open: false };
	let data = Buffer.alloc(0);
	socket.setNoDelay(true);
	socket.on("error", () => {});
	socket.on("data", (more: Buffer) => {
		data = Buffer.concat([data, more]);
		for (;;) {
			const rest = step(socket, data, state);
			if (rest === undefined) break;
			data = Buffer.from(rest);
		}
	});
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as { port: number }).port })));
