/* What runs on the device: all that a manifest says, or, for a script without one, the host's modules and its relative imports. */
import { existsSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { engineFolder, fetchEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { relativeGraph } from "./imports.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { linux, type Manifest, type Platform, Refusal, readManifest, readManifests } from "./manifest.ts";
import { match, preloaded } from "./match.ts";
import { filesBelow, root, sharedHost, shown } from "./repository.ts";
import { matchResources } from "./resources.ts";
import { withoutExtension } from "./specifier.ts";

export interface App {
	/** Name of the module that starts. */
	main: string;
	/** Sources by module name. */
	modules: Map<string, string>;
	preload: Set<string>;
	/** Files of `data` and `resources`, by the name that `new Resource` takes. */
	resources: Map<string, string>;
	natives: string[];
	headers: string[];
	config: JsonObject;
	creation: Creation;
	defines: JsonObject;
	compilerOptions: JsonObject;
	notes: string[];
	/** Where a missing module would be listed. */
	manifest: string | undefined;
}

/** What a heap has at the start, and grows by. */
export interface Heap {
	initial: number;
	incremental: number;
}

/** Sizes of the machine: bytes for static and chunk, slots for heap and stack, the others count names. */
export interface Creation {
	static: number;
	chunk: Heap;
	heap: Heap;
	stack: number;
	keys: number;
	names: number;
	symbols: number;
}

/** A path from the command line: a script, a manifest, or the folder of one. */
export async function readApp(path: string, platform = linux): Promise<App> {
	await fetchEngine();
	const found = statSync(path, { throwIfNoEntry: false });
	if (!found) throw new Failure(`${shown(path)}: no such file`);
	if (found.isDirectory()) {
		const inside = ["manifest.json", "main.ts", "main.js"].map((name) => join(path, name)).find((file) => existsSync(file));
		if (!inside) throw new Failure(`${shown(path)}: this folder has no manifest.json and no main.ts`);
		return readApp(inside, platform);
	}
	if (extname(path) === ".json") return fromManifest(path, platform);
	if (![".ts", ".js", ".mjs"].includes(extname(path)))
		throw new Failure(`${shown(path)}: not a script (.ts, .js, .mjs) and not a manifest`);
	const manifest = join(dirname(path), "manifest.json");
	return existsSync(manifest) ? fromManifest(manifest, platform, path) : fromScript(path, [], platform);
}

function fromManifest(path: string, platform: Platform, script?: string): App {
	const app = assemble(readManifests([path], platform), path);
	if (script) {
		const listed = [...app.modules].find(([, source]) => source === script)?.[0];
		if (listed !== undefined) app.main = listed;
		else app.modules.set(app.main, script);
	}
	if (!app.modules.has(app.main)) throw new Failure(`${shown(path)}: "modules" has no "${app.main}" to start with`);
	return app;
}

/** The manifests that give everything this repository has for a platform. */
export function everything(platform = linux): string[] {
	// Not those that bring a module of another one again, in TypeScript.
	const rooms = filesBelow(join(root, "modules")).filter((path) => /\/manifest(?!_script)\w*\.json$/.test(path));
	return [join(sharedHost, "manifest.json"), ...rooms.filter((path) => !isRefused(path, platform))];
}

function isRefused(path: string, platform: Platform): boolean {
	try {
		readManifest(path, platform);
		return false;
	} catch (error) {
		if (error instanceof Refusal) return true;
		throw error;
	}
}

/** A script of its own; further manifests add to, or change, what it gets. */
export async function fromScript(script: string, manifests: string[] = [], platform = linux): Promise<App> {
	await fetchEngine();
	const app = assemble(readManifests([...everything(platform), ...manifests], platform), undefined);
	const files = await relativeGraph(script);
	const folders = files.map((file) => dirname(file));
	const top = folders.reduce(common);
	// In a folder of their own, so that an app's net.ts does not hide the device's "net".
	const name = (file: string) => `app/${withoutExtension(relative(top, file))}`;
	for (const file of files) app.modules.set(name(file), file);
	app.main = name(script);
	return app;
}

function common(a: string, b: string): string {
	while (!`${b}/`.startsWith(a === "/" ? a : `${a}/`)) a = dirname(a);
	return a;
}

function assemble(manifest: Manifest, path: string | undefined): App {
	const { modules, natives, headers, notes } = match(manifest);
	const where = path ? `${shown(path)}: ` : "";
	return {
		main: typeof manifest.creation.main === "string" ? manifest.creation.main : "main",
		modules,
		preload: preloaded(manifest, modules.keys(), notes),
		resources: matchResources(manifest, notes),
		// The Makefile compiles the device's own and the engine's C into its program.
		natives: natives.filter((file) => !file.startsWith(`${sharedHost}/`) && !file.startsWith(`${engineFolder}/`)),
		headers,
		config: manifest.config,
		creation: creation(manifest.creation, where),
		defines: manifest.defines,
		compilerOptions: manifest.compilerOptions,
		notes: [...manifest.notes, ...notes],
		manifest: path,
	};
}

/** Those of the SDK's manifest for an ESP8266, which has an arena of this kind. */
const smallChunk: Heap = { initial: 1536, incremental: 512 };
const smallHeap: Heap = { initial: 512, incremental: 64 };
const noHeap: Heap = { initial: 0, incremental: 0 };

function creation(given: JsonObject, where: string): Creation {
	const part = (name: string) => (isObject(given[name]) ? given[name] : {});
	const count = (name: string, value: Json | undefined, otherwise: number, least = 0): number => {
		if (value === undefined) return otherwise;
		if (typeof value === "number" && Number.isInteger(value) && value >= least && value < 2 ** 31) return value;
		throw new Failure(`${where}"creation": "${name}" must be a whole number from ${least} to ${2 ** 31 - 1}, not ${JSON.stringify(value)}`);
	};
	const keys = part("keys");
	const initial = count("keys.initial", keys.initial, count("keys.available", keys.available, 32));
	const heap = (name: string, otherwise: Heap): Heap => ({
		initial: count(`${name}.initial`, part(name).initial, otherwise.initial),
		incremental: count(`${name}.incremental`, part(name).incremental, otherwise.incremental) || otherwise.incremental,
	});
	const total = count("static", given.static, 65536);
	// Without `static`, a device takes the two heaps separately; the arena here holds both. A slot has 16 bytes there.
	const separate = total ? 0 : heap("chunk", noHeap).initial + 16 * heap("heap", noHeap).initial;
	return {
		static: total || separate || 65536,
		chunk: separate ? smallChunk : heap("chunk", smallChunk),
		heap: separate ? smallHeap : heap("heap", smallHeap),
		stack: count("stack", given.stack, 384),
		keys: initial + count("keys.incremental", keys.incremental, 0),
		names: count("keys.name", keys.name, 53, 1),
		symbols: count("keys.symbol", keys.symbol, 3, 1),
	};
}

export const appName = (app: App) => basename(withoutExtension(app.modules.get(app.main) ?? app.main));
