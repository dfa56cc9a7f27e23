/* Of bytes/block: messages in one frame, as they go and come. */
import { frame, give, message, post } from "bytes/block";
import { counters } from "device";
import { equal, ok, test } from "test";
import { Seeded } from "./seeded";

const KIND = Uint8Array.prototype;
const TEXT = 1;
const BINARY = 2;
/** What no number is, and what no buffer of bytes that an app may pass. */
const NO_NUMBERS = [-1, 0.5, Number.NaN, "1", undefined, null, {}] as never[];
const NO_BYTES = [undefined, null, 1, "12", {}, [], Object.create(KIND), new ArrayBuffer(64), new Int8Array(64)] as never[];
const INFO = { messageType: 0 };

/** The result of message(), taken apart. */
const fromOf = (found: number) => found >> 17;
const lengthOf = (found: number) => (found >> 4) & 0x1fff;
const moreOf = (found: number) => (found & 8) !== 0;
const typeOf = (found: number) => found & 7;

/** A buffer with a message at `at`, and `behind` bytes more. */
function framed(at: number, opcode: number, payload: Uint8Array, masked: boolean, behind: number): Uint8Array {
	const bytes = new Uint8Array(at + 8 + payload.length + behind).fill(0xee);
	const size = (payload.length < 126 ? 2 : 4) + (masked ? 4 : 0);
	if (masked) for (let i = 1; i <= 4; i++) bytes[at + size - i] = 0x50 + i;
	equal(frame(bytes, at + size, ((0x80 | opcode) << 8) | (masked ? 0x80 : 0), payload, payload.length), at);
	return bytes.subarray(0, at + size + payload.length + behind);
}

