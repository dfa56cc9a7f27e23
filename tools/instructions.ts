/* npm run instructions: how many instructions a message costs on a board; benchmarks/instructions/README.md says what is counted. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Board, boards, missingPackages, readBoard } from "./board.ts";
import { capture } from "./command.ts";
import { type Counts, countSections } from "./counter.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { type Budget, budgetText, differences, type Figures, shownTables, writtenTables } from "./instruction-budget.ts";
import { readCommandLine } from "./options.ts";
import { root, shown } from "./repository.ts";
import { withTable } from "./written-table.ts";

const tool = "instructions";
const help = `npm run instructions -- [bytes …] [options]

Counts the instructions that a message of so many bytes (default 0 125 1024 16384) costs on an emulated board: to send and to
receive it over a transport that does nothing, and to bring it over TCP from one end to the other, by what executes them. The
same firmware gives the same figures.

  --board NAME     mps2-an385 or mps2-an505 (default: mps2-an385; with --write and --check both)
  --write          writes tests/budgets/instructions.json and the tables in benchmarks/instructions/README.md
  --check          compares with what stands there, and fails where a figure differs by more than 3 %
  --manifest PATH  counts another app that measures its sections as benchmarks/instructions/main.ts does
  --help           prints this
`;

const SIZES = [0, 125, 1024, 16384];
const LENGTH_MAX = 0xffff;

const benchmark = (name: string) => join(root, "benchmarks", name, "manifest.json");
const budgetFile = join(root, "tests", "budgets", "instructions.json");
const readme = join(root, "benchmarks", "instructions", "README.md");

await main(async () => {
	const line = readCommandLine(tool, process.argv.slice(2), ["--write", "--check", "--help"], ["--manifest", "--board"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const sizes = line.paths.length ? line.paths.map(Number) : SIZES;
	if (!sizes.every((size) => Number.isInteger(size) && size >= 0 && size <= LENGTH_MAX))
		throw new UsageFailure(`whole numbers from 0 to ${LENGTH_MAX} are wanted, not "${line.paths.join(" ")}"`, tool);
	const [write, check] = [line.flags.has("--write"), line.flags.has("--check")];
	const manifest = line.values.get("--manifest");
	if ((write || check) && (manifest || line.paths.length)) throw new UsageFailure("--write and --check are for the usual figures", tool);
	const given = line.values.get("--board");
	const chosen = given ? [readBoard(tool, given)] : write || check ? boards : (["mps2-an385"] as const);
	const missing = await missingPackages();
	if (missing.length) throw new Failure(`the boards need ${missing.join(", ")} (Debian: apt-get install ${missing.join(" ")})`);

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
		const config = { length: String(size) };
		const sections = await countSections(board, manifest ?? benchmark("instructions"), config);
		figures.send[size] = difference(sections, "send");
		figures.receive[size] = difference(sections, "receive");
		if (manifest) continue;
		const all = (await countSections(board, benchmark("network"), config)).get("network") as Counts;
		const { javascript, native, network, rest } = all;
		figures.network[size] = rounded({ javascript, native, network, rest });
	}
	return figures;
}

/** What is left of a section without its stubs. */
function difference(sections: Map<string, Counts>, name: string): { javascript: number; native: number } {
	const [whole, stubs] = [sections.get(name), sections.get(`${name}-stubs`)];
	if (!whole || !stubs) throw new Failure(`the app has no sections ${name} and ${name}-stubs`);
	return rounded({ javascript: whole.javascript - stubs.javascript, native: whole.native - stubs.native });
}

function rounded<T extends Record<string, number>>(numbers: T): T {
	return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, Math.round(number)])) as T;
}
