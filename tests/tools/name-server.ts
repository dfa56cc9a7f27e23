/*
 * name-server.ts COMMAND…: runs a command in whose world 127.0.0.1 is the name server, and ends as it does. For `unshare`, with a network of
 * its own. Of a.test, b.test and so on, which have the addresses 10.0.0.1, 10.0.0.2 and so on, a.test is the slow one: it is answered when it
 * is asked for again after b.test was answered.
 */
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";

/** Where the question ends (RFC 1035, 4.1.2), and its name. */
function question(message: Buffer): { name: string; end: number } {
	const labels: string[] = [];
	let at = 12;
	for (let size = message.readUInt8(at); size; size = message.readUInt8(at)) {
		labels.push(message.toString("latin1", at + 1, at + 1 + size));
		at += size + 1;
	}
	return { name: labels.join("."), end: at + 5 };
}

function answer(message: Buffer): Buffer {
	const { name, end } = question(message);
	const header = Buffer.from([...message.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
	const letter = name.charCodeAt(0) - "a".charCodeAt(0) + 1;
	const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 10, 0, 0, letter]);
	return Buffer.concat([header, message.subarray(12, end), record]);
}

const answered = new Set<string>();
const server = createSocket("udp4", (message, { port, address }) => {
	const { name } = question(message);
	if (name === "a.test" && !answered.has("b.test")) return;
	answered.add(name);
	server.send(answer(message), port, address);
});
server.bind(53, "127.0.0.1");
await once(server, "listening");

const [command = "", ...args] = process.argv.slice(2);
const [status] = await once(spawn(command, args, { stdio: "inherit" }), "close");
server.close();
process.exitCode = status ?? 1;
