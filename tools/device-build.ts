/* Builds the device's program with hosts/linux/Makefile; a build that is up to date costs one run of make. */
import { statSync } from "node:fs";
import { join, relative } from "node:path";
import { capture } from "./command.ts";
import { engineFolder, fetchEngine } from "./engine.ts";
import { Failure } from "./failure.ts";
import { make } from "./make.ts";
import { type Bits, forgetOpenssl, openssl } from "./openssl.ts";
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

	const { status, stderr } = await make(
		await makeArguments(variant),
		variantFolder(variant),
		`building the device (${variantName(variant).replaceAll("-", " ").replace(" ", "-bit ")})`,
		`built the device (${variantName(variant)})`,
	);
	if (status) {
		forgetOpenssl(variant.bits);
		throw new Failure(`the device did not build\n${stderr.trim()}`);
	}
	return program;
}

const modified = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
