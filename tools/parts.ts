/* Which part of a board's firmware an address of its code belongs to: read from the linker's map. */

/** In the order in which hosts/mps2/counter/counter.c numbers them: the first is code that counts for whoever calls it. */
export const parts = ["callers", "rest", "javascript", "native", "network"] as const;
export type Part = (typeof parts)[number];

export interface Range {
	start: number;
	/** The first address behind it. */
	end: number;
	part: Part;
}

/** Which objects are what, the first that fits: as hosts/mps2/Makefile names them. */
const objects: [RegExp, Part][] = [
	// memcpy, and arithmetic that the processor has no instruction for.
	[/\.a\(/, "callers"],
	[/\/app\/counting-mark\.o$|\/mirror\.o$/, "rest"],
	[/\/engine\/|\/host\/shared\/memory\.o$/, "javascript"],
	[/\/app\/|\/host\/(?:shared\/)?modules\//, "native"],
	[/\/lwip-\w+\/(?:host\/(?:network|lan9118|unreachable)|[^/]+)\.o$/, "network"],
];

const partOf = (object: string): Part => objects.find(([pattern]) => pattern.test(object))?.[1] ?? "rest";

/** The ranges of code in a map of GNU ld, ascending; neighbours of one part are one range. */
export function rangesOf(map: string): Range[] {
	const found: Range[] = [];
	// A long name of a section has a line of its own.
	const section = /^ \.text\S*\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (.+)$/gm;
	for (const [, address = "", size = "", object = ""] of placed(map).matchAll(section)) {
		const start = Number.parseInt(address, 16);
		const end = start + Number.parseInt(size, 16);
		if (end > start) found.push({ start, end, part: partOf(object) });
	}
	found.sort((a, b) => a.start - b.start);
	const ranges: Range[] = [];
	for (const range of found) {
		const last = ranges.at(-1);
		if (last?.part === range.part) last.end = range.end;
		else ranges.push(range);
	}
	return ranges;
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
