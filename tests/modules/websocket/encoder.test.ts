import config from "mc/config";
import { deepEqual, equal, test } from "test";
import { ENCODER_MIN, Encoder, encoderSize } from "websocket/encoder";
import { bytesOf, FakeTransport, hexOf } from "./fake";

const transport = new FakeTransport();

/** The key of the RFC's example. */
const KEY = [0x37, 0xfa, 0x21, 0x3d];

const keyOf57 = (bytes: Uint8Array, start: number, end: number): void => {
	for (let i = start; i < end; i++) bytes[i] = KEY[i - start] as number;
};

function frame(encoder: Encoder): Uint8Array {
	return encoder.bytes.slice(encoder.start, encoder.end);
}

function make(encoder: Encoder, opcode: number, fin: boolean, payload: Uint8Array, length: number): void {
	encoder.encode((fin ? 0x80 : 0) | opcode, payload, length);
}

/** What the server makes of a frame. */
function unmasked(bytes: Uint8Array, payloadAt: number): Uint8Array {
	const payload = bytes.slice(payloadAt);
	for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] as number) ^ (bytes[payloadAt - 4 + (i & 3)] as number);
	return payload;
}

test("hello, masked (§5.7)", () => {
	const encoder = new Encoder(new Uint8Array(64), true, keyOf57, transport);
	make(encoder, 1, true, bytesOf("48656c6c6f"), 5);
	equal(hexOf(frame(encoder)), "818537fa213d7f9f4d5158");
});

test("headers of every size, at every place in memory, with the payload aligned", () => {
	for (let place = 0; place < 4; place++) {
		for (const [length, header] of [
			[0, 6],
			[1, 6],
			[2, 6],
			[3, 6],
			[4, 6],
			[5, 6],
			[125, 6],
			[126, 8],
			[127, 8],
			[1000, 8],
		] as const) {
			const size = encoderSize(length);
			const memory = new Uint8Array(size + 12).fill(0xee);
			const encoder = new Encoder(new Uint8Array(memory.buffer, 4 + place, size), true, keyOf57, transport);
			const payload = new Uint8Array(length + 3);
			for (let i = 0; i < payload.length; i++) payload[i] = i * 5 + 1;
			make(encoder, 2, length !== 2, payload, length);
			const bytes = frame(encoder);
			const name = `${length} at ${place}`;
			equal(bytes.length, header + length, name);
			equal(bytes[0], length === 2 ? 0x02 : 0x82, name);
			equal(bytes[1], header === 6 ? 0x80 | length : 0xfe, name);
			if (header === 8) equal((bytes[2] as number) * 256 + (bytes[3] as number), length, name);
			deepEqual(unmasked(bytes, header), payload.slice(0, length), name);
			equal((encoder.bytes.byteOffset + encoder.start + header) & 3, 0, name);
			for (let i = 0; i < 4 + place; i++) equal(memory[i], 0xee, `${name}, before`);
			for (let i = 4 + place + size; i < memory.length; i++) equal(memory[i], 0xee, `${name}, behind`);
		}
	}
});

test("encoderSize is enough wherever the buffer begins", () => {
	for (let place = 0; place < 4; place++)
		for (const length of [0, 1, 4, 125, 126, 65535]) {
			const encoder = new Encoder(new Uint8Array(new ArrayBuffer(encoderSize(length) + place), place), true, keyOf57, transport);
			equal(encoder.capacity >= length, true, `${length} at ${place}`);
		}
});

test("a payload of 64 KB has a 64-bit length, and fits where there is room for it", () => {
	const length = 65536;
	const encoder = new Encoder(new Uint8Array(encoderSize(length)), true, keyOf57, transport);
	equal(encoder.holds(length), true);
	equal(encoder.holds(length + 4), false);
	encoder.stream(0x82, new Uint8Array(length), length);
	equal(encoder.borrowing, false);
	equal(encoder.end - encoder.start, 14 + length);
	equal(hexOf(encoder.bytes.slice(encoder.start, encoder.start + 18)), "82ff000000000001000037fa213d37fa213d");
	equal(hexOf(encoder.bytes.slice(encoder.end - 4, encoder.end)), "37fa213d");
});

