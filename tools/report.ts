/* The line of JSON that the device prints with --report, and how people read it. */

export interface Report {
	bits: number;
	mode: string;
	status: number;
	arena: number;
	arenaPeak: number;
	slot: { bytes: number; live: number; peak: number; allocated: number };
	chunk: { live: number; peak: number; allocated: number };
	collections: number;
	stack: { size: number; peak: number };
}

export function readReport(line: string): Report | undefined {
	if (!line.startsWith('{"bits":')) return undefined;
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

export function memoryLine({ arena, arenaPeak, slot, chunk, collections, stack, bits }: Report): string {
	const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
	const percent = Math.round((100 * arenaPeak) / arena);
	return (
		`memory: ${kilobytes(arenaPeak)} of ${kilobytes(arena)} at peak (${percent} %): ${slot.peak} slots of ${slot.bytes} bytes, ` +
		`${kilobytes(chunk.peak)} of chunks; stack ${stack.peak} of ${stack.size} slots; ` +
		`${collections} ${collections === 1 ? "collection" : "collections"} (${bits} bit)`
	);
}
