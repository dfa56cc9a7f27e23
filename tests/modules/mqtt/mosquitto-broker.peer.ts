/* Debian's mosquitto as a child of the peer: a configuration of its own, a folder of its own, ports that were free, and it can be killed. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, temporaryFolder } from "../../conformance/servers/child.peer.ts";

// Where Debian has it, and a user's PATH does not lead.
process.env.PATH += ":/usr/sbin";

const DATABASE = "mosquitto.db";

/**
 * Where its ports are from: below those that the system gives out, or somebody else would have them when mosquitto comes back, and apart from
 * those of tools/ports.ts. Each peer begins elsewhere.
 */
const FIRST = 5000;
const LAST = 9999;
const OF_PEER = 8;
let next = FIRST + ((process.pid * OF_PEER) % (LAST + 1 - FIRST));

function nextPort(): number {
	const port = next;
	next = next === LAST ? FIRST : next + 1;
	return port;
}

export interface Configuration {
	/** Lines besides those that all have: of the broker, and of each of its two listeners. */
	global?: string[];
	listener?: string[];
	/**
	 * Nobody may use forbidden/#. Not for tests with sessions: with an acl_file, what is published after a restart before a subscriber has
	 * come back is not kept for it.
	 */
	forbids?: boolean;
}

export class Mosquitto {
	tcp = 0;
	websocket = 0;
	readonly #folder = temporaryFolder("mosquitto");
	readonly #data = join(this.#folder, "data");
	readonly #global: string[];
	readonly #listener: string[];
	#child: ChildProcess | undefined;
	#ended: Promise<unknown> = Promise.resolve();

	constructor({ global = ["allow_anonymous true"], listener = [], forbids = false }: Configuration = {}) {
		this.#listener = listener;
		mkdirSync(this.#data);
		const passwords = join(this.#folder, "passwords");
		const { status, stderr, error } = spawnSync("mosquitto_passwd", ["-c", "-b", passwords, "sensor", "secret"], { encoding: "utf8" });
		if (status !== 0) throw new Error(`mosquitto_passwd: ${error?.message ?? stderr}`);
		chmodSync(passwords, 0o600);
		this.#global = [...global, `password_file ${passwords}`];
		if (!forbids) return;
		const acl = join(this.#folder, "acl");
		const topics = ["topic readwrite #", "topic deny forbidden/#"];
		writeFileSync(acl, [...topics, "user sensor", ...topics, ""].join("\n"), { mode: 0o600 });
		this.#global.push(`acl_file ${acl}`);
	}

	#configuration(): string {
		return [
			// Started by root, it would become a user that cannot write into the folder.
			...(process.getuid?.() === 0 ? ["user root"] : []),
			"persistence true",
			`persistence_location ${this.#data}/`,
			`persistence_file ${DATABASE}`,
			"autosave_interval 0",
			// Without a maximum, 0, this version ends the connection at the message behind one that it refused.
			"max_queued_messages 1000000",
			"set_tcp_nodelay true",
			"log_dest stderr",
			"log_type error",
			"log_type warning",
			"log_type notice",
			"log_type information",
			...this.#global,
			`listener ${this.tcp} 127.0.0.1`,
			...this.#listener,
			`listener ${this.websocket} 127.0.0.1`,
			"protocol websockets",
			...this.#listener,
			"",
		].join("\n");
	}

	/** Starts it; again on the ports that it had. */
	async start(): Promise<void> {
		if (this.tcp) {
			if (!(await this.#run())) throw new Error("mosquitto's port was taken while it was down");
			return;
		}
		// It takes no port 0. Those that are taken it says.
		for (let attempt = 1; attempt <= 10; attempt++) {
			this.tcp = nextPort();
			this.websocket = nextPort();
			if (await this.#run()) return;
			await this.end("SIGKILL");
		}
		throw new Error("no free ports for mosquitto");
	}

	/** false: somebody has a port. */
	#run(): Promise<boolean> {
		const file = join(this.#folder, "mosquitto.conf");
		writeFileSync(file, this.#configuration());
		return new Promise((resolve, reject) => {
			const child = launch(["mosquitto", "-c", file], (line) => {
				if (/ mosquitto version \S+ running$/.test(line)) resolve(true);
				else if (/Address already in use|Unable to create websockets listener/.test(line)) resolve(false);
			});
			this.#child = child;
			this.#ended = new Promise((done) => child.on("close", done));
			child.on("error", reject);
			child.on("close", (status, signal) => reject(new Error(`mosquitto ended with ${signal ?? `status ${status}`}`)));
		});
	}

	/** Resolves once it is gone. With SIGTERM it writes its database first. */
	async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
		this.#child?.kill(signal);
		await this.#ended;
		this.#child = undefined;
	}

	/** Makes it write its database, and resolves once that is complete: it gets its name then. */
	async save(): Promise<void> {
		const renamed = new Promise<void>((resolve) => {
			const watcher = watch(this.#data, (event, name) => {
				if (event !== "rename" || name !== DATABASE) return;
				watcher.close();
				resolve();
			});
		});
		this.#child?.kill("SIGUSR1");
		await renamed;
	}
}
