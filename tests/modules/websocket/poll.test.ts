/* What waits with a Promise, and the deadline of a receive. */
import { deepEqual, equal, ok, test } from "test";
import {
	EAGAIN,
	EBADF,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	ETIMEDOUT,
	POLLHUP,
	POLLIN,
	POLLOUT,
	SYS_FOREVER_MS,
	WEBSOCKET_FLAG_BINARY,
	WEBSOCKET_FLAG_FINAL,
	WEBSOCKET_FLAG_TEXT,
	websocketConnectStart,
	websocketDisconnect,
	websocketPoll,
	websocketRecvMsg,
	websocketRecvMsgAsync,
	websocketSendMsg,
	websocketSendMsgAsync,
	websocketUnregister,
} from "websocket";
import { asciiOf, Client, counting, kinds } from "./client";
import { answerTo, joined, type Pair, pair, RawServer } from "./pair";

const TEXT = 1;
const BINARY = 2;
const LARGE = 16384;
const SHORT_MS = 30;
/** Time enough for what is sent to come, also on a machine that is busy. */
const AMPLE_MS = 500;
const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** A message there and back: whatever the loop had to tell before is told. */
async function exchange({ client, server }: Pair): Promise<void> {
	await client.send(asciiOf("x"), TEXT);
	equal(await server.receiveText(), "x");
}

/** Sends until every buffer on the way is full. */
async function fill(ws: number): Promise<number> {
	const payload = counting(LARGE);
	let count = 0;
	for (let idle = 0; idle < 3; ) {
		if (websocketSendMsg(ws, payload, LARGE, BINARY, true, true, 0) === LARGE) {
			count++;
			idle = 0;
		} else if ((await websocketPoll(ws, POLLOUT, SHORT_MS)) === 0) idle++;
	}
	return count;
}

/** Takes so many of fill()'s messages. */
async function drain({ server }: Pair, count: number): Promise<void> {
	for (let i = 0; i < count; i++) equal(((await server.receive()) as Uint8Array).length, LARGE);
}

