/*
 * What the two TLS transports have in common: what they are told about certificates, and how they say why TLS failed. TLS itself is the
 * firmware's: OpenSSL on the Linux device, the SDK's on a board.
 */
import { EACCES, EPROTO } from "errno";
import { Adapter } from "transport/adapter";
import { alertFault, tlsFaultOf, wordsFault } from "transport/tls-faults";
import { guarded } from "transport/tls-guard";
import type { Refusal, ServerHandshake } from "transport/tls-handshake";

/** DER in a buffer, as a Resource is one; on the Linux device PEM, too, also as a string. */
export type Certificate = ArrayBuffer | Uint8Array | string | { readonly byteLength: number };

/** The SDK's `secure` options. Buffers are to stay as they are while the transport is in use. */
export interface SecureOptions {
	/** Whom the certificate has to be for, and what SNI says; the host if missing. */
	serverName?: string;
	/** The CA that vouches for the server; several on the Linux device only. Missing: the firmware's, or the system's. */
	certificate?: Certificate | Certificate[];
	/** false: the server's certificate is not looked at, so anybody can be the server. */
	verify?: boolean;
	/** 0x303 is TLS 1.2, 0x304 is 1.3; missing: whatever the firmware has of them. */
	protocolVersion?: number;
	applicationLayerProtocolNegotiation?: string | string[];
	/** Of this device: its certificate first, then those that lead to the CA. */
	clientCertificates?: Certificate[];
	clientKey?: Certificate;
	/** false: a later connection to the same host begins anew. */
	cache?: boolean;
	trace?: boolean;
}

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
/** Thrown through the SDK's TLS, which asks for as many bytes as the first ones of an HTTP answer happen to say, and waits. */
const NOT_TLS = Object.freeze({ name: "NOT_TLS", message: "" });

/**
 * Watches the records of the SDK's TLS. That takes a goodbye in the handshake, and a version that is too old, for the end of the handshake:
 * it says that it is connected, and sends what it is given in the clear.
 */
export class Records {
	/** From here on, what leaves is encrypted. */
	ciphered = false;
	/** The alert that this side sent, or -1. */
	alert = -1;
	/** What is wrong with what came. */
	wrong: Refusal | undefined;
	/** As in SecureOptions; to be set before something comes. */
	verify = true;
	/** Something came. */
	#begun = false;
	#guard: ServerHandshake | undefined;

	/** A record that leaves: of the SDK, a Uint8Array. */
	left(record: unknown): void {
		if (this.ciphered || !(record instanceof Uint8Array)) return;
		if (record[0] === CHANGE_CIPHER_SPEC) this.ciphered = true;
		else if (record[0] === ALERT) this.alert = record[6] as number;
	}

	/** What came. Throws if it is no TLS, or a handshake that is none. */
	came(bytes: unknown): void {
		if (this.#begun && !this.#guard) return;
		const part = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
		if (!(part instanceof Uint8Array) || part.length === 0) return;
		if (!this.#begun) {
			this.#begun = true;
			if (part[0] !== HANDSHAKE && part[0] !== ALERT) this.refuse(NOT_TLS);
			this.#guard = guarded(this.verify);
		}
		try {
			this.#guard?.came(part);
		} catch (error) {
			this.refuse(error as Refusal);
		}
		if (this.#guard?.over) this.#guard = undefined;
	}

	/** Throws it through the SDK's TLS, whose classic class keeps it to itself. */
	private refuse(reason: Refusal): never {
		this.wrong = reason;
		throw reason;
	}

	/** Why a handshake that ended without encryption is none. */
	get refusal(): { name: string; message: string } {
		if (this.alert >= 0) return { name: alertFault(this.alert), message: "" };
		return { name: "PEER_ALERT", message: "the server said goodbye during the handshake" };
	}
}

export abstract class TlsAdapter extends Adapter {
	/** Why TLS failed: the name of a row of TLS_FAULTS; "" if it did not, or the firmware does not say. */
	fault = "";
	/** The same in words, or why there is no connection. */
	failure = "";
	/** The handshake is done, and the server is who it has to be. */
	protected open = false;

	get secure(): boolean {
		return true;
	}

	/**
	 * Notes why TLS failed, and gives the errno, negative. `reason` is what was thrown or told: of the Linux device an object with the name of
	 * a row and words, of the SDK an Error or nothing.
	 */
	protected blame(reason: unknown): number {
		const { name, message } = (typeof reason === "object" && reason !== null ? reason : {}) as { name?: unknown; message?: unknown };
		const words = typeof message === "string" ? message : "";
		const told = tlsFaultOf(name);
		const row = told ?? tlsFaultOf(wordsFault(words));
		this.fault = row?.name ?? "";
		if (told) this.failure = `TLS: ${words || told.meaning} (${told.name})`;
		else if (row) this.failure = `TLS: ${row.meaning} (${row.name}; ${words})`;
		else this.failure = words ? `TLS: ${words}` : "TLS failed, and this firmware's TLS gives no reason";
		return -(row?.errno ?? (this.open ? EPROTO : EACCES));
	}
}
