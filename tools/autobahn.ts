/* npm run autobahn: the client on the device against Autobahn's fuzzing server, and what it found. */
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { readApp } from "./app.ts";
import { linuxDevice } from "./devices.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { readCommandLine } from "./options.ts";
import { Progress } from "./progress.ts";
import { root } from "./repository.ts";
import { runDevice } from "./run-device.ts";

const help = `npm run autobahn -- ws://127.0.0.1:9001 [options]

Plays the cases of a fuzzing server (crossbario/autobahn-testsuite) with the client of this repository, on the Linux device with
64 KB. Prints a summary for each group and every case that failed, and exits with 1 if one did. Compression (12 and 13) may be
unimplemented. README.md, section "Conformance", says how to start the server.

  --cases 1,2.3   only those whose ids begin with one of these
  --agent NAME    the name of the client in the server's reports (default xs-websocket)
  --bits 32|64    size of a pointer on the device (default 64)
  transport=NAME  tcp (ECMA-419, the default) or socket (the SDK's classic socket)
  --help          prints this
`;

const tool = "run autobahn";
const cure = `start it: docker run --rm -p 9001:9001 -v "$PWD/tests/conformance/autobahn:/config" crossbario/autobahn-testsuite
       (without docker: README.md, section "Conformance")`;

/** What a case was found to be, and whether that is good enough. */
const columns = ["passed", "non-strict", "informational", "unimplemented", "failed"] as const;
type Outcome = (typeof columns)[number];

interface Case {
	id: string;
	description: string;
	behavior: string;
	behaviorClose?: string;
}

const groups: Record<string, string> = {
	1: "framing",
	2: "pings and pongs",
	3: "reserved bits",
	4: "opcodes",
	5: "fragmentation",
	6: "UTF-8",
	7: "close",
	9: "limits, performance",
	10: "auto-fragmentation",
	12: "compression",
	13: "compression, parameters",
};

const groupOf = ({ id }: Case) => id.split(".")[0] ?? id;

function outcomeOf(found: Case): Outcome {
	const { behavior, behaviorClose = "OK" } = found;
	if (behavior === "UNIMPLEMENTED") return ["12", "13"].includes(groupOf(found)) ? "unimplemented" : "failed";
	if (!["OK", "INFORMATIONAL"].includes(behaviorClose)) return "failed";
	return behavior === "OK"
		? "passed"
		: behavior === "NON-STRICT"
			? "non-strict"
			: behavior === "INFORMATIONAL"
				? "informational"
				: "failed";
}

/** A table of the groups, the failed cases, and a line that adds up. */
function summary(cases: Case[], seconds: number): string {
	const table = new Map<string, Record<Outcome, number>>();
	const total = { passed: 0, "non-strict": 0, informational: 0, unimplemented: 0, failed: 0 };
	for (const found of cases) {
		const group = groupOf(found);
		const row = table.get(group) ?? { passed: 0, "non-strict": 0, informational: 0, unimplemented: 0, failed: 0 };
		row[outcomeOf(found)]++;
		total[outcomeOf(found)]++;
		table.set(group, row);
	}
	const line = (name: string, cells: string[]) => `${name.padEnd(28)}${cells.map((cell) => cell.padStart(15)).join("")}`.trimEnd();
	const lines = [line("group", [...columns])];
	for (const [group, row] of [...table].sort(([a], [b]) => Number(a) - Number(b)))
		lines.push(
			line(
				`${group.padStart(2)} ${groups[group] ?? ""}`,
				columns.map((column) => (row[column] ? String(row[column]) : "-")),
			),
		);
	for (const found of cases.filter((one) => outcomeOf(one) === "failed")) {
		const close = found.behaviorClose === undefined ? "" : `, close ${found.behaviorClose}`;
		lines.push(`FAILED ${found.id}: ${found.behavior}${close}: ${found.description.replace(/\s+/g, " ").trim()}`);
	}
	const counts = columns.filter((column) => column === "failed" || total[column]).map((column) => `${total[column]} ${column}`);
	lines.push(`${cases.length} ${cases.length === 1 ? "case" : "cases"} in ${seconds.toFixed(1)} s: ${counts.join(", ")}`);
	return `${lines.join("\n")}\n`;
}

