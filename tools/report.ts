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
	/** Bytes of bytecode by module. */
	code: Record<string, number>;
}

export function readReport(line: string): Report | undefined {
	if (!line.startsWith('{"bits":')) return undefined;
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

export function memoryLine({ arena, slot, chunk, stack, collections, bits }: Report): string {
	const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
	const percent = Math.round((100 * arena.peak) / arena.bytes);
	return (
		`memory: ${kilobytes(arena.peak)} of ${kilobytes(arena.bytes)} at peak (${percent} %): ${slot.peak} slots of ${slot.bytes} bytes, ` +
		`${kilobytes(chunk.peak)} of chunks, stack ${stack.peak} of ${stack.slots} slots; ` +
		`${collections} ${collections === 1 ? "collection" : "collections"} (${bits} bit)`
	);
}
