/* main.ts on a board, as fast as a broker of this process takes its measurements: how many came, and what memory it took. */
import { join } from "node:path";
import { readApp } from "./app.ts";
import { type Board, boardDevice } from "./board.ts";
import { startBroker } from "./broker.ts";
import { type Report, readReport } from "./report.ts";
import { root } from "./repository.ts";
import { runDevice } from "./run-device.ts";

export interface TelemetryRun {
	/** undefined if all went well, else why not. */
	failure: string | undefined;
	/** Messages that reached the broker: measurements, and after each the memory. */
	messages: number;
	report: Report | undefined;
}

/** Without a message for so long, the device is taken to be stuck. */
const PATIENCE_MS = 30_000;

/** Over MQTT and WebSocket, with `ram` KB; half of the messages are measurements, which the broker acknowledges. */
export async function runTelemetry(board: Board, ram: number, messages: number): Promise<TelemetryRun> {
	const measurements = new Set<number>();
	let dropped = 0;
	let arrived = 0;
	let report: Report | undefined;
	let said = "";
	let stuck = false;
	let late: NodeJS.Timeout | undefined;
	let give = () => {};
	const alive = () => {
		clearTimeout(late);
		late = setTimeout(() => give(), PATIENCE_MS);
	};
	const broker = await startBroker({
		published: (topic, text) => {
			alive();
			if (!/\/(measurement|memory)$/.test(topic)) return;
			arrived++;
			if (!topic.endsWith("measurement")) return;
			const measurement = JSON.parse(text);
			measurements.add(measurement.n);
			dropped = measurement.dropped;
		},
	});
	const device = boardDevice(board, () => ram);
	const count = messages / 2;
	try {
		const app = await readApp(join(root, "manifest.json"), device.platform);
		const config = { url: broker.url, id: "ram", interval: "0", count: String(count) };
		const status = await device.with(app, { config }, (program) =>
			runDevice(program, {
				report: true,
				started: (signal) => {
					give = () => {
						stuck = true;
						signal("SIGKILL");
					};
					alive();
				},
				line: (text) => {
					report ??= readReport(text);
				},
				errorLine: (text) => {
					said ||= text;
				},
			}),
		);
		let failure: string | undefined;
		if (stuck) failure = `no message for ${PATIENCE_MS / 1000} s`;
		else if (status) failure = said || `status ${status}`;
		else if (measurements.size !== count || dropped)
			failure = `${measurements.size} of ${count} measurements arrived, ${dropped} were dropped`;
		return { failure, messages: arrived, report };
	} finally {
		clearTimeout(late);
		await broker.stop();
	}
}
