/* tests/packages.json, and who ends the servers that tests start. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { capture } from "../../tools/command.ts";
import { packagesOf } from "../../tools/packages.ts";
import { build, filesBelow, root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("which tests want which package", () => {
	const all: Record<string, { tests?: string | string[] }> = JSON.parse(readFileSync(join(root, "tests", "packages.json"), "utf8"));
	const files = filesBelow(join(root, "tests"))
		.filter((path) => path.endsWith(".test.ts"))
		.map((path) => relative(root, path));
	for (const [name, { tests }] of Object.entries(all))
		if (tests !== undefined)
			ok(
				files.some((file) => packagesOf(file).includes(name)),
				`no test wants ${name}`,
			);
	deepEqual(packagesOf("tests/conformance/servers/nginx.test.ts"), ["nginx-light"]);
	deepEqual(packagesOf("tests/hosts/shared/tls-socket.test.ts"), ["openssl"]);
	deepEqual(packagesOf("tests/conformance/servers/ws.test.ts"), []);
});

/** A peer with a child and a folder. The child holds a pipe open for as long as it lives. */
async function startPeer(context: TestContext) {
	const pipe = join(temporaryFolder(context, {}), "pipe");
	await capture("mkfifo", [pipe]);
	const peer = pathToFileURL(join(build, "tools", "tests", "conformance", "servers", "child.peer.js"));
	const script = `
		import { startChild, temporaryFolder } from ${JSON.stringify(peer)};
		const folder = temporaryFolder("packages-test");
		await startChild(["sh", "-c", 'exec 3>"$1"; echo ready; exec sleep 600', "sh", ${JSON.stringify(pipe)}], (line) => line === "ready" || undefined);
		console.log(folder);`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
	const alive = createReadStream(pipe).resume();
	const ended = once(alive, "end");
	const [line] = await once(child.stdout, "data");
	return { child, ended, folder: String(line).trim() };
}

test("a server that a test started ends with the peer, however that ends", async (context) => {
	for (const end of ["SIGTERM", "SIGINT", "SIGKILL", "stdin"] as const) {
		const { child, ended, folder } = await startPeer(context);
		ok(existsSync(folder));
		if (end === "stdin") child.stdin.end();
		else child.kill(end);
		await ended;
		if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
		// Nobody can tidy up after a SIGKILL; what stays is below build/.
		equal(existsSync(folder), end === "SIGKILL", end);
		if (end === "SIGKILL") await capture("rmdir", [folder]);
	}
});

test("a server that ends before it is ready says why", async () => {
	const peer = pathToFileURL(join(build, "tools", "tests", "conformance", "servers", "child.peer.js"));
	const script = `
		import { startChild } from ${JSON.stringify(peer)};
		await startChild(["sh", "-c", "echo the port is taken >&2; exit 3"], () => undefined).catch((error) => console.log(error.message));
		process.exit();`;
	// Its stdin stays open, or it would end before.
	const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "ignore"] });
	const [message] = await once(child.stdout, "data");
	equal(String(message), "sh ended with status 3\nthe port is taken\n\n");
});
