/* The keys of the manifest's "config" that are Zephyr's Kconfig options. */
import { equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { WebSocketServer } from "ws";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";

/** main.ts against an echo server, and what it says. */
async function run(context: TestContext, ...config: string[]) {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	await once(server, "listening");
	context.after(() => server.close());
	server.on("connection", (socket) => socket.on("message", (data, binary) => socket.send(data, { binary })));
	const url = `url=ws://127.0.0.1:${(server.address() as AddressInfo).port}/path`;
	return capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), "device", join(root, "main.ts"), url, "--release", ...config]);
}

test("without a level nothing is logged", async (context) => {
	const { stdout, status } = await run(context);
	equal(status, 0);
	ok(!stdout.includes("[websocket"), stdout);
});

test("NET_WEBSOCKET_LOG_LEVEL=3: what becomes of a connection", async (context) => {
	const { stdout } = await run(context, "NET_WEBSOCKET_LOG_LEVEL=3");
	match(stdout, /\[websocket 127\.0\.0\.1:\d+\/path\] open as \d+\n/);
	match(stdout, /\[websocket 127\.0\.0\.1:\d+\/path\] closed: 1000 done\n/);
	ok(!stdout.includes("sent TEXT"), stdout);
});

test("NET_WEBSOCKET_LOG_LEVEL=4: every frame", async (context) => {
	const { stdout } = await run(context, "NET_WEBSOCKET_LOG_LEVEL=4");
	const frames = [...stdout.matchAll(/\] ((?:sent|received) [A-Z]+.*)\n/g)].map(([, text]) => text);
	equal(
		frames.join("; "),
		"sent TEXT, 15 bytes; received TEXT, 15 bytes; sent BINARY, 1000 bytes; received BINARY, 1000 bytes; sent CLOSE, 6 bytes; received CLOSE, 6 bytes",
	);
});

test("HEXDUMP_SENT_PACKETS and HEXDUMP_RECV_PACKETS: every byte", async (context) => {
	const sent = (await run(context, "HEXDUMP_SENT_PACKETS=1")).stdout;
	// "GET /path HTTP/1"
	match(sent, /\[websocket .*\] sent 47 45 54 20 2f 70 61 74 68 20 48 54 54 50 2f 31\n/);
	ok(!sent.includes("received"), sent);
	const received = (await run(context, "HEXDUMP_RECV_PACKETS=true")).stdout;
	// "HTTP/1.1 101 Swi", and the echo of "Grüße from XS".
	match(received, /received 48 54 54 50 2f 31 2e 31 20 31 30 31 20 53 77 69\n/);
	match(received, /received 81 0f 47 72 c3 bc c3 9f 65 20 66 72 6f 6d 20 58\n/);
	ok(!received.includes("] sent"), received);
});

test("WEBSOCKET_MAX_CONTEXTS that is none", async (context) => {
	for (const value of ["0", "65", "1.5", "many"]) {
		const { stderr, status } = await run(context, `WEBSOCKET_MAX_CONTEXTS=${value}`);
		const message = `WEBSOCKET_MAX_CONTEXTS in the manifest's "config" is ${value}: it has to be a whole number from 1 to 64`;
		ok(stderr.includes(`${message} (error -22)`), stderr);
		equal(status, 1);
	}
});
