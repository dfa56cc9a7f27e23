/* Each server that TLS has to refuse, and each that refuses this client: what websocketConnect says, by number, by name and in words. */
import Base64 from "base64";
import config from "mc/config";
import { equal, ok, test, throws } from "test";
import { SecureSocketTransport } from "transport/secure-socket";
import { TlsTransport } from "transport/tls";
import type { SecureOptions } from "transport/tls-adapter";
import {
	EACCES,
	EAGAIN,
	ECONNREFUSED,
	ECONNRESET,
	EHOSTUNREACH,
	EPROTO,
	websocketConnect,
	websocketDisconnect,
	websocketRecvMsg,
} from "websocket";
import { best, each, hasTls13 } from "../../hosts/shared/tls-versions";

interface Identity {
	cert: string;
	key: string;
}

const { ports, ca, caDer, client, strange } = config as unknown as {
	ports: Record<string, number>;
	ca: string;
	caDer: string;
	client: Identity;
	strange: Identity;
};
const present = ({ cert, key }: Identity): SecureOptions => ({ certificate: ca, clientCertificates: [cert], clientKey: key });

type Kind = "tls" | "secure-socket";
const kinds: readonly Kind[] = ["tls", "secure-socket"];

function transportTo(kind: Kind, port: number, secure: SecureOptions, host: string): TlsTransport | SecureSocketTransport {
	return kind === "tls"
		? new TlsTransport({ host, port, nodelay: true, secure })
		: new SecureSocketTransport({ host, port, noDelay: true, secure });
}

class Attempt {
	readonly transport: TlsTransport | SecureSocketTransport;
	readonly request = {
		host: "localhost",
		url: "/",
		tmpBuf: new Uint8Array(512),
		txBuf: new Uint8Array(512),
		onReadable: () => this.readable(),
		onClose: (_: number, error: number) => this.#end(error),
		failure: "",
	};
	readable = () => {};
	readonly ended: Promise<number>;
	#end: (error: number) => void = () => {};

	constructor(kind: Kind, name: string, secure: SecureOptions = { certificate: ca }, host = "localhost") {
		this.transport = transportTo(kind, ports[name] as number, secure, host);
		this.ended = new Promise((resolve) => {
			this.#end = resolve;
		});
	}

	connect(): Promise<number> {
		return websocketConnect(this.transport, this.request, 30_000);
	}

	/** It came to nothing, and says so everywhere. */
	check(error: number, expected: number, fault: string, words: RegExp): void {
		equal(error, -expected, this.request.failure);
		equal(this.transport.fault, fault);
		ok(words.test(this.request.failure), this.request.failure);
		if (fault) equal(this.transport.failure, this.request.failure);
		this.transport.close();
	}
}

type Refusal = readonly [what: string, name: string, errno: number, fault: string, words: RegExp, secure?: SecureOptions, host?: string];

const refusals: readonly Refusal[] = [
	["a certificate for another host", "wrongHost", EACCES, "WRONG_HOST", /^TLS: .*for other\.example, not for localhost \(WRONG_HOST\)$/],
	["a certificate without this address", "wrongHost", EACCES, "WRONG_HOST", /not for 127\.0\.0\.1/, undefined, "127.0.0.1"],
	["another name than it is asked for", "fine", EACCES, "WRONG_HOST", /not for nobody/, { certificate: ca, serverName: "nobody" }],
	["an unknown CA", "unknownCa", EACCES, "UNKNOWN_CA", /a CA that is not .*\(UNKNOWN_CA\)$/],
	["a certificate signed by itself", "selfSigned", EACCES, "UNKNOWN_CA", /signed by itself.*\(UNKNOWN_CA\)$/],
	["an expired certificate", "expired", EACCES, "EXPIRED", /2021-01-01.*\(EXPIRED\)$/],
	["a certificate that is not valid yet", "notYetValid", EACCES, "NOT_YET_VALID", /2098-01-01.*\(NOT_YET_VALID\)$/],
	["no version but TLS 1.1", "eleven", EPROTO, best("NO_CIPHER", "PROTOCOL_VERSION"), /\((NO_CIPHER|PROTOCOL_VERSION)\)$/],
	["plain HTTP", "plain", EPROTO, "NOT_TLS", /not (TLS|speak TLS at this port) \(NOT_TLS\)$/],
	["plain text of another protocol", "ssh", EPROTO, "NOT_TLS", /\(NOT_TLS\)$/],
	["no protocol that is offered", "alpn", EPROTO, "NO_ALPN", /./, { certificate: ca, applicationLayerProtocolNegotiation: "mqtt" }],
	["no client certificate, TLS 1.2", "client12", EACCES, "CLIENT_CERTIFICATE", /wants a certificate/],
	["a stranger's client certificate, TLS 1.2", "strict12", EACCES, "CLIENT_CERTIFICATE", /refuses/, present(strange)],
	["the end in the TLS handshake", "closing", ECONNRESET, "TRUNCATED", /handshake/],
	["the end without goodbye in the upgrade", "cutUpgrade", ECONNRESET, "TRUNCATED", /\(TRUNCATED\)$/],
	["nobody there", "refused", ECONNREFUSED, "", /no TCP connection/],
	["a name without an address", "fine", EHOSTUNREACH, "", /does not resolve/, undefined, "nobody.invalid"],
];

