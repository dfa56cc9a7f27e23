/* TLS takes nothing of the arena for what is read into a buffer and written from one. */

import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import { collect, counters } from "device";
import config from "mc/config";
import { equal, ok, test } from "test";
import { best, each } from "./tls-versions";

// biome-ignore lint/suspicious/noExplicitAny: what the peer printed, names to ports and texts.
const peer = config as any;
const stressed = peer.variant.includes("stress");
const before = new Uint32Array(7);
const after = new Uint32Array(7);

/** Sends `size` bytes and waits until they are back, so many times; counts from the first time on. */
function echoes(port: number, size: number, times: number): Promise<void> {
	const sent = new Uint8Array(size).fill(0x5a);
	const received = new Uint8Array(size);
	let count = -1;
	let missing = 0;
	return new Promise((resolve) => {
		new TLSSocket({
			...{ host: "localhost", address: "127.0.0.1", port, nodelay: true, TCP: { io: TCP }, secure: { certificate: peer.ca } },
			onWritable() {
				if (missing === 0 && count < 0) {
					missing = size;
					this.write(sent);
				}
			},
			onReadable(bytes) {
				while (bytes > 0) {
					const read = this.read(received) as number;
					bytes -= read;
					missing -= read;
				}
				if (missing > 0) return;
				if (++count === 0) counters(before);
				if (count === times) {
					counters(after);
					this.close();
					resolve();
				} else {
					missing = size;
					this.write(sent);
				}
			},
		});
	});
}

for (const [version, port] of each(["TLS 1.2", peer.echo12], ["TLS 1.3", peer.echo13]))
	for (const [size, times] of [
		[64, stressed ? 20 : 500],
		[8192, stressed ? 5 : 50],
	] as const)
		test(`${version}: ${size} bytes there and back again and again allocate nothing`, async () => {
			await echoes(port, size, times);
			equal(after[0], before[0], "slots");
			equal(after[1], before[1], "chunk bytes");
		});

/** A connection that is closed once it is open, with what the arena holds then. */
async function connect(open: Uint32Array): Promise<void> {
	await new Promise<void>((resolve) => {
		new TLSSocket({
			...{
				host: "localhost",
				address: "127.0.0.1",
				port: best(peer.echo12, peer.echo13),
				TCP: { io: TCP },
				secure: { certificate: peer.ca },
			},
			onWritable() {
				collect();
				counters(open);
				this.close();
				resolve();
			},
		});
	});
	collect();
}

test("a connection takes little of the arena, and gives it back", async () => {
	const open = new Uint32Array(7);
	await connect(open);
	counters(before);
	for (let count = 0; count < 3; count++) await connect(open);
	counters(after);
	const slots = (counted: Uint32Array) => (counted[3] as number) - (before[3] as number);
	const chunks = (counted: Uint32Array) => (counted[4] as number) - (before[4] as number);
	ok(slots(open) < 160, `${slots(open)} slots while it is open`);
	ok(chunks(open) < 64, `${chunks(open)} chunk bytes while it is open`);
	equal(slots(after), 0, "slots that are left");
	equal(chunks(after), 0, "chunk bytes that are left");
});
