/* Connections whose peers, apps, transports and clocks do anything at any time: see README.md. */
import { ok, test } from "test";
import { countOf, forEachInput, seedOf } from "./effort";
import { LifeFuzzer } from "./lives";

const LIVES = 20_000;

test("whatever happens, what goes out is right, what comes in is what was sent, and an end is an end", () => {
	const count = countOf(LIVES);
	const fuzzer = new LifeFuzzer(seedOf());
	forEachInput("lives", count, (index) => fuzzer.step(index));
	const { open, closed, ended } = fuzzer;
	ok(open + closed + ended > 0);
	if (count >= 1000) ok(open > count / 10 && closed > count / 20 && ended > count / 10, `${open}, ${closed}, ${ended}`);
});
