import { Deadlines } from "deadlines";
import { equal, test } from "test";

const WAITS = 3;
const WAIT_CONNECTION = 0;
const WAIT_KEEPALIVE = 1;
const WAIT_RECEIVE = 2;

test("none is running at first", () => {
	const deadlines = new Deadlines(WAITS);
	equal(deadlines.next(0), -1);
	equal(deadlines.over(WAIT_CONNECTION, 1000), false);
});

test("the first one counts", () => {
	const deadlines = new Deadlines(WAITS);
	deadlines.set(WAIT_KEEPALIVE, 100, 50);
	deadlines.set(WAIT_CONNECTION, 100, 20);
	deadlines.set(WAIT_RECEIVE, 100, 70);
	equal(deadlines.next(100), 20);
	equal(deadlines.next(115), 5);
	equal(deadlines.next(130), 0);
	equal(deadlines.left(WAIT_RECEIVE, 130), 40);
	equal(deadlines.over(WAIT_CONNECTION, 119), false);
	equal(deadlines.over(WAIT_CONNECTION, 120), true);
	equal(deadlines.over(WAIT_CONNECTION, 121), false, "told once");
	equal(deadlines.next(121), 29);
	deadlines.set(WAIT_KEEPALIVE, 121, -1);
	equal(deadlines.over(WAIT_KEEPALIVE, 1000), false);
	equal(deadlines.next(121), 49);
});

test("a new one replaces the old one", () => {
	const deadlines = new Deadlines(WAITS);
	deadlines.set(WAIT_RECEIVE, 0, 10);
	deadlines.set(WAIT_RECEIVE, 5, 10);
	equal(deadlines.over(WAIT_RECEIVE, 14), false);
	equal(deadlines.over(WAIT_RECEIVE, 15), true);
});

test("the clock may wrap", () => {
	const deadlines = new Deadlines(WAITS);
	const now = 0x7ffffff0;
	deadlines.set(WAIT_CONNECTION, now, 100);
	equal(deadlines.next(now), 100);
	equal(deadlines.over(WAIT_CONNECTION, (now + 99) | 0), false);
	equal(deadlines.next((now + 99) | 0), 1);
	equal(deadlines.over(WAIT_CONNECTION, (now + 100) | 0), true);
});

test("none is left to the next connection", () => {
	const deadlines = new Deadlines(WAITS);
	for (const wait of [WAIT_CONNECTION, WAIT_KEEPALIVE, WAIT_RECEIVE]) deadlines.set(wait, 0, 10);
	deadlines.clear();
	equal(deadlines.next(0), -1);
	for (const wait of [WAIT_CONNECTION, WAIT_KEEPALIVE, WAIT_RECEIVE]) equal(deadlines.over(wait, 20), false);
});
