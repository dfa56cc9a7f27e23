/* What a test asks its peer to do: a line of JSON there, and one back, on a TCP connection of its own. */
import config from "mc/config";
import { TcpTransport } from "transport/tcp";

const { control } = config as unknown as { control: number };

/** Resolves with what the command gave, once it is done; rejects with what it threw. */
// biome-ignore lint/suspicious/noExplicitAny: who sends the command knows what it gives
export function ask(command: string, argument: object = {}): Promise<any> {
	const line = new Uint8Array(ArrayBuffer.fromString(`${JSON.stringify([command, argument])}\n`));
	const transport = new TcpTransport({ address: "127.0.0.1", port: control });
	const piece = new Uint8Array(1024);
	let written = 0;
	let text = "";
	return new Promise((resolve, reject) => {
		const read = () => {
			for (;;) {
				const count = transport.read(piece, 0, piece.length);
				if (count <= 0) return;
				text += String.fromArrayBuffer(piece.slice(0, count).buffer);
			}
		};
		transport.start({
			onWritable: () => {
				for (let count = 1; count > 0 && written < line.length; written += count) count = transport.write(line, written, line.length);
			},
			onReadable: read,
			onClosed: (error) => {
				read();
				transport.close();
				if (error === -140) return;
				if (!text.endsWith("\n")) {
					reject(new Error(`${command}: the peer said nothing (${error})`));
					return;
				}
				const { result, error: words } = JSON.parse(text);
				if (words === undefined) resolve(result);
				else reject(new Error(`${command}: ${words}`));
			},
		});
	});
}
