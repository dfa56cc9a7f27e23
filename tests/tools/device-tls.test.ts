/* An app in the SDK's manner: its manifests at the SDK's paths, its authority a resource, or the system's; in the memory of a board. */
import { equal, ok } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../../tools/command.ts";
import { root } from "../../tools/repository.ts";
import { Authority } from "../hosts/shared/certificates.peer.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const options = (process.env.DEVICE_OPTIONS ?? "").split(" ").filter(Boolean);

const manifest = {
	include: [
		"$(MODDABLE)/examples/manifest_base.json",
		"$(MODDABLE)/modules/crypt/tls.json",
		"$(MODDABLE)/examples/io/tcp/tlssocket/manifest.json",
		"$(MODDABLE)/modules/files/resource/manifest.json",
	],
	modules: { "*": "./main" },
	data: { "*": "./ca" },
};

/** GET with the classic class and an authority of the firmware's, then with ECMA-419's and the system's. */
const main = `
import config from "mc/config";
import Resource from "Resource";
import SecureSocket from "securesocket";
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";

const port = Number(config.port);
const request = "GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n";

const socket = new SecureSocket({ host: "localhost", port, secure: { certificate: new Resource("ca.der") } });
let answer = "";
socket.callback = function (message, value) {
	if (1 === message)
		this.write(request);
	else if (2 === message)
		answer += this.read(String);
	else if (message < 0) {
		trace("classic " + (value?.name ?? answer.slice(answer.lastIndexOf("\\n") + 1)) + "\\n");
		again();
	}
};

function again() {
	let asked = false;
	answer = "";
	new TLSSocket({
		host: "localhost", address: "127.0.0.1", port, TCP: { io: TCP },
		onWritable() {
			if (!asked)
				this.write(ArrayBuffer.fromString(request));
			asked = true;
		},
		onReadable() {
			answer += String.fromArrayBuffer(this.read());
		},
		onError(fault) {
			trace("standard " + (fault?.name ?? answer.slice(answer.lastIndexOf("\\n") + 1)) + "\\n");
			this.close();
		}
	});
}
`;

test("both classes of TLS, an authority in flash, and the system's", async (context) => {
	const authority = new Authority();
	const { cert, key } = authority.issue({ names: "DNS:localhost" });
	const server = createServer({ cert, key }, (_, response) => response.end("well"));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	context.after(() => {
		server.close();
		authority.close();
	});
	const address = server.address();
	const port = typeof address === "object" && address?.port;
	const folder = temporaryFolder(context, { "manifest.json": manifest, "main.js": main });
	const ca = authority.write({ "system.pem": authority.own.cert })("system.pem");
	writeFileSync(join(folder, "ca.der"), authority.own.der);

	const run = async (system: string) => {
		const device = [process.execPath, join(root, "tools", "bootstrap.mjs"), "device", folder, "--report", `port=${port}`, ...options];
		const { status, stdout, stderr } = await capture("env", [`SSL_CERT_FILE=${system}`, ...device], { cwd: root });
		equal(status, 0, stderr);
		const lines = stdout.trim().split("\n");
		const { arena } = JSON.parse(lines.pop() ?? "");
		ok(arena.peak < 0.5 * arena.bytes, `${arena.peak} of ${arena.bytes} bytes`);
		return lines.join("\n");
	};
	equal(await run(ca), "classic well\nstandard well");
	equal(await run("/nowhere"), "classic well\nstandard UNKNOWN_CA");
});
