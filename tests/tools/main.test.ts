/* npm start and main.ts, the telemetry device: with the broker in its process, with others, with none, with a person at the keys. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { type BrokerOptions, startBroker } from "../../tools/broker.ts";
import { ensurePackage } from "../../tools/packages.ts";
import { freePorts } from "../../tools/ports.ts";
import { forEachLine } from "../../tools/run-device.ts";
import { NOBODY_PORT } from "../support/nobody.ts";
import { Started } from "./started.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const memory = /^memory: \d+\.\d KB of 64\.0 KB at peak \(\d+ %\): /;

/** A broker of this test, and what it keeps on the device's status. */
async function broker(context: TestContext, options: BrokerOptions = {}) {
	const started = await startBroker(options);
	context.after(() => started.stop());
	return started;
}

/** What a broker keeps on a topic. */
async function kept(url: string, topic: string, login: { username?: string; password?: string } = {}): Promise<string> {
	const client = await connectAsync(url, login);
	const message = new Promise<string>((resolve) => client.on("message", (_, payload) => resolve(payload.toString())));
	await client.subscribeAsync(topic);
	const text = await message;
	await client.endAsync(true);
	return text;
}

/** The processes that a process started and that live. */
const childrenOf = (pid: number | undefined): number[] =>
	readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** A program with a broker that can be stopped in the middle. */
const frozenBroker = (port: number) => `
	import("aedes").then(async ({ Aedes }) => {
		const aedes = await Aedes.createBroker();
		require("node:net").createServer(aedes.handle).listen(${port}, "127.0.0.1", () => console.log("up"));
	});
`;

test("a birth, measurements, memory, a goodbye; count=3 ends it, and the memory it took is the last line", async (context) => {
	const run = new Started(context, ["count=3", "interval=1000"]);
	equal(await run.status, 0, run.stderr);
	equal(run.stderr, "");
	deepEqual(run.published("status"), ["online", "offline"]);
	const measurements = run.published("measurement").map((text) => JSON.parse(text));
	deepEqual(
		measurements.map(({ n, led, dropped }) => ({ n, led, dropped })),
		[1, 2, 3].map((n) => ({ n, led: "off", dropped: 0 })),
	);
	ok(measurements[0].uptimeMs > 900 && measurements[2].uptimeMs > measurements[1].uptimeMs);
	equal("roundTripMs" in measurements[0], false);
	ok(measurements[2].roundTripMs >= 0 && measurements[2].bytesOut > measurements[1].bytesOut);
	for (const text of run.published("memory")) {
		const { slots, chunks, stack, collections } = JSON.parse(text);
		ok(slots > 1000 && chunks > 1000 && stack > 1000 && collections >= 0, text);
	}
	equal(run.published("memory").length, 3);
	match(run.lines.at(-1) ?? "", memory);
	match(run.lines[1] ?? "", /mosquitto_pub -p \d+ -t xs\/desk\/command -m 'led on'$/);
});

test("commands from a pipe wait for the device; nonsense is answered, and stop ends it", async (context) => {
	const run = new Started(context, ["interval=100"]);
	const long = "x".repeat(200);
	run.type(`led on\n\ninterval 60\nhelp\nled\ninterval 1\ninterval 1e3\n__proto__\nGrüße\n${long}\n`);
	await run.line(/waits until the device is online$/);
	for (let i = 0; i < 9; i++) await run.line(/^xs\/desk\/reply /);
	await run.line(/^xs\/desk\/measurement .*"led":"on"/);
	run.type("stop\n");
	equal(await run.status, 0, run.stderr);
	equal(run.stderr, "");
	const replies = run.published("reply").map((text) => JSON.parse(text));
	deepEqual(
		replies.map(({ command, error }) => [command, error]),
		[
			["led on", undefined],
			["interval 60", undefined],
			["help", undefined],
			...["led", "interval 1", "interval 1e3", "__proto__", "Grüße"].map((command) => [
				command,
				command.startsWith("interval")
					? "interval: a whole number from 50 to 3600000, or 0"
					: `no such command, there are: ${replies[2].done}`,
			]),
			[undefined, "200 bytes are too long for a command"],
			["stop", undefined],
		],
	);
	match(replies[2].done, /^interval <ms>, led on, led off, stop, help$/);
	deepEqual(run.published("status"), ["online", "offline"]);
});

