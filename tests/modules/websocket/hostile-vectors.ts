/*
 * What a peer can send once the connection is open, right and wrong: every MUST of RFC 6455 that a peer can break, by section. One
 * table for both roles: a peer of a server sends the same frames masked.
 */
import {
	FAULT_CLOSE_CODE,
	FAULT_CLOSE_SIZE,
	FAULT_CLOSE_UTF8,
	FAULT_CONTINUATION,
	FAULT_CONTROL_FRAGMENT,
	FAULT_CONTROL_SIZE,
	FAULT_INTERRUPTED,
	FAULT_LENGTH_FORM,
	FAULT_LENGTH_RANGE,
	FAULT_LENGTH_SIGN,
	FAULT_MASKED,
	FAULT_MESSAGE_SIZE,
	FAULT_OPCODE,
	FAULT_RSV,
	FAULT_UNMASKED,
	FAULT_UTF8,
} from "websocket/codes";
import { hexOf } from "./fake";

/** Open, between two frames, and still in step: a ping is answered. */
export const IN_STEP = 0;
/** Open, and in the middle of a frame. */
export const INSIDE = 1;

export interface Vector {
	readonly name: string;
	/**
	 * Hexadecimal, "61*200" is 200 times 61; ";" ends a frame. "|" stands behind a header that is complete: there a client's key goes.
	 * A frame that begins with "!" is sent as it is, whoever sends it.
	 */
	readonly frames: string;
	/** What the app gets: "flags:payload;" for each message, without FINAL, and the beginning of one that is not complete without ";". */
	readonly messages: string;
	/** What the peer gets, "opcode:payload;" for each frame. A close frame with the fault's code and words follows by itself. */
	readonly sent: string;
	/** IN_STEP, INSIDE, a fault, or the code and reason of a clean close: "1000 bye". */
	readonly end: number | string;
	/** For this role of ours only. */
	readonly role?: "client" | "server";
	/** We began to close, with 1001, before any of it came. */
	readonly closing?: boolean;
	/** How long a message may be; 0 or missing: any. */
	readonly maxMessage?: number;
}

type Row = readonly [name: string, frames: string, messages: string, sent: string, end: number | string];

