/* npm test: every X.test.ts below tests/, on the Linux device in both sizes and on the emulated boards; those of the tools on Node. */
import { basename, join, relative } from "node:path";
import { type Board, boardDevice, boards, missingPackages, readBoard } from "./board.ts";
import { hindranceOf, testRam } from "./board-tests.ts";
import { buildDevice, type Variant } from "./device-build.ts";
import { linuxDevice } from "./devices.ts";
import { main, UsageFailure } from "./failure.ts";
import type { Bits } from "./openssl.ts";
import { type CommandLine, readCommandLine } from "./options.ts";
import { ensurePackage } from "./packages.ts";
import { filesBelow, root } from "./repository.ts";
import { runNodeTest } from "./test-node.ts";
import { Plan } from "./test-plan.ts";

const help = `npm test [-- <part of a path> …] [options]

Runs the tests whose path contains one of the parts, or all of them: each tests/**/X.test.ts on a device of its own, several
at a time, and those in tests/tools on Node. Ends with one line: N passed, N failed, N skipped.

  --bits 64|32   one size of the Linux device only (default: both, and the boards)
  --board NAME   one emulated board only: ${boards.join(", ")}
  --release      the release build instead of the debug build
  --sanitize     with AddressSanitizer and UndefinedBehaviorSanitizer
  --stress       with a garbage collection at every allocation
  --help         prints this

The boards have one build, which a run with none of the options is for.
`;

await main(async () => {
	const line = readCommandLine(
		"test",
		process.argv.slice(2),
		["--release", "--debug", "--sanitize", "--stress", "--help"],
		["--bits", "--board"],
	);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	const { variants, board, special, linuxOnly } = readChoice(line);

	const tests = filesBelow(join(root, "tests")).filter((path) => path.endsWith(".test.ts"));
	const wanted = tests.filter((path) => !line.paths.length || line.paths.some((part) => relative(root, path).includes(part)));
	if (wanted.length === 0)
		throw new UsageFailure(`no test file has ${line.paths.map((part) => `"${part}"`).join(" or ")} in its path`, "test");
	const isForNode = (path: string) => path.startsWith(join(root, "tests", "tools"));

	const plan = new Plan();
	const forDevice = await plan.withPackages(wanted.filter((path) => !isForNode(path)));
	for (const variant of forDevice.length ? variants : []) {
		const missing = variant.bits === 32 && !(await ensurePackage("gcc-multilib")) ? ["gcc-multilib"] : [];
		await plan.addDevice(linuxDevice(variant), forDevice, missing);
	}
	const chosenBoards = board ? [board] : linuxOnly ? [] : boards;
	const missing = forDevice.length && chosenBoards.length ? await missingPackages() : [];
	for (const name of forDevice.length ? chosenBoards : [])
		await plan.addDevice(boardDevice(name, testRam), forDevice, missing, hindranceOf);

	// The sanitizers look at the device's C, so of the tests on Node only those that run the device are of interest.
	const isFor = (path: string, what: string) => basename(path).startsWith(`${what}-`);
	const isWanted = (path: string) => (special.length ? isFor(path, "device") : !linuxOnly || !isFor(path, "board"));
	const onNode = board ? [] : await plan.withPackages(wanted.filter((path) => isForNode(path) && isWanted(path)));
	if (onNode.length) {
		// Each of them would install the boards' packages, all at the same time.
		if (onNode.some((path) => isFor(path, "board"))) await missingPackages();
		// Built here, so that no test waits for it.
		for (const mode of ["debug", "release"] as const)
			await buildDevice({ bits: 64, mode, sanitize: special.includes("--sanitize"), stress: special.includes("--stress") });
		for (const path of onNode) plan.add(() => runNodeTest(path, special));
	}
	return plan.run();
});

interface Choice {
	/** Of the Linux device. */
	variants: Variant[];
	board: Board | undefined;
	/** Of --sanitize and --stress, those that are given. */
	special: string[];
	/** One that boards have not, if it is given. */
	linuxOnly: string | undefined;
}

function readChoice({ flags, values }: CommandLine): Choice {
	const bits = values.get("--bits");
	if (bits !== undefined && bits !== "32" && bits !== "64") throw new UsageFailure(`--bits must be 32 or 64, not "${bits}"`, "test");
	const board = values.has("--board") ? readBoard("test", values.get("--board")) : undefined;
	const special = ["--sanitize", "--stress"].filter((name) => flags.has(name));
	const linuxOnly = ["--bits", "--release", "--debug", ...special].find((name) => flags.has(name) || values.has(name));
	if (board && linuxOnly) throw new UsageFailure(`${linuxOnly} does not go with --board: it is for the Linux device`, "test");
	const variant = {
		mode: flags.has("--release") ? ("release" as const) : ("debug" as const),
		sanitize: flags.has("--sanitize"),
		stress: flags.has("--stress"),
	};
	const sizes = board ? [] : bits ? [Number(bits) as Bits] : ([64, 32] as const);
	return { variants: sizes.map((size) => ({ bits: size, ...variant })), board, special, linuxOnly };
}
