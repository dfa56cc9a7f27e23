/*
 * A server on a raw socket that does to its clients what servers should not, by path; and reads strictly what they send. /verdict
 * answers with that: the frames of the last connection, or what was wrong with them.
 */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";

const HUGE = 10 * 1024 * 1024;

const answer = (request: string) => {
	const [, key = ""] = /^sec-websocket-key: *(\S+)/im.exec(request) ?? [];
	const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	return Buffer.from(
		`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
	);
};

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

function textFrame(text: string): Buffer {
	const length = Buffer.byteLength(text);
	const header = length < 126 ? Buffer.of(0x81, length) : Buffer.of(0x81, 126, length >> 8, length & 255);
	return Buffer.concat([header, Buffer.from(text)]);
}

/** What a client sent behind its request, frame by frame. */
class Reader {
	readonly frames: string[] = [];
	#bytes = Buffer.alloc(0);
	onFrame: ((frame: string) => void) | undefined;

	add(data: Buffer): void {
		this.#bytes = Buffer.concat([this.#bytes, data]);
		for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
			this.frames.push(frame);
			this.onFrame?.(frame);
		}
	}

	end(): void {
		if (this.#bytes.length) this.frames.push(`${this.#bytes.length} bytes of a frame`);
	}

	#next(): string | undefined {
		const bytes = this.#bytes;
		const [first, second] = bytes;
		if (first === undefined || second === undefined) return undefined;
		if (!(second & 0x80)) return this.#wrong("not masked");
		if (first & 0x70) return this.#wrong("reserved bits");
		let length = second & 127;
		let at = 2;
		if (length === 126) {
			if (bytes.length < 4) return undefined;
			length = bytes.readUInt16BE(2);
			at = 4;
		} else if (length === 127) {
			if (bytes.length < 10) return undefined;
			length = Number(bytes.readBigUInt64BE(2));
			at = 10;
		}
		if (at !== (length < 126 ? 2 : length < 65536 ? 4 : 10)) return this.#wrong("a length that is not minimal");
		if (bytes.length < at + 4 + length) return undefined;
		const key = bytes.subarray(at, at + 4);
		const payload = Buffer.from(bytes.subarray(at + 4, at + 4 + length));
		for (let i = 0; i < length; i++) payload[i]! ^= key[i & 3]!;
		this.#bytes = bytes.subarray(at + 4 + length);
		const opcode = first & 15;
		const fin = first & 0x80 ? "" : " and more";
		if (opcode === 8) return length ? `close ${payload.readUInt16BE(0)} ${payload.subarray(2)}`.trim() + fin : "close";
		const names = ["continuation", "text", "binary"];
		const name = opcode === 9 ? "ping" : opcode === 10 ? "pong" : (names[opcode] ?? `opcode ${opcode}`);
		if (length <= 125) return `${name} ${payload}${fin}`;
		return `${name} of ${length}${payload.every((byte, i) => byte === ((i * 7 + (i >> 8)) & 255)) ? "" : ", damaged"}${fin}`;
	}

	#wrong(text: string): string {
		this.#bytes = Buffer.alloc(0);
		return `wrong: ${text}`;
	}
}

let verdict: string | undefined;
const asking: Socket[] = [];
let held: Socket | undefined;
/** Connections that only say what is to be done. */
const orders = ["/verdict", "/nothing", "/ping-held", "/release"];

function judge(reader: Reader): void {
	reader.end();
	verdict = reader.frames.join(", ");
	tell();
}

function tell(): void {
	const socket = asking[0];
	if (verdict === undefined || socket === undefined) return;
	asking.shift();
	socket.write(textFrame(verdict));
	verdict = undefined;
}

/** Each byte in a segment of its own. */
async function trickle(socket: Socket, ...parts: Buffer[]): Promise<void> {
	for (const part of parts)
		for (const byte of part) {
			await new Promise<void>((done) => socket.write(Buffer.of(byte), () => setImmediate(done)));
			if (socket.destroyed) return;
		}
}

