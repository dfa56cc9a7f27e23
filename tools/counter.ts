/*
 * Counts the instructions that a board executes: builds QEMU's plugin of hosts/mps2/counter, and runs an app of benchmarks/ with it, which
 * marks what it wants to know (benchmarks/counting/measure.ts).
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readApp } from "./app.ts";
import { type Board, boardDevice } from "./board.ts";
import { capture } from "./command.ts";
import { Failure } from "./failure.ts";
import { addressOf, type Division } from "./parts.ts";
import { boardHost, build } from "./repository.ts";
import { runDevice } from "./run-device.ts";

/** Instructions of each part, by its name. */
export type Counts<Name extends string> = Record<Name, number>;

/** In KB. As much as any app here wants: how much there is has no say in what a message costs. */
const RAM = 768;
/** The board's time goes on with its instructions, and jumps to the next timer when it has nothing to do: each run is the same. */
const CLOCK = ["-icount", "shift=6,sleep=off"];

let plugin: Promise<string> | undefined;

function buildPlugin(): Promise<string> {
	plugin ??= (async () => {
		const library = join(build, "mps2", "counter.so");
		mkdirSync(dirname(library), { recursive: true });
		const flags = ["-std=gnu17", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror"];
		// Another tool may build it, or use it, at the same time.
		const own = `${library}.${process.pid}`;
		const { status, stderr } = await capture("gcc", [...flags, "-o", own, join(boardHost, "counter", "counter.c")]);
		if (status) throw new Failure(`the plugin that counts did not compile\n${stderr.trim()}`);
		renameSync(own, library);
		return library;
	})();
	return plugin;
}

/** QEMU separates what it is given by commas. */
const escaped = (path: string) => path.replaceAll(",", ",,");

/** Runs the app of a manifest, and gives what each of its sections took for one message, by name. `divide` says of a map what the parts are. */
export async function countSections<Name extends string>(
	board: Board,
	manifest: string,
	config: Record<string, string>,
	divide: (map: string) => Division<Name>,
): Promise<Map<string, Counts<Name>>> {
	const device = boardDevice(board, () => RAM);
	const app = await readApp(manifest, device.platform);
	const library = await buildPlugin();
	const firmware = (await device.build(app)) as string;
	const map = readFileSync(join(dirname(firmware), "firmware.map"), "utf8");
	const mark = addressOf(map, "counting_mark");
	if (mark === undefined) throw new Failure(`${manifest}: the app marks nothing (benchmarks/counting/measure.ts)`);
	const { names, ranges, split } = divide(map);
	return device.with(app, { config }, async (program) => {
		const folder = program.folder as string;
		const [partsFile, countsFile] = [join(folder, "parts.txt"), join(folder, "counts.txt")];
		writeFileSync(partsFile, ranges.map(({ start, end, part }) => `${start.toString(16)} ${end.toString(16)} ${part}\n`).join(""));
		const splitting = split
			? [`split=${split.part}`, ...split.tellers.map(({ address, number }) => `for=${address.toString(16)}:${number}`)]
			: [];
		const plugin = [library, `parts=${partsFile}`, `mark=${mark.toString(16)}`, `counts=${countsFile}`, ...splitting]
			.map(escaped)
			.join(",");
		const sections: { name: string; messages: number }[] = [];
		let output = "";
		const errorLine = (text: string) => {
			output += `${text}\n`;
		};
		const line = (text: string) => {
			const [, name, messages] = /^@count (\S+) (\d+)$/.exec(text) ?? [];
			if (name) sections.push({ name, messages: Number(messages) });
			else errorLine(text);
		};
		const counting = { ...program, args: (report: boolean) => [...program.args(report), ...CLOCK, "-plugin", plugin] };
		const status = await runDevice(counting, { line, errorLine });
		const counted = existsSync(countsFile) ? readCounts(readFileSync(countsFile, "utf8")) : [];
		if (status || sections.length === 0 || counted.length !== 3 * sections.length)
			throw new Failure(`${manifest}: the app failed on ${board} with status ${status}\n${output.trim()}`);
		// Of the three marks of a section the first one ends what was before it.
		return new Map(sections.map(({ name, messages }, i) => [name, perMessage(names, counted.slice(3 * i + 1, 3 * i + 3), messages)]));
	});
}

/** A line for each mark: what each part but the first executed since the one before, and whom that which is split did it for. */
const readCounts = (text: string) =>
	text
		.trim()
		.split("\n")
		.map((line) => [0, ...line.split(" ").map(Number)]);

const perMessage = <Name extends string>(names: readonly Name[], [few = [], many = []]: number[][], messages: number) =>
	Object.fromEntries(names.map((name, i) => [name, ((many[i] ?? 0) - (few[i] ?? 0)) / messages])) as Counts<Name>;
