/* Servers that a client has to refuse, or that refuse it, each for one reason. What they would serve is WebSocket, at any path. */
import { writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { join } from "node:path";
import type { TlsOptions } from "node:tls";
import { WebSocketServer } from "ws";
import { startChild, temporaryFolder } from "../../conformance/servers/child.peer.ts";
import { Authority } from "../../hosts/shared/certificates.peer.ts";
import { recordProxy, serve } from "../../hosts/shared/tls-servers.peer.ts";
import { NOBODY_PORT } from "../../support/nobody.ts";

const APPLICATION_DATA = 23;
const names = "DNS:localhost,IP:127.0.0.1";

const listen = async (server: Server): Promise<number> => {
	server.on("connection", (socket) => socket.on("error", () => {}));
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	return (server.address() as AddressInfo).port;
};

/** Sends "hello" first of all. */
function greet(server: ReturnType<typeof createHttpServer>): typeof server {
	const web = new WebSocketServer({ server, perMessageDeflate: false, handleProtocols: (offered) => offered.has("mqtt") && "mqtt" });
	web.on("connection", (socket) => {
		socket.on("error", () => {});
		socket.on("message", () => {});
		socket.send("hello");
	});
	return server;
}

/** Cuts, or changes, the `nth` record of application data that a TLS 1.2 server sends. */
function meddle(port: number, nth: number, change: (record: Buffer, client: Socket) => Buffer | undefined): Promise<number> {
	const counts = new WeakMap<Socket, number>();
	return recordProxy(port, (record, client) => {
		const count = (counts.get(client) ?? 0) + Number(record[0] === APPLICATION_DATA);
		counts.set(client, count);
		const changed = record[0] === APPLICATION_DATA && count === nth ? change(record, client) : record;
		if (changed && !client.writableEnded) client.write(changed);
	});
}

const authority = new Authority();
const stranger = new Authority("Another Authority");
const good = authority.issue({ names });
const web = (options: TlsOptions) => listen(greet(createHttpsServer(options)));
const wants = { ...good, requestCert: true, rejectUnauthorized: true, ca: [authority.own.cert] };

const folder = temporaryFolder("tls");
writeFileSync(join(folder, "server.pem"), good.cert + good.key);
writeFileSync(join(folder, "ca.pem"), authority.own.cert);
const strict = (version: string) =>
	startChild(
		[
			["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", join(folder, "server.pem"), version],
			["-CAfile", join(folder, "ca.pem"), "-Verify", "2", "-verify_return_error", "-www"],
		].flat(),
		(line) => (/^ACCEPT .*:(\d+)$/.exec(line)?.[1] ? Number(line.slice(line.lastIndexOf(":") + 1)) : undefined),
	);

const fine = await web(good);
const twelve = await web({ ...good, maxVersion: "TLSv1.2" });

const ports = {
	fine,
	twelve,
	refused: NOBODY_PORT,
	wrongHost: await web(authority.issue({ names: "DNS:other.example" })),
	unknownCa: await web(stranger.issue({ names })),
	selfSigned: await web(authority.selfSigned({ names })),
	expired: await web(authority.issue({ names, from: "20200101000000Z", to: "20210101000000Z" })),
	notYetValid: await web(authority.issue({ names, from: "20980101000000Z" })),
	eleven: await web({ ...good, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" }),
	plain: await listen(greet(createHttpServer())),
	ssh: await serve((socket) => socket.write("SSH-2.0-x\r\n")),
	closing: await serve((socket) => void socket.once("data", () => socket.end())),
	alpn: await web({ ...good, ALPNProtocols: ["http/1.1"] }),
	/** OpenSSL's own server: Node's says nothing when it does not take a certificate. */
	strict12: await strict("-tls1_2"),
	strict13: await strict("-tls1_3"),
	client12: await web({ ...wants, maxVersion: "TLSv1.2" }),
	client13: await web({ ...wants, minVersion: "TLSv1.3" }),
	/** The upgrade is lost; and the message behind it. */
	cutUpgrade: await meddle(twelve, 1, (_, client) => void client.end()),
	cutMessage: await meddle(twelve, 2, (_, client) => void client.end()),
	damaged: await meddle(twelve, 2, (record) => {
		record[record.length - 1] = (record[record.length - 1] as number) ^ 1;
		return record;
	}),
};

/** What the device is told: ports, CA, and certificates of a client, good ones and a stranger's. */
export const refusing = {
	ports,
	ca: authority.own.cert,
	caDer: authority.own.der.toString("base64"),
	client: authority.issue({ common: "device" }),
	strange: stranger.issue({ common: "stranger" }),
};
authority.close();
stranger.close();
