/* The smallest firmware that has a WebSocket: sends back, as binary, what a server sends. config has the server's host and port,
 * and which of the firmware's sockets to take. */
import config from "mc/config";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import {
	SYS_FOREVER_MS,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_OPCODE_CONTINUE,
	WEBSOCKET_OPCODE_DATA_BINARY,
	websocketConnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";

export default function main(): void {
	const bytes = new Uint8Array(1024);
	const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	const { host, port: text, transport } = config;
	const port = Number(text);
	let within = false;
	const opened = websocketConnect(
		transport === "socket" ? new SocketTransport({ host, port, noDelay: true }) : new TcpTransport({ host, port, nodelay: true }),
		{
			host,
			url: "/",
			tmpBuf: new Uint8Array(512),
			txBuf: new Uint8Array(1040),
			ownSock: true,
			onReadable(ws) {
				for (;;) {
					const count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
					if (count < 0) break;
					// What comes in parts goes back in parts.
					const opcode = within ? WEBSOCKET_OPCODE_CONTINUE : WEBSOCKET_OPCODE_DATA_BINARY;
					within = (info.messageType & WEBSOCKET_FLAG_FINAL) === 0 || info.remaining > 0;
					websocketSendMsg(ws, bytes, count, opcode, true, !within, SYS_FOREVER_MS);
				}
			},
			onClose(_, error, { code, reason }) {
				trace(`closed: ${error} ${code} ${reason}\n`);
			},
		},
		10_000,
	);
	opened.then((ws) => trace(ws < 0 ? `no connection: ${ws}\n` : "open\n"));
}
