/* How the code of a board's firmware is divided for counting: read from the linker's map. */
import { basename } from "node:path";

/** Numbered as hosts/mps2/counter/counter.c has it: the first is code that counts for whoever calls it, the second what is in no range. */
export const parts = ["callers", "rest", "javascript", "native", "network"] as const;
export type Part = (typeof parts)[number];

/** The two ends of a connection that are on one board (hosts/mps2/modules/mirror.c), and whom the network works for. */
export const ends = ["sender", "receiver"] as const;
export type End = (typeof ends)[number];

/** From a call of one of these on, it works for that end; the driver, when it looks for a frame, for that which the frame is for. */
const tellers: Record<string, End | undefined> = {
	stream_write: "sender",
	mirror_to_client: "sender",
	stream_read: "receiver",
	mirror_to_server: "receiver",
	// Acknowledgements that were put off.
	tcp_fasttmr: "receiver",
	lan9118_receive: undefined,
};

/** Which objects are what, the first that fits: as hosts/mps2/Makefile names them. */
const objects: [RegExp, Part][] = [
	// memcpy, and arithmetic that the processor has no instruction for.
	[/\.a\(/, "callers"],
	[/\/app\/counting-mark\.o$|\/mirror\.o$/, "rest"],
	// And what takes the place of functions of the engine's.
	[/\/engine\/|\/host\/shared\/(?:memory|alias|arena|defaults|loader)\.o$|\/host\/engine\.o$/, "javascript"],
	[/\/app\/|\/host\/(?:shared\/)?modules\//, "native"],
	[/\/lwip-\w+\/(?:host\/(?:network|lan9118|unreachable)|[^/]+)\.o$/, "network"],
];

export interface Range {
	start: number;
	/** The first address behind it. */
	end: number;
	/** An index of names. */
	part: number;
}

export interface Division<Name extends string = string> {
	/** Of the parts, and of whom the one that is split works for. */
	names: readonly Name[];
	/** Ascending. */
	ranges: Range[];
	split?: Split | undefined;
}

export interface Split {
	part: number;
	/** From a call of what is there on, it works for the first or the second; for 0, whoever is told next. */
	tellers: { address: number; number: number }[];
}

/** Neighbours of one part are one range. The network of a board that has both ends is split. */
export function byPart(map: string): Division<Part | End> {
	const ranges: Range[] = [];
	for (const { start, end, object } of sectionsOf(map)) {
		const part = parts.indexOf(objects.find(([pattern]) => pattern.test(object))?.[1] ?? "rest");
		const last = ranges.at(-1);
		if (last?.part === part) last.end = end;
		else ranges.push({ start, end, part });
	}
	return { names: [...parts, ...ends], ranges, split: splitOf(map) };
}

function splitOf(map: string): Split | undefined {
	const found = Object.entries(tellers).map(([symbol, end]) => ({
		address: addressOf(map, symbol),
		number: end === undefined ? 0 : ends.indexOf(end) + 1,
	}));
	const there = found.filter((it): it is Split["tellers"][number] => it.address !== undefined);
	return there.length === found.length ? { part: parts.indexOf("network"), tellers: there } : undefined;
}

/** Each function is a part of its own; of a library, each object. */
export function byFunction(map: string): Division {
	const sections = sectionsOf(map);
	return {
		names: [
			"callers",
			"elsewhere",
			...sections.map(({ name, object }) => name || basename(object).replace(/^.*\((?:lib_a-)?(.*)\.o\)$/, "$1")),
		],
		ranges: sections.map(({ start, end }, i) => ({ start, end, part: i + 2 })),
	};
}

interface Section {
	start: number;
	end: number;
	/** The function's, or "". */
	name: string;
	object: string;
}

/** Of code, in a map of GNU ld, ascending. */
function sectionsOf(map: string): Section[] {
	const found: Section[] = [];
	// A long name has a line of its own.
	for (const [, name = "", address = "", size = "", object = ""] of placed(map).matchAll(
		/^ \.text\.?(\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (.+)$/gm,
	)) {
		const start = Number.parseInt(address, 16);
		const end = start + Number.parseInt(size, 16);
		if (end > start) found.push({ start, end, name, object });
	}
	return found.sort((a, b) => a.start - b.start);
}

/** The address of a function; undefined if the linker left it out. */
export function addressOf(map: string, symbol: string): number | undefined {
	const [, address] = new RegExp(`^\\s+0x([0-9a-f]+)\\s+${symbol}$`, "m").exec(placed(map)) ?? [];
	return address === undefined ? undefined : Number.parseInt(address, 16);
}

/** Without what the linker left out. */
function placed(map: string): string {
	return map.slice(map.indexOf("\nLinker script and memory map\n"));
}