/** A header line that never ends, and is never too long for anybody's buffer in the time that a test waits. */
function drip(socket: Socket): void {
	socket.write("HTTP/1.1 101 Switching Protocols\r\nX: ");
	const timer = setInterval(() => socket.write("x"), 5);
	socket.on("close", () => clearInterval(timer));
}

/** Ten megabytes in one frame, as fast as the client takes them, and a text behind them. */
function huge(socket: Socket): void {
	const header = hex("827f0000000000000000");
	header.writeBigUInt64BE(BigInt(HUGE), 2);
	socket.write(header);
	let at = 0;
	const more = () => {
		while (at < HUGE) {
			const piece = Buffer.alloc(Math.min(65536, HUGE - at));
			for (let i = 0; i < piece.length; i++) piece[i] = ((at + i) * 7 + ((at + i) >> 8)) & 255;
			at += piece.length;
			if (!socket.write(piece)) {
				socket.once("drain", more);
				return;
			}
		}
		socket.write(textFrame("behind it"));
	};
	more();
}

function serve(socket: Socket, path: string, good: Buffer, reader: Reader): void {
	const send = (...parts: Buffer[]) => socket.write(Buffer.concat([good, ...parts]));
	switch (path) {
		case "/verdict":
			send();
			asking.push(socket);
			tell();
			return;
		case "/trickle":
			void trickle(
				socket,
				good,
				hex("0103 48656c 8901 70 0002 6c6f 8a00 8000"),
				hex("827e007e"),
				Buffer.alloc(126, 7),
				hex("8900 880503e8627965"),
			);
			return;
		case "/eager":
			socket.end(Buffer.concat([good, hex("890161 810162 8a00 8900 880203e9")]));
			return;
		case "/reset-handshake":
			socket.resetAndDestroy();
			return;
		case "/drip":
			drip(socket);
			return;
		// A complete message, a part of one, and the end, in each way a TCP connection has.
		case "/fin-in-payload":
			socket.end(Buffer.concat([good, hex("810161 82056263")]));
			return;
		case "/fin-in-header":
			socket.end(Buffer.concat([good, hex("810161 827e01")]));
			return;
		case "/fin-in-message":
			socket.end(Buffer.concat([good, hex("810161 010162")]));
			return;
		case "/reset-in-payload":
			send(hex("810161 82056263"));
			// When the client has had it.
			reader.onFrame = () => socket.resetAndDestroy();
			return;
		case "/half-open":
			// It goes on reading, and says nothing any more.
			send(hex("810161"));
			socket.end();
			return;
		case "/close-reset":
			send(hex("880203e8"));
			reader.onFrame = () => socket.resetAndDestroy();
			return;
		case "/chatter":
			// Goes on behind its own close frame, and behind the client's.
			send(hex("880203e8 810161 890162"));
			reader.onFrame = () => socket.write(hex("810163 890164 880203e9 ffffff"));
			return;
		case "/huge":
			send();
			huge(socket);
			return;
		case "/hold":
			send();
			socket.pause();
			held = socket;
			// Takes everything in the end, and says goodbye.
			reader.onFrame = (frame) => frame.startsWith("close") && socket.write(hex("880203e8"));
			return;
		case "/nothing":
			send();
			return;
		case "/ping-held":
			// A ping, and a text that says that the ping was there before it.
			held?.write(Buffer.concat([hex("890470696e67"), textFrame("pinged")]));
			send();
			return;
		case "/release":
			held?.resume();
			send();
			return;
		default:
			send(hex(path.slice(1)));
	}
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
	const reader = new Reader();
	let request: string | undefined = "";
	let path = "";
	socket.on("error", () => {});
	socket.on("data", (data: Buffer) => {
		if (request === undefined) {
			reader.add(data);
			return;
		}
		request += data.toString("latin1");
		const end = request.indexOf("\r\n\r\n");
		if (end < 0) return;
		path = request.split(" ")[1] ?? "";
		const good = answer(request);
		request = undefined;
		serve(socket, path, good, reader);
	});
	socket.on("end", () => socket.end());
	socket.on("close", () => {
		if (!orders.includes(path)) judge(reader);
	});
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: (server.address() as { port: number }).port })));
