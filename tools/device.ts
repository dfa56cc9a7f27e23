/* npm run device: runs any app on the Linux device. */
import { resolve } from "node:path";
import { readApp } from "./app.ts";
import { buildDevice, type Variant } from "./device-build.ts";
import { main, UsageFailure } from "./failure.ts";
import { readCommandLine, wholeNumber } from "./options.ts";
import { withLinkFile } from "./prepare.ts";
import { currentDirectory } from "./repository.ts";
import { runDevice } from "./run-device.ts";

const help = `npm run device -- <path> [key=value …] [options]

Runs an app on XS with a microcontroller's memory. <path> is a script (.ts, .js), a manifest.json or the folder of one.
A manifest.json beside the script says what the app consists of, as for mcconfig; without one the script gets every module
of the device and what it imports by relative paths. key=value lands in the module "mc/config", as a string.

  --heap KB      size of the machine's memory, instead of the manifest's creation.static
  --bits 32|64   size of a pointer: 32 has a microcontroller's 16-byte slots (default 64)
  --release      without line numbers and debugger
  --debug        with .ts line numbers in errors; xsbug attaches where XSBUG_HOST is set (default)
  --sanitize     with AddressSanitizer and UndefinedBehaviorSanitizer: for whoever changes C
  --stress       with a garbage collection at every allocation: finds what C forgets to hold
  --report       prints the memory taken as one line of JSON at the end
  --help         prints this

Exits with the app's status.
`;

const flags = ["--release", "--debug", "--sanitize", "--stress", "--report", "--help"];

await main(async () => {
	const line = readCommandLine("device", process.argv.slice(2), flags, ["--heap", "--bits"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [path, more] = line.paths;
	if (path === undefined) throw new UsageFailure("which app? give the path of a script or a manifest", "device");
	if (more !== undefined) throw new UsageFailure(`one app at a time: "${path}" and "${more}"`, "device");
	if (line.flags.has("--release") && line.flags.has("--debug")) throw new UsageFailure("--release or --debug, not both", "device");
	const bits = line.values.get("--bits") ?? "64";
	if (bits !== "32" && bits !== "64") throw new UsageFailure(`--bits must be 32 or 64, not "${bits}"`, "device");
	const heap = wholeNumber("device", "--heap", line.values.get("--heap"), 1, 1024 * 1024);
	const variant: Variant = {
		bits: bits === "32" ? 32 : 64,
		mode: line.flags.has("--release") ? "release" : "debug",
		sanitize: line.flags.has("--sanitize"),
		stress: line.flags.has("--stress"),
	};

	const app = await readApp(resolve(currentDirectory, path));
	const options = { config: line.config, heapBytes: heap && heap * 1024 };
	return withLinkFile(app, variant, options, async (linkFile) =>
		runDevice(await buildDevice(variant), linkFile, { report: line.flags.has("--report") }),
	);
});
