/* Listeners, a subclass, a queue while there is no connection, another attempt after each end. */
import WebSocket from "websocket-web";

class Chat {
	#socket: WebSocket | undefined;
	#waiting: string[] = [];
	#urls: string[];
	#onLine: (line: string) => void;

	constructor(urls: string[], onLine: (line: string) => void) {
		this.#urls = urls;
		this.#onLine = onLine;
		this.#connect();
	}

	say(line: string) {
		if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(line);
		else this.#waiting.push(line);
	}

	stop() {
		this.#socket?.close();
	}

	#connect() {
		const socket = new WebSocket(this.#urls[0] as string, ["chat.v2", "chat.v1"]);
		this.#socket = socket;
		socket.addEventListener("open", () => {
			const [first] = this.#waiting;
			if (this.#urls.length > 1) socket.send(first as string);
			else for (const line of this.#waiting.splice(0)) socket.send(line);
		});
		socket.addEventListener("message", ({ data }) => this.#onLine(data));
		socket.addEventListener("close", ({ wasClean }) => {
			this.#urls.shift();
			if (!wasClean) this.#connect();
		});
	}
}

export function run(urls: string[]): Promise<string> {
	return new Promise((resolve) => {
		const lines: string[] = [];
		const chat = new Chat(urls, (line) => {
			lines.push(line);
			if (lines.length === 2) chat.say("three");
			if (lines.length < 3) return;
			chat.stop();
			resolve(lines.join("\n"));
		});
		chat.say("one");
		chat.say("two");
	});
}
