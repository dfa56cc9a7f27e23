/* How much a fuzzer does, and with which seed: as the command line says, or as is right for the build of the test run. */
import config from "mc/config";

/** "64-release" and so on, or a board; "" by hand. */
const variant = String(config.variant ?? "");

/**
 * How many inputs: `full` in a release build, a quarter in a debug build; the sanitizers and a collection at every allocation are slow,
 * and look for other things. An emulated board is slow, too, and has the same JavaScript to run.
 */
export function countOf(full: number): number {
	if (config.index !== undefined) return 1;
	if (config.count !== undefined) return Number(config.count);
	if (variant.includes("stress")) return Math.ceil(full / 2000);
	if (variant.includes("sanitize")) return Math.ceil(full / 20);
	if (variant.startsWith("mps2")) return Math.ceil(full / 200);
	return variant.includes("release") ? full : Math.ceil(full / 4);
}

/** Each build has inputs of its own, the same in every run. */
export function seedOf(): number {
	if (config.seed !== undefined) return Number(config.seed);
	let seed = 1;
	for (let i = 0; i < variant.length; i++) seed = (Math.imul(seed, 31) + variant.charCodeAt(i)) & 0xffffff;
	return seed;
}

/** Calls back with the index of each input, and says now and then how far it is. `index=` on the command line: with that one only. */
export function forEachInput(what: string, count: number, use: (index: number) => void): void {
	if (config.index !== undefined) {
		use(Number(config.index));
		return;
	}
	const part = Math.max(1, Math.ceil(count / 10));
	for (let index = 0; index < count; index++) {
		use(index);
		if ((index + 1) % part === 0) trace(`${what}: ${index + 1} of ${count}\n`);
	}
}
