/* The fuzzing server of tests/conformance must see what a client does wrong: here are clients that each do one thing wrong. */
import { equal, match, throws } from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import type { Case, Status } from "../conformance/fuzzing/cases.peer.ts";
import { startFuzzingServer } from "../conformance/fuzzing/server.peer.ts";
import { BINARY, CLOSE, closeBody, frame, PING, PONG, Reader, TEXT } from "../conformance/fuzzing/wire.peer.ts";

const request = (path: string, key = Buffer.alloc(16, `${process.hrtime.bigint()}`.slice(-16)).toString("base64")) =>
	`GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
	`Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;

let keys = 0;
/** A client's frame. */
const client = (opcode: number, payload: Buffer | string = "", options = {}) =>
	frame(opcode, payload, { mask: Buffer.of(1, 2, 3, ++keys), ...options });

type Client = (opcode: number, payload: Buffer, socket: Socket) => void;

/** What a client does right with a short frame. */
const right: Client = (opcode, payload, socket) => {
	if (opcode === PING) socket.write(client(PONG, payload));
	else if (opcode === CLOSE) socket.end(client(CLOSE, payload));
	else if (opcode !== PONG) socket.write(client(opcode, payload));
};

/** Plays one case with a client that is given one short frame after the other. */
async function statusOf(context: TestContext, play: Case["play"], behave: Client, limitMs = 20_000): Promise<Status> {
	const server = await startFuzzingServer({ cases: [{ id: "1.1", description: "", play }], limitMs });
	context.after(() => server.close());
	const socket = connect(server.port, "127.0.0.1");
	socket.on("error", () => {});
	socket.write(request("/runCase?case=1&agent=a"));
	let bytes = Buffer.alloc(0);
	let open = false;
	socket.on("data", (data) => {
		bytes = Buffer.concat([bytes, data]);
		if (!open) {
			const end = bytes.indexOf("\r\n\r\n");
			if (end < 0) return;
			open = true;
			bytes = bytes.subarray(end + 4);
		}
		for (let size = 2 + (bytes[1] ?? 0); bytes.length >= 2 && bytes.length >= size; size = 2 + (bytes[1] ?? 0)) {
			if (!socket.writableEnded) behave((bytes[0] as number) & 0xf, bytes.subarray(2, size), socket);
			bytes = bytes.subarray(size);
		}
	});
	await once(socket, "close");
	const [answer] = await once(new WebSocket(`${server.url}/getCaseStatus?case=1&agent=a`), "message");
	return JSON.parse(String(answer));
}

const echo: Case["play"] = async (tested) => {
	await tested.echo(TEXT, "Hello");
	await tested.close();
};

const echoes: Case["play"] = async (tested) => {
	for (let i = 0; i < 4; i++) await tested.echo(TEXT, `Hello ${i}`);
	await tested.close();
};

const forbidden: Case["play"] = async (tested) => {
	tested.send(frame(TEXT, "no", { rsv: 4 }), frame(PING, "unheard"));
	await tested.expectFailure(1002);
};

test("a client that does everything right", async (context) => {
	const { behavior, behaviorClose, result } = await statusOf(context, echoes, right);
	equal(`${behavior} ${behaviorClose} ${result}`, "OK OK undefined");
});

/** Does `wrong` with frames of this opcode, and all else right. */
const but =
	(wanted: number, wrong: (payload: Buffer, socket: Socket) => void): Client =>
	(opcode, payload, socket) => {
		if (opcode === wanted) wrong(payload, socket);
		else right(opcode, payload, socket);
	};

