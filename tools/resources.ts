/* Finds the files of a manifest's `data` and `resources`, by mcconfig's rules, and the names that a program knows them by. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { Manifest, Pattern } from "./manifest.ts";
import { sdk, shown } from "./repository.ts";

interface Found {
	path: string;
	/** The file's name without its extension; of a pattern with a star, what that stands for. */
	name: string;
}

const stem = (file: string) => file.slice(0, file.length - extname(file).length);

/** A folder of resources may have scripts in it: those are modules, if they are anything. */
const scripts = new Set([".js", ".mjs", ".ts", ".c", ".h", ".cc", ".cpp", ".m"]);

/**
 * Paths by name: the target's last part, with the star filled in, and the file's extension. The first file of a name is the one that
 * counts, and a file has the first of its names only. What is not there is a note, for the SDK builds without it.
 */
export function matchResources(manifest: Manifest, notes: string[]): Map<string, string> {
	const result = new Map<string, string>();
	const taken = new Set<string>();
	for (const section of ["data", "resources"] as const) {
		const patterns = manifest[section];
		for (const pattern of patterns.get("~") ?? []) for (const { path } of find(pattern)) taken.add(path);
		for (const [target, sources] of patterns) {
			if (target === "~") continue;
			for (const source of sources) {
				const found = find(source);
				if (found.length === 0) notes.push(nothing(section, target, source));
				for (const { path, name } of found) {
					if (taken.has(path) || (section === "resources" && scripts.has(extname(path)))) continue;
					taken.add(path);
					add(result, basename(targetName(target, name)) + extname(path), path, notes);
				}
			}
		}
	}
	return result;
}

/** What is behind a star, or a bar, says how a board converts the file; here it stays as it is. */
function targetName(target: string, name: string): string {
	const star = target.lastIndexOf("*");
	if (star >= 0) return target.slice(0, star) + name;
	const bar = target.lastIndexOf("|");
	return bar < 0 ? target : target.slice(0, bar);
}

function find({ source }: Pattern): Found[] {
	const folder = dirname(source);
	const pattern = basename(source);
	// With a star, an extension does not narrow it down.
	const star = stem(pattern).lastIndexOf("*");
	const found: Found[] = [];
	if (!existsSync(folder)) return found;
	for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
		if (entry.name.startsWith(".") || entry.isDirectory()) continue;
		const name = stem(entry.name);
		const path = join(folder, entry.name);
		if (star < 0) {
			if (name === pattern || entry.name === pattern) found.push({ path, name });
		} else if (name.startsWith(pattern.slice(0, star))) found.push({ path, name: name.slice(star) });
	}
	return found;
}

function add(result: Map<string, string>, name: string, path: string, notes: string[]): void {
	const first = result.get(name);
	if (first === undefined) result.set(name, path);
	else notes.push(`resource "${name}" is ${shown(first)}; ${shown(path)} has the same name and is left out`);
}

function nothing(section: string, target: string, { source, manifest }: Pattern): string {
	const whose = source.startsWith(`${sdk}/`) ? ", which the device does not have" : "";
	return `${shown(manifest)}: ${section} "${target}": no file matches "${shown(source)}"${whose}`;
}
