/*
 * npm run ram: finds the smallest RAM in which the telemetry device runs on the emulated boards, and writes tests/budgets/ram.json and the
 * table in README.md; with --check, looks whether these are still true.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Board, boards, LEAST_RAM, missingPackages, USUAL_RAM } from "./board.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { readCommandLine } from "./options.ts";
import { type Regions, regionNames, regionsOf } from "./report.ts";
import { root, shown } from "./repository.ts";
import { runTelemetry } from "./telemetry-run.ts";
import { withTable } from "./written-table.ts";

const tool = "ram";
const help = `npm run ram -- [--check]

Finds the smallest RAM (data, stacks, heaps and lwIP together) in which main.ts sends telemetry over MQTT and WebSocket on the emulated
boards, in steps of 1 KB, and writes tests/budgets/ram.json and the table in README.md. A minute or two for each board.

  --check        writes nothing: looks whether main.ts still runs in so much, and not in 1 KB less, and whether the table is true
  --help         prints this
`;

const budget = join(root, "tests", "budgets", "ram.json");
const readme = join(root, "README.md");

/** What has to go through in the smallest RAM, */
const MESSAGES = 10_000;
/** and what tells while it is looked for, or checked, that it probably will: by then everything has happened. */
const FEW_MESSAGES = 500;
/** How much of a region's length may change before that has to be written. */
const TOLERANCE = 0.01;

interface Budget {
	/** In KB. */
	smallest: number;
	/** The regions in that, and in 64 KB. */
	regions: Regions;
	usual: Regions;
}

async function regionsIn(board: Board, ram: number, messages: number): Promise<Regions> {
	const { failure, report } = await runTelemetry(board, ram, messages);
	if (failure || !report?.ram) throw new Failure(`${board} with ${ram} KB of RAM: ${failure ?? "no report"}`);
	return regionsOf(report.ram, report);
}

async function measure(board: Board): Promise<Budget> {
	const usual = await regionsIn(board, USUAL_RAM, MESSAGES);
	let [not, smallest] = [LEAST_RAM - 1, USUAL_RAM];
	while (smallest - not > 1) {
		const ram = Math.floor((not + smallest) / 2);
		const { failure } = await runTelemetry(board, ram, FEW_MESSAGES);
		process.stderr.write(`${board}: ${ram} KB: ${failure ?? "runs"}\n`);
		if (failure) not = ram;
		else smallest = ram;
	}
	for (; smallest < USUAL_RAM; smallest++) {
		const { failure, report } = await runTelemetry(board, smallest, MESSAGES);
		if (!failure && report?.ram) return { smallest, regions: regionsOf(report.ram, report), usual };
		process.stderr.write(`${board}: ${smallest} KB: ${failure}\n`);
	}
	return { smallest, regions: usual, usual };
}

/** Throws what is not as the budget says. */
async function check(board: Board, { smallest, regions }: Budget): Promise<void> {
	const cure = "npm run ram writes what is true";
	const now = await regionsIn(board, smallest, FEW_MESSAGES).catch((error: unknown) => {
		throw error instanceof Failure ? new Failure(`${error.message}: ${cure}`) : error;
	});
	for (const [name, title] of Object.entries(regionNames)) {
		const [was, is] = [regions[name]?.bytes ?? 0, now[name]?.bytes ?? 0];
		if (Math.abs(is - was) > TOLERANCE * was)
			throw new Failure(`${board} with ${smallest} KB of RAM: ${title}: ${is} bytes, and no longer ${was}: ${cure}`);
	}
	const failureWithLess = async (messages: number) => (await runTelemetry(board, smallest - 1, messages)).failure;
	// What ends it may come late.
	const failure = (await failureWithLess(FEW_MESSAGES)) ?? (await failureWithLess(MESSAGES));
	if (!failure) throw new Failure(`${board} runs with ${smallest - 1} KB of RAM, too: ${cure}`);
}

const kilobytes = (bytes: number) => (bytes / 1024).toFixed(1);

/** The part of README.md between the markers. */
function tableOf(budgets: Record<string, Budget>): string {
	const columns = Object.values(budgets).flatMap(({ usual, regions }) => [usual, regions]);
	const heads = Object.entries(budgets).flatMap(([board, { smallest }]) => [
		`\`${board}\`, ${USUAL_RAM} KB`,
		`**${smallest} KB**, the smallest`,
	]);
	return [
		`| KB at peak, of what there is | ${heads.join(" | ")} |`,
		`|---|${heads.map(() => "---|").join("")}`,
		...Object.entries(regionNames).map(
			([name, title]) =>
				`| ${title} | ${columns.map((regions) => `${kilobytes(regions[name]?.peak ?? 0)} of ${kilobytes(regions[name]?.bytes ?? 0)}`).join(" | ")} |`,
		),
	].join("\n");
}

const readBudget = (): Record<string, Budget> => (existsSync(budget) ? JSON.parse(readFileSync(budget, "utf8")) : {});

await main(async () => {
	const line = readCommandLine(tool, process.argv.slice(2), ["--check", "--help"], []);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [more] = [...line.paths, ...Object.keys(line.config)];
	if (more !== undefined) throw new UsageFailure(`unexpected "${more}"`, tool);
	const missing = await missingPackages();
	if (missing.length) throw new Failure(`the boards need ${missing.join(", ")} (Debian: apt-get install ${missing.join(" ")})`);
	const text = readFileSync(readme, "utf8");
	if (line.flags.has("--check")) {
		const budgets = readBudget();
		if (withTable(tool, readme, text, tableOf(budgets)) !== text)
			throw new Failure(`the table in ${shown(readme)} is not that of ${shown(budget)}: npm run ram writes both`);
		for (const board of boards) {
			const its = budgets[board];
			if (!its) throw new Failure(`${shown(budget)} says nothing of ${board}: npm run ram writes it`);
			await check(board, its);
		}
		process.stdout.write("main.ts runs in the RAM that the table says, and not in less\n");
		return 0;
	}
	const budgets: Record<string, Budget> = {};
	for (const board of boards) budgets[board] = await measure(board);
	writeFileSync(budget, `${JSON.stringify(budgets, null, "\t")}\n`);
	writeFileSync(readme, withTable(tool, readme, text, tableOf(budgets)));
	process.stdout.write(`written: ${shown(budget)} and the table in ${shown(readme)}\n`);
	return 0;
});
