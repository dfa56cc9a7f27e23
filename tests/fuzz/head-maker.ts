/*
 * Makes what a peer might send as its part of the opening handshake: lines that mean something in an order that may be right, and then,
 * for three inputs of four, mistakes in them.
 */
import { copy } from "bytes/block";
import type { Xorshift } from "./xorshift";

export const HEAD_MAX = 700;
/** Beyond this no line is begun. */
const BEGIN_MAX = 450;

const bytesOf = (text: string) => new Uint8Array(ArrayBuffer.fromString(text));
const linesOf = (lines: readonly string[]) => lines.map((line) => bytesOf(line));

/** To the key of sixteen zero bytes. */
const ACCEPT = "Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n";

/** What has to be there, then what may be there. */
const answer = linesOf(["HTTP/1.1 101 Switching Protocols\r\n", "Upgrade: websocket\r\n", "Connection: Upgrade\r\n", ACCEPT]);
const request = linesOf([
	"GET /chat?a HTTP/1.1\r\n",
	"Host: h:80\r\n",
	"Upgrade: websocket\r\n",
	"Connection: keep-alive, Upgrade\r\n",
	"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
	"Sec-WebSocket-Version: 13\r\n",
]);
const others = linesOf([
	"Sec-WebSocket-Protocol: mqtt\r\n",
	"Sec-WebSocket-Protocol: chat, mqtt\r\n",
	"Sec-WebSocket-Extensions: x; a=1\r\n",
	"Sec-WebSocket-Extensions:\r\n",
	"Server: x\r\n",
	"X-Folded: a\r\n b\r\n",
	"Connection: close\r\n",
	"Upgrade: h2c\r\n",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 403 No\r\n",
	"HTTP/1.0 101 x\r\n",
	"Content-Length: 0\r\n",
	"Transfer-Encoding: chunked\r\n",
	"Origin: http://e.com\r\n",
	"Cookie: a=b;\tc=\xe9\r\n",
	"GET http://h/ HTTP/1.1\r\n",
	ACCEPT,
	"\r\n",
]);
const END = bytesOf("\r\n");
/** Bytes that mean something to somebody. */
export const telling = bytesOf('\r\n\t :,;/=\x7f\x80\xffaZ019?#%"\\()HG');

export class HeadMaker {
	readonly bytes = new Uint8Array(HEAD_MAX);
	length = 0;
	readonly #random: Xorshift;

	constructor(random: Xorshift) {
		this.#random = random;
	}

	/** A client's request, or a server's answer. */
	make(client: boolean): void {
		const random = this.#random;
		const lines = client ? request : answer;
		this.length = 0;
		for (let i = 0; i < lines.length; i++) {
			if (random.below(24) === 0) continue;
			if (random.below(6) === 0) this.#put(others[random.below(others.length)] as Uint8Array);
			this.#put(lines[i] as Uint8Array);
		}
		if (random.below(3) === 0) this.#put(others[random.below(others.length)] as Uint8Array);
		this.#put(END);
		if (random.below(4) === 0) this.#put(others[random.below(others.length)] as Uint8Array);
		if (random.below(4) === 0) return;
		for (let times = 1 + random.below(3); times > 0; times--) this.#spoil();
	}

	#put(line: Uint8Array): void {
		if (this.length > BEGIN_MAX) return;
		copy(this.bytes, this.length, line, 0, line.length);
		this.length += line.length;
	}

	#spoil(): void {
		const random = this.#random;
		const { bytes, length } = this;
		if (length < 2) return;
		const at = random.below(length);
		switch (random.below(6)) {
			case 0:
				bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
				break;
			case 1:
				bytes[at] = telling[random.below(telling.length)] as number;
				break;
			case 2:
				this.length = 1 + at;
				break;
			case 3: {
				const count = Math.min(1 + random.below(random.below(2) ? 3 : 40), length - at - 1);
				copy(bytes, at, bytes, at + count, length - at - count);
				this.length = length - count;
				break;
			}
			case 4:
				if (length + 1 > HEAD_MAX) break;
				copy(bytes, at + 1, bytes, at, length - at);
				bytes[at] = telling[random.below(telling.length)] as number;
				this.length = length + 1;
				break;
			default: {
				// A part of it comes twice.
				const count = Math.min(random.below(60), length - at, HEAD_MAX - length);
				copy(bytes, at + count, bytes, at, length - at);
				this.length = length + count;
			}
		}
	}
}
