/* Plays cases: with whoever is there already, or with a server. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import type { Case, Status } from "./cases.peer.ts";
import { Failed, Late, Tested } from "./tested.peer.ts";
import { acceptOf, Violation } from "./wire.peer.ts";

export async function judge(one: Case, tested: Tested): Promise<Status> {
	try {
		await one.play(tested);
		return one.status ?? { behavior: "OK", behaviorClose: "OK" };
	} catch (error) {
		if (!(error instanceof Failed || error instanceof Violation)) throw error;
		// Of a wrong ending Autobahn's server says it in behaviorClose, too.
		const behaviorClose = error instanceof Failed ? error.close : "OK";
		return { behavior: "FAILED", behaviorClose, result: error.message, timeout: error instanceof Late || undefined };
	} finally {
		tested.release();
	}
}

/** Plays one case after the other, each on a connection of its own, and says how many, with a line for each that failed; one that takes too long is the last. */
export async function playAgainst(port: number, cases: readonly Case[], limitMs: number): Promise<string> {
	let result = `${cases.length} played`;
	for (const one of cases) {
		const status = await judge(one, await upgrade(port, limitMs));
		if (status.behavior !== "OK" || status.behaviorClose !== "OK") result += `\n${one.id} ${one.description}: ${status.result}`;
		if (status.timeout) break;
	}
	return result;
}

/** The opening handshake from the client's side (§4.1). */
async function upgrade(port: number, limitMs: number): Promise<Tested> {
	const key = randomBytes(16).toString("base64");
	const socket = connect(port, "127.0.0.1");
	socket.setTimeout(limitMs, () => socket.destroy(new Error("no answer to the upgrade")));
	socket.write(
		`GET /echo HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
	);
	let answer = Buffer.alloc(0);
	for (;;) {
		const [data] = (await once(socket, "data")) as [Buffer];
		answer = Buffer.concat([answer, data]);
		const end = answer.indexOf("\r\n\r\n");
		if (end < 0) continue;
		socket.setTimeout(0);
		const head = answer.toString("latin1", 0, end).split("\r\n");
		const wanted = ["upgrade: websocket", "connection: upgrade", `sec-websocket-accept: ${acceptOf(key)}`.toLowerCase()];
		const headers = head.slice(1).map((header) => header.toLowerCase());
		if (!head[0]?.startsWith("HTTP/1.1 101 ") || !wanted.every((header) => headers.includes(header)))
			throw new Error(`the server refused the upgrade: ${head.join(", ")}`);
		return new Tested(socket, answer.subarray(end + 4), limitMs, "server");
	}
}
