/*
 * A client for Autobahn's fuzzing server: plays all cases of the server at `url` of mc/config, or those whose ids begin with one of
 * `cases`, and prints a line of JSON for each. `npm run autobahn` builds it, starts it and adds up what it prints.
 */
import config from "mc/config";
import Timer from "timer";
import { ask, echo, parseServer, type Server } from "./client";

/** What the server says about a case; `behaviorClose` is missing where the server does not tell it. */
interface Case {
	id: string;
	description: string;
	behavior: string;
	behaviorClose?: string;
}

const say = (kind: string, what: object) => trace(`@${kind} ${JSON.stringify(what)}\n`);

/** The server's answer as an object with these strings, or an error that says that it is none. */
async function questioned(server: Server, path: string, names: string[]): Promise<Case> {
	const text = await ask(server, path);
	let answer: Record<string, unknown> | undefined;
	try {
		answer = JSON.parse(text);
	} catch {}
	if (!answer || names.some((name) => typeof answer[name] !== "string")) throw notServer(server, path, text);
	return answer as unknown as Case;
}

function notServer(server: Server, path: string, text: string): Error {
	const shown = text ? `"${text.slice(0, 80)}"` : "nothing";
	return new Error(`ws://${server.authority}${server.prefix}${path}: the answer is ${shown}: this is no fuzzing server`);
}

/** 9.1 is in 9 and in 9.1, and 10.1 is not in 1. */
function wanted(id: string): boolean {
	const prefixes = String(config.cases)
		.split(",")
		.filter((prefix) => prefix);
	return prefixes.length === 0 || prefixes.some((prefix) => id === prefix || id.startsWith(`${prefix}.`));
}

async function run(): Promise<void> {
	const server = parseServer(config.url, config.transport);
	const agent = `agent=${config.agent}`;
	const counted = await ask(server, "/getCaseCount");
	const count = /^\d{1,6}$/.test(counted) ? Number(counted) : -1;
	if (count < 0) throw notServer(server, "/getCaseCount", counted);
	say("count", { count });
	let ran = 0;
	for (let number = 1; number <= count; number++) {
		const { id, description } = await questioned(server, `/getCaseInfo?case=${number}`, ["id", "description"]);
		if (!wanted(id)) continue;
		say("start", { number, id });
		await echo(server, `/runCase?case=${number}&${agent}`);
		const { behavior, behaviorClose } = await questioned(server, `/getCaseStatus?case=${number}&${agent}`, ["behavior"]);
		say("case", { number, id, description, behavior, behaviorClose });
		ran++;
	}
	if (ran) await ask(server, `/updateReports?${agent}`);
	say("end", { ran });
}

/** An error that ends in a Promise is easily lost on a board: out of the loop it stops the firmware, and says why. */
export default function main(): void {
	run().catch((error) => {
		Timer.set(() => {
			throw error;
		});
	});
}
