/*
 * npm start and npm run board: main.ts, the telemetry device, on the Linux device or on an emulated board, with a broker of its own unless
 * url=… names another, and a person who watches and commands.
 */
import { createHash } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { isSecure, readAccess, readCa } from "./access.ts";
import { readApp } from "./app.ts";
import { boards, chosenBoard, LEAST_RAM, MOST_RAM, USUAL_RAM } from "./board.ts";
import { startBroker } from "./broker.ts";
import { linuxDevice } from "./devices.ts";
import { main, UsageFailure } from "./failure.ts";
import { operate } from "./operator.ts";
import { readCommandLine } from "./options.ts";
import { memoryLine, type Report, ramLine, readReport } from "./report.ts";
import { root } from "./repository.ts";
import { runDevice } from "./run-device.ts";
import { openTerminal } from "./terminal.ts";

const help = `npm start [-- url=ws://host:port/path] [key=value …]
npm run board [-- url=ws://host:port/path] [key=value …] [--ram KB]

Builds the Linux device, or with npm run board an emulated microcontroller, and boots it with main.ts, a telemetry device
that speaks MQTT. Without url it joins a broker that runs in this process. Prints what the device says, what it publishes, and at its end the memory it took.

  url=…              ws://host:port/path is MQTT over WebSocket, mqtt://host:port plain TCP; with TLS: wss://, mqtts://
  user=… password=…  for a broker that asks for them; with TLS also in the url, wss://user:password@host
  insecurePassword=yes  for a user and a password in the url without TLS, where everyone on the way can read them
  ca=path            the CA of a broker with TLS, PEM or DER, if it is not one of the system's
  id=…               the device's name, in its topics xs/<id>/…
  interval=ms        between two measurements (default 1000); 0: the next one when the broker has the last
  count=N            stops after so many measurements
  attempts=N         gives up when it could not connect so many times in a row (default: never)
  transport=socket   the SDK's classic socket instead of ECMA-419 TCP
  --board NAME       on an emulated board: ${boards.join(", ")}; npm run board is --board ${boards[0]}
  --ram KB           all RAM of that board, ${LEAST_RAM} to ${MOST_RAM} (default ${USUAL_RAM})

Every line that is typed or piped in is sent to the device as a command: "help" lists them. "broker stop" and "broker start" are for
the broker in this process. Ctrl-C has the device say goodbye, and once more ends it at once; the end of a pipe ends nothing. key=value
lands in the module "mc/config", as a string.
`;

const STOP_TIMEOUT_MS = 10_000;
/** npm passes a terminal's Ctrl-C on to a process that got it from the terminal already: that is no second one. */
const SAME_SIGNAL_MS = 300;
// 128 and the number of a signal.
const INTERRUPTED = 130;
const KILLED = 137;
const TERMINATED = 143;

/** Others use a broker, too, so a device there is named after who runs it; always the same, for what the broker keeps of it. */
const ownName = (name: string) =>
	`${name}-${createHash("sha256").update(`${userInfo().username}@${hostname()}`).digest("hex").slice(0, 6)}`;

