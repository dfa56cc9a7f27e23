/* What the TLS transports allocate once they are connected: next to nothing of their own. */
import { counters } from "device";
import config from "mc/config";
import SecureSocket from "securesocket";
import { equal, ok, test } from "test";
import { SecureSocketTransport } from "transport/secure-socket";
import { STAGE_SIZE } from "transport/stage";
import { TlsTransport } from "transport/tls";
import type { Transport } from "transport/transport";

const { port, ca } = config as unknown as { port: number; ca: string };
const host = "localhost";
const SLOTS = 0;
const CHUNKS = 1;
const ROUNDS = 100;
const LENGTH = 200;
/** Of SecureSocketTransport, for a message out and back. */
const OWN_SLOTS = 3;
const sent = new Uint8Array(LENGTH).fill(0x5a);

interface Used {
	slots: number;
	chunks: number;
}

/** Counts from the end of the first half on. */
class Count {
	readonly #before = new Uint32Array(7);
	readonly #after = new Uint32Array(7);
	#rounds = 0;

	/** A message is back: false if that was the last one. */
	next(): boolean {
		this.#rounds++;
		if (this.#rounds === ROUNDS) counters(this.#before);
		if (this.#rounds < 2 * ROUNDS) return true;
		counters(this.#after);
		return false;
	}
	get used(): Used {
		return { slots: this.#after[SLOTS]! - this.#before[SLOTS]!, chunks: this.#after[CHUNKS]! - this.#before[CHUNKS]! };
	}
}

async function overTransport(transport: Transport): Promise<Used> {
	const count = new Count();
	const bytes = new Uint8Array(LENGTH);
	let back = 0;
	let error = 1;
	await new Promise<void>((resolve) => {
		let begun = false;
		const send = () => {
			if (transport.write(sent, 0, LENGTH) !== LENGTH) error = 2;
		};
		transport.start({
			onWritable: () => {
				if (!begun) send();
				begun = true;
			},
			onReadable: () => {
				for (;;) {
					const size = transport.read(bytes, 0, LENGTH - back);
					if (size <= 0) return;
					back += size;
					if (back < LENGTH) continue;
					back = 0;
					if (count.next()) send();
					else resolve();
				}
			},
			onClosed: (why) => {
				error = why;
				resolve();
			},
		});
	});
	equal(error, 1);
	transport.close();
	return count.used;
}

/** The same by hand: asks for room, and writes. */
async function overSecureSocket(): Promise<Used> {
	const count = new Count();
	const socket = new SecureSocket({ host, port, noDelay: true, secure: { certificate: ca } });
	let back = 0;
	const send = () => {
		if (socket.write() >= LENGTH) socket.write(sent);
	};
	await new Promise<void>((resolve, reject) => {
		socket.callback = (message, value) => {
			if (message < 0) reject(new Error(`ended: ${message}`));
			if (message === 1) send();
			if (message !== 2) return;
			back += socket.read(ArrayBuffer, value as number)?.byteLength ?? 0;
			if (back < LENGTH) return;
			back = 0;
			if (count.next()) send();
			else resolve();
		};
	});
	socket.close();
	return count.used;
}

test(`ECMA-419 TLSSocket: ${ROUNDS} messages out and back allocate nothing`, async () => {
	const used = await overTransport(new TlsTransport({ host, port, nodelay: true, secure: { certificate: ca } }));
	equal(`${used.slots} ${used.chunks}`, "0 0");
});

test(`SecureSocket: ${ROUNDS} messages out and back allocate what that does by itself, and ${OWN_SLOTS} slots each`, async () => {
	const bare = await overSecureSocket();
	const used = await overTransport(new SecureSocketTransport({ host, port, noDelay: true, secure: { certificate: ca } }));
	trace(
		`a message: ${used.slots / ROUNDS} slots and ${used.chunks / ROUNDS} bytes, of which SecureSocket ${bare.slots / ROUNDS} and ${bare.chunks / ROUNDS}\n`,
	);
	ok(bare.slots > 0);
	equal(used.slots, bare.slots + OWN_SLOTS * ROUNDS, "slots");
	// SecureSocket.write makes garbage before it reads what it was given. A collection there takes what the stage does not use just then.
	ok(used.chunks >= bare.chunks && used.chunks <= bare.chunks + ROUNDS * (STAGE_SIZE + 40), `${used.chunks} of ${bare.chunks} chunk bytes`);
});
