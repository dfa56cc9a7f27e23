/*
 * The cases, in the groups of Autobahn's. Who is tested sends every message back; a case says what it gets, and what it has to do. None
 * waits for time to pass: where nothing may come, a ping goes behind, and its pong has to be next.
 */
import type { Tested } from "./tested.peer.ts";
import { BINARY, CLOSE, CONTINUE, closeBody, frameTo, PING, PONG, frame as plain, type Role, TEXT } from "./wire.peer.ts";

export interface Case {
	/** Group, dot, number. */
	id: string;
	description: string;
	/** Throws a Failed or a Violation for what is done wrong. */
	play(tested: Tested): Promise<void>;
	/** What is said of one who does nothing wrong, if not OK: for tests of those who read it. */
	status?: Status;
}

export interface Status {
	behavior: string;
	behaviorClose?: string;
	/** What went wrong. */
	result?: string;
	/** It took too long. */
	timeout?: boolean;
}

const PROTOCOL_ERROR = 1002;
const INVALID_PAYLOAD = 1007;

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const nameOf = (opcode: number) => (opcode === TEXT ? "text" : "binary");

/** A payload in which every place differs from its neighbours, ASCII for text. */
function payloadOf(opcode: number, length: number): Buffer {
	const bytes = Buffer.allocUnsafe(length);
	for (let i = 0; i < length; i++) bytes[i] = opcode === TEXT ? 32 + ((i * 7 + (i >> 8)) % 95) : i * 7 + (i >> 8);
	return bytes;
}

/** Characters at the borders of their lengths and planes, among them those that no text should hold but any may. */
const valid = [
	"00",
	"7f",
	"c2 80",
	"df bf",
	"e0 a0 80",
	"ed 9f bf",
	"ee 80 80",
	"ef bf bd",
	"ef bf be",
	"ef bf bf",
	"f0 90 80 80",
	"f0 9f bf be",
	"f4 8f bf bf",
	"ef bb bf",
	"ce ba e1 bd b9 cf 83 ce bc ce b5",
];

/** No UTF-8, up to the first byte that shows it: the last one here (§8.1, RFC 3629 §4). */
const invalid = [
	["a lone continuation", "80"],
	["a lone continuation", "bf"],
	["an overlong of two bytes", "c0"],
	["an overlong of two bytes", "c1"],
	["an overlong of three bytes", "e0 80"],
	["an overlong of three bytes", "e0 9f"],
	["an overlong of four bytes", "f0 80"],
	["an overlong of four bytes", "f0 8f"],
	["the first surrogate", "ed a0"],
	["the last surrogate", "ed bf"],
	["above U+10FFFF", "f4 90"],
	["above U+10FFFF", "f5"],
	["a first byte of five", "f8"],
	["a first byte of six", "fc"],
	["never in UTF-8", "fe"],
	["never in UTF-8", "ff"],
	["two bytes cut by ASCII", "c3 28"],
	["two bytes cut by another first byte", "c3 c3"],
	["three bytes cut after one", "e2 28"],
	["three bytes cut after two", "e2 82 28"],
	["four bytes cut after one", "f0 28"],
	["four bytes cut after two", "f0 9f 28"],
	["four bytes cut after three", "f0 9f 98 28"],
] as const;

