/* Servers for over-websocket.test.ts: npm's ws, and one that makes its frames by hand. The path says what they do. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { NOBODY_PORT } from "../../support/nobody.ts";

/** How the last connection that was not /verdict ended, as the server saw it. */
let verdict = "";
const asking: ((text: string) => void)[] = [];

function judge(text: string): void {
	const tell = asking.shift();
	if (tell) tell(text);
	else verdict = text;
}

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: 0,
	perMessageDeflate: false,
	handleProtocols: (protocols, { url }) => {
		if (url === "/none") return false;
		return url === "/other" ? "other" : ([...protocols].at(-1) ?? false);
	},
	verifyClient: ({ req }, answer) => answer(req.url !== "/refuse", 401, "Unauthorized"),
});

const stalled: WebSocket[] = [];

server.on("connection", (ws, request) => {
	const path = request.url ?? "";
	let total = 0;
	ws.on("error", () => {});
	if (path === "/verdict") {
		const tell = (text: string) => ws.send(Buffer.from(`${text}\n`));
		if (verdict) tell(verdict);
		else asking.push(tell);
		verdict = "";
		return;
	}
	ws.on("close", (code, reason) => judge(`${code} ${reason}`.trim()));
	if (path === "/headers") {
		const { host, authorization, cookie } = request.headers;
		const offered = request.headers["sec-websocket-protocol"];
		ws.send(Buffer.from([host === `127.0.0.1:${portOf(server)}`, authorization, cookie, offered, ws.protocol].join("|")));
	} else if (path === "/text") {
		ws.send(Buffer.from("before"));
		ws.send("text");
		ws.send(Buffer.from("after"));
	} else if (path === "/no-text") ws.send("");
	else if (path === "/goodbye") {
		ws.send(Buffer.from("bye"));
		ws.close(4001, "go away");
	} else if (path === "/silence") ws.close();
	else if (path === "/terminate") ws.terminate();
	else if (path === "/stall") {
		ws.pause();
		stalled.push(ws);
	} else if (path === "/resume") for (const other of stalled.splice(0)) other.resume();
	ws.on("message", (data: Buffer, binary) => {
		total += data.length;
		if (!binary) ws.close(1003);
		else if (path === "/lengths") ws.send(Buffer.from(`${data.length} `));
		else if (path === "/stall") ws.send(Buffer.from(`${total} `));
		else if (path === "/echo") ws.send(data);
	});
});

const acceptOf = (request: string) => {
	const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
	return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
};

function frame(first: number, payload: Buffer): Buffer {
	const { length } = payload;
	const header = length < 126 ? Buffer.of(first, length) : Buffer.of(first, 126, length >> 8, length & 255);
	return Buffer.concat([header, payload]);
}

const BINARY = 0x02;
const PING = 0x89;
const CLOSE_NORMAL = Buffer.from("880203e8", "hex");

/** The same numbers in every run (xorshift). */
function seeded(seed: number): (limit: number) => number {
	let x = seed;
	return (limit) => {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		return (x >>> 0) % limit;
	};
}

/** As the device expects it: see counting() there. */
const counting = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255));

/** A stream in messages of several frames, many of them empty, with pings amid. Each ping is numbered by its length. */
function shuffled(length: number, below: (limit: number) => number): Buffer {
	const bytes = counting(length);
	const pieces: Buffer[] = [];
	const ping = () => {
		if (below(3) === 0) pieces.push(frame(PING, Buffer.alloc(below(2) * below(126))));
	};
	for (let at = 0; at < length; ) {
		const fragments = 1 + below(4);
		for (let i = 0; i < fragments; i++) {
			ping();
			const size = below(3) ? below(9) : below(400);
			const payload = bytes.subarray(at, at + size);
			at += payload.length;
			pieces.push(frame((i === 0 ? BINARY : 0) | (i === fragments - 1 ? 0x80 : 0), payload));
		}
		ping();
	}
	return Buffer.concat(pieces);
}

/** Writes in pieces that have nothing to do with frames. */
async function trickle(socket: Socket, bytes: Buffer, below: (limit: number) => number): Promise<void> {
	socket.setNoDelay(true);
	for (let at = 0; at < bytes.length && !socket.destroyed; ) {
		const size = 1 + below(below(2) ? 3 : 700);
		await new Promise<void>((resolve) => socket.write(bytes.subarray(at, at + size), () => setImmediate(resolve)));
		at += size;
	}
}

/** What comes from the client, frame by frame: pongs are counted, other frames given to `hear`. */
function decode(socket: Socket, hear: (opcode: number, payload: Buffer) => void): void {
	let bytes = Buffer.alloc(0);
	socket.on("data", (data) => {
		bytes = Buffer.concat([bytes, data]);
		for (;;) {
			const short = (bytes[1] ?? 0) & 127;
			const at = short < 126 ? 6 : 8;
			if (bytes.length < at) return;
			const length = short < 126 ? short : bytes.readUInt16BE(2);
			if (bytes.length < at + length) return;
			const key = bytes.subarray(at - 4, at);
			hear(bytes[0]! & 15, Buffer.from(bytes.subarray(at, at + length).map((byte, i) => byte ^ key[i & 3]!)));
			bytes = bytes.subarray(at + length);
		}
	});
}

function serve(socket: Socket, path: string, request: string): void {
	if (path === "/silent") return;
	const good = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(request)}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`;
	if (path === "/one") {
		// Behind the answer, in the same segment: frames that came before anybody could ask.
		const frames = [
			frame(0x82, Buffer.from("ab")),
			frame(PING, Buffer.alloc(0)),
			frame(0x82, Buffer.alloc(0)),
			frame(0x02, Buffer.from("c")),
		];
		socket.write(Buffer.concat([Buffer.from(good), ...frames, frame(0x80, Buffer.from("def"))]));
		decode(socket, (opcode, payload) => socket.write(frame(0x82, Buffer.from(`${opcode}:${payload} `))));
		return;
	}
	socket.write(good);
	if (path === "/rsv") socket.write(frame(0xc2, Buffer.from("x")));
	else if (path === "/reset") socket.once("data", () => socket.resetAndDestroy());
	else if (path === "/hangup") socket.end(frame(0x82, Buffer.from("last")));
	else if (path.startsWith("/shuffle/")) {
		const below = seeded(Number(path.split("/")[2]));
		const stream = shuffled(20_000, below);
		let pongs = 0;
		decode(socket, (opcode) => {
			if (opcode === 10) pongs++;
			// The close frame's answer is the last one.
			if (opcode === 8) judge(pongs > 0 ? "pongs" : "no pong");
		});
		trickle(socket, Buffer.concat([stream, CLOSE_NORMAL]), below);
	}
}

const raw = createServer((socket) => {
	let request = "";
	socket.on("error", () => {});
	const read = (data: Buffer) => {
		request += data.toString("latin1");
		if (!request.includes("\r\n\r\n")) return;
		socket.off("data", read);
		serve(socket, request.split(" ")[1] ?? "", request);
	};
	socket.on("data", read);
});

const portOf = (listener: { address(): unknown }) => (listener.address() as AddressInfo).port;
const listening = (listener: Server) => once(listener.listen(0, "127.0.0.1"), "listening");

await Promise.all([listening(raw), once(server, "listening")]);
console.log(JSON.stringify({ port: portOf(server), raw: portOf(raw), refused: NOBODY_PORT }));
