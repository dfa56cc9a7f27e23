/* Peers that break TCP connections, the pace or the protocol, over real sockets: hostile-sockets.peer.ts. */
import { deepEqual, equal, ok, test } from "test";
import {
	CLOSE_ABNORMAL,
	EAGAIN,
	ECONNRESET,
	ENOTCONN,
	EPROTO,
	ETIMEDOUT,
	WEBSOCKET_OPCODE_DATA_BINARY,
	WEBSOCKET_OPCODE_DATA_TEXT,
	websocketDisconnect,
	websocketRecvMsg,
	websocketSendMsg,
} from "websocket";
import { asciiOf, Client, counting, type Kind, kinds, ports, verdict } from "./client";

const TIMEOUT_MS = 50;
const HUGE = 10 * 1024 * 1024;
const LARGE = 16384;

async function opened(kind: Kind, url: string, options = {}, size = 1024): Promise<Client> {
	const client = new Client(kind, ports.port, url, options, size);
	ok((await client.connect()) >= 0, client.request.failure);
	return client;
}

/** Another connection makes the server do something, in between. */
async function tell(url: string): Promise<void> {
	const client = await opened("tcp", url);
	client.transport.close();
}

for (const kind of kinds) {
	test(`${kind}: the handshake and every frame byte by byte`, async () => {
		const client = await opened(kind, "/trickle");
		equal(await client.receiveText(), "Hello");
		deepEqual(await client.receive(), new Uint8Array(126).fill(7));
		deepEqual(await client.ended, { error: 0, code: 1000, reason: "bye", clean: true });
		client.transport.close();
		equal(await verdict(), "pong p, pong , close 1000");
	});

	test(`${kind}: ping, text, ping, close and the end of TCP right behind the answer`, async () => {
		const client = await opened(kind, "/eager");
		equal(await client.receiveText(), "b");
		deepEqual(await client.ended, { error: 0, code: 1001, reason: "", clean: true });
		client.transport.close();
		equal(await verdict(), "pong a, pong , close 1001");
	});

	test(`${kind}: a reset during the handshake`, async () => {
		const client = new Client(kind, ports.port, "/reset-handshake");
		equal(await client.connect(), -ECONNRESET);
		equal(client.endings, 0);
		client.transport.close();
		await verdict();
	});

	test(`${kind}: an answer that drips puts off no timeout`, async () => {
		const client = new Client(kind, ports.port, "/drip");
		equal(await client.connect(TIMEOUT_MS), -ETIMEDOUT);
		client.transport.close();
		await verdict();
	});

	for (const [path, rest] of [
		["/fin-in-payload", 2],
		["/fin-in-header", -ENOTCONN],
		["/fin-in-message", 1],
		["/reset-in-payload", 2],
	] as const) {
		test(`${kind}: ${path.slice(1)}: what came before is received, then it is lost`, async () => {
			const bytes = new Uint8Array(16);
			const results: number[] = [];
			const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
			const client = await opened(kind, path, {
				onReadable: (ws: number) => {
					for (;;) {
						const count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
						if (count < 0) return;
						results.push(count);
						// The server that resets waits for a word.
						if (results.length === 2) websocketSendMsg(ws, asciiOf("x"), 1, WEBSOCKET_OPCODE_DATA_TEXT, true, true, 0);
					}
				},
			});
			const { error, code, clean } = await client.ended;
			deepEqual([error, code, clean], [-ECONNRESET, CLOSE_ABNORMAL, false]);
			deepEqual(results, rest > 0 ? [1, rest] : [1]);
			equal(websocketRecvMsg(client.ws, bytes, bytes.length, info, 0), -ENOTCONN);
			client.transport.close();
			ok(!(await verdict()).includes("wrong"));
		});
	}

	test(`${kind}: a server that ends its half of the connection is gone`, async () => {
		const client = await opened(kind, "/half-open");
		equal(await client.receiveText(), "a");
		equal((await client.ended).error, -ECONNRESET);
		client.transport.close();
		equal(await verdict(), "");
	});

	test(`${kind}: a reset behind both close frames is no error`, async () => {
		const client = await opened(kind, "/close-reset");
		deepEqual(await client.ended, { error: 0, code: 1000, reason: "", clean: true });
		client.transport.close();
		equal(await verdict(), "close 1000");
	});

	test(`${kind}: a server that goes on behind its close frame is not heard, and not answered`, async () => {
		const client = await opened(kind, "/chatter");
		deepEqual(await client.ended, { error: 0, code: 1000, reason: "", clean: true });
		equal(client.endings, 1);
		client.transport.close();
		equal(await verdict(), "close 1000");
	});

	test(`${kind}: a mistake behind messages: they are received, and the server is told`, async () => {
		const client = await opened(kind, "/810161c1");
		equal(await client.receiveText(), "a");
		const { error, code, clean } = await client.ended;
		deepEqual([error, code, clean], [-EPROTO, 1002, false]);
		client.transport.close();
		ok((await verdict()).startsWith("close 1002 "));
	});

	test(`${kind}: ten megabytes in one frame, through buffers of 512 bytes`, async () => {
		const bytes = new Uint8Array(512);
		const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
		let at = 0;
		let wrong = 0;
		let done = () => {};
		const all = new Promise<void>((resolve) => {
			done = resolve;
		});
		const byteAt = (position: number) => (position * 7 + (position >> 8)) & 255;
		const client = await opened(kind, "/huge", {
			onReadable: (ws: number) => {
				while (at < HUGE) {
					const count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
					if (count < 0) return;
					if (bytes[0] !== byteAt(at) || bytes[count - 1] !== byteAt(at + count - 1)) wrong++;
					at += count;
					if (info.remaining !== HUGE - at) wrong++;
				}
				done();
			},
		});
		await all;
		deepEqual([at, wrong], [HUGE, 0]);
		equal(await client.receiveText(), "behind it");
		websocketDisconnect(client.ws);
		client.transport.close();
		await client.ended;
		await verdict();
	});

	test(`${kind}: while the server takes nothing a ping is answered as soon as it does, between frames`, async () => {
		const payload = counting(LARGE);
		const client = await opened(kind, "/hold", {}, LARGE);
		let sent = 0;
		// All windows are full when the loop had its turns and nothing more is taken.
		for (let idle = 0; idle < 3; idle++) {
			for (;;) {
				const result = websocketSendMsg(client.ws, payload, payload.length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0);
				if (result === -EAGAIN) break;
				equal(result, LARGE);
				sent++;
				idle = 0;
			}
			await tell("/nothing");
		}
		await tell("/ping-held");
		equal(await client.receiveText(), "pinged");
		await tell("/release");
		equal(await client.send(payload, WEBSOCKET_OPCODE_DATA_BINARY), LARGE);
		equal(websocketDisconnect(client.ws, 1000, "done"), 0);
		deepEqual(await client.ended, { error: 0, code: 1000, reason: "", clean: true });
		client.transport.close();
		const frames = (await verdict(LARGE)).split(", ");
		const pong = frames.indexOf("pong ping");
		// The last of those frames was not complete, or had not begun.
		ok(pong === sent || pong === sent - 1, frames.join());
		frames.splice(pong, 1);
		equal(frames.pop(), "close 1000 done");
		deepEqual(frames, new Array(sent + 1).fill(`binary of ${LARGE}`));
	});

	test(`${kind}: a server that never takes anything does not hold up the end`, async () => {
		const payload = counting(LARGE);
		const client = await opened(kind, "/hold", { closeTimeout: TIMEOUT_MS }, LARGE);
		while (websocketSendMsg(client.ws, payload, payload.length, WEBSOCKET_OPCODE_DATA_BINARY, true, true, 0) === LARGE);
		equal(websocketDisconnect(client.ws, 1000, "done"), 0);
		equal((await client.ended).error, -ETIMEDOUT);
		client.transport.close();
		await tell("/release");
		await verdict();
	});
}
