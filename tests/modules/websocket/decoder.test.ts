import { equal, test } from "test";
import {
	FAULT_CONTROL_FRAGMENT,
	FAULT_CONTROL_SIZE,
	FAULT_LENGTH_FORM,
	FAULT_LENGTH_RANGE,
	FAULT_LENGTH_SIGN,
	FAULT_MASKED,
	FAULT_OPCODE,
	FAULT_RSV,
	FAULT_UNMASKED,
} from "websocket/codes";
import { Decoder } from "websocket/decoder";
import { bytesOf, hexOf } from "./fake";

/** Frames in hexadecimal, and what they say: "opcode fin length" each, then the fault. */
const vectors: readonly (readonly [string, string, string, number])[] = [
	["hello (§5.7)", "810548656c6c6f", "1 true 5;", 0],
	["hello in two fragments (§5.7)", "010348656c 80026c6f", "1 false 3;0 true 2;", 0],
	["ping, and pong without a body", "890548656c6c6f 8a00", "9 true 5;10 true 0;", 0],
	["empty frames", "8100 8200 0100 8000 8800", "1 true 0;2 true 0;1 false 0;0 true 0;8 true 0;", 0],
	["125 bytes", "827d 00*125", "2 true 125;", 0],
	["126 bytes", "827e007e 00*126", "2 true 126;", 0],
	["256 bytes (§5.7)", "827e0100 00*256 8100", "2 true 256;1 true 0;", 0],
	["the head of 65535 bytes", "827effff", "2 true 65535;", 0],
	["the head of 65536 bytes (§5.7)", "827f0000000000010000", "2 true 65536;", 0],
	["the head of 2^32 + 5 bytes", "827f0000000100000005", "2 true 4294967301;", 0],
	["the head of 2^53 - 1 bytes", "827f001fffffffffffff", "2 true 9007199254740991;", 0],
	["2^53 bytes", "8100 827f0020000000000000", "1 true 0;", FAULT_LENGTH_RANGE],
	["2^56 bytes", "827f0100000000000000", "", FAULT_LENGTH_RANGE],
	["2^63 bytes", "827f8000000000000000", "", FAULT_LENGTH_SIGN],
	["125 in 16 bits", "827e007d", "", FAULT_LENGTH_FORM],
	["0 in 16 bits", "827e0000", "", FAULT_LENGTH_FORM],
	["65535 in 64 bits", "827f000000000000ffff", "", FAULT_LENGTH_FORM],
	["0 in 64 bits", "827f0000000000000000", "", FAULT_LENGTH_FORM],
	["RSV1", "c100", "", FAULT_RSV],
	["RSV2", "a100", "", FAULT_RSV],
	["RSV3", "9100", "", FAULT_RSV],
	["RSV1 on a control frame", "c900", "", FAULT_RSV],
	["opcode 3", "8300", "", FAULT_OPCODE],
	["opcode 7", "8700", "", FAULT_OPCODE],
	["opcode 11", "8b00", "", FAULT_OPCODE],
	["opcode 15", "8f00", "", FAULT_OPCODE],
	["masked", "818000000000", "", FAULT_MASKED],
	["masked ping behind a frame", "8100 8980", "1 true 0;", FAULT_MASKED],
	["ping of 126 bytes", "897e007e", "", FAULT_CONTROL_SIZE],
	["close with a 64-bit length", "887f", "", FAULT_CONTROL_SIZE],
	["fragmented ping", "0900", "", FAULT_CONTROL_FRAGMENT],
	["fragmented close", "0800", "", FAULT_CONTROL_FRAGMENT],
];

/** As the connection does: a header, its payload, the next one. */
class Run {
	text = "";
	fault = 0;
	readonly #decoder: Decoder;
	#remaining = 0;
	#framed = false;

	constructor(masked = false) {
		this.#decoder = new Decoder(masked);
	}

	feed(bytes: Uint8Array, start: number, end: number): void {
		const decoder = this.#decoder;
		for (let at = start; at < end && !this.fault; ) {
			if (!this.#framed) {
				const size = decoder.header(bytes, at, end);
				if (size < 0) this.fault = size;
				if (size <= 0) return;
				at += size;
				this.text += `${decoder.opcode} ${decoder.fin} ${decoder.length};`;
				this.#remaining = decoder.length;
			}
			const count = Math.min(end - at, this.#remaining);
			this.#remaining -= count;
			this.#framed = this.#remaining > 0;
			at += count;
		}
	}
	check(name: string, text: string, fault: number): void {
		equal(this.text, text, name);
		equal(this.fault, fault, name);
	}
}

/** What a client sends: the mask bit, and a key behind the length. A vector about the mask itself stays as it is. */
function masked(bytes: Uint8Array): Uint8Array {
	const out: number[] = [];
	for (let at = 0; at < bytes.length; ) {
		const second = bytes[at + 1];
		out.push(bytes[at++] as number);
		if (second === undefined) break;
		out.push(second | 0x80);
		at++;
		const size = (second & 0x7f) === 126 ? 2 : (second & 0x7f) === 127 ? 8 : 0;
		let length = second & 0x7f;
		if (size) length = 0;
		for (let i = 0; i < size && at < bytes.length; i++) {
			length = length * 256 + (bytes[at] as number);
			out.push(bytes[at++] as number);
		}
		out.push(1, 2, 3, 4);
		for (let i = 0; i < length && at < bytes.length; i++) out.push(bytes[at++] as number);
	}
	return Uint8Array.from(out);
}

const fromClient: typeof vectors = [
	...vectors
		.filter(([, , , fault]) => fault !== FAULT_MASKED)
		.map(([name, hex, text, fault]) => [`masked ${name}`, hexOf(masked(bytesOf(hex))), text, fault] as const),
	["not masked", "8100", "", FAULT_UNMASKED],
	["a masked frame, then a ping that is not", "818001020304 8900", "1 true 0;", FAULT_UNMASKED],
];

const both = [...vectors.map((vector) => [vector, false] as const), ...fromClient.map((vector) => [vector, true] as const)];

test("every vector, whole", () => {
	for (const [[name, hex, text, fault], server] of both) {
		const bytes = bytesOf(hex);
		const run = new Run(server);
		run.feed(bytes, 0, bytes.length);
		run.check(name, text, fault);
	}
});

test("every vector, byte by byte", () => {
	for (const [[name, hex, text, fault], server] of both) {
		const bytes = bytesOf(hex);
		const run = new Run(server);
		for (let i = 0; i < bytes.length; i++) run.feed(bytes, i, i + 1);
		run.check(name, text, fault);
	}
});

test("every vector, at every split", () => {
	for (const [[name, hex, text, fault], server] of both) {
		const bytes = bytesOf(hex);
		for (let split = 0; split <= bytes.length; split++) {
			const run = new Run(server);
			run.feed(bytes, 0, split);
			run.feed(bytes, split, bytes.length);
			run.check(`${name}, split at ${split}`, text, fault);
		}
	}
});

test("the key of a masked frame is kept", () => {
	const decoder = new Decoder(true);
	equal(decoder.header(bytesOf("8185 37fa213d 7f9f4d5158"), 0, 11), 6);
	equal(hexOf(decoder.key), "37fa213d");
	equal(decoder.header(bytesOf("81fe"), 0, 2), 0);
	equal(decoder.header(bytesOf("0100 0102"), 0, 4), 0);
	equal(decoder.header(bytesOf("0304 aabb"), 0, 4), 2);
	equal(hexOf(decoder.key), "01020304");
	equal(decoder.length, 256);
});
