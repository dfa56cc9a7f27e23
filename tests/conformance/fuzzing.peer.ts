/* The fuzzing server, for the tests on the device: each of its groups as a range of numbers, for a client and for a server. */
import { type Case, casesFor } from "./fuzzing/cases.peer.ts";
import { startFuzzingServer } from "./fuzzing/server.peer.ts";

function groupsOf(cases: readonly Case[]) {
	const groups: { group: string; first: number; count: number }[] = [];
	for (const [index, { id }] of cases.entries()) {
		const group = id.split(".")[0] ?? "";
		const last = groups.at(-1);
		if (last?.group === group) last.count++;
		else groups.push({ group, first: index + 1, count: 1 });
	}
	return groups;
}

// Short enough for the file's own limit: a case that hangs has to have a name.
const { url } = await startFuzzingServer({ limitMs: 60_000 });
console.log(JSON.stringify({ url, client: groupsOf(casesFor("client")), server: groupsOf(casesFor("server")) }));
