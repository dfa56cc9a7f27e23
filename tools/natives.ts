/* The C sources of an app, as a library that the device loads. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type App, appName } from "./app.ts";
import { capture } from "./command.ts";
import { makeArguments, type Variant, variantFolder } from "./device-build.ts";
import { Failure } from "./failure.ts";
import { isObject, type JsonObject } from "./json.ts";
import { filesBelow, linuxHost } from "./repository.ts";

/** The library's path; undefined for an app without C. */
export async function buildNatives(app: App, variant: Variant): Promise<string | undefined> {
	if (app.natives.length === 0) return undefined;
	const texts = app.natives.map((path) => readFileSync(path, "utf8"));
	const headers = app.headers.flatMap((folder) => filesBelow(folder).filter((path) => path.endsWith(".h")));
	const generated = { "mc.defines.h": definesHeader(app.defines), "mc.xs.h": symbolsHeader(texts) };
	const hash = createHash("sha256").update(
		JSON.stringify([app.natives, texts, headers.map((path) => readFileSync(path, "utf8")), generated]),
	);
	const folder = join(variantFolder(variant), "natives", `${appName(app)}-${hash.digest("hex").slice(0, 16)}`);
	const library = join(folder, "natives.so");
	if (existsSync(library)) return library;

	mkdirSync(folder, { recursive: true });
	for (const [name, text] of Object.entries(generated)) writeFileSync(join(folder, name), text);
	const include = [folder, ...app.natives.map((path) => dirname(path)), ...app.headers].map((path) => `-I${path}`);
	process.stderr.write(`compiling ${app.natives.map((path) => basename(path)).join(", ")}\n`);
	const partial = `${library}.${process.pid}`;
	const flags = await compilerFlags(variant);
	const quoted = [...include, ...app.natives, "-o", partial].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
	const { status, stderr } = await capture("sh", ["-c", `gcc -shared -fPIC ${quoted.join(" ")} ${flags}`], { cwd: linuxHost });
	if (status) throw new Failure(`the app's C sources did not compile\n${stderr.trim()}`);
	renameSync(partial, library);
	return library;
}

/** What the Makefile compiles with, for the engine's headers depend on it; in the shell's quoting. */
async function compilerFlags(variant: Variant): Promise<string> {
	const rule = "print-flags: ; $(info $(filter-out -MMD -MP,$(CFLAGS)) $(ENGINE_INCLUDES) $(INCLUDES))@:";
	const { status, stdout, stderr } = await capture("make", [...(await makeArguments(variant)), "--silent", "--eval", rule, "print-flags"]);
	if (status) throw new Failure(`the Makefile of the device does not tell its flags\n${stderr.trim()}`);
	return stdout.trim();
}

/** As the SDK's: {"a": {"b": 1}} is MODDEF_A_B. */
function definesHeader(defines: JsonObject, prefix = "MODDEF"): string {
	return Object.entries(defines)
		.map(([key, value]) => {
			const name = `${prefix}_${key.replace(/\W/g, "_").toUpperCase()}`;
			if (isObject(value)) return `#define ${name} 1\n${definesHeader(value, name)}`;
			return `#define ${name} ${typeof value === "boolean" ? Number(value) : Array.isArray(value) ? `{${value.join(", ")}}` : value}\n`;
		})
		.join("");
}

/** The SDK's linker numbers the names that C uses; here they are looked up by name when they are used. */
function symbolsHeader(texts: string[]): string {
	const names = new Set(texts.flatMap((text) => [...text.matchAll(/\bxsID_(\w+)/g)].map(([, name]) => name)));
	return [...names].map((name) => `#define xsID_${name} xsID("${name}")\n`).join("");
}
