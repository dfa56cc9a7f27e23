/* With the Moddable SDK on this machine (MODDABLE, and its tools built): a firmware of ours in its simulator, and npm's ws. */
import { deepEqual, equal } from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";
import { startBroker } from "../../tools/broker.ts";
import { startEchoServer } from "./echo-server.ts";
import { simulated, skip } from "./simulated.ts";

for (const transport of ["tcp", "socket"])
	test(`in the simulator, over transport/${transport}: ws gets back what it sends, and a clean end`, { skip }, async (context) => {
		const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
		await once(server, "listening");
		context.after(() => {
			for (const socket of server.clients) socket.terminate();
			server.close();
		});
		const lines: string[] = [];
		const { port } = server.address() as AddressInfo;
		const app = simulated(context, ["--run", "tests/firmware/echo", `port=${port}`, `transport=${transport}`], (text) => lines.push(text));
		const early = app.ended.then((status) => Promise.reject(new Error(`ended with ${status}\n${app.stderr()}\n${lines.join("\n")}`)));
		const [socket] = (await Promise.race([once(server, "connection"), early])) as [WebSocket];
		const sent: Buffer[] = [];
		const came: Buffer[] = [];
		for (const length of [0, 1, 125, 126, 1000, 1024]) {
			sent.push(Buffer.alloc(length, length & 0xff));
			socket.send(sent.at(-1) as Buffer);
			const [data] = (await Promise.race([once(socket, "message"), early])) as [Buffer];
			came.push(data);
		}
		deepEqual(came, sent);
		// All at once, so that one piece of TCP has many frames.
		const all = new Promise<number>((resolve) => {
			let count = 0;
			socket.on("message", () => ++count === 50 && resolve(count));
		});
		for (let index = 0; index < 50; index++) socket.send(Buffer.alloc(index));
		equal(await Promise.race([all, early]), 50);
		socket.close(1000, "enough");
		deepEqual((await Promise.race([once(socket, "close"), early]))[0], 1000);
		app.stop();
		await app.ended;
		deepEqual(lines.slice(1, 3), ["open", "closed: 0 1000 enough"]);
	});

test("in the simulator, each of the three classes gets back from ws what it sends", { skip }, async (context) => {
	const server = await startEchoServer();
	context.after(() => server.close());
	const lines: string[] = [];
	let finish = () => {};
	const done = new Promise<void>((resolve) => {
		finish = resolve;
	});
	const app = simulated(context, ["--run", "tests/firmware/classes", `port=${new URL(server.url).port}`], (text) => {
		lines.push(text);
		if (text === "done") finish();
	});
	const early = app.ended.then((status) => Promise.reject(new Error(`ended with ${status}\n${app.stderr()}\n${lines.join("\n")}`)));
	await Promise.race([done, early]);
	app.stop();
	await app.ended;
	deepEqual(lines.slice(1), ["browser", "closed 1000", "ecma", "closed", "classic", "done"]);
});

test("in the simulator, the telemetry device joins a broker over WebSocket, and stops when it has measured", { skip }, async (context) => {
	const seen: string[] = [];
	const topics: string[] = [];
	const broker = await startBroker({ seen: (_, what) => seen.push(what), published: (topic) => topics.push(topic) });
	context.after(() => broker.stop());
	let stopped = () => {};
	const done = new Promise<void>((resolve) => {
		stopped = resolve;
	});
	const app = simulated(
		context,
		["--run", `url=${broker.url}`, "id=sim", "count=2", "interval=100"],
		(text) => text === "disconnected" && stopped(),
	);
	const early = app.ended.then((status) => Promise.reject(new Error(`ended with ${status}\n${app.stderr()}`)));
	await Promise.race([done, early]);
	app.stop();
	await app.ended;
	equal(seen[0], "joined");
	equal(topics.filter((topic) => topic === "xs/sim/measurement").length, 2);
});
