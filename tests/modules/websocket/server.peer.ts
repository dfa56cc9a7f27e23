/* Servers for the tests on the device: one of npm's ws, and one that does by hand what ws would never do. The path says what. */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { NOBODY_PORT } from "../../support/nobody.ts";

/** How the last connection to each server ended, for the path /verdict. */
let verdict = "";
const waiting: (() => void)[] = [];

function judge(text: string): void {
	verdict = text;
	for (const tell of waiting.splice(0)) tell();
}

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: 0,
	perMessageDeflate: false,
	handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
});

server.on("connection", (ws, request) => {
	const path = request.url ?? "";
	ws.on("error", (error) => judge(`error ${error.message}`));
	if (path === "/verdict") {
		const tell = () => {
			ws.send(verdict);
			verdict = "";
		};
		if (verdict) tell();
		else waiting.push(tell);
		return;
	}
	ws.on("close", (code, reason) => judge(`${code} ${reason}`));
	if (path === "/ping") {
		ws.ping("are you there");
		ws.on("pong", (data) => ws.send(`pong ${data}`));
	} else if (path === "/pings") {
		for (let i = 0; i < 5; i++) ws.ping(`${i}`);
		const got: string[] = [];
		ws.on("pong", (data) => got.push(String(data)) === 5 && ws.send(got.join()));
	} else if (path === "/pinged") {
		let pings = 0;
		ws.on("ping", () => ++pings === 5 && ws.send("5 pings"));
	} else if (path === "/early") {
		ws.send("first");
		ws.send(Buffer.from([1, 2, 3]));
	} else if (path === "/flood") {
		for (let i = 0; i < 300; i++) ws.send(Buffer.alloc(1000, i));
	} else if (path === "/fragments") {
		ws.send("Grü", { fin: false });
		ws.ping();
		ws.send("", { fin: false });
		ws.send("ße", { fin: true });
	}
	ws.on("message", (data: Buffer, binary) => {
		if (path === "/close") ws.close(4001, "go away");
		else if (path === "/destroy") ws.terminate();
		else if (path.startsWith("/count")) ws.send(`${data.length}`);
		else if (ws.readyState === WebSocket.OPEN) ws.send(data, { binary });
	});
});

const acceptOf = (request: string) => {
	const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
	return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
};

const answer = (accept: string) =>
	`HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nconnection: keep-alive, Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;

/** The code of a client's close frame, if that is what came. */
function closeCode(data: Buffer): number {
	if (data[0] !== 0x88 || data.length < 8) return 0;
	return ((data[6]! ^ data[2]!) << 8) | (data[7]! ^ data[3]!);
}

async function trickle(socket: Socket, data: Buffer): Promise<void> {
	socket.setNoDelay(true);
	for (const byte of data) await new Promise<void>((done) => socket.write(Buffer.of(byte), () => setImmediate(done)));
}

/** Frames without a pause, and no answer to anything. */
function flood(socket: Socket, good: string): void {
	const frame = Buffer.concat([Buffer.from("827e0100", "hex"), Buffer.alloc(256)]);
	socket.setNoDelay(true);
	socket.write(good);
	socket.resume();
	const more = () => {
		if (socket.destroyed) return;
		if (socket.writableLength < 20_000) socket.write(frame);
		setImmediate(more);
	};
	more();
}

/** What the raw server sends behind its answer. */
const frames: Record<string, string> = {
	"/masked": "818100000000" + "61",
	"/rsv": "c10161",
	"/text": "8102c328",
	"/huge": "827f0020000000000000",
	"/pong": "8a0161" + "890170" + "8100",
};

function serve(socket: Socket, path: string, request: string): void {
	const good = answer(acceptOf(request));
	if (path === "/silent") return;
	if (path === "/flooding") {
		flood(socket, good);
		return;
	}
	if (path === "/greetfin") {
		socket.end(Buffer.concat([Buffer.from(good), Buffer.from("810161", "hex")]));
		return;
	}
	if (path === "/refuse") socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
	else if (path === "/accept") socket.write(answer("AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
	else if (path === "/headers") socket.write(`HTTP/1.1 101 Switching Protocols\r\nX: ${"x".repeat(2000)}`);
	else if (path === "/end") socket.end("HTTP/1.1 101 Switch");
	else if (path === "/stall") {
		socket.write(good);
		socket.pause();
	} else if (path === "/slow") {
		socket.on("data", (data) => void trickle(socket, Buffer.from(`810568656c6c6f${closeCode(data) ? "880203e8" : ""}`, "hex")));
		void trickle(socket, Buffer.concat([Buffer.from(good), Buffer.from("810568656c6c6f", "hex")]));
	} else if (path === "/goodbye") {
		socket.write(
			Buffer.concat([Buffer.from(good), Buffer.from("827e0bb8", "hex"), Buffer.alloc(3000), Buffer.from("890170880203e8", "hex")]),
		);
		let heard = Buffer.alloc(0);
		socket.on("data", (data: Buffer) => {
			heard = Buffer.concat([heard, data]);
			// The pong, then the close frame.
			if (heard.length >= 15) judge(heard[0] === 0x8a ? `close ${closeCode(heard.subarray(7))}` : "no pong");
		});
	} else if (path === "/controls") {
		// In one segment with the message: what the app does not see, then what it does.
		socket.write(good);
		socket.on("data", () => socket.write(Buffer.from("8a0161" + "890170" + "810178", "hex")));
	} else if (path === "/hang") socket.write(good);
	else if (path === "/reset") {
		socket.write(good);
		socket.once("data", () => socket.resetAndDestroy());
	} else {
		socket.write(Buffer.concat([Buffer.from(good), Buffer.from(frames[path] ?? "", "hex")]));
		socket.on("data", (data) => judge(`close ${closeCode(data)}`));
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

/** Speaks at once, and no HTTP. */
const ssh = createServer((socket) => {
	socket.on("error", () => {});
	socket.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
});

const portOf = (listener: { address(): unknown }) => (listener.address() as { port: number }).port;
const listening = (listener: ReturnType<typeof createServer>) => new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));

/** Starts them; the ports are the test's configuration. */
export async function start(): Promise<void> {
	await Promise.all([listening(raw), listening(ssh), new Promise<void>((done) => server.on("listening", done))]);
	console.log(JSON.stringify({ port: portOf(server), raw: portOf(raw), ssh: portOf(ssh), refused: NOBODY_PORT }));
}
