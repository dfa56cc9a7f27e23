/* The rules of mcconfig's manifests, one test each. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { basename, join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { Failure } from "../../tools/failure.ts";
import { linux, readManifest } from "../../tools/manifest.ts";
import { match, preloaded } from "../../tools/match.ts";
import { root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const read = (context: TestContext, files: Record<string, unknown>) => readManifest(join(temporaryFolder(context, files), "manifest.json"));

/** Modules as name → path below the folder. */
function modulesOf(context: TestContext, files: Record<string, unknown>): Record<string, string> {
	const folder = temporaryFolder(context, files);
	const { modules } = match(readManifest(join(folder, "manifest.json")));
	return Object.fromEntries([...modules].map(([name, path]) => [name, relative(folder, path)]));
}

const failure = (message: RegExp) => (error: unknown) => {
	equal(error instanceof Failure, true, String(error));
	equal((error as Error).message.includes("\n"), false, "one line");
	equal(message.test((error as Error).message), true, (error as Error).message);
	return true;
};

test("include takes a string or an array, relative to the including manifest, depth first, each file once", (context) => {
	const { preload } = read(context, {
		"manifest.json": { include: ["./a/manifest.json", "./b.json"], preload: "main" },
		"a/manifest.json": { include: "../c.json", preload: ["a1", "a2"] },
		"b.json": { include: ["./c.json", "./manifest.json"], preload: "b" },
		"c.json": { preload: "c" },
	});
	deepEqual(preload, ["c", "a1", "a2", "b", "main"]);
});

test("an include that is not there is named with who includes it", (context) => {
	throws(
		() => read(context, { "manifest.json": { include: "./nope.json" } }),
		failure(/manifest\.json: manifest ".*nope\.json" not found$/),
	);
	throws(() => read(context, { "manifest.json": { include: "./a" }, "a/manifest.json": {} }), failure(/"\S*a" is a folder/));
});

test("an include of something that the Linux device does not have tells what it has", (context) => {
	const include = "$(MODDABLE)/examples/manifest_piu.json";
	throws(
		() => read(context, { "manifest.json": { include } }),
		failure(/manifest_piu\.json" not found; of the SDK .*examples\/manifest_base\.json/),
	);
});

test("an include from git is refused with a cure", (context) => {
	throws(
		() => read(context, { "manifest.json": { include: [{ git: "https://x/y.git" }] } }),
		failure(/git.*clone it and include its path/),
	);
	throws(() => read(context, { "manifest.json": { include: [7] } }), failure(/"include" holds paths, not 7/));
});

test("wrong JSON is named with file, line and column", (context) => {
	throws(() => read(context, { "manifest.json": '{\n\t"modules": {,}\n}' }), failure(/manifest\.json:2:14: a property name/));
	throws(() => read(context, { "manifest.json": "[]" }), failure(/a manifest is a JSON object/));
	throws(() => read(context, { "manifest.json": { modules: [] } }), failure(/"modules" must be an object/));
	throws(() => read(context, { "manifest.json": { config: "x" } }), failure(/"config" must be an object/));
	throws(() => read(context, { "manifest.json": { platforms: { lin: 1 } } }), failure(/"platforms": "lin" must be an object/));
});

test("build sets variables for paths, of this manifest and of those it includes", (context) => {
	const files = {
		"manifest.json": { build: { HERE: "./sub", DEEP: "$(HERE)/deep" }, include: "$(DEEP)/manifest.json", modules: { x: "$(HERE)/x" } },
		"sub/deep/manifest.json": { modules: { y: "$(DEEP)/y" } },
		"sub/x.js": "",
		"sub/deep/y.js": "",
	};
	deepEqual(modulesOf(context, files), { x: "sub/x.js", y: "sub/deep/y.js" });
});

test("NAME ?= takes the shell's value where it has one", (context) => {
	process.env.XSW_SET = "./a";
	context.after(() => delete process.env.XSW_SET);
	const files = {
		"manifest.json": { build: { "XSW_SET ?=": "./b", "XSW_UNSET ?=": "./b" }, modules: { x: "$(XSW_SET)/x", y: "$(XSW_UNSET)/y" } },
		"a/x.js": "",
		"b/y.js": "",
	};
	deepEqual(modulesOf(context, files), { x: "a/x.js", y: "b/y.js" });
});

test("a variable comes from the shell, and an unknown one is named", (context) => {
	process.env.XSW_SHELL = ".";
	context.after(() => delete process.env.XSW_SHELL);
	deepEqual(modulesOf(context, { "manifest.json": { modules: { x: "$(XSW_SHELL)/x" } }, "x.js": "" }), { x: "x.js" });
	throws(
		() => read(context, { "manifest.json": { modules: { x: "$(XSW_NONE)/x" } } }),
		failure(/\$\(XSW_NONE\) in "\$\(XSW_NONE\)\/x" is not set/),
	);
});

test("a module is a string or an array, found with the extensions of scripts and C", (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": { modules: { "*": ["./a", "./b"], other: "./c", "native/face": "./d" } },
		...{ "a.ts": "", "b.mjs": "", "c.js": "", "d.js": "", "d.c": "", "d.h": "", "d.d.ts": "" },
	});
	const { modules, natives, headers } = match(readManifest(join(folder, "manifest.json")));
	deepEqual([...modules.keys()], ["a", "b", "other", "native/face"]);
	deepEqual([natives, headers], [[join(folder, "d.c")], [folder]]);
});

