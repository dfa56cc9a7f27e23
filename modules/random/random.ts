/*
 * Random bytes on boards of the SDK. `Math.irandom` is the hardware generator on ESP32 and ESP8266; everywhere else it is
 * libc's rand(), which anyone can predict: see README.md. The Linux device has a native module of the same name.
 */

/** The SDK's typings want arguments that the function has not. */
interface Irandom {
	irandom(): number;
}

/** irandom gives 31 bits at most (c_rand is 0x7fffffff & esp_random()), so the fourth byte of a word would have a known top bit. */
const BYTES = 3;

/** Fills `bytes` from `start` to `end`; allocates nothing. */
export function fillRandom(bytes: Uint8Array, start: number, end: number): void {
	for (let at = start; at < end; ) {
		let word = (Math as unknown as Irandom).irandom();
		for (let i = 0; i < BYTES && at < end; i++) {
			bytes[at++] = word & 0xff;
			word >>= 8;
		}
	}
}