const rows: Row[] = [
	// §5.6: data
	["text", "8105|68656c6c6f", "2:68656c6c6f;", "", IN_STEP],
	["binary", "8202|fffe", "4:fffe;", "", IN_STEP],
	["an empty text and an empty binary message", "8100|;8200|", "2:;4:;", "", IN_STEP],
	["many messages", "8101|61;8202|6263;8100|;8101|64", "2:61;4:6263;2:;2:64;", "", IN_STEP],
	["half a header", "81", "", "", INSIDE],
	["a header and nothing else", "8105|", "", "", INSIDE],
	["half a message", "8205|6162", "4:6162", "", INSIDE],

	// §5.2: lengths
	["125 bytes", "827d|61*125", "4:61*125;", "", IN_STEP],
	["126 bytes", "827e007e|61*126", "4:61*126;", "", IN_STEP],
	["127 bytes", "827e007f|61*127", "4:61*127;", "", IN_STEP],
	["200 bytes", "827e00c8|61*200;8100|", "4:61*200;2:;", "", IN_STEP],
	["256 bytes", "827e0100|61*256;8100|", "4:61*256;2:;", "", IN_STEP],
	["300 bytes of text", "817e012c|61*300;8100|", "2:61*300;2:;", "", IN_STEP],
	["the first byte of 65,535", "827effff|61", "4:61", "", INSIDE],
	["the first byte of 65,536", "827f0000000000010000|61", "4:61", "", INSIDE],
	["the first byte of 2^31", "827f0000000080000000|61", "4:61", "", INSIDE],
	["the first byte of 2^32", "827f0000000100000000|61", "4:61", "", INSIDE],
	["the first byte of 2^53 - 1", "827f001fffffffffffff|61", "4:61", "", INSIDE],
	["half a 16-bit length", "827e00", "", "", INSIDE],
	["half a 64-bit length", "827f00000000", "", "", INSIDE],
	["0 in 16 bits", "827e0000", "", "", FAULT_LENGTH_FORM],
	["1 in 16 bits", "817e0001", "", "", FAULT_LENGTH_FORM],
	["125 in 16 bits", "827e007d", "", "", FAULT_LENGTH_FORM],
	["0 in 64 bits", "827f0000000000000000", "", "", FAULT_LENGTH_FORM],
	["125 in 64 bits", "827f000000000000007d", "", "", FAULT_LENGTH_FORM],
	["126 in 64 bits", "827f000000000000007e", "", "", FAULT_LENGTH_FORM],
	["65,535 in 64 bits", "827f000000000000ffff", "", "", FAULT_LENGTH_FORM],
	["125 in 16 bits behind a message", "8101|61;817e007d", "2:61;", "", FAULT_LENGTH_FORM],
	["2^53", "827f0020000000000000", "", "", FAULT_LENGTH_RANGE],
	["2^53 + 1", "827f0020000000000001", "", "", FAULT_LENGTH_RANGE],
	["2^56", "827f0100000000000000", "", "", FAULT_LENGTH_RANGE],
	["2^62", "827f4000000000000000", "", "", FAULT_LENGTH_RANGE],
	["2^63 - 1", "827f7fffffffffffffff", "", "", FAULT_LENGTH_RANGE],
	["2^63", "827f8000000000000000", "", "", FAULT_LENGTH_SIGN],
	["2^63 + 5", "827f8000000000000005", "", "", FAULT_LENGTH_SIGN],
	["2^64 - 1", "827fffffffffffffffff", "", "", FAULT_LENGTH_SIGN],
	["2^63 in a continuation", "0101|61;807f8000000000000000", "", "", FAULT_LENGTH_SIGN],

	// §5.2: reserved bits, behind and between other frames; each combination follows below
	["RSV1 behind a message", "8101|61;c101|61", "2:61;", "", FAULT_RSV],
	["RSV1 in a continuation", "0101|61;c001|61", "", "", FAULT_RSV],
	["RSV2 on a ping between fragments", "0101|61;a900|;8001|62", "", "", FAULT_RSV],
	["an unknown control frame between fragments", "0101|61;8b00|;8001|62", "", "", FAULT_OPCODE],
	["an unknown data frame behind a message", "8101|61;8301|61", "2:61;", "", FAULT_OPCODE],
	["nothing counts behind a mistake", "8101|61;c1;8900|;8802|03e8;8101|62", "2:61;", "", FAULT_RSV],

	// §5.4: fragments
	["two fragments", "0103|48656c;8002|6c6f", "2:48656c6c6f;", "", IN_STEP],
	["three fragments, one empty", "0102|4865;0000|;8003|6c6c6f", "2:48656c6c6f;", "", IN_STEP],
	["an empty fragment first", "0200|;8001|61", "4:61;", "", IN_STEP],
	["an empty fragment last", "0201|61;8000|", "4:61;", "", IN_STEP],
	["only empty fragments", "0100|;0000|;0000|;8000|", "2:;", "", IN_STEP],
	["many empty fragments", `0201|61;${"0000|;".repeat(40)}8001|62`, "4:6162;", "", IN_STEP],
	["fragments of 126 bytes", "027e007e|61*126;807e007e|62*126", `4:${"61".repeat(126)}${"62".repeat(126)};`, "", IN_STEP],
	["300 fragments", `0101|61;${"0001|61;".repeat(298)}8001|61`, "2:61*300;", "", IN_STEP],
	["two fragmented messages", "0101|61;8001|62;0201|63;8001|64", "2:6162;4:6364;", "", IN_STEP],
	["the first fragment only", "0102|6162", "2:6162", "", IN_STEP],
	["a continuation first", "8001|61", "", "", FAULT_CONTINUATION],
	["a continuation first, and more to come", "0000|", "", "", FAULT_CONTINUATION],
	["a continuation behind a message", "8101|61;8001|62", "2:61;", "", FAULT_CONTINUATION],
	["a continuation behind an empty message", "8100|;8000|", "2:;", "", FAULT_CONTINUATION],
	["a continuation behind fragments", "0101|61;8001|62;8001|63", "2:6162;", "", FAULT_CONTINUATION],
	["a continuation behind a ping", "8900|;8000|", "", "10:;", FAULT_CONTINUATION],
	["a continuation behind a pong", "8a01|61;0001|61", "", "", FAULT_CONTINUATION],
	["a text in a text", "0101|61;8101|62", "", "", FAULT_INTERRUPTED],
	["a binary message in a text", "0101|61;8201|62", "", "", FAULT_INTERRUPTED],
	["a text in a binary message", "0201|61;8101|62", "", "", FAULT_INTERRUPTED],
	["a text behind an empty fragment", "0100|;8100|", "", "", FAULT_INTERRUPTED],
	["a fragment of another text in a text", "0101|61;0101|62", "", "", FAULT_INTERRUPTED],
	["a fragment of another text in the third", "0101|61;0001|62;0201|63", "", "", FAULT_INTERRUPTED],
	["a text behind a ping in a text", "0101|61;8900|;8101|62", "", "10:;", FAULT_INTERRUPTED],

	// §5.5, §5.5.2, §5.5.3: control frames
	["an empty ping", "8900|", "", "10:;", IN_STEP],
	["a ping", "8904|70696e67", "", "10:70696e67;", IN_STEP],
	["a ping that is no text", "8904|00ffc0fe", "", "10:00ffc0fe;", IN_STEP],
	["a ping of 125 bytes", "897d|70*125", "", "10:70*125;", IN_STEP],
	["a ping of 126 bytes", "897e007e|70*126", "", "", FAULT_CONTROL_SIZE],
	["a ping of 1 byte in 16 bits", "897e0001|70", "", "", FAULT_CONTROL_SIZE],
	["a ping of 65,536 bytes", "897f0000000000010000", "", "", FAULT_CONTROL_SIZE],
	["a pong of 126 bytes", "8a7e007e", "", "", FAULT_CONTROL_SIZE],
	["half a ping", "8904|7069", "", "", INSIDE],
	["two pings", "8901|61;8901|62", "", "10:61;10:62;", IN_STEP],
	["20 pings", "8901|61;".repeat(20), "", "10:61;".repeat(20), IN_STEP],
	["pings of many lengths", "8900|;8901|61;897d|62*125;8902|6364;8900|", "", `10:;10:61;10:${"62".repeat(125)};10:6364;10:;`, IN_STEP],
	["a pong that nobody asked for", "8a01|61;8101|62", "2:62;", "", IN_STEP],
	["an empty pong", "8a00|", "", "", IN_STEP],
	["a pong of 125 bytes", "8a7d|61*125", "", "", IN_STEP],
	["two pongs of 125 bytes", "8a7d|61*125;8a7d|62*125;8901|63", "", "10:63;", IN_STEP],
	["a pong between two pings", "8901|61;8a01|62;8901|63", "", "10:61;10:63;", IN_STEP],
	["a ping between fragments", "0102|4865;8901|61;8003|6c6c6f", "2:48656c6c6f;", "10:61;", IN_STEP],
	["a pong between fragments", "0102|4865;8a01|61;8003|6c6c6f", "2:48656c6c6f;", "", IN_STEP],
	[
		"pings and pongs between fragments",
		"0201|61;8900|;8a00|;8901|7a;0001|62;8a00|;8902|7979;8000|",
		"4:6162;",
		"10:;10:7a;10:7979;",
		IN_STEP,
	],
	["a ping of 125 bytes between fragments", "0201|61;897d|70*125;8001|62", "4:6162;", `10:${"70".repeat(125)};`, IN_STEP],
	["a ping inside a character", "0101|e2;8901|61;0001|82;8a01|ff;8001|ac", "2:e282ac;", "10:61;", IN_STEP],
	["a fragmented ping", "0901|61;8001|62", "", "", FAULT_CONTROL_FRAGMENT],
	["a fragmented ping between fragments", "0101|61;0901|61;8001|62", "", "", FAULT_CONTROL_FRAGMENT],
	["a fragmented pong", "0a00|", "", "", FAULT_CONTROL_FRAGMENT],
	["a fragmented close", "0802|03e8", "", "", FAULT_CONTROL_FRAGMENT],

	// §5.5.1, §7.1: close
	["close without a code", "8800|", "", "8:;", "1005 "],
	["close with a code", "8802|03e8", "", "8:03e8;", "1000 "],
	["close with a code and a reason", "8805|03e8627965", "", "8:03e8;", "1000 bye"],
	["close with a reason of 123 bytes", "887d|03e9 61*123", "", "8:03e9;", `1001 ${"a".repeat(123)}`],
	["close with a NUL in the reason", "8805|03e8610062", "", "8:03e8;", "1000 a\0b"],
	["close with a reason beyond ASCII", "8807|0bb8e282acc3a9", "", "8:0bb8;", "3000 €é"],
	["close with one byte", "8801|03", "", "", FAULT_CLOSE_SIZE],
	["close with 126 bytes", "887e007e|03e8 61*124", "", "", FAULT_CONTROL_SIZE],
	["close with a 64-bit length", "887f0000000000000002|03e8", "", "", FAULT_CONTROL_SIZE],
	["half a close", "8805|03e862", "", "", INSIDE],
	["a text, then close", "8101|61;8802|03e8", "2:61;", "8:03e8;", "1000 "],
	["a ping, then close", "8901|61;8802|03e8", "", "10:61;8:03e8;", "1000 "],
	["close, then a text", "8802|03e8;8101|61", "", "8:03e8;", "1000 "],
	["close, then a ping", "8802|03e8;8901|61", "", "8:03e8;", "1000 "],
	["close, then close", "8802|03e8;8802|03e9", "", "8:03e8;", "1000 "],
	["close, then what is no frame", "8802|03e8;!ffffffffffff", "", "8:03e8;", "1000 "],
	["close in a fragmented message", "0101|61;8802|03e8", "", "8:03e8;", "1000 "],
	["close in a fragmented message, which goes on", "0101|61;8802|03e8;8001|62", "", "8:03e8;", "1000 "],
	["close inside a character", "0101|e2;8802|03e8", "", "8:03e8;", "1000 "],

	// §8.1: text beyond the lists below
	["a binary message that is not UTF-8", "8202|c328", "4:c328;", "", IN_STEP],
	["fragments of a binary message that are not UTF-8", "0202|61c3;8001|28", "4:61c328;", "", IN_STEP],
	["a character in four fragments", "0101|f0;0001|9f;0001|98;8001|80", "2:f09f9880;", "", IN_STEP],
	["characters across fragments", "0103|41e282;8003|acc3a9", "2:41e282acc3a9;", "", IN_STEP],
	["a character across an empty fragment", "0101|c3;0000|;8001|a9", "2:c3a9;", "", IN_STEP],
	["a character that a new message would complete", "8101|c3;8101|a9", "", "", FAULT_UTF8],
	["the last byte of 300 is wrong", "817e012c|61*299 ff", "", "", FAULT_UTF8],
];