test("stars: all files of a folder, of a prefix, under a name", (context) => {
	const files = {
		"manifest.json": { modules: { "*": "./all/*", "embedded:io/*": "./io/mod*", "deep/*": ["./one/x"] } },
		...{ "all/p.ts": "", "all/q.js": "", "all/.hidden.js": "", "all/readme.md": "", "all/inner/no.js": "", "all/t.d.ts": "" },
		...{ "io/modTcp.js": "", "io/modUdp.js": "", "io/other.js": "", "one/x.js": "" },
	};
	deepEqual(modulesOf(context, files), {
		p: "all/p.ts",
		q: "all/q.js",
		"embedded:io/Tcp": "io/modTcp.js",
		"embedded:io/Udp": "io/modUdp.js",
		"deep/x": "one/x.js",
	});
});

test("~ leaves files out", (context) => {
	const files = {
		"manifest.json": { include: "./inner.json", modules: { "~": ["./b", "./sub/*"] } },
		"inner.json": { modules: { "*": ["./*", "./sub/c"] } },
		...{ "a.js": "", "b.js": "", "sub/c.js": "" },
	};
	deepEqual(modulesOf(context, files), { a: "a.js" });
});

test("the first source of a name counts, and the other one is told", (context) => {
	const folder = temporaryFolder(context, {
		"manifest.json": { include: "./inner.json", modules: { x: "./b" } },
		"inner.json": { modules: { x: "./a" } },
		...{ "a.js": "", "b.js": "" },
	});
	const { modules, notes } = match(readManifest(join(folder, "manifest.json")));
	equal(basename(modules.get("x") ?? ""), "a.js");
	equal(/module "x" is .*a\.js; .*b\.js has the same name/.test(notes.join()), true, notes.join());
});

