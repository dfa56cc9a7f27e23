/* Sources from Debian's source packages: from an archive in a folder, with an APT that knows only that one. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { capture } from "../../tools/command.ts";
import { fetchSource, type Source } from "../../tools/debian-source.ts";
import { putInPlace } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const archive = "thing_1.0.orig.tar.gz";
const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** An archive as Debian's are, with one source package; APT is told of it by APT_CONFIG. Returns the package's upstream archive. */
async function makeArchive(folder: string, name = "debian"): Promise<string> {
	const mirror = join(folder, name);
	const pool = join(mirror, "pool");
	const index = join(mirror, "dists", "bookworm", "main", "source");
	for (const each of [pool, index, join(folder, "thing-1.0")]) mkdirSync(each, { recursive: true });
	writeFileSync(join(folder, "thing-1.0", "thing.c"), "int thing;\n");
	const tar = await capture("tar", ["-czf", join(pool, archive), "-C", folder, "thing-1.0"]);
	assert.equal(tar.status, 0, tar.stderr);
	const description = "Package: thing\nFormat: 3.0 (quilt)\nBinary: thing\nArchitecture: any\nVersion: 1.0-1\nMaintainer: nobody\n";
	writeFileSync(join(pool, "thing_1.0-1.dsc"), description);
	const files = ["thing_1.0-1.dsc", archive].map((name) => {
		const path = join(pool, name);
		return ` ${sha256(path)} ${statSync(path).size} ${name}\n`;
	});
	writeFileSync(join(index, "Sources"), `${description}Directory: pool\nChecksums-Sha256:\n${files.join("")}`);
	const entry = ` ${sha256(join(index, "Sources"))} ${statSync(join(index, "Sources")).size} main/source/Sources\n`;
	writeFileSync(join(mirror, "dists", "bookworm", "Release"), `Suite: stable\nCodename: bookworm\nComponents: main\nSHA256:\n${entry}`);
	return join(pool, archive);
}

function tellApt(folder: string, sources: string): void {
	writeFileSync(join(folder, "sources.list"), sources);
	const insecure = 'Acquire::AllowInsecureRepositories "true";\nAPT::Get::AllowUnauthenticated "true";\n';
	const known = `Dir::Etc::SourceList "${folder}/sources.list";\nDir::Etc::SourceParts "-";\n`;
	writeFileSync(join(folder, "apt.conf"), insecure + known);
	process.env.APT_CONFIG = join(folder, "apt.conf");
}

test("a source package's archive is fetched once, and unpacked", async (t) => {
	const folder = temporaryFolder(t, {});
	const original = await makeArchive(folder);
	tellApt(folder, `deb file:${folder}/debian bookworm main\n`);
	const source: Source = { package: "thing", version: "1.0", archive, sha256: sha256(original) };
	const build = join(folder, "build");
	assert.equal(await fetchSource(source, build), join(build, "thing-1.0"));
	assert.equal(readFileSync(join(build, "thing-1.0", "thing.c"), "utf8"), "int thing;\n");
	assert.deepEqual(readdirSync(build), ["thing-1.0"]);
	tellApt(folder, "");
	assert.equal(await fetchSource(source, build), join(build, "thing-1.0"));
});

test("an archive that has another name will do, if none has Debian's", async (t) => {
	const folder = temporaryFolder(t, {});
	const original = await makeArchive(folder, "proxy");
	tellApt(folder, `deb file:${folder}/proxy bookworm main\n`);
	const build = join(folder, "build");
	const source: Source = { package: "thing", version: "1.0", archive, sha256: sha256(original) };
	assert.equal(await fetchSource(source, build), join(build, "thing-1.0"));
});

test("what another tool has put in its place stays there", (t) => {
	const folder = temporaryFolder(t, { "first/name": "first", "second/name": "second" });
	const place = join(folder, "place");
	for (const name of ["first", "second"]) putInPlace(join(folder, name), place);
	assert.equal(readFileSync(join(place, "name"), "utf8"), "first");
	assert.throws(() => putInPlace(join(folder, "none"), join(folder, "other")), /ENOENT/);
});

test("what cannot be had, or is not what it should be, is said, and nothing is left of it", async (t) => {
	const folder = temporaryFolder(t, {});
	await makeArchive(folder);
	const build = join(folder, "build");
	tellApt(folder, `deb file:${folder}/debian bookworm main\n`);
	const wanted: Source = { package: "thing", version: "1.0", archive, sha256: "0".repeat(64) };
	await assert.rejects(
		fetchSource(wanted, build),
		/^Error: thing_1\.0\.orig\.tar\.gz is not the file it should be: its sha256 is [0-9a-f]{64};/,
	);
	const newer = { ...wanted, version: "1.1", archive: "thing_1.1.orig.tar.gz" };
	await assert.rejects(fetchSource(newer, build), /cannot fetch thing 1\.1 from Debian: .*another version than 1\.1; is Debian/);
	const unknown = { ...wanted, package: "nothing" };
	await assert.rejects(
		fetchSource(unknown, build),
		/cannot fetch nothing 1\.0 from Debian: E: Unable to find a source package for nothing;/,
	);
	tellApt(folder, "");
	await assert.rejects(fetchSource(wanted, build), /this machine's APT knows no archive of Debian/);
	assert.deepEqual(readdirSync(build), []);
});
