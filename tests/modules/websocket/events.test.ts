/* When onReadable and onWritable come, and what an app may do in them. */

import { equal, ok, test } from "test";
import { EAGAIN, ETIMEDOUT, websocketDisconnect, websocketRecvMsg, websocketSendMsg } from "websocket";
import { asciiOf, Client, kinds, ports } from "./client";

const TEXT = 1;
const BINARY = 2;
const FLOOD = 300;

/** A conversation of another connection: whatever the loop had to tell about this one is told when it is over. */
async function settled(): Promise<void> {
	const other = new Client("tcp", ports.port, "/echo");
	await other.connect();
	await other.send(asciiOf("x"), TEXT);
	equal(await other.receiveText(), "x");
	other.transport.close();
}

const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

for (const kind of kinds) {
	test(`${kind}: an app that takes one message for each onReadable gets all of them`, async () => {
		const lengths: number[] = [];
		const bytes = new Uint8Array(64);
		await new Promise<void>((resolve) => {
			const client = new Client(kind, ports.port, "/early", {
				onReadable: (ws) => {
					lengths.push(websocketRecvMsg(ws, bytes, bytes.length, info, 0));
					if (lengths.length < 2) return;
					client.transport.close();
					resolve();
				},
			});
			void client.connect();
		});
		equal(lengths.join(), "5,3");
	});

	test(`${kind}: a message behind a pong and a ping in one segment is told, too`, async () => {
		const client = new Client(kind, ports.raw, "/controls");
		await client.connect();
		const message = client.receiveText();
		await client.send(asciiOf("go"), TEXT);
		equal(await message, "x");
		client.transport.close();
	});

	test(`${kind}: an app that takes nothing is not called for ever, and is called again when it goes on`, async () => {
		let calls = 0;
		let told: (() => void) | undefined;
		const next = () =>
			new Promise<void>((resolve) => {
				told = resolve;
			});
		const bytes = new Uint8Array(64);
		const client = new Client(kind, ports.port, "/early", {
			onReadable: () => {
				calls++;
				told?.();
			},
		});
		const first = next();
		const ws = await client.connect();
		await first;
		await settled();
		equal(calls, 1);
		const again = next();
		equal(websocketRecvMsg(ws, bytes, bytes.length, info, 0), 5);
		equal(calls, 1, "not from inside a call");
		await again;
		equal(websocketRecvMsg(ws, bytes, bytes.length, info, 0), 3);
		equal(websocketRecvMsg(ws, bytes, bytes.length, info, 0), -EAGAIN);
		await settled();
		equal(calls, 2);
		client.transport.close();
	});

	test(`${kind}: what the app does not take waits with the server, in order`, async () => {
		const bytes = new Uint8Array(1000);
		let paused = true;
		let frames = 0;
		let wrong = 0;
		let done = () => {};
		const all = new Promise<void>((resolve) => {
			done = resolve;
		});
		const take = (ws: number) => {
			while (!paused) {
				const count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
				if (count < 0) return;
				if (bytes[0] !== (frames & 255)) wrong++;
				if (info.remaining === 0 && ++frames === FLOOD) done();
			}
		};
		const client = new Client(kind, ports.port, "/flood", { onReadable: take });
		const ws = await client.connect();
		await settled();
		paused = false;
		take(ws);
		await all;
		equal(wrong, 0);
		equal(frames, FLOOD);
		websocketDisconnect(ws);
		equal((await client.ended).clean, true);
		client.transport.close();
	});

	test(`${kind}: onWritable comes after -EAGAIN, and only then`, async () => {
		const bytes = new Uint8Array(16384);
		let refused = 0;
		let called = 0;
		let sent = 0;
		let done = () => {};
		const all = new Promise<void>((resolve) => {
			done = resolve;
		});
		const send = (ws: number) => {
			while (sent < 20) {
				const result = websocketSendMsg(ws, bytes, bytes.length, BINARY, true, true, 0);
				if (result === -EAGAIN) {
					refused++;
					return;
				}
				equal(result, bytes.length);
				sent++;
			}
			done();
		};
		const client = new Client(
			kind,
			ports.port,
			"/count",
			{
				onWritable: (ws) => {
					called++;
					send(ws);
				},
			},
			16384,
		);
		const ws = await client.connect();
		send(ws);
		await all;
		equal(called, refused);
		ok(refused > 0, "never refused");
		for (let i = 0; i < 20; i++) equal(await client.receiveText(), "16384");
		client.transport.close();
	});

	test(`${kind}: a peer that takes nothing fails a send with a timeout`, async () => {
		const bytes = new Uint8Array(16384);
		let writable = () => {};
		const client = new Client(kind, ports.raw, "/stall", { onWritable: () => writable() }, 16384);
		const ws = await client.connect();
		let open = true;
		void client.ended.then(() => {
			open = false;
		});
		while (open) {
			const room = new Promise<void>((resolve) => {
				writable = resolve;
			});
			const result = websocketSendMsg(ws, bytes, bytes.length, BINARY, true, true, 100);
			if (result !== bytes.length) await Promise.race([room, client.ended]);
		}
		equal((await client.ended).error, -ETIMEDOUT);
		client.transport.close();
	});

	test(`${kind}: an app may close in onReadable, and open the next connection in onClose`, async () => {
		const bytes = new Uint8Array(64);
		let second: Client | undefined;
		const text = await new Promise<string>((resolve) => {
			const first: Client = new Client(kind, ports.port, "/early", {
				onReadable: (ws) => {
					websocketRecvMsg(ws, bytes, 2, info, 0);
					websocketDisconnect(ws, 1001, "enough");
					equal(websocketRecvMsg(ws, bytes, 2, info, 0) < 0, true);
				},
				onClose: async () => {
					first.transport.close();
					second = new Client(kind, ports.port, "/echo");
					await second.connect();
					await second.send(asciiOf("again"), TEXT);
					resolve(await second.receiveText());
				},
			});
			void first.connect();
		});
		equal(text, "again");
		second?.transport.close();
	});

	test(`${kind}: the same TCP connection cannot be used by two`, async () => {
		const client = new Client(kind, ports.port, "/echo");
		await client.connect();
		equal(client.transport.start({ onReadable() {}, onWritable() {}, onClosed() {} }), false);
		client.transport.close();
	});
}
