/* Handlers as attributes, JSON, close when enough came. */
import WebSocket from "websocket-web";

export function run(url: string): Promise<string[]> {
	return new Promise((resolve, reject) => {
		const lines: string[] = [];
		const socket = new WebSocket(url);

		socket.onmessage = (event) => {
			const message = JSON.parse(event.data);
			if (message.type !== "tick") return;
			lines.push(`tick ${message.at}`);
			if (lines.length === 5) socket.close(1000, "seen enough");
		};
		socket.onclose = (event) => {
			if (event.wasClean) resolve(lines);
			else reject(new Error(`closed: ${event.code}`));
		};
		socket.onerror = () => reject(new Error("no connection"));
	});
}
