import { startMosquitto } from "./mosquitto-peer.peer.ts";

await startMosquitto({}, { global: ["allow_anonymous false"], forbids: true });
