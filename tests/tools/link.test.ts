/* From apps to link files: what is in them, and what is refused. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readApp } from "../../tools/app.ts";
import { compile } from "../../tools/compile.ts";
import { makeArguments } from "../../tools/device-build.ts";
import { type LinkOptions, link } from "../../tools/link.ts";
import { linuxHost, root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

interface Linked {
	folder: string;
	/** By their first word; modules by name. */
	records: Map<string, string[]>;
	modules: Map<string, string[]>;
	text(name: string): string;
}

async function linked(
	context: TestContext,
	files: Record<string, unknown>,
	path = "main.ts",
	options: Partial<LinkOptions> = {},
): Promise<Linked> {
	const folder = temporaryFolder(context, files);
	const app = await readApp(join(folder, path));
	const scriptOf = await compile(app.modules.values(), app.compilerOptions);
	const lines = readFileSync(await link(app, scriptOf, { folder, ...options }), "utf8")
		.trimEnd()
		.split("\n");
	const all = lines.map((line) => line.split("\t"));
	const records = new Map(all.filter(([kind]) => kind !== "module").map(([kind = "", ...rest]) => [kind, rest]));
	const modules = new Map(all.filter(([kind]) => kind === "module").map(([, name = "", ...rest]) => [name, rest]));
	return { folder, records, modules, text: (name) => readFileSync(modules.get(name)?.[0] ?? "", "utf8") };
}

const base = "$(MODDABLE)/examples/manifest_base.json";
const manifest = { modules: { "*": "./main" } };

function fails(context: TestContext, files: Record<string, unknown>, path: string, message: RegExp): Promise<void> {
	return rejects(linked(context, files, path), (error: Error) => {
		equal(error.constructor.name, "Failure", error.stack);
		equal(message.test(error.message), true, error.message);
		return true;
	});
}

test("the sizes of the machine: defaults, the manifest's, the command line's", async (context) => {
	const { records } = await linked(context, { "manifest.json": manifest, "main.ts": "" });
	deepEqual(Object.fromEntries(records), {
		main: ["main"],
		static: ["65536"],
		chunk: ["1536", "512"],
		heap: ["512", "64"],
		stack: ["384"],
		keys: ["32"],
		names: ["53"],
		symbols: ["3"],
	});

	const creation = {
		static: 32768,
		chunk: { initial: 2048, incremental: 1024 },
		heap: { initial: 640 },
		stack: 512,
		keys: { initial: 10, incremental: 5, name: 7, symbol: 2 },
		main: "start",
	};
	const own = await linked(context, { "manifest.json": { creation, modules: { start: "./main" } }, "main.ts": "" });
	deepEqual(Object.fromEntries(own.records), {
		main: ["start"],
		static: ["32768"],
		chunk: ["2048", "1024"],
		heap: ["640", "64"],
		stack: ["512"],
		keys: ["15"],
		names: ["7"],
		symbols: ["2"],
	});

	const older = { static: 0, chunk: { initial: 1000 }, heap: { initial: 100 }, keys: { available: 9 } };
	const { records: separate } = await linked(context, { "manifest.json": { ...manifest, creation: older }, "main.ts": "" });
	deepEqual([separate.get("static"), separate.get("keys")], [["2600"], ["9"]]);

	const heap = await linked(context, { "manifest.json": manifest, "main.ts": "" }, "main.ts", { heapBytes: 4096, native: "/x.so" });
	deepEqual([heap.records.get("static"), heap.records.get("native")], [["4096"], ["/x.so"]]);
	await fails(
		context,
		{ "manifest.json": { creation: { static: "64K" } }, "main.ts": "" },
		"main.ts",
		/"static" must be a whole number from 0 to \d+, not "64K"/,
	);
});

test("modules: compiled, .js as it is, preload marked", async (context) => {
	const files = {
		"manifest.json": { include: base, modules: { "*": ["./main", "./lib/face"] }, preload: "face" },
		"main.ts": 'import "face"; const x: number = 1; export default x;',
		"lib/face.js": "",
	};
	const { folder, modules, text } = await linked(context, files);
	deepEqual(modules.get("face"), [join(folder, "lib/face.js"), "1"]);
	equal(modules.get("main")?.[1], "0");
	equal(text("main").startsWith('import "face";\nconst x = 1;\nexport default x;\n'), true);
	const map = JSON.parse(readFileSync(`${modules.get("main")?.[0]}.map`, "utf8"));
	deepEqual(map.sources, [join(folder, "main.ts")]);
});

test("mc/config holds the manifest's config and the command line's strings, frozen and preloaded", async (context) => {
	const files = { "manifest.json": { ...manifest, config: { a: { b: 1 }, c: true } }, "main.ts": 'import "mc/config";' };
	const { modules, text } = await linked(context, files, "main.ts", { config: { c: "5" } });
	equal(modules.get("mc/config")?.[1], "1");
	const value = text("mc/config").replace(/^export default Object\.freeze\((.*), true\);\n$/s, "$1");
	deepEqual(JSON.parse(value), { a: { b: 1 }, c: "5" });
});

