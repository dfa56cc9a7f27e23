/* The classic Server: clients of npm's ws, clients that break the protocol, subprotocols, attach and close. */
import Acceptor from "embedded:io/socket/listener";
import Instrumentation from "instrumentation";
import { Listener, Socket } from "socket";
import { deepEqual, equal, ok, test, throws } from "test";
import Timer from "timer";
import { type Client, Server } from "websocket-classic";
import { App, Log } from "./app";

const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;
const idle = sockets();
const later = () => new Promise<void>((resolve) => Timer.set(() => resolve()));

/** A port that is free: the classic Listener cannot tell which one it chose. */
function freePort(): number {
	const acceptor = new Acceptor({});
	const { port } = acceptor;
	acceptor.close();
	return port;
}

interface Order {
	kind?: "friend" | "good" | "raw" | "slow";
	path?: string;
	protocols?: string[];
	messages?: string[];
	text?: string;
	frames?: string;
}

/** Lets the peer be a client, and gives what it saw. */
async function ask(port: number, order: Order): Promise<string> {
	const app = new App("/");
	(await app.opened()).write(JSON.stringify({ kind: "friend", port, ...order }));
	const [, , text = ""] = await app.first(3);
	app.ws.close();
	return text.slice("receive ".length);
}

/** Echoes, and notes. */
function serve(log: Log, options: object = {}, choose?: (names: string[], client: Client) => unknown): { server: Server; port: number } {
	const port = freePort();
	const server = new Server({ port, ...options });
	server.callback = function (message, value) {
		log.note(message, message === Server.connect ? String(value === server) : value);
		if (message === Server.receive) this.write(value as string);
		return message === Server.subprotocol ? choose?.(value as string[], this) : undefined;
	};
	return { server, port };
}

test("messages of either kind, short and long, go and come whole", async () => {
	const log = new Log();
	const { server, port } = serve(log);
	equal(
		await ask(port, { path: "/chat?room=1", messages: ["hello", "", "#0", "#100", "#9000", "ü".repeat(4000)] }),
		'open, hello, , <0>, <100>, <9000>, "8000", close 1000',
	);
	equal(await log.ended, "disconnect: done");
	deepEqual(log.entries.slice(0, 5), ["connect true", "handshake /chat?room=1", "receive hello", "receive ", "receive <0>"]);
	equal(log.entries.length, 9);
	server.close();
});

test("the request byte by byte; frames behind it; a fragmented text with a ping inside", async () => {
	const log = new Log();
	const { server, port } = serve(log);
	const frames = "0183_00000000_48656c_8981_01010101_71_8082_00000000_6c6f_8882_00000000_03e8";
	equal(await ask(port, { kind: "slow", frames }), "101 8a0170810548656c6c6f880203e8");
	deepEqual(log.entries, ["connect true", "handshake /raw", "receive Hello", "disconnect"]);
	equal(await ask(port, { kind: "good", frames }), "101 8a0170810548656c6c6f880203e8");
	server.close();
});

test("a subprotocol is the app's to choose", async () => {
	const { server, port } = serve(new Log(), {}, (names) => (names.includes("soap") ? "soap" : names.includes("any") ? "other" : undefined));
	equal(await ask(port, { protocols: ["xml", "SOAP"] }), "open SOAP, close 1000");
	// npm's ws wants one of them, as browsers do.
	equal(await ask(port, { protocols: ["any"] }), "Server sent no subprotocol, close 1006");
	equal(await ask(port, {}), "open, close 1000");
	server.close();
});

for (const [name, order, answer] of [
	["another method", { kind: "raw", text: "POST / HTTP/1.1\r\nHost: h\r\n\r\n" }, "400"],
	["no upgrade", { kind: "raw", text: "GET / HTTP/1.1\r\nHost: h\r\n\r\n" }, "426"],
	["another version", { kind: "raw", text: "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n\r\n" }, "426"],
	["no HTTP", { kind: "raw", text: "SSH-2.0-x\r\n\r\n" }, "400"],
	["too many headers", { kind: "good", text: `X: ${"x".repeat(1100)}\r\n` }, "431"],
] as const)
	test(`a request that is none is answered, not thrown at: ${name}`, async () => {
		const log = new Log();
		const { server, port } = serve(log);
		equal(await ask(port, order), answer);
		ok((await log.ended).startsWith("disconnect: "));
		deepEqual(log.entries.length, 2);
		server.close();
	});

