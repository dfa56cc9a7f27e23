/*
 * A server that sends back what it gets, for Autobahn's fuzzing client (wstest -m fuzzingclient):
 * npm run device -- tests/conformance/autobahn/server.ts --release port=9002
 */
import Listener from "embedded:io/socket/listener";
import type TCP from "embedded:io/socket/tcp";
import config from "mc/config";
import { TcpTransport } from "transport/tcp";
import { websocketRegister } from "websocket";
import { Echo } from "./echo";

const PIECE = 1024;

/** Listens on `port` (0 is any that is free) and serves whoever comes, with a transmit buffer of `transmit` bytes each. */
export function listen(port: number, transmit: number): Listener {
	return new Listener({
		port,
		onReadable(count) {
			for (; count > 0; count--) serve(this.read() as TCP, transmit);
		},
	});
}

function serve(tcp: TCP, transmit: number): void {
	const transport = new TcpTransport({ from: tcp, nodelay: true });
	const echo = new Echo(new Uint8Array(PIECE), false);
	const result = websocketRegister(transport, new Uint8Array(PIECE), PIECE, {
		txBuf: new Uint8Array(transmit),
		onReadable: (ws) => void echo.step(ws, false),
		onWritable: (ws) => void echo.step(ws, true),
		onClose: () => transport.close(),
	});
	if (result >= 0) return;
	trace(`a client had to go: error ${result}\n`);
	transport.close();
}

export default function main(): void {
	const { port } = listen(Number(config.port ?? 9002), PIECE + 16);
	trace(`listening on port ${port}\n`);
}
