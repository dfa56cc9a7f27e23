/* How a connection comes about, and what is said when none does, over both kinds of socket. */

import TCP from "embedded:io/socket/tcp";
import Instrumentation from "instrumentation";
import config from "mc/config";
import Net from "net";
import { Socket } from "socket";
import { deepEqual, equal, ok, test, throws } from "test";
import { SocketTransport } from "transport/socket";
import { TcpTransport } from "transport/tcp";
import type { Transport } from "transport/transport";

const EIO = 5;
const ECONNREFUSED = 111;
const EHOSTUNREACH = 118;
const ECANCELED = 140;

const { port, refused } = config as unknown as { port: number; refused: number };
const number = "127.0.0.1";
const sockets = () => Instrumentation.get(Instrumentation.map("Network Sockets")) as number;
const resolved = (host: string) => new Promise<string | undefined>((done) => Net.resolve(host, (_, address) => done(address)));

/** Starts it, and gives what onClosed says. Nothing may be told while a method is being called. */
function ending(transport: Transport): Promise<number> {
	return new Promise((resolve) => {
		let inside = true;
		const events = {
			onReadable: () => equal(inside, false),
			onWritable: () => equal(inside, false),
			onClosed: (error: number) => {
				equal(inside, false);
				resolve(error);
			},
		};
		ok(transport.start(events));
		inside = false;
	});
}

/** Sends 300 bytes, and reads until they are back. */
function echo(transport: Transport): Promise<void> {
	const bytes = new Uint8Array(310);
	for (let i = 0; i < 300; i++) bytes[i + 5] = i * 3;
	const back = new Uint8Array(310);
	let written = 5;
	let read = 7;
	return new Promise((resolve) => {
		const onWritable = () => {
			for (let count = 1; written < 305 && count > 0; written += count) count = transport.write(bytes, written, 305);
		};
		const onReadable = () => {
			for (let count = 1; read < 307 && count > 0; read += count) count = transport.read(back, read, 307);
			if (read < 307) return;
			deepEqual(back.slice(7, 307), bytes.slice(5, 305));
			equal(back[6], 0);
			equal(back[307], 0);
			equal(transport.read(back, 0, 1), 0);
			transport.stop();
			resolve();
		};
		ok(transport.start({ onReadable, onWritable, onClosed: (error) => equal(error, 1, "closed") }));
		// For one that is connected already.
		onWritable();
	});
}

/** Afterwards it is of no use, to anyone, and says why. */
function checkLost(transport: Transport, error: number): void {
	const bytes = new Uint8Array(4);
	transport.stop();
	ok(transport.start({ onReadable() {}, onWritable() {}, onClosed() {} }));
	equal(transport.read(bytes, 0, 4), error);
	equal(transport.write(bytes, 0, 4), error);
	transport.close();
	ok(transport.read(bytes, 0, 4) < 0);
	ok(transport.write(bytes, 0, 4) < 0);
}

type Where = { host: string; port: number } | { address: string; port: number };

