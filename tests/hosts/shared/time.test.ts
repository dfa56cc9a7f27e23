import { counters } from "device";
import { equal, ok, test, throws } from "test";
import Time from "time";
import Timer from "timer";

test("ticks are milliseconds, a signed 32-bit integer", () => {
	const start = Time.ticks;
	equal(start, start | 0);
	Timer.delay(3);
	ok(Time.delta(start) >= 3);
	ok(Time.delta(start, Time.ticks) >= 3);
});

test("delta is right where the counter rolls over", () => {
	equal(Time.delta(0x7fffffff, -0x80000000), 1);
	equal(Time.delta(-1, 0), 1);
	equal(Time.delta(-10, 20), 30);
	equal(Time.delta(5, 5), 0);
});

test("reading the time allocates nothing", () => {
	const before = new Uint32Array(7);
	const after = new Uint32Array(7);
	let sum = 0;
	counters(before);
	for (let i = 0; i < 100; i++) sum += Time.delta(Time.ticks) + (Time.microseconds as number);
	counters(after);
	ok(sum > 0);
	equal(after[0], before[0]);
	equal(after[1], before[1]);
});

test("microseconds can be subtracted", () => {
	const start = Time.microseconds as number;
	Timer.delay(2);
	const passed = (Time.microseconds as number) - start;
	ok(passed >= 2000);
});

test("timezone and dst decide what Date thinks is local", () => {
	const { timezone, dst } = Time;
	Time.timezone = 9 * 3600;
	Time.dst = 0;
	equal(Time.timezone, 32400);
	equal(new Date(0).getTimezoneOffset(), -540);
	equal(new Date(0).getHours(), 9);
	Time.dst = 3600;
	equal(Time.dst, 3600);
	equal(new Date(0).getHours(), 10);
	Time.timezone = -(3 * 3600 + 1800);
	Time.dst = 0;
	equal(new Date(0).getTimezoneOffset(), 210);
	throws(() => {
		Time.timezone = 86401;
	}, RangeError);
	equal(Time.timezone, -12600);
	Time.timezone = 86400;
	throws(() => {
		Time.dst = 3600;
	}, RangeError);
	equal(Time.dst, 0);
	Time.timezone = timezone;
	Time.dst = dst;
});

test("set leaves the computer's clock alone", () => {
	const before = Date.now();
	Time.set(0);
	ok(Date.now() >= before);
});
