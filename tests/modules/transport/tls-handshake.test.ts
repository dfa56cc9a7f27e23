/* What a board's TLS is not shown: the server's part of a handshake, on the wire, as an attacker may write it. */
import { deepEqual, equal, ok, test } from "test";
import { type Refusal, ServerHandshake } from "transport/tls-handshake";

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const DATA = 23;
const HELLO = 2;
const CERTIFICATE = 11;
const KEY_EXCHANGE = 12;
const HELLO_DONE = 14;
const SHA256 = 4;
const RSA = 1;
const ECDSA = 3;
const ECDHE = 0xc0;
const DHE = 0;

const record = (type: number, ...body: number[]) => [type, 3, 3, body.length >> 8, body.length & 255, ...body];
const message = (type: number, ...body: number[]) => [type, 0, body.length >> 8, body.length & 255, ...body];
const sized = (...bytes: number[]) => [0, 0, bytes.length, ...bytes];
/** With a session's identifier of two bytes. */
const hello = (cipher: number) => message(HELLO, 3, 3, ...new Array(32).fill(7), 2, 8, 8, cipher, 0x2f, 0);
const certificates = (...chain: number[][]) => {
	const list = chain.flatMap((bytes) => sized(...bytes));
	return message(CERTIFICATE, 0, 0, list.length, ...list);
};
/** A curve's name and a point; or prime, base and number. */
const exchange = (cipher: number, hash: number, signer: number) =>
	message(KEY_EXCHANGE, ...(cipher === ECDHE ? [3, 0, 23, 2, 4, 4] : [0, 1, 4, 0, 2, 4, 4, 0, 1, 4]), hash, signer, 0, 2, 9, 9);

interface Seen {
	refusal: string;
	chains: string[];
}

/** What comes of it when so many bytes come at a time. */
function shown(bytes: readonly number[], step: number, wrong?: Refusal): Seen {
	const chains: string[] = [];
	const handshake = new ServerHandshake((chain) => {
		chains.push(chain.map((one) => one.join()).join("; "));
		return wrong;
	});
	let refusal = "";
	try {
		for (let at = 0; at < bytes.length; at += step) handshake.came(Uint8Array.from(bytes.slice(at, at + step)));
	} catch (error) {
		refusal = (error as Refusal).name;
	}
	return { refusal, chains };
}

/** However the bytes come in pieces. */
function expectOf(bytes: readonly number[], refusal: string, chains: string[], wrong?: Refusal): void {
	for (const step of [1, 2, 3, 7, bytes.length]) deepEqual(shown(bytes, step, wrong), { refusal, chains });
}

for (const cipher of [ECDHE, DHE])
	test(`a handshake as it should be, ${cipher === ECDHE ? "with elliptic curves" : "with primes"}: each message in a record, or all in one`, () => {
		for (const signer of [RSA, ECDSA]) {
			const messages = [hello(cipher), certificates([1, 2, 3], [4]), exchange(cipher, SHA256, signer), message(HELLO_DONE)];
			const ended = [...record(CHANGE_CIPHER_SPEC, 1), ...record(DATA, 1, 2)];
			expectOf([...messages.flatMap((one) => record(HANDSHAKE, ...one)), ...ended], "", ["1,2,3; 4"]);
			expectOf([...record(HANDSHAKE, ...messages.flat()), ...ended], "", ["1,2,3; 4"]);
		}
	});

test("a key exchange that nobody signed, or with what this side did not ask for", () => {
	for (const cipher of [ECDHE, DHE])
		for (const [hash, signer] of [
			[0, 0],
			[SHA256, 0],
			[0, RSA],
			[SHA256, 2],
			[1, RSA],
			[2, RSA],
		] as const)
			expectOf(record(HANDSHAKE, ...hello(cipher), ...exchange(cipher, hash, signer)), "BAD_CERTIFICATE", []);
	// Cut short, so that the place of the signature is not there.
	expectOf(record(HANDSHAKE, ...hello(ECDHE), ...message(KEY_EXCHANGE, 3, 0, 23, 200)), "BAD_CERTIFICATE", []);
	expectOf(record(HANDSHAKE, ...hello(DHE), ...message(KEY_EXCHANGE, 0, 1)), "BAD_CERTIFICATE", []);
});

test("data in the clear before encryption begins, which the SDK would give to the app after it", () => {
	expectOf(record(DATA, 65), "BAD_RECORD", []);
	expectOf([...record(HANDSHAKE, ...hello(ECDHE)), ...record(DATA, 65)], "BAD_RECORD", []);
});

test("certificates: each chain is looked at, also a second one, and what is wrong with it is the reason", () => {
	const twice = [...record(HANDSHAKE, ...certificates([1])), ...record(HANDSHAKE, ...certificates([2]))];
	expectOf(twice, "", ["1", "2"]);
	expectOf(twice, "EXPIRED", ["1"], { name: "EXPIRED", message: "" });
	expectOf(record(HANDSHAKE, ...message(CERTIFICATE, 0, 0, 4, 0, 0, 9, 1)), "BAD_CERTIFICATE", []);
	// verify: false
	const handshake = new ServerHandshake(undefined);
	handshake.came(Uint8Array.from(twice));
	ok(!handshake.over);
});

test("messages that are not whole, records that are too long; an alert is the SDK's business", () => {
	expectOf(record(HANDSHAKE, HELLO, 0, 0, 9, 1), "BAD_RECORD", []);
	expectOf(record(HANDSHAKE, HELLO), "BAD_RECORD", []);
	expectOf([HANDSHAKE, 3, 3, 255, 255], "BAD_RECORD", []);
	expectOf([...record(HANDSHAKE), ...record(ALERT, 1, 0)], "", []);
	equal(shown(record(ALERT, 2, 40), 1).refusal, "");
});
