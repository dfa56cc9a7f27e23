import { refusing } from "./tls-refusing.peer.ts";

console.log(JSON.stringify(refusing));
