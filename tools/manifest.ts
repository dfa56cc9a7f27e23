/*
 * Reads manifest.json as mcconfig does, in its order: includes first (depth first, each file once), then the manifest
 * itself, then the part of `platforms` that fits; arrays and strings of one name concatenate, objects merge.
 * What comes out still names sources by pattern: match.ts finds the files.
 */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { engineFolder } from "./engine.ts";
import { Failure } from "./failure.ts";
import { isObject, type Json, JsonError, type JsonObject, parseJson } from "./json.ts";
import { filesBelow, sdk, shown } from "./repository.ts";

export interface Manifest {
	/** Patterns by target name, as absolute paths; "~" holds what is excluded. */
	modules: Map<string, Pattern[]>;
	/** The same for files that a program gets as they are; on a board, some of `resources` are converted. */
	data: Map<string, Pattern[]>;
	resources: Map<string, Pattern[]>;
	preload: string[];
	config: JsonObject;
	creation: JsonObject;
	defines: JsonObject;
	/** Of typescript.tsconfig. */
	compilerOptions: JsonObject;
	/** What a person should see: warnings of manifests, properties without an effect here. */
	notes: string[];
}

export interface Pattern {
	/** Absolute, its last part perhaps with one "*"; of modules, without extension. */
	source: string;
	/** The manifest that says so, for messages. */
	manifest: string;
}

/** Where a firmware runs, as manifests call it. */
export interface Platform {
	/** Its names in `platforms`, best first. */
	names: readonly string[];
	/** As $(FULLPLATFORM) has it: the platform, or platform/subplatform. */
	full: string;
}

/** Manifests written for the SDK say "lin". */
export const linux: Platform = { names: ["linux", "lin", "..."], full: "linux" };

/** Properties that mean something to mcconfig and nothing to these devices. */
const silent = new Set(["strip", "recipes", "bundle", "commonjs", "run", "ble", "dependency"]);
/** Properties that say which files a build is made of. */
const sections = ["modules", "data", "resources"] as const;
const known = new Set([
	...["build", "include", "preload", "config", "creation", "defines", "typescript", "platforms", "error", "warning"],
	...sections,
	...silent,
]);
/** What a manifest has as "error". */
export class Refusal extends Failure {}

interface Read {
	path: string;
	parts: JsonObject[];
}

export function readManifest(path: string, platform = linux): Manifest {
	return new Reader(platform).read([path]);
}

/** Several manifests as if one had included them. */
export function readManifests(paths: string[], platform = linux): Manifest {
	return new Reader(platform).read(paths);
}

