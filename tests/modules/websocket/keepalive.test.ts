/* Pings to a peer that is silent, and what becomes of one that stays so (RFC 6455 §5.5.2). Time is passed in, so none passes here. */
import { equal, test } from "test";
import { FAULT_PONG_TIMEOUT } from "websocket/codes";
import { CLOSED, type Connection, OPEN, TIMEOUT_KEEP, TIMEOUT_NONE } from "websocket/connection";
import { bytesOf, opened, type Side, serving } from "./fake";

const INTERVAL = 500;
const PATIENCE = 70;

function kept(autoPong = true): Side {
	const side = opened(256, 256, autoPong, TIMEOUT_NONE, { pingIntervalMs: INTERVAL, pongTimeoutMs: PATIENCE });
	equal(waitOf(side.connection), INTERVAL);
	return side;
}

/** What the connection asks to be told after, as the door reads it. */
function waitOf(connection: Connection): number {
	const wait = connection.keepMs;
	connection.keepMs = TIMEOUT_KEEP;
	return wait;
}

function come({ transport, connection }: Side, hex: string): void {
	transport.give(bytesOf(hex));
	connection.readable();
}

function take({ connection }: Side): number {
	return connection.receive(new Uint8Array(64), 64, { messageType: 0, remaining: 0, messageRemaining: 0 });
}

const PING = "898000000000";

test("without an interval nobody is pinged", () => {
	const { connection } = opened();
	equal(connection.keepMs, TIMEOUT_NONE);
});

test("a silent peer is pinged, and asked again when it has answered", () => {
	const side = kept();
	side.connection.keep();
	equal(side.transport.take(), PING);
	equal(waitOf(side.connection), PATIENCE);
	come(side, "8a00");
	equal(waitOf(side.connection), INTERVAL);
	side.connection.keep();
	equal(side.transport.take(), PING);
	equal(side.connection.state, OPEN);
});

test("a peer that sends anything is not", () => {
	for (const hex of ["810161", "8900", "8a0161"]) {
		const side = kept();
		come(side, hex);
		side.transport.take();
		if (hex === "810161") equal(take(side), 1);
		side.connection.keep();
		equal(side.transport.take(), "", hex);
		equal(waitOf(side.connection), INTERVAL, hex);
		// But it is when it then is silent for as long.
		side.connection.keep();
		equal(side.transport.take(), PING, hex);
	}
});

test("a peer that does not answer is given up", () => {
	const side = kept();
	side.connection.keep();
	side.transport.take();
	side.connection.keep();
	equal(side.connection.state, CLOSED);
	equal(side.connection.fault, FAULT_PONG_TIMEOUT);
	equal(side.connection.clean, false);
	equal(side.connection.closeCode, 1006);
	equal(side.transport.take(), "");
	equal(side.transport.started, false);
	equal(waitOf(side.connection), TIMEOUT_NONE);
});

test("whatever comes is an answer", () => {
	const side = kept();
	side.connection.keep();
	side.transport.take();
	come(side, "820101");
	equal(take(side), 1);
	side.connection.keep();
	equal(side.connection.state, OPEN);
	equal(side.transport.take(), "");
	equal(waitOf(side.connection), INTERVAL);
});

test("while the app does not receive what is there, nobody is given up: the answer may be behind it", () => {
	const side = kept();
	come(side, "810161");
	side.connection.keep();
	for (let i = 0; i < 5; i++) {
		side.connection.keep();
		equal(waitOf(side.connection), INTERVAL);
	}
	equal(side.connection.state, OPEN);
	equal(side.transport.take(), "");
	equal(take(side), 1);
	side.connection.keep();
	equal(side.transport.take(), PING);
});

test("pongs that the app receives are answers, too", () => {
	const side = kept(false);
	side.connection.keep();
	equal(side.transport.take(), PING);
	come(side, "8a00");
	equal(take(side), 0);
	side.connection.keep();
	equal(side.connection.state, OPEN);
});

test("a ping waits for the frame that is on its way, and goes before data", () => {
	const side = kept();
	side.transport.room = 4;
	equal(side.connection.send(2, bytesOf("0102"), 2, true, 0), 2);
	// It took some just now; then it is silent.
	side.connection.keep();
	side.connection.keep();
	equal(side.transport.take(), "82820000");
	side.transport.room = 1000;
	side.connection.writable();
	equal(side.transport.take(), `00000102${PING}`);
});

test("a server pings, too, without a mask", () => {
	const side = serving(256, 256, { pingIntervalMs: INTERVAL, pongTimeoutMs: PATIENCE });
	equal(waitOf(side.connection), INTERVAL);
	side.connection.keep();
	equal(side.transport.take(), "8900");
	come(side, "8a8001020304");
	equal(waitOf(side.connection), INTERVAL);
	side.connection.keep();
	side.connection.keep();
	equal(side.connection.fault, FAULT_PONG_TIMEOUT);
});

test("after the close frame nobody is pinged", () => {
	const side = kept();
	equal(side.connection.close(1000, ""), 0);
	equal(waitOf(side.connection), TIMEOUT_NONE);
	side.transport.take();
	side.connection.keep();
	equal(side.transport.take(), "");
});

test("a peer that takes what waits to be sent is there, and the ping that waits behind it is given time", () => {
	const side = kept();
	side.transport.room = 20;
	equal(side.connection.send(2, new Uint8Array(200), 200, true, 0), 200);
	side.connection.keep();
	equal(waitOf(side.connection), INTERVAL);
	side.connection.keep();
	equal(waitOf(side.connection), PATIENCE);
	for (let i = 0; i < 3; i++) {
		side.transport.room = 20;
		side.connection.writable();
		side.connection.keep();
		equal(side.connection.state, OPEN);
		equal(waitOf(side.connection), INTERVAL);
	}
	// It takes nothing more: the ping cannot even go out.
	side.connection.keep();
	equal(waitOf(side.connection), PATIENCE);
	side.connection.keep();
	equal(side.connection.fault, FAULT_PONG_TIMEOUT);
});
