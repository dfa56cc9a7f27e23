/* wss:// with npm's ws, over both TLS transports: 16 KB there and back, and what that allocates. */
import { counters } from "device";
import config from "mc/config";
import { deepEqual, equal, ok, test } from "test";
import { SecureSocketTransport } from "transport/secure-socket";
import { TlsTransport } from "transport/tls";
import {
	EAGAIN,
	WEBSOCKET_OPCODE_DATA_BINARY,
	type WebsocketClose,
	websocketConnect,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";
import { each } from "../../hosts/shared/tls-versions";

const { ca, ports } = config as unknown as { ca: string; ports: Record<"TLSv1.2" | "TLSv1.3", number> };
const host = "localhost";
const SIZE = 16_384;
const TIMES = 6;
/** After so many messages, all buffers are as large as they get. */
const WARM = 3;
const SLOTS = 0;
const CHUNKS = 1;

const sent = new Uint8Array(SIZE);
for (let i = 0; i < SIZE; i++) sent[i] = i * 7 + (i >> 8);
const piece = new Uint8Array(1024);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
const before = new Uint32Array(7);
const after = new Uint32Array(7);

interface Used {
	slots: number;
	chunks: number;
	reads: number;
}

class Echo {
	wrong = "";
	#ws = -1;
	#at = 0;
	#rounds = 0;
	#reads = 0;
	#done: (() => void) | undefined;

	/** Sends the message TIMES times, each when the one before is back; no more than the last ones are counted. */
	run(ws: number): Promise<Used> {
		this.#ws = ws;
		const done = new Promise<void>((resolve) => {
			this.#done = resolve;
		});
		this.send();
		return done.then(() => ({
			slots: after[SLOTS]! - before[SLOTS]!,
			chunks: after[CHUNKS]! - before[CHUNKS]!,
			reads: this.#reads,
		}));
	}

	/** The library's: it may be called before there is a handle. */
	readonly onReadable = () => {
		for (;;) {
			const count = websocketRecvMsg(this.#ws, piece, piece.length, info, 0);
			if (count < 0) {
				if (count !== -EAGAIN) this.wrong = `error ${count}`;
				return;
			}
			this.#reads++;
			for (let i = 0; i < count; i += 97) if (piece[i] !== sent[this.#at + i]) this.wrong = `byte ${this.#at + i}`;
			this.#at += count;
			if (this.#at < SIZE) continue;
			this.#at = 0;
			this.#rounds++;
			if (this.#rounds === WARM) {
				this.#reads = 0;
				counters(before);
			}
			if (this.#rounds === TIMES) {
				counters(after);
				this.#done?.();
			} else this.send();
		}
	};

	private send(): void {
		const result = websocketSendMsg(this.#ws, sent, SIZE, WEBSOCKET_OPCODE_DATA_BINARY, true, true, -1);
		if (result !== SIZE) this.wrong = `send: ${result}`;
	}
}

for (const kind of ["tls", "secure-socket"] as const)
	for (const version of each("TLSv1.2" as const, "TLSv1.3" as const))
		test(`${kind}, ${version}: ${TIMES} messages of 16 KB come back`, async () => {
			const secure = { certificate: ca, applicationLayerProtocolNegotiation: "http/1.1" };
			const port = ports[version];
			const transport =
				kind === "tls"
					? new TlsTransport({ host, port, nodelay: true, secure })
					: new SecureSocketTransport({ host, port, noDelay: true, secure });
			ok(transport.secure);
			const echo = new Echo();
			let close: (ended: WebsocketClose) => void;
			const closed = new Promise<WebsocketClose>((resolve) => {
				close = resolve;
			});
			const request = {
				host: `${host}:${port}`,
				url: "/",
				tmpBuf: new Uint8Array(1024),
				txBuf: new Uint8Array(1040),
				onReadable: echo.onReadable,
				onClose: (_: number, _error: number, ended: WebsocketClose) => close(ended),
				failure: "",
			};
			const ws = await websocketConnect(transport, request, 30_000);
			ok(ws >= 0, `${ws}: ${request.failure}`);
			equal(transport.protocol, version);
			equal(transport.alpn, "http/1.1");
			const used = await echo.run(ws);
			equal(echo.wrong, "");
			trace(
				`${kind}, ${version}: ${TIMES - WARM} echoes of 16 KB in ${used.reads} reads allocated ${used.slots} slots, ${used.chunks} bytes\n`,
			);
			if (kind === "tls") deepEqual([used.slots, used.chunks], [0, 0]);
			websocketDisconnect(ws);
			const { code, clean } = await closed;
			equal(`${code} ${clean}`, "1000 true");
			equal(`${transport.fault}${transport.failure}`, "");
			transport.close();
		});
