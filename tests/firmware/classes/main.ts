/* A firmware with all the classes: each connects to a server that sends back what it gets, says its name, and closes, one after the other.
 * config has the server's host and port. */
import config from "mc/config";
import { Client } from "websocket-classic";
import WebSocketClient from "websocket-client";
import WebSocket from "websocket-web";

const { host, port } = config as unknown as { host: string; port: string };

export default function main(): void {
	asBrowsers(() => asEcma(() => asClassic(() => trace("done\n"))));
}

function asBrowsers(next: () => void): void {
	const ws = new WebSocket(`ws://${host}:${port}/`);
	ws.onopen = () => ws.send("browser");
	ws.onmessage = ({ data }) => {
		trace(`${data}\n`);
		ws.close(1000);
	};
	ws.onclose = ({ code }) => {
		trace(`closed ${code}\n`);
		next();
	};
}

function asEcma(next: () => void): void {
	let sent = false;
	new WebSocketClient({
		host,
		port,
		onWritable() {
			if (!sent) this.write(ArrayBuffer.fromString("ecma"), { binary: false });
			sent = true;
		},
		onReadable(count) {
			trace(`${String.fromArrayBuffer(this.read(count))}\n`);
			this.write(Uint8Array.of(3, 232), { opcode: WebSocketClient.close });
		},
		onClose() {
			trace("closed\n");
			next();
		},
		onError: (reason) => trace(`${reason}\n`),
	});
}

function asClassic(next: () => void): void {
	const client = new Client({ host, port });
	client.callback = function (message, value) {
		if (message === Client.handshake) this.write("classic");
		else if (message === Client.disconnect) trace(`${value}\n`);
		else if (message === Client.receive) {
			trace(`${value}\n`);
			this.close();
			next();
		}
	};
}
