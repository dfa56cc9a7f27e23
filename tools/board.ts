/*
 * The emulated boards: hosts/mps2 on QEMU's machines. An app's modules and the built-ins become read-only memory as on a board: the firmware
 * itself makes them, in a run of its own, and what it made is put into a copy of it.
 */
import { dirname, join, resolve } from "node:path";
import type { App } from "./app.ts";
import { boardFolder, buildFirmware } from "./board-build.ts";
import { capture } from "./command.ts";
import { compile } from "./compile.ts";
import type { Device } from "./devices.ts";
import { Failure, UsageFailure } from "./failure.ts";
import type { Platform } from "./manifest.ts";
import { type CommandLine, wholeNumber } from "./options.ts";
import { ensurePackage } from "./packages.ts";
import { freePorts } from "./ports.ts";
import { withLinkFile } from "./prepare.ts";
import { currentDirectory } from "./repository.ts";

/** By the name that QEMU has for them, too. */
export const boards = ["mps2-an385", "mps2-an505"] as const;
export type Board = (typeof boards)[number];

/** In KB. */
export const LEAST_RAM = 16;
export const USUAL_RAM = 64;
export const MOST_RAM = 4096;
/** With so much of it, lwIP gets room for many connections. */
export const LARGE_RAM = 512;

/** Ports that lead from this machine to the board: one for each listener without a port of its own. */
const PORTS = 8;
/** Far more than it takes, in seconds: a firmware that hangs while it makes its ROM must not hang the tool. */
const ROM_LIMIT = 120;
const KILLED = 137;

const packages = ["qemu-system-arm", "gcc-arm-none-eabi", "libnewlib-arm-none-eabi"];

/** Which of the packages that boards want are not on this machine; root gets them installed. */
export async function missingPackages(): Promise<string[]> {
	const missing: string[] = [];
	for (const name of packages) if (!(await ensurePackage(name))) missing.push(name);
	return missing;
}

/** Manifests call it mps2, or mps2/an385; where they say nothing of that, it is like the Linux device. */
const platformOf = (board: Board): Platform => {
	const full = board.replace("-", "/");
	return { names: [full, "mps2", "linux", "lin", "..."], full };
};

export function readBoard(tool: string, given: string | undefined): Board {
	const board = boards.find((name) => name === given);
	if (!board) throw new UsageFailure(`there is no board "${given}": there are ${boards.join(" and ")}`, tool);
	return board;
}

/** The board of --board and --ram; `unfit` are options that do not go with them. Throws what is wrong, and which packages are missing. */
export async function chosenBoard(tool: string, { flags, values }: CommandLine, unfit: string[] = []): Promise<Device> {
	const board = readBoard(tool, values.get("--board"));
	const other = unfit.find((name) => flags.has(name) || values.has(name));
	if (other) throw new UsageFailure(`${other} does not go with --board: it is for the Linux device`, tool);
	const ram = wholeNumber(tool, "--ram", values.get("--ram"), LEAST_RAM, MOST_RAM) ?? USUAL_RAM;
	const missing = await missingPackages();
	if (missing.length) throw new Failure(`${board} needs ${missing.join(", ")} (Debian: apt-get install ${missing.join(" ")})`);
	const monitor = values.get("--monitor");
	const forward = wholeNumber(tool, "--forward", values.get("--forward"), 1, 65_535);
	return boardDevice(board, () => ram, { monitor: monitor && resolve(currentDirectory, monitor), forward });
}

/** What else leads from this machine to a board. */
interface Ways {
	/** A Unix socket where QEMU listens for commands (QMP). */
	monitor?: string | undefined;
	/** A port at which the board listens. */
	forward?: number | undefined;
}

/** `ramOf` tells how many KB of RAM the board has for an app. */
export function boardDevice(board: Board, ramOf: (app: App) => number, { monitor, forward }: Ways = {}): Device {
	const build = (app: App, scriptOf: (source: string) => string) =>
		buildFirmware(app, scriptOf, board, ramOf(app) < LARGE_RAM ? "small" : "large");
	return {
		name: board,
		platform: platformOf(board),
		slowness: 10,
		build: async (app) => build(app, await compile(app.modules.values(), app.compilerOptions)),
		with: (app, options, use) =>
			withLinkFile(app, undefined, { ...options, ramBytes: ramOf(app) * 1024 }, async (linkFile, scriptOf) => {
				const folder = dirname(linkFile);
				await makeImage(board, await build(app, scriptOf), folder);
				const ports = await freePorts(PORTS);
				const forwarded = [...ports, ...(forward === undefined ? [] : [forward])].map((port) => `hostfwd=tcp:127.0.0.1:${port}-:${port}`);
				const nic = ["user", "id=network", "model=lan9118", ...forwarded].join(",");
				const args = (report: boolean) => [
					...machine(board, IMAGE, [...(report ? ["--report"] : []), `--ports=${ports.join(",")}`]),
					"-nic",
					nic,
					...(monitor === undefined ? [] : ["-qmp", `unix:${monitor.replaceAll(",", ",,")},server=on,wait=off`]),
				];
				return use({ command: QEMU, args, folder, emulator: true });
			}),
	};
}

const QEMU = "qemu-system-arm";
const FIRMWARE = "firmware.elf";
const IMAGE = "app.elf";
const ROM = "rom.bin";

/** QEMU's arguments for a firmware, and the firmware's own. */
function machine(board: Board, kernel: string, args: string[]): string[] {
	const semihosting = ["enable=on", "target=native", ...["xs-device", ...args].map((arg) => `arg=${arg.replaceAll(",", ",,")}`)];
	const silent = ["-nographic", "-monitor", "none", "-serial", "null"];
	return ["-M", board, ...silent, "-kernel", kernel, "-semihosting-config", semihosting.join(",")];
}

/** Makes the app's image in the folder of its link file. */
async function makeImage(board: Board, firmware: string, folder: string): Promise<void> {
	// A copy: another tool may build the firmware again, with sources that changed.
	const copied = await capture("flock", ["--shared", join(boardFolder(board), ".lock"), "cp", firmware, join(folder, FIRMWARE)]);
	if (copied.status) throw new Failure(copied.stderr.trim());
	const qemu = [QEMU, ...machine(board, FIRMWARE, ["--build", "link.txt", ROM])];
	// In the tool's process group, where Ctrl-C ends it, too, and gone with the tool.
	const limited = ["--pdeathsig", "KILL", "--", "timeout", "--foreground", "--signal=KILL", String(ROM_LIMIT), ...qemu];
	const { status, stdout, stderr } = await capture("setpriv", limited, { cwd: folder });
	// What modules print that are preloaded.
	if (stdout) process.stdout.write(stdout);
	if (status) {
		const why = status === KILLED ? `no end within ${ROM_LIMIT} s` : `status ${status}`;
		throw new Failure(stderr.trim().replace(/^error: /, "") || `the ROM of ${board} was not made: ${why}`);
	}
	// Without what only its making needs.
	const objcopy = ["--remove-section", ".maker", "--update-section", `.rom=${ROM}`, FIRMWARE, IMAGE];
	const updated = await capture("arm-none-eabi-objcopy", objcopy, { cwd: folder });
	if (updated.status) throw new Failure(`the ROM of ${board} does not fit into its firmware\n${updated.stderr.trim()}`);
}
