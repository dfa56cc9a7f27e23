/* Sections of an app that tools/instructions.ts has counted. */
import { collect } from "device";
import { mark } from "mark";

/** Enough, so that a collection would not go unseen. */
const MORE = 1000;

/**
 * Has `run` called with two numbers of messages, and says so. The tool takes the difference, from which all that is done once has fallen
 * out, and divides it by `more`, which is by how many the second ones were more.
 */
export async function measure(what: string, run: (messages: number) => Promise<void> | void, more = MORE): Promise<void> {
	const few = more / 10;
	// What the first message alone makes is not there a second time.
	await run(1);
	collect();
	trace(`@count ${what} ${more}\n`);
	mark();
	await run(few);
	mark();
	await run(few + more);
	mark();
}
