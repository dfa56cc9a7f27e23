/* embedded:io/socket/tcp/tls against Node's TLS. */
import config from "mc/config";
import { equal, test } from "test";
import { TlsEnd } from "./tls-end";

const { ca, echo12, echo13 } = config as { ca: string; echo12: number; echo13: number };

for (const [version, port] of [
	["TLSv1.2", echo12],
	["TLSv1.3", echo13],
] as const)
	test(`${version}: a handshake, and bytes there and back`, async () => {
		const end = new TlsEnd({ port, secure: { certificate: ca } });
		equal((await end.events.next()).slice(0, 8), "writable");
		equal(end.protocol, version);
		end.write(ArrayBuffer.fromString("hello"));
		equal(await end.until("readable"), "readable 5");
		equal(String.fromArrayBuffer(end.read() as ArrayBuffer), "hello");
		end.close();
	});
