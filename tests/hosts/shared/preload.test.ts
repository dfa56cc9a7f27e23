/*
 * Preloaded modules lie in write-protected memory: what is constant there is shared, what may change is copied to RAM at its
 * first change, and the rest refuses. A write that went through would end the device with a fault.
 */
import { big, bytes, error, frozen, increment, list, Meter, map, meter, meters, numbers, pattern, symbol, tree, words } from "preloaded";
import { deepEqual, equal, ok, test, throws } from "test";

test("constants are read in place", () => {
	equal(frozen[2], 3);
	equal(words.join(), "alpha!,beta!");
	equal(map.get("a"), 1);
	equal(bytes[1], 2);
	equal(big * 2n, 246913578024691357802469135780n);
	equal({ [symbol]: 5 }[symbol], 5);
	equal([...numbers()].join(), "1,2");
	equal(error.message, "made in flash");
	equal(pattern.test("xabbc"), true);
});

test("what cannot be copied refuses to change", () => {
	throws(() => {
		(frozen as unknown as number[])[0] = 9;
	}, TypeError);
	throws(() => map.set("b", 2), TypeError);
	throws(() => {
		bytes[0] = 9;
	}, TypeError);
	throws(() => {
		Meter.made = 1;
	}, TypeError);
	equal(frozen[0], 1);
	equal(map.size, 1);
	equal(bytes[0], 1);
});

test("an array, an object and an instance are copied at their first change", () => {
	list[0] = "one";
	list.push(4);
	deepEqual([list.length, list[0], list[1], list[3]], [4, "one", "two", 4]);
	(list[2] as Record<string, number>).three = 33;
	equal((list[2] as Record<string, number>).three, 33);
	tree.leaf = "changed";
	tree.added = true;
	(tree.branch as Record<string, unknown>).leaf = null;
	deepEqual(Object.keys(tree), ["leaf", "branch", "added"]);
	equal(tree.leaf, "changed");
	equal((tree.branch as Record<string, unknown>).leaf, null);
	equal(meter.bump(), 2);
	equal(meter.bump(), 3);
	equal(new Meter().bump(), 2);
});

test("the first value of a private field survives the copy that it causes", () => {
	const [first, second, third] = meters as [Meter, Meter, Meter];
	const one = 1n;
	first.note = one + 123456789012345678901234567890n;
	second.note = `${one}${"x".repeat(20)}`;
	third.note = { deep: [`${one}`] };
	for (let i = 0; i < 300; i++) new Uint8Array(2000).fill(i);
	equal(`${first.note}`, "123456789012345678901234567891");
	equal(second.note, `1${"x".repeat(20)}`);
	deepEqual(third.note, { deep: ["1"] });
});

test("a module's variables change", () => {
	equal(increment(), 1);
	equal(increment(), 2);
});

test("copies survive collections, and so does what they hold", () => {
	list.push({ deep: [1, { deeper: "x" }] });
	for (let i = 0; i < 300; i++) new Uint8Array(2000).fill(i);
	deepEqual(list[4], { deep: [1, { deeper: "x" }] });
	equal(list[1], "two");
	equal(meter.bump(), 4);
	equal(`${meter}`, "[object Meter]");
});

test("an error's stack names functions of flash, symbols included, after a collection", () => {
	let caught: unknown;
	try {
		"abc".replace(
			{ [Symbol.replace]: () => "abc".replace(pattern, () => String(([] as number[]).reduce(() => 0))) } as unknown as RegExp,
			"",
		);
		([] as number[]).reduce(() => 0);
	} catch (thrown) {
		caught = thrown;
	}
	for (let i = 0; i < 300; i++) new Uint8Array(2000).fill(i);
	ok(caught instanceof TypeError);
	ok((caught as Error).stack?.includes("at"));
});

test("built-ins refuse to change, globals can be shadowed", () => {
	throws(() => {
		(Array.prototype as unknown as Record<string, unknown>).extra = 1;
	}, TypeError);
	throws(() => {
		Math.max = () => 0;
	}, TypeError);
	throws(() => {
		(JSON as unknown as Record<string, unknown>).parse = null;
	}, TypeError);
	const globals = globalThis as unknown as Record<string, unknown>;
	globals.ours = 5;
	equal(globals.ours, 5);
	const original = globals.Math;
	globals.Math = 7;
	equal(globals.Math, 7);
	globals.Math = original;
	equal(Math.max(1, 2), 2);
});

test("functions carry neither name nor length, as on a device", () => {
	function named(_a: number, _b: number): void {}
	equal(Object.hasOwn(named, "name"), false);
	equal(Object.hasOwn(named, "length"), false);
});
