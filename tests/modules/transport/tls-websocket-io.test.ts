/* The ECMA-419 socket over WebSocket over the SDK's TLSSocket, for programs that are written for TCP: wss. */
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import Instrumentation from "instrumentation";
import config from "mc/config";
import { deepEqual, equal, ok, test, throws } from "test";
import { WebsocketIO, type WebsocketIOOptions } from "transport/websocket-io";

const { ca, echo, other } = config as unknown as { ca: string; echo: number; other: number };
const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;
const below = (secure: object = { certificate: ca }) => ({ io: TLSSocket, TCP: { io: TCP }, secure });
const to = (port: number, options: WebsocketIOOptions) => ({ host: "localhost", port, path: "/", subprotocol: "", ...options });

/** Why it ended. */
const endOf = (port: number, socket: WebsocketIOOptions["socket"]) =>
	new Promise<string>((resolve) => {
		new WebsocketIO(to(port, { socket, onError: resolve }));
	});

for (const where of [{}, { address: "127.0.0.1" }])
	test(`bytes there and back, to ${"address" in where ? "an address" : "a name"}`, async () => {
		const before = sockets();
		const sent = new Uint8Array(1200).map((_, i) => i * 7);
		const received = new Uint8Array(1200);
		let at = 0;
		await new Promise<void>((resolve, reject) => {
			const io = new WebsocketIO(
				to(echo, {
					...where,
					port: String(echo),
					socket: below(),
					onWritable() {
						if (at === 0) this.write(sent);
					},
					onReadable() {
						at += this.read(received.subarray(at)) as number;
						if (at < 1200) return;
						io.close();
						resolve();
					},
					onError: (failure) => reject(new Error(failure)),
				}),
			);
		});
		deepEqual(received, sent);
		equal(sockets(), before);
	});

test("a certificate for another host, and of somebody unknown, are refused, and onError says so", async () => {
	const wrong = await endOf(other, below());
	ok(wrong.includes("WRONG_HOST"), wrong);
	const unknown = await endOf(echo, below({}));
	ok(unknown.includes("UNKNOWN_CA"), unknown);
});

test("a CA that is none throws, and leaves no socket", () => {
	const before = sockets();
	throws(() => new WebsocketIO(to(echo, { socket: below({ certificate: "no certificate" }) })), Error);
	equal(sockets(), before);
});
