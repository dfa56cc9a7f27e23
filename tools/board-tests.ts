/* The device's tests on the emulated boards: which of them run there, and with how much RAM. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "./app.ts";
import { MOST_RAM } from "./board.ts";
import { root } from "./repository.ts";

/** What a test has beside its arena: stacks, data, and lwIP with room for many connections. */
const BESIDE_KB = 512;

/** In KB: tests want memory to play with, and boards have enough of it; what fits into little RAM is for tests of that. */
export const testRam = ({ creation }: App) => Math.min(MOST_RAM, Math.ceil(creation.static / 1024) + BESIDE_KB);

/** Why a test cannot run on a board, `file` from the repository's root: tests/boards.json. undefined if it can. */
export function hindranceOf(file: string): string | undefined {
	const reasons: Record<string, string[]> = JSON.parse(readFileSync(join(root, "tests", "boards.json"), "utf8"));
	return Object.entries(reasons).find(([, tests]) => tests.some((start) => file.startsWith(start)))?.[0];
}
