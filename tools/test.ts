/* npm test: every X.test.ts below tests/, on the device in both sizes; those of the tools on Node. */
import { availableParallelism } from "node:os";
import { basename, join, relative } from "node:path";
import { buildDevice, type Variant, variantName } from "./device-build.ts";
import { main, UsageFailure } from "./failure.ts";
import type { Bits } from "./openssl.ts";
import { readCommandLine } from "./options.ts";
import { ensurePackage, packagesOf } from "./packages.ts";
import { filesBelow, root } from "./repository.ts";
import { prepareTests, runTestFile } from "./test-device.ts";
import { runNodeTest } from "./test-node.ts";
import { type FileResult, lastLine, printFile, type Totals } from "./test-report.ts";

const help = `npm test [-- <part of a path> …] [options]

Runs the tests whose path contains one of the parts, or all of them: each tests/**/X.test.ts on a device of its own, several
at a time, and those in tests/tools on Node. Ends with one line: N passed, N failed, N skipped.

  --bits 64|32   one size of the device only (default: both)
  --release      the release build instead of the debug build
  --sanitize     with AddressSanitizer and UndefinedBehaviorSanitizer
  --stress       with a garbage collection at every allocation
  --help         prints this
`;

await main(async () => {
	const line = readCommandLine("test", process.argv.slice(2), ["--release", "--debug", "--sanitize", "--stress", "--help"], ["--bits"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const chosen = line.values.get("--bits");
	if (chosen !== undefined && chosen !== "32" && chosen !== "64")
		throw new UsageFailure(`--bits must be 32 or 64, not "${chosen}"`, "test");
	const flags = { sanitize: line.flags.has("--sanitize"), stress: line.flags.has("--stress") };
	const special = flags.sanitize || flags.stress;
	const options = ["--sanitize", "--stress"].filter((name) => line.flags.has(name));

	const tests = filesBelow(join(root, "tests")).filter((path) => path.endsWith(".test.ts"));
	const wanted = tests.filter((path) => !line.paths.length || line.paths.some((part) => relative(root, path).includes(part)));
	if (wanted.length === 0)
		throw new UsageFailure(`no test file has ${line.paths.map((part) => `"${part}"`).join(" or ")} in its path`, "test");
	const forNode = wanted.filter((path) => path.startsWith(join(root, "tests", "tools")));

	const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
	const jobs: (() => Promise<FileResult>)[] = [];
	const skips: string[] = [];
	const forDevice: string[] = [];
	for (const path of wanted.filter((path) => !forNode.includes(path))) {
		const file = relative(root, path);
		const missing: string[] = [];
		for (const name of packagesOf(file)) if (!(await ensurePackage(name))) missing.push(name);
		if (missing.length === 0) forDevice.push(path);
		else {
			skips.push(`skipped: ${file}, for want of ${missing.join(", ")}`);
			totals.skipped++;
		}
	}
	if (forDevice.length) {
		const prepared = await prepareTests(forDevice);
		for (const bits of chosen ? [Number(chosen) as Bits] : ([64, 32] as const)) {
			const variant: Variant = {
				bits,
				mode: line.flags.has("--release") ? "release" : "debug",
				...flags,
			};
			if (bits === 32 && !(await ensurePackage("gcc-multilib"))) {
				skips.push(
					`skipped: ${forDevice.length} file${forDevice.length === 1 ? "" : "s"} on the 32-bit device (${variantName(variant)}), for want of gcc-multilib`,
				);
				totals.skipped += forDevice.length;
				continue;
			}
			const program = await buildDevice(variant);
			for (const test of prepared) jobs.push(() => runTestFile(test, variant, program));
		}
	}
	// The sanitizers look at the device's C, so of the tests on Node only those that run the device are of interest.
	const onNode = special ? forNode.filter((path) => basename(path).startsWith("device-")) : forNode;
	if (onNode.length) {
		// Built here, so that no test waits for it.
		for (const mode of ["debug", "release"] as const) await buildDevice({ bits: 64, mode, ...flags });
		for (const path of onNode) jobs.push(() => runNodeTest(path, options));
	}

	const worker = async () => {
		for (let job = jobs.shift(); job; job = jobs.shift()) printFile(await job(), totals);
	};
	await Promise.all(Array.from({ length: availableParallelism() }, worker));
	for (const skip of skips) process.stdout.write(`${skip}\n`);
	process.stdout.write(lastLine(totals));
	return totals.failed || totals.passed + totals.skipped === 0 ? 1 : 0;
});
