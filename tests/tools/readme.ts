/* The tables of README.md, each with the section that it stands in. */
import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../tools/repository.ts";

export interface Row {
	/** Of README.md. */
	line: number;
	cells: string[];
}

export interface Table {
	/** The last heading of the second level before it. */
	section: string;
	/** Of its first column. */
	heading: string;
	columns: string[];
	rows: Row[];
}

/** What README.md says of something: where, and in which words. */
export interface Entry {
	line: number;
	text: string;
}

export const tables: Table[] = [];

let section = "";
let table: Table | undefined;
for (const [index, text] of readFileSync(join(root, "README.md"), "utf8").split("\n").entries()) {
	section = /^## (.+)$/.exec(text)?.[1] ?? section;
	if (!text.startsWith("|")) {
		table = undefined;
		continue;
	}
	// A "|" in a cell is written "\|".
	const cells = text
		.slice(1, text.lastIndexOf("|"))
		.split(/(?<!\\)\|/)
		.map((cell) => cell.trim().replaceAll("\\|", "|"));
	if (!table) {
		table = { section, heading: cells[0] ?? "", columns: cells, rows: [] };
		tables.push(table);
	} else if (!/^-+$/.test(cells[0] ?? "")) table.rows.push({ line: index + 1, cells });
}

/** The one table of a section with this first column. */
export function tableOf(section: string, heading: RegExp): Table {
	const found = tables.filter((one) => one.section === section && heading.test(one.heading));
	equal(found.length, 1, `README.md: ${found.length} tables of "${section}" have a first column ${heading}`);
	return found[0] as Table;
}

/**
 * The rows about each type that has some: those of a table whose heading begins with its name, or, in a table of several with the columns
 * "record" and "field", those from the one with its name on. There the cells begin with the field.
 */
export function rowsByType(section: string): Map<string, Row[]> {
	const types = new Map<string, Row[]>();
	for (const { heading, columns, rows } of tables.filter((one) => one.section === section)) {
		const [, type] = /^`([A-Z]\w+)`/.exec(heading) ?? [];
		if (type) types.set(type, rows);
		else if (heading === "record" && columns[1] === "field") {
			let of: Row[] = [];
			for (const { line, cells } of rows) {
				const [, name] = /^`(\w+)`/.exec(cells[0] ?? "") ?? [];
				if (name) {
					equal(types.has(name), false, `README.md:${line}: ${name} has two places`);
					of = [];
					types.set(name, of);
				}
				of.push({ line, cells: cells.slice(1) });
			}
		}
	}
	return types;
}

export const unquoted = (cell = "") => cell.replaceAll("`", "");

/** What rows say, by the name that `entry` finds in each. */
export function entriesOf(rows: Row[], entry: (row: Row) => [name: string, text: string]): Map<string, Entry> {
	const found = new Map<string, Entry>();
	for (const row of rows) {
		const [name, text] = entry(row);
		equal(found.has(name), false, `README.md:${row.line}: ${name} has two rows`);
		found.set(name, { line: row.line, text });
	}
	return found;
}

/** Fails with a line for each entry that is missing, that is not in the code, or that differs. */
export function compare(what: string, source: string, documented: Map<string, Entry>, actual: Map<string, string>): void {
	const wrong: string[] = [];
	for (const [name, text] of actual) {
		const row = documented.get(name);
		if (!row) wrong.push(`README.md has no row for the ${what} ${name} of ${source}: ${text}`);
		else if (row.text !== text) wrong.push(`README.md:${row.line}: the ${what} ${name} is ${text} in ${source}, not ${row.text}`);
	}
	for (const [name, { line }] of documented) if (!actual.has(name)) wrong.push(`README.md:${line}: ${source} has no ${what} ${name}`);
	equal(wrong.length, 0, wrong.join("\n"));
}
