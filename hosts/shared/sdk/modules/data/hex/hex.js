/** The SDK's `hex`. The natives are the engine package's. */
export default class Hex {
	static toString(bytes, separator) @ "xs_hex_toString";
	static toBuffer(text, separator) @ "xs_hex_toBuffer";
}