test("an app is named by its script, its manifest or its folder", async (context) => {
	const files = { "manifest.json": { modules: { "*": "./main", tool: "./other" } }, "main.ts": "", "other.ts": "", "third.ts": "" };
	equal((await linked(context, files, "manifest.json")).records.get("main")?.[0], "main");
	equal((await linked(context, files, ".")).records.get("main")?.[0], "main");
	equal((await linked(context, files, "other.ts")).records.get("main")?.[0], "tool");
	const third = await linked(context, files, "third.ts");
	equal(third.modules.get("main")?.[0]?.endsWith("third.js"), true);
	await fails(context, {}, "nope.ts", /nope\.ts: no such file/);
	await fails(context, { "x.txt": "" }, "x.txt", /not a script/);
	await fails(context, { "a.txt": "" }, ".", /no manifest\.json and no main\.ts/);
	await fails(context, { "manifest.json": { modules: { a: "./a" } }, "a.ts": "" }, "manifest.json", /"modules" has no "main"/);
});

test("a script without a manifest gets the device's modules and what it imports by relative paths", async (context) => {
	const files = {
		"app/main.ts":
			'import Timer from "timer";\nimport { b } from "../lib/b";\nimport { net } from "./net.ts";\nexport default [Timer, b, net];',
		"app/net.ts": "export const net = 1;",
		"lib/b.ts": 'export * from "./c.js";',
		"lib/c.js": "export const b = 1;",
	};
	const { folder, records, modules } = await linked(context, files, "app/main.ts");
	deepEqual(records.get("main"), ["app/app/main"]);
	equal(modules.has("timer") && modules.has("app/app/net") && modules.has("app/lib/b"), true);
	deepEqual(modules.get("app/lib/c"), [join(folder, "lib/c.js"), "0"]);
	equal(modules.get("net")?.[0]?.startsWith(folder), false, "the app's net does not hide the device's");
});

test("an import that leads nowhere is named with its line and a cure", async (context) => {
	const main = 'type A = 1;\n\nexport const a: A = 1;\nimport { x } from "nope";\nexport { x };\n';
	await fails(
		context,
		{ "manifest.json": manifest, "main.ts": main },
		"main.ts",
		/main\.ts:4: module "nope" not found: list it in "modules" of .*manifest\.json/,
	);
	await fails(context, { "main.ts": main }, "main.ts", /main\.ts:4: module "nope" not found: the device has no/);
	await fails(
		context,
		{ "manifest.json": manifest, "main.ts": 'import "./b";', "b.ts": "" },
		"main.ts",
		/main\.ts:1: module "b" not found: list it/,
	);
	await fails(context, { "main.ts": 'import "./b";' }, "main.ts", /module "app\/b" not found: there is no file "\.\/b"/);
	const timer = 'import Timer from "timer"; export default Timer;';
	await fails(
		context,
		{ "manifest.json": manifest, "main.ts": timer },
		"main.ts",
		/add "\$\(MODDABLE\)\/examples\/manifest_base\.json" to "include"/,
	);
});

test("the cure is the smallest manifest that brings the module", async (context) => {
	for (const [name, path] of [
		["embedded:io/socket/tcp/tls", "examples/io/tcp/tlssocket/manifest.json"],
		["securesocket", "modules/crypt/tls.json"],
		["Resource", "modules/files/resource/manifest.json"],
		["embedded:io/socket/tcp", "modules/io/manifest.json"],
	]) {
		const files = { "manifest.json": manifest, "main.ts": `import "${name}";` };
		await fails(context, files, "main.ts", new RegExp(`add "\\$\\(MODDABLE\\)/${path}" to "include"`));
		await linked(context, { ...files, "manifest.json": { include: [base, `$(MODDABLE)/${path}`], ...manifest } });
	}
});

test("files of data and resources, by name", async (context) => {
	const files = { "manifest.json": { ...manifest, data: { "*": "./ca" } }, "main.ts": "", "ca.der": "1" };
	const { folder, records } = await linked(context, files);
	deepEqual(records.get("resource"), ["ca.der", join(folder, "ca.der")]);
});

test("imports of types and import() need no module", async (context) => {
	const main = 'import { type T } from "types";\nimport { U } from "types";\nexport const t: T | U = 1;\nimport("later");\n';
	const { text } = await linked(context, { "manifest.json": manifest, "main.ts": main });
	equal(text("main").includes('"types"'), false);
});

test("a syntax error has file, line and column; a wrong type stops nothing", async (context) => {
	await fails(context, { "manifest.json": manifest, "main.ts": "\nlet x = ;" }, "main.ts", /main\.ts:2:9: Expression expected\.$/);
	await linked(context, { "manifest.json": manifest, "main.ts": 'const n: number = "x"; nope(n);' });
});

test("a source that changed is compiled again", async (context) => {
	const path = join(temporaryFolder(context, { "a.ts": "export const a: number = 1;" }), "a.ts");
	const compiled = async () => readFileSync((await compile([path]))(path), "utf8");
	equal((await compiled()).includes("a = 1"), true);
	writeFileSync(path, "export const a: number = 2;");
	equal((await compiled()).includes("a = 2"), true);
});

test("modules may export all of each other", async (context) => {
	const modules = { "*": ["./main", "./a", "./b"] };
	const files = {
		"manifest.json": { modules },
		"a.js": 'export * from "b"; export const x = 1;',
		"b.js": 'export * from "a"; export const y = 2;',
	};
	await linked(context, { ...files, "main.js": 'import { x, y } from "a"; import * as b from "b"; x + y + b.x;' }, "main.js");
	await fails(context, { ...files, "main.js": 'import { z } from "a";' }, "main.js", /module "a" has no export "z": it exports x, y$/);
});

test("make sees no path of this machine: it may hold what make takes for syntax", async () => {
	for (const argument of await makeArguments({ bits: 64, mode: "debug" }))
		if (argument !== linuxHost) equal(argument.includes(root), false, argument);
});
