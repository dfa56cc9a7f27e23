/* Text as MQTT wants it (5.0 §1.5.4, 3.1.1 §1.5.3): UTF-8 without surrogates and without U+0000. Nothing here allocates. */
import { find, utf8Check } from "bytes/block";
import { UTF8_ACCEPT } from "bytes/utf8";

/** The longest text: its length is a number of two bytes. */
export const TEXT_MAX = 0xffff;

/** Whether the bytes from `start` to `end` are text [MQTT-1.5.4-1, MQTT-1.5.4-2]. They lie in `bytes`. */
export function isText(bytes: Uint8Array, start: number, end: number): boolean {
	return find(bytes, start, end, 0, 0, 0) < 0 && utf8Check(UTF8_ACCEPT, bytes, start, end) === UTF8_ACCEPT;
}
