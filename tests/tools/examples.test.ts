/* What the READMEs show as code compiles, and does what they say. */
import { deepEqual, equal } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { connectAsync } from "mqtt";
import { WebSocket, WebSocketServer } from "ws";
import { startBroker } from "../../tools/broker.ts";
import { capture } from "../../tools/command.ts";
import { build, filesBelow, root } from "../../tools/repository.ts";
import { forEachLine } from "../../tools/run-device.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const plural = (lines: string[]) => lines.join("\n");

interface Example {
	/** "README.md-line-33": the fence that it begins with. */
	name: string;
	/** With empty lines before it, so that a message has the README's line. */
	text: string;
}

const examples: Example[] = ["README.md", ...filesBelow(join(root, "modules")).map((path) => relative(root, path))]
	.filter((path) => path.endsWith("README.md"))
	.flatMap((path) => {
		const text = readFileSync(join(root, path), "utf8");
		return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: code = "", index }) => {
			const line = text.slice(0, index).split("\n").length;
			return { name: `${path.replaceAll("/", "-")}-line-${line}`, text: `${"\n".repeat(line)}${code}` };
		});
	});

test("the code in the READMEs compiles", async (context) => {
	const folder = join(build, `examples.${process.pid}`);
	mkdirSync(folder, { recursive: true });
	context.after(() => rmSync(folder, { recursive: true, force: true }));
	// Each is a module of its own.
	for (const { name, text } of examples) writeFileSync(join(folder, `${name}.ts`), `${text}\nexport {};\n`);
	const files = examples.map(({ name }) => `${name}.ts`);
	const config = {
		extends: "../../tsconfig.json",
		compilerOptions: { noUnusedLocals: false },
		files,
		include: ["../../typings"],
	};
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
	const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
	const { status, stdout, stderr } = await capture(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder });
	equal(status, 0, stdout + stderr);
});

/**
 * Starts an example with `change` made to it; `line` gets what it prints. It is found by what is in it, in any README or, before a colon, in
 * one: "README.md: new Client(".
 */
function start(
	context: TestContext,
	wanted: string,
	change: (text: string) => string,
	line: (text: string) => void,
): Promise<number | null> {
	const [, file = "", part = ""] = /^(?:(\S+\.md): )?(.*)$/s.exec(wanted) ?? [];
	const found = examples.filter(({ name, text }) => name.startsWith(file.replaceAll("/", "-")) && text.includes(part));
	equal(found.length, 1, `${found.length} examples have ${wanted}`);
	const changed = change(found[0]?.text ?? "");
	const folder = temporaryFolder(context, { "example.ts": changed });
	const command = [join(root, "tools", "bootstrap.mjs"), "device", join(folder, "example.ts")];
	const child = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
	context.after(() => child.kill());
	forEachLine(child.stdout, line);
	forEachLine(child.stderr, line);
	return new Promise((resolve) => child.on("close", resolve));
}

async function serverOf(context: TestContext, message: (socket: WebSocket, data: Buffer) => void): Promise<(text: string) => string> {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	await once(server, "listening");
	context.after(() => {
		for (const socket of server.clients) socket.terminate();
		server.close();
	});
	server.on("connection", (socket) => socket.on("message", (data: Buffer) => message(socket, data)));
	const { port } = server.address() as AddressInfo;
	return (text) => {
		const [, options, url] = /(host: "example\.com", port: 80)|(ws:\/\/example\.com\/)/.exec(text) ?? [];
		equal((options ?? url) !== undefined, true, "the example connects to another place");
		return options ? text.replace(options, `host: "127.0.0.1", port: ${port}`) : text.replace(url as string, `ws://127.0.0.1:${port}/`);
	};
}

test("the client of README.md does what it says", async (context) => {
	const lines: string[] = [];
	const change = await serverOf(context, (socket, data) => {
		socket.send(data);
		socket.close(4000, "bye");
	});
	equal(
		await start(context, 'new SocketTransport({ host: "example.com", port: 80, noDelay: true });\nconst message', change, (text) =>
			lines.push(text),
		),
		0,
		plural(lines),
	);
	deepEqual(lines, ["5 bytes", "closed: 4000 bye"]);
});

test("the client without a Promise, in the room's README.md, sends its picture through a small buffer", async (context) => {
	const lines: string[] = [];
	const lengths: number[] = [];
	const change = await serverOf(context, (_, data) => lengths.push(data.length));
	equal(await start(context, "websocketConnectStart(", change, (text) => lines.push(text)), 0, plural(lines));
	deepEqual(lines, ["0, clean"]);
	deepEqual(lengths, [20_000]);
});

