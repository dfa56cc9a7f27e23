/*
 * A server on a raw socket that does to its clients what servers should not, or seldom do, by path; and reads strictly what they send.
 * /verdict and a path answers with that: the frames of a connection to that path, once it ended, or what was wrong with them.
 */
import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";

const HUGE = 10 * 1024 * 1024;
const KEY_ZERO = "00000000";

const hex = (text: string) => Buffer.from(text.replaceAll(/[ _]/g, ""), "hex");

export function frame(first: number, payload: Buffer): Buffer {
	const { length } = payload;
	if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
	if (length < 65536) return Buffer.concat([Buffer.of(first, 126, length >> 8, length & 255), payload]);
	const header = Buffer.of(first, 127, 0, 0, 0, 0, 0, 0, 0, 0);
	header.writeUInt32BE(length, 6);
	return Buffer.concat([header, payload]);
}

/** What a client sent behind its request, frame by frame, in words. */
class Reader {
	readonly frames: string[] = [];
	#bytes = Buffer.alloc(0);
	#key = "";

	add(data: Buffer): void {
		this.#bytes = Buffer.concat([this.#bytes, data]);
		for (let frame = this.#next(); frame !== undefined; frame = this.#next()) this.frames.push(frame);
	}

	#next(): string | undefined {
		const bytes = this.#bytes;
		const [first, second] = bytes;
		if (first === undefined || second === undefined) return undefined;
		let length = second & 127;
		let at = 2;
		if (length >= 126) {
			at = length === 126 ? 4 : 10;
			if (bytes.length < at) return undefined;
			length = at === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
		}
		const wrong = this.#mistake(first, second, length, at);
		if (wrong) {
			this.#bytes = Buffer.alloc(0);
			return `wrong: ${wrong}`;
		}
		if (bytes.length < at + 4 + length) return undefined;
		const key = bytes.subarray(at, at + 4);
		const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
		for (let i = 0; i < length; i++) payload[i]! ^= key[i & 3]!;
		this.#bytes = bytes.subarray(at + 4 + length);
		const repeated = key.toString("hex") === this.#key || key.toString("hex") === KEY_ZERO;
		this.#key = key.toString("hex");
		return (repeated ? "the same key: " : "") + wordsOf(first, payload);
	}

	#mistake(first: number, second: number, length: number, at: number): string {
		if (!(second & 0x80)) return "not masked";
		if (first & 0x70) return "reserved bits";
		return at === (length < 126 ? 2 : length < 65536 ? 4 : 10) ? "" : "a length that is not minimal";
	}
}

function wordsOf(first: number, payload: Buffer): string {
	const opcode = first & 15;
	const more = first & 0x80 ? "" : " …";
	const { length } = payload;
	if (opcode === 8) return length ? `close ${payload.readUInt16BE(0)}${length > 2 ? ` ${payload.subarray(2)}` : ""}` : "close";
	const name = ["continuation", "text", "binary"][opcode] ?? (opcode === 9 ? "ping" : opcode === 10 ? "pong" : `opcode ${opcode}`);
	if (length <= 125) return `${name} ${payload}${more}`;
	return `${name} of ${length}${payload.every((byte, i) => byte === ((i * 7 + (i >> 8)) & 255)) ? "" : ", damaged"}${more}`;
}

/** Each byte in a segment of its own. */
async function trickle(socket: Socket, data: Buffer): Promise<void> {
	for (const byte of data) {
		await new Promise<void>((done) => socket.write(Buffer.of(byte), () => setImmediate(done)));
		if (socket.destroyed) return;
	}
}

/** Ten megabytes in one frame, as fast as the client takes them, and a text behind them. */
function huge(socket: Socket): void {
	const header = hex("827f0000000000000000");
	header.writeBigUInt64BE(BigInt(HUGE), 2);
	socket.write(header);
	let at = 0;
	const more = () => {
		while (at < HUGE) {
			const piece = Buffer.alloc(65536);
			for (let i = 0; i < piece.length; i++) piece[i] = ((at + i) * 7 + ((at + i) >> 8)) & 255;
			at += piece.length;
			if (socket.write(piece)) continue;
			socket.once("drain", more);
			return;
		}
		socket.write(frame(0x81, Buffer.from("behind it")));
	};
	more();
}

function answerTo(request: string, path: string): Buffer {
	const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
	const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket"];
	if (path === "/refuse") lines[0] = "HTTP/1.1 403 Forbidden";
	lines.push(path === "/keepalive" ? "Connection: keep-alive, Upgrade" : "Connection: Upgrade");
	lines.push(`Sec-WebSocket-Accept: ${path === "/accept" ? "bm9ib2R5IGFza2VkIGZvciB0aGlz" : accept}`);
	if (path === "/protocol") lines.push("Sec-WebSocket-Protocol: unheard.of");
	if (path === "/chosen") lines.push("Sec-WebSocket-Protocol: two");
	if (path === "/extension") lines.push("Sec-WebSocket-Extensions: permessage-deflate");
	if (path === "/headers") lines.push(...Array.from({ length: 20 }, (_, i) => `X-Header-${i}: ${"x".repeat(40)}`));
	return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** By path, of connections that ended, until somebody asks; and who asked before. */
const verdicts = new Map<string, string>();
const asking = new Map<string, Socket>();

function tell(path: string): void {
	const verdict = verdicts.get(path);
	const socket = asking.get(path);
	if (verdict === undefined || socket === undefined) return;
	socket.end(Buffer.concat([frame(0x81, Buffer.from(verdict)), hex("880203e8")]));
	verdicts.delete(path);
	asking.delete(path);
}

function serve(socket: Socket, path: string, request: string): void {
	const [, kind = "", argument = ""] = path.split("/");
	if (kind === "silent") return;
	const good = answerTo(request, path);
	if (kind === "trickle") {
		void trickle(socket, Buffer.concat([good, hex(argument)]));
		return;
	}
	socket.write(Buffer.concat([good, ["frames", "deaf", "cut"].includes(kind) ? hex(argument) : Buffer.alloc(0)]));
	if (kind === "huge") huge(socket);
	if (kind === "hangup" || kind === "cut") socket.end();
	if (kind === "reset") setImmediate(() => socket.resetAndDestroy());
	if (kind !== "verdict") return;
	const asked = path.slice("/verdict".length);
	asking.set(asked, socket);
	tell(asked);
}

const server = createServer({ noDelay: true }, (socket) => {
	const reader = new Reader();
	let request = "";
	let path = "";
	socket.on("error", () => {});
	socket.on("data", (data: Buffer) => {
		if (path) {
			reader.add(data);
			const last = reader.frames.at(-1) ?? "";
			// A close frame is answered with one, but by the deaf.
			if (last.startsWith("close") && !path.startsWith("/deaf") && socket.writable) socket.end(hex("880203e8"));
			return;
		}
		request += data.toString("latin1");
		if (!request.includes("\r\n\r\n")) return;
		path = request.split(" ")[1] ?? "/";
		serve(socket, path, request);
	});
	socket.on("close", () => {
		verdicts.set(path, reader.frames.join(", "));
		tell(path);
	});
});

/** Its port. */
export const hostile = new Promise<number>((resolve) => {
	server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
});
