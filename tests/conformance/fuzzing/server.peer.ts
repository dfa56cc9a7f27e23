/*
 * A fuzzing server with the control urls of Autobahn's: /getCaseCount, /runCase?case=1&agent=a, /getCaseInfo?case=1,
 * /getCaseStatus?case=1&agent=a, /updateReports?agent=a. Besides what Autobahn's says, a status has `behaviorClose` and, of a case that
 * failed, `result`. It listens on this machine only. And /playServer?port=1&first=1&count=1 turns the tables: it connects to a server there,
 * plays the cases for servers, and answers how many, and what failed.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Case, casesFor, everyCase, type Status } from "./cases.peer.ts";
import { judge, playAgainst } from "./play.peer.ts";
import { Tested } from "./tested.peer.ts";
import { acceptOf, BINARY, CLOSE, closeBody, frame, TEXT } from "./wire.peer.ts";

export interface FuzzingServer {
	url: string;
	port: number;
	/** The agents whose reports were asked for. */
	reports: string[];
	close(): Promise<void>;
}

export interface FuzzingOptions {
	cases?: readonly Case[];
	/** For each case; the standard server has limits between 1 s and 1000 s. */
	limitMs?: number;
}

/** A case that no client passes: for tests of those who read the results. */
export const impossible: Case = {
	id: "1.999",
	description: "wants back what was never sent",
	async play(client) {
		client.send(frame(TEXT, "sent"));
		await client.expectEcho(BINARY, "never sent");
	},
};

/** A case during which the server goes away, with all connections. */
export const fatal = (server: () => FuzzingServer): Case => ({
	id: "1.998",
	description: "the server goes away",
	play: () => server().close(),
});

/** The request's path, once it is the upgrade that RFC 6455 §4.1 wants of a client; otherwise what is wrong with it. */
function readRequest(head: string): { path: string; key: string } | string {
	const [line = "", ...rest] = head.split("\r\n");
	const [, path] = /^GET (\/\S*) HTTP\/1\.1$/.exec(line) ?? [];
	if (path === undefined) return `request line "${line}"`;
	const headers = new Map<string, string>();
	for (const header of rest) {
		const [, name = "", value = ""] = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/.exec(header) ?? [];
		if (!name || headers.has(name.toLowerCase())) return `header "${header}"`;
		headers.set(name.toLowerCase(), value);
	}
	const has = (name: string, token: string) =>
		(headers.get(name) ?? "")
			.toLowerCase()
			.split(",")
			.some((one) => one.trim() === token);
	if (!headers.get("host")) return "no Host";
	if (!has("upgrade", "websocket") || !has("connection", "upgrade")) return "no upgrade";
	if (headers.get("sec-websocket-version") !== "13") return "another version than 13";
	const key = headers.get("sec-websocket-key") ?? "";
	if (!/^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key)) return `key "${key}"`;
	return { path, key };
}

export async function startFuzzingServer({ cases = everyCase, limitMs = 30_000 }: FuzzingOptions = {}): Promise<FuzzingServer> {
	const statuses = new Map<string, Promise<Status>>();
	const sockets = new Set<Socket>();
	const keys = new Set<string>();
	const reports: string[] = [];

	/** What the path asks for: a case to be played, or the answer to a question. */
	function route(path: string): { one: Case; of: string } | { answer: () => Promise<string> | string } | undefined {
		const url = new URL(path, "ws://localhost");
		const agent = url.searchParams.get("agent") ?? "";
		const one = cases[Number(url.searchParams.get("case")) - 1];
		const of = `${agent} ${url.searchParams.get("case")}`;
		switch (url.pathname) {
			case "/getCaseCount":
				return { answer: () => String(cases.length) };
			case "/runCase":
				return one && agent ? { one, of } : undefined;
			case "/getCaseInfo":
				return one && { answer: () => JSON.stringify({ id: one.id, description: one.description }) };
			case "/getCaseStatus": {
				const status = statuses.get(of);
				return status && { answer: async () => JSON.stringify(await status) };
			}
			case "/playServer": {
				const [first = 1, count = 0] = ["first", "count"].map((name) => Number(url.searchParams.get(name)));
				const played = casesFor("server").slice(first - 1, first - 1 + count);
				return { answer: () => playAgainst(Number(url.searchParams.get("port")), played, limitMs) };
			}
			case "/updateReports":
				reports.push(agent);
				return { answer: () => "" };
			default:
				return undefined;
		}
	}

	async function serve(socket: Socket, head: string, rest: Buffer): Promise<void> {
		const request = readRequest(head);
		const wrong = typeof request === "string" ? request : keys.has(request.key) ? `the key ${request.key} for the second time` : "";
		const route_ = typeof request === "string" || wrong ? undefined : route(request.path);
		if (typeof request === "string" || !route_) {
			socket.end(`HTTP/1.1 ${wrong ? "400 Bad Request" : "404 Not Found"}\r\nContent-Length: ${wrong.length}\r\n\r\n${wrong}`);
			return;
		}
		keys.add(request.key);
		socket.write(
			`HTTP/1.1 101 Switching Protocols\r\nServer: fuzzing\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(request.key)}\r\n\r\n`,
		);
		const client = new Tested(socket, rest, limitMs);
		if ("one" in route_) {
			const status = judge(route_.one, client);
			statuses.set(route_.of, status);
			await status;
			return;
		}
		const text = await route_.answer();
		client.send(text ? frame(TEXT, text) : Buffer.alloc(0), frame(CLOSE, closeBody(1000)));
		await client.expectClose([1000]).catch(() => {});
		client.release();
	}

	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => {});
		let received = Buffer.alloc(0);
		const read = (data: Buffer) => {
			received = Buffer.concat([received, data]);
			const end = received.indexOf("\r\n\r\n");
			if (end < 0) return;
			socket.off("data", read);
			void serve(socket, received.toString("latin1", 0, end), received.subarray(end + 4));
		};
		socket.on("data", read);
	});
	await new Promise<void>((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `ws://127.0.0.1:${port}`,
		port,
		reports,
		close() {
			const closed = new Promise<void>((resolve) => server.close(() => resolve()));
			for (const socket of sockets) socket.destroy();
			return closed;
		},
	};
}
