/* Opening handshakes, right and wrong, by the ten thousand: see README.md. */
import { ok, test } from "test";
import { countOf, forEachInput, seedOf } from "./effort";
import { HandshakeFuzzer } from "./handshakes";

const INPUTS = 40_000;

test("whole and in pieces, the same comes of every handshake", () => {
	const count = countOf(INPUTS);
	const fuzzer = new HandshakeFuzzer(seedOf());
	forEachInput("handshakes", count, (index) => fuzzer.step(index));
	const { right, wrong, incomplete } = fuzzer;
	ok(right + wrong + incomplete > 0);
	if (count >= 1000) ok(right > count / 20 && wrong > count / 4 && incomplete > count / 50, `${right}, ${wrong}, ${incomplete}`);
});
