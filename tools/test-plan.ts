/* What npm test is going to do: files on devices, and those that are skipped, with the reason. */
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import type { Device } from "./devices.ts";
import { Failure } from "./failure.ts";
import { ensurePackage, packagesOf } from "./packages.ts";
import { root } from "./repository.ts";
import { prepareTests, runTestFile } from "./test-device.ts";
import { type FileResult, lastLine, printFile, type Totals } from "./test-report.ts";

export class Plan {
	readonly #totals: Totals = { passed: 0, failed: 0, skipped: 0 };
	readonly #jobs: (() => Promise<FileResult>)[] = [];
	readonly #skips: string[] = [];

	add(job: () => Promise<FileResult>): void {
		this.#jobs.push(job);
	}

	skip(count: number, what: string): void {
		this.#totals.skipped += count;
		this.#skips.push(`skipped: ${what}`);
	}

	/** Those whose packages are on this machine, or can be brought there; the others are skipped. */
	async withPackages(paths: string[]): Promise<string[]> {
		const found: string[] = [];
		for (const path of paths) {
			const file = relative(root, path);
			const missing: string[] = [];
			for (const name of packagesOf(file)) if (!(await ensurePackage(name))) missing.push(name);
			if (missing.length === 0) found.push(path);
			else this.skip(1, `${file}, for want of ${missing.join(", ")}`);
		}
		return found;
	}

	/** The files on a device, which `missing` packages are in the way of; `hindranceOf` tells why it cannot run a file. */
	async addDevice(device: Device, paths: string[], missing: string[], hindranceOf = (_file: string): string | undefined => undefined) {
		if (missing.length) {
			this.skip(paths.length, `${paths.length} file${paths.length === 1 ? "" : "s"} on ${device.name}, for want of ${missing.join(", ")}`);
			return;
		}
		const fit: string[] = [];
		for (const path of paths) {
			const file = relative(root, path);
			const hindrance = hindranceOf(file);
			if (hindrance === undefined) fit.push(path);
			else this.skip(1, `${file} on ${device.name}: ${hindrance}`);
		}
		const tests = await prepareTests(fit, device.platform);
		// Now, so that no test waits for it.
		try {
			for (const { app } of tests) await device.build(app);
		} catch (error) {
			if (!(error instanceof Failure)) throw error;
			// The other devices run theirs.
			const problems = [`${device.name} could not be built: ${error.message}`];
			this.add(async () => ({ file: "its build", variant: device.name, tests: [], problems, output: "", ms: 0 }));
			return;
		}
		for (const test of tests) this.add(() => runTestFile(test, device));
	}

	/** The status of npm test. */
	async run(): Promise<number> {
		const totals = this.#totals;
		const worker = async () => {
			for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) printFile(await job(), totals);
		};
		// One more than there are processors: a test waits for peers and timers, too.
		await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
		for (const skip of this.#skips) process.stdout.write(`${skip}\n`);
		process.stdout.write(lastLine(totals));
		return totals.failed || totals.passed + totals.skipped === 0 ? 1 : 0;
	}
}