const masks: Vector[] = [
	// §5.1
	{ name: "masked text", frames: "!818100000000", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked, seen at the bit", frames: "!8181", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked and empty", frames: "!8180", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked ping behind a text", frames: "8101|61;!8980", messages: "2:61;", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked close", frames: "!888201020304", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked continuation", frames: "0101|61;!8081", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked with a 16-bit length", frames: "!81fe", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "masked with a 64-bit length", frames: "!82ff", messages: "", sent: "", end: FAULT_MASKED, role: "client" },
	{ name: "unmasked text", frames: "!810161", messages: "", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "unmasked and empty", frames: "!8100", messages: "", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "unmasked ping behind a text", frames: "8101|61;!8900", messages: "2:61;", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "unmasked close", frames: "!880203e8", messages: "", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "unmasked continuation", frames: "0101|61;!8001", messages: "", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "unmasked with a 16-bit length", frames: "!817e", messages: "", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "unmasked with a 64-bit length", frames: "!827f", messages: "", sent: "", end: FAULT_UNMASKED, role: "server" },
	{ name: "half a key", frames: "!81810102", messages: "", sent: "", end: INSIDE, role: "server" },
	{ name: "a key of zeros", frames: "!81810000000061", messages: "2:61;", sent: "", end: IN_STEP, role: "server" },
	{ name: "the example of §5.7", frames: "!818537fa213d7f9f4d5158", messages: "2:48656c6c6f;", sent: "", end: IN_STEP, role: "server" },
	{ name: "a masked character that is wrong", frames: "!8181112233 44ee", messages: "", sent: "", end: FAULT_UTF8, role: "server" },
];