test("what was not taken stays where it is", () => {
	const encoder = new Encoder(new Uint8Array(64), true, keyOf57, transport);
	make(encoder, 1, true, bytesOf("48656c6c6f"), 5);
	const { start } = encoder;
	encoder.sent(3);
	equal(encoder.partial, true);
	equal(encoder.start, start + 3);
	equal(hexOf(frame(encoder)), "fa213d7f9f4d5158");
	encoder.sent(8);
	equal(encoder.partial, false);
	equal(encoder.end, 0);
});

test("every frame has a key of its own", () => {
	let calls = 0;
	const encoder = new Encoder(
		new Uint8Array(64),
		true,
		(bytes, start, end) => {
			calls++;
			for (let i = start; i < end; i++) bytes[i] = calls;
		},
		transport,
	);
	make(encoder, 1, true, bytesOf("00"), 1);
	equal(hexOf(frame(encoder)), "81810101010101");
	encoder.sent(7);
	make(encoder, 1, true, bytesOf("00"), 1);
	equal(hexOf(frame(encoder)), "81810202020202");
});

test("a server's frames have no key, and the payload is aligned, too (§5.1)", () => {
	const encoder = new Encoder(new Uint8Array(512), false, keyOf57, transport);
	make(encoder, 1, true, bytesOf("48656c6c6f"), 5);
	equal(hexOf(frame(encoder)), "810548656c6c6f");
	equal((encoder.start + 2) & 3, 0);
	encoder.sent(7);
	make(encoder, 2, false, counted(300), 300);
	equal(hexOf(frame(encoder)), `027e012c${hexOf(counted(300))}`);
});

const counted = (length: number) => {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) bytes[i] = i * 7 + (i >> 8);
	return bytes;
};

/** An emulated board is slow, and has the same code. */
const LONG_BUFFERS = String(config.variant).startsWith("mps2") ? [1000] : [ENCODER_MIN, 1000];

test("a payload longer than the buffer goes through it piece by piece, with one header and one key", () => {
	for (const masked of [true, false])
		for (const length of [1, 100, 126, 1000, 65535, 70_001]) {
			for (const size of length > 1000 ? LONG_BUFFERS : [ENCODER_MIN, 40, 64, 1000]) {
				// How much the transport takes at a time: all, little, and more or less than a piece.
				for (const room of length > 1000 ? [100_000, 37] : [100_000, 1, 3, 37, 41]) {
					const encoder = new Encoder(new Uint8Array(new ArrayBuffer(size + 1), 1), masked, keyOf57, transport);
					const payload = counted(length);
					encoder.stream(0x82, payload, length);
					const wire = new Uint8Array(length + 14);
					let end = 0;
					let borrowed = true;
					while (encoder.end !== 0) {
						equal(borrowed || !encoder.borrowing, true, "borrowed again");
						borrowed = encoder.borrowing;
						const count = Math.min(room, encoder.end - encoder.start);
						wire.set(encoder.bytes.subarray(encoder.start, encoder.start + count), end);
						end += count;
						encoder.sent(count);
					}
					const name = `${length} bytes through ${size}, ${room} at a time`;
					const header = (length < 126 ? 2 : length < 65536 ? 4 : 10) + (masked ? 4 : 0);
					equal(end, header + length, name);
					equal(encoder.borrowing, false, name);
					equal(encoder.partial, false, name);
					equal(wire[1], (masked ? 0x80 : 0) | (length < 126 ? length : length < 65536 ? 126 : 127), name);
					for (let i = 0; i < length; i++) {
						const byte = (wire[header + i] as number) ^ (masked ? (KEY[i & 3] as number) : 0);
						if (byte !== payload[i]) equal(byte, payload[i], `${name}, byte ${i}`);
					}
				}
			}
		}
});
