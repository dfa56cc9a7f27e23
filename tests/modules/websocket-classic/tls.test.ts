/* The classic Client over SecureSocket: a program for the SDK's class, with `Socket` and `secure` in its options. */
import config from "mc/config";
import SecureSocket from "securesocket";
import { deepEqual, equal, ok, test } from "test";
import { Client, type ClientOptions } from "websocket-classic";
import { App } from "./app";

const { ca, echo, other } = config as unknown as { ca: string; echo: number; other: number };
const secured = (secure: object = { certificate: ca }) => ({ Socket: SecureSocket, secure }) as unknown as ClientOptions;

test("messages there and back, short ones and 16,000 bytes", async () => {
	const app = new App("/host", { ...secured(), port: String(echo) }, echo);
	const values: unknown[] = [];
	app.on = (message, value) => message === Client.receive && values.push(value);
	const ws = await app.opened();
	equal((await app.first(3))[2], `receive localhost:${echo}`);
	const sent = new Uint8Array(16_000).map((_, i) => (i * 7 + (i >> 8)) & 255).buffer;
	for (const message of ["hello", sent, "bye"]) ws.write(message);
	await app.first(6);
	deepEqual(values.slice(1), ["hello", sent, "bye"]);
	ws.close();
});

test("an address, and the host that its certificate is for", async () => {
	const app = new App("/host", { ...secured(), address: "127.0.0.1" }, echo);
	equal((await app.first(3))[2], `receive localhost:${echo}`);
	app.ws.close();
});

test("a certificate for another host, and of somebody unknown, are refused, and disconnect says so", async () => {
	const wrong = await new App("/", secured(), other).ended;
	ok(wrong.includes("WRONG_HOST"), wrong);
	const unknown = await new App("/", secured({}), echo).ended;
	ok(unknown.includes("UNKNOWN_CA"), unknown);
});
