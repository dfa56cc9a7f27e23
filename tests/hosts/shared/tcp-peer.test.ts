/* ECMA-419 TCP against a server of another make. */
import TCP from "embedded:io/socket/tcp";
import config from "mc/config";
import { equal, ok, test, throws } from "test";
import { bytes, End, text } from "./ends";
import { taken } from "./scripted";

const { port, receiveBuffer } = config as { port: number; receiveBuffer: number };
const address = "127.0.0.1";
const sendBuffer = 8 * 1460;

async function say(line: string): Promise<End> {
	const end = new End({ address, port });
	await end.events.next();
	end.write(bytes(`${line}\n`));
	await taken(line, end.events, "writable ");
	return end;
}

const available = (event: string): number => (event.startsWith("readable ") ? Number(event.slice(9)) : 0);

/** Reads to the end, `count` being what was read before; how many bytes came, and that they count 0 1 2 …. */
async function drain(end: End, count = 0): Promise<number> {
	for (;;) {
		const some = end.read() as ArrayBuffer | undefined;
		if (some) {
			const part = new Uint8Array(some);
			ok(part.length <= receiveBuffer, "more than the receive buffer holds");
			for (const byte of part) if (byte !== (count++ & 255)) throw new Error(`byte ${count - 1} is wrong`);
		} else if ((await end.events.next()) === "error") return count;
	}
}

test("a megabyte comes in order, then the end", async () => {
	const end = await say("send 1000000");
	equal(await drain(end), 1_000_000);
	end.close();
});

test("data before a reset is read first", async () => {
	const end = await say("reset 5000");
	while (!end.read(1)) await end.events.next();
	end.write(bytes("x"));
	(await say("echo")).close();
	equal(await drain(end, 1), 5000);
	throws(() => end.write(bytes("x")), "not ready");
	end.close();
});

test("unread bytes fill the receive buffer and no more; the rest comes when it is read", async () => {
	const end = await say("send 100000");
	let told = 0;
	while (told < receiveBuffer) told = available(await end.events.next());
	equal(told, receiveBuffer);
	/* Another connection works meanwhile, and nothing more is told on this one. */
	const other = await say("echo");
	other.write(bytes("x"));
	await other.events.next();
	other.close();
	equal(end.events.length, 0);
	const first = end.read() as ArrayBuffer;
	equal(first.byteLength, receiveBuffer);
	let count = first.byteLength;
	for (let event = await end.events.next(); event !== "error"; event = await end.events.next())
		if (available(event)) count += (end.read() as ArrayBuffer).byteLength;
	equal(count, 100_000);
	end.close();
});

/** What the server counted on the oldest connection that nobody asked about yet. */
async function result(): Promise<string> {
	const end = await say("result");
	let answer = "";
	for (let event = ""; event !== "error"; event = await end.events.next()) {
		const some = end.read();
		if (some) answer += text(some);
	}
	end.close();
	return answer;
}

/** A round trip, in which the loop serves whatever else is ready. */
async function breathe(): Promise<void> {
	const end = await say("echo");
	end.write(bytes("x"));
	while (!available(await end.events.next()));
	end.read();
	end.close();
}

/** Writes 0 1 2 … until there is no room; returns what was written in all. */
function fill(end: End, written: number): number {
	const block = new Uint8Array(1024);
	for (let room = sendBuffer; room >= block.length; written += block.length) {
		for (let index = 0; index < block.length; index++) block[index] = (written + index) & 255;
		try {
			room = end.write(block);
		} catch {
			break;
		}
	}
	return written;
}

test("a peer that does not read stops the writing; what was written before close still arrives", async () => {
	const end = await say("hold");
	/* While the peer's window is open the kernel takes everything; when nothing is told any more, it is shut. */
	let written = fill(end, 0);
	for (let quiet = 0; quiet < 3; ) {
		await breathe();
		if (end.events.length === 0) quiet++;
		else quiet = 0;
		while (end.events.length) await end.events.next();
		written = fill(end, written);
	}
	throws(() => end.write(new Uint8Array(1024)), "would block");
	/* The send buffer is full and goes on in the background. */
	end.close();
	(await say("release")).close();
	equal(await result(), `${written} true`);
});

test("writing goes on when the peer reads again", async () => {
	const end = await say("hold");
	let written = fill(end, 0);
	for (let quiet = 0; quiet < 3; ) {
		await breathe();
		if (end.events.length === 0) quiet++;
		else quiet = 0;
		while (end.events.length) await end.events.next();
		written = fill(end, written);
	}
	const blocked = written;
	(await say("release")).close();
	while (written < blocked + 100 * 1024) {
		ok((await end.events.next()).startsWith("writable "));
		written = fill(end, written);
	}
	end.close();
	equal(await result(), `${written} true`);
});

test("a full send buffer written and closed at once arrives", async () => {
	const data = new Uint8Array(sendBuffer - 1024);
	for (let index = 0; index < data.length; index++) data[index] = index & 255;
	for (let index = 0; index < 8; index++) {
		const end = await say("count");
		end.write(data);
		end.close();
		equal(await result(), `${data.length} true`);
	}
});

test("an end closed while connecting tells nothing", async () => {
	const told: string[] = [];
	const tcp = new TCP({
		address,
		port,
		onWritable() {
			told.push("writable");
		},
		onError() {
			told.push("error");
		},
	});
	tcp.close();
	const other = await say("echo");
	other.write(bytes("ping"));
	equal(await other.events.find((event) => event !== "readable 4"), `writable ${sendBuffer}`);
	equal(await other.events.next(), "readable 4");
	equal(text(other.read()), "ping");
	other.close();
	equal(told.length, 0);
});