test("bytes that are no text, and a command that the broker kept, are refused and end nothing", async (context) => {
	const { url } = await broker(context);
	const client = await connectAsync(url);
	await client.publishAsync("xs/odd/command", "stop", { retain: true });
	const run = new Started(context, [`url=${url}`, "id=odd", "interval=100"]);
	await run.line(/^xs\/odd\/reply .*"error":"ignored, for the broker kept it from another time"/);
	await client.publishAsync("xs/odd/command", Buffer.from([0xff, 0xfe, 0x1b, 0x5b]));
	match((await run.line(/^xs\/odd\/reply +(.*)$/))[1] as string, /"error":/);
	await client.publishAsync("xs/odd/command", "");
	await run.line(/^xs\/odd\/reply .*no such command/);
	await client.publishAsync("xs/odd/command", "\u001b[2J");
	await run.line(/^xs\/odd\/reply .*no such command/);
	await run.line(/^xs\/odd\/measurement/);
	await client.publishAsync("xs/odd/command", "stop");
	equal(await run.status, 0, run.stderr);
	ok(run.lines.every((line) => !line.includes("\u001b")));
	await client.endAsync(true);
});

test("the broker crashes and comes back: every measurement arrives, and commands are obeyed again", async (context) => {
	const run = new Started(context, ["interval=120"]);
	for (const again of [false, true]) {
		await run.line(/^xs\/desk\/measurement/);
		run.type("broker stop\n");
		await run.line(/^broker .*stopped/);
		await run.line(/^device .*next attempt in \d+ ms$/);
		for (let i = 0; i < 4; i++) await run.line(/^device +measurement \d+ waits for the broker$/);
		run.type("broker start\n");
		await run.line(/^device +connected$/);
		run.type(again ? "led off\n" : "led on\n");
		await run.line(again ? /^xs\/desk\/reply .*"led off"/ : /^xs\/desk\/reply .*"led on"/);
	}
	run.child.kill("SIGINT");
	equal(await run.status, 0, run.stderr);
	const numbers = new Set(run.published("measurement").map((text) => JSON.parse(text).n));
	for (let n = 1; n <= numbers.size; n++) ok(numbers.has(n), `measurement ${n} of ${numbers.size} is missing`);
	equal(run.published("status").at(-1), "offline");
});

