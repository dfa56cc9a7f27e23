/*
 * The fuzzer of handshakes: each input is parsed whole, and again in pieces, as a server's answer or as a client's request. The same has
 * to come of both: result, and all that the app is told.
 */
import { copy } from "bytes/block";
import { FAULTS } from "websocket/codes";
import { Handshake } from "websocket/handshake";
import { Upgrade } from "websocket/upgrade";
import { HEAD_MAX, HeadMaker, telling } from "./head-maker";
import { hexOf } from "./outcome";
import { Xorshift } from "./xorshift";

const REQUEST = Object.freeze({ host: "h", url: "/", subprotocols: Object.freeze(["chat", "mqtt"]) });
const NONCE_SIZE = 16;
const BEHIND = 3;

/** What is known of a head, in one text. */
type Told = string;

export class HandshakeFuzzer {
	/** How many inputs were right, wrong and not complete. */
	right = 0;
	wrong = 0;
	incomplete = 0;
	readonly #seed: number;
	readonly #random = new Xorshift();
	readonly #maker: HeadMaker;
	readonly #nonce = new Uint8Array(NONCE_SIZE);
	readonly #written = new Uint8Array(400);
	readonly #bytes = new Uint8Array(HEAD_MAX + BEHIND);

	constructor(seed: number) {
		this.#seed = seed;
		this.#maker = new HeadMaker(this.#random);
	}

	/** One input. Throws if something is wrong, and says how to see it again. */
	step(index: number): void {
		const random = this.#random;
		random.seed(this.#seed, index);
		const server = random.below(2) === 0;
		const maker = this.#maker;
		maker.make(server);
		const { length } = maker;
		const whole = this.#made(server);
		const wholeResult = this.#parse(whole, false);
		const pieces = this.#made(server);
		const result = this.#parse(pieces, true);
		if (result > length || (result < 0 && FAULTS[-1 - result] === undefined)) this.#fail(index, server, `parse() gave ${result}`);
		if (result !== wholeResult) this.#fail(index, server, `${result} in pieces, ${wholeResult} whole`);
		const told = toldBy(whole);
		const toldInPieces = toldBy(pieces);
		if (told !== toldInPieces) this.#fail(index, server, `${toldInPieces} in pieces, ${told} whole`);
		if (result > 0) this.right++;
		else if (result < 0) this.wrong++;
		else this.incomplete++;
	}

	#made(server: boolean): Handshake | Upgrade {
		if (server) return new Upgrade(true);
		const handshake = new Handshake(this.#nonce, true);
		handshake.write(REQUEST, this.#written);
		return handshake;
	}

	#parse(head: Handshake | Upgrade, split: boolean): number {
		const random = this.#random;
		const { bytes, length } = this.#maker;
		// parse() may change what it reads.
		const target = this.#bytes;
		const kind = random.below(4);
		let end = 0;
		while (end < length) {
			let count = length - end;
			if (split) count = kind === 0 ? 1 : 1 + random.below(kind === 1 ? 8 : kind === 2 ? 100 : length);
			if (end + count > length) count = length - end;
			copy(target, end, bytes, end, count);
			end += count;
			// What lies behind it has not come; it may look as if it had.
			for (let i = 0; i < BEHIND; i++) target[end + i] = telling[random.below(telling.length)] as number;
			const result = head.parse(target, end);
			if (result !== 0) return result;
		}
		return 0;
	}

	#fail(index: number, server: boolean, what: string): never {
		const { bytes, length } = this.#maker;
		const head = `${server ? "request" : "answer"}: ${hexOf(bytes, length)}`;
		throw new Error(`seed=${this.#seed} index=${index}: ${what}\n${head}`);
	}
}

function toldBy(head: Handshake | Upgrade): Told {
	const headers = (head.headers as string[]).join("|");
	if (head instanceof Upgrade) return `${head.url} ${head.host} ${head.subprotocols.join()} ${headers}`;
	return `${head.status} ${head.reason} ${head.refused} ${head.subprotocol} ${headers}`;
}
