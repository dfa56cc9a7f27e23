import { deepEqual, equal, ok, test } from "test";
import {
	EAGAIN,
	EINVAL,
	EMSGSIZE,
	ENOTCONN,
	FAULT_ACCEPT,
	FAULT_APP,
	FAULT_CLOSE_TIMEOUT,
	FAULT_CONNECT,
	FAULT_HANDSHAKE_LOST,
	FAULT_HANDSHAKE_TIMEOUT,
	FAULT_HEADER_SIZE,
	FAULT_LOST,
	FAULT_REJECTED,
	FAULT_SEND_TIMEOUT,
} from "websocket/codes";
import {
	CLOSED,
	CLOSING,
	CONNECTING,
	type Connection,
	type ConnectionOptions,
	OPEN,
	TIMEOUT_KEEP,
	TIMEOUT_NONE,
} from "websocket/connection";
import type { Handshake } from "websocket/handshake";
import { READY_NEW, READY_NONE } from "websocket/input";
import type { Upgrade } from "websocket/upgrade";
import { ANSWER, asciiOf, bytesOf, connecting, type FakeTransport, hexOf, listening, opened, type Side, serving } from "./fake";

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

function look({ connection }: Side): string {
	const count = connection.readableNow(info);
	return `${count} ${info.messageType} ${info.remaining} ${info.messageRemaining}`;
}

