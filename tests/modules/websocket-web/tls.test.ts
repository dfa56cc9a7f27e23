/* wss: with npm's ws over TLS, and what is refused. */
import config from "mc/config";
import { deepEqual, equal, ok, test, throws } from "test";
import WebSocket from "websocket-web";
import { Recorder } from "./recorder";

const { ports, strangers } = config as unknown as { ports: Record<"good" | "elsewhere" | "unknown", number>; strangers: string };

test("wss: as a browser's program says it; the CA is in the configuration", async () => {
	const server = new Recorder(`wss://localhost:${ports.good}/`);
	deepEqual(JSON.parse((await server.next()) as string), { host: `localhost:${ports.good}` });
	for (const length of [0, 100, 5000]) {
		const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
		server.ws.send(bytes);
		deepEqual(new Uint8Array((await server.next()) as ArrayBuffer), bytes);
	}
	server.ws.send("€");
	equal(await server.next(), "€");
	server.ws.close(1000);
	ok((await server.end()).endsWith(", close 1000 clean"));
});

test("https: is wss:, and a password goes into Authorization without being asked for", async () => {
	const server = new Recorder(`https://user:pass@127.0.0.1:${ports.good}/`);
	equal(server.ws.url, `wss://user:pass@127.0.0.1:${ports.good}/`);
	deepEqual(JSON.parse((await server.next()) as string), { host: `127.0.0.1:${ports.good}`, authorization: "Basic dXNlcjpwYXNz" });
	server.ws.close();
	await server.closed;
});

test("another CA for one connection", async () => {
	const server = new Recorder(`wss://localhost:${ports.unknown}/`, { secure: { certificate: strangers } });
	deepEqual(JSON.parse((await server.next()) as string), { host: `localhost:${ports.unknown}` });
	server.ws.close();
	await server.closed;
});

test("a server that is not the one: error, close with 1006, and which fault", async () => {
	for (const [port, fault] of [
		[ports.elsewhere, "WRONG_HOST"],
		[ports.unknown, "UNKNOWN_CA"],
	] as const) {
		const server = new Recorder(`wss://localhost:${port}/`);
		equal(await server.end(), "error 3, close 1006 not clean");
		ok(server.failure.includes(fault), server.failure);
	}
});

test("a CA that is none is said at once", () => {
	throws(() => new WebSocket("wss://localhost/", { secure: { certificate: "no certificate" } }), "certificate");
});