/** Every case for a client, or for a server: the frames that it gets are masked, and an unmasked one is what must not be. */
export function casesFor(role: Role): Case[] {
	const frame = frameTo(role);
	const all: Case[] = [];
	let group = 0;
	let number = 0;

	function cases(id: number, declare: () => void): void {
		group = id;
		number = 0;
		declare();
	}

	function add(description: string, play: (tested: Tested) => Promise<void>): void {
		all.push({ id: `${group}.${++number}`, description, play });
	}

	/** A message in frames of `size` bytes of payload, `between` after each but the last. */
	function fragments(opcode: number, payload: Buffer, size: number, between: Buffer = Buffer.alloc(0)): Buffer {
		const parts: Buffer[] = [];
		for (let at = 0; at < payload.length; at += size) {
			const fin = at + size >= payload.length;
			parts.push(frame(at ? CONTINUE : opcode, payload.subarray(at, at + size), { fin }));
			if (!fin) parts.push(between);
		}
		return Buffer.concat(parts);
	}

	/** What must not be: alone, and behind a message, which has to come back first. A ping behind it must not be answered. */
	function addForbidden(description: string, code: number, bytes: Buffer): void {
		add(description, async (tested) => {
			tested.send(bytes, frame(PING, "unheard"));
			await tested.expectFailure(code);
		});
		add(`a message, then ${description}`, async (tested) => {
			tested.send(frame(TEXT, "Hello"), bytes, frame(PING, "unheard"), frame(TEXT, "unheard"));
			await tested.expect("text", "Hello");
			await tested.expectFailure(code);
		});
	}

	cases(1, () => {
		for (const opcode of [TEXT, BINARY]) {
			for (const length of [0, 1, 125, 126, 127, 128, 65535, 65536])
				add(`${nameOf(opcode)} of ${length} bytes`, async (tested) => {
					await tested.echo(opcode, payloadOf(opcode, length));
					await tested.close();
				});
			add(`${nameOf(opcode)} of 65536 bytes in segments of 997`, async (tested) => {
				const payload = payloadOf(opcode, 65536);
				await tested.sendChopped(997, frame(opcode, payload));
				await tested.expectEcho(opcode, payload);
				await tested.close();
			});
			add(`${nameOf(opcode)} of 300 bytes, byte by byte`, async (tested) => {
				const payload = payloadOf(opcode, 300);
				await tested.sendChopped(1, frame(opcode, payload));
				await tested.expectEcho(opcode, payload);
				await tested.close();
			});
		}
	});

	cases(2, () => {
		const longest = payloadOf(BINARY, 125);
		for (const [description, payload] of [
			["a ping without payload", Buffer.alloc(0)],
			["a ping with text", Buffer.from("Hello, world!")],
			["a ping with bytes that are no UTF-8", hex("00 ff fe fd fc fb 00 ff")],
			["a ping of 125 bytes", longest],
		] as const)
			add(description, async (tested) => {
				tested.send(frame(PING, payload));
				await tested.expect("pong", payload);
				await tested.close();
			});
		add("a ping of 125 bytes, byte by byte", async (tested) => {
			await tested.sendChopped(1, frame(PING, longest));
			await tested.expect("pong", longest);
			await tested.close();
		});
		addForbidden("a ping of 126 bytes", PROTOCOL_ERROR, frame(PING, payloadOf(BINARY, 126)));
		addForbidden("a pong of 126 bytes", PROTOCOL_ERROR, frame(PONG, payloadOf(BINARY, 126)));
		for (const payload of ["", "unasked"])
			add(`a pong that nobody asked for${payload && ", with payload"}`, async (tested) => {
				tested.send(frame(PONG, payload));
				await tested.expectAlive();
				await tested.close();
			});
		add("ten pings, one after the other's pong", async (tested) => {
			for (let i = 0; i < 10; i++) {
				tested.send(frame(PING, `ping ${i}`));
				await tested.expect("pong", `ping ${i}`);
			}
			await tested.close();
		});
		add("a ping between messages", async (tested) => {
			tested.send(frame(TEXT, "before"), frame(PING, "between"), frame(BINARY, "behind"));
			const seen = ["before", "between", "behind"];
			await tested.expect("text", seen[0] as string);
			await tested.expect("pong", seen[1] as string);
			await tested.expect("binary", seen[2] as string);
			await tested.close();
		});
	});

	cases(3, () => {
		for (let rsv = 1; rsv < 8; rsv++) addForbidden(`text with the reserved bits ${rsv}`, PROTOCOL_ERROR, frame(TEXT, "no", { rsv }));
		for (const [name, opcode] of [
			["a ping", PING],
			["a pong", PONG],
			["a close frame", CLOSE],
		] as const)
			addForbidden(`${name} with the reserved bit 4`, PROTOCOL_ERROR, frame(opcode, closeBody(1000), { rsv: 4 }));
		add("a continuation with the reserved bit 2", async (tested) => {
			tested.send(frame(TEXT, "begun", { fin: false }), frame(CONTINUE, "no", { rsv: 2 }));
			await tested.expectFailure(PROTOCOL_ERROR);
		});
		add("reserved bits, byte by byte", async (tested) => {
			// No byte behind the wrong one: what is sent to an end that has closed is answered with a reset, perhaps ahead of its close frame.
			await tested.sendChopped(1, frame(TEXT, "Hello"), frame(TEXT, "no", { rsv: 5 }).subarray(0, 1));
			await tested.expect("text", "Hello");
			await tested.expectFailure(PROTOCOL_ERROR);
		});
	});

	cases(4, () => {
		for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
			addForbidden(`the reserved opcode ${opcode}`, PROTOCOL_ERROR, frame(opcode));
			addForbidden(`the reserved opcode ${opcode} with payload`, PROTOCOL_ERROR, frame(opcode, "reserved"));
		}
		if (role === "client") {
			addForbidden("a frame of the server that is masked", PROTOCOL_ERROR, plain(TEXT, "no", { mask: hex("01 02 03 04") }));
			addForbidden("a masked frame with a key of zeros", PROTOCOL_ERROR, plain(TEXT, "no", { mask: hex("00 00 00 00") }));
		} else {
			addForbidden("a frame of the client that is not masked", PROTOCOL_ERROR, plain(TEXT, "no"));
			addForbidden("a ping of the client that is not masked", PROTOCOL_ERROR, plain(PING, "no"));
			add("a frame that is masked with a key of zeros", async (tested) => {
				tested.send(plain(TEXT, "Hello", { mask: hex("00 00 00 00") }));
				await tested.expect("text", "Hello");
				await tested.close();
			});
		}
		addForbidden("a length of 5 in 16 bits", PROTOCOL_ERROR, frame(TEXT, "Hello", { size: 2 }));
		addForbidden("a length of 5 in 64 bits", PROTOCOL_ERROR, frame(TEXT, "Hello", { size: 8 }));
		addForbidden("a length of 126 in 64 bits", PROTOCOL_ERROR, frame(BINARY, payloadOf(BINARY, 126), { size: 8 }));
		addForbidden("a length with the highest of 64 bits", PROTOCOL_ERROR, frame(BINARY, "", { length: 1n << 63n }));
	});

	cases(5, () => {
		for (const [name, opcode] of [
			["a ping", PING],
			["a pong", PONG],
			["a close frame", CLOSE],
		] as const)
			addForbidden(`${name} in fragments`, PROTOCOL_ERROR, Buffer.concat([frame(opcode, "", { fin: false }), frame(CONTINUE, "")]));
		for (const fin of [true, false])
			addForbidden(`a continuation of nothing, ${fin ? "" : "not "}final`, PROTOCOL_ERROR, frame(CONTINUE, "no", { fin }));
		add("a continuation behind a message that ended", async (tested) => {
			tested.send(fragments(TEXT, Buffer.from("Hello"), 3), frame(CONTINUE, "no"));
			await tested.expect("text", "Hello");
			await tested.expectFailure(PROTOCOL_ERROR);
		});
		for (const opcode of [TEXT, BINARY]) {
			add(`${nameOf(opcode)} inside a message`, async (tested) => {
				tested.send(frame(TEXT, "begun", { fin: false }), frame(opcode, "no"));
				await tested.expectFailure(PROTOCOL_ERROR);
			});
			add(`${nameOf(opcode)} inside a message, with a ping between`, async (tested) => {
				tested.send(frame(TEXT, "begun", { fin: false }), frame(PING, "between"), frame(opcode, "no", { fin: false }));
				await tested.expect("pong", "between");
				await tested.expectFailure(PROTOCOL_ERROR);
			});
			const payload = payloadOf(opcode, 50);
			for (const size of [25, 1]) {
				add(`${nameOf(opcode)} in fragments of ${size}`, async (tested) => {
					tested.send(fragments(opcode, payload, size));
					await tested.expectEcho(opcode, payload);
					await tested.close();
				});
				add(`${nameOf(opcode)} in fragments of ${size}, byte by byte`, async (tested) => {
					await tested.sendChopped(1, fragments(opcode, payload, size));
					await tested.expectEcho(opcode, payload);
					await tested.close();
				});
			}
			add(`${nameOf(opcode)} in two fragments with a ping between, byte by byte`, async (tested) => {
				await tested.sendChopped(1, fragments(opcode, payload, 25, frame(PING, "between")));
				await tested.expect("pong", "between");
				await tested.expectEcho(opcode, payload);
				await tested.close();
			});
			add(`${nameOf(opcode)} in ten fragments, each acknowledged by a pong`, async (tested) => {
				for (let i = 0; i < 10; i++) {
					const part = payload.subarray(i * 5, i * 5 + 5);
					tested.send(frame(i ? CONTINUE : opcode, part, { fin: i === 9 }));
					if (i < 9) await tested.expectAlive();
				}
				await tested.expectEcho(opcode, payload);
				await tested.close();
			});
			add(`${nameOf(opcode)} in fragments without payload`, async (tested) => {
				tested.send(frame(opcode, "", { fin: false }), frame(CONTINUE, "", { fin: false }), frame(CONTINUE, ""));
				await tested.expectEcho(opcode, "");
				await tested.close();
			});
			add(`${nameOf(opcode)} with empty fragments around it`, async (tested) => {
				tested.send(frame(opcode, "", { fin: false }), frame(CONTINUE, "middle", { fin: false }), frame(CONTINUE, ""));
				await tested.expectEcho(opcode, "middle");
				await tested.close();
			});
		}
		add("two messages in fragments, back to back", async (tested) => {
			tested.send(fragments(TEXT, Buffer.from("the first"), 2), fragments(BINARY, Buffer.from("the second"), 3));
			await tested.expect("text", "the first");
			await tested.expect("binary", "the second");
			await tested.close();
		});
	});

	cases(6, () => {
		for (const bytes of valid)
			add(`the valid text ${bytes}, whole and in fragments of one byte`, async (tested) => {
				const payload = hex(bytes);
				tested.send(frame(TEXT, payload), fragments(TEXT, payload, 1));
				await tested.expect("text", payload);
				await tested.expect("text", payload);
				await tested.close();
			});
		const mixed = Buffer.from("Grüße, κόσμε, 汉字, 😀");
		add("a text of characters of all lengths, split at every byte", async (tested) => {
			for (let at = 0; at <= mixed.length; at++) {
				tested.send(frame(TEXT, mixed.subarray(0, at), { fin: false }), frame(CONTINUE, mixed.subarray(at)));
				await tested.expect("text", mixed);
			}
			await tested.close();
		});
		add("the same, byte by byte", async (tested) => {
			await tested.sendChopped(1, frame(TEXT, mixed));
			await tested.expect("text", mixed);
			await tested.close();
		});
		for (const [what, bytes] of invalid) {
			const good = Buffer.from("κόσμε");
			const bad = hex(bytes);
			add(`${what} (${bytes}) in a whole message`, async (tested) => {
				tested.send(frame(TEXT, Buffer.concat([good, bad, good])), frame(PING, "unheard"));
				await tested.expectFailure(INVALID_PAYLOAD);
			});
			// Nothing comes behind the first wrong byte: to wait for more of it would be to wait for ever.
			add(`${what} (${bytes}) at once, in a fragment, with the frame not complete`, async (tested) => {
				tested.send(frame(TEXT, good, { fin: false }));
				await tested.expectAlive();
				tested.send(frame(CONTINUE, bad.subarray(0, -1), { fin: false }));
				await tested.expectAlive();
				tested.send(frame(CONTINUE, bad.subarray(-1), { length: 100 }));
				await tested.expectFailure(INVALID_PAYLOAD);
			});
			add(`${what} (${bytes}) at once, inside a frame, byte by byte`, async (tested) => {
				await tested.sendChopped(1, frame(TEXT, Buffer.concat([good, bad]), { length: 70_000 }));
				await tested.expectFailure(INVALID_PAYLOAD);
			});
		}
		for (const bytes of ["c3", "e2", "e2 82", "f0", "f0 9f", "f0 9f 98"]) {
			add(`a text that ends inside a character (${bytes})`, async (tested) => {
				tested.send(frame(TEXT, Buffer.concat([Buffer.from("abc"), hex(bytes)])));
				await tested.expectFailure(INVALID_PAYLOAD);
			});
			add(`a text that ends inside a character (${bytes}), with an empty last fragment`, async (tested) => {
				tested.send(frame(TEXT, hex(bytes), { fin: false }));
				await tested.expectAlive();
				tested.send(frame(CONTINUE, ""));
				await tested.expectFailure(INVALID_PAYLOAD);
			});
		}
		add("a wrong byte in the last of many frames", async (tested) => {
			tested.send(fragments(TEXT, Buffer.concat([payloadOf(TEXT, 5000), hex("c0 80")]), 500));
			await tested.expectFailure(INVALID_PAYLOAD);
		});
		add("no UTF-8 at all, but binary", async (tested) => {
			await tested.echo(BINARY, Buffer.concat(invalid.map(([, bytes]) => hex(bytes))));
			await tested.close();
		});
	});

	cases(7, () => {
		add("a message, then close", async (tested) => {
			await tested.echo(TEXT, "Hello");
			await tested.close();
		});
		add("a message and close in one segment: it comes back first", async (tested) => {
			tested.send(frame(TEXT, "Hello"), frame(CLOSE, closeBody(1000)));
			await tested.expect("text", "Hello");
			await tested.expectClose([1000]);
		});
		for (const [what, bytes] of [
			["another close", frame(CLOSE, closeBody(1001))],
			["a ping", frame(PING, "unheard")],
			["a message", frame(TEXT, "unheard")],
			["what is no frame", hex("ff ff ff ff")],
		] as const)
			add(`${what} behind the close: nothing comes of it`, async (tested) => {
				tested.send(frame(CLOSE, closeBody(1000)), bytes);
				await tested.expectClose([1000]);
			});
		add("close inside a message", async (tested) => {
			tested.send(frame(TEXT, "begun", { fin: false }));
			await tested.expectAlive();
			tested.send(frame(CLOSE, closeBody(1000)), frame(CONTINUE, "unheard"));
			await tested.expectClose([1000]);
		});
		add("close without a code: one without a code comes back", async (tested) => {
			tested.send(frame(CLOSE));
			await tested.expectClose([undefined]);
		});
		add("close byte by byte", async (tested) => {
			await tested.sendChopped(1, frame(CLOSE, closeBody(1000, "Grüße")));
			await tested.expectClose([1000]);
		});
		for (const [what, reason] of [
			["a reason", "done"],
			["a reason of 123 bytes", "x".repeat(123)],
			["a reason of 123 bytes that are 41 characters", "€".repeat(41)],
		] as const)
			add(`close with ${what}`, async (tested) => {
				await tested.close(1000, reason);
			});
		for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
			add(`close with the code ${code}`, async (tested) => {
				await tested.close(code);
			});
		addForbidden("a close frame of one byte", PROTOCOL_ERROR, frame(CLOSE, hex("03")));
		addForbidden("a close frame of 126 bytes", PROTOCOL_ERROR, frame(CLOSE, closeBody(1000, "x".repeat(124))));
		addForbidden("a reason that is no UTF-8", INVALID_PAYLOAD, frame(CLOSE, closeBody(1000, hex("ce ba ed a0 80"))));
		addForbidden("a reason that ends inside a character", INVALID_PAYLOAD, frame(CLOSE, closeBody(1000, hex("e2 82"))));
		for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
			addForbidden(`the close code ${code}`, PROTOCOL_ERROR, frame(CLOSE, closeBody(code)));
		add("the end of the TCP connection without a close frame", async (tested) => {
			await tested.echo(TEXT, "Hello");
			await tested.hangUp();
		});
		add("the end of the TCP connection inside a frame", async (tested) => {
			tested.send(frame(BINARY, "half", { length: 1000 }));
			await tested.hangUp();
		});
	});

	cases(9, () => {
		const send = (opcode: number, length: number, size: number) =>
			add(`${nameOf(opcode)} of ${length} bytes${size < length ? ` in fragments of ${size}` : ""}`, async (tested) => {
				const payload = payloadOf(opcode, length);
				tested.send(fragments(opcode, payload, size));
				await tested.expectEcho(opcode, payload);
				await tested.close();
			});
		send(TEXT, 256 << 10, 256 << 10);
		send(BINARY, 256 << 10, 256 << 10);
		send(BINARY, 1 << 20, 1 << 20);
		for (const size of [64, 1024, 4096, 32768]) send(size % 4096 ? TEXT : BINARY, 64 << 10, size);
		add("text of 65536 bytes in segments of 64", async (tested) => {
			const payload = payloadOf(TEXT, 65536);
			await tested.sendChopped(64, frame(TEXT, payload));
			await tested.expectEcho(TEXT, payload);
			await tested.close();
		});
		for (const length of [0, 16, 64, 256, 1024])
			add(`100 messages of ${length} bytes, one after the other's echo`, async (tested) => {
				for (let i = 0; i < 100; i++) await tested.echo(i & 1 ? TEXT : BINARY, payloadOf(TEXT, length));
				await tested.close();
			});
		add("200 messages at once: as many come back, in order", async (tested) => {
			const messages = Array.from({ length: 200 }, (_, i) => payloadOf(BINARY, i * 5));
			tested.send(...messages.map((payload) => frame(BINARY, payload)));
			for (const payload of messages) await tested.expect("binary", payload);
			await tested.close();
		});
	});

	cases(10, () => {
		for (const opcode of [TEXT, BINARY]) {
			const payload = payloadOf(opcode, 65536);
			add(`${nameOf(opcode)} of 65536 bytes in fragments of 1300`, async (tested) => {
				tested.send(fragments(opcode, payload, 1300));
				await tested.expectEcho(opcode, payload);
				await tested.close();
			});
		}
	});

	return all;
}

export const everyCase: readonly Case[] = casesFor("client");
