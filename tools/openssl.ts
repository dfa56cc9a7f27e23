/*
 * OpenSSL for TLS and the digests: the system's where the compiler finds it, else Debian's libssl-dev unpacked below build/, which needs no
 * root.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Apt } from "./apt.ts";
import { capture } from "./command.ts";
import { Failure } from "./failure.ts";
import { build, linuxHost } from "./repository.ts";

export interface Crypto {
	cflags: string;
	libs: string;
}

export type Bits = 32 | 64;

/** OpenSSL 3, and both of its libraries. */
const probe = `#include <openssl/evp.h>
#include <openssl/ssl.h>
#if OPENSSL_VERSION_MAJOR < 3
#error too old
#endif
int main(void) { return EVP_sha256() == 0 || SSL_CTX_new(TLS_client_method()) == 0; }
`;

const record = (bits: Bits) => join(build, `libssl-${bits}.json`);

/** Compiler and linker flags, for a process in hosts/linux; found once, then remembered until forgetOpenssl(). */
export async function openssl(bits: Bits): Promise<Crypto> {
	const path = record(bits);
	if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
	mkdirSync(build, { recursive: true });
	const system = { cflags: "", libs: "-lssl -lcrypto" };
	const found = (await links(system, bits)) ? system : await fetchDebian(bits);
	writeFileSync(path, JSON.stringify(found));
	return found;
}

/** For a build that failed: what was remembered may no longer be true. */
export function forgetOpenssl(bits: Bits): void {
	rmSync(record(bits), { force: true });
}

async function links(crypto: Crypto, bits: Bits): Promise<boolean> {
	const flags = [...(bits === 32 ? ["-m32"] : []), ...crypto.cflags.split(" ").filter(Boolean)];
	const args = [...flags, "-xc", "-", "-xnone", "-o", "/dev/null", ...crypto.libs.split(" ")];
	return (await capture("gcc", args, { input: probe, cwd: linuxHost })).status === 0;
}

async function fetchDebian(bits: Bits): Promise<Crypto> {
	const cure = `install OpenSSL 3's ${bits}-bit headers and library (Debian: apt-get install libssl-dev${bits === 32 ? ":i386" : ""})`;
	const machine = (await capture("dpkg", ["--print-architecture"])).stdout.trim();
	const architecture = bits === 64 ? machine : machine === "amd64" ? "i386" : machine;
	if (!architecture) throw new Failure(`OpenSSL is missing: ${cure}`);

	const folder = join(build, `openssl-${architecture}`);
	// A folder of its own until it is whole, for another tool may do the same.
	const partial = `${folder}.${process.pid}`;
	process.stderr.write(`fetching OpenSSL (Debian's libssl-dev for ${architecture})\n`);
	try {
		await unpack(architecture, partial, cure);
		rmSync(folder, { recursive: true, force: true });
		renameSync(partial, folder);
	} finally {
		rmSync(partial, { recursive: true, force: true });
	}
	const triplet = readdirSync(join(folder, "usr", "lib")).find((name) => existsSync(join(folder, "usr", "lib", name, "libssl.a")));
	// Relative, as the Makefile wants paths.
	const library = relative(linuxHost, join(folder, "usr", "lib"));
	const include = relative(linuxHost, join(folder, "usr", "include"));
	const archives = ["libssl.a", "libcrypto.a"].map((name) => `${library}/${triplet}/${name}`);
	const found = { cflags: `-I${include} -I${include}/${triplet}`, libs: `${archives.join(" ")} -lpthread -ldl` };
	if (!(await links(found, bits))) throw new Failure(`OpenSSL for ${architecture} does not link here: ${cure}`);
	return found;
}

/** Debian's package in a folder, with an APT of our own: the system's is root's, and may not know this architecture. */
async function unpack(architecture: string, folder: string, cure: string): Promise<void> {
	const apt = new Apt(folder, { architecture });
	await apt.run("update");
	const download = await apt.run("download", `libssl-dev:${architecture}`);
	const archive = readdirSync(folder).find((name) => name.endsWith(".deb"));
	const unpacked = archive ? await capture("dpkg-deb", ["-x", archive, "."], { cwd: folder }) : undefined;
	if (unpacked?.status !== 0) {
		const why = (unpacked ?? download).stderr.trim().split("\n").pop();
		throw new Failure(`OpenSSL is missing and could not be fetched (${why}): ${cure}`);
	}
	apt.forget();
}
