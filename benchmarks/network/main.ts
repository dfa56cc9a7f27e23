/*
 * Messages of `length` bytes from a client to a server over TCP, both of them on this board, for tools/instructions.ts to count. Between
 * the two is the whole network, down to the Ethernet chip: see mirror.d.ts. README.md of ../instructions says what is counted.
 */
import TCPListener from "embedded:io/socket/listener";
import { exit } from "device";
import config from "mc/config";
import { measure } from "measure";
import { mirror } from "mirror";
import { TcpTransport } from "transport/tcp";
import { WEBSOCKET_OPCODE_DATA_BINARY, websocketConnect, websocketRecvMsg, websocketRegister, websocketSendMsg } from "websocket";

/** Of the board's network, and not the board's own. */
const ADDRESS = "10.0.2.77";
const PORT = 8080;
const HEADER_MAX = 14;
/** What TCP brings at a time. */
const SEGMENT = 1460;
/** So many that it does not matter between which of them TCP's timers come. */
const MESSAGES = 1000;
const LONG_MESSAGES = 200;

const length = Number(config.length ?? 125);
const payload = new Uint8Array(Math.max(1, length));
const taken = new Uint8Array(payload.length);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

let client = -1;
/** Messages that are still to come, and what happens behind the last one. */
let left = 0;
let done: () => void;

function send(): void {
	const result = websocketSendMsg(client, payload, length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0);
	if (result !== length) throw new Error(`websocketSendMsg gave ${result}`);
}

/** The server's: one message at a time is on its way. */
function receive(ws: number): void {
	while (websocketRecvMsg(ws, taken, taken.length, info, 0) >= 0) {
		if (info.remaining > 0) continue;
		if (--left > 0) send();
		else done();
	}
}

mirror();
new TCPListener({
	port: PORT,
	onReadable() {
		const transport = new TcpTransport({ from: this.read()!, nodelay: true });
		const result = websocketRegister(transport, new Uint8Array(SEGMENT), SEGMENT, { onReadable: receive });
		if (result < 0) throw new Error(`websocketRegister gave ${result}`);
	},
});
client = await websocketConnect(
	new TcpTransport({ address: ADDRESS, port: PORT, nodelay: true }),
	{
		host: ADDRESS,
		url: "/",
		tmpBuf: new Uint8Array(512),
		txBuf: new Uint8Array(Math.max(512, length + HEADER_MAX + 8)),
	},
	-1,
);
if (client < 0) throw new Error(`websocketConnect gave ${client}`);

await measure(
	"network",
	(messages) =>
		new Promise<void>((resolve) => {
			left = messages;
			done = resolve;
			send();
		}),
	length > SEGMENT ? LONG_MESSAGES : MESSAGES,
);
exit(0);
