import { start } from "../websocket/server.peer.ts";

await start();