export function messageTests(): void {
	test("post makes the frame that frame() makes, of what an app may send", () => {
		const payload = new Uint8Array(300);
		new Seeded(19).fill(payload);
		for (const masked of [true, false])
			for (const opcode of [TEXT, BINARY])
				for (const length of [0, 1, 125, 126, 300])
					for (const timeout of [0, -1, 1000, 0x3fffffff]) {
						const one = new Uint8Array(320).fill(0xee);
						const other = new Uint8Array(320).fill(0xee);
						const start = post(one, 8, masked, payload, length, opcode, masked, true, timeout, KIND);
						equal(start, frame(other, 8, ((0x80 | opcode) << 8) | (masked ? 0x80 : 0), payload, length));
						ok(start >= 0);
						equal(one.join(), other.join());
					}
	});

	test("post of what an app must not send is -1, and nothing is written", () => {
		const target = new Uint8Array(64).fill(0xee);
		const payload = new Uint8Array(60);
		const made = (at: number, masked: boolean, bytes: Uint8Array, length: number, opcode: number, rest: unknown[] = []) => {
			const [mask = masked, final = true, timeout = 0] = rest as [boolean, boolean, number];
			return post(target, at, masked, bytes, length, opcode, mask, final, timeout, KIND);
		};
		equal(made(5, true, payload, 1, BINARY), -1);
		equal(made(8, true, payload, 57, BINARY), -1);
		equal(made(8, true, payload, 61, BINARY), -1);
		for (const opcode of [0, 3, 7, 8, 9, 10, 15, 16, 0x81, 0x82, 257, -126, 2 ** 32 + 2]) equal(made(8, true, payload, 1, opcode), -1);
		for (const wrong of NO_NUMBERS) {
			equal(made(wrong, true, payload, 1, BINARY), -1);
			equal(made(8, true, payload, wrong, BINARY), -1);
			equal(made(8, true, payload, 1, wrong), -1);
		}
		for (const wrong of NO_BYTES) {
			equal(made(8, true, wrong, 0, BINARY), -1);
			equal(post(wrong, 8, true, payload, 300, BINARY, true, true, 0, KIND), -1);
		}
		for (const wrong of [null, 0, 1, "true", {}]) {
			equal(made(8, true, payload, 1, BINARY, [wrong]), -1);
			equal(made(8, false, payload, 1, BINARY, [wrong]), -1);
			equal(made(8, true, payload, 1, BINARY, [true, wrong]), -1);
		}
		equal(made(8, true, payload, 1, BINARY, [false]), -1);
		equal(made(8, false, payload, 1, BINARY, [true]), -1);
		equal(made(8, true, payload, 1, BINARY, [true, false]), -1);
		for (const timeout of [-2, 0.5, Number.NaN, 0x40000000, 2 ** 32, "0", null, {}])
			equal(made(8, true, payload, 1, BINARY, [true, true, timeout]), -1);
		for (let i = 0; i < 64; i++) equal(target[i], 0xee);
	});

	test("a message is found wherever it lies, and given to whoever has room for it", () => {
		const payload = new Uint8Array(8191);
		new Seeded(20).fill(payload);
		for (const masked of [true, false])
			for (const length of [0, 1, 3, 4, 31, 32, 33, 63, 125, 126, 127, 1000, 8191])
				for (const at of [0, 1, 2, 3, 200])
					for (const behind of [0, 1]) {
						const bytes = framed(at, BINARY, payload.subarray(0, length), masked, behind);
						const name = `${length} at ${at}, ${masked ? "masked" : "plain"}`;
						const found = message(bytes, at, bytes.length, masked);
						equal(fromOf(found), bytes.length - behind - length, name);
						equal(lengthOf(found), length, name);
						equal(moreOf(found), behind > 0, name);
						equal(typeOf(found), 5, name);
						for (let room = length || 1; room < length + 3; room++) {
							const into = new Uint8Array(room + 1).fill(0xee);
							equal(give(into, room, bytes, found, INFO, 0, KIND), length, name);
							for (let i = 0; i < length; i++) if (into[i] !== payload[i]) equal(into[i], payload[i], `${name}: byte ${i}`);
							for (let i = length; i <= room; i++) equal(into[i], 0xee, name);
						}
						if (length > 0) equal(give(new Uint8Array(length), length - 1, bytes, found, INFO, 0, KIND), -1, name);
					}
	});

	test("text is found if it is UTF-8, and left as it came if it is not", () => {
		for (const masked of [true, false])
			for (const [text, right] of [
				[[], true],
				[[0x61], true],
				[[0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80], true],
				[[0x61, 0xc3], false],
				[[0xe2, 0x82], false],
				[[0xff], false],
				[[0xc0, 0x80], false],
				[[0xed, 0xa0, 0x80], false],
				[[0xf4, 0x90, 0x80, 0x80], false],
			] as const) {
				const bytes = framed(3, TEXT, Uint8Array.from(text), masked, 0);
				const came = bytes.join();
				const found = message(bytes, 3, bytes.length, masked);
				if (right) {
					equal(typeOf(found), 3);
					equal(bytes.subarray(fromOf(found)).join(), text.join());
				} else {
					equal(found, -1);
					equal(bytes.join(), came);
				}
			}
	});

	test("every first byte but two, and every second byte that is wrong, is no message", () => {
		const bytes = new Uint8Array(200);
		for (let first = 0; first < 256; first++) {
			bytes[0] = first;
			equal(message(bytes, 0, 2, false) > 0, first === 0x81 || first === 0x82);
		}
		for (let second = 0; second < 256; second++) {
			bytes.fill(0);
			bytes[0] = 0x82;
			bytes[1] = second;
			equal(message(bytes, 0, 200, false) > 0, second < 126, `${second}`);
			equal(message(bytes, 0, 200, true) > 0, second >= 0x80 && second < 0x80 + 126, `${second}, masked`);
		}
	});

	test("a length that could be shorter is no message", () => {
		const bytes = new Uint8Array(300).fill(0x20);
		for (let length = 0; length <= 260; length++) {
			bytes.set([0x82, 126, length >> 8, length & 255]);
			equal(message(bytes, 0, 300, false) > 0, length >= 126, `${length}`);
			bytes.set([0x82, 0xfe, length >> 8, length & 255, 0, 0, 0, 0]);
			equal(message(bytes, 0, 300, true) > 0, length >= 126, `${length}, masked`);
		}
		bytes.set([0x82, 127, 0, 0, 0, 0, 0, 0, 0, 200]);
		equal(message(bytes, 0, 300, false), -1);
	});

	test("what is not whole: size of header and length of a binary message without mask, and nothing of others", () => {
		for (const length of [1, 5, 125, 126, 1000]) {
			const whole = framed(1, BINARY, new Uint8Array(length), false, 0);
			const size = length < 126 ? 2 : 4;
			for (const end of [1, 2, 3, 4, 5, 6, whole.length - 1]) {
				if (end >= whole.length) continue;
				equal(message(whole, 1, end, false), end - 1 < size ? -1 : -(length * 16 + size), `${length} up to ${end}`);
			}
			const text = framed(1, TEXT, new Uint8Array(length), false, 0);
			equal(message(text, 1, text.length - 1, false), -1);
			const masked = framed(1, BINARY, new Uint8Array(length).fill(7), true, 0);
			const came = masked.join();
			equal(message(masked, 1, masked.length - 1, true), -1);
			equal(masked.join(), came);
		}
		equal(message(Uint8Array.of(0x82, 126, 0xff, 0xff), 0, 4, false), -(0xffff * 16 + 4));
		// What is whole, but does not fit into the number.
		const long = framed(0, BINARY, new Uint8Array(8192), false, 0);
		equal(message(long, 0, long.length, false), -(8192 * 16 + 4));
		const far = framed(0x3fff, BINARY, Uint8Array.of(1), false, 0);
		equal(message(far, 0x3fff, far.length, false), -(1 * 16 + 2));
		const near = framed(0x3ffd, BINARY, Uint8Array.of(1), false, 0);
		equal(fromOf(message(near, 0x3ffd, near.length, false)), 0x3fff);
	});

	test("where there is no message, message() is -1 and give() gives none", () => {
		const bytes = framed(0, BINARY, Uint8Array.of(1, 2, 3), false, 1);
		const found = message(bytes, 0, 6, false);
		ok(found > 0);
		for (const end of [-5, -1, 0, 1, 7]) equal(message(bytes, 0, end, false), -1, `${end}`);
		equal(message(bytes, 6, 6, false), -1);
		equal(message(bytes, 7, 6, false), -1);
		const target = new Uint8Array(8).fill(0xee);
		for (const wrong of NO_NUMBERS) {
			equal(message(bytes, wrong, 6, false), -1);
			equal(message(bytes, 0, wrong, false), -1);
			equal(give(target, wrong, bytes, found, INFO, 0, KIND), -1);
			equal(give(target, 8, bytes, wrong, INFO, 0, KIND), -1);
		}
		for (const wrong of [undefined, null, 1, "12", {}, [], Object.create(KIND)] as never[]) {
			equal(message(wrong, 0, 1, false), -1);
			equal(give(target, 8, wrong, found, INFO, 0, KIND), -1);
		}
		for (const wrong of NO_BYTES) equal(give(wrong, 3, bytes, found, INFO, 0, KIND), -1);
		for (const wrong of [undefined, null, 1, "12", true, () => 0] as never[]) equal(give(target, 8, bytes, found, wrong, 0, KIND), -1);
		for (const wrong of [-2, 0.5, Number.NaN, 0x40000000, "0", undefined, null, {}] as never[])
			equal(give(target, 8, bytes, found, INFO, wrong, KIND), -1);
		for (const none of [0, 1, 2, 7, 0x1fff7, 0x7fffffff]) equal(give(target, 8, bytes, none, INFO, 0, KIND), -1, `${none}`);
		equal(give(target, 0, bytes, found, INFO, 0, KIND), -1);
		equal(give(target, 9, bytes, found, INFO, 0, KIND), -1);
		for (let i = 0; i < 8; i++) equal(target[i], 0xee);
	});

	test("messages allocate nothing, found or not", () => {
		const payload = new Uint8Array(200).fill(0x61);
		const bytes = framed(0, TEXT, payload, true, 0);
		const target = new Uint8Array(256);
		const before = new Uint32Array(7);
		const after = new Uint32Array(7);
		const all = () => {
			post(target, 8, true, payload, 200, TEXT, true, true, 0, KIND);
			post(target, 8, true, payload, 201, TEXT, true, true, 0, KIND);
			give(target, 200, bytes, message(bytes, 0, bytes.length, true), INFO, 0, KIND);
			give(target, 100, bytes, message(bytes, 0, bytes.length, true), INFO, 0, KIND);
			give(target, 200, bytes, message(bytes, 0, 100, true), INFO, 0, KIND);
			message(bytes, 0, -5, true);
		};
		// The first time, the version in TypeScript makes its views.
		all();
		counters(before);
		for (let i = 0; i < 20; i++) all();
		counters(after);
		equal(after[0]! - before[0]!, 0, "slots");
		equal(after[1]! - before[1]!, 0, "chunk bytes");
	});
}
