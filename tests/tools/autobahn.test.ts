/* npm run autobahn, with the firmware on the device, against the fuzzing server of tests/conformance. */
import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { everyCase } from "../conformance/fuzzing/cases.peer.ts";
import { type FuzzingOptions, type FuzzingServer, fatal, impossible, startFuzzingServer } from "../conformance/fuzzing/server.peer.ts";
import { NOBODY_PORT } from "../support/nobody.ts";

const command = (...args: string[]) => [join(root, "tools", "bootstrap.mjs"), "autobahn", ...args];
const autobahn = (...args: string[]) => capture(process.execPath, command(...args));

async function serverOf(context: TestContext, options?: FuzzingOptions): Promise<FuzzingServer> {
	const server = await startFuzzingServer(options);
	context.after(() => server.close());
	return server;
}

const withCase = (...cases: string[]) => everyCase.filter(({ id }) => cases.includes(id));

test("every case is passed, by the firmware with 64 KB", async (context) => {
	const server = await serverOf(context);
	const { status, stdout, stderr } = await autobahn(server.url);
	const lines = stdout.trimEnd().split("\n");
	equal(lines[0], `fuzzing server: ${server.url}, ${everyCase.length} cases`);
	match(lines[1] ?? "", /^group +passed +non-strict +informational +unimplemented +failed$/);
	const groups = lines.slice(2, -1).map((line) => line.replace(/\s+/g, " ").trim());
	const sizes = ["1", "2", "3", "4", "5", "6", "7", "9", "10"].map((group) => [
		group,
		everyCase.filter(({ id }) => id.startsWith(`${group}.`)).length,
	]);
	deepEqual(
		groups.map((line) => /^(\d+) .*? (\d+) - - - -$/.exec(line)?.slice(1, 3)),
		sizes.map(([group, size]) => [group, String(size)]),
	);
	match(lines.at(-1) ?? "", new RegExp(`^${everyCase.length} cases in [\\d.]+ s: ${everyCase.length} passed, 0 failed$`));
	match(stderr, /^(case \d+ of \d+: [\d.]+ \(0 failed\)\n)+$/);
	equal(status, 0);
	deepEqual(server.reports, ["xs-websocket"]);
});

test("a case that fails: said, and status 1", async (context) => {
	const server = await serverOf(context, { cases: [...withCase("1.2"), impossible, ...withCase("2.1")] });
	const { status, stdout } = await autobahn(server.url, "--agent", "loser");
	match(stdout, /^ 1 framing +1 +- +- +- +1$/m);
	match(stdout, /^FAILED 1\.999: FAILED, close OK: wants back what was never sent$/m);
	match(stdout, /^3 cases in [\d.]+ s: 2 passed, 1 failed$/m);
	equal(status, 1);
	deepEqual(server.reports, ["loser"]);
});

test("behaviors of Autobahn's server: which are good enough", async (context) => {
	const said = [
		["1.1", "NON-STRICT", "OK"],
		["6.1", "INFORMATIONAL", "INFORMATIONAL"],
		["12.1", "UNIMPLEMENTED", "OK"],
		["13.1", "UNIMPLEMENTED", "FAILED"],
		["5.1", "UNIMPLEMENTED", "OK"],
		["7.1", "OK", "WRONG CODE"],
		["7.2", "OK", undefined],
		["10.1", "WHATEVER", "OK"],
	] as const;
	const cases = said.map(([id, behavior, behaviorClose]) => ({
		id,
		description: `says ${behavior}`,
		play: async () => {},
		status: { behavior, behaviorClose },
	}));
	const server = await serverOf(context, { cases });
	const { status, stdout } = await autobahn(server.url);
	deepEqual(
		stdout
			.split("\n")
			.filter((line) => line.startsWith("FAILED"))
			.map((line) => line.split(": ")[0]),
		["FAILED 5.1", "FAILED 7.1", "FAILED 10.1"],
	);
	match(stdout, /^8 cases in [\d.]+ s: 1 passed, 1 non-strict, 1 informational, 2 unimplemented, 3 failed$/m);
	equal(status, 1);
});

