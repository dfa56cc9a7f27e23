import { Mosquitto } from "./mosquitto-broker.peer.ts";

const broker = new Mosquitto();
await broker.start();
console.log(JSON.stringify({ tcp: broker.tcp, websocket: broker.websocket }));
