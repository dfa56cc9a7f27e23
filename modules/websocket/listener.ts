/*
 * The short way of what comes: a message in one frame that is here as a whole. One native call looks at what was read, the app is called,
 * and one native call of the door gives it the message. For all else the long way is gone, which the context knows.
 */
import { message } from "bytes/block";
import type { Connection } from "websocket/connection";
import { FOUND_NONE, FOUND_TAKEN, foundEnd, INPUT_BROKEN, type Input } from "websocket/input";
import type { WebsocketOptions } from "websocket/request";

/** Whoever is told by the transport. */
export interface Listening {
	readonly userData: unknown;
	readonly connection: Connection | undefined;
	/** Goes the long way. */
	come(): void;
}

/**
 * What the transport calls when there is something to read. A function with variables, for these cost a third of what fields do. Numbers
 * stand for FOUND_NONE, FOUND_TAKEN and FOUND_MORE, for a name of another module costs as much as a comparison.
 */
export function listener(input: Input, options: WebsocketOptions): (this: Listening) => void {
	const { transport, bytes } = input;
	// A method, for other functions have more than is needed.
	const { onReadable } = {
		onReadable(this: Listening): void {
			if (input.found !== 0) {
				this.come();
				return;
			}
			let end = transport.read(bytes, 0, input.size);
			while (end) {
				const found = message(bytes, 0, end, input.masked);
				input.found = found;
				if (found & 8) {
					if (!(found < 0 ? tellPart(this, input, options, found, 0, end) : tellSeveral(this, input, options, found, end))) return;
				} else {
					options.onReadable?.(input.handle, this.userData);
					if (input.found !== 1) {
						input.told();
						this.come();
						return;
					}
					input.found = 0;
				}
				end = transport.read(bytes, 0, input.size);
			}
		},
	};
	return onReadable;
}

/** In its place while there is no connection. */
export const deaf = () => {};

/** Of several messages before `end`, the first of which is `found`: whether the short way goes on. */
function tellSeveral(events: Listening, input: Input, options: WebsocketOptions, found: number, end: number): boolean {
	let start = 0;
	while (found >= 0) {
		start = input.start = foundEnd(found);
		input.end = end;
		input.found = found;
		options.onReadable?.(input.handle, events.userData);
		if (input.found !== FOUND_TAKEN) {
			input.told();
			events.come();
			return false;
		}
		input.found = FOUND_NONE;
		if (start === end) return true;
		found = message(input.bytes, start, end, input.masked);
	}
	return tellPart(events, input, options, found, start, end);
}

/** Of a message between `start` and `end` that is not whole, or of what is none: whether the short way goes on. */
function tellPart(events: Listening, input: Input, options: WebsocketOptions, found: number, start: number, end: number): boolean {
	if (input.arrived(found, start, end)) {
		options.onReadable?.(input.handle, events.userData);
		input.told();
		// Often the app has received the rest, too.
		if (events.connection?.changed === false && input.rest()) return true;
	} else if (input.broken) events.connection?.act(INPUT_BROKEN);
	events.come();
	return false;
}
