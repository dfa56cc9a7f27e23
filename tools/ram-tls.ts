/*
 * npm run ram-tls: finds the smallest RAM in which TLS runs on an emulated board, and writes the table in hosts/mps2/README.md. The
 * telemetry device over wss://, and the smallest firmware that has a WebSocket, each with a server whose chain has keys of P-256 or of RSA.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Aedes } from "aedes";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";
import { Authority } from "../tests/hosts/shared/certificates.peer.ts";
import { readApp } from "./app.ts";
import { boardDevice, boards, LEAST_RAM, missingPackages } from "./board.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { readCommandLine } from "./options.ts";
import { type Report, readReport, regionNames, regionsOf } from "./report.ts";
import { boardHost, build, root } from "./repository.ts";
import { runDevice } from "./run-device.ts";
import { withTable } from "./written-table.ts";

const tool = "ram-tls";
const help = `npm run ram-tls

Finds the smallest RAM in which TLS runs on an emulated board, in steps of 1 KB, for the telemetry device and for an echo, with
keys of P-256 and of RSA, and writes the table in hosts/mps2/README.md. It takes some minutes.

  --help         prints this
`;
const [board] = boards;
const readme = join(boardHost, "README.md");
/** Enough for all of it, and lwIP is still the small one. */
const MUCH_RAM = 128;
const MESSAGES = 200;
const LIMIT_MS = 60_000;

const firmwares = {
	"main.ts, MQTT over wss://": { manifest: "manifest_tls.json", serve: serveMqtt },
	"an echo of 1 KB over wss://": { manifest: "tests/firmware/echo-tls/manifest.json", serve: serveEcho },
};

/** Serves a WebSocket: `done` when the firmware has done all that it was to do. */
type Serve = (socket: WebSocket, done: () => void) => void;

function serveMqtt(socket: WebSocket, done: () => void): void {
	const broker = Aedes.createBroker();
	let count = 0;
	broker.then((aedes) => {
		aedes.on("publish", ({ topic }) => {
			if (topic.endsWith("/measurement") && ++count === MESSAGES) done();
		});
		socket.on("close", () => aedes.close());
		aedes.handle(createWebSocketStream(socket).on("error", () => {}));
	});
}

function serveEcho(socket: WebSocket, done: () => void): void {
	const message = Buffer.alloc(1024, 7);
	let count = 0;
	socket.on("message", (data: Buffer) => {
		if (!data.equals(message)) socket.terminate();
		else if (++count < MESSAGES) socket.send(message);
		else {
			done();
			socket.close();
		}
	});
	socket.send(message);
}

interface Run {
	failure: string | undefined;
	report: Report | undefined;
}

/** Runs a firmware once, with `ram` KB. */
async function run(authority: Authority, manifest: string, serve: Serve, ram: number): Promise<Run> {
	const { cert, key } = authority.issue({ names: "DNS:localhost" });
	let complete = false;
	const server = createServer({ cert: cert + authority.own.cert, key });
	const web = new WebSocketServer({ server, handleProtocols: (offered) => offered.has("mqtt") && "mqtt" });
	server.on("tlsClientError", () => {});
	web.on("connection", (socket) => {
		socket.on("error", () => {});
		serve(socket, () => {
			complete = true;
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	mkdirSync(build, { recursive: true });
	const folder = mkdtempSync(join(build, "ram-tls-"));
	writeFileSync(join(folder, "ca.der"), authority.own.der);
	writeFileSync(join(folder, "manifest.json"), JSON.stringify({ include: join(root, manifest), resources: { "*": ["./ca"] } }));
	let report: Report | undefined;
	let said = "";
	const device = boardDevice(board, () => ram);
	try {
		const app = await readApp(join(folder, "manifest.json"), device.platform);
		const url = `wss://localhost:${port}/`;
		const config = { url, port: String(port), ca: "ca.der", interval: "0", count: String(MESSAGES), attempts: "1" };
		const status = await device.with(app, { config }, (program) =>
			runDevice(program, {
				report: true,
				started: (signal) => setTimeout(() => signal("SIGKILL"), LIMIT_MS).unref(),
				line: (text) => {
					report ??= readReport(text);
				},
				errorLine: (text) => {
					said ||= text;
				},
			}),
		);
		return { failure: status || !complete ? said || `status ${status}, ${complete ? "but" : "not"} complete` : undefined, report };
	} finally {
		rmSync(folder, { recursive: true, force: true });
		for (const socket of web.clients) socket.terminate();
		web.close();
		server.closeAllConnections();
		server.close();
	}
}

/** A column of the table. */
async function measure(authority: Authority, title: string, manifest: string, serve: Serve): Promise<string[]> {
	let [not, smallest] = [LEAST_RAM - 1, MUCH_RAM];
	let best = await run(authority, manifest, serve, smallest);
	if (best.failure) throw new Failure(`${title} with ${MUCH_RAM} KB of RAM: ${best.failure}`);
	while (smallest - not > 1) {
		const ram = Math.floor((not + smallest) / 2);
		const tried = await run(authority, manifest, serve, ram);
		process.stderr.write(`${title}: ${ram} KB: ${tried.failure ?? "runs"}\n`);
		if (tried.failure) not = ram;
		else [smallest, best] = [ram, tried];
	}
	const { report } = best;
	if (!report?.ram) throw new Failure(`${title}: no report`);
	const regions = regionsOf(report.ram, report);
	const kilobytes = (bytes: number) => (bytes / 1024).toFixed(1);
	const cells = Object.keys(regionNames).map((name) => `${kilobytes(regions[name]?.peak ?? 0)} of ${kilobytes(regions[name]?.bytes ?? 0)}`);
	return [`${title}: **${smallest} KB**`, ...cells];
}

await main(async () => {
	const line = readCommandLine(tool, process.argv.slice(2), ["--help"], []);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [more] = [...line.paths, ...Object.keys(line.config)];
	if (more !== undefined) throw new UsageFailure(`unexpected "${more}"`, tool);
	const missing = await missingPackages();
	if (missing.length) throw new Failure(`the boards need ${missing.join(", ")} (Debian: apt-get install ${missing.join(" ")})`);
	const columns: string[][] = [];
	for (const [title, { manifest, serve }] of Object.entries(firmwares))
		for (const rsa of [false, true]) {
			const authority = new Authority("Test Authority", rsa);
			columns.push(await measure(authority, `${title}, ${rsa ? "RSA-2048" : "P-256"}`, manifest, serve));
			authority.close();
		}
	const rows = ["KB at peak, of what there is", ...Object.values(regionNames)];
	const lines = rows.map((title, row) => `| ${[title, ...columns.map((column) => column[row])].join(" | ")} |`);
	lines.splice(1, 0, `|${"---|".repeat(columns.length + 1)}`);
	writeFileSync(readme, withTable(tool, readme, readFileSync(readme, "utf8"), lines.join("\n")));
	process.stdout.write("written: the table in hosts/mps2/README.md\n");
	return 0;
});
