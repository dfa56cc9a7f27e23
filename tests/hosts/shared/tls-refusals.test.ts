/* What TLS refuses, each with a name of its own; and what it takes. */

import type { Secure } from "embedded:io/socket/tcp/tls";
import Base64 from "base64";
import config from "mc/config";
import { equal, ok, test, throws } from "test";
import { TlsEnd } from "./tls-end";
import { best, each, hasTls13 } from "./tls-versions";

// biome-ignore lint/suspicious/noExplicitAny: what the peer printed, names to ports and texts.
const peer = config as any;
const { ca } = peer;
const newest: number = best(peer.echo12, peer.echo13);
const der = (name: string): ArrayBuffer => Base64.decode(peer[name]);
const bytes = (text: string) => ArrayBuffer.fromString(text);

/** The first event but "writable": "open" for a connection over which an echo came, or why there is none. */
async function outcome(port: number, secure: Secure = { certificate: ca }, host = "localhost"): Promise<string> {
	const end = new TlsEnd({ port, host, secure });
	let event = await end.events.next();
	if (event.startsWith("writable")) {
		end.write(bytes("x"));
		do event = await end.events.next();
		while (event.startsWith("writable"));
	}
	end.close();
	return event.startsWith("readable") ? "open" : event;
}

const refused = (what: string, port: number, expected: string, secure?: Secure, host?: string) =>
	test(`${what}: ${expected.replace(/:.*/, "")}`, async () => {
		const event = await outcome(port, secure, host);
		equal(event.slice(0, expected.length), expected, event);
	});
const taken = (what: string, port: number, secure?: Secure, host?: string) =>
	test(what, async () => equal(await outcome(port, secure, host), "open"));

const otherNames = "WRONG_HOST: the certificate is for other.example, *.wild.example, 127.0.0.2, not for";
refused("another host", peer.otherHost, `${otherNames} localhost`);
refused("another address", peer.otherHost, `${otherNames} 127.0.0.1`, undefined, "127.0.0.1");
refused("a wildcard is one label", peer.otherHost, otherNames, { certificate: ca, serverName: "a.b.wild.example" });
refused("a wildcard is a label", peer.otherHost, otherNames, { certificate: ca, serverName: "wild.example" });
refused("the subject's common name is no host", peer.commonOnly, "WRONG_HOST: the certificate is for no host, not for localhost");
taken("the name in another case", peer.otherHost, { certificate: ca, serverName: "Other.Example" });
taken("a name with a final dot", peer.otherHost, { certificate: ca, tls_server_name: "other.example." });
taken("a wildcard", peer.otherHost, { certificate: ca, serverName: "a.wild.example" });
taken("an address", newest, undefined, "127.0.0.1");

refused("an authority that is not trusted", peer.unknown, "UNKNOWN_CA: the certificate is signed by a CA");
refused("signed by itself", peer.selfSigned, "UNKNOWN_CA: the certificate is signed by itself");
refused("the system's authorities do not know ours", newest, "UNKNOWN_CA: ", {});
refused("too old", peer.expired, "EXPIRED: the certificate ended at 2020-06-01 00:00:00 UTC");
refused("too young", peer.early, "NOT_YET_VALID: the certificate begins at 2099-01-01 00:00:00 UTC");
refused("for clients only", peer.badPurpose, "BAD_CERTIFICATE: the certificate: ");
refused("revoked, by a list beside the CA", peer.revoked, "REVOKED: the certificate is revoked", { certificate: ca + peer.revocations });
refused("revoked, by a list before the CA", peer.revoked, "REVOKED: the certificate is revoked", { certificate: peer.revocations + ca });
taken("not revoked", newest, { certificate: ca + peer.revocations });
taken("not revoked, with the list twice and lines behind it", newest, {
	certificate: `${peer.revocations + ca + peer.revocations}\n\n`,
});
refused("not in a list of its CA", peer.unknown, "UNKNOWN_CA: ", { certificate: ca + peer.revocations });
for (const name of ["otherHost", "unknown", "selfSigned", "expired", "badPurpose"])
	taken(`verify: false takes ${name}`, peer[name], { verify: false });
taken("a CA in DER", newest, { certificate: der("caDer") });
taken("a CA in PEM in a buffer", newest, { certificate: new Uint8Array(bytes(ca)) });
taken("several CAs", newest, { certificate: peer.strange + ca });
taken("several CAs in an array", newest, { certificate: [peer.strange, der("caDer")] });

// mbedTLS offers no cipher that is older than TLS 1.2, and the server looks for one first.
refused("TLS 1.1 at most", peer.old, best("NO_CIPHER: the peer has no cipher", "PROTOCOL_VERSION: the peer has no version"));
if (hasTls13) refused("TLS 1.2 where 1.3 is the least", peer.echo12, "PROTOCOL_VERSION: ", { certificate: ca, protocolVersion: 0x304 });
else refused("TLS 1.3 at least", peer.echo13, "PROTOCOL_VERSION: the peer has no version");
refused("an answer of TLS 1.1", peer.oldHello, "PROTOCOL_VERSION: the peer answers");
// Whoever has TLS 1.2 only gets that answer by right.
if (hasTls13) refused("an answer of TLS 1.2 by a server that could do better", peer.lowered, "PROTOCOL_VERSION: the peer answers");
taken("the newest where 1.2 is the least", newest, { certificate: ca, protocolVersion: 0x303 });
taken("a chain that takes several records", peer.longChain);
taken("an authority and a server with RSA", peer.rsa, { certificate: peer.rsaCa });
for (const [wish, port] of Object.entries<number>(peer.wishes)) taken(`a server that wants ${wish}`, port);
refused("no cipher in common", peer.noCipher, "NO_CIPHER: ");

