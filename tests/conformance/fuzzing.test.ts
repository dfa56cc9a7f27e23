/*
 * Every case of the fuzzing server beside this file: for the client, over both transports, and for the server; with frames that are
 * longer than the transmit buffer, too.
 */
import config from "mc/config";
import { equal, test } from "test";
import { ask, echo, parseServer } from "./autobahn/client";
import { listen } from "./autobahn/server";

interface Group {
	group: string;
	first: number;
	count: number;
}

const {
	url,
	client,
	server: serving,
	variant,
} = config as unknown as {
	url: string;
	client: Group[];
	server: Group[];
	/** Of the device: with a collection at every allocation it does not play every case in each way, but others in each. */
	variant: string;
};
const step = variant.includes("stress") ? 5 : 1;

const ways = {
	tcp: parseServer(url, "tcp"),
	socket: parseServer(url, "socket"),
	"tcp, streamed": parseServer(url, "tcp", new Uint8Array(240)),
};

for (const [way, [name, server]] of Object.entries(ways).entries())
	for (const { group, first, count } of client)
		test(`${name}: the ${count} cases of group ${group}`, async () => {
			let failures = "";
			for (let number = first + (way % Math.min(step, count)); number < first + count; number += step) {
				const query = `case=${number}&agent=${encodeURIComponent(name)}`;
				await echo(server, `/runCase?${query}`);
				const status = JSON.parse(await ask(server, `/getCaseStatus?${query}`));
				if (status.behavior === "OK" && status.behaviorClose === "OK") continue;
				const { id, description } = JSON.parse(await ask(server, `/getCaseInfo?case=${number}`));
				failures += `\n${id} ${description}: ${status.result}`;
				// Those behind it would not be done either, and the file has a limit, too.
				if (status.timeout) break;
			}
			equal(failures, "");
		});

for (const [name, transmit] of [
	["server", 1040],
	["server, streamed", 160],
] as const)
	for (const { group, first, count } of serving)
		test(`${name}: the ${count} cases of group ${group}`, async () => {
			const listener = listen(0, transmit);
			// Where every allocation collects, the first ones of each group.
			const played = Math.ceil(count / step);
			const result = await ask(ways.tcp, `/playServer?port=${listener.port}&first=${first}&count=${played}`);
			listener.close();
			equal(result, `${played} played`);
		});
