/* The XS engine: C sources from one npm package, fetched once, verified, never installed (its install script builds another program). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { capture } from "./command.ts";
import { Failure } from "./failure.ts";
import { build, putInPlace } from "./repository.ts";

const name = "@agoric/xsnap";
const version = "0.15.0";
const integrity = "sha512-ZBm4DZxbtfacxMHVVdJjZi0Y8zOxN77vpu1WwI5RWfPkaRh0aHkz/dVdTGKXalDNzWfz183lljKxlxl3/h0n+A==";

const folder = join(build, `xs-${version}`);
/** Holds xs/ and modules/; manifests of the device call it $(XS). */
export const engineFolder = join(folder, "moddable");

/** Fetches the engine where it is not there yet. */
export async function fetchEngine(): Promise<void> {
	if (existsSync(engineFolder)) return;

	process.stderr.write(`fetching the XS engine (${name} ${version})\n`);
	const partial = `${folder}.${process.pid}`;
	mkdirSync(partial, { recursive: true });
	try {
		const pack = await capture("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", partial], { cwd: partial });
		const archive = join(partial, pack.stdout.trim().split("\n").pop() ?? "");
		if (pack.status || !existsSync(archive))
			throw new Failure(`npm could not fetch ${name}@${version}: ${lastLine(pack.stderr) || "is the registry reachable?"}`);
		const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
		if (found !== integrity) throw new Failure(`${name}@${version} is not the package it should be: ${found}`);
		const tar = await capture("tar", ["-xzf", archive, "-C", partial, "--strip-components=1", "package/moddable"]);
		if (tar.status) throw new Failure(`tar could not unpack ${name}: ${lastLine(tar.stderr)}`);
		rmSync(archive);
		putInPlace(partial, folder);
	} finally {
		rmSync(partial, { recursive: true, force: true });
	}
}

const lastLine = (text: string) => text.trim().split("\n").pop() ?? "";
