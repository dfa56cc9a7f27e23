/* Who is tested, as a case sees it: what one does to it, and what it has to do then. Everything else is a failure. */
import type { Socket } from "node:net";
import { BINARY, CLOSE, closeBody, frameTo, type MakeFrame, PING, Reader, type Role, start, type WireEvent } from "./wire.peer.ts";

/** It did something else than it had to. `close` is what that means for the closing handshake. */
export class Failed extends Error {
	readonly close: string;
	constructor(message: string, close = "OK") {
		super(message);
		this.close = close;
	}
}

/** It did nothing for too long. */
export class Late extends Failed {
	constructor(limitMs: number) {
		super(`not done in ${limitMs / 1000} s`, "FAILED");
	}
}

const shown = (event: WireEvent) => {
	if (event.kind === "end") return event.reset ? "a reset of the TCP connection" : "the end of the TCP connection";
	if (event.kind === "close") return `a close frame with ${event.code ?? "no code"}${event.reason && ` "${event.reason}"`}`;
	return `${event.kind} of ${event.payload.length} bytes ${start(event.payload)}`;
};

export class Tested {
	readonly #socket: Socket;
	readonly #reader: Reader;
	readonly #frame: MakeFrame;
	readonly #events: WireEvent[] = [];
	#failure: Error | undefined;
	#wake = () => {};
	#ended = false;

	/** Takes over `socket`, on which the upgrade is done; `rest` came behind the handshake. There are `limitMs` for the case. */
	constructor(socket: Socket, rest: Buffer, limitMs: number, role: Role = "client") {
		this.#socket = socket;
		this.#reader = new Reader(role);
		this.#frame = frameTo(role);
		socket.setNoDelay(true);
		const limit = setTimeout(() => this.#fail(new Late(limitMs)), limitMs);
		socket.on("data", (data) => this.#receive(data));
		socket.on("error", () => {});
		socket.on("end", () => this.#end(false));
		socket.on("close", (error) => {
			clearTimeout(limit);
			this.#end(error);
		});
		if (rest.length) this.#receive(rest);
	}

	#receive(data: Buffer): void {
		try {
			this.#events.push(...this.#reader.push(data));
		} catch (error) {
			this.#fail(error as Error);
		}
		this.#wake();
	}

	#end(reset: boolean): void {
		if (this.#ended) return;
		this.#ended = true;
		try {
			if (!reset) this.#reader.finish();
		} catch (error) {
			this.#fail(error as Error);
		}
		this.#events.push({ kind: "end", reset });
		this.#wake();
	}

	#fail(error: Error): void {
		this.#failure ??= error;
		this.#wake();
	}

	async #next(): Promise<WireEvent> {
		for (;;) {
			if (this.#failure) throw this.#failure;
			const event = this.#events.shift();
			if (event) return event;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}

	/** Sends these bytes at once. */
	send(...bytes: Buffer[]): void {
		this.#socket.write(Buffer.concat(bytes));
	}

	/** Sends these bytes in pieces, each in a segment of its own as far as that is in anybody's hand. */
	async sendChopped(size: number, ...bytes: Buffer[]): Promise<void> {
		const all = Buffer.concat(bytes);
		for (let at = 0; at < all.length && !this.#socket.destroyed; at += size)
			await new Promise<void>((sent) => this.#socket.write(all.subarray(at, at + size), () => setImmediate(sent)));
	}

	/** The next event is this message. */
	async expect(kind: "text" | "binary" | "pong", payload: Buffer | string): Promise<void> {
		const wanted = Buffer.from(payload);
		const event = await this.#next();
		if (event.kind === kind && event.payload.equals(wanted)) return;
		const what = `${kind} of ${wanted.length} bytes ${start(wanted)}`;
		const difference = event.kind === kind ? differs(event.payload, wanted) : "";
		throw new Failed(`${what} expected, but ${shown(event)}${difference}`, event.kind === "end" ? "FAILED" : "OK");
	}

	/** It takes part: it answers a ping, and does nothing else before that. */
	async expectAlive(): Promise<void> {
		const payload = `${process.hrtime.bigint()}`;
		this.send(this.#frame(PING, payload));
		await this.expect("pong", payload);
	}

	/** Sends the message in one frame, and wants it back. */
	async echo(opcode: number, payload: Buffer | string): Promise<void> {
		this.send(this.#frame(opcode, payload));
		await this.expectEcho(opcode, payload);
	}

	async expectEcho(opcode: number, payload: Buffer | string): Promise<void> {
		await this.expect(opcode === BINARY ? "binary" : "text", payload);
	}

	/** Closes; it has to answer with the same code (§5.5.1), and to end. */
	async close(code: number | undefined = 1000, reason = ""): Promise<void> {
		this.send(this.#frame(CLOSE, closeBody(code, reason)));
		await this.expectClose([code]);
	}

	/** It answers or closes with one of these codes, sends nothing more, and ends. */
	async expectClose(codes: (number | undefined)[]): Promise<void> {
		const event = await this.#next();
		const wanted = codes.map((code) => code ?? "no code").join(" or ");
		if (event.kind !== "close") throw new Failed(`a close frame with ${wanted} expected, but ${shown(event)}`, "FAILED");
		if (!codes.includes(event.code)) throw new Failed(`close code ${wanted} expected, but ${shown(event)}`, "WRONG CODE");
		this.#socket.end();
		await this.expectEnd();
	}

	/** It fails the connection (§7.1.7) by itself, with this code, and is answered. */
	async expectFailure(code: number): Promise<void> {
		const event = await this.#next();
		if (event.kind !== "close") throw new Failed(`a close frame with ${code} expected, but ${shown(event)}`, "FAILED");
		if (event.code !== code) throw new Failed(`close code ${code} expected, but ${shown(event)}`, "WRONG CODE");
		this.#socket.end(this.#frame(CLOSE, closeBody(code)));
		await this.expectEnd();
	}

	async expectEnd(): Promise<void> {
		const event = await this.#next();
		if (event.kind !== "end") throw new Failed(`the end expected, but ${shown(event)}`, "UNCLEAN");
	}

	/** Ends the TCP connection without a close frame; it has to end, too. */
	async hangUp(): Promise<void> {
		this.#socket.end();
		await this.expectEnd();
	}

	/** The case is over. */
	release(): void {
		this.#socket.destroy();
	}
}

function differs(a: Buffer, b: Buffer): string {
	if (a.length !== b.length) return "";
	return `, which differ at ${a.findIndex((byte, index) => byte !== b[index])}`;
}
