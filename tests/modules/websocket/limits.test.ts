/* What an app may bound, and what has no bound: messages longer than every buffer. */
import { deepEqual, equal, ok, test } from "test";
import {
	CLOSE_TOO_BIG,
	EAGAIN,
	EMSGSIZE,
	ETIMEDOUT,
	SYS_FOREVER_MS,
	WEBSOCKET_OPCODE_DATA_BINARY,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";
import { FAULT_LENGTH_RANGE, FAULT_MESSAGE_SIZE } from "websocket/codes";
import { CLOSING } from "websocket/connection";
import { asciiOf, Client, counting, kinds, ports, verdict } from "./client";
import { bytesOf, opened } from "./fake";

const TEXT = 1;
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

test("a message may be as long as maxMessage, all its fragments together, and pings do not count", () => {
	for (const [hex, allowed] of [
		["8207 00*7", true],
		["8208 00*8", false],
		["0203 00*3 8902 7070 0003 00*3 8001 00", true],
		["0203 00*3 0003 00*3 8002 0000", false],
		["0207 00*7 8000 0207 00*7 8000", true],
		["827f0020000000000000", false],
	] as const) {
		const { transport, connection } = opened(256, 256, true, -1, { maxMessage: 7 });
		transport.give(bytesOf(hex));
		const into = new Uint8Array(16);
		let total = 0;
		for (;;) {
			const count = connection.receive(into, into.length, info);
			if (count < 0) break;
			total += count;
		}
		equal(connection.fault, allowed ? 0 : hex.startsWith("827f") ? FAULT_LENGTH_RANGE : FAULT_MESSAGE_SIZE, hex);
		if (!allowed) {
			ok(connection.state >= CLOSING, hex);
			equal(connection.closeCode, CLOSE_TOO_BIG, hex);
			ok(total <= 7, hex);
		}
	}
});

for (const kind of kinds) {
	test(`${kind}: a longer message is refused as soon as its length is known, with 1009`, async () => {
		const client = new Client(kind, ports.port, "/echo", { maxMessage: 100 });
		await client.connect();
		await client.send(counting(100), WEBSOCKET_OPCODE_DATA_BINARY);
		deepEqual(await client.receive(), counting(100));
		await client.send(counting(101), WEBSOCKET_OPCODE_DATA_BINARY);
		const ended = await client.ended;
		equal(ended.error, -EMSGSIZE);
		equal(ended.code, CLOSE_TOO_BIG);
		equal(client.request.failure, ended.reason);
		client.transport.close();
		equal((await verdict()).split(" ")[0], "1009");
	});

	test(`${kind}: 100,000 bytes in one frame, through buffers of 512, and the app hears when they are its own again`, async () => {
		const payload = counting(100_000);
		const piece = new Uint8Array(700);
		let at = 0;
		let rooms = 0;
		let back = () => {};
		const whole = new Promise<void>((resolve) => {
			back = resolve;
		});
		let wrong = -1;
		const client = new Client(
			kind,
			ports.port,
			"/echo",
			{
				txBuf: new Uint8Array(512),
				onReadable: (ws) => {
					for (;;) {
						const count = websocketRecvMsg(ws, piece, piece.length, info, 0);
						if (count < 0) break;
						for (let i = 0; i < count; i++) if (piece[i] !== payload[at + i] && wrong < 0) wrong = at + i;
						at += count;
					}
					if (at >= payload.length) back();
				},
				onWritable: () => {
					rooms++;
				},
			},
			512,
		);
		const ws = await client.connect();
		equal(websocketSendMsg(ws, payload, payload.length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0), -EMSGSIZE);
		equal(rooms, 0);
		equal(websocketSendMsg(ws, payload, payload.length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, SYS_FOREVER_MS), payload.length);
		equal(websocketSendMsg(ws, payload, 1, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0), -EAGAIN);
		await whole;
		equal(at, payload.length);
		equal(wrong, -1);
		equal(rooms, 1);
		equal(info.messageRemaining, 0);
		websocketDisconnect(ws);
		equal((await client.ended).clean, true);
		client.transport.close();
		await verdict();
	});

	test(`${kind}: a peer that is gone without a word is found out by a ping`, async () => {
		const client = new Client(kind, ports.raw, "/hang", { pingInterval: 20, pongTimeout: 30 });
		ok((await client.connect()) > 0);
		const ended = await client.ended;
		equal(ended.error, -ETIMEDOUT);
		equal(ended.code, 1006);
		equal(client.request.failure, "no answer to a ping in time");
		client.transport.close();
	});

	test(`${kind}: a peer that answers pings is kept`, async () => {
		const client = new Client(kind, ports.port, "/pinged", { pingInterval: 1, pongTimeout: 10_000 });
		await client.connect();
		// The server says so after five of them.
		equal(await client.receiveText(), "5 pings");
		await client.send(asciiOf("still there"), TEXT);
		equal(await client.receiveText(), "still there");
		client.transport.close();
		await verdict();
	});
}
