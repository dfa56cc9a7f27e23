/* Tests on the device: each file is a firmware of its own, in a process of its own, perhaps with a peer on Node beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { type App, fromScript } from "./app.ts";
import { compile } from "./compile.ts";
import type { Device } from "./devices.ts";
import { isObject, type JsonObject } from "./json.ts";
import type { Platform } from "./manifest.ts";
import { build, root } from "./repository.ts";
import { commandOf, forEachLine, type Program } from "./run-device.ts";
import type { FileResult, TestResult } from "./test-report.ts";

export interface DeviceTest {
	path: string;
	app: App;
}

/** Finds out what each file consists of, and compiles all of them in one call of the compiler. */
export async function prepareTests(paths: string[], platform: Platform): Promise<DeviceTest[]> {
	const tests: DeviceTest[] = [];
	for (const path of paths) {
		const own = path.replace(/\.test\.ts$/, ".manifest.json");
		const manifests = [join(root, "tests", "support", "manifest.json"), ...(existsSync(own) ? [own] : [])];
		tests.push({ path, app: await fromScript(path, manifests, platform) });
	}
	await compile(tests.flatMap(({ app }) => [...app.modules.values()]));
	return tests;
}

/** How long a file may take, in seconds: three minutes, or as its manifest says in config.limitSeconds; longer on devices that are slow. */
const limitOf = ({ config }: App, { slowness }: Device) => Number(config.limitSeconds ?? 180) * slowness;

export async function runTestFile({ path, app }: DeviceTest, device: Device): Promise<FileResult> {
	const start = performance.now();
	const result: FileResult = { file: relative(root, path), variant: device.name, tests: [], problems: [], output: "", ms: 0 };
	let peer: Peer | undefined;
	try {
		peer = await startPeer(path);
		await device.with(app, { config: { ...peer?.config, variant: device.name } }, (program) =>
			runOnDevice(program, limitOf(app, device), result),
		);
	} catch (error) {
		result.problems.push(error instanceof Error ? error.message : String(error));
	} finally {
		await peer?.end();
		if (peer?.output() && result.problems.length + result.tests.filter(({ error }) => error).length)
			result.output += `peer: ${peer.output()}`;
	}
	result.ms = performance.now() - start;
	return result;
}

async function runOnDevice(program: Program, limit: number, result: FileResult): Promise<void> {
	// With the debugger's host unset: a test must not wait for one.
	const { XSBUG_HOST: _host, XSBUG_PORT: _port, ...env } = process.env;
	const child = spawn(...commandOf(program, false, program.emulator === true), {
		cwd: program.folder,
		stdio: ["ignore", "pipe", "pipe"],
		env,
	});
	let running: string | undefined;
	let ended = false;
	forEachLine(child.stdout, (line) => {
		const [, kind, text = ""] = /^@(start|test|end) ?(.*)$/.exec(line) ?? [];
		if (kind === "start") running = JSON.parse(text).name;
		else if (kind === "test") {
			const test = resultOf(text);
			// A device that is killed may end in the middle of a line.
			if (test === undefined) return;
			result.tests.push({ ...test, error: test.error && trimmed(test.error) });
			running = undefined;
		} else if (kind === "end") ended = true;
		else result.output += `${line}\n`;
	});
	forEachLine(child.stderr, (line) => {
		result.output += `${line}\n`;
	});
	let late = false;
	const timer = setTimeout(() => {
		late = true;
		child.kill("SIGKILL");
	}, limit * 1000);
	const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
		child.on("error", (error) => {
			result.problems.push(error.message);
			resolve([1, null]);
		});
		child.on("close", (...outcome) => resolve(outcome));
	});
	clearTimeout(timer);

	const where = running === undefined ? "" : ` in the test "${running}"`;
	const failed = result.tests.some(({ error }) => error !== undefined);
	if (late) result.problems.push(`not done after ${limit} s${where}`);
	else if (!ended) result.problems.push(`the device ended${where} before the tests did (${signal ?? `status ${status}`})`);
	else if (signal || status !== (failed ? 1 : 0)) result.problems.push(`the device ended with ${signal ?? `status ${status}`}`);
	else if (result.tests.length === 0) result.problems.push("the file has no test");
}

function resultOf(text: string): TestResult | undefined {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Without the frames that every failure has: those of the harness, and natives without a place. */
const trimmed = (stack: string) =>
	stack
		.replaceAll(`${root}/`, "")
		.split("\n")
		.filter((line) => !/^\s*at (?:\(\)$|.*\(tests\/support\/test\.ts:)/.test(line))
		.join("\n");

interface Peer {
	config: JsonObject;
	output(): string;
	end(): Promise<void>;
}

/** Starts X.peer.ts beside X.test.ts and waits for its line of JSON. */
async function startPeer(path: string): Promise<Peer | undefined> {
	const source = path.replace(/\.test\.ts$/, ".peer.ts");
	if (!existsSync(source)) return undefined;
	const script = join(build, "tools", relative(root, source).replace(/\.ts$/, ".js"));
	// Its stdin ends with the runner: peers that have children wait for that.
	const child = spawn(process.execPath, ["--enable-source-maps", script], { stdio: ["pipe", "pipe", "pipe"] });
	const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
	let output = "";
	const config = await new Promise<JsonObject>((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error("the peer did not print its line of JSON in 120 s")), 120_000);
		const settle = (line: string) => {
			clearTimeout(timer);
			const parsed: unknown = JSON.parse(line);
			if (isObject(parsed)) resolve(parsed);
			else reject(new Error(`the peer's line is no JSON object: ${line}`));
		};
		let first = true;
		forEachLine(child.stdout, (line) => {
			if (first) {
				first = false;
				try {
					settle(line);
				} catch {
					reject(new Error(`the peer's first line is not JSON: ${line}`));
				}
			} else output += `${line}\n`;
		});
		forEachLine(child.stderr, (line) => {
			output += `${line}\n`;
		});
		closed.then(() => {
			clearTimeout(timer);
			reject(new Error(`the peer ended before it was ready\n${output}`));
		});
	}).catch(async (error: unknown) => {
		await endPeer(child, closed);
		throw error;
	});
	return { config, output: () => output, end: () => endPeer(child, closed) };
}

/** It may tidy up, but not for long. */
async function endPeer(child: ChildProcess, closed: Promise<void>): Promise<void> {
	child.kill("SIGTERM");
	const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
	await closed;
	clearTimeout(timer);
}
