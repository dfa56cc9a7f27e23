/* What the device may ask its peer to do: a line of JSON, [command, argument], and a line of JSON back, {result} or {error}. */
import { type AddressInfo, createServer } from "node:net";

// biome-ignore lint/suspicious/noExplicitAny: each command knows its own argument, and the test that sends it
export type Commands = Record<string, (argument: any) => unknown>;

/** Bytes become strings of a character each, for the device to compare. */
function readable(value: unknown): unknown {
	if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
	if (Array.isArray(value)) return value.map(readable);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, readable(item)]));
}

/** Gives the port. Each connection is one command. */
export async function serveCommands(commands: Commands): Promise<number> {
	const server = createServer((socket) => {
		let text = "";
		let asked = false;
		socket.on("error", () => {});
		socket.setEncoding("utf8").on("data", async (piece: string) => {
			text += piece;
			if (asked || !text.endsWith("\n")) return;
			asked = true;
			let answer: unknown;
			try {
				const [command, argument] = JSON.parse(text) as [string, unknown];
				const run = commands[command];
				if (!run) throw new Error(`the peer has no command ${command}`);
				answer = { result: readable((await run(argument)) ?? null) };
			} catch (error) {
				process.stderr.write(`${text.trim()}: ${error instanceof Error ? error.stack : error}\n`);
				answer = { error: String(error) };
			}
			socket.end(`${JSON.stringify(answer)}\n`);
		});
	});
	await new Promise<void>((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
	return (server.address() as AddressInfo).port;
}
