/* npm run instructions: how many instructions a message costs on a board; benchmarks/instructions/README.md says what is counted. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Board, boards, missingPackages, readBoard } from "./board.ts";
import { capture } from "./command.ts";
import { type Counts, countSections } from "./counter.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { type Budget, budgetText, differences, type Figures, shownTables, writtenTables } from "./instruction-budget.ts";
import { readCommandLine } from "./options.ts";
import { byFunction, byPart, type Division } from "./parts.ts";
import { currentDirectory, root, shown } from "./repository.ts";
import { withTable } from "./written-table.ts";

const tool = "instructions";
const help = `npm run instructions -- [bytes …] [options]

Counts the instructions that a message of so many bytes (default 0 125 1024 16384) costs on an emulated board: to send and to
receive it over a transport that does nothing, and to bring it over TCP from one end to the other, by what executes them. The
same firmware gives the same figures.

  --board NAME     mps2-an385 or mps2-an505 (default: mps2-an385; with --write and --check both)
  --write          writes tests/budgets/instructions.json and the tables in benchmarks/instructions/README.md
  --check          compares with what stands there, and fails where a figure differs by more than 3 %
  --functions      lists the functions of the firmware that take most of them
  --manifest PATH  counts another app that measures its sections as benchmarks/instructions/main.ts does
  --help           prints this
`;

const SIZES = [0, 125, 1024, 16384];
const LENGTH_MAX = 0xffff;
/** How many of them --functions lists. */
const FUNCTIONS = 30;

const benchmark = (name: string) => join(root, "benchmarks", name, "manifest.json");
const budgetFile = join(root, "tests", "budgets", "instructions.json");
const readme = join(root, "benchmarks", "instructions", "README.md");

await main(async () => {
	const line = readCommandLine(tool, process.argv.slice(2), ["--write", "--check", "--functions", "--help"], ["--manifest", "--board"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [key] = Object.keys(line.config);
	if (key !== undefined) throw new UsageFailure(`unexpected "${key}=": sizes are numbers alone`, tool);
	const sizes = line.paths.length ? line.paths.map(Number) : SIZES;
	if (!sizes.every((size) => Number.isInteger(size) && size >= 0 && size <= LENGTH_MAX))
		throw new UsageFailure(`whole numbers from 0 to ${LENGTH_MAX} are wanted, not "${line.paths.join(" ")}"`, tool);
	const [write, check] = [line.flags.has("--write"), line.flags.has("--check")];
	const listed = line.flags.has("--functions");
	if (listed && (write || check)) throw new UsageFailure("--functions writes and checks nothing", tool);
	const given = line.values.get("--manifest");
	const manifest = given && resolve(currentDirectory, given);
	if ((write || check) && (manifest || line.paths.length)) throw new UsageFailure("--write and --check are for the usual figures", tool);
	const board = line.values.get("--board");
	const chosen = board !== undefined ? [readBoard(tool, board)] : write || check ? boards : (["mps2-an385"] as const);
	const missing = await missingPackages();
	if (missing.length) throw new Failure(`the boards need ${missing.join(", ")} (Debian: apt-get install ${missing.join(" ")})`);

	if (listed) {
		for (const board of chosen) await listFunctions(board, sizes, manifest);
		return 0;
	}
	const measured: Budget = { compiler: await compiler(), boards: {} };
	for (const board of chosen) {
		const figures = await measure(board, sizes, manifest);
		measured.boards[board] = figures;
		if (!check) process.stdout.write(`${board}\n${shownTables(figures, manifest === undefined)}`);
	}
	if (write) record(measured);
	if (check) compare(measured);
	return 0;
});

function record(measured: Budget): void {
	const budget = { ...measured, boards: { ...(existsSync(budgetFile) ? readBudget().boards : {}), ...measured.boards } };
	writeFileSync(budgetFile, budgetText(budget));
	writeFileSync(readme, withTable(tool, readme, readFileSync(readme, "utf8"), writtenTables(budget)));
	process.stdout.write(`written: ${shown(budgetFile)} and the tables in ${shown(readme)}\n`);
}

function compare(measured: Budget): void {
	const budget = readBudget();
	const name = shown(budgetFile);
	if (budget.compiler !== measured.compiler)
		throw new Failure(`${name} is of arm-none-eabi-gcc ${budget.compiler}, and here is ${measured.compiler}: that does not compare`);
	const problems = differences(budget, measured);
	if (problems.length) problems.unshift(`${name} is not what was counted (instructions for a message):`);
	else if (withTable(tool, readme, readFileSync(readme, "utf8"), writtenTables(budget)) !== readFileSync(readme, "utf8"))
		problems.push(`the tables in ${shown(readme)} are not those of ${name}`);
	if (problems.length) throw new Failure(`${problems.join("\n  ")}\n  if that is meant: npm run instructions -- --write records it`);
	process.stdout.write("the instructions that messages take are what the budget says\n");
}

function readBudget(): Budget {
	return JSON.parse(readFileSync(budgetFile, "utf8"));
}

async function compiler(): Promise<string> {
	return (await capture("arm-none-eabi-gcc", ["-dumpfullversion"])).stdout.trim();
}

async function measure(board: Board, sizes: number[], manifest: string | undefined): Promise<Figures> {
	const figures: Figures = { send: {}, receive: {}, network: {} };
	for (const size of sizes) {
		const sections = await count(board, size, manifest, byPart);
		const of = (name: string) => {
			const { javascript, native } = sections.get(name) ?? { javascript: 0, native: 0 };
			return rounded({ javascript, native });
		};
		figures.send[size] = of("send");
		figures.receive[size] = of("receive");
		const all = sections.get("network");
		if (!all) continue;
		const { javascript, native, sender, receiver, rest } = all;
		figures.network[size] = rounded({ javascript, native, sender, receiver, rest });
	}
	return figures;
}

/** The sections of the benchmark, and of that over TCP unless it is another app's; each without its stubs, if it has such. */
async function count<Name extends string>(
	board: Board,
	size: number,
	manifest: string | undefined,
	divide: (map: string) => Division<Name>,
): Promise<Map<string, Counts<Name>>> {
	const config = { length: String(size) };
	const apps = manifest ? [manifest] : [benchmark("instructions"), benchmark("network")];
	const sections = new Map<string, Counts<Name>>();
	for (const app of apps) for (const [name, counts] of await countSections(board, app, config, divide)) sections.set(name, counts);
	for (const [name, counts] of sections) {
		const stubs = sections.get(`${name}-stubs`);
		if (!stubs) continue;
		for (const part of Object.keys(counts) as Name[]) counts[part] -= stubs[part];
		sections.delete(`${name}-stubs`);
	}
	return sections;
}

async function listFunctions(board: Board, sizes: number[], manifest: string | undefined): Promise<void> {
	for (const size of sizes)
		for (const [name, counts] of await count(board, size, manifest, byFunction)) {
			process.stdout.write(`${board}, ${name}, ${size} bytes\n`);
			const most = Object.entries(counts).sort(([, a], [, b]) => b - a);
			for (const [symbol, instructions] of most.slice(0, FUNCTIONS))
				process.stdout.write(`${Math.round(instructions).toString().padStart(9)}  ${symbol}\n`);
		}
}

function rounded<T extends Record<string, number>>(numbers: T): T {
	return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, Math.round(number)])) as T;
}
