import { deepEqual, equal, ok, test } from "test";
import {
	EAGAIN,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	FAULT_ACCEPT,
	FAULT_CLOSE_CODE,
	FAULT_CLOSE_SIZE,
	FAULT_CLOSE_TIMEOUT,
	FAULT_CLOSE_UTF8,
	FAULT_CONNECT,
	FAULT_CONTINUATION,
	FAULT_CONTROL_SIZE,
	FAULT_HANDSHAKE_LOST,
	FAULT_HANDSHAKE_TIMEOUT,
	FAULT_HEADER_SIZE,
	FAULT_INTERRUPTED,
	FAULT_LENGTH_RANGE,
	FAULT_LOST,
	FAULT_MASKED,
	FAULT_OPCODE,
	FAULT_RSV,
	FAULT_SEND_TIMEOUT,
	FAULT_UTF8,
	faultOf,
} from "websocket/codes";
import { CLOSED, CLOSING, CONNECTING, type Connection, OPEN } from "websocket/connection";
import { ANSWER, asciiOf, bytesOf, connecting, type FakeTransport, hexOf, opened, type Side } from "./fake";

/**
 * Frames of the server in hexadecimal; the messages that the app gets, "flags:payload" each; what the server gets, with keys of
 * zeros; and the fault, or 0 while the connection is open, or CLEAN.
 */
const CLEAN = 1;
const vectors: readonly (readonly [string, string, string, string, number])[] = [
	["text", "810568656c6c6f", "2:68656c6c6f;", "", 0],
	["binary", "8202fffe", "4:fffe;", "", 0],
	["an empty text and an empty message", "8100 8200", "2:;4:;", "", 0],
	["text in three fragments", "0102 4865 0000 8003 6c6c6f", "2:48656c6c6f;", "", 0],
	["characters across fragments", "0103 41e282 8003 acc3a9", "2:41e282acc3a9;", "", 0],
	["a ping with a payload", "890470696e67", "", "8a8400000000 70696e67;", 0],
	["an empty ping", "8900", "", "8a8000000000;", 0],
	["a ping of 125 bytes", "897d 70*125", "", "8afd00000000 70*125;", 0],
	["two pings", "890161 890162", "", "8a810000000061;8a810000000062;", 0],
	["a ping between fragments", "01024865 890161 8003 6c6c6f", "2:48656c6c6f;", "8a810000000061;", 0],
	["an unasked pong", "8a0161 810162", "2:62;", "", 0],
	["200 bytes, more than the receive buffer at once", "827e00c8 61*200", "4:61*200;", "", 0],
	["300 bytes", "827e012c 62*300 8100", "4:62*300;2:;", "", 0],

	["close without a code", "8800", "", "888000000000;", CLEAN],
	["close 1000", "880203e8", "", "88820000000003e8;", CLEAN],
	["close 1000 with a reason", "880503e8627965", "", "88820000000003e8;", CLEAN],
	["close 3000", "88020bb8", "", "8882000000000bb8;", CLEAN],
	["close 4999", "88021387", "", "8882000000001387;", CLEAN],
	["close 1014", "880203f6", "", "88820000000003f6;", CLEAN],
	["text, then close", "810161 880203e8 810162", "2:61;", "88820000000003e8;", CLEAN],
	["close between fragments", "010161 880203e8", "", "88820000000003e8;", CLEAN],

	["RSV1", "c10161", "", "fault", FAULT_RSV],
	["opcode 3", "8300", "", "fault", FAULT_OPCODE],
	["masked text", "818100000000 61", "", "fault", FAULT_MASKED],
	["a ping of 126 bytes", "897e007e 61*126", "", "fault", FAULT_CONTROL_SIZE],
	["continuation first", "800161", "", "fault", FAULT_CONTINUATION],
	["continuation behind a message", "810161 800162", "2:61;", "fault", FAULT_CONTINUATION],
	["text in a text", "010161 810162", "", "fault", FAULT_INTERRUPTED],
	["binary in a text", "010161 020162", "", "fault", FAULT_INTERRUPTED],
	["text that is not UTF-8", "8102c328", "", "fault", FAULT_UTF8],
	["text that ends in a character", "8102e282", "", "fault", FAULT_UTF8],
	["fragments that end in a character", "0102e282 8000", "", "fault", FAULT_UTF8],
	["a surrogate in two fragments", "0101ed 0001a0", "", "fault", FAULT_UTF8],
	["binary that is not UTF-8", "8202c328", "4:c328;", "", 0],
	["2^53 bytes", "827f0020000000000000", "", "fault", FAULT_LENGTH_RANGE],
	["close with one byte", "880103", "", "fault", FAULT_CLOSE_SIZE],
	["close 999", "880203e7", "", "fault", FAULT_CLOSE_CODE],
	["close 1004", "880203ec", "", "fault", FAULT_CLOSE_CODE],
	["close 1005", "880203ed", "", "fault", FAULT_CLOSE_CODE],
	["close 1006", "880203ee", "", "fault", FAULT_CLOSE_CODE],
	["close 1015", "880203f7", "", "fault", FAULT_CLOSE_CODE],
	["close 2999", "88020bb7", "", "fault", FAULT_CLOSE_CODE],
	["close 5000", "88021388", "", "fault", FAULT_CLOSE_CODE],
	["a close reason that is not UTF-8", "880403e8c328", "", "fault", FAULT_CLOSE_UTF8],
];

