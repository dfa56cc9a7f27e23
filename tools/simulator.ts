/*
 * Runs a firmware built for `lin` in the SDK's simulator, on a screen that nobody sees, and hears what it traces: that goes to a debugger,
 * and a stand-in for one is here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "./failure.ts";
import { forEachLine } from "./run-device.ts";
import { type Environment, folderOf } from "./sdk.ts";

export interface Simulation {
	/** mc.so, of a debug build: others trace nothing. */
	library: string;
	moddable: string;
	env: Environment;
	/** Each line that the firmware traces. */
	line: (line: string) => void;
	/** An exception that nothing caught, or that something did: where, and what. */
	thrown?: ((text: string) => void) | undefined;
}

export interface Running {
	/** Why it ended: "" if stop() ended it. */
	readonly ended: Promise<string>;
	stop(): void;
}

const ENTITIES: Readonly<Record<string, string>> = Object.freeze({ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" });
const plain = (text: string) =>
	text.replace(/&(#(\d+)|\w+);/g, (whole, name: string, code?: string) =>
		code ? String.fromCodePoint(Number(code)) : (ENTITIES[name] ?? whole),
	);

const end = (child: ChildProcess) => child.exitCode === null && child.signalCode === null && child.kill("SIGKILL");

/** Throws what is missing on the machine. */
export async function simulate({ library, moddable, env, line, thrown }: Simulation): Promise<Running> {
	const home = mkdtempSync(join(tmpdir(), "mcsim-"));
	// Where the simulator keeps a copy of the library; it does not make the folder itself.
	mkdirSync(join(home, ".config", "tech.moddable.mcsim"), { recursive: true });
	const children: ChildProcess[] = [];
	let settle: (why: string) => void = () => {};
	const ended = new Promise<string>((resolve) => {
		settle = resolve;
	});
	const debug = createServer((socket) => listen(socket, line, thrown, settle));
	const stop = (why: string) => {
		settle(why);
		for (const child of children) end(child);
		debug.close();
		rmSync(home, { recursive: true, force: true, maxRetries: 3 });
	};
	try {
		debug.listen(0, "127.0.0.1");
		await once(debug, "listening");
		const display = env.DISPLAY || (await startScreen(env, children));
		const child = spawn("mcsim", [join(moddable, "build", "simulators"), library], {
			env: {
				...env,
				HOME: home,
				XDG_CONFIG_HOME: join(home, ".config"),
				DISPLAY: display,
				GDK_BACKEND: "x11",
				XSBUG_HOST: "127.0.0.1",
				XSBUG_PORT: String((debug.address() as AddressInfo).port),
			},
			stdio: ["ignore", "ignore", "pipe"],
		});
		children.push(child);
		let said = "";
		forEachLine(child.stderr, (text) => {
			said += `${text}\n`;
		});
		child.on("error", (error) => settle(`mcsim: ${error.message}`));
		child.on("close", (status, signal) => settle(`the simulator ended (${signal ?? `status ${status}`}) ${said.trim()}`.trim()));
		ended.then(stop);
		return { ended, stop: () => stop("") };
	} catch (error) {
		stop("");
		throw error;
	}
}

/** Xvfb, whose display has a number that is free. */
async function startScreen(env: Environment, children: ChildProcess[]): Promise<string> {
	if (!folderOf("Xvfb", env)) throw new Failure("there is no display and no Xvfb: install it (Debian: apt-get install xvfb)");
	const child = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp"], {
		env,
		stdio: ["ignore", "ignore", "ignore", "pipe"],
	});
	children.push(child);
	return new Promise((resolve, reject) => {
		forEachLine(child.stdio[3] as NodeJS.ReadableStream, (number) => resolve(`:${number.trim()}`));
		child.on("error", (error) => reject(new Failure(`Xvfb: ${error.message}`)));
		child.on("close", (status) => reject(new Failure(`Xvfb ended (status ${status})`)));
	});
}

/** What a machine says to its debugger is XML in one direction, and so is what lets it go on. */
function listen(
	socket: Socket,
	line: (line: string) => void,
	thrown: ((text: string) => void) | undefined,
	settle: (why: string) => void,
): void {
	let said = "";
	let partial = "";
	const log = (text: string) => {
		const lines = (partial + text).split("\n");
		partial = lines.pop() ?? "";
		for (const complete of lines) {
			line(complete);
			const [, why] = /^XS abort: (.*)$/.exec(complete) ?? [];
			if (why) settle(`XS ended it: ${why}`);
		}
	};
	socket.on("error", () => {});
	socket.setEncoding("utf8").on("data", (part: string) => {
		said += part;
		const last = said.lastIndexOf("</xsbug>");
		if (last < 0) return;
		const heard = said.slice(0, last);
		said = said.slice(last);
		for (const [, kind, attributes, text] of heard.matchAll(/<(login|log|break)\b([^>]*?)(?:\/>|>([^<]*)<\/\1>)/g))
			hear(kind, attributes, text);
	});

	function hear(kind: string | undefined, attributes = "", text = ""): void {
		if (kind === "log") log(plain(text));
		else if (kind === "login") {
			if (thrown) socket.write('\r\n<set-all-breakpoints><breakpoint path="exceptions" line="0"/></set-all-breakpoints>\r\n');
			socket.write("\r\n<go/>\r\n");
		} else if (kind === "break") {
			const [, path, at] = /path="([^"]*)" line="(\d+)"/.exec(attributes) ?? [];
			thrown?.(`${plain(text).trim()}${path ? ` (${path}:${at})` : ""}`);
			socket.write("\r\n<go/>\r\n");
		}
	}
}
