/*
 * The door of every npm script. It is plain JavaScript because it runs in a fresh clone, before anything is installed:
 * it checks the machine, installs the locked packages, compiles tools/ when a source changed, then becomes the tool.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, "build", "tools");

function fail(message) {
	process.stderr.write(`error: ${message}\n`);
	process.exit(1);
}

function run(what, command, args) {
	const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
	if (error) fail(`${what}: ${command}: ${error.message}`);
	if (signal) process.exit(130);
	if (status) fail(`${what} failed (${command} ended with ${status})`);
}

function checkMachine() {
	if (Number.parseInt(process.versions.node, 10) < 20) fail(`Node.js 20 or newer is needed, this is ${process.versions.node}`);
	if (process.platform !== "linux") fail(`the device is a Linux program, this is ${process.platform}`);
	const folders = (process.env.PATH ?? "").split(delimiter);
	for (const program of ["gcc", "make"])
		if (!folders.some((folder) => existsSync(join(folder, program))))
			fail(`${program} is missing: install it (Debian: apt-get install gcc make libc6-dev)`);
}

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const installed = () => modified(join(root, "node_modules", ".package-lock.json")) >= modified(join(root, "package-lock.json"));

/* What tools/tsconfig.json includes: the tools, their tests, and what stands beside device tests but runs on Node. */
function sources() {
	const all = (folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name));
	const forNode = (path) => path.endsWith(".peer.ts") || path.startsWith(join(root, "tests", "tools"));
	const paths = [...all(join(root, "tools")), ...all(join(root, "tests")).filter(forNode)];
	return [join(root, "package-lock.json"), ...paths.filter((path) => statSync(path).isFile()).sort()];
}

function sourcesKey() {
	const hash = createHash("sha256").update(process.version);
	for (const path of sources()) hash.update(`${path}\0`).update(readFileSync(path));
	return hash.digest("hex");
}

const stamp = join(output, ".key");
const compiled = () => existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesKey();

/* Under a lock: several tools may be started at once in a fresh clone. */
function prepare() {
	if (!installed()) {
		process.stderr.write("installing the packages of package-lock.json\n");
		run("the installation", "npm", ["ci", "--no-progress", "--loglevel=error", "--ignore-scripts"]);
	}
	if (compiled()) return;
	const key = sourcesKey();
	rmSync(output, { recursive: true, force: true });
	// Types are checked by `npm run check`; here only a syntax error may stop the work.
	const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
	run("the compilation of tools/", process.execPath, [tsc, "-p", join(root, "tools"), "--noCheck"]);
	writeFileSync(stamp, key);
}

const tool = process.argv[2];
if (tool === "--prepare") prepare();
else {
	checkMachine();
	if (!installed() || !compiled()) {
		mkdirSync(join(root, "build"), { recursive: true });
		const args = [join(root, "build", ".prepare.lock"), process.execPath, fileURLToPath(import.meta.url), "--prepare"];
		const { status, error } = spawnSync("flock", args, { stdio: ["ignore", "inherit", "inherit"] });
		if (error) fail(`flock: ${error.message}`);
		if (status !== 0) process.exit(status ?? 130);
	}
	process.argv.splice(1, 2, join(output, "tools", `${tool}.js`));
	process.setSourceMapsEnabled(true);
	await import(pathToFileURL(process.argv[1]));
}
