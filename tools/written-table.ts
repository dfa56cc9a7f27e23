/* Tables in README files that a tool writes, between two lines that say so. */
import { Failure } from "./failure.ts";
import { shown } from "./repository.ts";

/** The text of the file `path` with another table of the tool `npm run <tool>`. */
export function withTable(tool: string, path: string, text: string, made: string): string {
	const [first, last] = [`<!-- ${tool}: written by npm run ${tool} -->`, `<!-- /${tool} -->`];
	const begin = text.indexOf(first);
	const end = text.indexOf(last);
	if (begin < 0 || end < begin) throw new Failure(`${shown(path)}: the lines ${first} and ${last} are missing`);
	return `${text.slice(0, begin + first.length)}\n\n${made}\n\n${text.slice(end)}`;
}