test("a module that is not there is named", (context) => {
	const of = (modules: unknown) => () => modulesOf(context, { "manifest.json": { modules }, "a.js": "", "x.cpp": "" });
	throws(of({ x: "./nope" }), failure(/module "x": no file ".*nope" \(\.ts/));
	throws(of({ x: "./a.js" }), failure(/leave out its extension/));
	throws(of({ x: "./nope/a" }), failure(/the folder of "\.\/nope\/a" does not exist/));
	throws(of({ x: "a" }), failure(/"a" is not a path: write "\.\/a"/));
	throws(of({ x: 1 }), failure(/a source is a path, not 1/));
	throws(of({ x: { source: "./a", transform: "cdv" } }), failure(/no transform "cdv"/));
	throws(of({ x: "./x" }), failure(/compiles C, not C\+\+/));
});

test("a star that matches nothing is a note", (context) => {
	const manifest = read(context, { "manifest.json": { modules: { "*": "./nope*" } } });
	equal(/no file matches/.test(match(manifest).notes.join()), true);
});

test("platforms: linux before lin before the rest, with its own include, build and modules", (context) => {
	const platform = (name: string) => ({ config: { platform: name } });
	const chosen = (platforms: unknown) => read(context, { "manifest.json": { platforms } }).config.platform;
	equal(chosen({ lin: platform("lin"), linux: platform("linux"), "...": platform("rest") }), "linux");
	equal(chosen({ "...": platform("rest"), lin: platform("lin"), esp32: platform("esp32") }), "lin");
	equal(chosen({ esp32: platform("esp32"), "linux/sub": platform("sub"), "...": platform("rest") }), "rest");
	equal(chosen({ esp32: platform("esp32") }), undefined);

	const files = {
		"manifest.json": {
			modules: { a: "./a" },
			platforms: { lin: { build: { SUB: "./sub" }, include: "$(SUB)/m.json", modules: { b: "$(SUB)/b" } } },
		},
		"sub/m.json": { modules: { c: "./c" } },
		...{ "a.js": "", "sub/b.js": "", "sub/c.js": "" },
	};
	deepEqual(modulesOf(context, files), { a: "a.js", b: "sub/b.js", c: "sub/c.js" });
});

test("error and warning of a platform", (context) => {
	throws(() => read(context, { "manifest.json": { platforms: { "...": { error: "no radio" } } } }), failure(/manifest\.json: no radio$/));
	equal(/no radio/.test(read(context, { "manifest.json": { platforms: { lin: { warning: "no radio" } } } }).notes.join()), true);
});

test("config, creation and defines merge; the including manifest wins", (context) => {
	const manifest = read(context, {
		"manifest.json": { include: "./a.json", config: { a: { x: 2 }, b: [2] }, creation: { stack: 300 }, defines: { d: { e: 1 } } },
		"a.json": { config: { a: { x: 1, y: 1 }, b: [1] }, creation: { static: 1000, keys: { name: 7 } }, defines: { d: { f: 2 } } },
	});
	deepEqual(manifest.config, { a: { x: 2, y: 1 }, b: [2] });
	deepEqual(manifest.creation, { static: 1000, keys: { name: 7 }, stack: 300 });
	deepEqual(manifest.defines, { d: { f: 2, e: 1 } });
});

test("preload takes names and stars, and tells what it does not find", (context) => {
	const manifest = read(context, { "manifest.json": { preload: ["a", "b/*", "nope"] } });
	const notes: string[] = [];
	deepEqual([...preloaded(manifest, ["a", "ab", "b/c", "b/d"], notes)], ["a", "b/c", "b/d"]);
	deepEqual(notes, ['"preload" names "nope", which is not a module of this build']);
	throws(() => read(context, { "manifest.json": { preload: [1] } }), failure(/"preload" holds names/));
});

test("properties without a use here are accepted; those a person would miss, or misspelt, are told", (context) => {
	const { notes } = read(context, {
		"manifest.json": { strip: "*", recipes: {}, _comment: "", typescript: {}, modulse: {} },
	});
	deepEqual(
		notes.map((note) => note.replace(/^.*manifest\.json: /, "")),
		['"modulse" is not a property of manifests'],
	);
});

test("the W3C class takes more in a simulator, and what an app says comes first", (context) => {
	const room = join(root, "modules/websocket-web/manifest.json");
	const folder = temporaryFolder(context, {
		"manifest.json": { include: room, config: { webSocket: { maxMessageSize: 7 } } },
		"platforms.json": { include: room, platforms: { win: { config: { webSocket: { maxMessageSize: 8 } } } } },
	});
	const given = (path: string, ...names: string[]) => readManifest(path, { names, full: names[0] as string }).config.webSocket;
	const large = { maxMessageSize: 131_072, maxBufferedAmount: 262_144, receiveBufferSize: 4096 };
	for (const simulator of ["lin", "mac", "win"]) {
		deepEqual(given(room, simulator, "..."), large);
		deepEqual(given(join(folder, "manifest.json"), simulator, "..."), { ...large, maxMessageSize: 7 });
	}
	deepEqual(given(join(folder, "platforms.json"), "win", "..."), { ...large, maxMessageSize: 8 });
	// Those of a device with 64 KB: a server could end its program.
	equal(given(room, ...linux.names), undefined);
	equal(given(room, "mps2/an385", "mps2", ...linux.names), undefined);
	equal(given(room, "esp32", "..."), undefined);
});
