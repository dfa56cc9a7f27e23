/* The keys of the manifest's "config" that are Zephyr's Kconfig options. */
import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { startEchoServer } from "./echo-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Sends a text and some bytes, waits until they came back, and closes. */
const main = `import config from "mc/config";
import { SocketTransport } from "transport/socket";
import * as websocket from "websocket";
const bytes = new Uint8Array(256);
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
const port = Number(config.port);
const request = {
	host: "127.0.0.1:" + port,
	url: "/path",
	tmpBuf: new Uint8Array(512),
	txBuf: new Uint8Array(272),
	ownSock: true,
	onReadable(ws) {
		for (let count; (count = websocket.websocketRecvMsg(ws, bytes, bytes.length, info, 0)) >= 0; ) {
			if (info.messageRemaining !== 0) continue;
			if (info.messageType & websocket.WEBSOCKET_FLAG_TEXT) {
				const binary = new Uint8Array(1000);
				websocket.websocketSendMsg(ws, binary, 1000, websocket.WEBSOCKET_OPCODE_DATA_BINARY, true, true, 10_000);
			} else websocket.websocketDisconnect(ws, 1000, "done");
		}
	},
};
const ws = await websocket.websocketConnect(new SocketTransport({ host: "127.0.0.1", port }), request, 10_000);
if (ws < 0) throw new Error(request.failure + " (error " + ws + ")");
const text = new Uint8Array(ArrayBuffer.fromString("Gr\u00fc\u00dfe from XS"));
websocket.websocketSendMsg(ws, text, text.length, websocket.WEBSOCKET_OPCODE_DATA_TEXT, true, true, 10_000);
`;
const include = [
	"$(MODDABLE)/examples/manifest_base.json",
	"$(MODDABLE)/examples/manifest_net.json",
	join(root, "modules", "websocket", "manifest.json"),
	join(root, "modules", "transport", "manifest.json"),
];

/** What the app says, with a server that echoes. */
async function run(context: TestContext, ...configuration: string[]) {
	const folder = temporaryFolder(context, { "manifest.json": { include, modules: { "*": "./main" } }, "main.js": main });
	const server = await startEchoServer();
	context.after(() => server.close());
	const port = `port=${new URL(server.url).port}`;
	return capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), "device", folder, port, "--release", ...configuration]);
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