/** Finds out in time, and in better words than the device's, that nobody is there. */
async function checkServer(url: string): Promise<void> {
	let parsed: URL;
	try {
		parsed = new URL(url);
	} catch {
		throw new UsageFailure(`"${url}" is no url; a fuzzing server's looks like ws://127.0.0.1:9001`, tool);
	}
	if (parsed.protocol !== "ws:" || parsed.search || parsed.hash)
		throw new UsageFailure(`"${url}": a fuzzing server's url looks like ws://127.0.0.1:9001`, tool);
	const socket = connect(Number(parsed.port || 80), parsed.hostname.replace(/^\[|\]$/g, ""));
	socket.setTimeout(10_000, () => socket.destroy(new Error("no answer in 10 s")));
	try {
		await once(socket, "connect");
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		throw new Failure(`no fuzzing server at ${url} (${code ?? message})\n${cure}`);
	} finally {
		socket.destroy();
	}
}

await main(async () => {
	const line = readCommandLine(tool, process.argv.slice(2), ["--help"], ["--cases", "--agent", "--bits"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [url, more] = line.paths;
	if (url === undefined) throw new UsageFailure("which server? give its url, such as ws://127.0.0.1:9001", tool);
	if (more !== undefined) throw new UsageFailure(`one server at a time: "${url}" and "${more}"`, tool);
	const wanted = line.values.get("--cases") ?? "";
	if (!/^(\d+(\.\d+)*(,\d+(\.\d+)*)*)?$/.test(wanted))
		throw new UsageFailure(`--cases must be ids or their beginnings, such as 1,2.3,9, not "${wanted}"`, tool);
	const agent = line.values.get("--agent") ?? "xs-websocket";
	if (!/^[\w.-]+$/.test(agent)) throw new UsageFailure(`--agent must be letters, digits, "-", "_" and ".", not "${agent}"`, tool);
	const bits = line.values.get("--bits") ?? "64";
	if (bits !== "32" && bits !== "64") throw new UsageFailure(`--bits must be 32 or 64, not "${bits}"`, tool);
	const { transport = "tcp", ...others } = line.config;
	if (transport !== "tcp" && transport !== "socket") throw new UsageFailure(`transport must be tcp or socket, not "${transport}"`, tool);
	const [unknown] = Object.keys(others);
	if (unknown !== undefined) throw new UsageFailure(`unknown option ${unknown}=…`, tool);
	await checkServer(url);

	const app = await readApp(join(root, "tests", "conformance", "autobahn"));
	const cases: Case[] = [];
	const progress = new Progress();
	let count = 0;
	let running = "";
	let ended = false;
	const start = performance.now();
	const config = { url, agent, cases: wanted, transport };
	const status = await linuxDevice({ bits: bits === "32" ? 32 : 64, mode: "release" }).with(app, { config }, (program) =>
		runDevice(program, {
			line: (text) => {
				const [, kind, json = ""] = /^@(count|start|case|end) (.*)$/.exec(text) ?? [];
				if (kind === "count") {
					count = JSON.parse(json).count;
					process.stdout.write(`fuzzing server: ${url}, ${count} cases\n`);
				} else if (kind === "start") {
					const { number, id } = JSON.parse(json);
					running = id;
					progress.show(`case ${number} of ${count}: ${id} (${cases.filter((one) => outcomeOf(one) === "failed").length} failed)`);
				} else if (kind === "case") {
					cases.push(JSON.parse(json));
					running = "";
				} else if (kind === "end") ended = true;
				else process.stdout.write(`${text}\n`);
			},
			errorLine: (text) => {
				progress.end();
				process.stderr.write(`${text}\n`);
			},
		}),
	);
	progress.end();
	if (cases.length) process.stdout.write(summary(cases, (performance.now() - start) / 1000));
	if (!ended) {
		const where = running ? ` during case ${running}` : "";
		if (status > 128) process.stderr.write(`error: interrupted${where}: what stands above is not all\n`);
		else throw new Failure(`the run stopped${where} after ${cases.length} of ${count || "?"} cases`, status || 1);
		return status;
	}
	if (cases.length === 0)
		throw new Failure(wanted ? `no case's id begins with ${wanted.split(",").join(" or ")}` : "the server has no cases");
	return status || (cases.some((one) => outcomeOf(one) === "failed") ? 1 : 0);
});
