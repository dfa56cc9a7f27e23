/* npm run device: runs any app on the Linux device, or on an emulated board. */
import { resolve } from "node:path";
import { readApp } from "./app.ts";
import { boards, chosenBoard, LEAST_RAM, MOST_RAM, USUAL_RAM } from "./board.ts";
import { type Device, linuxDevice } from "./devices.ts";
import { main, UsageFailure } from "./failure.ts";
import { type CommandLine, readCommandLine, wholeNumber } from "./options.ts";
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
  --board NAME   on an emulated microcontroller: ${boards.join(", ")}
  --ram KB       all RAM of the board, ${LEAST_RAM} to ${MOST_RAM} (default ${USUAL_RAM}); creation.static is at most what is left of it
  --forward PORT a port at which the app listens: 127.0.0.1:PORT of this machine leads there
  --monitor PATH a socket of the emulator's for commands (QMP): to cut the network, say, with set_link
  --report       prints the memory taken as one line of JSON at the end
  --help         prints this

Exits with the app's status.
`;

/** A board is a release build, without sanitizers; its memory is --ram. */
const LINUX_ONLY = ["--bits", "--debug", "--sanitize", "--stress", "--heap"];
const flags = ["--release", "--debug", "--sanitize", "--stress", "--report", "--help"];

await main(async () => {
	const line = readCommandLine("device", process.argv.slice(2), flags, ["--heap", "--bits", "--board", "--ram", "--forward", "--monitor"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const [path, more] = line.paths;
	if (path === undefined) throw new UsageFailure("which app? give the path of a script or a manifest", "device");
	if (more !== undefined) throw new UsageFailure(`one app at a time: "${path}" and "${more}"`, "device");
	const heap = wholeNumber("device", "--heap", line.values.get("--heap"), 1, 1024 * 1024);
	const device = line.values.has("--board") ? await chosenBoard("device", line, LINUX_ONLY) : chosenVariant(line);

	const app = await readApp(resolve(currentDirectory, path), device.platform);
	return device.with(app, { config: line.config, heapBytes: heap && heap * 1024 }, (program) =>
		runDevice(program, { report: line.flags.has("--report") }),
	);
});

function chosenVariant({ flags, values }: CommandLine): Device {
	if (flags.has("--release") && flags.has("--debug")) throw new UsageFailure("--release or --debug, not both", "device");
	for (const name of ["--forward", "--monitor"]) if (values.has(name)) throw new UsageFailure(`${name} is for --board`, "device");
	if (values.has("--ram")) throw new UsageFailure("--ram is for --board; the memory of the Linux device is --heap", "device");
	const bits = values.get("--bits") ?? "64";
	if (bits !== "32" && bits !== "64") throw new UsageFailure(`--bits must be 32 or 64, not "${bits}"`, "device");
	return linuxDevice({
		bits: bits === "32" ? 32 : 64,
		mode: flags.has("--release") ? "release" : "debug",
		sanitize: flags.has("--sanitize"),
		stress: flags.has("--stress"),
	});
}