for (const [name, frames, code, words] of [
	["an unmasked frame", "810161", "03ea", "did not mask"],
	["a reserved bit", "c180_00000000", "03ea", "reserved bit"],
	["a reserved opcode", "8380_00000000", "03ea", "reserved opcode"],
	["a fragmented control frame", "0980_00000000", "03ea", "fragmented control"],
	["text that is not UTF-8", "8182_00000000_c328", "03ef", "UTF-8"],
	["close code 999", "8882_00000000_03e7", "03ea", "close code"],
	["a length that is not minimal", "82fe0001_00000000_61", "03ea", "shortest form"],
	["a long message", "82fe4001_00000000", "03f1", "longer than maxMessage"],
] as const)
	test(`a client that breaks the protocol is told: ${name}`, async () => {
		const log = new Log();
		const { server, port } = serve(log);
		const answer = await ask(port, { kind: "good", frames });
		ok(/^101 88..(....)/.exec(answer)?.[1] === code, answer);
		const ended = await log.ended;
		ok(ended.includes(words), ended);
		server.close();
	});

test("close() of a client, also with an answer on its way, and instead of one", async () => {
	const port = freePort();
	const server = new Server({ port });
	let when = Server.receive;
	server.callback = function (message) {
		if (message !== when) return;
		if (message !== Server.subprotocol) this.write("x".repeat(12_000));
		this.close();
	};
	equal(await ask(port, { messages: ["1", "2"] }), 'open, "12000", close 1000');
	when = Server.subprotocol;
	equal(await ask(port, { protocols: ["a"] }), "Unexpected server response: 403, close 1006");
	server.close();
	// To an emulated board another machine forwards, which finds out only when it has taken the connection: then it resets that, or ends it.
	const refused = await ask(port, {});
	ok(/^(connect ECONNREFUSED 127\.0\.0\.1:\d+|read ECONNRESET|socket hang up), close 1006$/.test(refused), refused);
});

test("what is written in handshake is sent before close() there; close() in connect ends the connection without an answer", async () => {
	const port = freePort();
	const server = new Server({ port });
	let texts: string[] = ["full"];
	server.callback = function (message) {
		if (message !== Server.handshake) return;
		for (const text of texts) this.write(text);
		this.close();
		throws(() => this.write("late"), "not connected");
	};
	equal(await ask(port, { messages: ["1", "2"] }), "open, full, close 1000");
	texts = ["x".repeat(12_000), "y".repeat(600), "z"];
	equal(await ask(port, { messages: ["1", "2", "3", "4"] }), 'open, "12000", "600", z, close 1000');
	texts = [];
	equal(await ask(port, { messages: ["1"], protocols: [] }), "open, close 1000");
	server.callback = function (message) {
		if (message === Server.connect) this.close();
	};
	ok(/^(socket hang up|read ECONNRESET), close 1006$/.test(await ask(port, {})));
	server.close();
});

test("attach: headers are read of a socket whose request has begun", async () => {
	const log = new Log();
	const server = new Server({ port: null });
	server.callback = function (message, value) {
		log.note(message, message === Server.connect ? undefined : value);
		if (message === Server.receive) this.write(value as string);
	};
	const port = freePort();
	const listener = new Listener({ port });
	listener.callback = () => {
		const socket = new Socket({ listener });
		// As an HTTP server: reads the first line, and sees whose it is.
		socket.callback = (message) => {
			if (message !== 2) return;
			equal(socket.read(String, "\n"), "GET /ws HTTP/1.1\r\n");
			server.attach(socket);
		};
	};
	equal(await ask(port, { path: "/ws", messages: ["hello"] }), "open, hello, close 1000");
	await log.ended;
	deepEqual(log.entries, ["connect", "handshake /", "receive hello", "disconnect: done"]);
	listener.close();
	server.close();
});

test("a client that says nothing is left", async () => {
	const log = new Log();
	const { server, port } = serve(log, { timeout: 30 });
	equal(await ask(port, { kind: "raw", text: "GET / HTTP/1.1\r\n" }), "");
	ok((await log.ended).includes("in time"));
	server.close();
});

test("more clients than there is room for are turned away, and the server goes on", async () => {
	// Those of the tests before are on their way out.
	while (sockets() > idle) await later();
	const port = freePort();
	const server = new Server({ port });
	server.callback = function (message, value) {
		if (message === Server.receive) this.write(value as string);
	};
	// Both ends are here: eight connections are four pairs.
	const apps = [1, 2, 3, 4].map(() => new App("/", {}, port));
	for (const app of apps) await app.opened();
	throws(() => new App("/", {}, port), "all contexts are in use");
	apps[0]?.ws.close();
	apps[1]?.ws.write("still there");
	deepEqual((await apps[1]?.first(3))?.[2], "receive still there");
	for (const app of apps) app.ws.close();
	server.close();
	while (sockets() > idle) await later();
});
