import config from "mc/config";
import { deepEqual, equal, test, throws } from "test";

test("mc/config holds the manifest's config", () => {
	equal(config.greeting, "hello");
	deepEqual(config.nested, { list: [1, 2, 3], yes: true });
	equal(config.missing, undefined);
});

test("mc/config cannot be written", () => {
	throws(() => {
		config.greeting = "other";
	}, TypeError);
	throws(() => {
		config.nested.yes = false;
	}, TypeError);
	throws(() => {
		config.nested.list.push(4);
	}, TypeError);
	equal(config.nested.list.length, 3);
});
