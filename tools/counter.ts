/*
 * Counts the instructions that a board executes: builds QEMU's plugin of hosts/mps2/counter, and runs an app of benchmarks/ with it, which
 * marks what it wants to know (benchmarks/counting/measure.ts).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readApp } from "./app.ts";
import { type Board, boardDevice } from "./board.ts";
import { capture } from "./command.ts";
import { Failure } from "./failure.ts";
import { addressOf, type Part, parts, rangesOf } from "./parts.ts";
import { boardHost, build } from "./repository.ts";
import { runDevice } from "./run-device.ts";

/** Instructions of each part. */
export type Counts = Record<Part, number>;

/** In KB. As much as any app here wants: how much there is has no say in what a message costs. */
const RAM = 512;
/** The board's time goes on with its instructions, and jumps to the next timer when it has nothing to do: each run is the same. */
const CLOCK = ["-icount", "shift=6,sleep=off"];

let plugin: Promise<string> | undefined;

function buildPlugin(): Promise<string> {
	plugin ??= (async () => {
		const library = join(build, "mps2", "counter.so");
		mkdirSync(dirname(library), { recursive: true });
		const flags = ["-std=gnu17", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"];
		const { status, stderr } = await capture("gcc", [...flags, "-o", library, join(boardHost, "counter", "counter.c")]);
		if (status) throw new Failure(`the plugin that counts did not compile\n${stderr.trim()}`);
		return library;
	})();
	return plugin;
}

/** QEMU separates what it is given by commas. */
const escaped = (path: string) => path.replaceAll(",", ",,");

/** Runs the app of a manifest, and gives what each of its sections took for one message, by name. */
export async function countSections(board: Board, manifest: string, config: Record<string, string>): Promise<Map<string, Counts>> {
	const device = boardDevice(board, () => RAM);
	const app = await readApp(manifest, device.platform);
	const library = await buildPlugin();
	const firmware = (await device.build(app)) as string;
	const map = readFileSync(join(dirname(firmware), "firmware.map"), "utf8");
	const mark = addressOf(map, "counting_mark");
	if (mark === undefined) throw new Failure(`${manifest}: the app marks nothing (benchmarks/counting/measure.ts)`);
	return device.with(app, { config }, async (program) => {
		const folder = program.folder as string;
		const [ranges, counts] = [join(folder, "parts.txt"), join(folder, "counts.txt")];
		const lines = rangesOf(map).map(({ start, end, part }) => `${start.toString(16)} ${end.toString(16)} ${parts.indexOf(part)}\n`);
		writeFileSync(ranges, lines.join(""));
		const given = [library, `parts=${ranges}`, `mark=${mark.toString(16)}`, `counts=${counts}`].map(escaped).join(",");
		let output = "";
		const sections: { name: string; messages: number }[] = [];
		const status = await runDevice(
			{ ...program, args: (report) => [...program.args(report), ...CLOCK, "-plugin", given] },
			{
				line: (text) => {
					const [, name, messages] = /^@count (\S+) (\d+)$/.exec(text) ?? [];
					if (name) sections.push({ name, messages: Number(messages) });
					else output += `${text}\n`;
				},
				errorLine: (text) => {
					output += `${text}\n`;
				},
			},
		);
		const counted = existsSync(counts) ? readCounts(readFileSync(counts, "utf8")) : [];
		if (status || sections.length === 0 || counted.length !== 3 * sections.length)
			throw new Failure(`${manifest}: the app failed on ${board} with status ${status}\n${output.trim()}`);
		return new Map(sections.map(({ name, messages }, i) => [name, perMessage(counted[3 * i + 1]!, counted[3 * i + 2]!, messages)]));
	});
}

/** A line for each mark: what each part executed since the one before. */
function readCounts(text: string): Counts[] {
	return text
		.trim()
		.split("\n")
		.map((line) => {
			const numbers = line.split(" ").map(Number);
			return Object.fromEntries(parts.map((part, i) => [part, i ? numbers[i - 1] : 0])) as Counts;
		});
}

const perMessage = (few: Counts, many: Counts, messages: number) =>
	Object.fromEntries(parts.map((part) => [part, (many[part] - few[part]) / messages])) as Counts;
