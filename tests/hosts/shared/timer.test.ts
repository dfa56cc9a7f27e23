import { Digest } from "crypt";
import { counters } from "device";
import { equal, ok, test, throws } from "test";
import Time from "time";
import Timer from "timer";

/** A promise and what settles it, made before the counters are read. */
function pending() {
	let done = () => {};
	const promise = new Promise<void>((resolve) => {
		done = resolve;
	});
	return { promise, done: () => done() };
}

function elapse(milliseconds: number): Promise<void> {
	return new Promise((resolve) => {
		Timer.set(() => resolve(), milliseconds);
	});
}

test("a callback gets its timer, and globalThis as this", async () => {
	const { promise, done } = pending();
	let got: unknown;
	let self: unknown;
	const timer = Timer.set(function (this: unknown, argument) {
		got = argument;
		self = this;
		done();
	});
	equal(got, undefined, "the callback runs from the loop, not inside of set");
	await promise;
	equal(got, timer);
	equal(self, globalThis);
});

test("immediate timers fire in the order they were set", async () => {
	let order = "";
	const { promise, done } = pending();
	Timer.set(() => {
		order += "a";
		Timer.set(() => {
			order += "d";
			done();
		});
	});
	Timer.set(() => {
		order += "b";
	}, 0);
	Timer.set(() => {
		order += "c";
	}, -5);
	await promise;
	equal(order, "abcd");
});

test("timers fire by their delay, never early", async () => {
	const start = Time.microseconds as number;
	let order = "";
	const { promise, done } = pending();
	Timer.set(() => {
		order += "b";
		ok((Time.microseconds as number) - start >= 20000);
		done();
	}, 20);
	Timer.set(() => {
		order += "a";
		ok((Time.microseconds as number) - start >= 5000);
	}, 5);
	await promise;
	equal(order, "ab");
});

test("set with a repeat interval fires after the delay, then every interval", async () => {
	const start = Time.microseconds as number;
	const { promise, done } = pending();
	let count = 0;
	Timer.set(
		(timer) => {
			if (++count === 1) ok((Time.microseconds as number) - start >= 2000);
			if (count < 4) return;
			ok((Time.microseconds as number) - start >= 2000 + 3 * 3000);
			Timer.clear(timer);
			done();
		},
		2,
		3,
	);
	await promise;
	await elapse(10);
	equal(count, 4);
});

test("a timer without a repeat is done after its callback", async () => {
	const { promise, done } = pending();
	const timer = Timer.set(done, 1);
	await promise;
	await elapse(0);
	throws(() => Timer.schedule(timer, 1), SyntaxError);
	Timer.clear(timer);
	Timer.clear(timer);
});

test("a repeat of 0 is none", async () => {
	let count = 0;
	Timer.repeat(() => {
		count++;
	}, 0);
	await elapse(3);
	equal(count, 1);
});

test("a callback may clear its own timer and others that are due", async () => {
	let fired = "";
	const first = Timer.repeat((timer) => {
		fired += "a";
		Timer.clear(timer);
		Timer.clear(second);
	}, 1);
	const second = Timer.set(() => {
		fired += "b";
	}, 1);
	await elapse(5);
	equal(fired, "a");
	throws(() => Timer.schedule(first, 1), SyntaxError);
});

test("a cleared timer does not fire", async () => {
	let fired = false;
	const timer = Timer.set(() => {
		fired = true;
	}, 1);
	Timer.clear(timer);
	await elapse(3);
	equal(fired, false);
});

test("schedule moves a timer and gives it another interval", async () => {
	const { promise, done } = pending();
	let count = 0;
	const timer = Timer.set(() => {
		if (++count === 3) {
			Timer.clear(timer);
			done();
		}
	}, 100000);
	Timer.schedule(timer, 1, 2);
	await promise;
	equal(count, 3);
});

test("schedule without a repeat inside the callback: the timer is done all the same", async () => {
	let count = 0;
	const timer = Timer.repeat((self) => {
		count++;
		Timer.schedule(self, 1);
	}, 1);
	await elapse(6);
	equal(count, 1);
	throws(() => Timer.schedule(timer, 1), SyntaxError);
});