const wrongs: [what: string, play: Case["play"], behave: Client, result: RegExp, close: string][] = [
	["does not mask", echo, but(TEXT, (payload, socket) => socket.write(frame(TEXT, payload))), /not masked/, "OK"],
	[
		"masks with one key",
		echoes,
		but(TEXT, (payload, socket) => socket.write(client(TEXT, payload, { mask: Buffer.of(1, 2, 3, 4) }))),
		/the same masking key/,
		"OK",
	],
	["sets a reserved bit", echo, but(TEXT, (payload, socket) => socket.write(client(TEXT, payload, { rsv: 1 }))), /reserved bits/, "OK"],
	["has an opcode of its own", echo, but(TEXT, (payload, socket) => socket.write(client(5, payload))), /reserved opcode/, "OK"],
	[
		"writes a length that is too long",
		echo,
		but(TEXT, (_, socket) => socket.write(Buffer.from("81fe0005000000000000000000", "hex"))),
		/not minimal/,
		"OK",
	],
	["changes a byte", echo, but(TEXT, (_, socket) => socket.write(client(TEXT, "Hallo"))), /which differ at 1/, "OK"],
	["sends less", echo, but(TEXT, (_, socket) => socket.write(client(TEXT, "Hell"))), /but text of 4 bytes/, "OK"],
	["sends another type", echo, but(TEXT, (payload, socket) => socket.write(client(BINARY, payload))), /but binary/, "OK"],
	[
		"sends it twice",
		echo,
		but(TEXT, (payload, socket) => socket.write(Buffer.concat([client(TEXT, payload), client(TEXT, payload)]))),
		/but text/,
		"FAILED",
	],
	["continues nothing", echo, but(TEXT, (payload, socket) => socket.write(client(0, payload))), /a continuation of nothing/, "OK"],
	[
		"begins a message inside another one",
		echo,
		but(TEXT, (payload, socket) => socket.write(Buffer.concat([client(TEXT, "", { fin: false }), client(TEXT, payload)]))),
		/a message inside a message/,
		"OK",
	],
	["sends text that is none", echo, but(TEXT, (_, socket) => socket.write(client(TEXT, Buffer.of(0xff)))), /not UTF-8/, "OK"],
	[
		"answers no ping",
		async (tested) => {
			await tested.expectAlive();
			await tested.close();
		},
		but(PING, () => {}),
		/not done in/,
		"FAILED",
	],
	[
		"answers a pong",
		async (tested) => {
			tested.send(frame(PONG, "unasked"));
			await tested.expectAlive();
			await tested.close();
		},
		but(PONG, (payload, socket) => socket.write(client(PONG, payload))),
		/but pong of 7 bytes/,
		"OK",
	],
	[
		"closes with another code",
		echo,
		but(CLOSE, (_, socket) => socket.end(client(CLOSE, closeBody(1001)))),
		/close code 1000 expected/,
		"WRONG CODE",
	],
	["closes with no frame", echo, but(CLOSE, (_, socket) => socket.end()), /but the end of the TCP connection/, "FAILED"],
	[
		"speaks after its close",
		echo,
		but(CLOSE, (payload, socket) => socket.end(Buffer.concat([client(CLOSE, payload), client(PING)]))),
		/6 bytes after the close frame/,
		"OK",
	],
	[
		"stops inside a frame",
		echo,
		but(TEXT, (payload, socket) => socket.end(client(TEXT, payload).subarray(0, -1))),
		/ended inside a frame/,
		"OK",
	],
	["bears what is forbidden", forbidden, but(TEXT, () => {}), /a close frame with 1002 expected, but pong/, "FAILED"],
	[
		"fails with another code",
		forbidden,
		but(TEXT, (_, socket) => socket.end(client(CLOSE, closeBody(1007)))),
		/close code 1002 expected/,
		"WRONG CODE",
	],
	["fails without a word", forbidden, but(TEXT, (_, socket) => socket.destroy()), /but (the end|a reset) of the TCP connection/, "FAILED"],
	["says nothing at all", echo, () => {}, /not done in/, "FAILED"],
];
for (const [what, play, behave, result, close] of wrongs)
	test(`a client that ${what}`, async (context) => {
		const status = await statusOf(context, play, behave, result.source === "not done in" ? 100 : undefined);
		equal(status.behavior, "FAILED");
		match(status.result ?? "", result);
		equal(status.behaviorClose, close);
	});

test("a server that masks, or has a bit too many", () => {
	const good = frame(TEXT, "Hello");
	equal(new Reader("server").push(good).length, 1);
	throws(() => new Reader("server").push(client(TEXT, "Hello")), /a frame that is masked/);
	throws(() => new Reader("server").push(frame(TEXT, "Hello", { rsv: 4 })), /reserved bits/);
	throws(() => new Reader("server").push(Buffer.concat([frame(CLOSE), good])), /after the close frame/);
});

test("requests that are no upgrade, or not a client's", async (context) => {
	const server = await startFuzzingServer({ cases: [] });
	context.after(() => server.close());
	const answerTo = async (text: string) => {
		const socket = connect(server.port, "127.0.0.1");
		socket.end(text);
		const [data] = await once(socket, "data");
		socket.destroy();
		return String(data).split("\r\n")[0];
	};
	const good = request("/getCaseCount", "AAAAAAAAAAAAAAAAAAAAAA==");
	equal(await answerTo(good), "HTTP/1.1 101 Switching Protocols");
	// The key has to be another one each time (§4.1).
	equal(await answerTo(good), "HTTP/1.1 400 Bad Request");
	equal(await answerTo(request("/elsewhere")), "HTTP/1.1 404 Not Found");
	for (const [from, to] of [
		["GET", "POST"],
		["HTTP/1.1", "HTTP/1.0"],
		["Host: localhost\r\n", ""],
		["Upgrade: websocket", "Upgrade: h2c"],
		["Connection: Upgrade", "Connection: close"],
		["Version: 13", "Version: 8"],
		["Host:", "Host :"],
		["Host: localhost", "Host: localhost\r\nHost: localhost"],
	] as const)
		equal(await answerTo(request("/getCaseCount").replace(from, to)), "HTTP/1.1 400 Bad Request", `${from} to ${to}`);
	equal(await answerTo(request("/getCaseCount", "short")), "HTTP/1.1 400 Bad Request");
});
