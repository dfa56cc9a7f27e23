/* The peer of the tests with mosquitto: the broker, ways to it that can be cut, other clients, and the device's commands to all of them. */
import { clientCommands } from "./clients.peer.ts";
import { serveCommands } from "./control.peer.ts";
import { startMetronome } from "./metronome.peer.ts";
import { type Configuration, Mosquitto } from "./mosquitto-broker.peer.ts";
import { numberCommands } from "./numbers.peer.ts";
import { Relay } from "./relay.peer.ts";

/** Starts it all, and prints the test's configuration. A second broker is at ports secondTcp and secondWebsocket. */
export async function startMosquitto(configuration: Configuration = {}, second?: Configuration): Promise<void> {
	const broker = new Mosquitto(configuration);
	const other = second && new Mosquitto(second);
	await Promise.all([broker.start(), other?.start()]);
	const metronome = startMetronome(broker.tcp);
	if (other) startMetronome(other.tcp);
	const relays = [new Relay(() => broker.tcp), new Relay(() => broker.websocket)] as const;
	const [cutTcp, cutWebsocket] = await Promise.all(relays.map((relay) => relay.listen()));
	const ports: Record<string, number | undefined> = {
		tcp: broker.tcp,
		websocket: broker.websocket,
		cutTcp,
		cutWebsocket,
		secondTcp: other?.tcp,
		secondWebsocket: other?.websocket,
	};
	const portOf = (name: string) => {
		const port = ports[name];
		if (port === undefined) throw new Error(`there is no port ${name}`);
		return port;
	};
	const control = await serveCommands({
		...clientCommands(portOf),
		...numberCommands(portOf),
		/**
		 * All connections through a relay end with a reset. Not in the middle of what mosquitto does at a CONNECT: of that it sent a
		 * PUBREL again it knows nothing then, and sends the message again at the next one.
		 */
		cut: async () => {
			await metronome.settled();
			for (const relay of relays) relay.cut();
		},
		/** From now on connections through a relay are cut every so many bytes; 0: no more. */
		shred: ({ bytes }: { bytes: number }) => {
			for (const relay of relays) relay.shred(bytes);
		},
		/** No more than so many bytes pass each way until the cut, however large the buffers are. */
		limit: ({ bytes }: { bytes: number }) => {
			for (const relay of relays) relay.limit(bytes);
		},
		/** SIGTERM: the broker writes what it knows, and ends. It comes back at once. */
		restart: async () => {
			await broker.end("SIGTERM");
			await broker.start();
		},
		/**
		 * SIGKILL. mosquitto loses then what it has not written, and has acknowledged; so it writes, and from before that until its end
		 * nobody hears of it. Fair for clients that came through a relay.
		 */
		kill: async () => {
			for (const relay of relays) relay.hold();
			await broker.save();
			await broker.end("SIGKILL");
			for (const relay of relays) relay.cut();
			await broker.start();
		},
		/** Away, until "start". */
		stop: () => broker.end("SIGTERM"),
		start: () => broker.start(),
	});
	console.log(JSON.stringify({ ...ports, control }));
}
