/* The imports of a script, and the files that relative imports lead to. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { init, parse } from "es-module-lexer";
import { isRelative, withoutExtension } from "./specifier.ts";

export interface Import {
	specifier: string;
	/** import(), which may name a module that is not there. */
	dynamic: boolean;
	line: number;
	column: number;
}

/** Imports and re-exports, those of types left out. A file that does not parse has none: the compiler says why. */
export async function importsOf(path: string): Promise<Import[]> {
	await init();
	const text = readFileSync(path, "utf8");
	const result: Import[] = [];
	for (const entry of parsed(text)) {
		if (entry.specifier === null || entry.specifier === undefined || ("typeOnly" in entry && entry.typeOnly)) continue;
		const before = text.slice(0, entry.start).split("\n");
		const place = { line: before.length, column: (before.at(-1) ?? "").length + 1 };
		result.push({ specifier: entry.specifier, dynamic: entry.type === "dynamic", ...place });
	}
	return result;
}

function parsed(text: string) {
	try {
		return parse(text)[0];
	} catch {
		return [];
	}
}

/** All scripts that relative imports reach from the given one, itself first. */
export async function relativeGraph(main: string): Promise<string[]> {
	const files = [main];
	for (const file of files)
		for (const { specifier } of await importsOf(file)) {
			if (!isRelative(specifier)) continue;
			const found = scriptAt(resolve(dirname(file), specifier));
			if (found && !files.includes(found)) files.push(found);
		}
	return files;
}

/** "./foo", "./foo.js" and "./foo.ts" all mean foo.ts where there is one. */
function scriptAt(path: string): string | undefined {
	const base = withoutExtension(path);
	return [".ts", ".js", ".mjs"].map((extension) => base + extension).find((file) => existsSync(file));
}
