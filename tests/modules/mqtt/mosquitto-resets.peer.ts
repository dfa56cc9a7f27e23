import { startMosquitto } from "./mosquitto-peer.peer.ts";

await startMosquitto();
