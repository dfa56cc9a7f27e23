/* Servers for the tests: npm's ws, and one that does by hand what ws would never do. The path says what. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { WebSocketServer } from "ws";
import { NOBODY_PORT } from "../../support/nobody.ts";

/** How connections ended, as the server saw it, for the path /verdict. */
const verdicts: string[] = [];
const asking: ((verdict: string) => void)[] = [];

function judge(verdict: string): void {
	const tell = asking.shift();
	if (tell) tell(verdict);
	else verdicts.push(verdict);
}

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: 0,
	perMessageDeflate: true,
	handleProtocols: (protocols, { url }) => (url === "/none" ? false : ([...protocols].at(-1) ?? false)),
	verifyClient: ({ req }, answer) => answer(req.url !== "/unauthorized", 401, "Unauthorized"),
});

server.on("connection", (ws, request) => {
	const path = request.url ?? "";
	ws.on("error", () => {});
	if (path === "/verdict") {
		const verdict = verdicts.shift();
		if (verdict === undefined) asking.push((text) => ws.send(text));
		else ws.send(verdict);
		return;
	}
	ws.on("close", (code, reason) => judge(`${code} ${reason}`.trim()));
	if (path === "/headers") {
		const { host, authorization, cookie, origin } = request.headers;
		const offered = request.headers["sec-websocket-protocol"];
		const extensions = request.headers["sec-websocket-extensions"];
		ws.send(JSON.stringify({ url: request.url, host, authorization, cookie, origin, offered, extensions }));
	} else if (path.startsWith("/target")) ws.send(path);
	else if (path === "/goodbye") {
		ws.send("last");
		ws.close(4001, "go away – €");
	} else if (path === "/no-code") ws.close();
	else if (path === "/going") ws.close(1001);
	else if (path === "/flood") for (let i = 0; i < 40; i++) ws.send(`${i}`);
	else if (path === "/pings") {
		let pongs = 0;
		for (let i = 0; i < 3; i++) ws.ping(`${i}`);
		ws.on("pong", () => ++pongs === 3 && ws.send("3 pongs"));
	} else if (path === "/sensors") {
		const timer = setInterval(() => ws.send(JSON.stringify({ type: "tick", at: Date.now() })), 5);
		ws.on("close", () => clearInterval(timer));
	}
	ws.on("message", (data: Buffer, binary) => {
		if (path === "/lengths") ws.send(`${data.length}`);
		else if (path === "/hex") ws.send(`${binary ? "binary" : "text"} ${data.toString("hex")}`);
		else if (path === "/terminate") ws.terminate();
		else if (path === "/chat") for (const client of server.clients) if (client.readyState === 1) client.send(`> ${data}`);
		if (path === "/echo") ws.send(data, { binary });
	});
});

const acceptOf = (request: string) => {
	const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
	return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
};

function frame(first: number, payload: Buffer | string): Buffer {
	const bytes = Buffer.from(payload);
	const { length } = bytes;
	const header = length < 126 ? Buffer.of(first, length) : Buffer.of(first, 126, length >> 8, length & 255);
	return Buffer.concat([header, bytes]);
}

const TEXT = 0x81;
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const long = (length: number) => Buffer.from(Array.from({ length }, (_, i) => 97 + (i % 26)));

