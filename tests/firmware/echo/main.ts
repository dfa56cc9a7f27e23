/* The smallest firmware that has a WebSocket: sends back, as binary, what a server sends. config has the server's host and port. */
import config from "mc/config";
import { TcpTransport } from "transport/tcp";
import { SYS_FOREVER_MS, WEBSOCKET_OPCODE_DATA_BINARY, websocketConnect, websocketRecvMsg, websocketSendMsg } from "websocket";

export default function main(): void {
	const bytes = new Uint8Array(1024);
	const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
	const { host } = config;
	const opened = websocketConnect(
		new TcpTransport({ host, port: Number(config.port), nodelay: true }),
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
					websocketSendMsg(ws, bytes, count, WEBSOCKET_OPCODE_DATA_BINARY, true, true, SYS_FOREVER_MS);
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
