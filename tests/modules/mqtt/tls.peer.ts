import { refusing } from "../transport/tls-refusing.peer.ts";

console.log(JSON.stringify(refusing));
