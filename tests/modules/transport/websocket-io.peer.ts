import "./over-websocket.peer.ts";