test("interval=0: the next measurement when the broker has the last, also after a crash of the broker", async (context) => {
	const run = new Started(context, ["interval=0"]);
	await run.line(/^xs\/desk\/measurement +{"n":20,/);
	run.type("broker stop\n");
	await run.line(/^broker .*stopped/);
	run.type("broker start\n");
	await run.line(/^xs\/desk\/measurement +{"n":300,/);
	run.type("stop\n");
	equal(await run.status, 0, run.stderr);
	const measurements = run.published("measurement").map((text) => JSON.parse(text));
	const numbers = new Set(measurements.map(({ n }) => n));
	for (let n = 1; n <= 300; n++) ok(numbers.has(n), `measurement ${n} is missing`);
	ok(measurements.every(({ dropped }) => dropped === 0));
});

test("the command interval 0, and back", async (context) => {
	const run = new Started(context, ["interval=100"]);
	run.type("interval 0\n");
	await run.line(/^xs\/desk\/reply .*the next measurement when/);
	for (let i = 0; i < 50; i++) await run.line(/^xs\/desk\/measurement/);
	run.type("interval 60\n");
	await run.line(/^xs\/desk\/reply .*every 60 ms/);
	for (let i = 0; i < 3; i++) await run.line(/^xs\/desk\/measurement/);
	run.child.kill("SIGINT");
	equal(await run.status, 0, run.stderr);
});

test("the broker is away for longer than the store has room: measurements are dropped, and counted", async (context) => {
	const run = new Started(context, ["interval=50"]);
	await run.line(/^xs\/desk\/measurement/);
	run.type("broker stop\n");
	const [, first] = await run.line(/^device +measurement (\d+) is dropped: the store is full$/);
	run.type("broker start\n");
	await run.line(/^device +connected$/);
	await run.line(/^xs\/desk\/measurement .*"dropped":[1-9]/);
	run.child.kill("SIGINT");
	equal(await run.status, 0, run.stderr);
	const numbers = run.published("measurement").map((text) => JSON.parse(text).n);
	for (let n = 1; n < Number(first); n++) ok(numbers.includes(n), `measurement ${n} is missing, ${first} was the first to be dropped`);
});

for (const transport of ["tcp", "socket"])
	for (const scheme of ["ws", "mqtt"])
		test(`another broker, with user and password: ${scheme}://, transport=${transport}`, async (context) => {
			const { url, port } = await broker(context, { login: { user: "me", password: "secret" } });
			const to = scheme === "ws" ? url : `mqtt://127.0.0.1:${port}`;
			const run = new Started(context, [`url=${to}`, "user=me", "password=secret", "id=s-7", `transport=${transport}`, "interval=100"]);
			await run.stopAtWork(2);
			deepEqual(run.published("status"), ["online", "offline"]);
			equal(await kept(url, "xs/s-7/status", { username: "me", password: "secret" }), "offline");
		});

test("without an id, other brokers see one that is this user's on this machine", async (context) => {
	const joined = new Set<string>();
	const { url } = await broker(context, { seen: (id) => void (id.startsWith("operator") || joined.add(id)) });
	for (let i = 0; i < 2; i++) equal(await new Started(context, [`url=${url}`, "interval=50", "count=1"]).status, 0);
	equal(joined.size, 1);
	match([...joined][0] ?? "", /^desk-[0-9a-f]{6}$/);
});

test("mosquitto, over WebSocket: measurements, a command of mosquitto_pub, a wrong password", async (context) => {
	for (const name of ["mosquitto", "mosquitto-clients"]) if (!(await ensurePackage(name))) return context.skip(`${name} is missing`);
	const path = `${process.env.PATH}:/usr/sbin`;
	const [plain, web] = await freePorts(2);
	const folder = temporaryFolder(context, {
		"mosquitto.conf": `${process.getuid?.() === 0 ? "user root\n" : ""}allow_anonymous false\nlistener ${plain} 127.0.0.1\nlistener ${web} 127.0.0.1\nprotocol websockets\n`,
	});
	const passwords = join(folder, "passwords");
	equal(spawnSync("mosquitto_passwd", ["-c", "-b", passwords, "me", "secret"]).status, 0);
	const args = ["-c", join(folder, "mosquitto.conf")];
	spawnSync("sh", ["-c", `echo "password_file ${passwords}" >> ${args[1]}`]);
	const server = spawn("mosquitto", args, { env: { ...process.env, PATH: path }, stdio: ["ignore", "ignore", "pipe"] });
	context.after(() => server.kill("SIGKILL"));
	await new Promise<void>((running, failed) => {
		forEachLine(server.stderr, (line) => line.endsWith("running") && running());
		server.on("exit", () => failed(new Error("mosquitto did not start")));
	});

	const url = `url=ws://127.0.0.1:${web}/mqtt`;
	const run = new Started(context, [url, "user=me", "password=secret", "id=m", "interval=100"]);
	await run.line(/^xs\/m\/measurement/);
	const publish = ["-p", String(plain), "-u", "me", "-P", "secret", "-t", "xs/m/command", "-m", "led on"];
	equal(spawnSync("mosquitto_pub", publish).status, 0);
	await run.line(/^xs\/m\/measurement .*"led":"on"/);
	run.child.kill("SIGINT");
	equal(await run.status, 0, run.stderr);
	deepEqual(run.published("status"), ["online", "offline"]);

	const wrong = new Started(context, [url, "user=me", "password=wrong"]);
	equal(await wrong.status, 1);
	match(wrong.stderr, /^error: uncaught Error: the broker refused the connection: (not authorized|wrong user or password)\n$/);
	server.kill("SIGTERM");
});

test("a broker that allows no subscription: the device publishes, and says that it gets no commands", async (context) => {
	const aedes = await Aedes.createBroker({ authorizeSubscribe: (_client, _subscription, done) => done(null, null) });
	const server = createServer(aedes.handle).listen(0, "127.0.0.1");
	await once(server, "listening");
	context.after(() => aedes.close(() => server.close()));
	const run = new Started(context, [`url=mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, "interval=50"]);
	await run.line(/^device +the broker allows no commands$/);
	run.child.kill("SIGINT");
	equal(await run.status, 0, run.stderr);
});

test("a wrong password ends it with a reason", async (context) => {
	const { url } = await broker(context, { login: { user: "me", password: "secret" } });
	for (const login of [["user=me", "password=wrong"], []]) {
		const run = new Started(context, [`url=${url}`, ...login]);
		equal(await run.status, 1);
		equal(run.stderr, "error: uncaught Error: the broker refused the connection: not authorized\n");
	}
});

test("no broker: it keeps trying, attempts=2 gives up, Ctrl-C ends it at once", async (context) => {
	const port = NOBODY_PORT;
	const none = /no TCP connection: refused or unreachable/;
	const given = new Started(context, [`url=ws://127.0.0.1:${port}/mqtt`, "attempts=2"]);
	equal(await given.status, 1);
	match(given.stderr, /^error: uncaught Error: no TCP connection: refused or unreachable; gave up after 2 attempts\n$/);
	equal(given.lines.filter((line) => none.test(line)).length, 1);

	const patient = new Started(context, [`url=mqtt://127.0.0.1:${port}`]);
	for (let i = 0; i < 3; i++) await patient.line(/no TCP connection: refused or unreachable; next attempt in \d+ ms$/);
	patient.child.kill("SIGINT");
	equal(await patient.status, 0, patient.stderr);
	match(patient.lines.at(-1) ?? "", memory);
});

test("something else than a broker", async (context) => {
	for (const [answer, url, message] of [
		["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "ws", /refused the upgrade \(HTTP status 404\)/],
		["SSH-2.0-x\r\n", "ws", /the answer is not HTTP/],
		["SSH-2.0-x\r\n", "mqtt", /gave up after 1 attempts/],
	] as const) {
		const server = createServer((socket) => socket.on("error", () => {}).end(answer)).listen(0, "127.0.0.1");
		await once(server, "listening");
		context.after(() => server.close());
		const run = new Started(context, [`url=${url}://127.0.0.1:${(server.address() as AddressInfo).port}`, "attempts=1"]);
		equal(await run.status, 1);
		match(run.stderr, /^error: [^\n]*\n$/);
		match(run.stderr, message);
	}
});

test("a host that has no address", async (context) => {
	const run = new Started(context, ["url=ws://nobody.invalid/mqtt", "attempts=1"]);
	equal(await run.status, 1);
	match(run.stderr, /^error: [^\n]*name does not resolve[^\n]*\n$/);
});

test("settings that are wrong: one line", async (context) => {
	for (const [setting, message] of [
		["url=", /no url: add url=ws:\/\//],
		["url=http://h/", /not a broker's url/],
		["url=ws://", /not a broker's url/],
		["url=ws://h:99999/", /not a broker's url/],
		["url=ws://a b/", /not a broker's url/],
		["url=mqtt://h/path", /not a broker's url/],
		["id=a/b", /id: 1 to 64 letters/],
		["transport=udp", /transport=udp: it is tcp or socket/],
		["interval=1", /interval: a whole number from 50/],
		["count=many", /count: a whole number/],
		["attempts=-1", /attempts: a whole number/],
		["password=secret", /password: it needs a user/],
	] as const) {
		const run = new Started(context, [setting]);
		equal(await run.status, 1, setting);
		match(run.stderr, /^error: [^\n]*\n$/);
		match(run.stderr, message);
	}
	const run = new Started(context, ["url=ws://me:secret@h/mqtt"]);
	equal(await run.status, 1);
	match(run.stderr, /url: its password would go unencrypted: .*insecurePassword=yes if that is meant\n$/);
	ok(![run.stderr, ...run.lines].some((line) => line.includes("secret")));
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
	test(`${signal}: the device says goodbye, and nothing is left`, async (context) => {
		const { url } = await broker(context);
		const run = new Started(context, [`url=${url}`, "id=bye", "interval=50"]);
		run.child.stdin?.end();
		await run.line(/^xs\/bye\/measurement/);
		const [device] = childrenOf(run.child.pid);
		equal(await kept(url, "xs/bye/status"), "online");
		run.child.kill(signal);
		equal(await run.status, 0, run.stderr);
		equal(run.stderr, "");
		equal(await kept(url, "xs/bye/status"), "offline");
		equal(existsSync(`/proc/${device}`), false);
		match(run.lines.at(-1) ?? "", memory);
	});

test("a second Ctrl-C ends it at once, although the broker does not answer any more", async (context) => {
	const [port] = (await freePorts(1)) as [number];
	const server = spawn(process.execPath, ["-e", frozenBroker(port)], { stdio: ["ignore", "pipe", "inherit"] });
	context.after(() => server.kill("SIGKILL"));
	await once(server.stdout, "data");
	const run = new Started(context, [`url=mqtt://127.0.0.1:${port}`, "id=stuck", "interval=50"]);
	await run.line(/^xs\/stuck\/measurement/);
	server.kill("SIGSTOP");
	const [device] = childrenOf(run.child.pid);
	run.child.kill("SIGINT");
	await run.line(/^you +stop: /);
	// Not when the device is gone: Node.js gives its signal handlers up some time before a process has ended.
	const again = setInterval(() => existsSync(`/proc/${device}`) && run.child.kill("SIGINT"), 50);
	context.after(() => clearInterval(again));
	equal(await run.status, 130, run.stderr);
	equal(run.stderr, "");
	equal(existsSync(`/proc/${device}`), false);
});

test("killed, npm start leaves no device behind, and the broker tells that it is offline", async (context) => {
	const { url } = await broker(context);
	const run = new Started(context, [`url=${url}`, "id=gone", "interval=50"]);
	await run.line(/^xs\/gone\/measurement/);
	const client = await connectAsync(url);
	const offline = new Promise<void>((told) => client.on("message", (_, payload) => payload.toString() === "offline" && told()));
	await client.subscribeAsync("xs/gone/status");
	run.child.kill("SIGKILL");
	await offline;
	await client.endAsync(true);
});

test("whoever reads the output has read enough, as in npm start | head: the device says goodbye", async (context) => {
	const published: string[] = [];
	const { url } = await broker(context, { published: (topic, text) => published.push(`${topic} ${text}`) });
	const run = new Started(context, [`url=${url}`, "id=head", "interval=50"]);
	await run.line(/^xs\/head\/measurement/);
	run.child.stdout?.destroy();
	equal((await once(run.child, "exit"))[0], 0);
	equal(run.stderr, "");
	ok(published.includes('xs/head/reply {"command":"stop","done":"stopping"}'));
});

test("at a terminal: a command is typed, Ctrl-C stops, and so does Ctrl-D", async (context) => {
	for (const key of ["\u0003", "\u0004"]) {
		const run = new Started(context, ["interval=100"], { terminal: true });
		await run.line(/xs\/desk\/status +online/);
		run.type("led on\r");
		await run.line(/xs\/desk\/measurement .*"led":"on"/);
		run.type(key);
		equal(await run.status, 0, run.lines.join("\n"));
		ok(run.lines.some((line) => /xs\/desk\/status +offline/.test(line)));
		ok(run.lines.some((line) => line.includes("memory: ")));
	}
});
