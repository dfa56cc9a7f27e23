/*
 * A server's part of a TLS 1.2 handshake as it lies on the wire, up to where encryption begins. The SDK's TLS (8.2.3) lets pass what lets
 * anybody on the way be the server: a chain whose links do not hold, or that is out of date, as long as its last certificate is good;
 * key exchange that nobody signed; data in the clear. So these are refused here, before it sees them.
 */

/** Why, as TlsAdapter's blame() takes it. */
export interface Refusal {
	readonly name: string;
	readonly message: string;
}

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;

const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;

const RECORD_HEADER = 5;
/** RFC 5246 §6.2.3: what a record may hold. */
const RECORD_MAX = 0x4000 + 2048;
/** RFC 5246 §7.4.1.4.1. */
const SHA256 = 4;
const SIGNED_RSA = 1;
const SIGNED_ECDSA = 3;

const refusal = (name: string, message: string): Refusal => ({ name, message });

export class ServerHandshake {
	readonly #check: ((chain: Uint8Array[]) => Refusal | undefined) | undefined;
	readonly #header = new Uint8Array(RECORD_HEADER);
	/** The record that is coming, once its header is there. */
	#record: Uint8Array | undefined;
	#length = 0;
	/** Of the cipher that the server chose. */
	#elliptic = false;
	/** What follows is encrypted. */
	over = false;

	/** `check`: what is wrong with the certificates of a server, its own first; undefined: nobody is asked. */
	constructor(check: ((chain: Uint8Array[]) => Refusal | undefined) | undefined) {
		this.#check = check;
	}

	/** The next bytes of the server. Throws a Refusal. */
	came(bytes: Uint8Array): void {
		let at = 0;
		while (!this.over && at < bytes.length) {
			const into = this.#record ?? this.#header;
			const part = bytes.subarray(at, at + into.length - this.#length);
			into.set(part, this.#length);
			this.#length += part.length;
			at += part.length;
			if (this.#length === into.length) this.filled(into);
		}
	}

	private filled(bytes: Uint8Array): void {
		const header = this.#header;
		const type = header[0];
		this.#length = 0;
		if (bytes !== header) {
			this.#record = undefined;
			if (type === HANDSHAKE) this.messages(bytes);
			return;
		}
		if (type === CHANGE_CIPHER_SPEC) {
			this.over = true;
			return;
		}
		if (type !== HANDSHAKE && type !== ALERT) throw refusal("BAD_RECORD", "data in the clear during the handshake");
		const length = uint16(header, 3);
		if (length > RECORD_MAX) throw refusal("BAD_RECORD", "a record that is too long");
		if (length > 0) this.#record = new Uint8Array(length);
	}

	/** A record's handshake messages. The SDK takes none that goes on in another record. */
	private messages(bytes: Uint8Array): void {
		for (let at = 0; at < bytes.length; ) {
			const end = at + 4 + uint24(bytes, at + 1);
			if (!(end <= bytes.length)) throw refusal("BAD_RECORD", "a message of the handshake that is not whole");
			this.message(bytes[at] as number, bytes.subarray(at + 4, end));
			at = end;
		}
	}

	private message(type: number, body: Uint8Array): void {
		// Version, random bytes, a session's identifier: the cipher follows. All with elliptic curves are 0xc0…
		if (type === SERVER_HELLO) this.#elliptic = body[35 + (body[34] as number)] === 0xc0;
		else if (type === CERTIFICATE) {
			const wrong = this.#check?.(chainOf(body));
			if (wrong) throw wrong;
		} else if (type === SERVER_KEY_EXCHANGE) {
			let at = this.#elliptic ? 4 + (body[3] as number) : 0;
			// The prime, the base, the server's number.
			if (!this.#elliptic) for (let i = 0; i < 3; i++) at += 2 + uint16(body, at);
			const signer = body[at + 1];
			if (body[at] !== SHA256 || (signer !== SIGNED_RSA && signer !== SIGNED_ECDSA))
				throw refusal("BAD_CERTIFICATE", "the key exchange is not signed with what the certificate is for");
		}
	}
}

function chainOf(body: Uint8Array): Uint8Array[] {
	const chain: Uint8Array[] = [];
	for (let at = 3; at < body.length; ) {
		const end = at + 3 + uint24(body, at);
		if (!(end <= body.length)) throw refusal("BAD_CERTIFICATE", "a certificate that is not whole");
		chain.push(body.subarray(at + 3, end));
		at = end;
	}
	return chain;
}

/** NaN if that is not there. */
const uint16 = (bytes: Uint8Array, at: number) => (bytes[at] as number) * 256 + (bytes[at + 1] as number);
const uint24 = (bytes: Uint8Array, at: number) => (bytes[at] as number) * 65_536 + uint16(bytes, at + 1);