for (const kind of kinds) {
	test(`${kind}: poll tells what is there, and of what was asked for only`, async () => {
		const both = await pair(kind);
		const { client, server } = both;
		equal(await websocketPoll(client.ws, POLLIN, 0), 0);
		equal(await websocketPoll(client.ws, POLLOUT, 0), POLLOUT);
		equal(await websocketPoll(client.ws, POLLIN | POLLOUT, SYS_FOREVER_MS), POLLOUT);
		equal(await websocketPoll(server.ws, POLLIN | POLLOUT, SYS_FOREVER_MS), POLLOUT);
		equal(await websocketPoll(client.ws, POLLHUP, 0), 0);
		equal(await websocketPoll(client.ws, 0, 0), 0);
		equal(await websocketPoll(client.ws, POLLIN, SHORT_MS), 0);
		equal(await websocketPoll(client.ws, 0, SHORT_MS), 0);
		await server.send(asciiOf("a"), TEXT);
		equal(await websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS), POLLIN);
		equal(await websocketPoll(client.ws, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
		equal(await websocketPoll(client.ws, POLLOUT, 0), POLLOUT);
		equal(await client.receiveText(), "a");
		equal(await websocketPoll(client.ws, POLLIN, 0), 0);
		both.close();
	});

	test(`${kind}: poll sees what is in the receive buffer`, async () => {
		const both = await pair(kind, { onReadable: undefined });
		const { client, server } = both;
		const bytes = new Uint8Array(2);
		await server.send(asciiOf("abc"), TEXT);
		await server.send(asciiOf("d"), TEXT);
		await server.send(new Uint8Array(0), BINARY);
		const seen: number[] = [];
		// Three pieces, and none of the later ones is told by the socket again.
		for (let i = 0; i < 4; i++) {
			equal(await websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS), POLLIN);
			seen.push(websocketRecvMsg(client.ws, bytes, 2, info, 0));
		}
		deepEqual(seen, [2, 1, 1, 0]);
		equal(await websocketPoll(client.ws, POLLIN, 0), 0);
		both.close();
	});

	test(`${kind}: what came with the answer to the handshake`, async () => {
		const listener = new RawServer();
		const client = new Client(kind, listener.port, "/", { onReadable: undefined });
		const connecting = client.connect();
		const raw = await listener.next();
		await raw.say(joined(answerTo(await raw.head()), [0x81, 1, 0x61]));
		ok((await connecting) > 0, client.request.failure);
		equal(await websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS), POLLIN);
		equal(await client.receiveText(), "a");
		client.transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: poll of a handle that is not open yet`, async () => {
		const listener = new RawServer();
		const client = new Client(kind, listener.port, "/", { onReadable: undefined });
		client.ws = websocketConnectStart(client.transport, client.request, SYS_FOREVER_MS);
		ok(client.ws > 0);
		equal(await websocketPoll(client.ws, POLLIN | POLLOUT, 0), 0);
		const room = websocketPoll(client.ws, POLLOUT, SYS_FOREVER_MS);
		const message = websocketRecvMsgAsync(client.ws, new Uint8Array(8), 8, info, SYS_FOREVER_MS);
		const raw = await listener.next();
		await raw.say(joined(answerTo(await raw.head()), [0x82, 1, 0x61]));
		equal(await room, POLLOUT);
		equal(await message, 1);
		equal(info.messageType, WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_FINAL);
		client.transport.close();
		raw.close();
		listener.close();
	});

	test(`${kind}: a handshake that fails ends the waits for it`, async () => {
		const listener = new RawServer();
		const client = new Client(kind, listener.port, "/");
		client.ws = websocketConnectStart(client.transport, client.request, SYS_FOREVER_MS);
		const room = websocketPoll(client.ws, POLLOUT, SYS_FOREVER_MS);
		const message = websocketRecvMsgAsync(client.ws, new Uint8Array(8), 8, info, SYS_FOREVER_MS);
		const raw = await listener.next();
		await raw.head();
		raw.close();
		equal(await room, POLLHUP);
		equal(await message, -ENOTCONN);
		equal(client.endings, 1);
		client.transport.close();
		listener.close();
	});

	test(`${kind}: the end wakes all who wait, and a handle that is dead says so`, async () => {
		const both = await pair(kind);
		const { client, server } = both;
		const waits = [
			websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS),
			websocketPoll(client.ws, POLLIN | POLLHUP, 60_000),
			websocketPoll(client.ws, POLLHUP, SYS_FOREVER_MS),
			websocketPoll(client.ws, 0, SYS_FOREVER_MS),
		];
		equal(websocketUnregister(server.ws), 0);
		deepEqual(await Promise.all(waits), [POLLIN | POLLHUP, POLLIN | POLLHUP, POLLHUP, POLLHUP]);
		equal((await client.ended).clean, true);
		equal(await websocketPoll(client.ws, POLLIN | POLLOUT, SYS_FOREVER_MS), POLLIN | POLLHUP);
		equal(await websocketPoll(client.ws, POLLOUT, 0), POLLHUP);
		equal(await websocketPoll(client.ws, 0, 0), POLLHUP);
		equal(await websocketRecvMsgAsync(client.ws, new Uint8Array(1), 1, info, SYS_FOREVER_MS), -ENOTCONN);
		equal(await websocketSendMsgAsync(client.ws, new Uint8Array(1), 1, BINARY, true, true, SYS_FOREVER_MS), -ENOTCONN);
		await server.ended;
		both.close();
	});

	test(`${kind}: closing the transport wakes all who wait`, async () => {
		const both = await pair(kind);
		const { client } = both;
		const wait = websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS);
		const message = websocketRecvMsgAsync(client.ws, new Uint8Array(8), 8, info, SYS_FOREVER_MS);
		client.transport.close();
		equal(await wait, POLLIN | POLLHUP);
		equal(await message, -ENOTCONN);
		both.close();
	});

	test(`${kind}: several wait, each for its own`, async () => {
		const both = await pair(kind);
		const { client, server } = both;
		let late = -1;
		const first = websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS);
		const second = websocketPoll(client.ws, POLLIN, 60_000);
		const short = websocketPoll(client.ws, POLLIN, SHORT_MS);
		void websocketPoll(client.ws, POLLHUP, SYS_FOREVER_MS).then((events) => {
			late = events;
		});
		equal(await short, 0);
		await exchange(both);
		await server.send(asciiOf("a"), TEXT);
		deepEqual(await Promise.all([first, second]), [POLLIN, POLLIN]);
		equal(await client.receiveText(), "a");
		equal(late, -1);
		websocketDisconnect(client.ws);
		await client.ended;
		equal(late, POLLHUP);
		both.close();
	});

	test(`${kind}: onReadable is called while somebody waits`, async () => {
		const heard: string[] = [];
		const bytes = new Uint8Array(8);
		const both = await pair(kind, {
			onReadable: (ws) => {
				heard.push(`readable ${websocketRecvMsg(ws, bytes, 8, info, 0)}`);
			},
		});
		const { client, server } = both;
		const wait = websocketPoll(client.ws, POLLIN, SYS_FOREVER_MS);
		await server.send(asciiOf("abc"), TEXT);
		await exchange(both);
		while (heard.length === 0) await exchange(both);
		deepEqual(heard, ["readable 3"]);
		websocketDisconnect(client.ws);
		// It took all there was.
		equal(await wait, POLLIN | POLLHUP);
		both.close();
	});

	test(`${kind}: POLLOUT comes when there is room again, and sending waits for it`, async () => {
		const both = await pair(kind, {}, {}, LARGE);
		const { client, server } = both;
		const count = await fill(client.ws);
		equal(await websocketPoll(client.ws, POLLOUT, 0), 0);
		equal(await websocketPoll(client.ws, POLLIN | POLLOUT, SHORT_MS), 0);
		const payload = counting(LARGE);
		equal(await websocketSendMsgAsync(client.ws, payload, LARGE, BINARY, true, true, 0), -EAGAIN);
		equal(await websocketSendMsgAsync(client.ws, payload, LARGE, BINARY, true, true, SHORT_MS), -ETIMEDOUT);
		equal(await websocketSendMsgAsync(client.ws, asciiOf("p"), 1, 9, true, true, SHORT_MS), -ETIMEDOUT);
		// What comes is none of it.
		await server.send(asciiOf("a"), TEXT);
		equal(await websocketPoll(client.ws, POLLIN | POLLOUT, SYS_FOREVER_MS), POLLIN);
		equal(await client.receiveText(), "a");
		const room = websocketPoll(client.ws, POLLOUT, SYS_FOREVER_MS);
		const sent = websocketSendMsgAsync(client.ws, payload, LARGE, BINARY, true, true, SYS_FOREVER_MS);
		const other = websocketSendMsgAsync(client.ws, asciiOf("b"), 1, TEXT, true, true, 60_000);
		await drain(both, count);
		equal(await room, POLLOUT);
		equal(await sent, LARGE);
		const last = [((await server.receive()) as Uint8Array).length, ((await server.receive()) as Uint8Array).length];
		equal(await other, 1);
		deepEqual(last, [LARGE, 1]);
		both.close();
	});

	test(`${kind}: the end while a send waits for room`, async () => {
		const both = await pair(kind, {}, {}, LARGE);
		const { client, server } = both;
		await fill(client.ws);
		const sent = websocketSendMsgAsync(client.ws, counting(LARGE), LARGE, BINARY, true, true, SYS_FOREVER_MS);
		server.transport.close();
		equal(await sent, -ENOTCONN);
		await client.ended;
		both.close();
	});

	test(`${kind}: a payload longer than the transmit buffer is the caller's when the Promise says so`, async () => {
		const both = await pair(kind, { txBuf: new Uint8Array(256) }, {}, LARGE);
		const { client, server } = both;
		const payload = counting(LARGE);
		equal(await websocketSendMsgAsync(client.ws, payload, LARGE, BINARY, true, true, 0), -EMSGSIZE);
		const message = server.receive();
		equal(await websocketSendMsgAsync(client.ws, payload, LARGE, BINARY, true, true, SYS_FOREVER_MS), LARGE);
		payload.fill(0xff);
		deepEqual(await message, counting(LARGE));
		both.close();
	});

	test(`${kind}: receiving waits for something`, async () => {
		const both = await pair(kind, { onReadable: undefined });
		const { client, server } = both;
		const bytes = new Uint8Array(8);
		equal(await websocketRecvMsgAsync(client.ws, bytes, 8, info, 0), -EAGAIN);
		equal(await websocketRecvMsgAsync(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		const message = websocketRecvMsgAsync(client.ws, bytes, 8, info, SYS_FOREVER_MS);
		await server.send(asciiOf("abcdefghij"), TEXT);
		equal(await message, 8);
		deepEqual(info, { messageType: WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_FINAL, remaining: 2, messageRemaining: 2 });
		equal(await websocketRecvMsgAsync(client.ws, bytes, 8, info, 60_000), 2);
		equal(info.remaining, 0);
		const empty = websocketRecvMsgAsync(client.ws, bytes, 8, info, SYS_FOREVER_MS);
		await server.send(new Uint8Array(0), BINARY, false);
		equal(await empty, 0);
		deepEqual(info, { messageType: WEBSOCKET_FLAG_BINARY, remaining: 0, messageRemaining: -1 });
		both.close();
	});

	test(`${kind}: the end while a receive waits; what came before it is received`, async () => {
		const both = await pair(kind, { onReadable: undefined });
		const { client, server } = both;
		const bytes = new Uint8Array(8);
		const one = websocketRecvMsgAsync(client.ws, bytes, 8, info, SYS_FOREVER_MS);
		await server.send(asciiOf("a"), TEXT);
		equal(await one, 1);
		const two = websocketRecvMsgAsync(client.ws, bytes, 8, info, SYS_FOREVER_MS);
		server.transport.close();
		equal(await two, -ENOTCONN);
		await client.ended;
		both.close();
	});

	test(`${kind}: the deadline of a receive is told once`, async () => {
		let told = 0;
		let tell = () => {};
		const next = () =>
			new Promise<void>((resolve) => {
				tell = resolve;
			});
		const both = await pair(kind, {
			onTimeout: () => {
				told++;
				tell();
			},
		});
		const { client, server } = both;
		const bytes = new Uint8Array(8);
		const first = next();
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		await first;
		// Longer than the deadline was.
		equal(await websocketPoll(client.ws, POLLIN, 2 * SHORT_MS), 0);
		equal(told, 1);
		// Another call, another deadline; the last one counts.
		const second = next();
		equal(websocketRecvMsg(client.ws, bytes, 8, info, 60_000), -EAGAIN);
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		await second;
		equal(told, 2);
		// A call without one ends the wait.
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		equal(websocketRecvMsg(client.ws, bytes, 8, info, 0), -EAGAIN);
		equal(await websocketPoll(client.ws, POLLIN, 2 * SHORT_MS), 0);
		equal(told, 2);
		// Traffic the other way, and pings, are nothing to receive.
		const third = next();
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		equal(websocketSendMsg(server.ws, bytes, 0, 9, false, true, 0), 0);
		await exchange(both);
		await third;
		equal(told, 3);
		both.close();
	});

	test(`${kind}: no deadline is told when something came, whether it was taken or not`, async () => {
		let told = 0;
		let taking = true;
		const bytes = new Uint8Array(8);
		const heard: number[] = [];
		const both = await pair(kind, {
			onTimeout: () => {
				told++;
			},
			onReadable: (ws) => {
				if (taking) heard.push(websocketRecvMsg(ws, bytes, 8, info, 0));
				else heard.push(0);
			},
		});
		const { client, server } = both;
		for (const take of [true, false]) {
			taking = take;
			equal(websocketRecvMsg(client.ws, bytes, 8, info, AMPLE_MS), -EAGAIN);
			await server.send(asciiOf("a"), TEXT);
			equal(await websocketPoll(client.ws, POLLHUP, AMPLE_MS + SHORT_MS), 0);
			deepEqual([heard.length, told], [take ? 1 : 2, 0]);
		}
		deepEqual(heard, [1, 0]);
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), 1);
		equal(await websocketPoll(client.ws, POLLHUP, 3 * SHORT_MS), 0);
		equal(told, 0);
		both.close();
	});

	test(`${kind}: a receive inside a callback begins such a wait, and ends one`, async () => {
		let told = 0;
		let tell = () => {};
		const timeout = new Promise<void>((resolve) => {
			tell = resolve;
		});
		const results: number[] = [];
		const bytes = new Uint8Array(8);
		const both = await pair(kind, {
			onReadable: (ws) => {
				while (results.at(-1) !== -EAGAIN) results.push(websocketRecvMsg(ws, bytes, 8, info, SHORT_MS));
			},
			onTimeout: (ws) => {
				told++;
				results.push(websocketRecvMsg(ws, bytes, 8, info, SHORT_MS));
				results.push(websocketRecvMsg(ws, bytes, 8, info, 0));
				tell();
			},
		});
		const { client, server } = both;
		await server.send(asciiOf("abc"), TEXT);
		await timeout;
		equal(await websocketPoll(client.ws, POLLHUP, 3 * SHORT_MS), 0);
		equal(told, 1);
		deepEqual(results, [3, -EAGAIN, -EAGAIN, -EAGAIN]);
		both.close();
	});

	test(`${kind}: the deadline of a receive before the connection is open, and onClose instead of it`, async () => {
		const listener = new RawServer();
		let told = 0;
		let tell = () => {};
		const timeout = new Promise<void>((resolve) => {
			tell = resolve;
		});
		const client = new Client(kind, listener.port, "/", {
			onTimeout: () => {
				told++;
				tell();
			},
		});
		client.ws = websocketConnectStart(client.transport, client.request, SYS_FOREVER_MS);
		const bytes = new Uint8Array(8);
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		await timeout;
		equal(websocketRecvMsg(client.ws, bytes, 8, info, SHORT_MS), -EAGAIN);
		websocketDisconnect(client.ws);
		await client.ended;
		const both = await pair(kind);
		equal(await websocketPoll(both.client.ws, POLLIN, 2 * SHORT_MS), 0);
		equal(told, 1);
		both.close();
		client.transport.close();
		listener.close();
	});
}

