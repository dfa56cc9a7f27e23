/*
 * The opening handshake of one connection, in either role (RFC 6455 §4): sends its part, reads the peer's until that is whole, and says
 * what came of it. Garbage once the app knows. Nothing here has to be fast, but what a peer can make of it is bounded by the buffers.
 */
import { EINVAL, EMSGSIZE, FAULT_HEADER_SIZE, FAULT_REJECTED, FAULT_REQUEST_SIZE, FAULT_STATUS } from "websocket/codes";
import { Handshake, type HandshakeRequest } from "websocket/handshake";
import type { Input } from "websocket/input";
import type { Output } from "websocket/output";
import { Upgrade } from "websocket/upgrade";

// What read() finds, if it is no fault.
/** There is no more, for now. */
export const OPENING_WAITS = 0;
/** It is done: frames follow. */
export const OPENING_DONE = 1;
/** A client's request is whole and right: accept() or reject() it. */
export const OPENING_ASKED = 2;

const STATUS_INTERNAL = 500;

export class Opening {
	/** One of them: what the server answered, or what the client asked for. */
	readonly handshake: Handshake | undefined;
	readonly upgrade: Upgrade | undefined;
	/** Server: the fault that the client is being told. When that is out, the connection ends with it. */
	refusing = 0;
	readonly #input: Input;
	readonly #output: Output;
	#asked = false;

	/** `nonce`: a client's 16 random bytes; without them it is a server's. `collect`: keep the headers that come. */
	constructor(input: Input, output: Output, nonce: Uint8Array | undefined, collect: boolean) {
		this.#input = input;
		this.#output = output;
		if (nonce) this.handshake = new Handshake(nonce, collect);
		else this.upgrade = new Upgrade(collect);
	}

	/** Client: sends the request. 0, -EINVAL if it cannot be one, or -EMSGSIZE if it does not fit into the transmit buffer. */
	request(request: HandshakeRequest): number {
		const length = (this.handshake as Handshake).write(request, this.#output.data.bytes);
		if (length > 0) this.#output.raw(length);
		return length > 0 ? 0 : length < 0 ? -EMSGSIZE : -EINVAL;
	}

	/** Reads what the transport has of the peer's part. */
	read(): number {
		const input = this.#input;
		while (!this.#asked && !this.refusing) {
			if (input.end === input.bytes.length) return this.fail(this.upgrade ? FAULT_REQUEST_SIZE : FAULT_HEADER_SIZE);
			if (input.append() <= 0) break;
			const result = (this.upgrade ?? (this.handshake as Handshake)).parse(input.bytes, input.end);
			if (result < 0) return this.fail(result);
			if (result === 0) continue;
			// What came behind the blank line is frames.
			input.skip(result);
			this.#asked = this.upgrade !== undefined;
			return this.#asked ? OPENING_ASKED : OPENING_DONE;
		}
		return OPENING_WAITS;
	}

	/**
	 * Server: answers the request with 101, and with the first of the client's subprotocols that is in `supported`, which is returned, or
	 * "". Headers that no answer may have, or too many for the transmit buffer, refuse the client with 500.
	 */
	accept(supported: readonly string[], headers: readonly string[]): string {
		const upgrade = this.upgrade as Upgrade;
		const subprotocol = upgrade.subprotocols.find((offered) => supported.includes(offered)) ?? "";
		const length = upgrade.accept(this.#output.data.bytes, subprotocol, headers);
		if (length > 0) this.#output.raw(length);
		else this.refuse(FAULT_REJECTED, STATUS_INTERNAL);
		return length > 0 ? subprotocol : "";
	}

	/** Server: refuses the request; with a status or headers that no refusal may have, with 500. */
	reject(status: number, headers: readonly string[]): void {
		if (!this.refuse(FAULT_REJECTED, status, headers)) this.refuse(FAULT_REJECTED, STATUS_INTERNAL);
	}

	/** `fault`, unless the server had begun to say that it refuses: that is what the app has to know. */
	faultOf(fault: number): number {
		if (this.refusing) return this.refusing;
		return this.handshake?.refused ? FAULT_STATUS : fault;
	}

	/** What is wrong with the peer's part: a client ends with it, a server says so first, if there is room to. */
	private fail(fault: number): number {
		if (this.upgrade) return this.refuse(fault) ? OPENING_WAITS : fault;
		return this.faultOf(fault);
	}

	/** Sends the answer that refuses a client; false: there can be no such answer, or no room for it. */
	private refuse(fault: number, status?: number, headers?: readonly string[]): boolean {
		const length = (this.upgrade as Upgrade).refuse(this.#output.data.bytes, fault, status, headers);
		if (length > 0) this.#output.raw(length);
		this.refusing = fault;
		return length > 0;
	}
}
