/* npm run check: everything that is not a test. Each check counts, so that .ci/run can add it to the tests. */
import { join } from "node:path";
import { capture } from "./command.ts";
import { main } from "./failure.ts";
import { ensurePackage } from "./packages.ts";
import { filesBelow, root } from "./repository.ts";
import { lastLine, type Totals } from "./test-report.ts";

const bin = (name: string) => join(root, "node_modules", ".bin", name);
const sources = ["hosts", "modules", "benchmarks"].flatMap((folder) =>
	filesBelow(join(root, folder)).filter((path) => /\.[ch]$/.test(path)),
);

const checks: { name: string; command: string; args: string[]; needs?: string }[] = [
	{ name: "Biome: lint, imports and layout", command: bin("biome"), args: ["ci", "--max-diagnostics=50", "."] },
	{ name: "TypeScript: what runs on the device", command: bin("tsc"), args: ["-p", "."] },
	{ name: "TypeScript: the tools and what else runs on Node", command: bin("tsc"), args: ["-p", "tools", "--noEmit"] },
	{ name: "clang-format: the layout of C", command: "clang-format", args: ["--dry-run", "--Werror", ...sources], needs: "clang-format" },
];

await main(async () => {
	const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
	for (const { name, command, args, needs } of checks) {
		if (needs && !(await ensurePackage(needs))) {
			totals.skipped++;
			process.stdout.write(`skip ${name}\n`);
			continue;
		}
		const { status, stdout, stderr } = await capture(command, args, { cwd: root });
		totals[status ? "failed" : "passed"]++;
		process.stdout.write(`${status ? "FAIL" : "ok  "} ${name}\n${status ? `${stdout}${stderr}\n` : ""}`);
	}
	process.stdout.write(lastLine(totals));
	return totals.failed ? 1 : 0;
});
