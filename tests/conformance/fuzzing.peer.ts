/* The fuzzing server, for the test on the device: each of its groups as a range of numbers. */
import { everyCase } from "./fuzzing/cases.peer.ts";
import { startFuzzingServer } from "./fuzzing/server.peer.ts";

const groups: { group: string; first: number; count: number }[] = [];
for (const [index, { id }] of everyCase.entries()) {
	const group = id.split(".")[0] ?? "";
	const last = groups.at(-1);
	if (last?.group === group) last.count++;
	else groups.push({ group, first: index + 1, count: 1 });
}

const { url } = await startFuzzingServer();
console.log(JSON.stringify({ url, groups }));
