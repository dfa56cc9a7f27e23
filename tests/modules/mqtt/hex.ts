/* Packets as tests write them. */

export function hexOf(bytes: ArrayLike<number>, start = 0, end = bytes.length): string {
	let text = "";
	for (let i = start; i < end; i++) text += ((bytes[i] as number) + 256).toString(16).slice(1);
	return text;
}

/** The one to four bytes of a length (5.0 §1.5.5). */
export function lengthHex(length: number): string {
	let text = "";
	for (; length > 127; length = Math.floor(length / 128)) text += hexOf([128 + (length % 128)]);
	return text + hexOf([length]);
}

/** Hexadecimal without spaces; "61*200" is 200 times 61. */
export function plain(hex: string): string {
	let text = "";
	for (const part of hex.split(" ")) {
		const star = part.indexOf("*");
		text += star < 0 ? part : part.slice(0, star).repeat(Number(part.slice(star + 1)));
	}
	return text;
}

/** A packet in hexadecimal, without spaces: "|" stands for the remaining length, if it is all that follows. */
export function packetHex(hex: string): string {
	const bar = hex.indexOf("|");
	if (bar < 0) return plain(hex);
	const rest = plain(hex.slice(bar + 1));
	return plain(hex.slice(0, bar)) + lengthHex(rest.length / 2) + rest;
}

/** The bytes of what packetHex() takes. */
export function bytesOf(hex: string): Uint8Array {
	const text = packetHex(hex);
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}
