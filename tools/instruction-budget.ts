/* What messages cost in instructions: the tables that are shown and written, and the budget that figures are compared with. */
import { type Board, boards } from "./board.ts";

/** By the number of bytes of a message. */
type Sizes<T> = Record<string, T>;

interface Ours {
	javascript: number;
	native: number;
}

interface Network extends Ours {
	/** lwIP and the driver, for either end. */
	sender: number;
	receiver: number;
	/** The board's loop and start. */
	rest: number;
}

export interface Figures {
	/** Without transport, entropy and the app's own lines. */
	send: Sizes<Ours>;
	receive: Sizes<Ours>;
	/** From one end of a TCP connection to the other, both ends together. */
	network: Sizes<Network>;
}

export interface Budget {
	/** The version of gcc that made the firmware. */
	compiler: string;
	boards: Partial<Record<Board, Figures>>;
}

/** By how much a figure may differ. */
const TOLERANCE = 0.03;

/** Zephyr's websocket.c on a Cortex-M3, -Os: its transport and its allocator are not counted, either. */
const zephyr: Record<string, Sizes<number>> = {
	send: { 125: 1646, 1024: 11130, 16384: 173370 },
	receive: { 125: 358, 1024: 909, 16384: 10901 },
};

/** Rows of cells, with the names of the columns first. */
type Table = string[][];

const grouped = (number: number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const cells = (...numbers: (number | undefined)[]) => numbers.map((number) => (number === undefined ? "" : grouped(number)));

function tablesOf({ send, receive, network }: Figures, beside: boolean): Table[] {
	const ours: Table = [["", "bytes", "JavaScript", "native", "together", ...(beside ? ["Zephyr's C"] : [])]];
	for (const [name, sizes] of Object.entries({ send, receive }))
		for (const [size, { javascript, native }] of Object.entries(sizes)) {
			const row = cells(Number(size), javascript, native, javascript + native);
			ours.push([name, ...row, ...(beside ? cells(zephyr[name]?.[size]) : [])]);
		}
	const ends: Table = [["", "bytes", "JavaScript", "native", "lwIP, sender", "lwIP, receiver", "the rest"]];
	for (const [size, { javascript, native, sender, receiver, rest }] of Object.entries(network))
		ends.push(["over TCP", ...cells(Number(size), javascript, native, sender, receiver, rest)]);
	return ends.length > 1 ? [ours, ends] : [ours];
}

/** For a terminal; `beside` Zephyr's figures, or alone. */
export function shownTables(figures: Figures, beside: boolean): string {
	const line = ([name = "", ...row]: string[]) => `${name.padEnd(8)}${row.map((cell) => cell.padStart(17)).join("")}\n`;
	return tablesOf(figures, beside)
		.flat()
		.map((row) => line(row))
		.join("");
}

/** For README.md. */
export function writtenTables(budget: Budget): string {
	const line = (row: string[]) => `| ${row.join(" | ")} |`;
	const table = ([names = [], ...rows]: Table, board: string) =>
		[line([board, ...names.slice(1)]), `|${names.map((_, i) => (i ? "--:" : "---")).join("|")}|`, ...rows.map(line)].join("\n");
	return boards
		.flatMap((board) => {
			const figures = budget.boards[board];
			return figures ? tablesOf(figures, true).map((it) => table(it, board)) : [];
		})
		.join("\n\n");
}

/** As the formatter has it: a figure is one line. */
export const budgetText = (budget: Budget) =>
	`${JSON.stringify(budget, undefined, "\t").replace(/\{[^{}]*\}/g, (inner) => inner.replace(/\s+/g, " "))}\n`;

/**
 * Where what was measured is not what the budget says: more, or less, so that who made it better writes that down and nobody takes it back
 * unseen.
 */
export function differences(budget: Budget, measured: Budget): string[] {
	const problems: string[] = [];
	const compare = (what: string, before: number | undefined, now: number) => {
		if (before === undefined) problems.push(`${what}: ${grouped(now)}, of which the budget says nothing`);
		else if (Math.abs(now - before) > before * TOLERANCE) {
			const percent = (((now - before) / before) * 100).toFixed(1).replace("-", "");
			problems.push(`${what}: ${grouped(now)}, ${percent} % ${now > before ? "more" : "less"} than ${grouped(before)}`);
		}
	};
	for (const board of boards) {
		const then = budget.boards[board];
		for (const [kind, sizes] of Object.entries(measured.boards[board] ?? {}))
			for (const [size, now] of Object.entries(sizes as Sizes<Ours & Partial<Network>>)) {
				const before: (Ours & Partial<Network>) | undefined = then?.[kind as keyof Figures][size];
				const what = `${board}, ${kind}, ${size} bytes`;
				compare(`${what}, JavaScript`, before?.javascript, now.javascript);
				compare(`${what}, native`, before?.native, now.native);
				if (now.sender !== undefined) compare(`${what}, lwIP and driver of the sender`, before?.sender, now.sender);
				if (now.receiver !== undefined) compare(`${what}, lwIP and driver of the receiver`, before?.receiver, now.receiver);
				if (now.rest !== undefined) compare(`${what}, the rest`, before?.rest, now.rest);
			}
	}
	return problems;
}
