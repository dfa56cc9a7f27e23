/* Debian packages that go beyond Node, gcc and make: tests/packages.json lists them, with what they are for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "./command.ts";
import { root } from "./repository.ts";

interface Package {
	for: string;
	/** A shell command that succeeds when the machine has it. */
	probe: string;
	/** How the paths of the tests begin that want it; the others do without. */
	tests?: string | string[];
}

const packages = (): Record<string, Package> => JSON.parse(readFileSync(join(root, "tests", "packages.json"), "utf8"));

/** The packages that a test wants, `path` from the repository's root. */
export const packagesOf = (path: string) =>
	Object.entries(packages())
		.filter(([, { tests = [] }]) => [tests].flat().some((start) => path.startsWith(start)))
		.map(([name]) => name);

/** Another tool may be installing, too. */
const patient = ["-o", "DPkg::Lock::Timeout=600"];

/** Whether the machine has the package. Root gets it installed, visibly; anyone else is told its name. */
export async function ensurePackage(name: string): Promise<boolean> {
	const wanted = packages()[name];
	if (!wanted) throw new Error(`${name} is not in tests/packages.json`);
	const there = async () => (await capture("sh", ["-c", wanted.probe])).status === 0;
	if (await there()) return true;
	if (process.getuid?.() === 0) {
		process.stderr.write(`installing ${name} (${wanted.for})\n`);
		// With this runlevel Debian's scripts start no service that comes with the package.
		const install = () => capture("env", ["RUNLEVEL=1", "apt-get", ...patient, "install", "-y", "-q", "--no-install-recommends", name]);
		if ((await install()).status) {
			await capture("apt-get", [...patient, "update", "-q"]);
			await install();
		}
		if (await there()) return true;
	}
	process.stderr.write(`missing: ${name}, for ${wanted.for} (Debian: apt-get install ${name})\n`);
	return false;
}
