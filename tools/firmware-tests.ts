/*
 * One firmware of all tests that need nothing but the engine, for npm run firmware -- --tests: the same files as on the Linux device,
 * under the SDK's XS.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { importsOf, relativeGraph } from "./imports.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { build, filesBelow, root } from "./repository.ts";
import { isRelative, withoutExtension } from "./specifier.ts";

export interface TestFirmware {
	manifest: string;
	files: string[];
	/** Why the others are not part of it. */
	left: { file: string; why: string }[];
}

/** The part of the Linux device's module that the harness wants. */
const device = `export function exit(status: number): void {
	trace(\`@exit \${status}\\n\`);
}
`;

/** Writes the firmware's manifest and main module below build/. */
export async function writeTestFirmware(): Promise<TestFirmware> {
	const folder = join(build, "firmware-tests");
	mkdirSync(folder, { recursive: true });
	const files: string[] = [];
	const left: TestFirmware["left"] = [];
	const modules: JsonObject = {
		"*": ["./main", "./device"],
		test: withoutExtension(shownFrom(folder, join(root, "tests/support/test.ts"))),
	};
	const rooms = includesOf();
	for (const path of filesBelow(join(root, "tests", "modules")).filter((file) => file.endsWith(".test.ts"))) {
		const graph = await relativeGraph(path);
		const file = relative(root, path);
		const why = await hindrance(path, graph);
		if (why) {
			left.push({ file, why });
			continue;
		}
		files.push(file);
		for (const part of graph) modules[withoutExtension(relative(root, part))] = withoutExtension(shownFrom(folder, part));
	}
	const manifest = {
		include: ["$(MODDABLE)/examples/manifest_base.json", ...rooms.map((room) => shownFrom(folder, room))],
		modules,
		creation: { static: 16 * 1024 * 1024, chunk: { initial: 1024 * 1024 }, heap: { initial: 65536 }, stack: 4096 },
	};
	const main = [...files.map((file) => `import "${withoutExtension(file)}";`), "export default function main(): void {}", ""].join("\n");
	write(join(folder, "tests.json"), `${JSON.stringify(manifest, null, "\t")}\n`);
	write(join(folder, "main.ts"), main);
	write(join(folder, "device.ts"), device);
	return { manifest: join(folder, "tests.json"), files, left };
}

/** What is as it was keeps its time, so that mcconfig does not make it again. */
function write(path: string, text: string): void {
	if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
}

/** mcconfig takes a path for one of a file only if it begins with a dot. */
const shownFrom = (folder: string, path: string) => {
	const short = relative(folder, path);
	return short.startsWith(".") ? short : `./${short}`;
};

/** The rooms that every platform of the SDK can have. */
function includesOf(): string[] {
	const rooms = readdirSync(join(root, "modules")).map((room) => join(root, "modules", room, "manifest.json"));
	return [...rooms, join(root, "modules/transport/manifest_tcp.json"), join(root, "modules/transport/manifest_websocket.json")].filter(
		(path) => existsSync(path),
	);
}

/** Why a test cannot be part of the firmware; undefined if it can. */
async function hindrance(path: string, graph: string[]): Promise<string | undefined> {
	if (existsSync(path.replace(/\.test\.ts$/, ".peer.ts"))) return "it has a peer";
	const own = path.replace(/\.test\.ts$/, ".manifest.json");
	const manifest = existsSync(own) ? parseJson(readFileSync(own, "utf8")) : {};
	if (isObject(manifest)) {
		if (isObject(manifest.config)) return "it has a configuration of its own, or takes minutes";
		if (JSON.stringify(manifest.include ?? "").includes("manifest_")) {
			const includes = [manifest.include].flat().map((include) => basename(String(include)));
			if (includes.some((name) => !["manifest.json", "manifest_tcp.json", "manifest_websocket.json"].includes(name)))
				return "it has other modules";
		}
		if (isObject(manifest.modules) && Object.keys(manifest.modules).some((target) => target !== "websocket/*"))
			return "it has other modules";
	}
	if (graph.some((file) => !file.startsWith(join(root, "tests", "/")))) return "it has other modules";
	for (const file of graph)
		for (const { specifier, names } of await importsOf(file)) {
			if (isRelative(specifier)) continue;
			if (specifier === "socket" || specifier.startsWith("embedded:io/")) return "it has sockets of its own";
			if (specifier === "device" && names.some((name) => name !== "exit")) return "it counts memory, which only the Linux device does";
		}
	return undefined;
}

/** Reads what the harness says, tests/support/test.ts. */
export class Count {
	running: string | undefined;
	#passed = 0;
	#failed = 0;
	readonly #firmware: TestFirmware;

	constructor(firmware: TestFirmware) {
		this.#firmware = firmware;
	}

	/** True after the last line. */
	hear(text: string): boolean {
		const [, kind, json = ""] = /^@(start|test|exit) ?(.*)$/.exec(text) ?? [];
		if (kind === "start") this.running = JSON.parse(json).name;
		if (kind === "test") {
			const { name, ms, error } = JSON.parse(json);
			this.running = undefined;
			if (error === undefined) this.#passed++;
			else this.#failed++;
			process.stdout.write(`  ${error === undefined ? "ok  " : "FAIL"} ${name} (${ms} ms)\n${error === undefined ? "" : `${error}\n`}`);
		}
		return kind === "exit";
	}

	end(): number {
		const { files, left } = this.#firmware;
		for (const why of new Set(left.map((one) => one.why))) {
			const those = left.filter((one) => one.why === why);
			process.stdout.write(`${those.length} files are not part of it: ${why}\n`);
		}
		process.stdout.write(
			`${files.length} files under the SDK's XS\n${this.#passed} passed, ${this.#failed} failed, ${left.length} skipped\n`,
		);
		return this.#failed || this.#passed === 0 ? 1 : 0;
	}
}