for (const [name, make] of [
	["tcp", (where: Where): Transport => new TcpTransport({ ...where, nodelay: true })],
	["socket", (where: Where): Transport => new SocketTransport({ ...where, noDelay: true })],
] as const) {
	test(`${name}: a name that has no address`, async () => {
		const before = sockets();
		const transport = make({ host: "nobody.invalid", port });
		equal(transport.read(new Uint8Array(4), 0, 4), 0);
		equal(transport.write(new Uint8Array(4), 0, 4), 0);
		equal(await ending(transport), -EHOSTUNREACH);
		checkLost(transport, -EHOSTUNREACH);
		equal(sockets(), before);
	});

	test(`${name}: an address where nobody listens`, async () => {
		for (const where of [
			{ host: "localhost", port: refused },
			{ host: number, port: refused },
			{ address: number, port: refused },
		]) {
			const transport = make(where);
			equal(await ending(transport), -ECONNREFUSED);
			checkLost(transport, -ECONNREFUSED);
		}
	});

	test(`${name}: an address that this device cannot reach`, async () => {
		// The broadcast address: no connection goes there.
		const transport = make({ host: "255.255.255.255", port });
		const error = await ending(transport);
		ok(error === -EIO || error === -ECONNREFUSED, `${error}`);
		checkLost(transport, error);
	});

	test(`${name}: a name, a number as a name, an address`, async () => {
		for (const where of [
			{ host: "localhost", port },
			{ host: number, port },
			{ address: number, port },
		]) {
			const transport = make(where);
			await echo(transport);
			transport.close();
		}
	});

	test(`${name}: started late, it can be used all the same`, async () => {
		const transport = make({ host: number, port });
		await resolved(number);
		await echo(transport);
		transport.close();
	});

	test(`${name}: one whose name had no address says so to who starts it late`, async () => {
		const transport = make({ host: "nobody.invalid", port });
		while (transport.read(new Uint8Array(1), 0, 1) === 0) await resolved("nobody.invalid");
		checkLost(transport, -EHOSTUNREACH);
	});

	test(`${name}: closed while its name is resolved, it makes no socket and says nothing more`, async () => {
		for (const host of [number, "nobody.invalid", "localhost"]) {
			const before = sockets();
			const heard: number[] = [];
			const transport = make({ host, port });
			ok(transport.start({ onReadable: () => heard.push(2), onWritable: () => heard.push(3), onClosed: (error) => heard.push(error) }));
			transport.close();
			transport.close();
			checkLost(transport, -EIO);
			// Answers for numbers come in the order of the questions, so the last one is behind those of the transport.
			await resolved(host);
			await resolved(number);
			equal(heard.join(), `-${ECANCELED}`);
			equal(sockets(), before);
		}
	});

	test(`${name}: closed while it connects`, async () => {
		const heard: number[] = [];
		const transport = make({ host: number, port });
		const before = sockets();
		ok(transport.start({ onReadable: () => heard.push(2), onWritable: () => heard.push(3), onClosed: (error) => heard.push(error) }));
		// Its own lookup was first, so by now there is a socket.
		await resolved(number);
		equal(sockets(), before + 1);
		transport.close();
		equal(sockets(), before);
		await resolved(number);
		equal(heard.at(-1), -ECANCELED);
		equal(heard.filter((event) => event < 0).length, 1);
	});

	test(`${name}: hosts and ports that are none`, () => {
		const wrong = (host: unknown, port: unknown) => () => make({ host: host as string, port: port as number });
		for (const host of [undefined, null, "", 1, {}]) throws(wrong(host, port), TypeError);
		for (const bad of [undefined, null, 0, -1, 65536, 1.5, Number.NaN, "80"]) throws(wrong(number, bad), RangeError);
	});
}

test("classic socket: one that connects is taken over; it cannot say why it does not", async () => {
	const transport = new SocketTransport(new Socket({ host: "localhost", port }));
	await echo(transport);
	transport.close();
	for (const options of [
		{ host: "nobody.invalid", port },
		{ host: number, port: refused },
	]) {
		const lost = new SocketTransport(new Socket(options));
		equal(await ending(lost), -EIO);
		checkLost(lost, -EIO);
	}
});

test("classic socket: one that is connected is taken over, and given back", async () => {
	const socket = new Socket({ host: number, port });
	await new Promise<void>((resolve) => {
		socket.callback = (message) => {
			if (message === Socket.connected) resolve();
		};
	});
	const transport = new SocketTransport(socket, true);
	await echo(transport);
	transport.stop();
	const piece = new Promise<ArrayBuffer>((resolve) => {
		socket.callback = (message) => {
			if (message === Socket.readable) resolve(socket.read(ArrayBuffer));
		};
	});
	socket.write(Uint8Array.of(1, 2, 3));
	equal(new Uint8Array(await piece).join(), "1,2,3");
	transport.close();
	throws(() => socket.read());
});

test("ECMA-419 TCP: one that is connected is taken over", async () => {
	const tcp = await new Promise<TCP>((resolve) => {
		const made: TCP = new TCP({ address: number, port, onWritable: () => resolve(made) });
	});
	const transport = new TcpTransport({ from: tcp });
	await echo(transport);
	transport.close();
});
