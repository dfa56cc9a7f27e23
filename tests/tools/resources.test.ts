/* `data` and `resources` of manifests: mcconfig's rules, one test each. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { readManifest } from "../../tools/manifest.ts";
import { matchResources } from "../../tools/resources.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Resources as name → path below the folder, and the notes without the folder. */
function resourcesOf(context: TestContext, files: Record<string, unknown>): [Record<string, string>, string[]] {
	const folder = temporaryFolder(context, files);
	const notes: string[] = [];
	const found = matchResources(readManifest(join(folder, "manifest.json")), notes);
	return [
		Object.fromEntries([...found].map(([name, path]) => [name, relative(folder, path)])),
		notes.map((note) => note.replaceAll(`${folder}/`, "")),
	];
}

test("a file with and without its extension in the manifest keeps it in the name", (context) => {
	const files = { "manifest.json": { data: { "*": ["./ca.der", "./key"] } }, "ca.der": "1", "ca.pem": "2", "key.pem": "3" };
	deepEqual(resourcesOf(context, files), [{ "ca.der": "ca.der", "key.pem": "key.pem" }, []]);
});

test("a target names the file, its folder does not count", (context) => {
	const files = { "manifest.json": { data: { "certs/root": "./ca.der", "more/x-*": "./more/*" } }, "ca.der": "", "more/a.b.pem": "" };
	deepEqual(resourcesOf(context, files)[0], { "root.der": "ca.der", "x-a.b.pem": "more/a.b.pem" });
});

test("stars: all files of a folder, of a prefix; neither folders nor hidden files", (context) => {
	const files = {
		"manifest.json": { data: { "*": "./all/*", "p/*": "./some/ca-*" } },
		...{ "all/a.der": "", "all/.b": "", "all/c/d.der": "", "some/ca-1.der": "", "some/other.der": "" },
	};
	deepEqual(resourcesOf(context, files)[0], { "a.der": "all/a.der", "1.der": "some/ca-1.der" });
});

test("~ excludes; the first file of a name and the first name of a file count", (context) => {
	const files = {
		"manifest.json": { data: { "~": "./all/secret", "*": ["./all/*", "./other/a"], again: "./all/a" } },
		...{ "all/a.der": "", "all/secret.pem": "", "other/a.der": "" },
	};
	deepEqual(resourcesOf(context, files), [
		{ "a.der": "all/a.der" },
		['resource "a.der" is all/a.der; other/a.der has the same name and is left out'],
	]);
});

test("resources: no scripts, nothing that data has, and what is behind the star does not count", (context) => {
	const files = {
		"manifest.json": { data: { x: "./all/a" }, resources: { "*-alpha": "./all/*" } },
		...{ "all/a.der": "", "all/b.png": "", "all/c.ts": "" },
	};
	deepEqual(resourcesOf(context, files)[0], { "x.der": "all/a.der", "b.png": "all/b.png" });
});

test("manifests add to each other, and a platform's part to both", (context) => {
	const files = {
		"manifest.json": { include: "./sub/manifest.json", data: { "*": "./a" }, platforms: { lin: { data: { "*": "./b" } } } },
		"sub/manifest.json": { data: { "*": "./c" } },
		...{ "a.txt": "", "b.txt": "", "sub/c.txt": "" },
	};
	deepEqual(resourcesOf(context, files)[0], { "c.txt": "sub/c.txt", "a.txt": "a.txt", "b.txt": "b.txt" });
});

test("a file that is not there is noted, also one of the SDK; a folder of the app's that is not there fails", (context) => {
	const [found, notes] = resourcesOf(context, { "manifest.json": { data: { "*": ["./nope", "$(MODULES)/crypt/data/ca236"] } } });
	deepEqual(found, {});
	equal(notes.length, 2);
	equal(/data "\*": no file matches "nope"$/.test(notes[0] ?? ""), true, notes[0]);
	equal(/ca236", which the device does not have$/.test(notes[1] ?? ""), true, notes[1]);
	throws(
		() => resourcesOf(context, { "manifest.json": { data: { "*": "./nope/*" } } }),
		/data "\*": the folder of "\.\/nope\/\*" does not exist/,
	);
});
