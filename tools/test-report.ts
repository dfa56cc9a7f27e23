/* What the test runs found, as people and .ci/run read it. */

export interface TestResult {
	name: string;
	ms: number;
	/** Undefined for a test that passed. */
	error?: string;
	/** Why it was not run. */
	skipped?: string;
}

export interface FileResult {
	file: string;
	/** Where it ran: a variant of the device, or "node". */
	variant: string;
	tests: TestResult[];
	/** What went wrong outside of the tests; each counts as one failure. */
	problems: string[];
	/** What the device printed beside the reports; shown when something failed. */
	output: string;
	ms: number;
}

export interface Totals {
	passed: number;
	failed: number;
	skipped: number;
}

const indented = (text: string) => text.trimEnd().replace(/^/gm, "      ");

/** Prints a file's tests and adds them up. */
export function printFile({ file, variant, tests, problems, output, ms }: FileResult, totals: Totals): void {
	const lines = [`${file} (${variant}, ${Math.round(ms)} ms)`];
	let failed = 0;
	let skipped = 0;
	for (const test of tests) {
		if (test.skipped !== undefined) {
			lines.push(`  skip ${test.name}: ${test.skipped}`);
			skipped++;
			continue;
		}
		lines.push(`  ${test.error === undefined ? "ok  " : "FAIL"} ${test.name} (${Math.round(test.ms)} ms)`);
		if (test.error === undefined) continue;
		failed++;
		lines.push(indented(test.error));
	}
	for (const problem of problems) lines.push("  FAIL", indented(problem));
	if (failed + problems.length && output) lines.push("  output:", indented(output));
	process.stdout.write(`${lines.join("\n")}\n`);
	totals.passed += tests.length - failed - skipped;
	totals.skipped += skipped;
	totals.failed += failed + problems.length;
}

export const lastLine = ({ passed, failed, skipped }: Totals) => `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
