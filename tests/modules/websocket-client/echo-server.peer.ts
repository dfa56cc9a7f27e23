/* A server of npm's ws, for those who mean well, by path. */
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: 0,
	perMessageDeflate: false,
	handleProtocols: (protocols) => [...protocols].at(-1) ?? false,
});

server.on("connection", (ws, request) => {
	const path = request.url ?? "";
	ws.on("error", () => {});
	if (path === "/headers") {
		const { host, authorization, cookie } = request.headers;
		ws.send([host, authorization, cookie, request.headers["sec-websocket-protocol"], ws.protocol].join("|"));
	}
	if (path === "/ping") ws.ping("are you there");
	if (path === "/pings") for (let i = 0; i < 3; i++) ws.ping(`${i}`);
	ws.on("ping", (data) => path === "/pings" && ws.send(`ping ${data}`));
	ws.on("pong", (data) => ws.send(`pong ${data}`));
	ws.on("close", () => {});
	ws.on("message", (data: Buffer, binary) => {
		if (path === "/close") ws.close(4001, "go away");
		else if (path === "/length") ws.send(`${binary ? "binary" : "text"} ${data.length}`);
		else ws.send(data, { binary });
	});
});

/** Its port. */
export const echo = new Promise<number>((resolve) => {
	server.on("listening", () => resolve((server.address() as AddressInfo).port));
});
