/* The ways in which a connection ends; onClose tells every one of them, once. */

import { deepEqual, equal, ok, test } from "test";
import Timer from "timer";
import {
	CLOSE_ABNORMAL,
	EAGAIN,
	ECANCELED,
	ECONNRESET,
	EMSGSIZE,
	ENOTCONN,
	EPROTO,
	ETIMEDOUT,
	websocketDisconnect,
	websocketRecvMsg,
	websocketRecvMsgAsync,
	websocketSendMsg,
} from "websocket";
import { asciiOf, Client, type Kind, kinds, ports, verdict } from "./client";
import { answerTo, joined, RawServer } from "./pair";

const TEXT = 1;

/** Lets the loop run: whatever wanted to be said twice would be. */
const soon = () => new Promise<void>((resolve) => Timer.set(() => resolve(), 5));

async function once(client: Client): Promise<void> {
	await soon();
	equal(client.endings, 1);
	client.transport.close();
	await soon();
	equal(client.endings, 1);
	equal(client.transport.read(new Uint8Array(1), 0, 1) <= 0, true);
}

async function opened(kind: Kind, port: number, url: string, options = {}): Promise<Client> {
	const client = new Client(kind, port, url, options);
	ok((await client.connect()) > 0, client.request.failure);
	return client;
}

for (const kind of kinds) {
	test(`${kind}: the client closes with a code and a reason`, async () => {
		const client = await opened(kind, ports.port, "/echo");
		equal(websocketDisconnect(client.ws, 3001, "thank you"), 0);
		equal(websocketDisconnect(client.ws), -ENOTCONN);
		equal(websocketSendMsg(client.ws, asciiOf("x"), 1, TEXT, true, true, 0), -ENOTCONN);
		deepEqual(await client.ended, { error: 0, code: 3001, reason: "thank you", clean: true });
		await once(client);
		equal(await verdict(), "3001 thank you");
	});

	test(`${kind}: the client closes without a code`, async () => {
		const client = await opened(kind, ports.port, "/echo");
		equal(websocketDisconnect(client.ws, 1005), 0);
		deepEqual(await client.ended, { error: 0, code: 1005, reason: "", clean: true });
		await once(client);
		equal(await verdict(), "1005 ");
	});

	test(`${kind}: the server closes with a code and a reason`, async () => {
		const client = await opened(kind, ports.port, "/close");
		await client.send(asciiOf("x"), TEXT);
		deepEqual(await client.ended, { error: 0, code: 4001, reason: "go away", clean: true });
		equal(websocketRecvMsg(client.ws, new Uint8Array(1), 1, client.info, 0), -ENOTCONN);
		await once(client);
		equal(await verdict(), "4001 ");
	});

	test(`${kind}: the server's TCP connection ends without a word`, async () => {
		const client = await opened(kind, ports.port, "/destroy");
		await client.send(asciiOf("x"), TEXT);
		deepEqual(await client.ended, { error: -ECONNRESET, code: CLOSE_ABNORMAL, reason: "", clean: false });
		equal(websocketSendMsg(client.ws, asciiOf("x"), 1, TEXT, true, true, 0), -ENOTCONN);
		await once(client);
		await verdict();
	});

	test(`${kind}: the server resets the TCP connection`, async () => {
		const client = await opened(kind, ports.raw, "/reset");
		await client.send(asciiOf("x"), TEXT);
		const { error, code, clean } = await client.ended;
		equal(`${error} ${code} ${clean}`, `${-ECONNRESET} ${CLOSE_ABNORMAL} false`);
		await once(client);
	});

	test(`${kind}: the server never answers the close frame`, async () => {
		const client = await opened(kind, ports.raw, "/hang", { closeTimeout: 50 });
		const start = Date.now();
		equal(websocketDisconnect(client.ws), 0);
		deepEqual(await client.ended, { error: -ETIMEDOUT, code: CLOSE_ABNORMAL, reason: "", clean: false });
		ok(Date.now() - start >= 49, "too early");
		await once(client);
	});

	for (const [path, error, code] of [
		["/masked", -EPROTO, 1002],
		["/rsv", -EPROTO, 1002],
		["/text", -EPROTO, 1007],
		["/huge", -EMSGSIZE, 1009],
	] as const) {
		test(`${kind}: ${path.slice(1)} breaks the protocol, and the server is told`, async () => {
			const client = await opened(kind, ports.raw, path);
			const ended = await client.ended;
			equal(ended.error, error);
			equal(ended.code, code);
			equal(ended.clean, false);
			equal(client.request.failure, ended.reason);
			await once(client);
			equal(await verdict(), `close ${code}`);
		});
	}

	for (const how of ["with a Promise", "from a timer"]) {
		test(`${kind}: a ping and a close behind a message are answered, however it is received: ${how}`, async () => {
			const client = await opened(kind, ports.raw, "/goodbye", { onReadable: undefined, tmpBuf: new Uint8Array(300) });
			const bytes = new Uint8Array(4000);
			let count = -EAGAIN;
			if (how === "with a Promise") count = await websocketRecvMsgAsync(client.ws, bytes, bytes.length, client.info, 10_000);
			else
				while (count === -EAGAIN) {
					await new Promise<void>((resolve) => Timer.set(() => resolve(), 1));
					count = websocketRecvMsg(client.ws, bytes, bytes.length, client.info, 0);
				}
			let total = count;
			while (client.info.remaining > 0) {
				count = await websocketRecvMsgAsync(client.ws, bytes, bytes.length, client.info, 10_000);
				ok(count >= 0);
				total += count;
			}
			equal(total, 3000);
			deepEqual(await client.ended, { error: 0, code: 1000, reason: "", clean: true });
			client.transport.close();
			equal(await verdict(), "close 1000");
		});
	}

	test(`${kind}: a close behind a message is answered before the end of TCP behind both is seen`, async () => {
		const server = new RawServer();
		const client = new Client(kind, server.port, "/");
		const connecting = client.connect();
		const raw = await server.next();
		server.close();
		await raw.say(answerTo(await raw.head()));
		ok((await connecting) > 0, client.request.failure);
		const message = client.receiveText();
		await raw.say(joined([0x81, 1, 0x62, 0x88, 2, 0x03, 0xe9]));
		raw.close();
		equal(await message, "b");
		deepEqual(await client.ended, { error: 0, code: 1001, reason: "", clean: true });
		client.transport.close();
	});

	test(`${kind}: the app closes the transport under it`, async () => {
		const client = await opened(kind, ports.port, "/echo");
		client.transport.close();
		deepEqual(await client.ended, { error: -ECANCELED, code: CLOSE_ABNORMAL, reason: "", clean: false });
		await once(client);
		await verdict();
	});

	test(`${kind}: in onClose the handle says that it is over`, async () => {
		let seen = 0;
		const client = await opened(kind, ports.port, "/echo", {
			onClose: (ws: number) => {
				seen = websocketSendMsg(ws, asciiOf("x"), 1, TEXT, true, true, 0);
			},
		});
		websocketDisconnect(client.ws);
		while (!seen) await soon();
		equal(seen, -ENOTCONN);
		client.transport.close();
		await verdict();
	});
}