await main(async () => {
	const line = readCommandLine("start", process.argv.slice(2), ["--help"], ["--board", "--ram"]);
	if (line.flags.has("--help")) {
		process.stdout.write(help);
		return 0;
	}
	if (line.paths.length) throw new UsageFailure(`"${line.paths[0]}" is no option; another broker is url=ws://host:port/path`, "start");

	if (line.values.has("--ram") && !line.values.has("--board")) throw new UsageFailure("--ram is for --board", "start");
	const device = line.values.has("--board") ? await chosenBoard("start", line) : linuxDevice({ bits: 64, mode: "release" });
	const secure = typeof line.config.url === "string" && isSecure(line.config.url);
	const app = await readApp(join(root, secure ? "manifest_tls.json" : "manifest.json"), device.platform);
	await device.build(app);
	const given = (key: string) => (typeof line.config[key] === "string" ? line.config[key] : "");
	const embedded =
		"url" in line.config
			? undefined
			: await startBroker({ seen: (id, what) => seen(id, what), published: (...message) => show(...message) });
	const url = embedded ? embedded.url : given("url");
	const id = given("id") || (embedded ? String(app.config.id) : ownName(String(app.config.id)));
	const ca = given("ca") ? readCa(given("ca")) : "";
	const topics = `xs/${id}`;
	const width = `${topics}/measurement`.length;
	const say = (who: string, what: string) => terminal.print(`${who.padEnd(width)}  ${what}`);

	const waiting: string[] = [];
	let signal: ((name: NodeJS.Signals) => void) | undefined;
	let stoppedAt = 0;
	let late: NodeJS.Timeout | undefined;
	let overdue = false;
	/** The device has ended: what is left is to leave the broker. */
	let gone = false;
	let status = "";
	let report: Report | undefined;

	function seen(clientId: string, what: string): void {
		if (clientId === id) say("broker", `${id} ${what}`);
	}

	function show(topic: string, text: string, kept = false): void {
		if (!topic.startsWith(`${topics}/`)) return;
		if (topic === `${topics}/status`) {
			// aedes publishes the will, too, when the connection ends before it has looked at DISCONNECT.
			if (text === status && text === "offline") return;
			status = text;
		}
		say(topic, kept ? `${text} (kept by the broker)` : text);
	}

	async function command(text: string): Promise<void> {
		if (embedded && /^broker (stop|start)$/.test(text)) {
			const what = text.slice("broker ".length) as "stop" | "start";
			try {
				await embedded[what]();
				say("broker", what === "stop" ? "stopped, and has forgotten all" : "started again");
			} catch (error) {
				say("broker", `it cannot ${what}: ${(error as Error).message}`);
			}
		} else if (!operator?.online) {
			waiting.push(text);
			say("you", `"${text}" waits until the device is online`);
		} else operator.send(text);
	}

	/** On a board there is no Ctrl-C, so the device learns of it as a board would: by a command. */
	function stop(): void {
		if (stoppedAt) {
			if (Date.now() - stoppedAt <= SAME_SIGNAL_MS) return;
			if (gone) process.exit(INTERRUPTED);
			signal?.("SIGKILL");
			return;
		}
		stoppedAt = Date.now();
		if (operator?.online) {
			operator.send("stop");
			say("you", "stop: the device is told (Ctrl-C once more: at once)");
			late = setTimeout(() => {
				overdue = true;
				say("you", `no goodbye within ${STOP_TIMEOUT_MS / 1000} s`);
				signal?.("SIGTERM");
			}, STOP_TIMEOUT_MS);
		} else {
			say("you", "stop: the device is not online, so there is no goodbye");
			signal?.("SIGTERM");
		}
	}

	const terminal = openTerminal({ line: command, stop });
	const access = readAccess(url, ca, given);
	const watch = (topic: string, text: string, kept: boolean) => {
		if (!embedded) show(topic, text, kept);
		if (operator?.online) for (const held of waiting.splice(0)) operator.send(held);
	};
	const operator = access && operate(access, topics, watch);
	// To the end of this process: a third Ctrl-C finds it on its way out, and must not change its status.
	for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop);
	// Whoever read the output has read enough (npm start | head).
	process.stdout.once("error", stop);
	try {
		await operator?.ready;
		if (embedded) {
			const port = embedded.port;
			say("broker", `${url} and mqtt://127.0.0.1:${port}, in this process (another: npm start -- url=ws://host:port/mqtt)`);
			say("commands", `type one (help lists them), or mosquitto_pub -p ${port} -t ${topics}/command -m 'led on'`);
		} else say("commands", `type one (help lists them), or publish it to ${topics}/command`);
		const ended = await device.with(app, { config: { ...line.config, url, id, ca } }, (program) =>
			runDevice(program, {
				report: true,
				started: (send) => {
					signal = send;
					if (stoppedAt) send("SIGTERM");
				},
				line: (text) => {
					const found = readReport(text);
					if (found) report = found;
					else say("device", text);
				},
			}),
		);
		if (stoppedAt && ended === KILLED) return INTERRUPTED;
		await operator?.farewell();
		return stoppedAt && !overdue && ended === TERMINATED ? 0 : ended;
	} finally {
		gone = true;
		clearTimeout(late);
		terminal.close();
		await operator?.close();
		await embedded?.stop();
		if (report) process.stdout.write(`${memoryLine(report)}\n${report.ram ? `${ramLine(report.ram, report)}\n` : ""}`);
	}
});
