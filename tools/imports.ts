/* The imports of a script, and the files that relative imports lead to. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { init, parse } from "es-module-lexer";
import { isRelative, withoutExtension } from "./specifier.ts";

export interface Import {
	specifier: string;
	/** What is wanted of the module: "default" and names. */
	names: string[];
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
	for (const entry of parsed(text).imports) {
		if (entry.specifier === null || entry.specifier === undefined || ("typeOnly" in entry && entry.typeOnly)) continue;
		const before = text.slice(0, entry.start).split("\n");
		const place = { line: before.length, column: (before.at(-1) ?? "").length + 1 };
		const dynamic = entry.type === "dynamic";
		const names = dynamic ? [] : namesIn(text.slice(entry.importStart, entry.start));
		result.push({ specifier: entry.specifier, names, dynamic, ...place });
	}
	return result;
}

/** The names in `import a, { b as c } from` or `export { b as c } from`, as the other module calls them. */
function namesIn(clause: string): string[] {
	const text = clause.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
	const [, braces = ""] = /\{([^}]*)\}/.exec(text) ?? [];
	const names = braces.split(",").map((part) => part.trim().split(/\s+as\s+/)[0] ?? "");
	if (/^import\s+[\w$]/.test(text) && !/^import\s+from\b/.test(text)) names.push("default");
	return names.map((name) => name.replace(/^(["'])(.*)\1$/, "$2")).filter(Boolean);
}

export interface Exports {
	names: string[];
	/** Modules all of whose exports are this one's, too. */
	from: string[];
}

/** What a script exports; undefined for a file that does not parse. */
export async function exportsOf(path: string): Promise<Exports | undefined> {
	await init();
	const { imports, exports } = parsed(readFileSync(path, "utf8"));
	if (!exports) return undefined;
	const names = exports.map((entry) => ("name" in entry && entry.name) || "").filter(Boolean);
	return { names, from: imports.flatMap(({ type, specifier }) => (type === "reexport-star" && specifier ? [specifier] : [])) };
}

function parsed(text: string) {
	try {
		const [imports, exports] = parse(text);
		return { imports, exports };
	} catch {
		return { imports: [], exports: undefined };
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