test("wrong arguments", async () => {
	const both = await pair("tcp");
	const { ws } = both.client;
	const bytes = new Uint8Array(8);
	for (const stale of [0, -1, ws + 64, 1.5, NaN, undefined as never]) {
		equal(await websocketPoll(stale, POLLIN, SYS_FOREVER_MS), -EBADF);
		equal(await websocketRecvMsgAsync(stale, bytes, 8, info, SYS_FOREVER_MS), -EBADF);
		equal(await websocketSendMsgAsync(stale, bytes, 8, BINARY, true, true, SYS_FOREVER_MS), -EBADF);
	}
	for (const events of [2, 8, 0x20, -1, "1" as never, undefined as never])
		equal(await websocketPoll(ws, events, SYS_FOREVER_MS), -EINVAL, String(events));
	for (const timeout of [-2, 1.5, NaN, 2 ** 31, "1" as never, undefined as never]) {
		equal(await websocketPoll(ws, POLLIN, timeout), -EINVAL, String(timeout));
		equal(await websocketRecvMsgAsync(ws, bytes, 8, info, timeout), -EINVAL, String(timeout));
		equal(await websocketSendMsgAsync(ws, bytes, 8, BINARY, true, true, timeout), -EINVAL, String(timeout));
	}
	equal(await websocketRecvMsgAsync(ws, bytes, 9, info, SYS_FOREVER_MS), -EINVAL);
	equal(await websocketSendMsgAsync(ws, bytes, 9, BINARY, true, true, SYS_FOREVER_MS), -EINVAL);
	equal(await websocketSendMsgAsync(ws, bytes, 8, BINARY, false, true, SYS_FOREVER_MS), -EINVAL);
	both.close();
});