test("--cases: ids and their beginnings", async (context) => {
	const server = await serverOf(context, { cases: everyCase.filter(({ id }) => /^(1|2|10)\./.test(id)) });
	const { status, stdout } = await autobahn(server.url, "--cases", "10,2.1", "transport=socket");
	match(stdout, /^ 2 pings and pongs +1 /m);
	match(stdout, /^10 auto-fragmentation +2 /m);
	match(stdout, /^3 cases in [\d.]+ s: 3 passed, 0 failed$/m);
	equal(status, 0);
	const none = await autobahn(server.url, "--cases=99");
	equal(none.stderr, "error: no case's id begins with 99\n");
	equal(none.status, 1);
});

test("nobody there, or no fuzzing server", async (context) => {
	const nobody = await autobahn(`ws://127.0.0.1:${NOBODY_PORT}`);
	match(nobody.stderr, /^error: no fuzzing server at ws:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\nstart it: docker run /);
	equal(nobody.status, 1);

	const other = createServer((socket) =>
		socket.on("error", () => {}).once("data", () => socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")),
	).listen(0, "127.0.0.1");
	context.after(() => other.close());
	await once(other, "listening");
	const web = await autobahn(`ws://127.0.0.1:${(other.address() as AddressInfo).port}`);
	match(
		web.stderr,
		/^error: [^\n]*\/getCaseCount: the server refused the upgrade \(HTTP status 404\)[^\n]*\nerror: the run stopped [^\n]*\n$/,
	);
	equal(web.status, 1);
});

test("the server goes away in the middle", async (context) => {
	const server: FuzzingServer = await serverOf(context, { cases: [...withCase("1.1"), fatal(() => server), ...withCase("1.2")] });
	const { status, stdout, stderr } = await autobahn(server.url);
	match(stdout, /^1 case in [\d.]+ s: 1 passed, 0 failed$/m);
	match(stderr, /^error: [^\n]*no TCP connection[^\n]*\nerror: the run stopped during case 1\.998 after 1 of 3 cases$/m);
	equal(status, 1);
});

test("Ctrl-C: what ran is said, and status 130", async (context) => {
	let begun = () => {};
	const running = new Promise<void>((resolve) => {
		begun = resolve;
	});
	const endless = {
		id: "9.999",
		description: "never ends",
		play: () => new Promise<void>(begun),
	};
	const server = await serverOf(context, { cases: [...withCase("1.1"), endless] });
	const child = spawn(process.execPath, command(server.url), { stdio: ["ignore", "pipe", "pipe"] });
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text) => {
		stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text) => {
		stderr += text;
	});
	await running;
	child.kill("SIGINT");
	const [status] = await once(child, "close");
	match(stdout, /^1 case in [\d.]+ s: 1 passed, 0 failed$/m);
	match(stderr, /error: interrupted during case 9\.999: what stands above is not all\n$/);
	equal(status, 130);
});

test("command lines that are wrong", async () => {
	for (const [args, message] of [
		[[], /which server\?/],
		[["ws://127.0.0.1:9001", "ws://127.0.0.1:9002"], /one server at a time/],
		[["http://127.0.0.1:9001"], /looks like ws:\/\//],
		[["127.0.0.1"], /is no url/],
		[["ws://127.0.0.1:9001", "--cases", "a"], /--cases must be/],
		[["ws://127.0.0.1:9001", "--agent", "a b"], /--agent must be/],
		[["ws://127.0.0.1:9001", "--bits", "16"], /--bits must be/],
		[["ws://127.0.0.1:9001", "transport=serial"], /transport must be/],
		[["ws://127.0.0.1:9001", "speed=9"], /unknown option speed=/],
	] as [string[], RegExp][]) {
		const { status, stderr } = await autobahn(...args);
		match(stderr, /^error: [^\n]*npm run autobahn -- --help explains\)\n$/);
		match(stderr, message);
		equal(status, 2);
	}
	const help = await autobahn("--help");
	match(help.stdout, /^npm run autobahn -- ws:\/\//);
	equal(help.status, 0);
});
