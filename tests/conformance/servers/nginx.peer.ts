/* nginx, which passes WebSockets on to npm's ws. */
import { startEchoServer } from "./echo-server.peer.ts";
import { startNginx } from "./nginx-proxy.peer.ts";

console.log(JSON.stringify({ port: await startNginx(await startEchoServer()) }));
