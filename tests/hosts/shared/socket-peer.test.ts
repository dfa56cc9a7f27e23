/* The classic socket against a server of another make. */
import config from "mc/config";
import { Socket } from "socket";
import { equal, ok, test, throws } from "test";
import { type End, record } from "./classic-ends";
import { taken } from "./scripted";

const { port } = config as { port: number };
const sendBuffer = 8 * 1460;

async function say(line: string): Promise<End> {
	const socket = new Socket({ host: "127.0.0.1", port });
	const end = { socket, events: record(socket) };
	await end.events.next();
	socket.write(line, 10);
	await taken(line, end.events, "3 ");
	return end;
}

/** Reads to the end: how many bytes came, and what the last message was. */
async function drain({ socket, events }: End): Promise<string> {
	let count = 0;
	for (;;) {
		const many = Number(socket.read());
		if (!many) {
			const event = await events.next();
			if (event.startsWith("-")) return `${count} ${event}`;
			continue;
		}
		if (many > 1460) throw new Error(`a fragment of ${many} bytes`);
		const bytes = new Uint8Array(socket.read(ArrayBuffer));
		if (bytes.length !== many) throw new Error(`read ${bytes.length} of ${many} bytes`);
		for (let index = 0; index < many; index++) if (bytes[index] !== (count++ & 255)) throw new Error(`byte ${count - 1} is wrong`);
	}
}

test("a megabyte comes in fragments and in order, then the end", async () => {
	const end = await say("send 1000000");
	equal(await drain(end), "1000000 -1");
	end.socket.close();
});

test("data before a reset is read first, and the reset is an error", async () => {
	const end = await say("reset 5000");
	while (!end.socket.read()) await end.events.next();
	end.socket.write("x");
	(await say("echo")).socket.close();
	equal(await drain(end), "5000 -2");
	equal(end.socket.write(), 0);
	end.socket.close();
});

test("a fragment nobody reads stays, and nothing more is offered", async () => {
	const end = await say("send 50000");
	equal(await end.events.next(), "2 1460");
	for (let trip = 0; trip < 3; trip++) {
		const other = await say("echo");
		other.socket.write("x");
		while ((await other.events.next()) !== "2 1");
		other.socket.read(null);
		other.socket.close();
	}
	equal(end.events.length, 0);
	equal(end.socket.read(), 1460);
	end.socket.close();
});

test("3 is told when all that was written has left", async () => {
	const end = await say("hold");
	const block = new Uint8Array(1024);
	let written = 0;
	const fill = () => {
		for (; end.socket.write() >= block.length; written += block.length) {
			for (let index = 0; index < block.length; index++) block[index] = (written + index) & 255;
			end.socket.write(block);
		}
	};
	fill();
	for (let quiet = 0; quiet < 3; ) {
		const other = await say("echo");
		other.socket.close();
		if (end.events.length === 0) quiet++;
		else quiet = 0;
		while (end.events.length) equal(await end.events.next(), `3 ${sendBuffer}`);
		fill();
	}
	throws(() => end.socket.write(block), "can't write all data");
	(await say("release")).socket.close();
	equal(await end.events.next(), `3 ${sendBuffer}`);
	ok(written > sendBuffer);
	end.socket.close();

	const result = await say("result");
	while (!result.socket.read()) await result.events.next();
	equal(result.socket.read(String), `${written} true`);
	result.socket.close();
});
