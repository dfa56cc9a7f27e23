/** The SDK's `base64`. The natives are the engine package's. */
export default class Base64 {
	static encode(bytes) @ "xs_base64_encode";
	static decode(text) @ "xs_base64_decode";
}
