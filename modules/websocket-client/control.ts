/* Control frames as the class tells them: whole, while the door gives them in pieces like a message. */
import { copy } from "bytes/block";
import { CLOSE_NO_STATUS, type MessageInfo, websocketRecvMsg } from "websocket";

/** What a control frame may have (RFC 6455 §5.5). */
export const CONTROL_MAX = 125;

export class Control {
	/** The payload; it is overwritten by the next one. */
	readonly payload = new Uint8Array(CONTROL_MAX);
	#length = 0;

	/** Takes what came of the control frame that can be received: its length if that was all, or -1. `scratch` has CONTROL_MAX bytes. */
	take(ws: number, scratch: Uint8Array, info: MessageInfo): number {
		const count = websocketRecvMsg(ws, scratch, CONTROL_MAX, info, 0);
		if (count < 0) return -1;
		copy(this.payload, this.#length, scratch, 0, count);
		const length = this.#length + count;
		this.#length = info.remaining === 0 ? 0 : length;
		return info.remaining === 0 ? length : -1;
	}
}

/** The body of a close frame, as it was on the wire. */
export function closeBody(code: number, reason: string): ArrayBuffer {
	if (code === CLOSE_NO_STATUS) return new ArrayBuffer(0);
	const text = ArrayBuffer.fromString(reason);
	const body = new Uint8Array(2 + text.byteLength);
	body[0] = code >> 8;
	body[1] = code;
	copy(body, 2, text, 0, text.byteLength);
	return body.buffer;
}
