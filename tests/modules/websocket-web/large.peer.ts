import { start } from "./servers.peer.ts";

await start();
