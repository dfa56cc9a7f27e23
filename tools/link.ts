/* Writes the link file: what the device's program reads. Checks first that every static import leads to a module of the build. */
import { readFileSync, writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { extname, join } from "node:path";
import type { App } from "./app.ts";
import { everything } from "./app.ts";
import { Failure } from "./failure.ts";
import { type Exports, exportsOf, type Import, importsOf } from "./imports.ts";
import type { JsonObject } from "./json.ts";
import { readManifest } from "./manifest.ts";
import { match } from "./match.ts";
import { filesBelow, root, sdk, shown } from "./repository.ts";
import { isRelative, resolveSpecifier, withoutExtension } from "./specifier.ts";

export interface LinkOptions {
	/** A folder for this run alone. */
	folder: string;
	/** key=value of the command line: strings, as with mcconfig. */
	config?: JsonObject;
	heapBytes?: number;
	/** What a board has of RAM, for everything. */
	ramBytes?: number;
	/** The library of the app's C sources. */
	native?: string;
}

const configName = "mc/config";

/** Writes the link file of compiled modules and returns its path. */
export async function link(app: App, scriptOf: (source: string) => string, options: LinkOptions): Promise<string> {
	await checkImports(app, scriptOf);
	const records: (string | number)[][] = [
		["main", app.main],
		["static", options.heapBytes ?? app.creation.static],
		["chunk", app.creation.chunk.initial, app.creation.chunk.incremental],
		["heap", app.creation.heap.initial, app.creation.heap.incremental],
		["stack", app.creation.stack],
		["keys", app.creation.keys],
		["names", app.creation.names],
		["symbols", app.creation.symbols],
	];
	if (options.ramBytes) records.push(["ram", options.ramBytes]);
	for (const [name, path] of app.resources) records.push(["resource", name, path]);
	if (options.native) records.push(["native", options.native]);
	for (const [name, source] of app.modules) records.push(["module", name, scriptOf(source), app.preload.has(name) ? 1 : 0]);
	if (!app.modules.has(configName)) {
		const script = join(options.folder, "mc.config.js");
		writeFileSync(script, configScript({ ...app.config, ...options.config }));
		records.push(["module", configName, script, 1]);
	}
	const unfit = records.flat().find((field) => /[\t\n]/.test(String(field)));
	if (unfit !== undefined)
		throw new Failure(`a path or the name of a module or resource must not have a tab or a line break: ${JSON.stringify(unfit)}`);
	const path = join(options.folder, "link.txt");
	writeFileSync(path, records.map((record) => `${record.join("\t")}\n`).join(""));
	return path;
}

/** The second argument of freeze is XS's own: it freezes what is inside, too. */
const configScript = (config: JsonObject) => `export default Object.freeze(${JSON.stringify(config, null, "\t")}, true);\n`;

async function checkImports(app: App, scriptOf: (source: string) => string): Promise<void> {
	const exports = new Map<string, Exports | undefined>();
	for (const [name, source] of app.modules) exports.set(name, await exportsOf(scriptOf(source)));
	for (const [name, source] of app.modules) {
		const script = scriptOf(source);
		for (const entry of await importsOf(script)) {
			const wanted = resolveSpecifier(entry.specifier, name);
			if (entry.dynamic || wanted === configName) continue;
			const where = () => `${shown(source)}:${lineInSource(source, script, entry)}`;
			if (!app.modules.has(wanted)) throw new Failure(`${where()}: module "${wanted}" not found: ${cure(app, entry, wanted)}`);
			const all = exportedBy(wanted, exports, new Set());
			const missing = entry.names.find((one) => all && !all.has(one));
			if (all && missing !== undefined)
				throw new Failure(`${where()}: module "${wanted}" has no export "${missing}": it exports ${[...all].join(", ") || "nothing"}`);
		}
	}
}

/** All that a module exports, or undefined where that cannot be told. Modules may export all of each other: `seen` ends that. */
function exportedBy(name: string, exports: Map<string, Exports | undefined>, seen: Set<string>): Set<string> | undefined {
	const own = exports.get(name);
	if (!own) return undefined;
	seen.add(name);
	const names = new Set(own.names);
	for (const specifier of own.from) {
		const other = resolveSpecifier(specifier, name);
		if (seen.has(other)) continue;
		const more = exportedBy(other, exports, seen);
		if (!more) return undefined;
		for (const one of more) if (one !== "default") names.add(one);
	}
	return names;
}

function cure(app: App, entry: Import, wanted: string): string {
	if (!app.manifest)
		return isRelative(entry.specifier)
			? `there is no file "${withoutExtension(entry.specifier)}" (.ts, .js, .mjs)`
			: "the device has no module of this name";
	const where = shown(app.manifest);
	const path = isRelative(entry.specifier) ? undefined : manifestWith(wanted);
	return path ? `add "${path}" to "include" in ${where}` : `list it in "modules" of ${where}, or include a manifest that does`;
}

/** The smallest manifest, as one would include it, that brings a module of the SDK's or of this repository. */
function manifestWith(name: string): string | undefined {
	let path: string | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const candidate of [...filesBelow(sdk).filter((file) => file.endsWith(".json")), ...everything()]) {
		const { modules } = match(readManifest(candidate));
		if (!modules.has(name) || modules.size >= least) continue;
		path = candidate;
		least = modules.size;
	}
	if (path?.startsWith(`${sdk}/`)) return `$(MODDABLE)${path.slice(sdk.length)}`;
	return path?.startsWith(root) ? `xs-websocket${path.slice(root.length)}` : path;
}

function lineInSource(source: string, script: string, { line, column }: Import): number {
	if (extname(source) !== ".ts") return line;
	const map = new SourceMap(JSON.parse(readFileSync(`${script}.map`, "utf8")));
	const entry = map.findEntry(line - 1, column - 1);
	return "originalLine" in entry ? entry.originalLine + 1 : line;
}
