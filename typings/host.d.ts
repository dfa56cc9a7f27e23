/* The modules that the hosts of this project add to the SDK's. */

declare module "random" {
	/** Fills bytes[start, end) with cryptographic randomness. Allocates nothing; throws RangeError outside of the buffer. */
	export function fillRandom(bytes: Uint8Array, start: number, end: number): void;
}

/** Only on the Linux device, for tests. */
declare module "device" {
	/** Ends the device with this status once the current callback returns. */
	export function exit(status: number): void;
	/**
	 * Writes seven words: slots allocated ever, chunk bytes allocated ever (both modulo 2^32), collections, live slots, live chunk bytes,
	 * peak slots, peak chunk bytes. Allocates nothing.
	 */
	export function counters(target: Uint32Array | ArrayBuffer): void;
	/** Collects the garbage now, so that what counters then tell as live is what something holds. */
	export function collect(): void;
}
