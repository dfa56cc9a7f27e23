/* Who is to be told is told, whatever else goes on. */
import { deepEqual, equal, ok, test } from "test";
import { CLOSE_ABNORMAL, EAGAIN, ECONNRESET, ETIMEDOUT, websocketDisconnect, websocketRecvMsg, websocketSendMsg } from "websocket";
import { Client, kinds, ports } from "./client";

const BINARY = 2;

for (const kind of kinds) {
	test(`${kind}: a peer that sends without a pause puts off no timeout`, async () => {
		let flowing: (() => void) | undefined;
		const flow = new Promise<void>((resolve) => {
			flowing = resolve;
		});
		const piece = new Uint8Array(256);
		const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
		const client = new Client(kind, ports.raw, "/flooding", {
			closeTimeout: 50,
			onReadable: (ws) => {
				while (websocketRecvMsg(ws, piece, piece.length, info, 0) >= 0);
				flowing?.();
			},
		});
		ok((await client.connect()) > 0, client.request.failure);
		await flow;
		equal(websocketDisconnect(client.ws), 0);
		equal((await client.ended).error, -ETIMEDOUT);
		client.transport.close();
	});

	test(`${kind}: what is received in onWritable counts, too: onReadable comes for the rest`, async () => {
		const piece = new Uint8Array(16);
		const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
		const heard: string[] = [];
		let tell: (() => void) | undefined;
		const next = () =>
			new Promise<void>((resolve) => {
				tell = resolve;
			});
		const client = new Client(
			kind,
			ports.port,
			"/early",
			{
				onReadable: () => {
					heard.push("readable");
					tell?.();
				},
				onWritable: (ws) => {
					heard.push(`writable ${websocketRecvMsg(ws, piece, piece.length, info, 0)}`);
				},
			},
			16384,
		);
		const first = next();
		ok((await client.connect()) > 0, client.request.failure);
		await first;
		const again = next();
		const large = new Uint8Array(16384);
		equal(websocketSendMsg(client.ws, large, large.length, BINARY, true, true, 0), large.length);
		equal(websocketSendMsg(client.ws, large, large.length, BINARY, true, true, 0), -EAGAIN);
		await again;
		deepEqual(heard.slice(0, 3), ["readable", "writable 5", "readable"]);
		client.transport.close();
	});

	test(`${kind}: the end is told to an app that never receives`, async () => {
		const client = new Client(kind, ports.raw, "/greetfin", { closeTimeout: 50, onReadable: undefined });
		ok((await client.connect()) > 0, client.request.failure);
		const { error, code, clean } = await client.ended;
		deepEqual([error, code, clean], [-ECONNRESET, CLOSE_ABNORMAL, false]);
		client.transport.close();
	});
}

test("a reason that is not UTF-8 is refused, and a call that is refused says why", async () => {
	const client = new Client("tcp", ports.port, "/echo");
	ok((await client.connect()) > 0, client.request.failure);
	equal(websocketDisconnect(client.ws, 1000, "\ud800"), -22);
	equal(websocketDisconnect(client.ws, 1000, "a\0b"), -22);
	equal(client.endings, 0);
	const other = new Client("tcp", ports.port, "/echo", { host: "" });
	equal(await other.connect(), -22);
	ok(other.request.failure?.includes("host"));
	equal(await new Client("tcp", ports.port, `/${"x".repeat(2000)}`).connect(), -122);
	equal(websocketDisconnect(client.ws), 0);
	await client.ended;
	client.transport.close();
	other.transport.close();
});
