/*
 * The Moddable SDK on this machine: where it is, and what of it a platform needs. What is missing is said before mcconfig starts, which
 * would say it in the language of make.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "./failure.ts";
import { root } from "./repository.ts";

/** The variables to run mcconfig with. */
export type Environment = NodeJS.ProcessEnv;

/** What the tools of the SDK are built as; of others than Linux, mcconfig has to be on the PATH. */
const toolsFolder = (moddable: string) => join(moddable, "build", "bin", "lin", "release");

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The folder on the PATH that has a program. */
export function folderOf(program: string, env: Environment): string | undefined {
	return (env.PATH ?? "").split(delimiter).find((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** MODDABLE, the SDK's tools and a TypeScript compiler. Throws what to do about what is missing. */
export function findSdk(env: Environment): { moddable: string; env: Environment } {
	const moddable = env.MODDABLE;
	if (!moddable)
		throw new Failure("MODDABLE is not set: it names the folder of the Moddable SDK, 8.2 or newer, which is installed apart from this");
	if (!isFolder(join(moddable, "modules")) || !isFolder(join(moddable, "build")))
		throw new Failure(`MODDABLE is ${moddable}, and there is no Moddable SDK`);
	const own = toolsFolder(moddable);
	const path = [env.PATH ?? ""];
	if (!folderOf("mcconfig", env)) {
		if (!existsSync(join(own, "mcconfig")))
			throw new Failure(
				`mcconfig is not on the PATH: build the SDK's tools (on Linux: make -C ${join(moddable, "build", "makefiles", "lin")}), or add where they are`,
			);
		path.unshift(own);
	}
	if (!folderOf("tsc", env)) {
		const local = join(root, "node_modules", ".bin");
		if (!existsSync(join(local, "tsc"))) throw new Failure("tsc is not on the PATH: npm install --global typescript");
		path.push(local);
	}
	return { moddable, env: { ...env, PATH: path.join(delimiter) } };
}

/** The targets of a platform that the SDK has, as "pico/pico_w". */
function targetsOf(moddable: string, platform: string): string[] {
	const folder = join(moddable, "build", "devices", platform, "targets");
	return isFolder(folder) ? readdirSync(folder).map((target) => `${platform}/${target}`) : [];
}

/** Checks that the SDK knows a platform, and that the machine has its compiler; returns the variables that mcconfig wants for it. */
export function environmentOf(platform: string, moddable: string, env: Environment): Environment {
	const [family = "", target] = platform.split("/");
	if (family === "lin" || family === "mac" || family === "win") return env;
	const device = join(moddable, "build", "devices", family);
	if (!/^\w+$/.test(family) || !isFolder(device))
		throw new Failure(`platform ${platform}: the SDK does not know it; this firmware is for lin, esp32, pico/pico_w and pico/pico_2_w`);
	if (target !== undefined && !isFolder(join(device, "targets", target))) {
		const near = targetsOf(moddable, family).filter((name) => name.includes(target.slice(0, 4)));
		throw new Failure(`platform ${platform}: the SDK has no such board${near.length ? `; it has ${near.join(", ")}` : ""}`);
	}
	if (family === "esp32") return esp32(env);
	if (family === "pico") {
		if (target === undefined) throw new Failure("platform pico: which board? pico/pico_w has WiFi, pico/pico_2_w, too");
		return pico(env);
	}
	return env;
}

function esp32(env: Environment): Environment {
	const idf = env.IDF_PATH;
	if (!idf || !isFolder(idf))
		throw new Failure("IDF_PATH is not set: for an ESP32 the ESP-IDF is needed, in the version that the SDK's documentation names");
	if (!folderOf("idf.py", env)) throw new Failure(`idf.py is not on the PATH: source ${join(idf, "export.sh")}`);
	return env;
}

function pico(env: Environment): Environment {
	const result = { ...env };
	const gcc = "arm-none-eabi-gcc";
	if (!env.PICO_GCC_ROOT) {
		const folder = folderOf(gcc, env);
		if (!folder)
			throw new Failure(`${gcc} is not on the PATH: install it (Debian: apt-get install gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib)`);
		result.PICO_GCC_ROOT = dirname(folder);
	} else if (!existsSync(join(env.PICO_GCC_ROOT, "bin", gcc)))
		throw new Failure(`PICO_GCC_ROOT is ${env.PICO_GCC_ROOT}, and there is no bin/${gcc}`);
	const pico = env.PICO_ROOT ?? join(env.HOME ?? "", "pico");
	const sdk = env.PICO_SDK_DIR ?? join(pico, "pico-sdk");
	if (!isFolder(sdk)) throw new Failure(`${sdk}: no pico-sdk there: PICO_SDK_DIR names its folder, or PICO_ROOT the one that has it`);
	const pioasm = env.PIOASM ?? join(sdk, "build", "pioasm", "pioasm");
	if (!existsSync(pioasm))
		throw new Failure(`${pioasm} is missing: build the pico-sdk's tools as the SDK's documentation for the Pico says`);
	result.PICO_SDK_DIR = sdk;
	// mcconfig's makefile compares versions with a command of bash.
	if (existsSync("/bin/bash")) result.MAKEFLAGS = `${env.MAKEFLAGS ?? ""} SHELL=/bin/bash`.trim();
	return result;
}
