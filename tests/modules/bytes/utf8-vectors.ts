/* Texts in UTF-8 (RFC 3629), right and wrong. */

export const INVALID = 1;
export const INCOMPLETE = 2;
export const VALID = 0;

/** Bytes in hexadecimal, and what they are. */
export const vectors: readonly (readonly [string, string, number])[] = [
	["nothing", "", VALID],
	["ASCII", "48656c6c6f2d4d6963726f", VALID],
	["all lengths", "24 c2a2 e282ac f0908d88", VALID],
	["first and last of each length", "00 7f c280 dfbf e0a080 efbfbf f0908080 f48fbfbf", VALID],
	["around the surrogates", "ed9fbf ee8080", VALID],
	["ASCII around a character", "4142434445 c3a9 4142434445464748494a4b", VALID],
	["character behind 8 ASCII", "4142434445464748 e282ac", VALID],
	["tail without a lead", "80", INVALID],
	["two tails", "41bf80", INVALID],
	["overlong slash, 2 bytes", "c0af", INVALID],
	["overlong slash, 3 bytes", "e080af", INVALID],
	["overlong slash, 4 bytes", "f08080af", INVALID],
	["overlong limit, 2 bytes", "c1bf", INVALID],
	["overlong limit, 3 bytes", "e09fbf", INVALID],
	["overlong limit, 4 bytes", "f08fbfbf", INVALID],
	["surrogate, low end", "eda080", INVALID],
	["surrogate, high end", "edbfbf", INVALID],
	["above U+10FFFF", "f4908080", INVALID],
	["f5", "f5808080", INVALID],
	["5 byte form", "f888808080", INVALID],
	["fe", "fe", INVALID],
	["ff", "ff", INVALID],
	["lead behind lead", "e2e2", INVALID],
	["ASCII in a character", "e28241", INVALID],
	["bad byte behind ASCII words", "4142434445464748494a4b4cff", INVALID],
	["bad byte in an ASCII word", "41424344 4546ff48 494a4b4c", INVALID],
	["half of 2", "41c3", INCOMPLETE],
	["half of 3", "e282", INCOMPLETE],
	["most of 4", "f09f98", INCOMPLETE],
];

export function bytesOf(hex: string): Uint8Array {
	const text = hex.replaceAll(" ", "");
	const bytes = new Uint8Array(text.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(i * 2, i * 2 + 2), 16);
	return bytes;
}
