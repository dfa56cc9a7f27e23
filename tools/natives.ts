/* The C sources of an app, its own and those of the rooms it includes, as a library that the device loads. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { App } from "./app.ts";
import { capture } from "./command.ts";
import { makeArguments, type Variant, variantFolder } from "./device-build.ts";
import { engineFolder } from "./engine.ts";
import { Failure } from "./failure.ts";
import { isObject, type JsonObject } from "./json.ts";
import { filesBelow, linuxHost } from "./repository.ts";

const underWay = new Map<string, Promise<void>>();

/** All that goes into the C of an app. */
export interface Sources {
	/** Names and texts. */
	sources: [string, string][];
	/** Where headers are looked for, and those that are there. */
	folders: Set<string>;
	headers: [string, string][][];
	/** Headers that the device makes: only those that are asked for, so that two apps with different defines can share C that uses none. */
	generated: [string, string][];
}

export function readSources(app: App): Sources {
	const sources = app.natives.map(named);
	const folders = new Set([...app.natives.map((path) => dirname(path)), ...app.headers]);
	const headers = [...folders].map((folder) => headersIn(folder, app.headers.includes(folder)).map(named));
	const texts = [...sources, ...headers.flat()].map(([, text]) => text);
	const generated = Object.entries({ "mc.defines.h": definesHeader(app.defines), "mc.xs.h": symbolsHeader(texts) }).filter(([name]) =>
		texts.some((text) => text.includes(name)),
	);
	return { sources, folders, headers, generated };
}

/**
 * The library's path; undefined for an app without C. Named after what is compiled, not after the app, so that all apps with the
 * same C share it; whoever needs it while another one builds it waits for that.
 */
export async function buildNatives(app: App, variant: Variant): Promise<string | undefined> {
	if (app.natives.length === 0) return undefined;
	const { sources, folders, headers, generated } = readSources(app);
	// Of the device, what decides how C is compiled: its flags and the engine's version.
	const device = [basename(dirname(engineFolder)), ...["Makefile", "platform.h"].map((name) => named(join(linuxHost, name)))];
	const hash = createHash("sha256").update(JSON.stringify([sources, headers, generated, device]));
	const folder = join(variantFolder(variant), "natives", hash.digest("hex").slice(0, 16));
	const library = join(folder, "natives.so");
	if (!existsSync(library)) {
		const building = underWay.get(library) ?? build({ sources: app.natives, folders, generated, folder, library }, variant);
		underWay.set(library, building);
		await building.finally(() => underWay.delete(library));
	}
	return library;
}

const named = (path: string): [string, string] => [basename(path), readFileSync(path, "utf8")];

/** A folder that the manifest lists headers of may have more below it; that of a source may be the whole app's. */
const headersIn = (folder: string, below: boolean) =>
	(below ? filesBelow(folder) : readdirSync(folder).map((name) => join(folder, name))).filter((path) => path.endsWith(".h")).sort();

interface Work {
	sources: string[];
	/** Where headers are looked for. */
	folders: Iterable<string>;
	/** Headers by name. */
	generated: [string, string][];
	folder: string;
	library: string;
}

async function build({ sources, folders, generated, folder, library }: Work, variant: Variant): Promise<void> {
	// Another tool may build the same: each has a folder of its own, and the last one's library stays.
	const own = `${folder}.${process.pid}`;
	mkdirSync(own, { recursive: true });
	try {
		for (const [name, text] of generated) writeFileSync(join(own, name), text);
		const include = [own, ...folders].map((path) => `-I${path}`);
		const made = join(own, "natives.so");
		const flags = await compilerFlags(variant);
		const quoted = [...include, ...sources, "-o", made].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
		const { status, stderr } = await capture("sh", ["-c", `gcc -shared -fPIC ${quoted.join(" ")} ${flags}`], { cwd: linuxHost });
		if (status) throw new Failure(`the app's C sources did not compile\n${stderr.trim()}`);
		mkdirSync(folder, { recursive: true });
		renameSync(made, library);
	} finally {
		rmSync(own, { recursive: true, force: true });
	}
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