const info = { messageType: 0, remaining: 0, messageRemaining: 0 };

/** An app that takes all there is, and puts its messages together. */
class App {
	/** Whole messages, "flags:payload;". */
	text = "";
	#message = "";
	#type = 0;
	readonly #buffer: Uint8Array;

	constructor(size: number) {
		this.#buffer = new Uint8Array(size);
	}
	drain(connection: Connection): number {
		for (;;) {
			const count = connection.receive(this.#buffer, this.#buffer.length, info);
			if (count < 0) return count;
			if (info.messageType & ~1) this.#type = info.messageType & ~1;
			this.#message += hexOf(this.#buffer.subarray(0, count));
			if (!(info.messageType & 1) || info.remaining) continue;
			this.text += `${this.#type}:${this.#message};`;
			this.#message = "";
		}
	}
}

/** The server's view: "name:hex;" with the stars resolved. */
function plain(text: string): string {
	let result = "";
	for (const part of text.split(";")) {
		if (!part) continue;
		const colon = part.indexOf(":");
		result += `${part.slice(0, colon + 1)}${hexOf(bytesOf(part.slice(colon + 1)))};`;
	}
	return result;
}

const written = (text: string): string => (text ? hexOf(bytesOf(text.replaceAll(";", " ").trim())) : "");

/** The close frame that answers a fault. */
function closeFrame(fault: number): string {
	const { close, meaning } = faultOf(fault);
	const body = hexOf([close >> 8, close & 255]) + hexOf(asciiOf(meaning));
	return `88${hexOf([0x80 | (body.length / 2)])}00000000${body}`;
}

function check(name: string, frames: Uint8Array, ends: readonly number[], expected: (typeof vectors)[number], bufferSize: number): void {
	const [, , messages, sent, outcome] = expected;
	const { connection, transport } = opened();
	const app = new App(bufferSize);
	let start = 0;
	for (const end of ends) {
		transport.give(frames.slice(start, end));
		start = end;
		connection.writable();
		app.drain(connection);
	}
	equal(app.text, plain(messages), name);
	equal(transport.take(), sent === "fault" ? closeFrame(outcome) : written(sent), `${name}: written`);
	equal(connection.state, outcome === 0 ? OPEN : CLOSED, `${name}: state`);
	equal(connection.fault, outcome === CLEAN ? 0 : outcome, `${name}: fault`);
	equal(connection.clean, outcome === CLEAN, `${name}: clean`);
	equal(transport.started, outcome === 0, `${name}: detached`);
}

test("every vector, whole", () => {
	for (const vector of vectors) {
		const frames = bytesOf(vector[1]);
		check(vector[0], frames, [frames.length], vector, 256);
	}
});

test("every vector, byte by byte", () => {
	for (const vector of vectors) {
		const frames = bytesOf(vector[1]);
		const ends: number[] = [];
		for (let i = 1; i <= frames.length; i++) ends.push(i);
		check(vector[0], frames, ends, vector, 256);
	}
});

test("every vector, at every split", () => {
	for (const vector of vectors) {
		const frames = bytesOf(vector[1]);
		// The long ones are long only to be more than a buffer.
		const step = frames.length > 150 ? 13 : 1;
		for (let split = 1; split < frames.length; split += step)
			check(`${vector[0]}, split at ${split}`, frames, [split, frames.length], vector, 256);
	}
});

test("every vector, received in pieces of 7 bytes", () => {
	for (const vector of vectors) {
		const frames = bytesOf(vector[1]);
		check(vector[0], frames, [frames.length], vector, 7);
	}
});

function receive({ connection }: Side, into: Uint8Array): string {
	const count = connection.receive(into, into.length, info);
	return `${count} ${info.messageType} ${info.remaining} ${info.messageRemaining}`;
}

test("info tells what is left of the frame, and of the message", () => {
	const side = opened();
	side.transport.give(bytesOf("010548656c6c6f 80022121 8200"));
	side.connection.writable();
	const into = new Uint8Array(3);
	equal(receive(side, into), "3 2 2 -1");
	equal(hexOf(into), "48656c");
	equal(receive(side, into), "2 2 0 -1");
	equal(receive(side, into), "2 1 0 0");
	equal(receive(side, into), "0 5 0 0");
	equal(side.connection.receive(into, 3, info), -EAGAIN);
});

test("a frame is received as far as it has come", () => {
	const side = opened();
	const into = new Uint8Array(8);
	side.transport.give(bytesOf("82056162"));
	side.connection.writable();
	equal(receive(side, into), "2 5 3 3");
	equal(side.connection.receive(into, 8, info), -EAGAIN);
	side.transport.give(bytesOf("63"));
	side.transport.give(bytesOf("6465"));
	side.connection.writable();
	equal(receive(side, into), "3 5 0 0");
	equal(hexOf(into).slice(0, 6), "636465");
});

test("without autoPong the app sees pings and pongs, and answers", () => {
	const side = opened(256, 256, false);
	const into = new Uint8Array(8);
	side.transport.give(bytesOf("0101 61 8901 70 8a00 8001 62"));
	side.connection.writable();
	equal(receive(side, into), "1 2 0 -1");
	equal(receive(side, into), "1 17 0 0");
	equal(receive(side, into), "0 33 0 0");
	equal(receive(side, into), "1 1 0 0");
	equal(side.transport.take(), "");
	equal(side.connection.send(10, bytesOf("70"), 1, true, 0), 1);
	equal(side.transport.take(), "8a810000000070");
});

test("sending: one frame at a time, whole", () => {
	const { connection, transport } = opened();
	transport.room = 4;
	equal(connection.send(1, bytesOf("616263"), 3, true, 0), 3);
	equal(connection.send(1, bytesOf("64"), 1, true, 0), -EAGAIN);
	equal(connection.blocked, true);
	equal(connection.sendable, false);
	transport.room = 100;
	connection.writable();
	equal(connection.sendable, true);
	equal(connection.send(1, bytesOf("64"), 1, true, 0), 1);
	equal(transport.take(), "818300000000616263" + "818100000000" + "64");
});

test("sending: a pong waits for the frame that is under way, not for one that is not", () => {
	const { connection, transport } = opened();
	transport.room = 4;
	connection.send(1, bytesOf("616263"), 3, true, 0);
	transport.give(bytesOf("890170"));
	connection.writable();
	transport.room = 100;
	connection.writable();
	equal(transport.take(), "818300000000616263" + "8a810000000070");
	transport.room = 0;
	connection.send(1, bytesOf("61"), 1, true, 0);
	transport.give(bytesOf("890171"));
	connection.writable();
	transport.room = 100;
	connection.writable();
	equal(transport.take(), "8a810000000071" + "818100000000" + "61");
});

test("sending: of pings that come while nothing goes out, the last one is answered", () => {
	const { connection, transport } = opened();
	transport.room = 1;
	connection.send(1, bytesOf("61"), 1, true, 0);
	transport.give(bytesOf("890170 890171 8a0172 890173"));
	connection.writable();
	transport.room = 100;
	connection.writable();
	equal(transport.take(), "81810000000061" + "8a810000000073");
});

test("sending: fragments come in order, other mistakes change nothing", () => {
	const { connection, transport } = opened();
	const bytes = new Uint8Array(300);
	equal(connection.send(0, bytes, 1, true, 0), -EINVAL);
	equal(connection.send(9, bytes, 126, true, 0), -EINVAL);
	equal(connection.send(9, bytes, 1, false, 0), -EINVAL);
	equal(connection.send(8, bytes, 1, true, 0), -EINVAL);
	equal(connection.send(8, bytes, 2, true, 0), -EINVAL);
	equal(connection.send(2, bytes, 300, true, 0), -EMSGSIZE);
	equal(transport.take(), "");
	equal(connection.send(1, bytes, 1, false, 0), 1);
	equal(connection.send(1, bytes, 1, true, 0), -EINVAL);
	equal(connection.send(9, bytes, 0, true, 0), 0);
	equal(connection.send(0, bytes, 0, false, 0), 0);
	equal(connection.send(0, bytes, 1, true, 0), 1);
	equal(connection.send(2, bytes, 0, true, 0), 0);
	equal(transport.take(), "01810000000000" + "898000000000" + "008000000000" + "80810000000000" + "828000000000");
});

test("sending: a frame that is not taken in time fails the connection", () => {
	const { connection, transport } = opened();
	transport.room = 2;
	connection.timeoutMs = -2;
	equal(connection.send(1, bytesOf("61"), 1, true, 50), 1);
	equal(connection.timeoutMs, 50);
	connection.expire();
	equal(connection.state, CLOSED);
	equal(connection.fault, FAULT_SEND_TIMEOUT);
});

test("sending: a frame that is taken in time needs no timer any more", () => {
	const { connection, transport } = opened();
	transport.room = 2;
	connection.send(1, bytesOf("61"), 1, true, 50);
	transport.room = 100;
	connection.writable();
	equal(connection.timeoutMs, -1);
	equal(connection.state, OPEN);
});

test("closing: what was sent goes out first, what comes is dropped, the answer ends it", () => {
	const { connection, transport } = opened();
	transport.give(bytesOf("810161"));
	connection.writable();
	equal(connection.input.ready, true);
	transport.room = 3;
	connection.send(1, bytesOf("62"), 1, true, 0);
	equal(connection.close(1000, "bye"), 0);
	equal(connection.input.ready, false);
	equal(connection.state, CLOSING);
	equal(connection.timeoutMs, 1000);
	transport.room = 100;
	connection.writable();
	equal(transport.take(), "81810000000062" + "88850000000003e8627965");
	equal(connection.send(1, bytesOf("63"), 1, true, 0), -ENOTCONN);
	equal(connection.receive(new Uint8Array(1), 1, info), -ENOTCONN);
	equal(connection.close(1000, ""), -ENOTCONN);
	transport.give(bytesOf("810163 890170 02024142 880203e9 810164"));
	connection.writable();
	equal(transport.take(), "");
	equal(connection.state, CLOSED);
	equal(connection.fault, 0);
	equal(connection.clean, true);
	equal(connection.closeCode, 1001);
});

test("closing: both at once is clean, with one close frame each", () => {
	const { connection, transport } = opened();
	transport.give(bytesOf("880503e8627965"));
	equal(connection.close(1001, ""), 0);
	connection.writable();
	equal(transport.take(), "88820000000003e9");
	equal(connection.clean, true);
	equal(connection.closeCode, 1000);
	equal(connection.closeReason, "bye");
});

test("closing: codes and reasons that must not be sent change nothing", () => {
	const { connection, transport } = opened();
	for (const code of [0, 999, 1004, 1006, 1015, 2999, 5000, 1000.5, NaN]) equal(connection.close(code, ""), -EINVAL, String(code));
	equal(connection.close(1000, "é".repeat(62)), -EINVAL);
	equal(connection.close(1005, "x"), -EINVAL);
	equal(connection.state, OPEN);
	equal(transport.take(), "");
	equal(connection.close(1005, ""), 0);
	equal(transport.take(), "888000000000");
});

test("closing: with send and the opcode, as in Zephyr", () => {
	const { connection, transport } = opened();
	equal(connection.send(8, bytesOf("03e862"), 3, true, 0), 3);
	equal(transport.take(), "88830000000003e862");
	equal(connection.state, CLOSING);
});

test("closing: no answer in time, and a connection that ends first", () => {
	const late = opened();
	late.connection.close(1000, "");
	late.connection.expire();
	equal(late.connection.fault, FAULT_CLOSE_TIMEOUT);
	equal(late.connection.clean, false);
	equal(late.connection.closeCode, 1006);
	const lost = opened();
	lost.connection.close(1000, "");
	lost.connection.transportClosed(0);
	equal(lost.connection.fault, FAULT_LOST);
	equal(lost.connection.closeCode, 1006);
});

test("losing: what came before is received first", () => {
	const { connection, transport } = opened();
	transport.give(bytesOf("810161 810162"));
	connection.writable();
	transport.broken = true;
	connection.transportClosed(0);
	equal(connection.state, OPEN);
	const app = new App(8);
	equal(app.drain(connection), -ENOTCONN);
	equal(app.text, "2:61;2:62;");
	equal(connection.state, CLOSED);
	equal(connection.fault, FAULT_LOST);
	equal(connection.closeCode, 1006);
});

test("losing: a close frame before the end counts", () => {
	const { connection, transport } = opened();
	transport.give(bytesOf("880203e8"));
	connection.transportClosed(0);
	equal(connection.state, CLOSED);
	equal(connection.closeCode, 1000);
});

test("losing: a write that fails", () => {
	const { connection, transport } = opened();
	transport.broken = true;
	equal(connection.send(1, bytesOf("61"), 1, true, 0), 1);
	equal(connection.send(1, bytesOf("61"), 1, true, 0), -ENOTCONN);
	connection.advance();
	equal(connection.fault, FAULT_LOST);
});

function handshakeFault(act: (connection: Connection, transport: FakeTransport) => void, size = 256): number {
	const { connection, transport } = connecting(size);
	act(connection, transport);
	equal(connection.state, CLOSED);
	equal(transport.started, false);
	return connection.fault;
}

test("the handshake's failures are told apart", () => {
	equal(
		handshakeFault((connection) => connection.transportClosed(0)),
		FAULT_CONNECT,
	);
	equal(
		handshakeFault((connection) => {
			connection.writable();
			connection.transportClosed(0);
		}),
		FAULT_HANDSHAKE_LOST,
	);
	equal(
		handshakeFault((connection) => {
			connection.writable();
			connection.expire();
		}),
		FAULT_HANDSHAKE_TIMEOUT,
	);
	equal(
		handshakeFault((connection, transport) => {
			transport.give(asciiOf(ANSWER.replace("ICX", "icx")));
			connection.writable();
		}),
		FAULT_ACCEPT,
	);
	equal(
		handshakeFault((connection, transport) => {
			transport.give(asciiOf(ANSWER));
			connection.writable();
		}, 64),
		FAULT_HEADER_SIZE,
	);
});

test("an answer that fills the receive buffer to the last byte is fine", () => {
	const { connection, transport } = connecting(ANSWER.length);
	transport.give(asciiOf(ANSWER));
	connection.writable();
	equal(connection.state, OPEN);
	equal(
		handshakeFault((other, its) => {
			its.give(asciiOf(ANSWER));
			other.writable();
		}, ANSWER.length - 1),
		FAULT_HEADER_SIZE,
	);
});

test("frames that come with the answer, at every split", () => {
	const text = `${ANSWER}\x01\x01a`;
	const bytes = new Uint8Array(text.length + 3);
	bytes.set(asciiOf(text));
	bytes.set(bytesOf("800162"), text.length);
	bytes[ANSWER.length] = 1;
	for (let split = 1; split < bytes.length; split++) {
		const { connection, transport } = connecting();
		transport.give(bytes.slice(0, split));
		transport.give(bytes.slice(split));
		connection.writable();
		const app = new App(8);
		while (connection.state === CONNECTING) connection.writable();
		app.drain(connection);
		equal(app.text, "2:6162;", `split at ${split}`);
	}
});

test("the request goes out as the transport takes it", () => {
	const { connection, transport } = connecting();
	for (let i = 0; i < 300; i++) {
		transport.room = 1;
		connection.writable();
	}
	const text = String.fromArrayBuffer(new Uint8Array(transport.written).buffer);
	ok(text.startsWith("GET / HTTP/1.1\r\nHost: h\r\n") && text.endsWith("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
});

test("loss: what is ready waits for the app, for ever or so long", () => {
	const { connection, transport } = opened(256, 256, true, 700);
	transport.give(bytesOf("810161"));
	connection.writable();
	connection.timeoutMs = -2;
	connection.transportClosed(0);
	equal(connection.state, OPEN);
	equal(connection.timeoutMs, 700);
	connection.timeoutMs = -2;
	connection.advance();
	equal(connection.timeoutMs, -2);
	connection.expire();
	equal(connection.state, CLOSED);
	equal(connection.fault, FAULT_LOST);

	const patient = opened();
	patient.transport.give(bytesOf("810161"));
	patient.connection.writable();
	patient.connection.timeoutMs = -2;
	patient.connection.transportClosed(0);
	equal(patient.connection.timeoutMs, -2);
	equal(patient.connection.receive(new Uint8Array(4), 4, info), 1);
	patient.connection.advance();
	equal(patient.connection.fault, FAULT_LOST);
});

test("loss behind the peer's close frame: its code, no fault, and not clean", () => {
	const { connection, transport } = opened();
	transport.room = 0;
	transport.give(bytesOf("880203e8"));
	connection.writable();
	connection.transportClosed(0);
	equal(connection.state, CLOSED);
	deepEqual([connection.fault, connection.closeCode, connection.clean], [0, 1000, false]);
});

test("loss in the step that opens: the frames behind the answer are not lost", () => {
	const { connection, transport } = connecting();
	const answer = asciiOf(ANSWER);
	const frame = bytesOf("810161");
	const both = new Uint8Array(answer.length + frame.length);
	both.set(answer);
	both.set(frame, answer.length);
	transport.give(both);
	connection.transportClosed(0);
	equal(connection.state, OPEN);
	connection.advance();
	equal(connection.receive(new Uint8Array(4), 4, info), 1);
	connection.advance();
	equal(connection.fault, FAULT_LOST);
});

test("sending: a ping has its timeout, too", () => {
	const { connection, transport } = opened();
	transport.room = 0;
	equal(connection.send(9, bytesOf("61"), 1, true, 50), 1);
	equal(connection.timeoutMs, 50);
	connection.expire();
	equal(connection.fault, FAULT_SEND_TIMEOUT);
});

test("a NUL in the peer's reason is part of it", () => {
	const { connection, transport } = opened();
	transport.give(bytesOf("880503e8 610062"));
	connection.writable();
	equal(connection.closeReason.length, 3);
	equal(connection.closeReason.charCodeAt(1), 0);
});