test("what could be received is told before it is, and nothing is taken", () => {
	const side = opened();
	const into = new Uint8Array(8);
	equal(side.connection.readableNow(info), -EAGAIN);
	side.transport.give(bytesOf("010548656c6c6f 8900 8000 82056162"));
	equal(look(side), "5 2 5 -1");
	equal(look(side), "5 2 5 -1");
	equal(receive(side, into.subarray(0, 2)), "2 2 3 -1");
	equal(look(side), "3 2 3 -1");
	equal(receive(side, into), "3 2 0 -1");
	// The ping is answered, and an empty frame is seen until it is taken.
	equal(look(side), "0 1 0 0");
	equal(look(side), "0 1 0 0");
	equal(receive(side, into), "0 1 0 0");
	equal(look(side), "2 5 5 5");
	equal(receive(side, into), "2 5 3 3");
	side.transport.give(bytesOf("636465 880203e8"));
	equal(look(side), "3 5 3 3");
	equal(receive(side, into), "3 5 0 0");
	equal(side.connection.readableNow(info), -ENOTCONN);
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
	equal(connection.input.ready, READY_NEW);
	transport.room = 3;
	connection.send(1, bytesOf("62"), 1, true, 0);
	equal(connection.close(1000, "bye"), 0);
	equal(connection.input.ready, READY_NONE);
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

test("closing with send, without autoPong: what comes is received, up to the peer's close frame", () => {
	const side = opened(256, 256, false);
	const { connection, transport } = side;
	const into = new Uint8Array(4);
	transport.give(bytesOf("8205 6162636465 0101 66"));
	connection.writable();
	equal(receive(side, into), "4 5 1 1");
	equal(connection.send(8, bytesOf("03e8"), 2, true, 0), 2);
	equal(transport.take(), "88820000000003e8");
	equal(connection.state, CLOSING);
	equal(receive(side, into), "1 5 0 0");
	equal(connection.readableNow(info), 1);
	equal(receive(side, into), "1 2 0 -1");
	equal(connection.receive(into, 4, info), -EAGAIN);
	transport.give(bytesOf("8900 8001 67 880203e9 810168"));
	connection.writable();
	equal(receive(side, into), "0 17 0 0");
	equal(receive(side, into), "1 1 0 0");
	equal(connection.receive(into, 4, info), -ENOTCONN);
	deepEqual([connection.state, connection.fault, connection.clean, connection.closeCode], [CLOSED, 0, true, 1001]);
	// What breaks the protocol ends it, with something unread, too.
	const broken = opened(256, 256, false);
	broken.connection.send(8, bytesOf(""), 0, true, 0);
	broken.transport.give(bytesOf("810161 8300"));
	broken.connection.writable();
	equal(receive(broken, into), "1 3 0 0");
	equal(broken.connection.receive(into, 4, info), -ENOTCONN);
	equal(broken.connection.state, CLOSED);
	// The peer says goodbye, and goes.
	const left = opened(256, 256, false);
	left.connection.send(8, bytesOf("03e8"), 2, true, 0);
	left.transport.give(bytesOf("810161 880203e8"));
	left.connection.writable();
	left.transport.broken = true;
	left.connection.transportClosed(0);
	equal(receive(left, into), "1 3 0 0");
	equal(left.connection.receive(into, 4, info), -ENOTCONN);
	deepEqual([left.connection.state, left.connection.fault, left.connection.clean], [CLOSED, 0, true]);
	// Nobody reads.
	const unread = opened(256, 256, false);
	unread.connection.send(8, bytesOf(""), 0, true, 0);
	unread.transport.give(bytesOf("810161 8800"));
	unread.connection.writable();
	equal(unread.connection.state, CLOSING);
	unread.connection.expire();
	equal(unread.connection.fault, FAULT_CLOSE_TIMEOUT);
	equal(unread.connection.receive(into, 4, info), -ENOTCONN);
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

test("interim answers have to fit into the receive buffer, too", () => {
	const { transport, connection } = connecting(256);
	transport.give(asciiOf("HTTP/1.1 100 Continue\r\n\r\n".repeat(20)));
	connection.writable();
	equal(connection.fault, FAULT_HEADER_SIZE);
	equal((connection.handshake as Handshake).status, 0);
});

const REQUEST =
	"GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";

test("a server refuses with the app's status and headers, then ends; what cannot be said becomes 500", () => {
	for (const [status, headers, line] of [
		[401, ['WWW-Authenticate: Basic realm="x"'], 'HTTP/1.1 401 \r\nWWW-Authenticate: Basic realm="x"\r\n'],
		[302, ["Location: /other"], "HTTP/1.1 302 \r\nLocation: /other\r\n"],
		[200, [], "HTTP/1.1 500 "],
		[403, ["X: a\r\nY: b"], "HTTP/1.1 500 "],
	] as const) {
		const { transport, connection } = listening();
		transport.give(asciiOf(REQUEST));
		connection.readable();
		equal(connection.asked, true);
		equal((connection.handshake as Upgrade).url, "/chat");
		// The client hears all of it before the connection ends.
		transport.room = 10;
		connection.reject(status, headers);
		equal(connection.state, CONNECTING);
		transport.room = 1000;
		connection.writable();
		equal(connection.state, CLOSED);
		equal(connection.fault, FAULT_REJECTED);
		const answer = String.fromArrayBuffer(Uint8Array.from(transport.written).buffer);
		const [first = "", ...rest] = line.split("\r\n");
		ok(answer.startsWith(first.trimEnd()), answer);
		for (const part of rest) ok(answer.includes(part), answer);
		ok(answer.endsWith("\r\n\r\n"), answer);
	}
});

test("loss: a send that waited waits no more, and what came waits for the app", () => {
	const { transport, connection } = opened();
	transport.room = 3;
	equal(connection.send(2, asciiOf("abc"), 3, true, 500), 3);
	equal(connection.timeoutMs, 500);
	transport.give(bytesOf("8203 616263"));
	connection.transportClosed(0);
	equal(connection.timeoutMs, TIMEOUT_NONE);
	equal(connection.state, OPEN);
	equal(connection.receive(new Uint8Array(8), 8, info), 3);
	connection.advance();
	equal(connection.fault, FAULT_LOST);
});

test("an app that fails while a client asks: the client hears 500", () => {
	const { transport, connection } = listening();
	transport.give(asciiOf(REQUEST));
	connection.readable();
	connection.fail(FAULT_APP);
	equal(connection.state, CLOSED);
	equal(connection.fault, FAULT_APP);
	ok(String.fromArrayBuffer(Uint8Array.from(transport.written).buffer).startsWith("HTTP/1.1 500 "));
});

test("what comes behind the last close frame is left to whoever uses the socket next", () => {
	for (const server of [true, false]) {
		const { transport, connection } = server ? serving() : opened();
		equal(connection.close(1000, ""), 0);
		transport.give(bytesOf(`${server ? "8183 00000000 616263 8882 00000000 03e8" : "8103 616263 8802 03e8"} 474554`));
		connection.readable();
		equal(connection.state, CLOSED);
		equal(connection.clean, true);
		const rest = new Uint8Array(8);
		equal(transport.read(rest, 0, 8), 3);
		equal(hexOf(rest.slice(0, 3)), "474554");
	}
});

test("a payload up to 16 bytes shorter than txBuf is copied, a longer one borrowed, wherever the buffer begins", () => {
	for (let place = 0; place < 4; place++)
		for (const size of [200, 201, 202, 203]) {
			for (let less = 18; less >= 8; less--) {
				const { transport, connection } = opened(256, 256, true, TIMEOUT_NONE, {
					transmit: new Uint8Array(new ArrayBuffer(size + place), place),
				} as Partial<ConnectionOptions>);
				transport.room = 0;
				const payload = new Uint8Array(size - less);
				equal(connection.send(2, payload, payload.length, true, 0), less >= 16 ? payload.length : -EMSGSIZE, `${size} - ${less}`);
				if (less >= 16) continue;
				equal(connection.send(2, payload, payload.length, true, 1000), payload.length);
				equal(connection.blocked, true);
			}
		}
});

test("loss while closing: the wait for the end goes on", () => {
	const { transport, connection } = opened();
	transport.room = 3;
	equal(connection.send(2, asciiOf("abc"), 3, true, 500), 3);
	connection.timeoutMs = TIMEOUT_KEEP;
	transport.broken = true;
	equal(connection.close(1000, ""), 0);
	equal(connection.lost, true);
	equal(connection.timeoutMs, 1000);
	connection.advance();
	equal(connection.state, CLOSED);
});
