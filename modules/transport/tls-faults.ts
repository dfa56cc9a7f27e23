/*
 * What TLS can end in, in one table; and what is made of the words of the SDK's TLS, which says little, and nothing by name.
 */
import { EACCES, ECONNRESET, EPROTO } from "errno";

/** One thing that can go wrong. */
export interface TlsFault {
	/** What `transport.fault` says. */
	readonly name: string;
	/** What onClosed gets, negated. */
	readonly errno: number;
	readonly meaning: string;
}

const fault = (name: string, errno: number, meaning: string): TlsFault => Object.freeze({ name, errno, meaning });

export const TLS_FAULTS: readonly TlsFault[] = Object.freeze([
	fault("WRONG_HOST", EACCES, "the certificate is for another host"),
	fault("UNKNOWN_CA", EACCES, "the certificate is signed by itself, or by a CA that is not known here"),
	fault("EXPIRED", EACCES, "a certificate is out of date"),
	fault("NOT_YET_VALID", EACCES, "a certificate is not valid yet, or the clock of this device is not set"),
	fault("REVOKED", EACCES, "a certificate was revoked"),
	fault("BAD_CERTIFICATE", EACCES, "a certificate of the server, or its chain, is not acceptable"),
	fault("CLIENT_CERTIFICATE", EACCES, "the server wants a client certificate, or does not take this one"),
	fault("PROTOCOL_VERSION", EPROTO, "the server offers no version of TLS that is allowed here"),
	fault("NO_CIPHER", EPROTO, "the server and this device have no cipher in common"),
	fault("NO_ALPN", EPROTO, "the server speaks none of the protocols that were offered"),
	fault("NOT_TLS", EPROTO, "the server does not speak TLS at this port"),
	fault("PEER_ALERT", EPROTO, "the server ended TLS with an alert"),
	fault("BAD_RECORD", EPROTO, "a record is damaged, or was changed on its way"),
	fault("TRUNCATED", ECONNRESET, "the connection ended without TLS's goodbye: something may be missing"),
]);

/** The year 2024: a device that thinks it is earlier does not know. */
const CLOCK_SET_MS = 1_704_067_200_000;

/** The row of a name, or undefined. Allocates a little: for failures only. */
export function tlsFaultOf(name: unknown): TlsFault | undefined {
	return TLS_FAULTS.find((row) => row.name === name);
}

/** The name for a fatal alert that a server sent (RFC 8446 §6.2). */
export function alertFault(description: number): string {
	switch (description) {
		case 41: // no_certificate, bad_, unsupported_, revoked, expired, unknown, unknown_ca, access_denied, certificate_required
		case 42:
		case 43:
		case 44:
		case 45:
		case 46:
		case 48:
		case 49:
		case 116:
			return "CLIENT_CERTIFICATE";
		case 70: // protocol_version
			return "PROTOCOL_VERSION";
		case 71: // insufficient_security
			return "NO_CIPHER";
		case 120: // no_application_protocol
			return "NO_ALPN";
		default:
			return "PEER_ALERT";
	}
}

/** The name for what the SDK's TLS throws, of which only the words are known; "" if they say nothing. */
export function wordsFault(words: string): string {
	const alert = /^alert: \d+, (\d+)/.exec(words)?.[1];
	if (alert) return alertFault(Number(alert));
	if (words.startsWith("record")) return words.includes("bad data") ? "NOT_TLS" : "BAD_RECORD";
	// A clock that was not set stands at its beginning, and no certificate is as old as that.
	if (words.startsWith("date ")) return Date.now() < CLOCK_SET_MS ? "NOT_YET_VALID" : "EXPIRED";
	if (/^(certificate|Cert|x509):/.test(words)) return "BAD_CERTIFICATE";
	if (/cipher|curve|compression/.test(words)) return "NO_CIPHER";
	return "";
}
