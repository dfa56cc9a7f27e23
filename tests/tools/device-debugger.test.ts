/* xsbug attaches to a debug build: a scripted debugger sets breakpoints on .ts lines and sees the app stop there. */
import { equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { root } from "../../tools/repository.ts";
import { NOBODY_PORT } from "../support/nobody.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** How the runner wants the device: under sanitizers, with a collection at every allocation. */
const options = (process.env.DEVICE_OPTIONS ?? "").split(" ").filter(Boolean);
const tool = [join(root, "tools", "bootstrap.mjs"), "device", ...options];

/** Runs the app under a debugger that sets one breakpoint and lets the app go on from each stop. */
async function debug(context: TestContext, text: string, line: number) {
	const path = join(temporaryFolder(context, { "app.ts": text }), "app.ts");
	const stops: string[] = [];
	const server = createServer((socket) => {
		let said = "";
		socket.setEncoding("utf8").on("data", (part: string) => {
			said += part;
			const end = said.lastIndexOf("</xsbug>");
			if (end < 0) return;
			const heard = said.slice(0, end);
			said = said.slice(end);
			if (heard.includes("<login")) socket.write(`\r\n<set-breakpoint path="${path}" line="${line}"/>\r\n<go/>\r\n`);
			for (const [, file, at] of heard.matchAll(/<break path="([^"]*)" line="(\d+)"/g)) {
				stops.push(`${file}:${at}`);
				socket.write("\r\n<go/>\r\n");
			}
		});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	context.after(() => server.close());
	const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
	const child = spawn(process.execPath, [...tool, path], {
		env: { ...process.env, XSBUG_HOST: host },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	child.stdout.setEncoding("utf8").on("data", (part: string) => {
		output += part;
	});
	child.stderr.setEncoding("utf8").on("data", (part: string) => {
		output += part;
	});
	const [status] = (await once(child, "close")) as [number];
	return { path, stops, status, output };
}

test("a breakpoint stops the app at its .ts line, and go lets it end", async (context) => {
	const { path, stops, status, output } = await debug(
		context,
		"interface A {\n\tx: number;\n}\nconst a: A = { x: 1 };\ntrace(`${a.x}\\n`);\n",
		5,
	);
	equal(status, 0, output);
	equal(stops.join(), `${path}:5`);
	match(output, /^1$/m);
});

test("a breakpoint in a callback stops at each call", async (context) => {
	const { path, stops, status, output } = await debug(
		context,
		'import Timer from "timer";\nlet left = 2;\nTimer.repeat((timer) => {\n\tleft--;\n\tif (!left) Timer.clear(timer);\n}, 1);\n',
		4,
	);
	equal(status, 0, output);
	equal(stops.join(), `${path}:4,${path}:4`);
});

test("no debugger where XSBUG_HOST says: one line that names it", async (context) => {
	const path = join(temporaryFolder(context, { "app.ts": 'trace("ran\\n");' }), "app.ts");
	const host = `127.0.0.1:${NOBODY_PORT}`;
	const child = spawn(process.execPath, [...tool, path], {
		env: { ...process.env, XSBUG_HOST: host },
		stdio: ["ignore", "ignore", "pipe"],
	});
	let said = "";
	child.stderr.setEncoding("utf8").on("data", (part: string) => {
		said += part;
	});
	const [status] = (await once(child, "close")) as [number];
	equal(status, 1);
	match(said, new RegExp(`^error: no xsbug at ${host}`));
});
