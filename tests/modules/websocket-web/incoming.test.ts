/* Messages that come in pieces, as websocketRecvMsg gives them. */
import { deepEqual, equal, ok, test } from "test";
import { WEBSOCKET_FLAG_BINARY, WEBSOCKET_FLAG_FINAL, WEBSOCKET_FLAG_TEXT } from "websocket";
import { Incoming } from "websocket-web/incoming";

const MOST = 100;
const message = (length: number) => Uint8Array.from({ length }, (_, i) => 97 + (i % 26));

/** Gives `bytes` in frames of these lengths, each in pieces of `piece` at most; whether it was whole with the last one, and not before. */
function give(incoming: Incoming, bytes: Uint8Array, frames: readonly number[], piece: number, type: number): boolean {
	let at = 0;
	let whole = false;
	for (const [i, length] of frames.entries()) {
		const final = i === frames.length - 1 ? WEBSOCKET_FLAG_FINAL : 0;
		let left = length;
		do {
			ok(!whole, "whole too early");
			const count = Math.min(left, piece);
			left -= count;
			const info = { messageType: final | (i === 0 ? type : 0), remaining: left, messageRemaining: final ? left : -1 };
			// Where it lies is somebody else's at the next call.
			const borrowed = bytes.slice(at, at + count);
			whole = incoming.take(borrowed, count, info);
			if (!whole) borrowed.fill(0);
			at += count;
		} while (left > 0);
	}
	return whole;
}

for (const [name, frames] of [
	["nothing", [0]],
	["one frame", [100]],
	["two", [1, 99]],
	["ten", [10, 10, 10, 10, 10, 10, 10, 10, 10, 10]],
	["empty ones", [0, 0, 30, 0, 51, 0]],
	["a growing one", [1, 2, 4, 8, 16, 32, 37]],
] as const)
	test(`${name}, in pieces of all sizes, as text and as bytes`, () => {
		const incoming = new Incoming(MOST);
		const bytes = message(frames.reduce((sum: number, length) => sum + length, 0));
		for (let piece = 1; piece <= MOST; piece++) {
			ok(give(incoming, bytes, frames, piece, WEBSOCKET_FLAG_BINARY));
			equal(incoming.text, false);
			deepEqual(new Uint8Array(incoming.toBuffer()), bytes);
			ok(give(incoming, bytes, frames, piece, WEBSOCKET_FLAG_TEXT));
			equal(incoming.text, true);
			equal(incoming.toText(), String.fromArrayBuffer(bytes.buffer as ArrayBuffer));
		}
	});

test("a message that is dropped leaves nothing to the next", () => {
	const incoming = new Incoming(MOST);
	incoming.take(message(5), 5, { messageType: WEBSOCKET_FLAG_TEXT, remaining: 7, messageRemaining: 7 });
	incoming.drop();
	ok(give(incoming, message(3), [3], 3, WEBSOCKET_FLAG_BINARY));
	deepEqual([incoming.text, incoming.toBuffer().byteLength], [false, 3]);
});
