/* Debian's mosquitto as a child of the peer: a configuration of its own, a folder of its own, ports that were free, and it can be killed. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, watch, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { launch, temporaryFolder } from "../../conformance/servers/child.peer.ts";

// Where Debian has it, and a user's PATH does not lead.
process.env.PATH += ":/usr/sbin";

const DATABASE = "mosquitto.db";

/** Two that are free now, and not the same. */
async function freePorts(): Promise<[number, number]> {
	const servers = [createServer().listen(0, "127.0.0.1"), createServer().listen(0, "127.0.0.1")];
	await Promise.all(servers.map((server) => new Promise((resolve) => server.on("listening", resolve))));
	const ports = servers.map((server) => (server.address() as AddressInfo).port) as [number, number];
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
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
		// It takes no port 0. One that was free may be taken when it comes: then another one is tried.
		for (let attempt = 1; attempt <= 10; attempt++) {
			[this.tcp, this.websocket] = await freePorts();
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
