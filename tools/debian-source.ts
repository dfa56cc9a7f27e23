/*
 * What the emulated board links beside the engine: upstream sources from Debian's source packages, by file name and sha256, unpacked below
 * build/ without root. Nothing of Debian's own changes to them is used.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Apt } from "./apt.ts";
import { capture } from "./command.ts";
import { Failure } from "./failure.ts";
import { ensurePackage } from "./packages.ts";
import { build, putInPlace } from "./repository.ts";

export interface Source {
	/** Debian's name of the source package. */
	package: string;
	version: string;
	/** What upstream released, as the archive keeps it: it does not change when Debian revises the package. */
	archive: string;
	sha256: string;
}

const lwip: Source = {
	package: "lwip",
	version: "2.1.3",
	archive: "lwip_2.1.3+dfsg1.orig.tar.xz",
	sha256: "0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24",
};

const mbedtls: Source = {
	package: "mbedtls",
	version: "2.28.3",
	archive: "mbedtls_2.28.3.orig.tar.gz",
	sha256: "3b4953aa55a681e084d31892d9904cc5328d6b4958ea57b90ae4b4f94ae69a8d",
};

/** The Debian release that has these versions. */
const release = "bookworm";

/** lwIP's folder, fetched where it is not there yet. */
export function fetchLwip(): Promise<string> {
	return fetchSource(lwip);
}

/** mbedTLS' folder, fetched where it is not there yet. */
export function fetchMbedtls(): Promise<string> {
	return fetchSource(mbedtls);
}

export async function fetchSource(source: Source, parent = build): Promise<string> {
	const folder = join(parent, `${source.package}-${source.version}`);
	if (existsSync(folder)) return folder;

	process.stderr.write(`fetching ${source.package} ${source.version} (Debian's source package)\n`);
	// A folder of its own until it is whole, for another tool may do the same.
	const partial = `${folder}.${process.pid}`;
	mkdirSync(partial, { recursive: true });
	try {
		const archive = await download(source, partial);
		const found = createHash("sha256").update(readFileSync(archive)).digest("hex");
		if (found !== source.sha256)
			throw new Failure(`${source.archive} is not the file it should be: its sha256 is ${found}; is the mirror Debian's?`);
		const unpacked = join(partial, "unpacked");
		mkdirSync(unpacked);
		if (archive.endsWith(".xz")) await ensurePackage("xz-utils");
		const tar = await capture("tar", ["-xf", archive, "-C", unpacked, "--strip-components=1"]);
		if (tar.status) throw new Failure(`tar could not unpack ${source.archive}: ${lastLine(tar.stderr)}`);
		putInPlace(unpacked, folder);
	} finally {
		rmSync(partial, { recursive: true, force: true });
	}
	return folder;
}

/** The source package's upstream archive in folder: by APT, whose system-wide lists name no sources as a rule. */
async function download(source: Source, folder: string): Promise<string> {
	const cure = `is Debian ${release}'s archive reachable? (${source.archive} in build/${source.package}-${source.version}/, unpacked, will do)`;
	const mirrors = await debianMirrors(folder);
	if (!mirrors.length) throw new Failure(`cannot fetch ${source.package}: this machine's APT knows no archive of Debian; ${cure}`);
	const apt = new Apt(folder, { sources: mirrors.map((mirror) => `deb-src ${mirror} ${release} main\n`).join("") });
	const update = await apt.run("update");
	const fetched = await apt.run("source", "--download-only", "--tar-only", source.package);
	apt.forget();
	const archive = join(folder, source.archive);
	if (existsSync(archive)) return archive;
	const complaint = `${update.stderr}\n${fetched.stderr}`.split("\n").find((line) => /^(E:|W: Failed) /.test(line));
	const why = (fetched.status && complaint) || `the archive has another version than ${source.version}`;
	throw new Failure(`cannot fetch ${source.package} ${source.version} from Debian: ${why}; ${cure}`);
}

/** Where this machine gets Debian's packages from, whether or not it ever did. */
async function debianMirrors(folder: string): Promise<string[]> {
	const { stdout } = await new Apt(folder).run("update", "--print-uris");
	const archives = [...new Set([...stdout.matchAll(/^'(\S+)\/dists\//gm)].map(([, archive = ""]) => archive))];
	const named = archives.filter((archive) => archive.endsWith("/debian"));
	// A mirror may have any name, and APT a list of mirrors.
	return named.length ? named : archives;
}

const lastLine = (text: string) => text.trim().split("\n").pop() ?? "";
