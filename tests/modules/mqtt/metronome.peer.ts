/*
 * Keeps a broker awake. mosquitto 2.0.11 looks after its WebSockets each time that anything happens on TCP, or ten times a second: that often
 * it accepts one, and sends 4 KB of a message that is longer than the network takes at once.
 */
import mqtt from "mqtt";

const BEAT_MS = 2;

export interface Metronome {
	/** Resolves when the broker, which does one thing after the other, is done with all that it had begun before this was called. */
	settled(): Promise<unknown>;
}

export function startMetronome(port: number): Metronome {
	const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
		clientId: "metronome",
		username: "sensor",
		password: "secret",
		reconnectPeriod: 20,
		queueQoSZero: false,
	});
	client.on("error", () => {});
	setInterval(() => client.connected && client.publish("metronome", ""), BEAT_MS);
	return { settled: () => client.publishAsync("metronome", "", { qos: 1 }) };
}