const refusals13: readonly Refusal[] = [
	["TLS 1.2 where 1.3 is wanted", "twelve", EPROTO, "PROTOCOL_VERSION", /./, { certificate: ca, protocolVersion: 0x304 }],
	["no client certificate, TLS 1.3", "client13", EACCES, "CLIENT_CERTIFICATE", /wants a certificate/],
	["a stranger's client certificate, TLS 1.3", "strict13", EACCES, "CLIENT_CERTIFICATE", /refuses/, present(strange)],
];

for (const kind of kinds) {
	for (const [what, name, errno, fault, words, secure, host] of [...refusals, ...(hasTls13 ? refusals13 : [])])
		test(`${kind}: ${what}: ${fault || -errno}`, async () => {
			const attempt = new Attempt(kind, name, secure, host);
			attempt.check(await attempt.connect(), errno, fault, words);
		});

	for (const [what, name, errno, fault] of [
		["the end without goodbye", "cutMessage", ECONNRESET, "TRUNCATED"],
		["a record that was changed", "damaged", EPROTO, "BAD_RECORD"],
	] as const)
		test(`${kind}: ${what}, once the WebSocket is open: ${fault}`, async () => {
			const attempt = new Attempt(kind, name);
			const ws = await attempt.connect();
			ok(ws >= 0, attempt.request.failure);
			attempt.check(await attempt.ended, errno, fault, /^TLS: /);
		});

	for (const [what, name, secure, host] of [
		["PEM, by name", "fine", { certificate: ca }, "localhost"],
		["DER, by address", "fine", { certificate: Base64.decode(caDer) }, "127.0.0.1"],
		["a name of its own for the check", "fine", { certificate: ca, serverName: "localhost" }, "127.0.0.1"],
		["nothing is verified", "wrongHost", { verify: false }, "localhost"],
		...each("client12", "client13").map((name) => [`a client certificate, ${name}`, name, present(client), "localhost"] as const),
	] as const)
		test(`${kind}: accepted: ${what}`, async () => {
			const attempt = new Attempt(kind, name, secure as SecureOptions, host);
			const ws = await attempt.connect();
			ok(ws >= 0, attempt.request.failure);
			const bytes = new Uint8Array(16);
			let count = -EAGAIN;
			const info = { messageType: 0, remaining: 0, messageRemaining: 0 };
			while (count === -EAGAIN) {
				count = websocketRecvMsg(ws, bytes, bytes.length, info, 0);
				if (count === -EAGAIN)
					await new Promise<void>((resolve) => {
						attempt.readable = resolve;
					});
			}
			equal(String.fromArrayBuffer(bytes.slice(0, count).buffer), "hello");
			websocketDisconnect(ws);
			equal(await attempt.ended, 0);
			attempt.transport.close();
		});

	test(`${kind}: options that are of no use are told at once`, () => {
		throws(() => transportTo(kind, ports.fine!, { certificate: "-----BEGIN nothing" }, "localhost"), /certificate/);
		throws(() => transportTo(kind, ports.fine!, { protocolVersion: 0x301 }, "localhost"), /protocolVersion/);
		throws(() => transportTo(kind, 0, {}, "localhost"), RangeError);
		throws(() => transportTo(kind, 1, {}, ""), TypeError);
	});
}
