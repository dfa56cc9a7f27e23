/*
 * Clients of npm's ws for the device's servers. The device asks on a TCP connection, with one line of JSON, and gets one line: what the
 * client saw. The client ends that connection when its WebSocket and its TCP connection are gone.
 */
import { createServer, type Socket } from "node:net";
import { WebSocket } from "ws";

interface Task {
	port: number;
	path: string;
	protocols?: string[];
	/** Sizes of messages that have to come back. */
	sizes?: number[];
	/** What to say last, if the server is not to close: the code. */
	close?: number;
}

const counting = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8)));

class Result {
	status = 0;
	headers: Record<string, unknown> = {};
	protocol = "";
	/** "binary 5", "text 5 fragments", "pong x", "ping x"; a message that differs from what was sent: "wrong". */
	seen: string[] = [];
	code = 0;
	reason = "";
	error = "";
	/** Who ended the TCP connection first was the server. */
	ended = false;
}

/** Sends, and waits for what comes back. */
async function converse(ws: WebSocket, sizes: number[], result: Result): Promise<void> {
	const replies: [Buffer, boolean][] = [];
	let told = () => {};
	ws.on("message", (data: Buffer, binary) => {
		replies.push([data, binary]);
		told();
	});
	const reply = async () => {
		while (replies.length === 0)
			await new Promise<void>((resolve) => {
				told = resolve;
			});
		return replies.shift()!;
	};
	const check = async (sent: Buffer, binary: boolean, name: string) => {
		const [data, type] = await reply();
		result.seen.push(data.equals(sent) && type === binary ? name : `wrong ${name}: ${data.length}`);
	};
	for (const size of sizes) {
		const data = counting(size);
		ws.send(data);
		await check(data, true, `binary ${size}`);
		const text = Buffer.from("€".repeat(size).slice(0, size / 3));
		ws.send(text, { binary: false });
		await check(text, false, `text ${text.length}`);
		const half = size >> 1;
		ws.send(data.subarray(0, half), { fin: false });
		ws.ping("between");
		ws.send(data.subarray(half, size), { fin: true });
		await check(data, true, `fragments ${size}`);
	}
}

function run(task: Task): Promise<Result> {
	const result = new Result();
	return new Promise((resolve) => {
		const ws = new WebSocket(`ws://127.0.0.1:${task.port}${task.path}`, task.protocols ?? [], { perMessageDeflate: false });
		ws.on("upgrade", (response) => {
			result.status = response.statusCode ?? 0;
			result.headers = response.headers;
			response.socket.on("end", () => {
				result.ended = true;
			});
		});
		ws.on("unexpected-response", (request, response) => {
			result.status = response.statusCode ?? 0;
			result.headers = response.headers;
			request.destroy();
			resolve(result);
		});
		ws.on("error", (error) => {
			result.error = error.message;
		});
		ws.on("pong", (data) => result.seen.push(`pong ${data}`));
		ws.on("ping", (data) => result.seen.push(`ping ${data}`));
		ws.on("open", async () => {
			result.protocol = ws.protocol;
			await converse(ws, task.sizes ?? [], result);
			if (task.close) ws.close(task.close, "from ws");
		});
		ws.on("close", (code, reason) => {
			result.code = code;
			result.reason = String(reason);
			resolve(result);
		});
	});
}

const control = createServer((socket: Socket) => {
	let line = "";
	socket.on("error", () => {});
	socket.on("data", async (data) => {
		line += data;
		if (line.endsWith("\n")) socket.end(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
	});
});

control.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ control: (control.address() as { port: number }).port })));
