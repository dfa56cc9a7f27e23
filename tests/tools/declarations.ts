/* What a source declares, in the words of README.md: functions, records, classes. */
import { equal } from "node:assert/strict";

const OPENING = "<({[";
const CLOSING = ")}]";

/** A text's parts between separators, those inside of brackets not counted. */
function split(text: string, separators: string): string[] {
	const parts: string[] = [];
	let depth = 0;
	let part = "";
	for (const [index, character] of [...text].entries()) {
		if (OPENING.includes(character)) depth++;
		else if (CLOSING.includes(character) || (character === ">" && text[index - 1] !== "=")) depth--;
		if (separators.includes(character) && depth === 0) {
			parts.push(part.trim());
			part = "";
		} else part += character;
	}
	return [...parts, part.trim()].filter(Boolean);
}

/** Parameters of a declaration, "a: A, b?: B, c = 1" as "a, b?, c?". */
export function parametersOf(list: string): string {
	return split(list, ",")
		.map((text) => {
			const [, name = "", optional = ""] = /^(\w+)(\?)?/.exec(text) ?? [];
			return `${name}${optional || (/[^=]=[^=>]/.test(text) ? "?" : "")}`;
		})
		.join(", ");
}

/** What is between the brace behind `head` and the one that closes it, without comments. */
function bodyOf(source: string, head: RegExp, what: string): string {
	const found = head.exec(source);
	equal(found !== null, true, `where is ${what}?`);
	const begin = (found?.index ?? 0) + (found?.[0].length ?? 0);
	let end = begin;
	for (let depth = 1; depth > 0 && end < source.length; end++) {
		if (source[end] === "{") depth++;
		else if (source[end] === "}") depth--;
	}
	return source.slice(begin, end - 1).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

/** The name that a member's words begin with: "a?.b?: type" as "a.b". */
export const nameOf = (words: string) => (/^[\w.?]*/.exec(words)?.[0] ?? "").replaceAll("?", "");

/** "name?: type"; of a callback, "name?(a, b) => result". */
function member(name: string, optional: string, type: string): string {
	const callback = /^\((.*)\) => (.+)$/.exec(type);
	if (!callback) return `${name}${optional}: ${type.replaceAll("<UserData>", "")}`;
	const [, parameters = "", result] = callback;
	return `${name}${optional}(${parametersOf(parameters)})${result === "void" ? "" : ` => ${result}`}`;
}

/** Fields by name, without "?"; one whose type is written out has those of it instead, with its own name before theirs. */
function fieldsIn(body: string, before: string): Map<string, string> {
	const fields = new Map<string, string>();
	for (const text of split(body, ";")) {
		const [, name = "", optional = "", type = ""] = /^(?:readonly )?(\w+)(\??): ([\s\S]+)$/.exec(text) ?? [];
		equal(name !== "", true, `what is this field: ${text}`);
		if (type.startsWith("{") && type.endsWith("}"))
			for (const [inner, words] of fieldsIn(type.slice(1, -1), `${before}${name}${optional}.`)) fields.set(inner, words);
		else fields.set(nameOf(before + name), member(before + name, optional, type.replace(/\s+/g, " ")));
	}
	return fields;
}

/**
 * What has to be said of an exported type: of an interface its fields, of a class the public ones and its methods, of a function's type
 * itself.
 */
export function membersOf(source: string, name: string): Map<string, string> {
	const [, alias] = new RegExp(`^export type ${name}\\b[^=]*= (.+);$`, "m").exec(source) ?? [];
	if (alias !== undefined) return new Map([["", member("", "", alias)]]);
	if (new RegExp(`^export interface ${name}\\b`, "m").test(source))
		return fieldsIn(bodyOf(source, new RegExp(`^export interface ${name}\\b[^{]*\\{`, "m"), `the interface ${name}`), "");
	const body = bodyOf(source, new RegExp(`^export class ${name}\\b[^{]*\\{`, "m"), name);
	const members = new Map<string, string>();
	for (const [, field = "", type = "", value = ""] of body.matchAll(/^\t(\w+)(?:: ([^=;]+))?(?: = (.+))?;$/gm))
		members.set(field, `${field}: ${type || typeof JSON.parse(value)}`);
	for (const [, get, method = "", parameters = "", type = ""] of body.matchAll(/^\t(get )?(\w+)\((.*)\): (.+) \{$/gm))
		members.set(method, get ? `${method}: ${type}` : `${method}(${parametersOf(parameters)})${type === "void" ? "" : ` => ${type}`}`);
	return members;
}

/** "name(a, b?)" of an exported function; one that is exported under another name has its own. */
export function signatureOf(sources: string, name: string): string {
	const exported = new RegExp(`\\b(\\w+) as ${name}\\b(?=[^;]*\\};)`).exec(sources)?.[1] ?? name;
	const declared = new RegExp(`^export (?:async )?function ${exported}(?:<[^(]*>)?\\(([\\s\\S]*?)\\): `, "m").exec(sources);
	equal(declared !== null, true, `where is the declaration of ${name}?`);
	return `${exported}(${parametersOf(declared?.[1] ?? "")})`;
}

/** The value of a constant that is a number. */
export function constantOf(source: string, name: string): number {
	const value = new RegExp(`^(?:export )?const ${name} = ([\\d_]+);$`, "m").exec(source)?.[1];
	equal(value !== undefined, true, `where is the constant ${name}?`);
	return Number(value?.replaceAll("_", ""));
}

/** The types that a door exports, and the modules that they are of. */
export function exportedTypesOf(door: string): { name: string; module: string }[] {
	return [...door.matchAll(/^export type \{([^}]*)\} from "([\w/-]+)";$/gm)].flatMap(([, names = "", module = ""]) =>
		split(names, ",").map((name) => ({ name, module })),
	);
}
