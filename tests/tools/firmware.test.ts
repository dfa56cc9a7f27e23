/* npm run firmware without an SDK: what it refuses, how it calls mcconfig, and what it reads out of an ELF file. */
import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { memoryOf, readSections } from "../../tools/elf.ts";
import { build, root } from "../../tools/repository.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Where programs are, but for a mcconfig: of an SDK that is installed. */
const path = (process.env.PATH ?? "").split(":").filter((folder) => !existsSync(join(folder, "mcconfig")));

/** Runs the tool with these variables only, beside those that Node.js and a shell want. */
async function firmware(args: string[], env: Record<string, string> = {}) {
	const { HOME = "" } = process.env;
	const child = spawn(process.execPath, [join(root, "tools", "bootstrap.mjs"), "firmware", ...args], {
		env: { PATH: path.join(":"), HOME, ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
	});
	const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
	return { status, stdout, stderr };
}

/** What of an SDK is looked at, with a mcconfig that writes down how it was called and makes the file that `product` holds. */
function fakeSdk(context: TestContext, mcconfig = 'printf "%s\\n" "$@" > "$MODDABLE/called"; echo "# made"\n') {
	const folder = temporaryFolder(context, {
		"modules/placeholder": "",
		"build/devices/pico/targets/pico_w/manifest.json": "{}",
		"build/devices/pico/targets/pico_2_w/manifest.json": "{}",
		"build/devices/esp32/targets/m5stack/manifest.json": "{}",
		"build/bin/lin/release/mcconfig": `#!/bin/sh\n${mcconfig}`,
		"pico/pico-sdk/build/pioasm/pioasm": "",
		"gcc/bin/arm-none-eabi-gcc": "",
	});
	chmodSync(join(folder, "build/bin/lin/release/mcconfig"), 0o755);
	const env = { MODDABLE: folder, PICO_ROOT: join(folder, "pico"), PICO_GCC_ROOT: join(folder, "gcc") };
	return { folder, env, called: () => readFileSync(join(folder, "called"), "utf8").trim().split("\n") };
}

test("a command line that is wrong: one line, status 2", async () => {
	const cases: [string[], RegExp][] = [
		[[], /for which board\? give --platform, as pico\/pico_w, esp32 or lin/],
		[["--platform"], /--platform needs a value/],
		[["--board", "x"], /unknown option --board/],
		[["--platform", "pico/pico_w", "--run"], /only --platform lin runs here/],
		[["--platform", "lin", "--deploy"], /lin is no board, --run runs it/],
		[["--platform", "lin", "main.ts", "telemetry"], /one manifest at a time/],
	];
	for (const [args, words] of cases) {
		const { status, stdout, stderr } = await firmware(args);
		equal(status, 2, stderr);
		match(stderr, words);
		match(stderr, /^error: [^\n]* \(npm run firmware -- --help explains\)\n$/);
		equal(stdout, "");
	}
});

test("what is missing on the machine is said, and the cure", async (context) => {
	const { folder, env } = fakeSdk(context);
	const without = (...paths: string[]) => {
		for (const path of paths) rmSync(join(folder, path), { recursive: true });
	};
	const says = async (platform: string, variables: Record<string, string>, words: RegExp) => {
		const { status, stderr } = await firmware(["--platform", platform], variables);
		equal(status, 1, stderr);
		match(stderr, /^error: [^\n]*\n$/);
		match(stderr, words);
	};
	await says("lin", {}, /MODDABLE is not set: it names the folder of the Moddable SDK/);
	await says("lin", { MODDABLE: join(folder, "pico") }, /there is no Moddable SDK/);
	await says("pico/pico_x", env, /the SDK has no such board; it has pico\/pico_2_w, pico\/pico_w/);
	await says("pico", env, /which board\?/);
	await says("nokia", env, /platform nokia: the SDK does not know it; this firmware is for lin, esp32,/);
	await says("../lin", env, /does not know it/);
	await says("esp32", env, /IDF_PATH is not set/);
	await says("esp32/m5stack", { ...env, IDF_PATH: folder }, /idf\.py is not on the PATH/);
	await says("pico/pico_w", { ...env, PICO_GCC_ROOT: folder }, /PICO_GCC_ROOT is .* no bin\/arm-none-eabi-gcc/);
	without("pico/pico-sdk/build");
	await says("pico/pico_w", env, /pioasm is missing/);
	without("pico/pico-sdk");
	await says("pico/pico_w", env, /no pico-sdk there/);
	without("build/bin");
	await says("lin", env, /mcconfig is not on the PATH: build the SDK's tools/);
});

test("a manifest that is not there", async (context) => {
	const { folder, env } = fakeSdk(context);
	const missing = await firmware(["--platform", "lin", join(folder, "none.json")], env);
	match(missing.stderr, /none\.json: no such file/);
	const empty = await firmware(["--platform", "lin", join(folder, "pico")], env);
	match(empty.stderr, /this folder has no manifest\.json/);
});

test("mcconfig is called for the platform and the manifest, with what mc/config gets", async (context) => {
	const { folder, env, called } = fakeSdk(context);
	const [manifest, other] = ["manifest", "other"].map((name) => join(folder, `${name}.json`)) as [string, string];
	for (const path of [manifest, other]) writeFileSync(path, "{}");
	// It makes nothing, which is noticed.
	const { status, stderr } = await firmware(["--platform", "pico/pico_w", folder, "ssid=my attic", "password=a=b", "--deploy"], env);
	equal(status, 1);
	match(stderr, /# made\nerror: mcconfig made no .*bin\/pico\/pico_w\/release\/.*xs_pico\.elf\n$/);
	const output = join(build, "firmware", "manifest");
	deepEqual(called(), ["-m", "-t", "deploy", "-p", "pico/pico_w", "-o", output, manifest, "ssid=my attic", "password=a=b"]);
	await firmware(["--platform", "lin", "--debug", other], env);
	deepEqual(called().slice(0, 7), ["-d", "-m", "-t", "build", "-p", "lin", "-o"]);
	equal(called()[7], join(build, "firmware", "other"), "two manifests of one folder do not get into each other's way");
});

test("a build that fails", async (context) => {
	const { env } = fakeSdk(context, "echo '# it is so' >&2; exit 3\n");
	const { status, stdout, stderr } = await firmware(["--platform", "lin"], env);
	deepEqual([status, stdout, stderr], [1, "", "# it is so\nerror: mcconfig ended with 3: what is wrong stands above\n"]);
});

/** An ELF file of 32 bits with nothing but its sections: name, address, size, flags, type. */
function elf(sections: [string, number, number, number, number][]): Buffer {
	const names = ["", ...sections.map(([name]) => name), ".shstrtab"];
	const text = Buffer.from(`${names.join("\0")}\0`, "latin1");
	const at = (index: number) => names.slice(0, index).reduce((sum, name) => sum + name.length + 1, 0);
	const count = names.length;
	const file = Buffer.alloc(52 + 40 * count);
	file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
	file.writeUInt32LE(52, 32);
	file.writeUInt16LE(40, 46);
	file.writeUInt16LE(count, 48);
	file.writeUInt16LE(count - 1, 50);
	sections.forEach(([, address, size, flags, type], index) => {
		const header = 52 + 40 * (index + 1);
		[at(index + 1), type, flags, address, 0, size].forEach((word, field) => {
			file.writeUInt32LE(word, header + 4 * field);
		});
	});
	const header = 52 + 40 * (count - 1);
	[at(count - 1), 3, 0, 0, file.length, text.length].forEach((word, field) => {
		file.writeUInt32LE(word, header + 4 * field);
	});
	return Buffer.concat([file, text]);
}

const [ALLOC, WRITE] = [2, 1];
const [PROGBITS, NOBITS] = [1, 8];
const pico = elf([
	[".text", 0x10000100, 1000, ALLOC, PROGBITS],
	[".rodata", 0x10001000, 500, ALLOC, PROGBITS],
	[".ram_vector_table", 0x20000000, 192, WRITE, PROGBITS],
	[".data", 0x200000c0, 64, ALLOC | WRITE, PROGBITS],
	[".bss", 0x20001000, 2000, ALLOC | WRITE, NOBITS],
	[".heap", 0x20002000, 50_000, ALLOC | WRITE, NOBITS],
	[".debug_info", 0, 9999, 0, PROGBITS],
]);

test("flash and RAM of a Pico's ELF file", (context) => {
	const folder = temporaryFolder(context, {});
	const path = join(folder, "xs_pico.elf");
	writeFileSync(path, pico);
	const sections = readSections(path);
	deepEqual(
		sections.map(({ name }) => name),
		[".text", ".rodata", ".ram_vector_table", ".data", ".bss", ".heap"],
	);
	deepEqual(memoryOf(sections, "pico"), { flash: 1564, ram: 2256 });
	deepEqual(memoryOf([{ name: ".dram0.data", address: 0x3ffb0000, size: 10, stored: true }], "esp32"), { flash: 10, ram: 10 });
	deepEqual(memoryOf([{ name: ".flash_rodata_dummy", address: 0x3f400020, size: 10, stored: false }], "esp32"), { flash: 0, ram: 0 });
	for (const wrong of [Buffer.alloc(10), Buffer.alloc(100), pico.subarray(0, 60)]) {
		writeFileSync(path, wrong);
		let message = "";
		try {
			readSections(path);
		} catch (error) {
			message = String(error);
		}
		match(message, /not a firmware's ELF file/);
	}
});

test("what was built is told, with what it takes", async (context) => {
	const { folder, env } = fakeSdk(context, '. "$MODDABLE/make.sh"\n');
	const name = basename(folder);
	const app = join(folder, "manifest.json");
	writeFileSync(app, "{}");
	writeFileSync(join(folder, "elf"), pico);
	const place = `${join(build, "firmware", "manifest")}`;
	const [bin, tmp] = ["bin", "tmp"].map((kind) => join(place, kind, "pico", "pico_w", "release", name));
	mkdirSync(place, { recursive: true });
	context.after(() => {
		for (const path of [bin, tmp]) rmSync(path as string, { recursive: true, force: true });
	});
	const lines = [`mkdir -p '${bin}' '${tmp}'`, `cp "$MODDABLE/elf" '${bin}/xs_pico.elf'`];
	lines.push(`echo 'CREATION = -c 2048,1024,640,64,448,32,32,53,3,1024,17,65536,main,0' > '${tmp}/makefile'`);
	writeFileSync(join(folder, "make.sh"), `${lines.join("\n")}\n`);
	const { status, stdout, stderr } = await firmware(["--platform", "pico/pico_w", app], env);
	equal(status, 0, stderr);
	match(stdout, /^built {5}.*xs_pico\.uf2\nflash {5}1\.5 KB\nRAM {7}2\.2 KB, and 64\.0 KB for XS\n$/);
});
