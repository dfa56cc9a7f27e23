/* Ports of this machine that nobody listens on, for what somebody else will listen on soon. */
import { createServer } from "node:net";

/** Below those that the system gives out by itself, which may be anybody's a moment later. */
const FIRST = 10_000;
const LAST = 32_767;
/** As many as one process usually asks for. */
const OF_PROCESS = 8;
/** Each call goes on where the last one ended, and each process begins elsewhere, so that those who ask at the same time get different ones. */
let next = FIRST + ((process.pid * OF_PROCESS) % (LAST - FIRST));

const isFree = (port: number) =>
	new Promise<boolean>((resolve) => {
		const server = createServer();
		server.once("error", () => resolve(false));
		server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
	});

export async function freePorts(count: number): Promise<number[]> {
	const ports: number[] = [];
	while (ports.length < count) {
		const port = next;
		next = next === LAST ? FIRST : next + 1;
		if (await isFree(port)) ports.push(port);
	}
	return ports;
}
