/* The body of a close frame, by the rules for who may close with what (WHATWG WebSockets §3.1). */
import { DOMException } from "websocket-web/dom-exception";
import { shared } from "websocket-web/shared";

const NORMAL = 1000;
const APPS_FIRST = 3000;
const APPS_LAST = 4999;
const REASON_MAX = 123;

/**
 * The body for `code` and `reason`: two bytes and the reason, or none at all. Throws an InvalidAccessError (DOMException) for a code that
 * is not an app's, a SyntaxError for a reason of more than 123 bytes of UTF-8.
 */
export function closeBody(code: unknown, reason: unknown): Uint8Array {
	const number = code === undefined ? undefined : clamped(Number(code));
	const text = reason === undefined ? "" : String(reason);
	if (number !== undefined && number !== NORMAL && (number < APPS_FIRST || number > APPS_LAST))
		throw new DOMException(`close code ${number}: it has to be 1000, or from 3000 to 4999`, "InvalidAccessError");
	const bytes = shared.encode(text);
	if (bytes.length > REASON_MAX)
		throw new DOMException(`the reason has ${bytes.length} bytes of UTF-8: there is room for ${REASON_MAX}`, "SyntaxError");
	if (number === undefined && bytes.length === 0) return bytes;
	const body = new Uint8Array(2 + bytes.length);
	const sent = number ?? NORMAL;
	body[0] = sent >> 8;
	body[1] = sent;
	body.set(bytes, 2);
	return body;
}

/** Web IDL's [Clamp] unsigned short: into the range, then to the nearest whole number, the even one of two. */
function clamped(value: number): number {
	if (!(value > 0)) return 0;
	if (value >= 0xffff) return 0xffff;
	const below = Math.floor(value);
	const rest = value - below;
	return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
