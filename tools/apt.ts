/* Debian's APT with state of its own: the system's is root's, knows no sources, and may not know an architecture. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, type Outcome } from "./command.ts";

/** Which options beside a state of its own it has. */
export interface AptOptions {
	architecture?: string;
	/** Where packages come from; without it the system's list. */
	sources?: string;
}

/** A private APT in folder: run() in there what is wanted, then forget() what it keeps. */
export class Apt {
	readonly #folder: string;
	readonly #options: string[];

	constructor(folder: string, options: AptOptions = {}) {
		this.#folder = folder;
		for (const name of ["state/lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
		writeFileSync(join(folder, "state", "status"), "");
		if (options.sources !== undefined) writeFileSync(join(folder, "state", "sources.list"), options.sources);
		this.#options = [
			`Dir::State=${folder}/state`,
			`Dir::State::lists=${folder}/state/lists`,
			`Dir::State::status=${folder}/state/status`,
			`Dir::Cache=${folder}/cache`,
			...(options.architecture ? [`APT::Architecture=${options.architecture}`, `APT::Architectures::=${options.architecture}`] : []),
			...(options.sources === undefined ? [] : [`Dir::Etc::SourceList=${folder}/state/sources.list`, "Dir::Etc::SourceParts=-"]),
			"APT::Sandbox::User=root",
		].flatMap((option) => ["-o", option]);
	}

	/** apt-get with these arguments, in the folder. The exit status of `update` is no judge: it fails when one index of many does. */
	run(...args: string[]): Promise<Outcome> {
		return capture("apt-get", [...this.#options, "-q", ...args], { cwd: this.#folder });
	}

	forget(): void {
		for (const name of ["state", "cache"]) rmSync(join(this.#folder, name), { recursive: true, force: true });
	}
}
