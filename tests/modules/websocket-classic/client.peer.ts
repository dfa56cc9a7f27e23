import { echo } from "../websocket-client/echo-server.peer.ts";
import { hostile, refused } from "../websocket-client/hostile-server.peer.ts";

console.log(JSON.stringify({ echo: await echo, hostile: await hostile, refused: await refused }));
