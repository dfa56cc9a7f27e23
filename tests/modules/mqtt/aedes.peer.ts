/* npm's aedes as the broker, one that all may use and one with a password, and npm's mqtt as the other client. */
import { startBroker } from "../../../tools/broker.ts";
import { clientCommands } from "./clients.peer.ts";
import { serveCommands } from "./control.peer.ts";

const broker = await startBroker();
const closed = await startBroker({ login: { user: "sensor", password: "secret" } });
const portOf = (url: string) => Number(new URL(url).port);
const ports: Record<string, number> = {
	tcp: broker.port,
	websocket: portOf(broker.url),
	secondTcp: closed.port,
	secondWebsocket: portOf(closed.url),
};
const control = await serveCommands({
	...clientCommands((name) => ports[name] ?? 0),
	/** It forgets everything: sessions, subscriptions, retained messages. */
	restart: async () => {
		await broker.stop();
		await broker.start();
	},
});
console.log(JSON.stringify({ ...ports, control }));
