import "./register.peer.ts";
