/*
 * What the adapters hand to a socket's natives, which read and write whole buffers and never a part of one. A view for each part would
 * be garbage, four slots each time. So there is one buffer for all sockets that takes on the length that is wanted: within its largest
 * length, that allocates nothing. What goes over it is copied, natively, which costs less than asking a socket twice.
 */

/** A segment of TCP over Ethernet: what is longer goes in several. */
export const STAGE_SIZE = 1460;

/** ES2024; XS 13 has it, the typings of ES2022 have not. */
interface ResizableArrayBuffer extends ArrayBuffer {
	resize(length: number): void;
}

type ResizableConstructor = new (length: number, options: { maxByteLength: number }) => ResizableArrayBuffer;

/** A preloaded module cannot assign its variables, but an object's properties: they get a copy in RAM. */
const stage: { buffer: ResizableArrayBuffer | undefined; view: Uint8Array | undefined; length: number } = {
	buffer: undefined,
	view: undefined,
	length: STAGE_SIZE,
};

/**
 * The stage with a length of `count`, 1 to STAGE_SIZE. It is the caller's until somebody calls this again, so copy at once what is read
 * into it. Allocates at the first call. A garbage collection takes the bytes that are not in use, so the first other `count` after one
 * allocates, too, unless the stage was at rest.
 */
export function staged(count: number): ArrayBuffer {
	stage.buffer ??= new (ArrayBuffer as unknown as ResizableConstructor)(STAGE_SIZE, { maxByteLength: STAGE_SIZE });
	const { buffer, length } = stage;
	if (length !== count) {
		stage.length = count;
		// By way of its whole length, so that what a collection took is got back at once, and not bit by bit.
		if (length !== STAGE_SIZE) buffer.resize(STAGE_SIZE);
		if (count !== STAGE_SIZE) buffer.resize(count);
	}
	return buffer;
}

/** The same as a Uint8Array, for a socket that takes nothing else: one that is as long as its buffer, whatever that becomes. */
export function stagedView(count: number): Uint8Array {
	stage.view ??= new Uint8Array(staged(STAGE_SIZE));
	staged(count);
	return stage.view;
}

/** Gives the stage its whole length, so that a collection takes nothing of it: for who makes garbage in between. */
export function restStage(): void {
	staged(STAGE_SIZE);
}
