/* Tests of the tools themselves: node:test, each file in a process of its own. */
import { join, relative } from "node:path";
import { run } from "node:test";
import { build, root } from "./repository.ts";
import type { FileResult, TestResult } from "./test-report.ts";

/** `options` are for the device, in those tests that start it: --sanitize, --stress. */
export async function runNodeTest(path: string, options: string[]): Promise<FileResult> {
	const start = performance.now();
	const file = relative(root, path);
	const result: FileResult = { file, variant: ["node", ...options].join(" "), tests: [], problems: [], output: "", ms: 0 };
	const script = join(build, "tools", file.replace(/\.ts$/, ".js"));
	process.env.DEVICE_OPTIONS = options.join(" ");
	const stream = run({ files: [script], timeout: 600_000 });
	const add = (name: string, ms: number, error?: string) => result.tests.push({ name, ms, error } satisfies TestResult);
	// The file itself is reported as a test, too: it counts only when it fails on its own.
	stream.on("test:pass", ({ name, details, skip }) => {
		if (name === script || details.type === "suite") return;
		if (skip === undefined || skip === false) add(name, details.duration_ms);
		else result.tests.push({ name, ms: 0, skipped: typeof skip === "string" ? skip : "no reason given" });
	});
	stream.on("test:fail", ({ name, details }) => {
		const { error } = details;
		const cause = error.cause instanceof Error ? (error.cause.stack ?? String(error.cause)) : String(error.cause ?? error);
		if (name === script || details.type === "suite") {
			if (!/subtests? failed/.test(cause)) result.problems.push(cause);
		} else add(name, details.duration_ms, cause);
	});
	stream.on("test:stderr", ({ message }) => {
		result.output += message;
	});
	await new Promise((resolve) => stream.on("end", resolve).resume());
	if (result.tests.length + result.problems.length === 0) result.problems.push("the file has no test");
	result.ms = performance.now() - start;
	return result;
}
