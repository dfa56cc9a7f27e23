import { startEchoServer } from "./echo-server.peer.ts";

console.log(JSON.stringify({ port: await startEchoServer() }));
