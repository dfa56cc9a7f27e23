import { echo } from "./echo-server.peer.ts";
import { hostile, refused } from "./hostile-server.peer.ts";

console.log(JSON.stringify({ echo: await echo, hostile: await hostile, refused: await refused }));
