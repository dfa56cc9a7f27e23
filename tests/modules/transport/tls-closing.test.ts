/* TLS transports that are closed, in any state: the socket is gone, and nothing more is said. */
import Instrumentation from "instrumentation";
import config from "mc/config";
import Net from "net";
import { equal, ok, test } from "test";
import { SecureSocketTransport } from "transport/secure-socket";
import { TlsTransport } from "transport/tls";
import type { Transport } from "transport/transport";

const ECANCELED = 140;
const { port, silent, ca } = config as unknown as { port: number; silent: number; ca: string };
const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;
const resolved = (host: string) => new Promise<void>((done) => Net.resolve(host, () => done()));
const secure = { certificate: ca };

for (const [name, make] of [
	["tls", (host: string, port: number): Transport => new TlsTransport({ host, port, nodelay: true, secure })],
	["secure-socket", (host: string, port: number): Transport => new SecureSocketTransport({ host, port, noDelay: true, secure })],
] as const) {
	/** Closes it when it says `when`, or at once; gives what it said. */
	const closing = async (transport: Transport, when = ""): Promise<string> => {
		const heard: string[] = [];
		await new Promise<void>((done) => {
			const hear = (what: string) => {
				heard.push(what);
				if (what !== when) return;
				transport.close();
				done();
			};
			ok(
				transport.start({
					onReadable: () => hear("readable"),
					onWritable: () => {
						hear("writable");
						if (when === "readable") transport.write(new Uint8Array(300), 0, 300);
					},
					onClosed: (error) => heard.push(`closed ${error}`),
				}),
			);
			if (when) return;
			transport.close();
			done();
		});
		transport.close();
		const bytes = new Uint8Array(4);
		ok(transport.read(bytes, 0, 4) < 0);
		ok(transport.write(bytes, 0, 4) < 0);
		for (let i = 0; i < 3; i++) await resolved("127.0.0.1");
		return heard.join();
	};

	test(`${name}: while the name is resolved`, async () => {
		const before = sockets();
		equal(await closing(make("localhost", port)), `closed -${ECANCELED}`);
		await resolved("localhost");
		equal(sockets(), before);
	});

	test(`${name}: while it connects, and in the handshake with a server that does not answer`, async () => {
		const before = sockets();
		for (const turns of [1, 2, 10]) {
			const transport = make("127.0.0.1", silent);
			equal(transport.read(new Uint8Array(4), 0, 4), 0);
			equal(transport.write(new Uint8Array(4), 0, 4), 0);
			for (let i = 0; i < turns; i++) await resolved("127.0.0.1");
			equal(await closing(transport), `closed -${ECANCELED}`);
			equal(sockets(), before);
		}
	});

	test(`${name}: when it is connected, and amid what comes, by the one who is told`, async () => {
		const before = sockets();
		for (let i = 0; i < 3; i++) {
			equal(await closing(make("localhost", port), "writable"), `writable,closed -${ECANCELED}`);
			ok((await closing(make("localhost", port), "readable")).endsWith(`readable,closed -${ECANCELED}`));
		}
		equal(sockets(), before);
	});

	test(`${name}: one that nobody started, and one that is started twice`, async () => {
		const before = sockets();
		const transport = make("localhost", port);
		const events = { onReadable() {}, onWritable() {}, onClosed() {} };
		ok(transport.start(events));
		equal(transport.start(events), false);
		transport.stop();
		make("localhost", port).close();
		transport.close();
		await resolved("localhost");
		equal(sockets(), before);
	});
}
