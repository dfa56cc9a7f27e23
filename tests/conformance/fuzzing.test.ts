/* Every case of the fuzzing server beside this file, over both transports. */
import config from "mc/config";
import { equal, test } from "test";
import { ask, echo, parseServer } from "./autobahn/client";

const { url, groups } = config as unknown as { url: string; groups: { group: string; first: number; count: number }[] };
const server = parseServer(url);

for (const kind of ["tcp", "socket"])
	for (const { group, first, count } of groups)
		test(`${kind}: the ${count} cases of group ${group}`, async () => {
			let failures = "";
			for (let number = first; number < first + count; number++) {
				const query = `case=${number}&agent=${kind}`;
				await echo(server, kind, `/runCase?${query}`);
				const status = JSON.parse(await ask(server, kind, `/getCaseStatus?${query}`));
				if (status.behavior === "OK" && status.behaviorClose === "OK") continue;
				const { id, description } = JSON.parse(await ask(server, kind, `/getCaseInfo?case=${number}`));
				failures += `\n${id} ${description}: ${status.result}`;
			}
			equal(failures, "");
		});
