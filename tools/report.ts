/* The line of JSON that the device prints with --report, and how people read it. */

export interface Report {
	bits: number;
	mode: string;
	status: number;
	arena: { bytes: number; peak: number };
	slot: { bytes: number; live: number; peak: number; allocated: number };
	chunk: { live: number; peak: number; allocated: number };
	stack: { slots: number; peak: number };
	collections: number;
	/** Of a board. */
	ram?: Ram;
	/** Bytes of bytecode by module. */
	code: Record<string, number>;
}

/** A board's memory by region, in bytes. */
export interface Ram {
	/** All of it. */
	bytes: number;
	/** Variables of C. */
	data: { bytes: number };
	/** Of C. */
	stack: Region;
	/** lwIP's and the driver's. */
	network: Region;
	malloc: Region;
}

export interface Region {
	bytes: number;
	peak: number;
}

export function readReport(line: string): Report | undefined {
	if (!line.startsWith('{"bits":')) return undefined;
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

export function memoryLine({ arena, slot, chunk, stack, collections, bits }: Report): string {
	const percent = Math.round((100 * arena.peak) / arena.bytes);
	return (
		`memory: ${kilobytes(arena.peak)} of ${kilobytes(arena.bytes)} at peak (${percent} %): ${slot.peak} slots of ${slot.bytes} bytes, ` +
		`${kilobytes(chunk.peak)} of chunks, stack ${stack.peak} of ${stack.slots} slots; ` +
		`${collections} ${collections === 1 ? "collection" : "collections"} (${bits} bit)`
	);
}

/** A board's memory, by what it is for. */
export type Regions = Record<string, Region>;

/** In the order of README.md's table. */
export const regionNames: Readonly<Record<string, string>> = Object.freeze({
	arena: "the app's arena: slots, chunks, XS's stack",
	network: "lwIP",
	malloc: "malloc, for tables, timers and sockets",
	stack: "C's stack",
	data: "C's data",
	all: "all of it",
});

export function regionsOf({ bytes, data, stack, network, malloc }: Ram, { arena }: Report): Regions {
	const parts = {
		arena,
		network: { bytes: network.bytes, peak: network.peak },
		malloc,
		stack,
		data: { bytes: data.bytes, peak: data.bytes },
	};
	const peak = Object.values(parts).reduce((sum, region) => sum + region.peak, 0);
	return { ...parts, all: { bytes, peak } };
}

/** The line for people. */
export function ramLine(ram: Ram, report: Report): string {
	const { all, ...parts } = regionsOf(ram, report);
	const region = ([name, { bytes, peak }]: [string, Region]) => `${name} ${kilobytes(peak)} of ${kilobytes(bytes)}`;
	return `RAM at peak: ${Object.entries({ all: all as Region, ...parts })
		.map(region)
		.join(", ")}`;
}
