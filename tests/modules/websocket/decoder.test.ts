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
} from "websocket/codes";
import { Decoder } from "websocket/decoder";
import { bytesOf } from "./fake";

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

class Run {
	text = "";
	readonly decoder = new Decoder();

	/** As the connection does: a header, its payload, the next one. */
	feed(bytes: Uint8Array, start: number, end: number): void {
		const decoder = this.decoder;
		let at = start;
		while (!decoder.fault) {
			if (!decoder.complete) {
				at = decoder.header(bytes, at, end);
				if (!decoder.complete) return;
				this.text += `${decoder.opcode} ${decoder.fin} ${decoder.remaining};`;
			}
			const count = Math.min(end - at, decoder.remaining);
			decoder.consume(count);
			at += count;
			if (decoder.complete) return;
		}
	}
	check(name: string, text: string, fault: number): void {
		equal(this.text, text, name);
		equal(this.decoder.fault, fault, name);
	}
}

test("every vector, whole", () => {
	for (const [name, hex, text, fault] of vectors) {
		const bytes = bytesOf(hex);
		const run = new Run();
		run.feed(bytes, 0, bytes.length);
		run.check(name, text, fault);
	}
});

test("every vector, byte by byte", () => {
	for (const [name, hex, text, fault] of vectors) {
		const bytes = bytesOf(hex);
		const run = new Run();
		for (let i = 0; i < bytes.length; i++) run.feed(bytes, i, i + 1);
		run.check(name, text, fault);
	}
});

test("every vector, at every split", () => {
	for (const [name, hex, text, fault] of vectors) {
		const bytes = bytesOf(hex);
		for (let split = 0; split <= bytes.length; split++) {
			const run = new Run();
			run.feed(bytes, 0, split);
			run.feed(bytes, split, bytes.length);
			run.check(`${name}, split at ${split}`, text, fault);
		}
	}
});

test("a failed decoder stays where it is", () => {
	const bytes = bytesOf("8100 c100 8100");
	const decoder = new Decoder();
	equal(decoder.header(bytes, 0, 6), 2);
	decoder.consume(0);
	equal(decoder.header(bytes, 2, 6), 2);
	equal(decoder.fault, FAULT_RSV);
	equal(decoder.header(bytes, 4, 6), 4);
	equal(decoder.complete, false);
});
