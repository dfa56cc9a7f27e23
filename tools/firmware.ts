/* npm run firmware: builds a firmware with the Moddable SDK's mcconfig, and tells what it takes of the board. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { memoryOf, readSections } from "./elf.ts";
import { Failure, main, UsageFailure } from "./failure.ts";
import { Count, writeTestFirmware } from "./firmware-tests.ts";
import { readCommandLine } from "./options.ts";
import { build, currentDirectory, root, shown } from "./repository.ts";
import { type Environment, environmentOf, findSdk } from "./sdk.ts";
import { simulate } from "./simulator.ts";

const help = `npm run firmware -- --platform <name> [<manifest>] [key=value …] [options]

Builds main.ts, or what another manifest.json or its folder says, with mcconfig of the Moddable SDK, whose folder is in MODDABLE. Tells what
the firmware takes of flash and RAM. key=value lands in the module "mc/config".

  --platform …   pico/pico_w, pico/pico_2_w, esp32, esp32/<board>, or lin: the SDK's simulator
  --deploy       flashes it: a Pico wants its button held down when it is plugged in
  --run          runs it in the simulator and prints what it traces (--platform lin)
  --tests        builds the tests that need nothing but the engine as one firmware, and runs them in the simulator (--platform lin)
  --debug        a debug build, for xsbug
  --help         prints this

On a board, ssid=… and password=… name its WiFi, and url=… where main.ts connects to. The manifest manifest_tls.json is main.ts with TLS.
`;

interface Wanted {
	platform: string;
	manifest: string;
	debug: boolean;
	deploy: boolean;
	/** key=value, for mc/config. */
	config: string[];
}

/** The files that mcconfig makes, by family. */
const products: Readonly<Record<string, string>> = Object.freeze({ lin: "mc.so", pico: "xs_pico.elf", esp32: "xs_esp32.elf" });

await main(async () => {
	const line = readCommandLine("firmware", process.argv.slice(2), ["--deploy", "--run", "--tests", "--debug", "--help"], ["--platform"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const platform = line.values.get("--platform");
	if (platform === undefined) throw new UsageFailure("for which board? give --platform, as pico/pico_w, esp32 or lin", "firmware");
	const tests = line.flags.has("--tests");
	const [path = join(root, "manifest.json"), more] = line.paths;
	if (tests && line.paths.length) throw new UsageFailure(`--tests has a manifest of its own, so not "${path}"`, "firmware");
	if (more !== undefined) throw new UsageFailure(`one manifest at a time: "${path}" and "${more}"`, "firmware");
	const [run, deploy] = [tests || line.flags.has("--run"), line.flags.has("--deploy")];
	if (run && platform !== "lin")
		throw new UsageFailure(`${tests ? "--tests" : "--run"}: only --platform lin runs here; --deploy flashes a board`, "firmware");
	if (deploy && platform === "lin") throw new UsageFailure("--deploy: lin is no board, --run runs it", "firmware");

	const { moddable, env } = findSdk(process.env);
	const firmware = tests ? await writeTestFirmware() : undefined;
	const wanted: Wanted = {
		platform,
		manifest: firmware?.manifest ?? manifestOf(resolve(currentDirectory, path)),
		debug: run || line.flags.has("--debug"),
		deploy,
		config: Object.entries(line.config).map(([key, value]) => `${key}=${value}`),
	};
	const product = await mcconfig(wanted, environmentOf(platform, moddable, env));
	report(wanted, product);
	if (!run) return 0;
	const count = firmware && new Count(firmware);
	const simulation = await simulate({
		library: product,
		moddable,
		env,
		line: (text) => {
			if (!count) process.stdout.write(`${text}\n`);
			else if (count.hear(text)) simulation.stop();
		},
		// Tests throw on purpose.
		thrown: count ? undefined : (text) => process.stderr.write(`thrown: ${text}\n`),
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => simulation.stop());
	const why = await simulation.ended;
	if (why) throw new Failure(`${why}${count?.running ? ` in the test "${count.running}"` : ""}`);
	return count ? count.end() : 0;
});

function manifestOf(path: string): string {
	const found = statSync(path, { throwIfNoEntry: false });
	if (!found) throw new Failure(`${shown(path)}: no such file`);
	if (!found.isDirectory()) return path;
	const inside = join(path, "manifest.json");
	if (!existsSync(inside)) throw new Failure(`${shown(path)}: this folder has no manifest.json`);
	return inside;
}

/** Runs mcconfig, and returns what it made. Its output goes to stderr. */
async function mcconfig({ platform, manifest, debug, deploy, config }: Wanted, env: Environment): Promise<string> {
	// Two manifests of one folder have one name.
	const output = join(build, "firmware", basename(manifest, ".json"));
	mkdirSync(output, { recursive: true });
	const args = [...(debug ? ["-d"] : []), "-m", "-t", deploy ? "deploy" : "build", "-p", platform, "-o", output, manifest, ...config];
	const status = await new Promise<number>((resolve, reject) => {
		const child = spawn("mcconfig", args, { cwd: dirname(manifest), env, stdio: ["inherit", 2, 2] });
		child.on("error", (error) => reject(new Failure(`mcconfig: ${error.message}`)));
		child.on("close", (code) => resolve(code ?? 1));
	});
	if (status !== 0) throw new Failure(`mcconfig ended with ${status}: what is wrong stands above`);
	const [family = ""] = platform.split("/");
	const folder = join(output, "bin", platform === "lin" ? "lin/mc" : platform, debug ? "debug" : "release", basename(dirname(manifest)));
	const product = join(folder, products[family] ?? "");
	if (!existsSync(product)) throw new Failure(`mcconfig made no ${shown(product)}`);
	return product;
}

/** Prints what was made, and what it takes: of flash, of RAM before it starts, and of RAM for XS, of which the manifest says how much. */
function report({ platform, manifest, debug }: Wanted, product: string): void {
	const [family = ""] = platform.split("/");
	const name = basename(dirname(manifest));
	const made = family === "pico" ? product.replace(/elf$/, "uf2") : product;
	process.stdout.write(`built     ${shown(made)}\n`);
	if (!product.endsWith(".elf")) return;
	const { flash, ram } = memoryOf(readSections(product), family);
	const makefile = join(dirname(product).replace(/\/bin\//, "/tmp/"), "makefile");
	// The twelfth of the numbers that mcconfig gives its linker is creation.static.
	const [, numbers = ""] = /^CREATION = -c (\S+)/m.exec(existsSync(makefile) ? readFileSync(makefile, "utf8") : "") ?? [];
	const xs = Number(numbers.split(",")[11]);
	const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
	process.stdout.write(`flash     ${kb(flash)}\n`);
	process.stdout.write(`RAM       ${kb(ram)}${xs > 0 ? `, and ${kb(xs)} for XS` : ""}\n`);
	if (debug) process.stdout.write(`${name}: a debug build takes more than a release\n`);
}
