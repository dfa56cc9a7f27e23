/* main.ts against servers that do not echo as they should: one line, status 1, and never a wait without an end. */
import { equal, match } from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";

/** main.ts, with a server that does `behave` with each connection. */
async function against(context: TestContext, behave: (socket: WebSocket) => void) {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	await once(server, "listening");
	context.after(() => {
		for (const socket of server.clients) socket.terminate();
		server.close();
	});
	server.on("connection", (socket) => {
		socket.on("error", () => {});
		behave(socket);
	});
	return run(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const run = (url: string, ...more: string[]) =>
	capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), "device", join(root, "main.ts"), `url=${url}`, "--release", ...more]);

for (const transport of ["socket", "tcp"]) {
	test(`the server closes together with the last echo (${transport})`, async (context) => {
		let left = 2;
		const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
		await once(server, "listening");
		context.after(() => server.close());
		server.on("connection", (socket, { socket: stream }) => {
			socket.on("message", (data, binary) => {
				stream.cork();
				socket.send(data, { binary });
				if (--left === 0) socket.close(1001);
				process.nextTick(() => stream.uncork());
			});
		});
		const { status, stderr } = await run(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, `transport=${transport}`);
		equal(stderr, "error: uncaught Error: connection lost: the server closed (code 1001)\n");
		equal(status, 1);
	});
}

test("text that comes back as binary, or not as it was", async (context) => {
	const binary = await against(context, (socket) => socket.on("message", (data) => socket.send(data, { binary: true })));
	match(binary.stderr, /^error: uncaught Error: the server did not echo: text came back as binary\n$/);
	equal(binary.status, 1);
	const other = await against(context, (socket) => socket.on("message", () => socket.send("no")));
	match(other.stderr, /^error: uncaught Error: the server did not echo: .*\n$/);
	equal(other.status, 1);
});

test("no WebSocket server: nobody there, no HTTP, a refusal", async (context) => {
	const answers = ["SSH-2.0-x\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"];
	const messages = [/the answer is not HTTP\/1\.1 or later \(error -\d+\)\n$/, /refused the upgrade \(HTTP status 404\) \(error -\d+\)\n$/];
	for (const [index, answer] of answers.entries()) {
		const server = createServer((socket) => socket.on("error", () => {}).end(answer)).listen(0, "127.0.0.1");
		await once(server, "listening");
		context.after(() => server.close());
		const { status, stderr } = await run(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		match(stderr, /^error: [^\n]*\n$/);
		match(stderr, messages[index] as RegExp);
		equal(status, 1);
	}
	const gone = createServer().listen(0, "127.0.0.1");
	await once(gone, "listening");
	const { port } = gone.address() as AddressInfo;
	gone.close();
	const { status, stderr } = await run(`ws://127.0.0.1:${port}/`);
	match(stderr, /^error: [^\n]*no TCP connection[^\n]*\n$/);
	equal(status, 1);
});

test("a host that has no address", async () => {
	for (const transport of ["socket", "tcp"]) {
		const { status, stderr } = await run("ws://nobody.invalid/", `transport=${transport}`);
		match(stderr, /^error: [^\n]*ws:\/\/nobody\.invalid\/: [^\n]*the host's name does not resolve \(error -118\)\n$/);
		equal(status, 1);
	}
});

test("urls that are none, or not for this client", async () => {
	for (const [url, message] of [
		["", /no url: add url=ws:\/\//],
		["wss://h/", /TLS is not supported yet/],
		["http://h/", /not a WebSocket url/],
		["ws://", /not a WebSocket url/],
		["ws://h:99999/", /not a WebSocket url/],
		["ws://a b/", /not a WebSocket url/],
	] as const) {
		const { status, stderr } = await run(url);
		match(stderr, /^error: [^\n]*\n$/);
		match(stderr, message);
		equal(status, 1);
	}
});
