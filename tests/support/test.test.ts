/* The harness's own assertions, on the device. */
import { deepEqual, equal, fail, ok, rejects, test, throws } from "test";

test("equal is Object.is", () => {
	equal(NaN, NaN);
	throws(() => equal(0, -0), "0 is not -0");
	throws(() => equal("a", "b", "the letter"), 'the letter: "a" is not "b"');
});

test("ok takes what is true", () => {
	ok(1);
	throws(() => ok("", "empty"), "empty");
});

test("deepEqual compares what is in objects, arrays and buffers", () => {
	deepEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] });
	deepEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2));
	deepEqual(Uint8Array.of(1, 2).buffer, Uint8Array.of(1, 2).buffer);
	deepEqual(new Map([[1, { a: 2 }]]), new Map([[1, { a: 2 }]]));
	throws(() => deepEqual({ a: [1, 2] }, { a: [1, 3] }), "at .a[1]: 2 is not 3");
	throws(() => deepEqual([1], [1, 2]), "the lengths are 1 and 2");
	throws(() => deepEqual<object>({ a: 1 }, { a: 1, b: undefined, c: 2 }), "at .c: undefined is not 2");
	throws(() => deepEqual<object>(Uint8Array.of(1), [1]), "the classes differ");
});

test("throws wants an error that fits, and returns it", () => {
	const error = new RangeError("too far");
	const fails = () => {
		throw error;
	};
	equal(throws(fails, RangeError), error);
	equal(throws(fails, /^RangeError: too/), error);
	throws(() => throws(fails, TypeError), "not of the expected class");
	throws(() => throws(fails, "too near"), "thrown was RangeError: too far");
	throws(() => throws(() => {}), "nothing was thrown");
	throws(() => throws(async () => {}), "use rejects");
});

test("rejects is the same for promises", async () => {
	const error = await rejects(Promise.reject(new TypeError("no")), TypeError);
	ok(error instanceof TypeError);
	await rejects(async () => fail("on purpose"), "on purpose");
	await rejects(rejects(Promise.resolve(1)), "nothing was rejected");
});
