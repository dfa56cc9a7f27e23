/* What comes while the app is being called for a message that came before, and asks for more until there is nothing. */
import { equal, ok, test } from "test";
import type { TransportEvents } from "transport/transport";
import { EAGAIN, ECONNRESET, ENOTCONN, websocketRecvMsg, websocketRegister } from "websocket";
import { bytesOf, FakeTransport } from "./fake";

const ONE = "8181 00000000 61";
const TWO = "8182 00000000 6262";
const PING = "8981 00000000 70";
const PONG = "8a0170";

class ToldTransport extends FakeTransport {
	events: TransportEvents | undefined;

	override start(events: TransportEvents): boolean {
		this.events = events;
		return super.start(events);
	}
}

/** Takes all there is in each onReadable; `before` is done before it asks the n-th time. */
class App {
	readonly transport = new ToldTransport();
	/** A word for each call: the results of websocketRecvMsg in it. */
	readonly heard: string[] = [];
	readonly ended: Promise<number>;
	#asked = 0;
	readonly #buffer = new Uint8Array(16);
	readonly #info = { messageType: 0, remaining: 0, messageRemaining: 0 };

	constructor(before: (n: number, transport: FakeTransport) => void, receive = 64) {
		let end: (error: number) => void;
		this.ended = new Promise((resolve) => {
			end = resolve;
		});
		const ws = websocketRegister(this.transport, new Uint8Array(receive), receive, {
			upgraded: true,
			onReadable: (ws) => {
				const results: number[] = [];
				do {
					before(++this.#asked, this.transport);
					results.push(websocketRecvMsg(ws, this.#buffer, this.#buffer.length, this.#info, 0));
				} while ((results[results.length - 1] as number) >= 0);
				this.heard.push(results.join());
			},
			onClose: (_, error) => end(error),
		});
		ok(ws >= 0);
		// The first message after the handshake goes the long way.
		this.#asked = Number.NEGATIVE_INFINITY;
		this.bring(ONE);
		this.#asked = this.heard.length = 0;
	}

	/** Brings bytes, and says so. */
	bring(hex: string): void {
		this.transport.give(bytesOf(hex));
		this.transport.events?.onReadable();
	}
}

/** An app that gets `more` while it is called for its first message. */
const meanwhile = (more: string, receive?: number) =>
	new App((n, transport) => {
		if (n === 2) transport.give(bytesOf(more));
	}, receive);

test("nothing: the next message is told as the first one was", () => {
	const app = new App(() => {});
	app.bring(ONE);
	app.bring(TWO);
	equal(app.heard.join(" "), `1,${-EAGAIN} 2,${-EAGAIN}`);
	app.transport.events?.onClosed(0);
});

test("a message: the app has it in the same call", () => {
	const app = meanwhile(TWO);
	app.bring(ONE);
	equal(app.heard.join(" "), `1,2,${-EAGAIN}`);
	app.bring(ONE);
	equal(app.heard.join(" "), `1,2,${-EAGAIN} 1,${-EAGAIN}`);
	app.transport.events?.onClosed(0);
});

test("several messages, and a ping between them, which is answered", () => {
	const app = meanwhile(`${TWO} ${PING} ${ONE}`);
	app.bring(ONE);
	equal(app.heard.join(" "), `1,2,1,${-EAGAIN}`);
	equal(app.transport.take(), PONG);
	app.transport.events?.onClosed(0);
});

for (let split = 1; split < 8; split++)
	test(`the first ${split} bytes of a message, and the others later`, () => {
		const bytes = bytesOf(TWO);
		const app = new App((n, transport) => {
			if (n === 2) transport.give(bytes.slice(0, split));
		});
		app.bring(ONE);
		app.transport.give(bytes.slice(split));
		app.transport.events?.onReadable();
		const parts = split === 7 ? `1,1,${-EAGAIN} 1,${-EAGAIN}` : `1,${-EAGAIN} 2,${-EAGAIN}`;
		equal(app.heard.join(" "), parts);
		app.transport.events?.onClosed(0);
	});

test("behind the first of two messages that came together: nothing is mixed up", () => {
	const app = new App((n, transport) => {
		if (n === 2) transport.give(bytesOf(ONE));
	});
	app.bring(`${TWO} ${TWO}`);
	equal(app.heard.join(" "), `2,2,1,${-EAGAIN}`);
	app.transport.events?.onClosed(0);
});

test("a message longer than the receive buffer", () => {
	const app = meanwhile("818c 00000000 62*12", 16);
	app.bring(ONE);
	equal(app.heard.join(" "), `1,12,${-EAGAIN}`);
	app.transport.events?.onClosed(0);
});

test("the end: the app is told once, behind the message", async () => {
	const app = new App((n, transport) => {
		transport.broken = n > 1;
	});
	app.bring(ONE);
	equal(await app.ended, -ECONNRESET);
	equal(app.heard.join(" "), `1,${-ENOTCONN}`);
});

test("a fault: the app has what came before it", async () => {
	const app = meanwhile("c181 00000000 61");
	app.bring(ONE);
	equal(app.heard.length, 1);
	ok((await app.ended) < 0);
	equal(app.transport.take().slice(0, 2), "88");
});
