import { isShared, isTopicFilter, isTopicName } from "mqtt/topic";
import { equal, test } from "test";

/** With something before and behind it that is none of its business. */
function inside(text: string | readonly number[], use: (bytes: Uint8Array, start: number, end: number) => boolean): boolean {
	const own = typeof text === "string" ? new Uint8Array(ArrayBuffer.fromString(text)) : Uint8Array.from(text);
	const bytes = new Uint8Array(own.length + 4).fill(0x23);
	bytes.set(own, 2);
	return use(bytes, 2, own.length + 2);
}

const names: (string | number[])[] = [
	"a",
	"/",
	"//",
	"a/b",
	"/a",
	"a/",
	" ",
	"a b",
	"$SYS/x",
	"$share/a/b",
	"$share",
	"温度/λ",
	"😀",
	[0xef, 0xbb, 0xbf, 0x61],
	[0x01],
	[0x7f],
];
const noNames: (string | number[])[] = [
	"",
	"+",
	"#",
	"a/+",
	"a/+/b",
	"a/#",
	"a#",
	"a+",
	"+a",
	[0],
	[0x61, 0],
	[0xff],
	[0xc0, 0x80],
	[0xed, 0xa0, 0x80],
	[0xe2, 0x82],
];
const filters = [
	"#",
	"+",
	"+/+",
	"/+",
	"+/",
	"a/#",
	"a/+/b",
	"+/#",
	"/#",
	"a",
	"/",
	"$SYS/#",
	"$share/g/a",
	"$share/g/#",
	"$share/g//",
	"$share/g/+/b",
	"$share",
	"$shared/+",
	"a/$share/",
];
const noFilters: (string | number[])[] = [
	...["", "a#", "a/#/b", "#/", "##", "a+", "+a", "a/b+/c", "++", "+#", "#+", "a/##"],
	...["$share/", "$share//", "$share//a", "$share/g", "$share/g/", "$share/+/a", "$share/#/a", "$share/g+/a", "$share/g#/a", "$share/g/a#"],
	[0],
	[0x61, 0x2f, 0],
	[0xff],
	[0xed, 0xbf, 0xbf],
	[0xe2, 0x82],
];

test("topic names (§4.7)", () => {
	for (const name of names) equal(inside(name, isTopicName), true, `${name}`);
	for (const name of noNames) equal(inside(name, isTopicName), false, `${name}`);
});

test("topic filters (§4.7.1, §4.8.2)", () => {
	for (const filter of filters) equal(inside(filter, isTopicFilter), true, filter);
	for (const filter of noFilters) equal(inside(filter, isTopicFilter), false, `${filter}`);
	// What is a name is a filter, too, but for shares that are none.
	for (const name of names) equal(inside(name, isTopicFilter), true, `${name}`);
});

test("65,535 bytes and no more", () => {
	const bytes = new Uint8Array(0x10000).fill(0x61);
	equal(isTopicName(bytes, 0, 0xffff), true);
	equal(isTopicName(bytes, 0, 0x10000), false);
	equal(isTopicFilter(bytes, 0, 0xffff), true);
	equal(isTopicFilter(bytes, 0, 0x10000), false);
});

test("shared subscriptions", () => {
	for (const filter of ["$share/g/a", "$share/"]) equal(inside(filter, isShared), true, filter);
	for (const filter of ["$share", "$shared/a", "a", "", "a/$share/b/c"]) equal(inside(filter, isShared), false, filter);
});