for (const [part, ...said] of [
	["README.md: bytes came", "5 bytes came"],
	["README.md: new WebSocket(", "hello", "closed: 1000 that was all"],
	["README.md: new WebSocketClient(", "hello", "closed"],
	["README.md: new Client(", "hello", "closed: bye"],
	["modules/websocket-web/README.md: new WebSocket(", "hello", "closed: 1000 that was all true"],
	["modules/websocket-client/README.md: new WebSocketClient(", "hello", "closed"],
	["modules/websocket-classic/README.md: new Client(", "hello", "closed: bye"],
] as const)
	test(`the ten lines of ${part.replace(/:.*/, "")} with "${part.replace(/.*: /, "")}" do what they say`, async (context) => {
		const lines: string[] = [];
		const change = await serverOf(context, (socket, data) => {
			socket.send(String(data));
			if (!part.includes("WebSocket(")) socket.close(4000, "bye");
		});
		equal(await start(context, part, change, (text) => lines.push(text)), 0, plural(lines));
		deepEqual(lines, said);
	});

test("the server of README.md sends back what comes, as binary", async (context) => {
	const lines: string[] = [];
	const change = (text: string) => {
		equal(text.includes("new Listener({\n\tport: 80,"), true, "the example listens elsewhere");
		return `${text.replace("new Listener({\n\tport: 80,", "const listener = new Listener({")}\ntrace(\`@port \${listener.port}\\n\`);\n`;
	};
	const port = await new Promise<number>((resolve, reject) => {
		const line = (text: string) => {
			lines.push(text);
			const [, found] = /^@port (\d+)$/.exec(text) ?? [];
			if (found) resolve(Number(found));
		};
		start(context, "websocketRegister(", change, line).then(() => reject(new Error(plural(lines))), reject);
	});
	const client = new WebSocket(`ws://127.0.0.1:${port}/`);
	context.after(() => client.terminate());
	await once(client, "open");
	client.send("hello");
	const [data, binary] = await once(client, "message");
	deepEqual([String(data), binary], ["hello", true]);
	client.close(1000);
	deepEqual((await once(client, "close"))[0], 1000);
});

test("the MQTT client of README.md is told messages, and hands over its own, before and after the broker was restarted", async (context) => {
	const lines: string[] = [];
	let line = (_: string) => {};
	const told = (text: string) =>
		new Promise<void>((resolve) => {
			line = (next) => {
				if (next.startsWith(text)) resolve();
			};
		});
	let joined = () => {};
	const broker = await startBroker({ seen: (id, what) => id === "sensor-7" && what === "joined" && joined() });
	context.after(() => broker.stop());
	const peerOf = () => connectAsync(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0 });
	const peer = await peerOf();
	context.after(() => peer.endAsync(true));
	await peer.subscribeAsync("sensor-7/celsius");
	const message = new Promise<string[]>((resolve) => peer.once("message", (topic, payload) => resolve([topic, String(payload)])));
	const change = (text: string) => {
		const place = 'host: "broker.example.com", port: 8080';
		equal(text.includes(place), true, "the example connects to another place");
		return text.replace(place, `host: "127.0.0.1", port: ${new URL(broker.url).port}`);
	};
	const handedOver = told("the broker has it");
	const ended = start(context, '"sensor-7"', change, (text) => {
		lines.push(text);
		line(text);
	});
	const running = ended.then(() => Promise.reject(new Error(plural(lines))));
	deepEqual(await Promise.race([message, running]), ["sensor-7/celsius", "21.5"]);
	await Promise.race([handedOver, running]);
	let came = told("sensor-7/set: 2 bytes");
	await peer.publishAsync("sensor-7/set", "on", { qos: 1 });
	await Promise.race([came, running]);

	const again = new Promise<void>((resolve) => {
		joined = resolve;
	});
	const lost = told("no connection: ");
	await broker.stop();
	await Promise.race([lost, running]);
	await broker.start();
	await Promise.race([again, running]);
	const second = await peerOf();
	context.after(() => second.endAsync(true));
	came = told("sensor-7/set: 3 bytes");
	await second.publishAsync("sensor-7/set", "off", { qos: 1, retain: true });
	await Promise.race([came, running]);
});

test("the MQTT client of the room's README.md sends and receives a payload that is longer than its memory", async (context) => {
	const lines: string[] = [];
	const broker = await startBroker();
	context.after(() => broker.stop());
	const change = (text: string) => {
		equal(text.includes('host: "broker.example.com" }'), true, "the example connects to another place");
		return text.replace('host: "broker.example.com" }', `host: "127.0.0.1", port: ${broker.port} }`);
	};
	equal(await start(context, "camera-7", change, (text) => lines.push(text)), 0, plural(lines));
	deepEqual(lines, ["the image is here", "end: 0 "]);
});
