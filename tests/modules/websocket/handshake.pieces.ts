/* Heads of HTTP for the tests of both sides, given in pieces. */
import config from "mc/config";
import { equal } from "test";

/** One byte for each character: ISO 8859-1. */
export function latin(text: string): Uint8Array {
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
	return bytes;
}

/** Either side, reading. */
export interface Reader {
	parse(bytes: Uint8Array, end: number): number;
}

/** Gives `head` in pieces that end at each of `ends`, and returns the result with what the reader knows. */
function read<R extends Reader>(make: () => R, show: (reader: R) => string, head: Uint8Array, ends: readonly number[]): string {
	const reader = make();
	const bytes = new Uint8Array(head.length);
	let start = 0;
	let result = 0;
	for (const end of ends) {
		for (let i = start; i < end; i++) bytes[i] = head[i] as number;
		start = end;
		result = reader.parse(bytes, end);
		if (result) break;
	}
	return `${result} ${show(reader)}`;
}

/** Whole: what the others have to be equal to. */
export const whole = <R extends Reader>(make: () => R, show: (reader: R) => string, head: Uint8Array) =>
	read(make, show, head, [head.length]);

export function byteByByte<R extends Reader>(make: () => R, show: (reader: R) => string, head: Uint8Array): string {
	const ends: number[] = [];
	for (let end = 1; end <= head.length; end++) ends.push(end);
	return read(make, show, head, ends);
}

/** With a collection at every allocation a split costs a hundred times as much, and shows nothing that another one does not. */
const stride = /stress|mps2/.test(String(config.variant)) ? 23 : 1;

/** Compares every split with the whole. */
export function splits<R extends Reader>(make: () => R, show: (reader: R) => string, head: Uint8Array, name: string): void {
	const expected = whole(make, show, head);
	for (let at = 1; at < head.length; at += stride) equal(read(make, show, head, [at, head.length]), expected, `${name}, split at ${at}`);
}

/** Bytes that mean something in a head, or are next to one that does. */
const suspects = Object.freeze([0, 0x09, 0x0a, 0x0d, 0x20, 0x2c, 0x30, 0x3a, 0x7f, 0xe9]);

/**
 * Changes each byte of `head` into each of `suspects` and into the same letter of the other case, and compares: whole, byte by byte,
 * split before and behind the change. Returns how many of the
 * heads are still taken, of a hundred.
 */
export function mutate<R extends Reader>(make: () => R, show: (reader: R) => string, head: Uint8Array): number {
	let taken = 0;
	let all = 0;
	for (let at = 0; at < head.length; at += stride) {
		const was = head[at] as number;
		for (const byte of [...suspects, was ^ 0x20]) {
			head[at] = byte;
			const expected = whole(make, show, head);
			const name = `byte ${at} is ${byte}`;
			equal(byteByByte(make, show, head), expected, name);
			for (let split = Math.max(1, at); split <= at + 1 && split < head.length; split++)
				equal(read(make, show, head, [split, head.length]), expected, `${name}, split at ${split}`);
			all++;
			if (!expected.startsWith("-") && !expected.startsWith("0 ")) taken++;
		}
		head[at] = was;
	}
	return (taken * 100) / all;
}

/** Bytes that count how often they are looked at; a copy of some is a look at each. */
export class Counted {
	looks = 0;
	readonly proxy: Uint8Array;
	constructor(bytes: Uint8Array) {
		this.proxy = new Proxy(bytes.slice(), {
			get: (target, name) => {
				if (name === "slice")
					return (start: number, end: number) => {
						this.looks += end - start;
						return target.slice(start, end);
					};
				this.looks++;
				return target[name as unknown as number];
			},
			set: (target, name, value) => {
				target[name as unknown as number] = value;
				return true;
			},
		});
	}
}
