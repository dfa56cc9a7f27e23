/*
 * TypeScript to JavaScript, with the compiler as a process. The outputs of all apps and tests share build/js, which mirrors
 * the file system; beside each stands the key of what made it, so that an unchanged source costs a read.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { capture } from "./command.ts";
import { Failure } from "./failure.ts";
import type { JsonObject } from "./json.ts";
import { build, root, shown } from "./repository.ts";

const output = join(build, "js");

/** XS 13 knows ES2022; types are the business of `npm run check`, so that an app whose types are wrong still runs. */
const options = {
	target: "es2022",
	lib: ["es2022"],
	module: "preserve",
	moduleResolution: "bundler",
	rewriteRelativeImportExtensions: true,
	isolatedModules: true,
	verbatimModuleSyntax: false,
	noCheck: true,
	sourceMap: true,
	types: [],
	rootDir: "/",
};

/** What a manifest's typescript.tsconfig may decide here: how code is emitted, not how it is checked. */
const fromManifest = ["experimentalDecorators", "removeComments", "useDefineForClassFields", "verbatimModuleSyntax"];

/** Compiles what is out of date; the result leads from each source to its script (a .js source is its own). */
export async function compile(sources: Iterable<string>, compilerOptions: JsonObject = {}): Promise<(source: string) => string> {
	const chosen = Object.fromEntries(Object.entries(compilerOptions).filter(([name]) => fromManifest.includes(name)));
	const compilerVersion = JSON.parse(readFileSync(join(root, "node_modules", "typescript", "package.json"), "utf8")).version;
	const basis = JSON.stringify([compilerVersion, { ...options, ...chosen }]);
	const stale = new Map<string, string>();
	for (const source of new Set(sources)) {
		if (extname(source) !== ".ts") continue;
		const key = createHash("sha256").update(basis).update(readFileSync(source)).digest("hex");
		if (read(`${scriptOf(source)}.key`) !== key) stale.set(source, key);
	}
	if (stale.size) await run(stale, chosen);
	return scriptOf;
}

const scriptOf = (source: string) => (extname(source) === ".ts" ? join(output, source.replace(/\.ts$/, ".js")) : source);

async function run(stale: Map<string, string>, chosen: JsonObject): Promise<void> {
	// A folder of its own, for another tool may run at the same time.
	const folder = `${output}.${process.pid}`;
	const config = join(folder, "tsconfig.json");
	mkdirSync(folder, { recursive: true });
	try {
		writeFileSync(config, JSON.stringify({ compilerOptions: { ...options, ...chosen, outDir: folder }, files: [...stale.keys()] }));
		const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
		const { status, stdout, stderr } = await capture(process.execPath, [tsc, "-p", config, "--pretty", "false"], { cwd: "/" });
		if (status) throw new Failure(messages(stdout) || `the TypeScript compiler failed: ${stdout}${stderr}`);
		for (const [source, key] of stale) {
			const script = scriptOf(source);
			const made = join(folder, source.replace(/\.ts$/, ".js"));
			mkdirSync(dirname(script), { recursive: true });
			rmSync(`${script}.key`, { force: true });
			// The whole path, as the device shows it and as xsbug opens it.
			const map = JSON.parse(readFileSync(`${made}.map`, "utf8"));
			writeFileSync(`${script}.map`, JSON.stringify({ ...map, sources: [source] }));
			renameSync(made, script);
			writeFileSync(`${script}.key`, key);
		}
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** "/x/main.ts(1,9): error TS1109: Expression expected." as "main.ts:1:9: Expression expected." */
function messages(text: string): string {
	const found = [...text.matchAll(/^(.+)\((\d+),(\d+)\): error TS\d+: (.+)$/gm)];
	return found.map(([, path, line, column, message]) => `${shown(join("/", path ?? ""))}:${line}:${column}: ${message}`).join("\nerror: ");
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
}
