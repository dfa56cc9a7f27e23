import { deepEqual, equal } from "node:assert/strict";
import { join, relative } from "node:path";
import { test } from "node:test";
import { exportsOf, importsOf, relativeGraph } from "../../tools/imports.ts";
import { resolveSpecifier } from "../../tools/specifier.ts";
import { temporaryFolder } from "./temporary-folder.ts";

test("specifiers resolve as XS resolves them", () => {
	equal(resolveSpecifier("timer", "main"), "timer");
	equal(resolveSpecifier("embedded:io/socket/tcp", "main"), "embedded:io/socket/tcp");
	equal(resolveSpecifier("foo.js", "main"), "foo");
	equal(resolveSpecifier("./foo.js", "main"), "foo");
	equal(resolveSpecifier("./foo.ts", "deep/main"), "deep/foo");
	equal(resolveSpecifier("../foo", "deep/main"), "foo");
	equal(resolveSpecifier("../../foo", "deep/main"), "foo");
	equal(resolveSpecifier("./b/../y.js", "deep/main"), "deep/y");
	equal(resolveSpecifier("moddable:timer", "main"), "timer");
	equal(resolveSpecifier("/foo", "deep/main"), "/foo");
});

test("imports of a script: those of types are none, a dynamic one is marked, host syntax is read", async (context) => {
	const folder = temporaryFolder(context, {
		"a.ts": 'import { a } from "one";\nimport type { T } from "types";\n  export * from "two";\nconst m = await import("three");\n',
		"b.js": 'import X from "x";\nclass Y @ "xs_y" { read() @ "xs_read" }\nfunction f() @ "xs_f";\n',
		"c.ts": "import {",
	});
	deepEqual(await importsOf(join(folder, "a.ts")), [
		{ specifier: "one", names: ["a"], dynamic: false, line: 1, column: 20 },
		{ specifier: "two", names: [], dynamic: false, line: 3, column: 18 },
		{ specifier: "three", names: [], dynamic: true, line: 4, column: 24 },
	]);
	deepEqual(
		(await importsOf(join(folder, "b.js"))).map(({ specifier }) => specifier),
		["x"],
	);
	deepEqual(await importsOf(join(folder, "c.ts")), []);
});

test("the names that are imported, and those that are exported", async (context) => {
	const folder = temporaryFolder(context, {
		"a.js":
			'import d, { a as b, c } from "1"; import * as n from "2"; import "3"; export { q as r } from "4"; import { "x y" as e } from "5";',
		"b.js":
			'export default class { f() @ "xs_f" }; export const k = 1, l = 2; export * from "c"; export * as m from "d"; class Y {} export { Y as Z };',
	});
	deepEqual(
		(await importsOf(join(folder, "a.js"))).map(({ names }) => names.join()),
		["a,c,default", "", "", "q", "x y"],
	);
	const exports = await exportsOf(join(folder, "b.js"));
	deepEqual([exports?.names.sort().join(), exports?.from], ["Z,default,k,l,m", ["c"]]);
});

test("the graph of relative imports, once each, .ts before .js", async (context) => {
	const folder = temporaryFolder(context, {
		"app/main.ts": 'import "./a"; import "../lib/b.js"; import "timer"; import "./none";',
		"app/a.ts": 'import "./main";',
		"lib/b.ts": 'import "./c.ts";',
		"lib/b.js": "",
		"lib/c.ts": "",
	});
	const files = (await relativeGraph(join(folder, "app/main.ts"))).map((path) => relative(folder, path));
	deepEqual(files, ["app/main.ts", "app/a.ts", "lib/b.ts", "lib/c.ts"]);
});
