import "../websocket-client/tls.peer.ts";