test("an unscheduled timer lives on and can be scheduled again", async () => {
	const { promise, done } = pending();
	let count = 0;
	const timer = Timer.set((self) => {
		count++;
		if (count === 1) Timer.schedule(self);
		else done();
	}, 1);
	await elapse(5);
	equal(count, 1);
	Timer.schedule(timer, 1);
	await promise;
	equal(count, 2);
});

test("schedule refuses what is not a timer, clear ignores it", () => {
	const bad: unknown[] = [undefined, null, 1, "timer", {}, () => {}, new Digest("SHA1")];
	for (const value of bad) {
		throws(() => Timer.schedule(value as Timer, 1), SyntaxError);
		Timer.clear(value as Timer);
	}
	(Timer.clear as unknown as () => void)();
});

test("a callback must be a function", () => {
	for (const value of [undefined, null, 1, "x", {}]) throws(() => Timer.set(value as never), TypeError);
	throws(() => (Timer.set as unknown as () => void)(), TypeError);
});

test("a timer that nothing refers to survives collections", async () => {
	const { promise, done } = pending();
	const words = new Uint32Array(7);
	const label = ["still", "here"];
	Timer.set(() => {
		equal(label.join(" "), "still here");
		done();
	}, 1);
	counters(words);
	const collections = words[2] as number;
	while ((words[2] as number) < collections + 2) {
		new Uint8Array(1000);
		counters(words);
	}
	await promise;
});

test("setting and clearing a timer takes two slots and no chunk", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const callback = () => {};
	Timer.clear(Timer.set(callback, 1000));
	counters(before);
	Timer.clear(Timer.set(callback, 1000, 10));
	counters(after);
	equal((after[0] as number) - (before[0] as number), 2);
	equal((after[1] as number) - (before[1] as number), 0);
});

test("10,000 ticks of repeating timers allocate no slot and no chunk", async () => {
	const { promise, done } = pending();
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	const timers: Timer[] = [];
	let ticks = 0;
	const tick = () => {
		ticks++;
		if (ticks === 100) counters(before);
		else if (ticks === 10100) {
			counters(after);
			for (let i = 0; i < timers.length; i++) Timer.clear(timers[i]);
			done();
		}
	};
	for (let i = 0; i < 50; i++) timers.push(Timer.repeat(tick, 1));
	await promise;
	equal((after[0] as number) - (before[0] as number), 0, "slots");
	equal((after[1] as number) - (before[1] as number), 0, "chunk bytes");
	equal((after[2] as number) - (before[2] as number), 0, "collections");
	equal(ticks, 10100);
});

test("10,000 times schedule allocates no slot and no chunk", async () => {
	const { promise, done } = pending();
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let ticks = 0;
	Timer.repeat((timer) => {
		ticks++;
		if (ticks === 10) counters(before);
		if (ticks === 10010) {
			counters(after);
			Timer.clear(timer);
			done();
		} else Timer.schedule(timer, 0, 1000);
	}, 1);
	await promise;
	equal((after[0] as number) - (before[0] as number), 0, "slots");
	equal((after[1] as number) - (before[1] as number), 0, "chunk bytes");
});

test("a stall drops ticks: they do not come in a burst afterwards", async () => {
	const { promise, done } = pending();
	let ticks = 0;
	let stalled = 0;
	// One tick fell due during the stall and comes right after it; the next ones are on the grid again, 10 ms apart.
	Timer.repeat((timer) => {
		ticks++;
		if (ticks === 1) {
			Timer.delay(45);
			stalled = Time.microseconds as number;
		} else if (ticks === 4) {
			ok((Time.microseconds as number) - stalled >= 10000);
			Timer.clear(timer);
			done();
		}
	}, 10);
	await promise;
});

test("delay blocks for the time given", () => {
	const start = Time.microseconds as number;
	Timer.delay(5);
	ok((Time.microseconds as number) - start >= 5000);
	Timer.delay(0);
	Timer.delay(-1);
});
