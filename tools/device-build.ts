/* Builds the device's program with hosts/linux/Makefile; a build that is up to date costs one run of make. */
import { mkdirSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { capture } from "./command.ts";
import { engineFolder, fetchEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { type Bits, forgetOpenssl, openssl } from "./openssl.ts";
import { Progress } from "./progress.ts";
import { build, linuxHost } from "./repository.ts";

export interface Variant {
	bits: Bits;
	mode: "release" | "debug";
	/** AddressSanitizer and UndefinedBehaviorSanitizer. */
	sanitize?: boolean;
	/** A garbage collection at every allocation. */
	stress?: boolean;
}

export const variantName = ({ bits, mode, sanitize, stress }: Variant) =>
	[bits, mode, sanitize && "sanitize", stress && "stress"].filter(Boolean).join("-");

export const variantFolder = (variant: Variant) => join(build, "linux", variantName(variant));

/** Whether gcc can make programs of this size here. */
export async function compilerHas(bits: Bits): Promise<boolean> {
	if (bits === 64) return true;
	return (
		(await capture("gcc", ["-m32", "-xc", "-", "-o", "/dev/null"], { input: "#include <stdio.h>\nint main(void) { return 0; }\n" }))
			.status === 0
	);
}

/** As make sees it: relative to the Makefile, so that the path of the clone may hold what make takes for syntax. */
const forMake = (path: string) => relative(linuxHost, path);

/** The arguments of make for a variant. */
export async function makeArguments(variant: Variant): Promise<string[]> {
	await fetchEngine();
	const crypto = await openssl(variant.bits);
	return [
		"-C",
		linuxHost,
		"--no-print-directory",
		`XS=${forMake(engineFolder)}`,
		`OUT=${forMake(variantFolder(variant))}`,
		`BITS=${variant.bits}`,
		`MODE=${variant.mode}`,
		...(variant.sanitize ? ["SANITIZE=1"] : []),
		...(variant.stress ? ["STRESS=1"] : []),
		`CRYPTO_CFLAGS=${crypto.cflags}`,
		`CRYPTO_LIBS=${crypto.libs}`,
	];
}

/** The path of the up-to-date program. */
export async function buildDevice(variant: Variant): Promise<string> {
	const program = join(variantFolder(variant), "xs-device");
	if (variant.bits === 32 && modified(program) === 0 && !(await compilerHas(32)))
		throw new Failure(
			"gcc cannot make 32-bit programs here: install gcc-multilib (Debian: apt-get install gcc-multilib), or leave out --bits 32",
		);

	const make = await makeArguments(variant);
	mkdirSync(variantFolder(variant), { recursive: true });
	const progress = new Progress();
	const label = `building the device (${variantName(variant).replaceAll("-", " ").replace(" ", "-bit ")})`;
	// Two tools may start at once; the second waits for the first one's build.
	const lock = join(variantFolder(variant), ".lock");
	let total = 0;
	let done = 0;
	let started = 0;
	const line = (text: string) => {
		const compiled = /^\s*cc (\S+)/.exec(text);
		if (!compiled) return;
		started ||= Date.now();
		done++;
		progress.show(`${label}: ${total ? `${done}/${total}` : done} ${compiled[1]}`);
	};
	const needed = await capture("make", [...make, "--dry-run"]);
	total = needed.stdout.split("\n").filter((text) => /\becho\b.*\bcc /.test(text)).length;
	const { status, stderr } = await capture("flock", [lock, "make", ...make, `-j${availableParallelism()}`], { line });
	progress.end();
	if (status) {
		forgetOpenssl(variant.bits);
		throw new Failure(`the device did not build\n${stderr.trim()}`);
	}
	if (started) process.stderr.write(`built the device (${variantName(variant)}) in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
	return program;
}

const modified = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
