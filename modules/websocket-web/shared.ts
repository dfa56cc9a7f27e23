/* What all WebSockets of a firmware have in common: the buffer that messages pass through, and text to bytes and back. */
import { utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";
import TextDecoder from "text/decoder";
import TextEncoder from "text/encoder";

/** Most messages of a device are shorter; longer ones go in pieces. */
const SCRATCH_SIZE = 1024;

/** A preloaded module cannot assign its variables, but an object's properties: they get a copy in RAM. */
const made: { scratch: Uint8Array | undefined; decoder: TextDecoder | undefined; encoder: TextEncoder | undefined } = {
	scratch: undefined,
	decoder: undefined,
	encoder: undefined,
};

export const shared = Object.freeze({
	/** A buffer whose bytes are whose turn it is, up to the next call of anything. Made at the first call. */
	scratch(): Uint8Array {
		made.scratch ??= new Uint8Array(SCRATCH_SIZE);
		return made.scratch;
	},

	/** UTF-8 to a string; what is none becomes U+FFFD, and a byte order mark stays. Allocates the string. */
	decode(bytes: Uint8Array | ArrayBuffer): string {
		made.decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
		return made.decoder.decode(bytes as Uint8Array);
	},

	/** A string to UTF-8, as the web's USVString: half of a surrogate pair becomes U+FFFD. Allocates the bytes. */
	encode(text: string): Uint8Array {
		made.encoder ??= new TextEncoder();
		const bytes = made.encoder.encode(text);
		if (utf8Check(UTF8_ACCEPT, bytes, 0, bytes.length) !== UTF8_ACCEPT) replaceSurrogates(bytes);
		return bytes;
	},
});

/** XS writes half of a pair as it writes any other character: three bytes, as many as U+FFFD takes. */
function replaceSurrogates(bytes: Uint8Array): void {
	for (let i = 0; i + 2 < bytes.length; i++) {
		if (bytes[i] !== 0xed || (bytes[i + 1] as number) < 0xa0) continue;
		bytes[i] = 0xef;
		bytes[i + 1] = 0xbf;
		bytes[i + 2] = 0xbd;
	}
}
