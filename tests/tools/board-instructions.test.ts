/* What messages cost in instructions is what the budget says, and a figure that grows is noticed. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { missingPackages } from "../../tools/board.ts";
import { capture } from "../../tools/command.ts";
import { type Budget, budgetText, differences } from "../../tools/instruction-budget.ts";
import { root } from "../../tools/repository.ts";

const missing = await missingPackages();
const skip = missing.length ? `the boards need ${missing.join(", ")}` : false;

const tool = [join(root, "tools", "bootstrap.mjs"), "instructions"];

/** Another compiler makes another firmware: its figures say nothing about a change. */
async function otherCompiler(): Promise<string | false> {
	const { compiler }: Budget = JSON.parse(readFileSync(join(root, "tests", "budgets", "instructions.json"), "utf8"));
	const here = (await capture("arm-none-eabi-gcc", ["-dumpfullversion"])).stdout.trim();
	return here !== compiler && `the budget is of arm-none-eabi-gcc ${compiler}, and here is ${here}`;
}

const budget = (javascript: number, receiver: number): Budget => ({
	compiler: "12.2.1",
	boards: {
		"mps2-an385": {
			send: { 125: { javascript, native: 1000 } },
			receive: {},
			network: { 0: { javascript: 1, native: 1, sender: 1, receiver, rest: 1 } },
		},
	},
});

test("a figure that differs by more than 3 % is told, with what it was", () => {
	const before = budget(9000, 5000);
	deepEqual(differences(before, budget(9270, 4850)), []);
	deepEqual(differences(before, budget(9271, 4849)), [
		"mps2-an385, send, 125 bytes, JavaScript: 9,271, 3.0 % more than 9,000",
		"mps2-an385, network, 0 bytes, lwIP and driver of the receiver: 4,849, 3.0 % less than 5,000",
	]);
	deepEqual(differences({ compiler: "12.2.1", boards: {} }, { ...before, boards: { "mps2-an505": before.boards["mps2-an385"]! } }), [
		"mps2-an505, send, 125 bytes, JavaScript: 9,000, of which the budget says nothing",
		"mps2-an505, send, 125 bytes, native: 1,000, of which the budget says nothing",
		"mps2-an505, network, 0 bytes, JavaScript: 1, of which the budget says nothing",
		"mps2-an505, network, 0 bytes, native: 1, of which the budget says nothing",
		"mps2-an505, network, 0 bytes, lwIP and driver of the sender: 1, of which the budget says nothing",
		"mps2-an505, network, 0 bytes, lwIP and driver of the receiver: 5,000, of which the budget says nothing",
		"mps2-an505, network, 0 bytes, the rest: 1, of which the budget says nothing",
	]);
});

test("what the tools that measure do not take: one line, status 2", async () => {
	for (const [args, words] of [
		[["instructions", "length=5"], 'unexpected "length=": sizes are numbers alone'],
		[["instructions", "5.5"], 'whole numbers from 0 to 65535 are wanted, not "5.5"'],
		[["instructions", "--functions", "--check"], "--functions writes and checks nothing"],
		[["ram", "more"], 'unexpected "more"'],
		[["ram-tls", "more"], 'unexpected "more"'],
	] as const) {
		const { status, stderr } = await capture(process.execPath, [join(root, "tools", "bootstrap.mjs"), ...args]);
		equal(stderr, `error: ${words} (npm run ${args[0]} -- --help explains)\n`);
		equal(status, 2);
	}
});

test("the budget's file is read back as it was written, a line for each figure", () => {
	const before = budget(9000, 5000);
	deepEqual(JSON.parse(budgetText(before)), before);
	match(budgetText(before), /^\t+"125": \{ "javascript": 9000, "native": 1000 \}$/m);
});

test("counted again, the figures are the same", { skip }, async () => {
	const count = async () => {
		const { status, stdout, stderr } = await capture(process.execPath, [...tool, "--board", "mps2-an385"]);
		equal(status, 0, stderr);
		return stdout;
	};
	const first = await count();
	ok([...first.matchAll(/[\d,]{3,}/g)].length > 40, first);
	equal(await count(), first);
});

test("counted on both boards, the figures are those of tests/budgets/instructions.json and of the tables", {
	skip: skip || (await otherCompiler()),
}, async () => {
	const { status, stderr, stdout } = await capture(process.execPath, [...tool, "--check"]);
	equal(status, 0, stderr);
	equal(stdout, "the instructions that messages take are what the budget says\n");
});
