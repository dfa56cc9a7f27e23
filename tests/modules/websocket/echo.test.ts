/* Whole conversations with npm's ws, over both transports. */
import { deepEqual, equal, ok, test } from "test";
import { WEBSOCKET_FLAG_BINARY, WEBSOCKET_FLAG_FINAL, WEBSOCKET_FLAG_TEXT, websocketDisconnect } from "websocket";
import { asciiOf, Client, counting, kinds, ports } from "./client";

const TEXT = 1;
const BINARY = 2;

for (const kind of kinds) {
	test(`${kind}: messages of many sizes come back`, async () => {
		const client = new Client(kind, ports.port, "/echo");
		ok((await client.connect()) > 0);
		for (const length of [0, 1, 2, 125, 126, 127, 500, 1000, 1024]) {
			const bytes = counting(length);
			equal(await client.send(bytes, BINARY), length);
			deepEqual(await client.receive(), bytes, `${length} bytes`);
			equal(client.info.messageType, WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_FINAL);
		}
		for (const text of ["", "Grüße", "€".repeat(300)]) {
			await client.send(asciiOf(text), TEXT);
			equal(await client.receiveText(), text);
			equal(client.info.messageType, WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_FINAL);
		}
		websocketDisconnect(client.ws);
		await client.ended;
		client.transport.close();
	});

	test(`${kind}: 16,384 bytes come back through a receive buffer of 512`, async () => {
		const client = new Client(kind, ports.port, "/echo", {}, 16384);
		ok((await client.connect()) > 0);
		const bytes = counting(16384);
		equal(await client.send(bytes, BINARY), 16384);
		deepEqual(await client.receive(), bytes);
		websocketDisconnect(client.ws);
		equal((await client.ended).clean, true);
		client.transport.close();
	});

	test(`${kind}: fragments both ways, with a ping between them`, async () => {
		const client = new Client(kind, ports.port, "/fragments");
		await client.connect();
		equal(await client.receiveText(), "Grüße");
		equal(await client.send(asciiOf("Gr"), TEXT, false), 2);
		equal(await client.send(asciiOf("hello"), 0x9), 5);
		equal(await client.send(asciiOf(""), 0, false), 0);
		equal(await client.send(asciiOf("ün"), 0, true), 3);
		equal(await client.receiveText(), "Grün");
		client.transport.close();
	});

	test(`${kind}: pings are answered`, async () => {
		const one = new Client(kind, ports.port, "/ping");
		await one.connect();
		equal(await one.receiveText(), "pong are you there");
		one.transport.close();
		const five = new Client(kind, ports.port, "/pings");
		await five.connect();
		equal(await five.receiveText(), "0,1,2,3,4");
		five.transport.close();
	});

	test(`${kind}: what comes with the answer is not lost`, async () => {
		const client = new Client(kind, ports.port, "/early");
		await client.connect();
		equal(await client.receiveText(), "first");
		deepEqual(await client.receive(), Uint8Array.of(1, 2, 3));
		client.transport.close();
	});

	test(`${kind}: byte by byte`, async () => {
		const client = new Client(kind, ports.raw, "/slow");
		ok((await client.connect()) > 0);
		equal(await client.receiveText(), "hello");
		await client.send(asciiOf("more"), TEXT);
		equal(await client.receiveText(), "hello");
		client.transport.close();
	});

	test(`${kind}: the server chooses a subprotocol`, async () => {
		const client = new Client(kind, ports.port, "/echo", { subprotocols: ["a", "b"] });
		await client.connect();
		equal(client.request.subprotocol, "b");
		equal(client.request.status, 101);
		client.transport.close();
	});

	test(`${kind}: many connections, one after the other`, async () => {
		const handles = new Set<number>();
		for (let i = 0; i < 20; i++) {
			const client = new Client(kind, ports.port, "/echo", {}, 64);
			handles.add(await client.connect());
			await client.send(asciiOf(`${i}`), TEXT);
			equal(await client.receiveText(), `${i}`);
			websocketDisconnect(client.ws, 1000, "");
			equal((await client.ended).error, 0);
			client.transport.close();
		}
		equal(handles.size, 20);
	});
}
