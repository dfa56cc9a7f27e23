/* npm start: main.ts on the device, against a local WebSocket server unless url=… names another. */
import { join } from "node:path";
import { readApp } from "./app.ts";
import { buildDevice, type Variant } from "./device-build.ts";
import { startEchoServer } from "./echo-server.ts";
import { main, UsageFailure } from "./failure.ts";
import { readCommandLine } from "./options.ts";
import { withLinkFile } from "./prepare.ts";
import { memoryLine, type Report, readReport } from "./report.ts";
import { root } from "./repository.ts";
import { runDevice } from "./run-device.ts";

const help = `npm start [-- url=ws://host:port/path] [key=value …]

Builds the Linux device, boots it with main.ts and prints what happens and the memory it takes. Without url, main.ts talks to
a WebSocket server on this machine that echoes. key=value lands in the module "mc/config", as a string.
`;

await main(async () => {
	const line = readCommandLine("start", process.argv.slice(2), ["--help"], []);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	if (line.paths.length) throw new UsageFailure(`"${line.paths[0]}" is no option; another server is url=ws://host:port/path`, "start");

	const variant: Variant = { bits: 64, mode: "release" };
	const app = await readApp(join(root, "main.ts"));
	const program = await buildDevice(variant);
	const server = "url" in line.config ? undefined : await startEchoServer();
	if (server) process.stdout.write(`server: ${server.url} (a local echo server; another one: npm start -- url=ws://host:port/path)\n`);
	try {
		const config = server ? { ...line.config, url: server.url } : line.config;
		return await withLinkFile(app, variant, { config }, async (linkFile) => {
			let report: Report | undefined;
			const status = await runDevice(program, linkFile, {
				report: true,
				line: (text) => {
					const found = readReport(text);
					if (found) report = found;
					else process.stdout.write(`${text}\n`);
				},
			});
			if (report) process.stdout.write(`${memoryLine(report)}\n`);
			return status;
		});
	} finally {
		await server?.close();
	}
});
