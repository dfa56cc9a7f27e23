/* One context, as Zephyr has by default: WEBSOCKET_MAX_CONTEXTS of the manifest's "config". */
import { counters } from "device";
import { equal, ok, test } from "test";
import {
	EEXIST,
	EFAULT,
	ENOENT,
	websocketConnect,
	websocketDisconnect,
	websocketInit,
	websocketRecvMsg,
	websocketRegister,
} from "websocket";
import { contextOf } from "websocket/contexts";
import { Client, ports } from "./client";
import { bytesOf, FakeTransport } from "./fake";

test("websocketInit makes it, once", () => {
	websocketInit();
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	counters(before);
	websocketInit();
	counters(after);
	equal(after[0], before[0]);
});

test("a second connection has to wait for the end of the first", async () => {
	const one = new Client("tcp", ports.port, "/echo");
	ok((await one.connect()) >= 0);
	const two = new Client("tcp", ports.port, "/echo");
	equal(await two.connect(), -ENOENT);
	equal(two.request.failure, "all contexts are in use");
	equal(await websocketConnect(one.transport, { ...two.request }, 1000), -EEXIST);
	websocketDisconnect(one.ws);
	await one.ended;
	ok((await two.connect()) >= 0);
	one.transport.close();
	// Free as soon as close() returns.
	two.transport.close();
	const three = new Client("tcp", ports.port, "/echo");
	ok((await three.connect()) >= 0);
	three.transport.close();
});

test("an app whose callback throws: the peer hears 1011, and onClose comes", () => {
	const transport = new (class extends FakeTransport {
		events: { onReadable(): void; onWritable(): void } | undefined;
		override start(events: never): boolean {
			this.events = events;
			return true;
		}
	})();
	let error = 0;
	let code = 0;
	const ws = websocketRegister(transport, new Uint8Array(64), 64, {
		upgraded: true,
		onReadable: () => {
			throw new Error("a bug of the app");
		},
		onClose: (_, given, close) => {
			error = given;
			code = close.code;
		},
	});
	ok(ws >= 0);
	transport.give(bytesOf("818100000000 61"));
	let thrown = "";
	try {
		transport.events?.onReadable();
	} catch (caught) {
		thrown = String(caught);
	}
	equal(thrown, "Error: a bug of the app", "it is the engine's to handle");
	equal(transport.take(), "");
	// Whatever the loop brings next finds out.
	transport.events?.onWritable();
	equal(transport.take().slice(0, 8), "881d03f3");
	equal(error, -EFAULT);
	equal(code, 1011);
	equal(contextOf(ws)?.free, true);
	equal(websocketRecvMsg(ws, new Uint8Array(1), 1, { messageType: 0, remaining: 0, messageRemaining: 0 }, 0), -128);
});
