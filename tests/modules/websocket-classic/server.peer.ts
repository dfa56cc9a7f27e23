/* Clients for the classic Server, as told on /ask of a WebSocket server: npm's ws, and raw ones that do what clients should not. */
import { connect, type Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

const HEAD = "GET /raw HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n";
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/** What came back, in words: the status line, then frames as hex. */
function wordsOf(data: Buffer): string {
	const end = data.indexOf("\r\n\r\n");
	const head = data.subarray(0, end < 0 ? data.length : end).toString("latin1");
	const status = head.split("\r\n")[0]?.split(" ")[1] ?? "";
	return `${status} ${end < 0 ? "" : data.subarray(end + 4).toString("hex")}`.trim();
}

async function trickle(socket: Socket, data: Buffer): Promise<void> {
	socket.setNoDelay(true);
	for (const byte of data) {
		if (socket.destroyed) return;
		await new Promise<void>((done) => socket.write(Buffer.of(byte), () => setImmediate(done)));
	}
}

/** A raw client; resolves with all it got. */
function raw(port: number, text: string, frames: string, slow: boolean): Promise<string> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		const got: Buffer[] = [];
		const bytes = Buffer.concat([Buffer.from(text, "latin1"), Buffer.from(frames.replaceAll("_", ""), "hex")]);
		socket.on("connect", () => (slow ? void trickle(socket, bytes) : socket.write(bytes)));
		socket.on("data", (data) => got.push(data));
		socket.on("error", () => {});
		socket.on("close", () => resolve(wordsOf(Buffer.concat(got))));
	});
}

/** A client of npm's ws that sends, and says what came back; then closes. */
function friend(port: number, path: string, protocols: string[], messages: string[]): Promise<string> {
	return new Promise((resolve) => {
		const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
		const got: string[] = [];
		ws.on("open", () => {
			got.push(`open ${ws.protocol}`.trim());
			for (const text of messages) ws.send(text.startsWith("#") ? Buffer.alloc(Number(text.slice(1)), 1) : text);
			if (messages.length === 0) ws.close(1000);
		});
		ws.on("message", (data: Buffer, binary) => {
			got.push(binary ? `<${data.length}>` : data.length > 100 ? `"${data.length}"` : String(data));
			if (got.length === messages.length + 1) ws.close(1000, "done");
		});
		ws.on("error", (error) => got.push(error.message));
		ws.on("close", (code, reason) => resolve([...got, `close ${code} ${reason}`.trim()].join(", ")));
	});
}

interface Order {
	kind: "friend" | "good" | "raw" | "slow";
	port: number;
	path?: string;
	protocols?: string[];
	messages?: string[];
	/** Of a raw client: all of the request, or lines beside the usual ones. */
	text?: string;
	frames?: string;
}

function follow({ kind, port, path = "/", protocols = [], messages = [], text = "", frames = "" }: Order): Promise<string> {
	if (kind === "friend") return friend(port, path, protocols, messages);
	if (kind === "raw") return raw(port, text, frames, false);
	return raw(port, `${HEAD}${KEY}${text}\r\n`, frames, kind === "slow");
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("connection", (ws) => {
	ws.on("error", () => {});
	ws.on("message", async (data) => {
		const order = JSON.parse(String(data)) as Order;
		const text = await follow(order);
		ws.send(text);
	});
});
server.on("listening", () => console.log(JSON.stringify({ echo: (server.address() as { port: number }).port })));
