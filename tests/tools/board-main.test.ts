/* npm run board: main.ts on an emulated board, with a broker in the tool's process and a person at the keys. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { boards, missingPackages } from "../../tools/board.ts";
import { Started } from "./started.ts";

const missing = await missingPackages();
const skip = missing.length ? `for want of ${missing.join(", ")}` : false;

const memory = /^memory: \d+\.\d KB of \d+\.\d KB at peak/;
const ram = /^RAM at peak: all \d+\.\d KB of 64\.0 KB, arena .*, network .*, malloc .*, stack .*, data /;

for (const board of boards) {
	test(`${board}: commands from a pipe, a broker that crashes, and Ctrl-C, of which the device learns by a command`, {
		skip,
	}, async (context) => {
		const run = new Started(context, ["--board", board, "interval=120"]);
		run.type("led on\n");
		await run.line(/^xs\/desk\/reply .*"led on"/);
		await run.line(/^xs\/desk\/measurement .*"led":"on"/);
		run.type("broker stop\n");
		await run.line(/^broker .*stopped/);
		await run.line(/^device .*next attempt in \d+ ms$/);
		await run.line(/^device +measurement \d+ waits for the broker$/);
		run.type("broker start\n");
		await run.line(/^device +connected$/);
		// When it is answered, the tool has found its broker again, too.
		run.type("led off\n");
		await run.line(/^xs\/desk\/reply .*"led off"/);
		run.child.kill("SIGINT");
		equal(await run.status, 0, run.stderr);
		const numbers = new Set(run.published("measurement").map((text) => JSON.parse(text).n));
		for (let n = 1; n <= numbers.size; n++) ok(numbers.has(n), `measurement ${n} of ${numbers.size} is missing`);
		equal(run.published("status").at(-1), "offline");
		match(run.lines.at(-2) ?? "", memory);
		match(run.lines.at(-1) ?? "", ram);
	});

	test(`${board}: over the SDK's classic socket`, { skip }, async (context) => {
		const run = new Started(context, ["--board", board, "interval=50", "transport=socket"]);
		await run.stopAtWork(3);
		deepEqual(run.published("status"), ["online", "offline"]);
		ok(run.published("measurement").length >= 3);
	});
}

test("a board that is not online is ended at once", { skip }, async (context) => {
	const run = new Started(context, ["--board", boards[0], "url=mqtt://127.0.0.1:1"]);
	await run.line(/next attempt in \d+ ms$/);
	run.child.kill("SIGINT");
	equal(await run.status, 0, run.stderr);
});
