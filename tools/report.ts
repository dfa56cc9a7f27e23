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

interface Region {
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

/** What a board's memory is for, and how much of it was needed. */
export function ramLine({ bytes, data, stack, network, malloc }: Ram, { arena }: Report): string {
	const region = (name: string, { bytes, peak }: Region) => `${name} ${kilobytes(peak)} of ${kilobytes(bytes)}`;
	const peak = data.bytes + stack.peak + network.peak + malloc.peak + arena.peak;
	return (
		`RAM: ${kilobytes(peak)} of ${kilobytes(bytes)} at peak: data ${kilobytes(data.bytes)}, ` +
		[region("C stack", stack), region("lwIP", network), region("malloc", malloc), region("arena", arena)].join(", ")
	);
}
