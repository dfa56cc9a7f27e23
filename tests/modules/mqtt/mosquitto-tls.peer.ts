/* mosquitto that speaks nothing but TLS, MQTT and MQTT over WebSocket; it can be started anew. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../conformance/servers/child.peer.ts";
import { Authority } from "../../hosts/shared/certificates.peer.ts";
import { serveCommands } from "./control.peer.ts";
import { Mosquitto } from "./mosquitto-broker.peer.ts";

const authority = new Authority();
const { cert, key } = authority.issue({ names: "DNS:localhost" });
const folder = temporaryFolder("mosquitto-tls");
writeFileSync(join(folder, "cert.pem"), cert);
writeFileSync(join(folder, "key.pem"), key);
chmodSync(join(folder, "key.pem"), 0o600);

const broker = new Mosquitto({ listener: [`certfile ${join(folder, "cert.pem")}`, `keyfile ${join(folder, "key.pem")}`] });
await broker.start();
const control = await serveCommands({
	restart: async () => {
		await broker.end("SIGTERM");
		await broker.start();
	},
});
console.log(JSON.stringify({ tcp: broker.tcp, websocket: broker.websocket, ca: authority.own.cert, control }));
authority.close();
