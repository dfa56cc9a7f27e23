/* As echo/main.ts over TLS: the CA is the resource ca.der, config has the port at localhost. */

import Resource from "Resource";
import config from "mc/config";
import { TlsTransport } from "transport/tls";
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
	const host = "localhost";
	// The SDK's typings have a class of their own for it.
	const certificate = new Resource("ca.der") as unknown as ArrayBuffer;
	let within = false;
	const request = {
		host,
		url: "/",
		tmpBuf: new Uint8Array(512),
		txBuf: new Uint8Array(1040),
		ownSock: true,
		failure: "",
		onReadable(ws: number) {
			for (;;) {
				const count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
				if (count < 0) break;
				// What comes in parts goes back in parts.
				const opcode = within ? WEBSOCKET_OPCODE_CONTINUE : WEBSOCKET_OPCODE_DATA_BINARY;
				within = (info.messageType & WEBSOCKET_FLAG_FINAL) === 0 || info.remaining > 0;
				websocketSendMsg(ws, bytes, count, opcode, true, !within, SYS_FOREVER_MS);
			}
		},
		onClose(_: number, error: number) {
			if (error) throw new Error(request.failure || `closed: ${error}`);
		},
	};
	const transport = new TlsTransport({ host, port: Number(config.port), nodelay: true, secure: { certificate } });
	websocketConnect(transport, request, 10_000).then((ws) => {
		if (ws < 0) throw new Error(request.failure);
	});
}
