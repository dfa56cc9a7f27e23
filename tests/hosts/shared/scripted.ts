/* For those who talk to scripted-server.peer.ts. */
import type { Queue } from "./queue";

/**
 * Waits until the server has taken a line. Its answer may be told first, and stays among the events. Who answers "result" or "release" hangs
 * up at once, and then no room is told any more.
 */
export async function taken(line: string, events: Queue<string>, room: string): Promise<void> {
	const hangsUp = line === "result" || line === "release";
	await events.find((event) => hangsUp || event.startsWith(room));
}
