import { NOBODY_PORT } from "../../support/nobody.ts";
import { echo } from "../websocket-client/echo-server.peer.ts";
import { hostile } from "../websocket-client/hostile-server.peer.ts";

console.log(JSON.stringify({ echo: await echo, hostile: await hostile, refused: NOBODY_PORT }));
