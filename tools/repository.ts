/* Where things are. Everything a tool writes goes below build/, which git ignores and anyone may delete. */
import { existsSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// This file runs as build/tools/tools/repository.js.
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
export const build = join(root, "build");
export const linuxHost = join(root, "hosts", "linux");
/** The emulated boards. */
export const boardHost = join(root, "hosts", "mps2");
/** What all devices of this repository have: their modules, and C that knows no operating system. */
export const sharedHost = join(root, "hosts", "shared");
/** What $(MODDABLE) stands for: the part of the SDK's tree that these devices offer, as manifests. */
export const sdk = join(sharedHost, "sdk");

/** npm runs scripts in the package's folder; paths on the command line are meant from where the person stands. */
export const currentDirectory = process.env.INIT_CWD ?? process.cwd();

/** A path as a message shows it: short where it lies below the person's folder. */
export function shown(path: string): string {
	const short = relative(currentDirectory, path);
	return short === "" || short.startsWith("../../") ? path : short;
}

/** Gives a folder that is whole its name, unless another tool was faster: that one may be at work in there. */
export function putInPlace(made: string, folder: string): void {
	try {
		renameSync(made, folder);
	} catch (error) {
		if (!existsSync(folder)) throw error;
	}
}

/** The files below a folder, in a stable order. */
export function filesBelow(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: "utf8" })
		.map((name) => join(folder, name))
		.filter((path) => statSync(path).isFile())
		.sort();
}
