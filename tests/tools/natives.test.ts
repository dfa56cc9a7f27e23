/* The C of an app: compiled once for all apps that have the same, and again when anything changes that goes into it. */
import { equal, match, notEqual, rejects } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { readApp } from "../../tools/app.ts";
import { capture } from "../../tools/command.ts";
import { Failure } from "../../tools/failure.ts";
import { buildNatives } from "../../tools/natives.ts";
import { root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const variant = { bits: 64, mode: "debug" } as const;

const manifest = { include: "$(MODDABLE)/examples/manifest_base.json", modules: { "*": ["./main", "./face", "./sum"] } };
const source = `#include "xsmc.h"
#include "mc.xs.h"
#include "mc.defines.h"
#include "sum.h"

void xs_test_sum(xsMachine *the)
{
	xsmcVars(1);
	xsmcGet(xsVar(0), xsArg(0), xsID_least);
	xsmcSetInteger(xsResult, SUM + MODDEF_TEST_MORE + xsmcToInteger(xsVar(0)));
}
`;

function app(context: TestContext, name: string, sum: number, more: number, c = source): string {
	return temporaryFolder(context, {
		"manifest.json": { ...manifest, modules: { ...manifest.modules, [name]: "./main" }, defines: { test: { more } } },
		"main.js": `import { sum } from "face";\ntrace(\`\${sum({ least: 3 })}\\n\`);\n`,
		"face.js": `export function sum(of) @ "xs_test_sum";\n`,
		"sum.c": c,
		"sum.h": `#define SUM ${sum}\n`,
	});
}

const library = async (folder: string) => buildNatives(await readApp(folder), variant);

test("apps with the same C share its library, apps with other headers or defines do not", async (context) => {
	const first = app(context, "first", 10, 100);
	const [one, same] = await Promise.all([library(first), library(app(context, "second", 10, 100))]);
	equal(one, same);
	equal(existsSync(one ?? ""), true);
	notEqual(await library(app(context, "first", 20, 100)), one);
	notEqual(await library(app(context, "first", 10, 200)), one);
	writeFileSync(join(first, "sum.h"), "#define SUM 30\n");
	notEqual(await library(first), one);
	writeFileSync(join(first, "sum.h"), "#define SUM 10\n");
	equal(await library(first), one);
});

test("defines that no C asks for do not matter", async (context) => {
	const c = `#include "xsmc.h"\nvoid xs_test_sum(xsMachine *the)\n{\n\txsmcSetInteger(xsResult, 7);\n}\n`;
	equal(await library(app(context, "first", 1, 1, c)), await library(app(context, "first", 1, 2, c)));
});

test("the app calls it", async (context) => {
	const folder = app(context, "first", 10, 100);
	const args = [join(root, "tools", "bootstrap.mjs"), "device", folder];
	const [one, other] = await Promise.all([capture(process.execPath, args), capture(process.execPath, args)]);
	equal(one.stdout, "113\n", one.stderr);
	equal(other.stdout, "113\n", other.stderr);
	equal(one.stderr + other.stderr, "");
});

test("C that does not compile says why, and is tried again", async (context) => {
	const folder = app(context, "first", 10, 100, "int x = ;\n");
	for (let i = 0; i < 2; i++)
		await rejects(library(folder), (error) => {
			match((error as Failure).message, /did not compile\n.*sum\.c:1:9: error/s);
			return error instanceof Failure;
		});
});
