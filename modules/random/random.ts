/*
 * Random bytes on boards of the SDK. `Math.irandom` is the hardware generator on ESP32 and ESP8266 (esp_random); on a Pico it is
 * libc's rand(), which anyone can predict: see README.md. The Linux device has a native module of the same name.
 */

/** The SDK's typings want arguments that the function has not. */
interface Irandom {
	irandom(): number;
}

/** Fills `bytes` from `start` to `end`; allocates nothing. */
export function fillRandom(bytes: Uint8Array, start: number, end: number): void {
	for (let at = start; at < end; ) {
		let word = (Math as unknown as Irandom).irandom();
		for (let i = 0; i < 4 && at < end; i++) {
			bytes[at++] = word & 0xff;
			word >>= 8;
		}
	}
}
