/*
 * With the Moddable SDK on this machine: TLS of boards, the SDK's, in its simulator. Its own check of a chain lets anybody be the server; the
 * transports do not.
 */
import { deepEqual } from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createServer } from "node:tls";
import { root } from "../../tools/repository.ts";
import { Authority, type Identity } from "../hosts/shared/certificates.peer.ts";
import { simulated, skip } from "./simulated.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Tells of each port what came of it, one after the other. */
const main = (transport: string, module: string) => `
import config from "mc/config";
import Resource from "Resource";
import { ${transport} } from "${module}";

export default function main() {
	const ports = config.ports.split(".");
	const next = () => {
		const port = Number(ports.shift());
		if (!port) {
			trace("done\\n");
			return;
		}
		const secure = { certificate: new Resource("ca.der"), serverName: "board.example", cache: false };
		const transport = new ${transport}({ address: "127.0.0.1", port, secure });
		let open = false;
		transport.start({
			onReadable() {},
			onWritable() {
				if (open) return;
				open = true;
				trace("open\\n");
				transport.close();
			},
			onClosed() {
				if (!open) trace(\`\${transport.fault}\\n\`);
				next();
			},
		});
	};
	next();
}
`;

for (const [transport, module, manifest, wrongHost] of [
	["TlsTransport", "transport/tls", "manifest_tls.json", "BAD_CERTIFICATE"],
	// The SDK's classic class keeps to itself what it found.
	["SecureSocketTransport", "transport/secure-socket", "manifest_secure_socket.json", ""],
] as const)
	test(`${transport} in the simulator: who is refused`, { skip }, async (context) => {
		const ours = new Authority("ours", true);
		const others = new Authority("others", true);
		const names = "DNS:board.example";
		const good = ours.issue({ names });
		const neighbour = ours.issue({ names: "DNS:other.example" });
		const old = ours.issue({ names, from: "20200101000000Z", to: "20210101000000Z" });
		const own = others.selfSigned({ names });
		const serve = async ({ key, cert }: Identity, next: Identity) => {
			const server = createServer({ key, cert: cert + next.cert, maxVersion: "TLSv1.2" }, (socket) => socket.on("error", () => {}));
			server.on("tlsClientError", () => {});
			server.listen(0, "127.0.0.1");
			await once(server, "listening");
			context.after(() => server.close());
			return (server.address() as AddressInfo).port;
		};
		const ports = [
			await serve(good, ours.own),
			await serve(neighbour, ours.own),
			await serve(old, ours.own),
			// Its own certificate, and behind it one that our authority signed.
			await serve(own, neighbour),
			await serve(own, others.own),
		];
		const folder = temporaryFolder(context, {
			"main.js": main(transport, module),
			"manifest.json": {
				include: [
					"$(MODDABLE)/examples/manifest_base.json",
					"$(MODDABLE)/modules/files/resource/manifest.json",
					join(root, "modules", "transport", manifest),
				],
				modules: { "*": "./main" },
				resources: { "*": "./ca" },
				creation: { static: 262144, stack: 1024 },
				config: { ports: "" },
			},
		});
		writeFileSync(join(folder, "ca.der"), ours.own.der);
		const lines: string[] = [];
		const app = simulated(context, ["--run", folder, `ports=${ports.join(".")}`], (text) => {
			if (/^(open|[A-Z_]*)$/.test(text)) lines.push(text);
			if (text === "done") app.stop();
		});
		await app.ended;
		deepEqual(lines, ["open", wrongHost, "EXPIRED", "BAD_CERTIFICATE", "BAD_CERTIFICATE"], app.stderr());
	});
