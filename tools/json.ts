/* JSON.parse that says where a mistake is; its own message has no position in every case, and no line in any. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export class JsonError extends Error {
	readonly line: number;
	readonly column: number;
	constructor(text: string, at: number, message: string) {
		super(message);
		const before = text.slice(0, at).split("\n");
		this.line = before.length;
		this.column = (before[before.length - 1] ?? "").length + 1;
	}
}

const space = /[ \t\r\n]*/y;
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not contain them
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

export function parseJson(text: string): Json {
	let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;

	function fail(message: string): never {
		if (text.startsWith("//", at) || text.startsWith("/*", at)) message = "comments are not allowed in JSON";
		throw new JsonError(text, at, message);
	}
	function match(pattern: RegExp): string | undefined {
		pattern.lastIndex = at;
		const found = pattern.exec(text)?.[0];
		at += found?.length ?? 0;
		return found;
	}
	function next(): string | undefined {
		match(space);
		return text[at];
	}
	const shown = (character: string | undefined) => (character === undefined ? "the end of the file" : JSON.stringify(character));

	/** The items between two brackets; `item` reads one. */
	function items(close: string, item: () => void): void {
		at++;
		if (next() === close) {
			at++;
			return;
		}
		for (;;) {
			item();
			const character = next();
			if (character !== "," && character !== close) fail(`"," or "${close}" is missing before ${shown(character)}`);
			at++;
			if (character === close) return;
			if (next() === close) fail(`there is a "," too many before "${close}"`);
		}
	}
	function key(): string {
		if (next() !== '"') fail(`a property name in double quotes is missing before ${shown(text[at])}`);
		const start = at;
		const name = match(string) ?? fail("this string does not end, or has a wrong escape");
		if (next() !== ":") fail(`":" is missing after ${name}`);
		at++;
		const value = JSON.parse(name);
		if (value === "__proto__") {
			at = start;
			fail('"__proto__" is no name for a property');
		}
		return value;
	}
	function value(): Json {
		const character = next();
		if (character === "{") {
			const object: JsonObject = {};
			items("}", () => {
				object[key()] = value();
			});
			return object;
		}
		if (character === "[") {
			const array: Json[] = [];
			items("]", () => array.push(value()));
			return array;
		}
		const found = character === '"' ? match(string) : match(literal);
		if (found) return JSON.parse(found);
		return fail(character === '"' ? "this string does not end, or has a wrong escape" : `a value is missing before ${shown(character)}`);
	}

	const result = value();
	if (next() !== undefined) fail(`${shown(text[at])} follows the end of the value`);
	return result;
}

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