class Reader {
	readonly #platforms: readonly string[];
	readonly #variables: Record<string, string>;
	readonly #seen = new Set<string>();
	readonly #order: Read[] = [];
	readonly #result: Manifest = {
		modules: new Map(),
		data: new Map(),
		resources: new Map(),
		preload: [],
		config: {},
		creation: {},
		defines: {},
		compilerOptions: {},
		notes: [],
	};

	constructor({ names, full }: Platform) {
		const [platform = full, subplatform = ""] = full.split("/");
		this.#platforms = names;
		this.#variables = {
			MODDABLE: sdk,
			BUILD: join(sdk, "build"),
			MODULES: join(sdk, "modules"),
			XS: engineFolder,
			PLATFORM: platform,
			SUBPLATFORM: subplatform,
			FULLPLATFORM: full,
			PLATFORMPATH: full,
		};
	}

	read(paths: string[]): Manifest {
		this.#variables.NAME = basename(dirname(paths[paths.length - 1] ?? ""));
		for (const path of paths) this.#collect(path, undefined);
		for (const { path, parts } of this.#order) for (const part of parts) this.#merge(path, part);
		return this.#result;
	}

	/** First pass: finds all manifests, depth first, and sets the variables on the way. */
	#collect(path: string, includer: string | undefined): void {
		if (this.#seen.has(path)) return;
		this.#seen.add(path);
		const manifest = load(path, includer);
		const parts = [manifest];
		const choice = object(path, manifest, "platforms");
		const name = choice && this.#platforms.find((platform) => platform in choice);
		if (choice && name) {
			const part = choice[name];
			if (!isObject(part)) throw new Failure(`${shown(path)}: "platforms": "${name}" must be an object`);
			parts.push(part);
		}
		for (const part of parts) this.#setVariables(path, part);
		for (const part of parts) for (const include of list(part, "include")) this.#collect(this.#resolveInclude(path, include), path);
		this.#order.push({ path, parts });
	}

	#setVariables(path: string, part: JsonObject): void {
		for (const [key, value] of Object.entries(object(path, part, "build") ?? {})) {
			const [, name = key, optional] = /^(.*?)(\s*\?=)?$/.exec(key) ?? [];
			const fromShell = optional ? process.env[name] : undefined;
			const text = fromShell ?? this.#substitute(path, String(value));
			this.#variables[name] = text.startsWith("./") ? join(dirname(path), text) : text;
		}
	}

	#substitute(path: string, text: string): string {
		return text.replace(/\$\(([^)]+)\)/g, (_, name: string) => {
			const value = this.#variables[name] ?? process.env[name];
			if (value === undefined) throw new Failure(`${shown(path)}: $(${name}) in "${text}" is not set`);
			return value;
		});
	}

	#resolveInclude(path: string, include: Json): string {
		if (isObject(include) && "git" in include)
			throw new Failure(`${shown(path)}: the device does not fetch includes from git (${include.git}): clone it and include its path`);
		if (typeof include !== "string") throw new Failure(`${shown(path)}: "include" holds paths, not ${JSON.stringify(include)}`);
		const included = resolve(dirname(path), this.#substitute(path, include));
		// A package that is linked into node_modules is the same as the one it is a link to.
		return existsSync(included) ? realpathSync(included) : included;
	}

	/** Second pass: adds one manifest, or its platform's part, to the result. */
	#merge(path: string, part: JsonObject): void {
		for (const text of list(part, "error")) throw new Refusal(`${shown(path)}: ${text}`);
		for (const text of list(part, "warning")) this.#note(`${shown(path)}: ${text}`);
		for (const name of Object.keys(part)) {
			if (!known.has(name) && /^\w/.test(name) && !name.startsWith("_"))
				this.#note(`${shown(path)}: "${name}" is not a property of manifests`);
		}
		for (const section of sections) this.#mergeFiles(path, part, section);
		for (const name of list(part, "preload")) {
			if (typeof name !== "string") throw new Failure(`${shown(path)}: "preload" holds names of modules, not ${JSON.stringify(name)}`);
			this.#result.preload.push(name);
		}
		for (const name of ["config", "creation", "defines"] as const) mergeObject(this.#result[name], object(path, part, name) ?? {});
		const typescript = object(path, part, "typescript") ?? {};
		const tsconfig = object(path, typescript, "tsconfig") ?? {};
		mergeObject(this.#result.compilerOptions, object(path, tsconfig, "compilerOptions") ?? {});
	}

	#mergeFiles(path: string, part: JsonObject, section: (typeof sections)[number]): void {
		const files = object(path, part, section) ?? {};
		const merged = this.#result[section];
		for (const target of Object.keys(files)) {
			const patterns = merged.get(target) ?? [];
			merged.set(target, patterns);
			for (const source of list(files, target)) patterns.push(this.#pattern(path, section, target, source));
		}
	}

	#pattern(path: string, section: (typeof sections)[number], target: string, value: Json): Pattern {
		const where = `${shown(path)}: ${section === "modules" ? "module" : section} "${target}"`;
		if (isObject(value) && "transform" in value) throw new Failure(`${where}: the device has no transform "${value.transform}"`);
		const text = isObject(value) ? value.source : value;
		if (typeof text !== "string") throw new Failure(`${where}: a source is a path, not ${JSON.stringify(value)}`);
		const located = this.#substitute(path, text);
		if (!located.includes("/")) throw new Failure(`${where}: "${text}" is not a path: write "./${text}"`);
		const source = resolve(dirname(path), located);
		// The SDK's own files, such as its certificates, are not here; an app for boards names them all the same.
		const optional = section !== "modules" && source.startsWith(`${sdk}/`);
		if (!optional && !isFolder(dirname(source))) throw new Failure(`${where}: the folder of "${text}" does not exist${offered(source)}`);
		return { source, manifest: path };
	}

	#note(text: string): void {
		if (!this.#result.notes.includes(text)) this.#result.notes.push(text);
	}
}

function load(path: string, includer: string | undefined): JsonObject {
	const where = includer ? `${shown(includer)}: ` : "";
	if (isFolder(path)) throw new Failure(`${where}"${shown(path)}" is a folder: name the manifest in it`);
	if (!existsSync(path)) throw new Failure(`${where}manifest "${shown(path)}" not found${offered(path)}`);
	try {
		const manifest = parseJson(readFileSync(path, "utf8"));
		if (isObject(manifest)) return manifest;
	} catch (error) {
		if (error instanceof JsonError) throw new Failure(`${shown(path)}:${error.line}:${error.column}: ${error.message}`);
		throw error;
	}
	throw new Failure(`${shown(path)}: a manifest is a JSON object`);
}

/** For a path below $(MODDABLE) that is not there: what is. */
function offered(path: string): string {
	if (!path.startsWith(`${sdk}/`) || !existsSync(sdk)) return "";
	const there = filesBelow(sdk).filter((file) => file.endsWith(".json"));
	return `; of the SDK the device has: ${there.map((file) => relative(sdk, file)).join(", ")}`;
}

const isFolder = (path: string) => isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function object(path: string, part: JsonObject, name: string): JsonObject | undefined {
	const value = part[name];
	if (value === undefined || isObject(value)) return value;
	throw new Failure(`${shown(path)}: "${name}" must be an object`);
}

/** A property that is one value or an array of them. */
function list(part: JsonObject, name: string): Json[] {
	const value = part[name];
	return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

export function mergeObject(target: JsonObject, source: JsonObject): void {
	for (const [name, value] of Object.entries(source)) {
		const old = target[name];
		if (isObject(old) && isObject(value)) mergeObject(old, value);
		else target[name] = structuredClone(value);
	}
}
