/* Apps that call anything at any time, from callbacks, too: see README.md. */
import config from "mc/config";
import { ok, test } from "test";
import { DoorFuzzer } from "./doors";
import { countOf, seedOf } from "./effort";

/** As many as there are contexts: one that is not free again would be missed. */
const AT_A_TIME = 8;
const ROUNDS = 600;

test("every handle ends once, nobody is called from inside a call, and all contexts come back", async () => {
	const fuzzer = new DoorFuzzer(seedOf());
	if (config.index !== undefined) return fuzzer.round(Number(config.index), AT_A_TIME).then(() => ok(fuzzer.visits));
	const rounds = Math.max(2, countOf(ROUNDS));
	for (let index = 0; index < rounds; index++) await fuzzer.round(index, AT_A_TIME);
	ok(fuzzer.visits === rounds * AT_A_TIME && fuzzer.ended > fuzzer.visits / 3, `${fuzzer.ended} of ${fuzzer.visits}`);
});