/** What comes right behind the answer to the handshake, in the same segment. */
const frames: Record<string, Buffer> = {
	"/early": Buffer.concat([frame(TEXT, "one"), frame(0x89, "ping"), frame(TEXT, ""), frame(0x82, "two"), frame(0x88, hex("0bb8"))]),
	"/after-close": Buffer.concat([frame(TEXT, "before"), frame(0x88, hex("03e8")), frame(TEXT, "after")]),
	"/fragments": Buffer.concat([
		frame(0x01, hex("47 72 c3")),
		frame(0x89, "x"),
		frame(0x00, ""),
		frame(0x00, hex("bc c3 9f")),
		frame(0x80, "e"),
		frame(0x02, long(1500)),
		frame(0x80, long(500)),
		frame(0x02, ""),
		frame(0x80, ""),
	]),
	"/nul": frame(TEXT, hex("61 00 62 efbbbf f09f9880")),
	"/mark": frame(TEXT, hex("efbbbf 61")),
	"/utf8": Buffer.concat([frame(TEXT, "good"), frame(TEXT, hex("c328"))]),
	"/masked": hex("8181 00000000 61"),
	"/rsv": hex("c101 61"),
	"/opcode": hex("8301 61"),
	"/code-999": frame(0x88, hex("03e7")),
	"/code-1005": frame(0x88, hex("03ed")),
	"/one-byte": frame(0x88, hex("03")),
	"/limit": frame(TEXT, long(2000)),
	"/too-long": frame(TEXT, long(2001)),
	"/too-long-in-fragments": Buffer.concat([frame(0x01, long(1000)), frame(0x00, long(1000)), frame(0x80, "x")]),
	"/huge": hex("827f 001f ffff ffff ffff"),
};

/** What is answered to the request instead of a good answer. */
const refusals: Record<string, string> = {
	"/403": "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
	"/301": "HTTP/1.1 301 Moved\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n",
	"/200": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	"/not-http": "SSH-2.0-OpenSSH_9.2\r\n",
	"/no-upgrade": "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
	"/wrong-accept": `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${"A".repeat(27)}=\r\n\r\n`,
	"/large-headers": `HTTP/1.1 101 Switching Protocols\r\nX: ${"x".repeat(5000)}\r\n\r\n`,
};

function serve(socket: Socket, path: string, request: string): void {
	const extra: Record<string, string> = {
		"/unasked-protocol": "Sec-WebSocket-Protocol: surprise\r\n",
		"/unasked-extension": "Sec-WebSocket-Extensions: permessage-deflate\r\n",
		"/more-headers":
			"Set-Cookie: 100 bytes of which there may be many, as servers have it behind some proxies; Path=/; HttpOnly; Secure\r\n".repeat(30),
		"/two-protocols": "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n",
	};
	const good = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(request)}\r\n${extra[path] ?? ""}\r\n`;
	const refusal = refusals[path];
	if (refusal !== undefined) socket.write(refusal);
	else if (path === "/gone") socket.destroy();
	else if (path !== "/silent") socket.write(Buffer.concat([Buffer.from(good), frames[path] ?? Buffer.alloc(0)]));
	if (path === "/drop") socket.once("data", () => socket.end(frame(TEXT, "last words")));
	else if (path === "/reset") socket.once("data", () => socket.resetAndDestroy());
	else if (path === "/half") socket.once("data", () => socket.end(hex("8103 61")));
	else if (path === "/hang-up") socket.once("data", () => socket.end());
	else if (path === "/code-and-more") socket.once("data", () => socket.write(Buffer.concat([frame(0x88, hex("0fa0 62 79 65"))])));
	else if (path !== "/deaf") socket.on("data", (data: Buffer) => hear(socket, data, path));
	else socket.resume();
}

/** A close frame of the client is told, and answered. */
function hear(socket: Socket, data: Buffer, path: string): void {
	for (let at = 0; at + 6 <= data.length; at += 6 + ((data[at + 1] ?? 0) & 127)) {
		if (data[at] !== 0x88) continue;
		const code = ((data[at + 6] ?? 0) ^ (data[at + 2] ?? 0)) * 256 + ((data[at + 7] ?? 0) ^ (data[at + 3] ?? 0));
		judge(`${path} ${code}`);
		socket.end();
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

/** Starts them; the ports are the test's configuration. */
export async function start(): Promise<void> {
	await Promise.all([listening(raw), once(server, "listening")]);
	console.log(JSON.stringify({ port: portOf(server), raw: portOf(raw), refused: NOBODY_PORT }));
}
