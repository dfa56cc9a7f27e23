/* With large.json: what programs for browsers, and web-platform-tests, send, receive and are answered, and 1 MB for it. */
import { equal, ok, test } from "test";
import { Recorder, rawUrlOf, urlOf, verdict } from "./recorder";

test("an idle socket takes 65,000 characters, and receives them", async () => {
	const server = new Recorder(urlOf("/echo"));
	await server.opened;
	const text = "x".repeat(65_000);
	server.ws.send(text);
	equal(server.ws.bufferedAmount, 65_000);
	ok((await server.next()) === text);
	equal(server.ws.bufferedAmount, 0);
	server.seen.length = 0;
	server.ws.close();
	equal(await server.end(), "close 1005 clean");
	await verdict();
});

test("each form of a frame's length, there and back", async () => {
	const server = new Recorder(urlOf("/echo"));
	await server.opened;
	for (const length of [125, 126, 127, 65_535, 65_536]) {
		server.ws.send(new ArrayBuffer(length));
		equal(((await server.next()) as ArrayBuffer).byteLength, length);
		server.ws.send("x".repeat(length));
		equal(((await server.next()) as string).length, length);
	}
	server.ws.close();
	await server.closed;
	await verdict();
});

test("an answer to the handshake with 3,000 bytes of headers", async () => {
	const server = new Recorder(rawUrlOf("/more-headers"));
	await server.opened;
	server.ws.close(1000);
	equal(await server.end(), "open, close 1006 not clean");
	equal(await verdict(), "/more-headers 1000");
});
