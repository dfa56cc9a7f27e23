import { start } from "./server.peer.ts";

await start();
