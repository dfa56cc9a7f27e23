/* Finds the files behind a manifest's patterns, by mcconfig's rules: the first source of a name is the one that counts. */
import { readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { Failure } from "./failure.ts";
import type { Manifest, Pattern } from "./manifest.ts";
import { shown } from "./repository.ts";

export interface Matched {
	/** Scripts (.ts, .js, .mjs) by the name they are imported by. */
	modules: Map<string, string>;
	/** C sources of native modules. */
	natives: string[];
	/** Folders of headers. */
	headers: string[];
	notes: string[];
}

const scripts = new Set([".js", ".mjs", ".ts"]);

export function match(manifest: Manifest): Matched {
	const result: Matched = { modules: new Map(), natives: [], headers: [], notes: [] };
	const excluded = new Set((manifest.modules.get("~") ?? []).flatMap((pattern) => find(pattern).map(({ path }) => path)));
	for (const [target, patterns] of manifest.modules) {
		if (target === "~") continue;
		const star = target.lastIndexOf("*");
		for (const pattern of patterns) {
			const found = find(pattern);
			if (found.length === 0) complain(target, pattern, result.notes);
			for (const { path, name } of found) if (!excluded.has(path)) add(result, star < 0 ? target : target.slice(0, star) + name, path);
		}
	}
	return result;
}

interface Found {
	path: string;
	/** What the pattern's star stands for, or the file's name without its extension. */
	name: string;
}

function find({ source }: Pattern): Found[] {
	const folder = dirname(source);
	const pattern = basename(source);
	const star = pattern.lastIndexOf("*");
	const found: Found[] = [];
	for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
		if (entry.name.startsWith(".") || entry.isDirectory()) continue;
		const name = entry.name.slice(0, entry.name.length - extname(entry.name).length);
		const path = join(folder, entry.name);
		if (star < 0) {
			if (name === pattern) found.push({ path, name });
		} else if (name.startsWith(pattern.slice(0, star))) found.push({ path, name: name.slice(star) });
	}
	return found;
}

function add(result: Matched, name: string, path: string): void {
	const extension = extname(path);
	if (extension === ".c") {
		if (!result.natives.includes(path)) result.natives.push(path);
	} else if (extension === ".h") {
		if (!result.headers.includes(dirname(path))) result.headers.push(dirname(path));
	} else if (extension === ".cc" || extension === ".cpp") {
		throw new Failure(`${shown(path)}: the device compiles C, not C++`);
	} else if (scripts.has(extension) && !path.endsWith(".d.ts")) {
		const first = result.modules.get(name);
		if (first === undefined) result.modules.set(name, path);
		else if (first !== path) result.notes.push(`module "${name}" is ${shown(first)}; ${shown(path)} has the same name and is left out`);
	}
}

function complain(target: string, { source, manifest }: Pattern, notes: string[]): void {
	const where = `${shown(manifest)}: module "${target}"`;
	if (basename(source).includes("*")) {
		notes.push(`${where}: no file matches "${shown(source)}"`);
		return;
	}
	const cure = scripts.has(extname(source)) ? ": leave out its extension" : "";
	throw new Failure(`${where}: no file "${shown(source)}" (.ts, .js, .mjs, .c or .h)${cure}`);
}

/** The modules that `preload` names; a name may end in a star. */
export function preloaded(manifest: Manifest, modules: Iterable<string>, notes: string[]): Set<string> {
	const names = [...modules];
	const result = new Set<string>();
	for (const pattern of manifest.preload) {
		const star = pattern.lastIndexOf("*");
		const found = names.filter((name) => (star < 0 ? name === pattern : name.startsWith(pattern.slice(0, star))));
		if (found.length === 0) notes.push(`"preload" names "${pattern}", which is not a module of this build`);
		for (const name of found) result.add(name);
	}
	return result;
}
