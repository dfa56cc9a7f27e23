/* What lwIP makes of the emulated boards' network, where it is not what a kernel would make of it. */
import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { boards, LARGE_RAM, missingPackages } from "../../tools/board.ts";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;
const [board] = boards;

const tool = [process.execPath, join(root, "tools", "bootstrap.mjs"), "device"];
const app = (context: TestContext, text: string) => join(temporaryFolder(context, { "x.ts": text }), "x.ts");
const run = ([command = "", ...args]: string[]) => capture(command, args);

/** A network and a /etc of one's own: what the name server of QEMU's network asks is what resolv.conf says. */
const unshared = (folder: string, ...command: string[]) => [
	...["unshare", "--map-root-user", "--mount", "--net", "sh", "-ec"],
	'ip link set lo up; mount --bind "$0" /etc/resolv.conf; exec "$@"',
	...[join(folder, "resolv.conf"), ...command],
];

test("more names at once than lwIP has places for: each gets its own address", { skip }, async (context) => {
	const folder = temporaryFolder(context, {
		"resolv.conf": "nameserver 127.0.0.1\n",
		"x.ts": `import config from "mc/config";
			import Net from "net";
			const resolve = (name: string) => new Promise((done) => Net.resolve(name + ".test", (_: string, address?: string) => done(address)));
			const all = async (names: string) => trace((await Promise.all([...names].map(resolve))).join(" "), "\\n");
			const asked: string = config.names ?? "";
			for (const names of asked.split(",")) await all(names);`,
	});
	const device = [...tool, "--board", board, join(folder, "x.ts")];
	// Out here, where it may be built.
	equal((await run(device)).stdout, "\n");
	const possible = await run(unshared(folder, "true"));
	if (possible.status) return context.skip(`this machine gives no network of one's own: ${possible.stderr.trim()}`);
	const server = [process.execPath, join(import.meta.dirname, `name-server${extname(import.meta.filename)}`)];
	const { stdout, stderr } = await run(unshared(folder, ...server, "timeout", "120", ...device, "names=abc,dddddef"));
	deepEqual(stdout.split("\n"), ["10.0.0.1 10.0.0.2 10.0.0.3", `${"10.0.0.4 ".repeat(5)}10.0.0.5 10.0.0.6`, ""], stderr);
});

test("what was written before exit() reaches the peer, as from the Linux device, though something was not read", {
	skip,
}, async (context) => {
	const path = app(
		context,
		`import TCP from "embedded:io/socket/tcp";
		import config from "mc/config";
		import { exit } from "device";
		new TCP({
			address: "127.0.0.1",
			port: Number(config.port),
			onWritable(count) {
				this.count = count;
			},
			onReadable() {
				this.write(new Uint8Array(this.count));
				trace(this.count, "\\n");
				exit(7);
			},
		});`,
	);
	for (const on of [[], ["--board", board], ["--board", board, "--ram", String(LARGE_RAM)]]) {
		let received = 0;
		const server = createServer((peer) => peer.on("data", ({ length }) => (received += length)).on("error", () => (received = -1)));
		context.after(() => server.close());
		await once(server.listen(0, "127.0.0.1"), "listening");
		const ended = once(server, "connection").then(([peer]: Socket[]) => {
			peer?.write("unread");
			return once(peer as Socket, "close");
		});
		const outcome = await run([...tool, ...on, path, `port=${(server.address() as AddressInfo).port}`, "--report"]);
		const [written, report] = outcome.stdout.split("\n");
		await ended;
		equal(received, Number(written), outcome.stderr);
		match(report ?? "", /^\{.*"status":7,/);
		equal(outcome.status, 7);
	}
});

test("a server in 64 KB: clients for which there is no memory are refused, and the app hears nothing of them", {
	skip,
}, async (context) => {
	const path = app(
		context,
		`import Listener from "embedded:io/socket/listener";
		import TCP from "embedded:io/socket/tcp";
		import { exit } from "device";
		const listener = new Listener({
			onReadable(count) {
				while (count--)
					new TCP({
						from: this.read(),
						onReadable() {
							const text = String.fromArrayBuffer(this.read());
							if (text === "exit") exit(0);
							this.write(ArrayBuffer.fromString(text));
						},
						onError() {
							this.close();
							trace("closed\\n");
						},
					});
			},
		});
		trace(listener.port, "\\n");`,
	);
	const child = spawn(tool[0] as string, [...tool.slice(1), "--board", board, path], { stdio: ["ignore", "pipe", "pipe"] });
	context.after(() => child.kill("SIGTERM"));
	const status = once(child, "close");
	const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
	const port = Number((await lines.next()).value);
	const client = () => connect(port, "127.0.0.1").on("error", () => {});
	const echo = async (socket: Socket, text: string) => {
		socket.write(text);
		equal(String((await once(socket, "data"))[0]), text);
	};
	const [first, second] = [client(), client()];
	await echo(first, "first");
	await echo(second, "second");
	for (let refused = 0; refused < 3; refused++) await once(client().resume(), "close");
	await echo(first, "first again");
	first.end();
	equal((await lines.next()).value, "closed");
	const next = client();
	await echo(next, "next");
	next.write("exit");
	deepEqual(await status, [0, null]);
});

test("a board talks to itself in 64 KB, in pieces of any length", { skip }, async (context) => {
	const path = app(
		context,
		`import Listener from "embedded:io/socket/listener";
		import TCP from "embedded:io/socket/tcp";
		import { exit } from "device";
		const lengths = [1, 536, 537, 920, 921, 1200, 1460, 2400];
		let room = 0;
		let left = 0;
		const send = () => {
			const [length] = lengths;
			if (left > 0 || room < length) return;
			if (length === undefined) {
				trace("all\\n");
				exit(0);
			}
			lengths.shift();
			room -= length;
			left = length;
			client.write(new Uint8Array(length));
		};
		const listener = new Listener({
			onReadable() {
				new TCP({
					from: this.read(),
					onReadable(count) {
						this.read();
						left -= count;
						send();
					},
				});
			},
		});
		const client = new TCP({
			address: "127.0.0.1",
			port: listener.port,
			onWritable(count) {
				room = count;
				send();
			},
		});`,
	);
	deepEqual(await run(["timeout", "60", ...tool, "--board", board, path]), { status: 0, stdout: "all\n", stderr: "" });
});
