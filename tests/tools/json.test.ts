import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { JsonError, parseJson } from "../../tools/json.ts";

test("what JSON.parse takes gives the same value", () => {
	const texts = ['{"a":[1,-2.5e3,true,false,null,"x\\n\\u00e9"],"b":{}}', "[]", ' "s" ', "0", '{\n\t"a" :\r\n1 }'];
	for (const text of texts) deepEqual(parseJson(text), JSON.parse(text));
	deepEqual(parseJson('\ufeff{"a":1}'), { a: 1 });
});

test("a mistake has a line, a column and a name", () => {
	const cases: [text: string, line: number, column: number, message: RegExp][] = [
		['{\n\t"a": 1,\n}', 3, 1, /"," too many/],
		['{\n\t"a": 1\n\t"b": 2\n}', 3, 2, /"," or "}" is missing before "\\""/],
		["{\n\ta: 1\n}", 2, 2, /property name in double quotes/],
		['{"a" 1}', 1, 6, /":" is missing after "a"/],
		['{"a": }', 1, 7, /a value is missing before "}"/],
		['["x', 1, 2, /does not end/],
		['["\\q"]', 1, 2, /wrong escape/],
		["[1, 2", 1, 6, /missing before the end of the file/],
		["", 1, 1, /a value is missing before the end of the file/],
		["{} x", 1, 4, /follows the end/],
		["[01]", 1, 3, /missing before "1"/],
		['{\n// why\n"a": 1}', 2, 1, /comments are not allowed/],
		["[1, /* why */ 2]", 1, 5, /comments are not allowed/],
		['{"__proto__": 1}', 1, 2, /no name/],
	];
	for (const [text, line, column, message] of cases)
		throws(
			() => parseJson(text),
			(error) => {
				equal(error instanceof JsonError, true, text);
				const { line: foundLine, column: foundColumn, message: found } = error as JsonError;
				deepEqual([foundLine, foundColumn], [line, column], `${text}: ${found}`);
				equal(message.test(found), true, `${text}: ${found}`);
				return true;
			},
		);
});
