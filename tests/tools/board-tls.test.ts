/* TLS on an emulated board with little RAM: what a connection takes of malloc's memory it gives back. */
import { equal, match } from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createServer } from "node:tls";
import { boards, missingPackages } from "../../tools/board.ts";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { Authority } from "../hosts/shared/certificates.peer.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;

const TIMES = 100;

/** One connection after the other: an echo, or the end of a server that is refused. */
const app = `
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import Resource from "Resource";
import Timer from "timer";
import config from "mc/config";

let count = 0, echoes = 0, refusals = 0;
function next() {
	if (count === ${TIMES}) {
		trace(\`\${echoes} echoes, \${refusals} refusals\\n\`);
		return;
	}
	const strange = count++ & 1;
	let sent = false;
	const over = socket => {
		socket.close();
		Timer.set(next);
	};
	new TLSSocket({
		host: strange ? "nobody.example" : "localhost", address: "127.0.0.1", port: Number(config.port), nodelay: true,
		TCP: { io: TCP }, secure: { certificate: new Resource("ca.der") },
		onWritable() {
			if (!sent) this.write(new Uint8Array(600));
			sent = true;
		},
		onReadable() {
			this.read();
			echoes++;
			over(this);
		},
		onError(fault) {
			trace(fault?.name === "WRONG_HOST" ? "" : \`\${fault?.name}: \${fault?.message}\\n\`);
			refusals++;
			over(this);
		},
	});
}
next();
`;

test(`${TIMES} connections in 64 KB of RAM`, { skip }, async (context) => {
	const authority = new Authority();
	const { cert, key } = authority.issue({ names: "DNS:localhost" });
	const server = createServer({ cert, key }, (socket) => socket.on("error", () => {}).pipe(socket)).on("tlsClientError", () => {});
	await once(server.listen(0, "127.0.0.1"), "listening");
	context.after(() => server.close());
	const include = [
		"$(MODDABLE)/examples/manifest_base.json",
		"$(MODDABLE)/modules/io/manifest.json",
		"$(MODDABLE)/examples/io/tcp/tlssocket/manifest.json",
	];
	const manifest = { include, modules: { "*": "./main" }, resources: { "*": ["./ca"] }, creation: { static: 16384 } };
	const folder = temporaryFolder(context, { "manifest.json": manifest, "main.js": app });
	writeFileSync(join(folder, "ca.der"), authority.own.der);
	authority.close();
	const tool = [join(root, "tools", "bootstrap.mjs"), "device", "--board", boards[0], "--ram", "64"];
	const { port } = server.address() as AddressInfo;
	const { status, stdout, stderr } = await capture(process.execPath, [...tool, join(folder, "manifest.json"), `port=${port}`]);
	equal(status, 0, stderr);
	match(stdout, new RegExp(`^${TIMES / 2} echoes, ${TIMES / 2} refusals\n$`));
});