/** While we wait for the answer to our close frame: what comes is dropped, and mistakes count, but nobody is told any more. */
const closing: Row[] = [
	["the answer", "8802|03e9", "", "8:03e9;", "1001 "],
	["an answer without a code", "8800|", "", "8:03e9;", "1005 "],
	["both at once", "8805|03e8627965", "", "8:03e9;", "1000 bye"],
	["messages before the answer", "8101|61;0201|62;8001|63;8802|03e9", "", "8:03e9;", "1001 "],
	["a message that is not complete before the answer", "0201|62;8802|03e9", "", "8:03e9;", "1001 "],
	["a pong before the answer", "8a01|61;8802|03e9", "", "8:03e9;", "1001 "],
	["messages and no answer", "8101|61;0201|62", "", "8:03e9;", INSIDE],
	["RSV1", "8101|61;c1", "", "8:03e9;", FAULT_RSV],
	["a wrong continuation", "8001|61", "", "8:03e9;", FAULT_CONTINUATION],
	["text that is not UTF-8", "8101|ff", "", "8:03e9;", FAULT_UTF8],
	["a length of 2^63", "827f80", "", "8:03e9;", FAULT_LENGTH_SIGN],
	["an answer with one byte", "8801|03", "", "8:03e9;", FAULT_CLOSE_SIZE],
	["an answer with 1005", "8802|03ed", "", "8:03e9;", FAULT_CLOSE_CODE],
	["an answer that is not UTF-8", "8803|03e8ff", "", "8:03e9;", FAULT_CLOSE_UTF8],
];

