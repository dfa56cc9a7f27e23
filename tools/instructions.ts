/* npm run instructions: how many instructions a message costs; benchmarks/instructions/README.md says what is counted. */
import { join } from "node:path";
import { type App, readApp } from "./app.ts";
import { capture } from "./command.ts";
import { buildDevice, type Variant } from "./device-build.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { readCommandLine } from "./options.ts";
import { withLinkFile } from "./prepare.ts";
import { root } from "./repository.ts";

const help = `npm run instructions -- [bytes …]

Counts the instructions of sending and receiving a message of so many bytes, from 0 to 65535 (default 0 125 1024 16384), with
valgrind on the 32-bit release build of the Linux device. Transport, entropy and the app's own callback are subtracted.

  --manifest PATH  counts another app that understands what, length and times as benchmarks/instructions/main.ts does
  --help           prints this
`;

const SIZES = [0, 125, 1024, 16384];
const LENGTH_MAX = 0xffff;
/** Two runs, so that what is no message falls out of the difference. Enough of them, so that a collection would not go unseen. */
const FEW = 100;
const MANY = 5100;

const variant: Variant = { bits: 32, mode: "release" };

const widths = [7, 8, 9, 9, 9];
const row = (cells: number[]) =>
	`${cells
		.map((cell, i) =>
			Math.round(cell)
				.toString()
				.padStart(widths[i] ?? 0),
		)
		.join("")}\n`;

await main(async () => {
	const line = readCommandLine("instructions", process.argv.slice(2), ["--help"], ["--manifest"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const sizes = line.paths.length ? line.paths.map(Number) : SIZES;
	if (!sizes.every((size) => Number.isInteger(size) && size >= 0 && size <= LENGTH_MAX))
		throw new UsageFailure(`whole numbers from 0 to ${LENGTH_MAX} are wanted, not "${line.paths.join(" ")}"`, "instructions");
	if ((await capture("valgrind", ["--version"])).status !== 0)
		throw new Failure("valgrind is missing: install it (Debian: apt-get install valgrind)");

	const app = await readApp(line.values.get("--manifest") ?? join(root, "benchmarks", "instructions", "manifest.json"));
	const program = await buildDevice(variant);
	process.stdout.write("  bytes    send  (stubs)  receive  (stubs)\n");
	for (const size of sizes) {
		const [send = 0, sendStubs = 0, receive = 0, receiveStubs = 0] = await inTurn(
			["send", "send-stubs", "receive", "receive-stubs"].map((what) => () => perMessage(app, program, what, size)),
		);
		process.stdout.write(row([size, send - sendStubs, sendStubs, receive - receiveStubs, receiveStubs]));
	}
	return 0;
});

async function inTurn(tasks: (() => Promise<number>)[]): Promise<number[]> {
	const results: number[] = [];
	for (const task of tasks) results.push(await task());
	return results;
}

async function perMessage(app: App, program: string, what: string, length: number): Promise<number> {
	const few = await count(app, program, { what, length, times: FEW });
	const many = await count(app, program, { what, length, times: MANY });
	return (many - few) / (MANY - FEW);
}

/** The instructions of one whole run. */
function count(app: App, program: string, config: { what: string; length: number; times: number }): Promise<number> {
	return withLinkFile(app, variant, { config }, async (linkFile) => {
		const valgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null", program, linkFile];
		const { status, stderr } = await capture("valgrind", valgrind);
		const collected = /Collected : (\d+)/.exec(stderr);
		if (status !== 0 || !collected) throw new Failure(`the benchmark failed with status ${status}\n${stderr.trim()}`);
		return Number(collected[1]);
	});
}
