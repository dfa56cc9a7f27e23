/*
 * Builds a board's firmware with hosts/mps2/Makefile: engine, host, network and the natives of an app, an ELF file that all apps with the
 * same natives share. What is an app's own, its modules, comes later (board.ts).
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { App } from "./app.ts";
import { fetchLwip, fetchMbedtls } from "./debian-source.ts";
import { engineFolder, fetchEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { make } from "./make.ts";
import { readSources } from "./natives.ts";
import { boardHost, build } from "./repository.ts";

/** How much lwIP has room for: the telemetry device, or an app with many connections. */
export type Profile = "small" | "large";

/** What is built for a board, and who builds there holds its lock. */
export const boardFolder = (board: string) => join(build, "mps2", board);

const underWay = new Map<string, Promise<string>>();

/** The path of the up-to-date firmware; make runs once in a process for each. */
export function buildFirmware(app: App, scriptOf: (source: string) => string, board: string, profile: Profile): Promise<string> {
	const { sources, folders, headers, generated } = readSources(app);
	const table = tableOf([...app.modules.values()].map(scriptOf));
	const hash = createHash("sha256").update(JSON.stringify([profile, table, sources, headers, generated]));
	const folder = join(boardFolder(board), "firmware", hash.digest("hex").slice(0, 16));
	const firmware =
		underWay.get(folder) ?? makeFirmware({ board, profile, folder, files: [["natives.c", table], ...generated], folders, app });
	underWay.set(folder, firmware);
	return firmware;
}

/**
 * The natives that scripts name with `method() @ "xs_name"`. One that no C has is a null, so that the board can say whose it is; all are
 * declared alike, for here they are addresses.
 */
function tableOf(scripts: string[]): string {
	const texts = scripts.map((path) => readFileSync(path, "utf8"));
	const names = [...new Set(texts.flatMap((text) => [...text.matchAll(/@\s*"(\w+)"/g)].map(([, name = ""]) => name)))].sort();
	return [
		"/* The natives of an app: written by tools/board-build.ts. */",
		'#include "exports.h"',
		"",
		...names.map((name) => `void ${name}(void) __attribute__((weak));`),
		"",
		"const native_entry natives_table[] = {",
		...names.map((name) => `\t{ "${name}", (native_address)${name} },`),
		"\t{ 0, 0 },",
		"};",
		"",
	].join("\n");
}

interface Work {
	board: string;
	profile: Profile;
	folder: string;
	/** What the tools write there, by name. */
	files: [string, string][];
	/** Where headers are looked for. */
	folders: Iterable<string>;
	app: App;
}

/** As make sees it: relative to the Makefile, so that the path of the clone may hold what make takes for syntax. */
const forMake = (path: string) => relative(boardHost, path);

/** A path of somebody else's, for make and then for the shell. */
const quoted = (path: string) => `'${path.replaceAll("'", "'\\''").replaceAll("$", "$$$$")}'`;

async function makeFirmware({ board, profile, folder, files, folders, app }: Work): Promise<string> {
	await fetchEngine();
	const [lwip, mbedtls] = [await fetchLwip(), await fetchMbedtls()];
	mkdirSync(folder, { recursive: true });
	// The app's C is included by a file of the same name here: make is particular about paths, and the app's folder may be gone tomorrow.
	const sources = app.natives.map((path, index): [string, string] => [
		app.natives.findIndex((other) => basename(other) === basename(path)) === index ? basename(path) : `${index}-${basename(path)}`,
		`#include ${JSON.stringify(path)}\n`,
	]);
	for (const [name, text] of [...files, ...sources]) {
		const path = join(folder, name);
		if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
	}
	const args = [
		"-C",
		boardHost,
		"--no-print-directory",
		`BOARD=${board}`,
		`XS=${forMake(engineFolder)}`,
		`LWIP=${forMake(lwip)}`,
		`MBEDTLS=${forMake(mbedtls)}`,
		`OUT=${forMake(boardFolder(board))}`,
		`PROFILE=${profile}`,
		`FIRMWARE=${forMake(folder)}`,
		`APP_SOURCES=${sources.map(([name]) => forMake(join(folder, name))).join(" ")}`,
		`APP_INCLUDES=${[`-I${forMake(folder)}`, ...[...folders].map((path) => `-I${quoted(path)}`)].join(" ")}`,
	];
	const { status, stderr } = await make(args, boardFolder(board), `building the firmware of ${board}`, `built the firmware of ${board}`);
	if (status) throw new Failure(`the firmware of ${board} did not build\n${stderr.trim()}`);
	return join(folder, "firmware.elf");
}