/** To an app that takes messages of 10 bytes at most: one that is longer is refused at the header that makes it so (§7.4.1, 1009). */
const limited: Row[] = [
	["10 bytes", "820a|61*10", "4:61*10;", "", IN_STEP],
	["11 bytes", "820b|", "", "", FAULT_MESSAGE_SIZE],
	["11 bytes behind a message", "810a|61*10;810b|", "2:61*10;", "", FAULT_MESSAGE_SIZE],
	["2^53 - 1 bytes", "827f001fffffffffffff|", "", "", FAULT_MESSAGE_SIZE],
	["2^53 bytes", "827f0020", "", "", FAULT_LENGTH_RANGE],
	["fragments of 10 bytes", "0204|61*4;0005|61*5;0000|;8001|61", "4:61*10;", "", IN_STEP],
	["fragments of 11 bytes", "0204|61*4;0006|61*6;8001|", "", "", FAULT_MESSAGE_SIZE],
	["a long ping", "890b|70*11;820a|61*10", "4:61*10;", "10:70*11;", IN_STEP],
	["a long ping between fragments", "0205|61*5;890b|70*11;8005|61*5", "4:61*10;", "10:70*11;", IN_STEP],
	["many messages of 10 bytes", "820a|61*10;".repeat(4), "4:61*10;".repeat(4), "", IN_STEP],
];

const hex8 = (byte: number) => hexOf([byte]);
const frame = (first: number, payload: string) => `${hex8(first)}${hex8(payload.length / 2)}|${payload}`;

/** §5.2: every combination of reserved bits, and every reserved opcode, is refused at its first byte. */
function* firstBytes(): Generator<Row> {
	for (const opcode of [0, 1, 2, 8, 9, 10])
		for (let rsv = 1; rsv < 8; rsv++) {
			const byte = (opcode < 8 && rsv & 1 ? 0 : 0x80) | (rsv << 4) | opcode;
			yield [`reserved bits ${rsv} on opcode ${opcode}`, hex8(byte), "", "", FAULT_RSV];
		}
	for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
		for (const fin of [0, 0x80]) yield [`opcode ${opcode}, fin ${fin >> 7}`, hex8(fin | opcode), "", "", FAULT_OPCODE];
}

/** §7.4: what may stand in a close frame, at the borders. */
function* closeCodes(): Generator<Row> {
	const good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
	for (const code of good) {
		const hex = hex8(code >> 8) + hex8(code & 255);
		yield [`close ${code}`, frame(0x88, hex), "", `8:${hex};`, `${code} `];
	}
	const bad = [0, 1, 255, 256, 999, 1004, 1005, 1006, 1015, 1016, 1099, 1100, 1999, 2000, 2999, 5000, 5001, 32767, 32768, 65535];
	for (const code of bad) yield [`close ${code}`, frame(0x88, hex8(code >> 8) + hex8(code & 255)), "", "", FAULT_CLOSE_CODE];
	yield ["close 1005 with a reason", frame(0x88, "03ed6162"), "", "", FAULT_CLOSE_CODE];
}