refused("HTTP", peer.http, "NOT_TLS: the peer's answer is not TLS");
refused("a banner", peer.banner, "NOT_TLS: the peer's answer is not TLS");
refused("an alert of another kind", peer.alert, "PEER_ALERT: the peer gave up (alert: internal error)");
refused("an alert about a certificate that was not asked for", peer.unasked, "PEER_ALERT: the peer gave up (alert: certificate unknown)");
refused("the end in the handshake", peer.silent, "TRUNCATED: the connection ended during the handshake");
for (const port of each(peer.cut12, peer.cut13)) refused("the end without a goodbye", port, "TRUNCATED: the connection ended without");
for (const port of each(peer.damaged12, peer.damaged13)) refused("a bit flipped", port, "BAD_RECORD: ");

const names = /^(BAD_RECORD|BAD_CERTIFICATE|UNKNOWN_CA|WRONG_HOST|EXPIRED|NOT_YET_VALID|NO_CIPHER|PROTOCOL_VERSION|NO_ALPN|TRUNCATED): /;
for (const [version, port] of each(["TLS 1.2", peer.forged12], ["TLS 1.3", peer.forged13]))
	test(`${version}: a bit flipped anywhere in the handshake`, async () => {
		for (let count = 0; count < 24; count++) {
			const event = await outcome(port);
			ok(names.test(event), `the ${count}th: ${event}`);
		}
	});

for (const [version, port, checks] of each(["TLS 1.2", peer.wants12, peer.checks12], ["TLS 1.3", peer.wants13, peer.checks13])) {
	const secure = { certificate: ca };
	refused(`${version}: no certificate of ours`, port, "CLIENT_CERTIFICATE: the peer wants a certificate of ours");
	refused(`${version}: no certificate of ours, for another server`, checks, "CLIENT_CERTIFICATE: the peer wants a certificate of ours");
	refused(`${version}: not theirs`, checks, "CLIENT_CERTIFICATE: the peer refuses our certificate", {
		...secure,
		clientCertificates: [peer.strange],
		clientKey: peer.strangeKey,
	});
	taken(`${version}: a certificate and a key in PEM`, port, { ...secure, clientCertificates: [peer.ours], clientKey: peer.key });
	taken(`${version}: our chain, of several records`, port, {
		...secure,
		clientCertificates: [peer.ours, ca + ca, ca],
		clientKey: peer.key,
	});
	taken(`${version}: in DER and PKCS #8`, port, { ...secure, clientCertificates: [der("oursDer")], clientKey: der("keyDer") });
}
taken("a key in SEC 1", best(peer.wants12, peer.wants13), {
	certificate: ca,
	clientCertificates: [der("oursDer")],
	clientKey: der("keySec1"),
});

const alpn = "applicationLayerProtocolNegotiation";
refused("no protocol in common", peer.alpn, "NO_ALPN: ", { certificate: ca, [alpn]: "http/1.1" });
test("a protocol in common", async () => {
	for (const offer of ["mqtt", ["http/1.1", "mqtt"]]) {
		const end = new TlsEnd({ port: peer.alpn, secure: { certificate: ca, [alpn]: offer } });
		await end.until("writable");
		equal(end.alpn, "mqtt");
		end.close();
	}
	const end = new TlsEnd({ port: newest, secure: { certificate: ca, tls_application_layer_protocol_negotiation: "mqtt" } });
	await end.until("writable");
	equal(end.alpn, undefined, "a server that knows no protocols");
	end.close();
});

test("a port where nobody listens is no matter of TLS", async () => {
	equal(await outcome(1), "end");
});

test("options that cannot be used throw, with their name and what would help", () => {
	const port = newest;
	const fails = (secure: object, message: string | RegExp, host = "localhost") => throws(() => new TlsEnd({ port, host, secure }), message);
	fails({ serverName: ".localhost" }, "not the name of a host");
	fails({ certificate: "no PEM" }, /^TypeError.*secure\.certificate: .* DER or PEM/);
	fails({ certificate: new ArrayBuffer(0) }, "secure.certificate");
	fails({ certificate: [] }, "secure.certificate: the list is empty");
	fails({ certificate: 5 }, "secure.certificate: a buffer");
	fails({ clientKey: true }, "secure.clientKey: a buffer");
	fails({ certificate: `${ca}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n` }, "secure.certificate");
	fails({ certificate: `${ca}-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n` }, "secure.certificate");
	fails({ certificate: peer.key }, "secure.certificate");
	fails({ certificate: {} }, "no buffer");
	fails({ clientCertificates: ["x"], clientKey: peer.key }, "secure.clientCertificates");
	fails({ clientCertificates: [peer.ours] }, "belong together");
	fails({ clientKey: peer.key }, "belong together");
	fails({ clientCertificates: [peer.ours], clientKey: "x" }, /secure\.clientKey: .*openssl pkey/);
	fails({ clientCertificates: [peer.ours], clientKey: peer.keySecret }, "unencrypted");
	fails({ clientCertificates: [peer.ours], clientKey: peer.strangeKey }, "not the key of the first");
	if (!hasTls13) fails({ protocolVersion: 0x304 }, /^RangeError.*secure\.protocolVersion: .* 1\.2/);
	fails({ protocolVersion: 0x302 }, /^RangeError.*secure\.protocolVersion: 0x303/);
	fails({ [alpn]: "" }, "1 to 255 bytes");
	fails({ [alpn]: "x".repeat(256) }, "1 to 255 bytes");
	fails({}, "secure.serverName", "");
	fails({ serverName: "" }, "secure.serverName");
});
