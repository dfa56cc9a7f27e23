/* Servers that are to be refused, and servers that refuse. */
import type { Socket } from "node:net";
import { Authority } from "./certificates.peer.ts";
import { echo, isEcho, recordProxy, serve, serveOpenssl, serveTls } from "./tls-servers.peer.ts";

const authority = new Authority();
const stranger = new Authority("Stranger");
const names = "DNS:localhost,IP:127.0.0.1";
const good = authority.issue({ names });
const revoked = authority.issue({ names });
const revocations = authority.revoke(revoked);
const ours = authority.issue({ common: "device" });
const strange = stranger.issue({ common: "device" });
const identity = ({ cert, key }: { cert: string; key: string }) => ({ cert, key });

const say = (options: object) => serveTls({ ...identity(good), ...options }, echo);
const withCertificate = (wishes: object) => serveTls(identity(authority.issue({ names, ...wishes })), echo);
const files = authority.write({ "server.crt": good.cert, "server.key": good.key, "ca.crt": authority.own.cert });
const checks = (version: string) =>
	serveOpenssl(
		...[version, "-cert", files("server.crt"), "-key", files("server.key"), "-CAfile", files("ca.crt"), "-rev"],
		...["-Verify", "2", "-verify_return_error"],
	);
const wanted = { requestCert: true, ca: [authority.own.cert] };

const echo12 = await say({ maxVersion: "TLSv1.2" });
const echo13 = await say({ minVersion: "TLSv1.3" });
const rsa = new Authority("RSA Authority", true);
const twelve = (options: object) => say({ maxVersion: "TLSv1.2", ...options });

/** Flips a bit of the echo. */
const damaged = (port: number) =>
	recordProxy(port, (record, client) => {
		if (isEcho(record)) record[record.length - 1] = (record[record.length - 1] ?? 0) ^ 1;
		client.write(record);
	});
/** Ends the connection where the echo would come. */
const cut = (port: number) =>
	recordProxy(port, (record, client) => {
		if (isEcho(record)) client.end();
		else client.write(record);
	});

/** Flips a bit of what the server says in the handshake, further on with each connection, and ends after that record. */
const step = 29;
function forged(port: number): Promise<number> {
	let next = 0;
	const where = new WeakMap<Socket, number>();
	return recordProxy(port, (record, client) => {
		const at = where.get(client) ?? step * next++;
		const size = record.length - 5;
		if (at >= 0 && at < size) record[5 + at] = (record[5 + at] ?? 0) ^ (1 << (at & 7));
		where.set(client, at - size);
		client.write(record);
		if (at >= 0 && at < size) client.end();
	});
}

/** A ServerHello of TLS 1.1, as somebody in the middle may send it: 0302, a random, no session, a cipher, no compression. */
const oldHello = Buffer.concat([
	Buffer.from("160302002a0200002603 02".replace(" ", ""), "hex"),
	Buffer.alloc(32, 7),
	Buffer.from("00c01300", "hex"),
]);
/** A ServerHello of TLS 1.2 whose random says that the server could have done better, RFC 8446, 4.1.3. */
const lowered = Buffer.concat([
	Buffer.from("160303002a020000260303", "hex"),
	Buffer.alloc(24, 7),
	Buffer.from("444f574e47524401", "hex"),
	Buffer.from("00c02b00", "hex"),
]);
const answer = (bytes: Buffer | string) =>
	serve((socket) => {
		socket.on("error", () => {});
		socket.once("data", () => socket.write(bytes));
	});

console.log(
	JSON.stringify({
		ca: authority.own.cert,
		caDer: authority.own.der.toString("base64"),
		ours: ours.cert,
		oursDer: ours.der.toString("base64"),
		key: ours.key,
		keyDer: authority.convert(ours.key, "pkey", "-outform", "DER").toString("base64"),
		keySec1: authority.convert(ours.key, "ec", "-outform", "DER").toString("base64"),
		keySecret: authority.convert(ours.key, "pkey", "-aes128", "-passout", "pass:secret").toString(),
		strange: strange.cert,
		strangeKey: strange.key,
		echo12,
		echo13,
		otherHost: await serveTls(identity(authority.issue({ names: "DNS:other.example,DNS:*.wild.example,IP:127.0.0.2" })), echo),
		commonOnly: await serveTls(identity(authority.issue({ common: "localhost" })), echo),
		unknown: await serveTls(identity(stranger.issue({ names })), echo),
		selfSigned: await serveTls(identity(authority.selfSigned({ names })), echo),
		expired: await withCertificate({ to: "20200601000000Z" }),
		early: await withCertificate({ from: "20990101000000Z" }),
		badPurpose: await withCertificate({ usage: "clientAuth" }),
		old: await say({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" }),
		oldHello: await answer(oldHello),
		lowered: await answer(lowered),
		noCipher: await say({ maxVersion: "TLSv1.2", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" }),
		http: await answer("HTTP/1.1 400 Bad Request\r\n\r\n"),
		banner: await serve((socket) => socket.write("220 ready\r\n")),
		silent: await serve((socket) => socket.once("data", () => socket.end())),
		wants12: await say({ ...wanted, maxVersion: "TLSv1.2" }),
		wants13: await say({ ...wanted, minVersion: "TLSv1.3" }),
		longChain: await say({ cert: good.cert + authority.own.cert.repeat(5) }),
		rsa: await serveTls(identity(rsa.issue({ names })), echo),
		rsaCa: rsa.own.cert,
		wishes: {
			"ChaCha20 and Poly1305": await twelve({ ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305" }),
			"AES-128-GCM": await twelve({ ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }),
			"AES-256-GCM": await twelve({ ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" }),
			X25519: await say({ ecdhCurve: "X25519" }),
			"P-384": await say({ ecdhCurve: "secp384r1" }),
		},
		revoked: await serveTls(identity(revoked), echo),
		revocations,
		checks12: await checks("-tls1_2"),
		checks13: await checks("-tls1_3"),
		alpn: await say({ ALPNProtocols: ["mqtt"] }),
		forged12: await forged(echo12),
		forged13: await forged(echo13),
		damaged12: await damaged(echo12),
		damaged13: await damaged(echo13),
		cut12: await cut(echo12),
		cut13: await cut(echo13),
		alert: await answer(Buffer.from("15030300020250", "hex")),
		unasked: await answer(Buffer.from("1503030002022e", "hex")),
	}),
);
