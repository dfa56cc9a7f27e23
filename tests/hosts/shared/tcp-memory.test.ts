/* The steady state of ECMA-419 TCP allocates nothing in XS. */

import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { counters } from "device";
import { equal, test } from "test";

const size = 64;
const before = new Uint32Array(7);
const after = new Uint32Array(7);

test("10,000 echoes of 64 bytes through preallocated views leave slots and chunks unchanged", async () => {
	const sent = new Uint8Array(new ArrayBuffer(256), 32, size).fill(0x5a);
	const received = new Uint8Array(new ArrayBuffer(256), 64, size);
	const echo = new Uint8Array(new ArrayBuffer(256), 96, size);
	let echoes = -1;
	let wrong = 0;
	const listener = new Listener({
		onReadable() {
			new TCP({
				from: this.read() as TCP,
				onReadable(bytes) {
					for (; bytes >= size; bytes -= size) {
						this.read(echo);
						this.write(echo);
					}
				},
				onError() {
					this.close();
				},
			});
			this.close();
		},
	});
	await new Promise<void>((resolve) => {
		new TCP({
			address: "127.0.0.1",
			port: listener.port,
			nodelay: true,
			target: false,
			onWritable() {
				if (this.target) return;
				this.target = true;
				this.write(sent);
			},
			onReadable(bytes) {
				if (bytes < size) return;
				received.fill(0);
				this.read(received);
				for (let index = 0; index < size; index++) if (received[index] !== 0x5a) wrong++;
				/* The first echo is not counted: it is the end of the setting up. */
				if (++echoes === 0) counters(before);
				if (echoes === 10_000) {
					counters(after);
					this.close();
					resolve();
				} else this.write(sent);
			},
		});
	});
	equal(wrong, 0);
	equal(after[0], before[0], "slots");
	equal(after[1], before[1], "chunk bytes");
});

test("format number allocates nothing", async () => {
	let count = -1;
	const listener = new Listener({
		onReadable() {
			new TCP({
				from: this.read() as TCP,
				format: "number",
				onReadable(bytes) {
					while (bytes--) this.write(this.read() as number);
				},
				onError() {
					this.close();
				},
			});
			this.close();
		},
	});
	await new Promise<void>((resolve) => {
		new TCP({
			address: "127.0.0.1",
			port: listener.port,
			format: "number",
			onWritable() {
				if (count < 0) this.write(0);
			},
			onReadable(bytes) {
				while (bytes--) {
					const byte = this.read() as number;
					if (++count === 0) counters(before);
					if (count === 1000) {
						counters(after);
						this.close();
						resolve();
						return;
					}
					this.write(byte + 1);
				}
			},
		});
	});
	equal(after[0], before[0], "slots");
	equal(after[1], before[1], "chunk bytes");
});