const goodText = ["00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "efbbbf", "f0908080", "f48fbfbf", "ceba00ceb5"];
/** What is wrong as soon as its last byte is there (RFC 3629 §4: the table of byte ranges). */
const badText = [
	...["80", "bf", "c0", "c1", "f5", "f8", "fc", "fe", "ff"],
	...["c200", "c27f", "c2c0", "dfc2", "e080", "e09f", "e000", "eda0", "edbf", "e241", "efc0", "f080", "f08f", "f490", "f4bf"],
	...["e0a000", "e28228", "e282e2", "ed9f61", "efbff0", "f0907f", "f09f41", "f48fc0"],
	...["f0908020", "f09f98c0", "f48fbf7f"],
];
/** The beginnings of characters. */
const cutText = ["c2", "df", "e0", "e0a0", "e2", "e282", "ed9f", "efbf", "f0", "f090", "f09080", "f48f", "f48fbf"];

/** §8.1, and §5.5.1 for reasons: text at each kind of place. */
function* texts(): Generator<Row> {
	for (const text of goodText) {
		yield [`text ${text}`, frame(0x81, text), `2:${text};`, "", IN_STEP];
		yield [`text ${text} between others`, frame(0x81, `61${text}61`), `2:61${text}61;`, "", IN_STEP];
		for (let i = 0; i <= text.length; i += 2)
			yield [
				`text ${text}, in fragments of ${i / 2} bytes and the rest`,
				`${frame(0x01, text.slice(0, i))};${frame(0x80, text.slice(i))}`,
				`2:${text};`,
				"",
				IN_STEP,
			];
	}
	for (const text of badText) {
		// More is announced than has come: the mistake is seen at its byte.
		yield [`text ${text}, not all of the frame`, `817d|${text}`, "", "", FAULT_UTF8];
		yield [`text ${text} behind others, not all of the frame`, `817e0100|6161616161 e282ac ${text}`, "", "", FAULT_UTF8];
		yield [`text ${text} and more`, frame(0x81, `${text}61616161`), "", "", FAULT_UTF8];
		const last = text.length - 2;
		if (last > 0)
			yield [`text ${text} in two fragments`, `${frame(0x01, text.slice(0, last))};007d|${text.slice(last)}`, "", "", FAULT_UTF8];
		yield [`text ${text} in a later fragment`, `0101|61;0001|62;${frame(0x00, text)}`, "", "", FAULT_UTF8];
		yield [`a reason of ${text}`, frame(0x88, `03e8${text}`), "", "", FAULT_CLOSE_UTF8];
	}
	for (const text of cutText) {
		yield [`text that ends in ${text}`, frame(0x81, `61${text}`), "", "", FAULT_UTF8];
		yield [`a fragment that ends in ${text}`, frame(0x01, text), `2:${text}`, "", IN_STEP];
		yield [`a last fragment that ends in ${text}`, `0101|61;${frame(0x80, text)}`, "", "", FAULT_UTF8];
		yield [`an empty last fragment behind ${text}`, `${frame(0x01, text)};8000|`, "", "", FAULT_UTF8];
		yield [`a new character behind a fragment that ends in ${text}`, `${frame(0x01, text)};0001|61`, "", "", FAULT_UTF8];
		yield [`a reason that ends in ${text}`, frame(0x88, `03e861${text}`), "", "", FAULT_CLOSE_UTF8];
	}
}

/** Calls back for each vector of this role. */
export function forEachVector(role: "client" | "server", use: (vector: Vector) => void): void {
	const row = ([name, frames, messages, sent, end]: Row, isClosing = false) =>
		use({ name: isClosing ? `closing: ${name}` : name, frames, messages, sent, end, closing: isClosing });
	for (const each of rows) row(each);
	for (const each of masks) if (each.role === role) use(each);
	for (const each of closing) row(each, true);
	for (const [name, frames, messages, sent, end] of limited)
		use({ name: `at most 10: ${name}`, frames, messages, sent, end, maxMessage: 10 });
	for (const each of firstBytes()) row(each);
	for (const each of closeCodes()) row(each);
	for (const each of texts()) row(each);
}
