import { Backoff } from "mqtt/backoff";
import { deepEqual, equal, ok, test } from "test";

const MOST = 65535;

test("the wait doubles from the least to the most", () => {
	const backoff = new Backoff(1000, 60_000);
	const waits = [];
	for (let i = 0; i < 9; i++) waits.push(backoff.next(MOST));
	deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test("it is between half and all of that", () => {
	const backoff = new Backoff(1000, 60_000);
	const waits = [];
	for (let i = 0; i < 8; i++) waits.push(backoff.next(0));
	deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
	const often = new Backoff(3000, 3000);
	for (let random = 0; random <= MOST; random += 5) {
		const wait = often.next(random);
		ok(wait >= 1500 && wait <= 3000 && Number.isInteger(wait), `${wait}`);
	}
	equal(often.next(MOST / 2 + 0.5), 2250, "in the middle");
});

test("after success it begins again", () => {
	const backoff = new Backoff(100, 1000);
	backoff.next(7);
	backoff.next(7);
	backoff.reset();
	equal(backoff.next(MOST), 100);
	equal(backoff.next(MOST), 200);
});

test("a wait is 1 ms at least, and odd ones are whole", () => {
	const backoff = new Backoff(1, 7);
	deepEqual([backoff.next(0), backoff.next(0), backoff.next(0), backoff.next(0)], [1, 1, 2, 4]);
	backoff.reset();
	deepEqual([backoff.next(MOST), backoff.next(MOST), backoff.next(MOST), backoff.next(MOST)], [1, 2, 4, 7]);
});

test("a year of failures", () => {
	const backoff = new Backoff(1, 2 ** 31 - 1);
	for (let i = 0; i < 10_000; i++) backoff.next(i & MOST);
	const wait = backoff.next(MOST);
	ok(wait <= 2 ** 31 - 1 && wait > 2 ** 31 * 0.9999, `${wait}`);
});
